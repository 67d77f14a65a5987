"""What is in an archive: all of it verified, or one file of it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from tempfile import NamedTemporaryFile
from typing import Any

from dockcli.data.archive.cipher import Encryption
from dockcli.data.archive.copied import Copied, Outlet
from dockcli.data.archive.errors import NoSuchEntry
from dockcli.data.archive.feed import CHUNK, reader
from dockcli.data.archive.member import Member
from dockcli.data.archive.reader import open_archive
from dockcli.data.archive.vet import normal
from dockcli.data.entry import Entry, Manifest
from dockcli.spool import room_in

_ZEROS = bytes(CHUNK)


def verify(
    source: Any,
    *,
    encryption: Encryption | None = None,
    trust: bool = False,
    path: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> Manifest:
    """Read an archive to its end, and say what is in it. As `Reader.copy_to`, which is given
    nothing to write to; the same errors."""
    with open_archive(source, encryption=encryption) as archive:
        return archive.copy_to(path=path, trust=trust, progress=progress)


def extract(
    source: Any,
    name: str,
    out: Any,
    *,
    encryption: Encryption | None = None,
    trust: bool = False,
    path: str | None = None,
) -> Entry:
    """Write the file *name* of an archive to *out*, which has ``write(bytes)``; its entry.

    A hard link is followed. The archive is verified first and then read once more, so *source* is
    spooled to a temporary file unless it is a path; *out* gets nothing of an archive that is not in
    order. Raises NoSuchEntry where there is no such file, and what `verify` raises.
    """
    if not isinstance(source, (str, os.PathLike)):
        with room_in():
            spool = NamedTemporaryFile(prefix="dockcli-")  # noqa: SIM115 - closed below
        with spool:
            read = reader(source)
            while data := read(CHUNK):
                with room_in():
                    spool.write(data)
            with room_in():
                spool.flush()
            return extract(spool.name, name, out, encryption=encryption, trust=trust, path=path)
    about = verify(source, encryption=encryption, trust=trust, path=path)
    wanted = _file(about.by_name(), normal(name))
    with open_archive(source, encryption=encryption) as archive:
        archive.pass_to(_Picked(wanted.name, out.write), path, trust=trust)
    return wanted


def _file(entries: dict[str, Entry], name: str) -> Entry:
    """The file of that name, hard links followed. Raises NoSuchEntry."""
    entry = entries.get(name)
    while entry is not None and entry.kind == "hardlink":
        entry = entries[entry.target]
    if entry is None or entry.kind != "file":
        files = [one.name for one in entries.values() if one.kind in ("file", "hardlink")]
        raise NoSuchEntry(name, tuple(difflib.get_close_matches(name, files[:10_000])))
    return entry


class _Picked(Copied):
    """Writes what the file *name* holds, and nothing of the others."""

    def __init__(self, name: str, write: Callable[[bytes], object]) -> None:
        super().__init__(Outlet(None))
        self._name, self._write = name, write
        self._size = self._at = 0

    def take(self, member: Member, feed: Any, *, hash_all: bool) -> None:
        super().take(member, feed, hash_all=hash_all)
        if self._size:
            self._fill(self._size)
            self._size = 0

    def open(self, member: Member) -> Callable[[memoryview], object] | None:
        super().open(member)
        if member.name != self._name:
            return None
        self._size, self._at = member.size, 0
        self._data = iter(member.segments or ((0, member.stored),))
        self._left = 0
        return self._add

    def _add(self, span: memoryview) -> None:
        """Write *span*, which does not go beyond a piece of data, behind the hole before it."""
        while not self._left:
            offset, self._left = next(self._data)
            self._fill(offset)
        self._write(bytes(span))
        self._at += len(span)
        self._left -= len(span)

    def _fill(self, end: int) -> None:
        while self._at < end:
            hole = _ZEROS[: end - self._at]
            self._write(hole)
            self._at += len(hole)
