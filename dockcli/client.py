"""The client: which docker, which engine; runs the calls that its groups build."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from dockcli import argv, state
from dockcli.commands.group import Builds, Runs
from dockcli.commands.tree import Calls, Tree
from dockcli.errors import DeadlineExceeded, InvalidArgument
from dockcli.typed import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from typing import Any

    from dockcli.bytestream import ByteStream
    from dockcli.call import Call
    from dockcli.runner import Launch, LocalRunner, Runner
    from dockcli.scope import Scope
    from dockcli.stream import Stream
    from dockcli.terminal import Terminal
    from dockcli.versions import Installed

T = TypeVar("T")


class Docker(Tree[Runs]):
    """A docker to call: ``Docker(binary="podman")``, ``Docker(host="ssh://me@server")``.

    *binary* is the program's name or absolute path; a name is looked up on PATH once, at the first
    call. *host*, *context* and *config* are docker's global options. *sudo* puts ``sudo -n`` in
    front. *env* adds to the environment of the docker processes, *cwd* is their working directory.
    *labels* go onto all that is made through this client. *runner* replaces what runs the calls.
    *strict* refuses what docker would make silently for a name that was typed wrong: in `run` and
    `create` a volume that is not there, which costs one more process where volumes are named, and
    a missing folder in ``volume=``, unless it says ``Bind(create_source=True)``. What only ``-v``
    can say, such as the mode ``z`` or ``Z``, passes as it is.

    Without *host* and *context* the calls go to whatever docker itself reaches; where nobody has
    named an engine (by ``DOCKER_HOST``, a context, docker's settings) and it reaches none, to the
    private engine that ``dockcli engine start`` runs, if one does.
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
        strict: bool = False,
        runner: Runner | None = None,
    ) -> None:
        super().__init__(self)
        if host is not None and context is not None:
            raise InvalidArgument("host= and context= each name an engine: give one of them")
        self.binary: str = argv.text(binary, "binary=")
        globals = {"host": host, "context": context, "config": config}
        self._globals = {name: value for name, value in globals.items() if value is not None}
        self.sudo: bool = sudo
        self.labels: dict[str, str] = dict(labels or {})
        self.strict: bool = strict
        self.env: dict[str, str] = dict(env or {})
        self.cwd: str | None = None if cwd is None else os.fspath(cwd)
        self.call: Tree[Builds] = Calls(self)
        self._given, self._runner = runner, runner
        self._own: LocalRunner | None = None
        self._installed: Installed | None = None
        self._lock = threading.Lock()
        self._settled = host is not None or context is not None or sudo or runner is not None
        self._stands_in = False
        self.head: tuple[str, ...] = (self.binary, *argv.flags("", self._globals).words)

    def __repr__(self) -> str:
        given = {"sudo": True} if self.sudo else {}
        shown = {"binary": self.binary, **self._globals, **given}
        return f"Docker({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def arguments(self) -> dict[str, Any]:
        """What it was made with, by the names of the arguments."""
        return {
            "binary": self.binary,
            **self._globals,
            "sudo": self.sudo,
            "env": self.env,
            "cwd": self.cwd,
            "labels": self.labels,
            "strict": self.strict,
            "runner": self._given,
        }

    def but(self, **changes: Any) -> Docker:
        """The same client but for *changes* to the arguments that it was made with."""
        other = self._anew({**self.arguments(), **changes})
        if not changes.keys() & {"binary", "host", "context", "config", "sudo", "env"}:
            other._takes_over(self)
        return other

    def scope(self, *, keep: bool = False, guard: bool = True) -> Scope:
        """A client whose makings are gone at the end: ``with docker.scope() as s: s.run(…)``.

        See `dockcli.Scope`. With ``keep=True`` they stay until ``dockcli clean``; ``guard=False``
        starts no process that removes them when this one is killed.
        """
        from dockcli.scope import Scope

        return Scope(self, keep=keep, guard=guard)

    def holding(self, call: Call[Any]) -> AbstractContextManager[object]:
        """For as long as *call* runs, from before docker is started to where its end is seen."""
        return nullcontext()

    def gave_up(self, call: Call[Any]) -> None:
        """*call* was given up: docker may still do what it was about to."""

    def _takes_over(self, other: Docker) -> None:
        """Take over what *other*, a client of the same docker, has found out."""
        self._installed = other._installed
        self._settled, self._stands_in = self._settled or other._settled, other._stands_in

    def _anew(self, arguments: Mapping[str, Any]) -> Docker:
        return Docker(**arguments)

    def labels_for(self, command: str) -> Mapping[str, str]:
        """The labels of what *command* makes."""
        return self.labels

    def give(self, call: Call[Any]) -> Any:
        """The answer of *call*, or something live that it asks for."""
        return call.run()

    def do(self, work: Callable[[], T]) -> T:
        """Do *work*."""
        return work()

    def execute(self, call: Call[T]) -> T:
        """Run *call* and read its answer."""
        from dockcli.execution import answer

        return cast(T, answer(call))

    def stream(self, call: Call[Any]) -> Stream[Any]:
        """Start *call*, and give what it tells as it comes."""
        from dockcli.execution import stream

        return stream(call)

    def open(self, call: Call[Any]) -> ByteStream:
        """Start *call*, and give the bytes that it writes."""
        from dockcli.execution import open_

        return open_(call)

    def terminal(self, call: Call[Any], *, rows: int, columns: int) -> Terminal:
        """A terminal of that size for *call*."""
        from dockcli.terminal import Terminal

        return Terminal(call, rows=rows, columns=columns)

    def plumbum(self, call: Call[Any]) -> Any:
        """*call* as a plumbum command."""
        from dockcli.runner import Job

        call = self.checked(call)
        return self._local().plumbum(Job(call.argv, secrets=call.secrets))

    def launch(self, call: Call[Any], *, words: tuple[str, ...] | None = None) -> Launch:
        """How *call*, or *words* in its place, is started on this machine, for a terminal."""
        from dockcli.runner import Job

        call = self.checked(call)
        return self._local().launch(Job(call.argv, words=words, secrets=call.secrets))

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

    def checked(self, call: Call[T]) -> Call[T]:
        """*call* as it may run: what is installed here has what it asks for, and, for a strict
        client, its volumes are there."""
        from dockcli.versions import Installed

        self._settle()
        if self._installed is None:
            self._installed = Installed(self.head)
        if call.needs is not None:
            self._installed.check(call.needs, self.runner, call.deadline)
        if not self.strict:
            return call
        from dockcli.strict import checked

        return checked(call)

    def _settle(self) -> None:
        """See whether docker reaches an engine, where a private one runs that could stand in.

        Asked once, and only where there is a private one: else it costs a look for a file.
        """
        # asked at each call, so before a look at any file; `names_an_engine` knows the other ways
        host = self.env.get("DOCKER_HOST", os.environ.get("DOCKER_HOST"))
        if self._settled or host or (private := state.private_host()) is None:
            return
        with self._lock:
            named = state.names_an_engine({**os.environ, **self.env}, self._globals.get("config"))
            if not self._settled and not named and not self._reaches():
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


docker: Docker = Docker()
"""The ready client: ``docker`` from PATH, and the engine that it reaches."""
