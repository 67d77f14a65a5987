"""Tars as docker cp writes them, member by member: renamed, given to others, counted, summed up."""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

_CHUNK = 1 << 20
_OWN_RECORDS = ("path", "linkpath", "uid", "gid", "uname", "gname", "size")


class Chunks(io.RawIOBase):
    """What an iterator of bytes gives, as something to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def members(stream: Any) -> Iterator[tuple[tarfile.TarInfo, Iterator[bytes]]]:
    """Each member of the tar in *stream*, and its data, which is to be taken before the next."""
    with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            yield member, iter(lambda: content.read(_CHUNK) if content else b"", b"")  # noqa: B023
            setattr(tar, "members", [])  # noqa: B010 - unknown to types; all seen is kept there
    while stream.read(_CHUNK):
        pass  # the end of the stream tells whether docker has failed


def as_way(stream: Any, owner: Callable[[int, int], tuple[int, int]]) -> Iterator[bytes]:
    """The tar in *stream*, its names below ``./`` and its root in it, with other owners.

    podman's has neither; what its root's attributes were nobody tells.
    """
    first = True
    for member, content in members(stream):
        member.name = _below(member.name)
        if member.islnk():
            member.linkname = _below(member.linkname)
        if first and member.name != "./":
            yield _header(_root())
        first = False
        member.uid, member.gid = owner(member.uid, member.gid)
        yield _header(member)
        yield from content
        yield bytes(-member.size % tarfile.BLOCKSIZE if member.isreg() else 0)
    if first:
        yield _header(_root())
    yield bytes(2 * tarfile.BLOCKSIZE)


def digest(stream: Any) -> str:
    """One SHA-256 for all members, in whatever order they come."""
    sums = []
    for member, content in members(stream):
        one = hashlib.sha256()
        told = (
            *(_below(member.name), member.type, member.mode, member.uid, member.gid),
            *(member.size, int(member.mtime), member.linkname, member.devmajor, member.devminor),
        )
        one.update(repr(told).encode("utf-8", "surrogateescape"))
        for chunk in content:
            one.update(chunk)
        sums.append(one.digest())
    return hashlib.sha256(b"".join(sorted(sums))).hexdigest()


def counted(stream: Any) -> tuple[int, int]:
    """How many entries there are below the root, and the bytes of their files."""
    entries = size = 0
    for member, content in members(stream):
        entries += _below(member.name) != "./"
        size += member.size if member.isreg() else 0
        deque(content, maxlen=0)
    return entries, size


def leading_out(stream: Any) -> str | None:
    """The name of a symlink that leads out of the root, which docker cp refuses in the middle."""
    for member, content in members(stream):
        deque(content, maxlen=0)
        if member.issym() and not member.linkname.startswith("/"):
            folder = posixpath.dirname(_below(member.name))
            path = posixpath.normpath(posixpath.join(folder, member.linkname))
            if path == ".." or path.startswith("../"):
                return member.name
    return None


def _below(name: str) -> str:
    name = name.removeprefix("./").strip("/")
    return "./" if name in ("", ".") else f"./{name}"


def _root() -> tarfile.TarInfo:
    root = tarfile.TarInfo("./")
    root.type, root.mode = tarfile.DIRTYPE, 0o755
    return root


def _header(member: tarfile.TarInfo) -> bytes:
    records = {key: v for key, v in member.pax_headers.items() if key not in _OWN_RECORDS}
    member.pax_headers = records
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
