"""``docker container``: run, create, ls, inspect, start, stop, rm, cp, exec, diff, logs, wait."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from dockcli import argv
from dockcli.call import DOCKER, EXEC, QUOTING, RUN, START, Call, IdFile, Start
from dockcli.commands.answers import counted, identifier, itself, lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.objects import Container, Image

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.models.container import Change, ContainerInspect
    from dockcli.spec.options import (
        ContainerCommitOptions,
        ContainerCpOptions,
        ContainerCreateOptions,
        ContainerDiffOptions,
        ContainerExecOptions,
        ContainerExportOptions,
        ContainerInspectOptions,
        ContainerLogsOptions,
        ContainerLsOptions,
        ContainerRmOptions,
        ContainerRunOptions,
        ContainerStartOptions,
        ContainerStopOptions,
        ContainerWaitOptions,
    )
    from dockcli.spec.values import Ref, Word


class Run(Protocol):
    """Attached gives what the container wrote, detached gives the container."""

    @overload
    def __call__(
        self,
        image: Ref,
        *command: Word,
        detach: Literal[True],
        **options: Unpack[ContainerRunOptions],
    ) -> Container: ...
    @overload
    def __call__(
        self,
        image: Ref,
        *command: Word,
        detach: Literal[False] | None = None,
        **options: Unpack[ContainerRunOptions],
    ) -> Completed: ...


class RunCall(Protocol):
    """The same, not run yet."""

    @overload
    def __call__(
        self,
        image: Ref,
        *command: Word,
        detach: Literal[True],
        **options: Unpack[ContainerRunOptions],
    ) -> Call[Container]: ...
    @overload
    def __call__(
        self,
        image: Ref,
        *command: Word,
        detach: Literal[False] | None = None,
        **options: Unpack[ContainerRunOptions],
    ) -> Call[Completed]: ...


class Inspect(Protocol):
    """One name gives one model, several give a list."""

    @overload
    def __call__(
        self, container: Ref, /, **options: Unpack[ContainerInspectOptions]
    ) -> ContainerInspect: ...
    @overload
    def __call__(
        self, container: Ref, second: Ref, /, *more: Ref, **options: Unpack[ContainerInspectOptions]
    ) -> list[ContainerInspect]: ...


class InspectCall(Protocol):
    """The same, not run yet."""

    @overload
    def __call__(
        self, container: Ref, /, **options: Unpack[ContainerInspectOptions]
    ) -> Call[ContainerInspect]: ...
    @overload
    def __call__(
        self, container: Ref, second: Ref, /, *more: Ref, **options: Unpack[ContainerInspectOptions]
    ) -> Call[list[ContainerInspect]]: ...


class Wait(Protocol):
    """One name gives one exit code, several give a list."""

    @overload
    def __call__(self, container: Ref, /, **options: Unpack[ContainerWaitOptions]) -> int: ...
    @overload
    def __call__(
        self, container: Ref, second: Ref, /, *more: Ref, **options: Unpack[ContainerWaitOptions]
    ) -> list[int]: ...


class WaitCall(Protocol):
    """The same, not run yet."""

    @overload
    def __call__(self, container: Ref, /, **options: Unpack[ContainerWaitOptions]) -> Call[int]: ...
    @overload
    def __call__(
        self, container: Ref, second: Ref, /, *more: Ref, **options: Unpack[ContainerWaitOptions]
    ) -> Call[list[int]]: ...


def _run(
    self: ContainerGroup[Any], image: Ref, *command: Word, **options: Any
) -> Call[Container] | Call[Completed]:
    """Create a container from *image* and run *command* in it.

    Attached, the answer is a `Completed` with the exit code, stdout and stderr of the command;
    with ``detach=True`` it is the `Container`. ``stdin=`` goes to the command. When the call is
    given up (``deadline=``, Ctrl-C) the container is stopped, and removed if ``rm=True``.

    Raises ContainerFailed for the command's own failure, NameConflict, NoSuchImage,
    CommandNotFound and the rest of DockerFailed for docker's. Source: ``docker container run``,
    https://docs.docker.com/reference/cli/docker/container/run/
    """
    detach = options.get("detach") is True
    call: Call[Any] = self._call(
        "run",
        _with_stdin(options),
        [argv.image(image)],
        rest=argv.command(command),
        parse=self._handle if detach else itself,
        labelled=True,
        speaker=DOCKER if detach else RUN,
    )
    name, cidfile = (argv.given(options, key) for key in ("name", "cidfile"))
    # A name is enough to find it again; where time may be short, an id needs no second look.
    needs_id = cidfile or not name or call.deadline is not None
    return call.replace(
        start=Start(name, rm=options.get("rm") is True),
        id_file=IdFile("cidfile", cidfile) if needs_id else None,
    )


def _inspect(self: ContainerGroup[Any], *containers: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more containers.

    One name gives a `ContainerInspect`, several give a list of them, by one process. Raises
    NoSuchContainer, whose ``found`` has those that are there. Source: ``docker container inspect``,
    https://docs.docker.com/reference/cli/docker/container/inspect/
    """
    from dockcli.models.container import ContainerInspect

    names = at_least_one("container", map(argv.container, containers))
    return self._inspection(names, options, ContainerInspect.parse)


