"""Reading and writing files of a container, and the archives of its folders."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

from dockcli.errors import (
    DockerFailed,
    InvalidArgument,
    NoSuchPath,
    NotAFile,
    NotAFolder,
    UnreadableOutput,
)
from dockcli.files import given, tar, target
from dockcli.files.place import Clock, Place

if TYPE_CHECKING:
    from tarfile import TarInfo

    from dockcli.client import Docker

_CHUNK = 1 << 20


def read(client: Docker, container: object, path: given.Path, *, deadline: object) -> bytes:
    """The bytes of a file; a link is followed."""
    path = given.path(path, file=True)
    place = Place(client, container, Clock(deadline))
    path = place.settled(path)
    data = _content(place, path)
    if data is None:  # of a link docker gives the link itself
        data = _content(place, place.real(path).path)
    if data is None:
        raise NotAFile(place.said_yes(path), f"{path} was a link a moment ago, to another place")
    return data


def _content(place: Place, path: str) -> bytes | None:
    """The bytes of the file at *path*, None for a link. Ends docker before it sends a folder."""
    import tarfile

    with place.opened(path) as archive:
        member, opened = place.member(archive, path)
        if member.issym():
            return None
        _refuse_unless_file(place, path, member)
        try:
            file = opened.extractfile(member)
            data = file.read() if file is not None else b""
        except tarfile.TarError as error:
            data, reason = b"", str(error)
        else:
            reason = "it became shorter while it was read"
        while archive.read(_CHUNK):  # to docker's own end, which says whether all went well
            pass
    if len(data) != member.size:
        raise UnreadableOutput(place.said_yes(path), f"{path} is not whole: {reason}")
    return data


def write(
    client: Docker,
    container: object,
    path: given.Path,
    data: bytes | memoryview,
    meta: given.Meta,
    *,
    parents: bool,
    deadline: object,
) -> None:
    """Put a file at *path*, and the folders above that are missing if *parents*."""
    path = given.path(path, file=True)
    place = Place(client, container, Clock(deadline))
    path = _target(place, path)
    folder = os.path.dirname(path)
    if parents:
        folder = _deepest(place, folder)
    try:
        _put(place, folder, tar.one_file(os.path.relpath(path, folder), data, meta))
    except DockerFailed as error:
        raise _why(place, error, folder, path) from None


def _target(place: Place, path: str) -> str:
    """Where a file for *path* goes: what a link leads to, else *path*. Raises before anything is
    changed where something other than a file is there."""
    place.refuse_to_replace(path)
    if place.is_podman:  # it shows no link as a link, and puts the file in its place
        return path
    found = place.real(path)
    place.refuse_to_replace(found.path)
    if found.member is not None:
        _refuse_unless_file(place, found.path, found.member)
    return found.path


def _deepest(place: Place, folder: str) -> str:
    """The deepest folder that is there, of *folder* and those above."""
    while folder != "/":
        member = place.look(folder)
        if member is not None:
            return folder
        folder = os.path.dirname(folder)
    return folder


def get(
    client: Docker,
    container: object,
    path: given.Path,
    into: str | os.PathLike[str] | IO[bytes] | None,
    *,
    follow_link: bool,
    deadline: object,
) -> bytes | None:
    """The archive of *path*: its bytes, or nothing where it went *into* a file."""
    path = given.path(path)
    if into is not None and not isinstance(into, (str, os.PathLike)) and not hasattr(into, "write"):
        raise InvalidArgument(f"into= takes a path or a file to write bytes to, not {into!r}")
    place = Place(client, container, Clock(deadline))
    path = place.settled(path)
    if follow_link and not place.is_podman:
        path = place.real(path).path
    with place.opened(path) as archive:
        if into is None:
            return archive.read()
        if isinstance(into, (str, os.PathLike)):
            target.whole_file(into, archive)
        else:
            target.copy(archive, into)
    return None


def put(
    client: Docker, container: object, path: given.Path, archive: tar.Archive, *, deadline: object
) -> None:
    """Unpack *archive* in the folder *path*."""
    path = given.path(path)
    clock = Clock(deadline)
    with tar.plain(archive) as plain:
        place = Place(client, container, clock)
        place.refuse_to_change(path)
        if place.has_tmpfs():
            path = place.real(path).path
            place.refuse_to_change(path)
        try:
            _put(place, path, plain)
        except DockerFailed as error:
            raise _why(place, error, path, None) from None


def _put(place: Place, folder: str, archive: bytes | IO[bytes]) -> None:
    if not place.is_podman:
        _copy(place, place.client, folder, archive)
        return
    from tempfile import TemporaryDirectory

    # podman writes what it reads from stdin to a temporary file, and leaves that there.
    with TemporaryDirectory(prefix="dockcli-") as scratch:
        client = place.client.but(env={**place.client.env, "TMPDIR": scratch})
        _copy(place, client, folder, archive)


def _copy(place: Place, client: Docker, folder: str, archive: bytes | IO[bytes]) -> None:
    # Without --archive=false podman gives all to the container's user; docker's --archive does.
    client.container.cp(
        "-", f"{place.id}:{folder}", archive=False, stdin=archive, deadline=place.clock.left
    )


def _why(place: Place, error: DockerFailed, folder: str, path: str | None) -> DockerFailed:
    """What docker's failure means: that *folder* is none, or that a folder is at *path*.

    Asked only of a failure that says nothing better.
    """
    if type(error) is not DockerFailed:
        return error
    try:
        if folder != "/":
            there = place.real(folder).member
            if there is None:
                return NoSuchPath(error.completed, f"there is no folder {folder}")
            if not there.isdir():
                return NotAFolder(error.completed, f"{folder} is {_kind(there)}")
        if path is not None and (there := place.look(path)) is not None and there.isdir():
            return NotAFile(error.completed, f"{path} is a folder")
    except (DockerFailed, UnreadableOutput):
        pass
    return error


def _refuse_unless_file(place: Place, path: str, member: TarInfo) -> None:
    if not member.isreg():
        raise NotAFile(place.said_yes(path), f"{path} is {_kind(member)}")


def _kind(member: TarInfo) -> str:
    kinds = (
        (member.isreg, "a file"),
        (member.isdir, "a folder"),
        (member.issym, "a link"),
        (member.isfifo, "a named pipe"),
    )
    return next((name for is_one, name in kinds if is_one()), "a device")
