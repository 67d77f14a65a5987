"""``docker container``: the verbs about a container's files: cp, diff, export, commit."""

from __future__ import annotations

import re

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, itself, nothing
from dockcli.commands.group import Group, Verb
from dockcli.commands.live import archive, copied, to_output
from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.objects import Image
from dockcli.typed import TYPE_CHECKING, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, TypeAlias

    from typing_extensions import Unpack

    from dockcli.aio.bytestream import AsyncByteStream
    from dockcli.aio.stream import AsyncStream
    from dockcli.bytestream import ByteStream
    from dockcli.commands.coming import Coming
    from dockcli.models.container import Change
    from dockcli.models.progress import Progress
    from dockcli.spec.options import (
        ContainerCommitOptions,
        ContainerCpOptions,
        ContainerDiffOptions,
    )
    from dockcli.spec.values import ContainerRef, ImageRef, Word
    from dockcli.stream import Stream


Told = TypeVar("Told", covariant=True)
Done = TypeVar("Done", covariant=True)
Read = TypeVar("Read", covariant=True)
Live = TypeVar("Live", covariant=True)

_CHANGE = r"([ACD]) (/.*)"


class Cp(Protocol[Told, Done, Read, Live]):
    """To ``"-"`` gives the archive, elsewhere nothing; or it is live."""

    @overload
    def __call__(
        self,
        source: Word,
        target: Literal["-"],
        *,
        stream: Literal[False] | None = None,
        **options: Unpack[ContainerCpOptions],
    ) -> Told: ...
    @overload
    def __call__(
        self,
        source: Word,
        target: Literal["-"],
        *,
        stream: Literal[True],
        **options: Unpack[ContainerCpOptions],
    ) -> Read: ...
    @overload
    def __call__(
        self,
        source: Word,
        target: Word,
        *,
        stream: Literal[False] | None = None,
        **options: Unpack[ContainerCpOptions],
    ) -> Done: ...
    @overload
    def __call__(
        self,
        source: Word,
        target: Word,
        *,
        stream: Literal[True],
        **options: Unpack[ContainerCpOptions],
    ) -> Live: ...


if TYPE_CHECKING:
    CpVerb: TypeAlias = Verb[
        Cp[Completed, None, ByteStream, Stream[Progress]],
        Cp[Call[Completed], Call[None], Call[ByteStream], Call[Stream[Progress]]],
        Cp[Coming[Completed], Coming[None], AsyncByteStream, AsyncStream[Progress]],
    ]


def cp(
    self: Group[Any], source: Word, target: Word, **options: Any
) -> Call[None] | Call[Completed] | Call[ByteStream] | Call[Stream[Progress]]:
    """Copy between a container (``"web:/path"``) and this machine (a path).

    With the target ``"-"`` the answer is a `Completed` with a tar archive in ``stdout``, or with
    ``stream=True`` a `ByteStream` to read it from; with the source ``"-"`` docker takes one from
    ``stdin=``. ``on_progress=``, and ``stream=True`` elsewhere, tell how many bytes were copied:
    exactly of an archive, else by what docker's process has moved.

    docker takes a text with a colon for CONTAINER:PATH unless it begins with ``/`` or ``.``; a
    `pathlib.Path`, or bytes, are always of this machine. Raises NoSuchContainer, DockerFailed for
    a path that is not there. Source: ``docker container cp``,
    https://docs.docker.com/reference/cli/docker/container/cp/
    """
    paths = [argv.operand(source), argv.operand(target)]
    if paths[1] == "-":
        return archive(self._call("cp", options, paths, parse=itself), options, "cp")
    return copied(self._call("cp", options, paths, parse=nothing), options, paths)


def diff(
    self: Group[Any], container: ContainerRef, **options: Unpack[ContainerDiffOptions]
) -> Call[list[Change]]:
    """The paths of a container that differ from its image.

    A line that begins as no change does is more of the path before it, for names may have newlines.
    Raises NoSuchContainer. Source: ``docker container diff``,
    https://docs.docker.com/reference/cli/docker/container/diff/
    """
    return self._call("diff", options, [argv.container(container)], parse=_changes)


def export(
    self: Group[Any], container: ContainerRef, **options: Any
) -> Call[Completed] | Call[ByteStream] | Call[Stream[Progress]]:
    """A container's whole file system as a tar archive: in ``stdout``, or the file ``output=``.

    With ``stream=True`` it is a `ByteStream` to read it from, and with ``output=`` or ``stdout=`` a
    `Stream` of how far that is; ``on_progress=`` is told the same. Volumes are not in it.
    Raises NoSuchContainer. Source: ``docker container export``,
    https://docs.docker.com/reference/cli/docker/container/export/
    """
    names = [argv.container(container)]

    def call(given: Mapping[str, Any]) -> Call[Completed]:
        return self._call("export", given, names, parse=itself)

    return to_output(call, options, "export", self.client)


def commit(
    self: Group[Any],
    container: ContainerRef,
    *repository: ImageRef,
    **options: Unpack[ContainerCommitOptions],
) -> Call[Image]:
    """Make an image of a container as it is now, without its volumes.

    Raises NoSuchContainer. Source: ``docker container commit``,
    https://docs.docker.com/reference/cli/docker/container/commit/
    """
    names = list(map(argv.image, repository))
    return self._call(
        "commit",
        options,
        [argv.container(container), *names],
        parse=lambda completed: Image(identifier(completed), self.client, names),
        labelled=True,
    )


def _changes(completed: Completed) -> list[Change]:
    from dockcli.models.container import Change, ChangeKind

    changes: list[tuple[str, list[str]]] = []
    for line in completed.lines():
        if (match := re.fullmatch(_CHANGE, line)) is not None:
            changes.append((match[1], [match[2]]))
        elif changes:
            changes[-1][1].append(line)
        else:
            raise UnreadableOutput(completed, f"no change of a path: {line!r}")
    return [Change(ChangeKind(kind), "\n".join(path)) for kind, path in changes]
