"""``docker container``: the verbs that run a program: run, create, exec, attach."""

from __future__ import annotations

from collections.abc import Callable

from dockcli import argv
from dockcli.call import DOCKER, EXEC, RUN, START, Call, IdFile, Start
from dockcli.commands.answers import identifier, itself
from dockcli.commands.group import Group, at_least_one
from dockcli.commands.keywords import is_live
from dockcli.commands.live import conversing, refuse_live, talks
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument
from dockcli.objects import Container
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.models.line import LogLine
    from dockcli.spec.options import ContainerCreateOptions
    from dockcli.spec.values import ContainerRef, ImageRef, Word
    from dockcli.stream import Stream
    from dockcli.terminal import Terminal


def run(
    self: Group[Any], image: ImageRef, *command: Word, **options: Any
) -> Call[Container] | Call[Completed] | Call[Stream[LogLine]]:
    """Create a container from *image* and run *command* in it.

    Attached, the answer is a `Completed` with the exit code, stdout and stderr of the command;
    with ``detach=True`` it is the `Container` (with ``check=False`` always the `Completed`).
    ``stdin=`` goes to the command. When the call is given up (``deadline=``, Ctrl-C) the container
    is stopped, and removed if ``rm=True``. With ``stream=True`` the answer is a `Stream` of
    `LogLine`, what the command writes as it writes it. For one that wants a terminal,
    ``docker.call.run(…, tty=True, interactive=True).terminal()`` is one.

    Raises ContainerFailed for the command's own failure, NameConflict, NoSuchImage,
    CommandNotFound and the rest of DockerFailed for docker's. Source: ``docker container run``,
    https://docs.docker.com/reference/cli/docker/container/run/
    """
    detach = options.get("detach") is True
    name, cidfile = argv.given(options, "name"), argv.given(options, "cidfile")
    # A name is enough to find it again; where time may be short, an id needs no second look.
    needs_id = cidfile or not name or options.get("deadline") is not None or is_live(options)
    call: Call[Any] = self._call(
        "run",
        _with_stdin(options),
        [argv.image(image)],
        rest=argv.command(command),
        parse=_handle(self) if detach else itself,
        labelled=True,
        speaker=DOCKER if detach else RUN,
        start=Start(name, rm=options.get("rm") is True),
        id_file=IdFile("cidfile", cidfile) if needs_id else None,
    )
    if detach:
        refuse_live(options, "detach=True leaves nothing to listen to")
    return call


def create(
    self: Group[Any], image: ImageRef, *command: Word, **options: Unpack[ContainerCreateOptions]
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
        parse=_handle(self),
        labelled=True,
    )


def exec(
    self: Group[Any],
    container: ContainerRef,
    *command: Word,
    **options: Any,
) -> Call[Completed] | Call[Stream[LogLine]] | Call[Terminal]:
    """Run a command in a running container: its exit code, stdout and stderr.

    ``stdin=`` goes to the command. With ``stream=True`` the answer is a `Stream` of `LogLine`, what
    the command writes as it writes it; with ``tty=True`` it is a `Terminal` to talk to it
    (``interactive=`` comes with it).

    Raises ContainerFailed for the command's own failure, NoSuchContainer, CommandNotFound,
    CommandNotExecutable for docker's. Source: ``docker container exec``,
    https://docs.docker.com/reference/cli/docker/container/exec/
    """
    words = at_least_one("word of a command", argv.command(command))
    given = _with_stdin(options)
    if talks(given):
        given.setdefault("interactive", True)
    call: Call[Any] = self._call(
        "exec",
        given,
        [argv.container(container)],
        rest=words,
        parse=itself,
        speaker=EXEC,
    )
    if options.get("detach") is True:
        refuse_live(options, "detach=True leaves nothing to listen to")
        return call
    return conversing(call, given)


def attach(
    self: Group[Any], container: ContainerRef, **options: Any
) -> Call[Completed] | Call[Stream[LogLine]] | Call[Terminal]:
    """Listen to a running container until it ends: its exit code, and what it wrote from now on.

    With ``stream=True`` it is a `Stream` of `LogLine`, what it writes as it writes it; leaving that
    leaves the container running. ``tty=True`` (dockcli's own here) gives a `Terminal` to talk to a
    container that has one: made with ``tty=True`` and ``interactive=True``.

    ``stdin=`` goes to its program, if `create` made the container with ``interactive=True``: of one
    that `run` made with ``detach=True`` the engine tells no more once stdin is at its end. So
    without ``stdin=`` none is attached. After the ``deadline=`` the container runs on.

    Raises ContainerFailed for the program's own failure (podman's exit code is always 0),
    NoSuchContainer, DockerFailed for one that does not run. Source: ``docker container attach``,
    https://docs.docker.com/reference/cli/docker/container/attach/
    """
    given: dict[str, Any] = dict(options)
    terminal = is_live(given, "tty")
    given.pop("tty", None)
    if given.get("stdin") is None and given.get("no_stdin") is None and not terminal:
        given["no_stdin"] = True
    names = [argv.container(container)]
    call: Call[Any] = self._call("attach", given, names, parse=itself, speaker=START)
    return conversing(call, {**given, "tty": terminal, "interactive": True})


def _handle(group: Group[Any]) -> Callable[[Completed], Container]:
    return lambda completed: Container(identifier(completed), group.client)


def _with_stdin(options: Any) -> dict[str, Any]:
    """docker connects a command's stdin only with ``--interactive``."""
    if options.get("stdin") is None or options.get("interactive") is True:
        return dict(options)
    if options.get("interactive") is False:
        raise InvalidArgument("stdin= needs interactive=True: docker would not pass it on")
    return {**options, "interactive": True}