def _wait(self: ContainerGroup[Any], *containers: Ref, **options: Any) -> Call[Any]:
    """Wait until one or more containers have ended; their exit codes.

    One name gives an int, several give a list. Raises NoSuchContainer, DeadlineExceeded. Source:
    ``docker container wait``, https://docs.docker.com/reference/cli/docker/container/wait/
    """
    names = at_least_one("container", map(argv.container, containers))
    return self._call("wait", options, names, parse=counted(len(names)))


class ContainerGroup(Group[Mode]):
    """``docker container``."""

    name = "container"

    run: Verb[Run, RunCall] = Verb(_run)
    inspect: Verb[Inspect, InspectCall] = Verb(_inspect)
    wait: Verb[Wait, WaitCall] = Verb(_wait)

    @verb
    def create(
        self, image: Ref, *command: Word, **options: Unpack[ContainerCreateOptions]
    ) -> Call[Container]:
        """Create a container without starting it.

        Raises NameConflict, NoSuchImage. Source: ``docker container create``,
        https://docs.docker.com/reference/cli/docker/container/create/
        """
        return self._call(
            "create",
            options,
            [argv.image(image)],
            rest=argv.command(command),
            parse=self._handle,
            labelled=True,
        )

    @verb
    def ls(self, **options: Unpack[ContainerLsOptions]) -> Call[list[ContainerInspect]]:
        """List the running containers, with ``all=True`` the others too, each in full.

        Two processes however many there are: docker's own rows cut and join what they show.
        Source: ``docker container ls`` and ``docker container inspect``,
        https://docs.docker.com/reference/cli/docker/container/ls/
        """
        inspect = partial(self.client.call.container.inspect, size=options.get("size"))
        return self._listing(options, column="{{.ID}}", inspect=inspect, no_trunc=True)

    @verb
    def start(self, *containers: Ref, **options: Unpack[ContainerStartOptions]) -> Call[list[str]]:
        """Start one or more stopped containers; the names that docker started.

        With ``attach=True`` the lines are what the container wrote. Raises NoSuchContainer. Source:
        ``docker container start``, https://docs.docker.com/reference/cli/docker/container/start/
        """
        names = at_least_one("container", map(argv.container, containers))
        attached = options.get("attach") or options.get("interactive")
        speaker = START if attached else DOCKER
        return self._call("start", options, names, parse=lines, speaker=speaker)

    @verb
    def stop(self, *containers: Ref, **options: Unpack[ContainerStopOptions]) -> Call[list[str]]:
        """Stop one or more running containers; the names that docker stopped.

        Raises NoSuchContainer. Source: ``docker container stop``,
        https://docs.docker.com/reference/cli/docker/container/stop/
        """
        names = at_least_one("container", map(argv.container, containers))
        return self._call("stop", options, names, parse=lines)

    @verb
    def rm(self, *containers: Ref, **options: Unpack[ContainerRmOptions]) -> Call[list[str]]:
        """Remove one or more containers; the names that docker removed.

        Raises NoSuchContainer, InUse for a running one (``force=True`` ends it first). Source:
        ``docker container rm``, https://docs.docker.com/reference/cli/docker/container/rm/
        """
        names = at_least_one("container", map(argv.container, containers))
        return self._call("rm", options, names, parse=lines)

    @verb
    def cp(self, source: Word, target: Word, **options: Unpack[ContainerCpOptions]) -> Call[None]:
        """Copy between a container (``"web:/path"``) and this machine (a path).

        docker takes a text with a colon for CONTAINER:PATH unless it begins with ``/`` or ``.``; a
        `pathlib.Path` is always of this machine. Raises NoSuchContainer, DockerFailed for a path
        that is not there. Source: ``docker container cp``,
        https://docs.docker.com/reference/cli/docker/container/cp/
        """
        paths = [argv.operand(source), argv.operand(target)]
        return self._call("cp", options, paths, parse=nothing)

    @verb
    def exec(
        self, container: Ref, *command: Word, **options: Unpack[ContainerExecOptions]
    ) -> Call[Completed]:
        """Run a command in a running container: its exit code, stdout and stderr.

        ``stdin=`` goes to the command. Raises ContainerFailed for the command's own failure,
        NoSuchContainer, CommandNotFound, CommandNotExecutable for docker's. Source:
        ``docker container exec``, https://docs.docker.com/reference/cli/docker/container/exec/
        """
        words = at_least_one("word of a command", argv.command(command))
        return self._call(
            "exec",
            _with_stdin(options),
            [argv.container(container)],
            rest=words,
            parse=itself,
            speaker=EXEC,
        )

    @verb
    def diff(self, container: Ref, **options: Unpack[ContainerDiffOptions]) -> Call[list[Change]]:
        """The paths of a container that differ from its image.

        Raises NoSuchContainer. Source: ``docker container diff``,
        https://docs.docker.com/reference/cli/docker/container/diff/
        """
        return self._call("diff", options, [argv.container(container)], parse=_changes)

    @verb
    def logs(self, container: Ref, **options: Unpack[ContainerLogsOptions]) -> Call[Completed]:
        """What a container wrote until now, stdout and stderr apart.

        Raises NoSuchContainer. Source: ``docker container logs``,
        https://docs.docker.com/reference/cli/docker/container/logs/
        """
        names = [argv.container(container)]
        return self._call("logs", options, names, parse=itself, speaker=QUOTING)

    @verb
    def export(self, container: Ref, **options: Unpack[ContainerExportOptions]) -> Call[Completed]:
        """A container's whole file system as a tar archive: in ``stdout``, or in the file
        ``output=``.

        Volumes are not in it. Raises NoSuchContainer. Source: ``docker container export``,
        https://docs.docker.com/reference/cli/docker/container/export/
        """
        return self._call("export", options, [argv.container(container)], parse=itself)

    @verb
    def commit(
        self, container: Ref, *repository: Ref, **options: Unpack[ContainerCommitOptions]
    ) -> Call[Image]:
        """Make an image of a container as it is now, without its volumes.

        Raises NoSuchContainer. Source: ``docker container commit``,
        https://docs.docker.com/reference/cli/docker/container/commit/
        """
        names = [argv.container(container), *map(argv.image, repository)]
        return self._call(
            "commit",
            options,
            names,
            parse=lambda completed: Image(identifier(completed), self.client),
        )

    def _handle(self, completed: Completed) -> Container:
        return Container(identifier(completed), self.client)


def _with_stdin(options: Any) -> dict[str, Any]:
    """docker connects a command's stdin only with ``--interactive``."""
    if options.get("stdin") is None or options.get("interactive") is True:
        return dict(options)
    if options.get("interactive") is False:
        raise InvalidArgument("stdin= needs interactive=True: docker would not pass it on")
    return {**options, "interactive": True}


def _changes(completed: Completed) -> list[Change]:
    from dockcli.models.container import Change, ChangeKind

    changes = []
    for line in lines(completed):
        kind, _, path = line.partition(" ")
        if kind not in ("A", "C", "D"):
            raise UnreadableOutput(completed, f"no change of a path: {line!r}")
        changes.append(Change(ChangeKind(kind), path))
    return changes
