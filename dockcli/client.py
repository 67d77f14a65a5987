"""The client: which docker, which engine; runs the calls that its groups build."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli import argv, state
from dockcli.commands.container import ContainerGroup
from dockcli.commands.group import Builds, Face, Mode, Runs
from dockcli.commands.image import ImageGroup
from dockcli.commands.system import SystemGroup, TopGroup
from dockcli.commands.volume import VolumeGroup
from dockcli.errors import (
    DeadlineExceeded,
    DockerFailed,
    InvalidArgument,
    NameConflict,
    NoSuchObject,
    UnreadableOutput,
)

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.completed import Completed
    from dockcli.runner import Launch, LocalRunner, Runner

T = TypeVar("T")


class Tree(Face[Mode]):
    """docker's commands: the groups, and the shorthands, which are the groups' own functions."""

    def __init__(self, client: Docker, *, builds: bool) -> None:
        self.container: ContainerGroup[Mode] = ContainerGroup(client, builds=builds)
        self.image: ImageGroup[Mode] = ImageGroup(client, builds=builds)
        self.volume: VolumeGroup[Mode] = VolumeGroup(client, builds=builds)
        self.system: SystemGroup[Mode] = SystemGroup(client, builds=builds)
        self.top_level: TopGroup[Mode] = TopGroup(client, builds=builds)

    run = ContainerGroup.run
    create = ContainerGroup.create
    start = ContainerGroup.start
    stop = ContainerGroup.stop
    rm = ContainerGroup.rm
    cp = ContainerGroup.cp
    exec = ContainerGroup.exec
    diff = ContainerGroup.diff
    logs = ContainerGroup.logs
    wait = ContainerGroup.wait
    export = ContainerGroup.export
    commit = ContainerGroup.commit
    ps = ContainerGroup.ls
    build = ImageGroup.build
    images = ImageGroup.ls
    rmi = ImageGroup.rm
    tag = ImageGroup.tag
    pull = ImageGroup.pull
    import_ = ImageGroup.import_
    info = SystemGroup.info
    version = TopGroup.version


class Docker(Tree[Runs]):
    """A docker to call: ``Docker(binary="podman")``, ``Docker(host="ssh://me@server")``.

    *binary* is the program's name or absolute path; a name is looked up on PATH once, at the first
    call. *host*, *context* and *config* are docker's global options. *sudo* puts ``sudo -n`` in
    front. *env* adds to the environment of the docker processes, *cwd* is their working directory.
    *labels* go onto all that is made through this client. *runner* replaces what runs the calls.

    Without *host* and *context* the calls go to whatever docker itself reaches; where it reaches
    nothing, to the private engine that ``dockcli engine start`` runs, if one does.
    """

    def __init__(
        self,
        binary: str | os.PathLike[str] = "docker",
        *,
        host: str | None = None,
        context: str | None = None,
        config: str | os.PathLike[str] | None = None,
        sudo: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        labels: Mapping[str, str] | None = None,
        runner: Runner | None = None,
    ) -> None:
        super().__init__(self, builds=False)
        if host is not None and context is not None:
            raise InvalidArgument("host= and context= each name an engine: give one of them")
        self.binary = argv.text(binary, "binary=")
        self.host, self.context, self.config = host, context, config
        self.sudo = sudo
        self.labels = dict(labels or {})
        self.env = dict(env or {})
        self.cwd = None if cwd is None else os.fspath(cwd)
        self.call: Tree[Builds] = Tree(self, builds=True)
        self._given, self._runner = runner, runner
        self._own: LocalRunner | None = None
        self._lock = threading.Lock()
        self._settled = host is not None or context is not None or sudo or runner is not None
        self._stands_in = False
        self.head = (self.binary, *argv.flags("", self._globals()).words)
        self.label_flags = tuple(f"--label={name}={value}" for name, value in self.labels.items())

    def __repr__(self) -> str:
        given = {"sudo": True} if self.sudo else {}
        shown = {"binary": self.binary, **self._globals(), **given}
        return f"Docker({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def but(self, **changes: Any) -> Docker:
        """The same client but for *changes* to the arguments that it was made with."""
        same = {
            "binary": self.binary,
            **self._globals(),
            "sudo": self.sudo,
            "env": self.env,
            "cwd": self.cwd,
            "labels": self.labels,
            "runner": self._given,
        }
        other = Docker(**{**same, **changes})
        if not changes.keys() & {"binary", "host", "context", "config", "sudo", "env"}:
            other._settled, other._stands_in = other._settled or self._settled, self._stands_in
        return other

    def raw(self, *words: str, check: bool = True, **own: Any) -> Completed:
        """Run ``docker`` with *words* as they are: nothing is checked, nothing parsed.

        The way out for what dockcli does not know (yet): ``docker.raw("container", "run", "--new",
        "alpine")``. ``deadline=``, ``stdin=`` and ``check=`` as everywhere.
        """
        return self.top_level.unchecked(words, check=check, **own).run()

    def execute(self, call: Call[T]) -> T:
        """Run *call* and read its answer; the one way to docker."""
        from dockcli.failure import failure, of_the_container
        from dockcli.receipt import Receipt, stopping_what_it_started
        from dockcli.runner import Job, log

        with Receipt(call) as receipt:
            job = Job(
                call.argv,
                words=receipt.words,
                stdin=call.stdin,
                deadline=call.deadline,
                secrets=call.secrets,
            )
            with stopping_what_it_started(call, receipt):
                completed = self.runner.run(job)
            log(completed, str(call))
            if not call.check:
                return completed  # type: ignore[return-value]
            if completed.returncode == 0:
                try:
                    return call.parse(completed, receipt.read())
                except UnreadableOutput as unread:
                    shown = unread.completed.masked(call.secrets.values())
                    raise UnreadableOutput(shown, unread.reason) from None
            error = failure(completed.masked(call.secrets.values()), call.speaker)
            doubtful = isinstance(error, DockerFailed) and not isinstance(error, NameConflict)
            if doubtful and receipt.shows_it_ran(completed.returncode):
                error = of_the_container(error.completed)
        if isinstance(error, NoSuchObject) and call.salvage is not None:
            error.found = call.salvage(completed)
        raise error

    def plumbum(self, call: Call[Any]) -> Any:
        """*call* as a plumbum command."""
        from dockcli.runner import Job

        self._settle()
        return self._local().plumbum(Job(call.argv, secrets=call.secrets))

    def launch(self, call: Call[Any]) -> Launch:
        """How *call* is started on this machine, for a terminal."""
        from dockcli.runner import Job

        self._settle()
        return self._local().launch(Job(call.argv, secrets=call.secrets))

    @property
    def runner(self) -> Runner:
        """What runs this client's calls: a process each on this machine, unless told otherwise."""
        self._settle()
        if self._runner is None:
            self._runner = self._local()
        return self._runner

    @property
    def private(self) -> str | None:
        """The address of the private engine, where the calls go to it for want of another."""
        self._settle()
        return self.env.get("DOCKER_HOST") if self._stands_in else None

    def _local(self) -> LocalRunner:
        from dockcli.runner import LocalRunner

        if self._own is None:  # one, for it finds the program once
            self._own = LocalRunner(self.binary, sudo=self.sudo, env=self.env, cwd=self.cwd)
        return self._own

    def _globals(self) -> dict[str, Any]:
        named = {"host": self.host, "context": self.context, "config": self.config}
        return {name: value for name, value in named.items() if value is not None}

    def _settle(self) -> None:
        """See whether docker reaches an engine, where a private one runs that could stand in.

        Asked once, and only where there is a private one: else it costs a look for a file.
        """
        if self._settled or (private := state.private_host()) is None:
            return
        with self._lock:
            if not self._settled and not self._reaches():
                self.env.update(DOCKER_HOST=private, DOCKER_TLS="", DOCKER_TLS_VERIFY="")
                self._runner, self._own, self._stands_in = None, None, True
            self._settled = True

    def _reaches(self) -> bool:
        from dockcli.runner import Job

        ask = (*self.head, "version", "--format={{.Server.Version}}")
        try:
            return self._local().run(Job(ask, deadline=10)).returncode == 0
        except DeadlineExceeded:
            return False


docker = Docker()
"""The ready client: ``docker`` from PATH, and the engine that it reaches."""
