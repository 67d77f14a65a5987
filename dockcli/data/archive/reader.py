"""Reads an archive once, from its start to its end, and vouches for it only there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from types import TracebackType
from typing import Any

from dockcli.data.archive import headers, layout, own
from dockcli.data.archive.cipher import Encryption
from dockcli.data.archive.copied import Copied, Known, Outlet
from dockcli.data.archive.errors import ArchiveError, DamagedArchive
from dockcli.data.archive.feed import Feed
from dockcli.data.archive.headers import BLOCK
from dockcli.data.archive.member import Member
from dockcli.data.archive.opened import Opened
from dockcli.data.archive.scan import members, to_the_end
from dockcli.data.archive.vet import Vet, normal
from dockcli.data.entry import Description, Manifest
from dockcli.spool import Spool

_LONGEST_TAIL = 1 << 16


def open_archive(
    source: Any, *, encryption: Encryption | None = None, name: str | None = None
) -> Reader:
    """Open an archive: *source* is a path, or has ``read(n)``, as a pipe does.

    How it is packed is known by its first bytes. *encryption* is what decrypts it. *name* is what
    it is called, where *source* does not say. Raises InvalidArgument where it cannot be read,
    CipherMissing, CipherFailed, WrongKey, NewerArchive, DamagedArchive.
    """
    return Reader(source, encryption=encryption, name=name)


class Reader:
    """An archive that is open; a context manager.

    ``description`` is what it says of its volume, None where another tool wrote it. As long as
    `copy_to` has not come back, nothing of that is known to be true.
    """

    def __init__(
        self, source: Any, *, encryption: Encryption | None = None, name: str | None = None
    ) -> None:
        self.name = name or str(source if isinstance(source, str) else getattr(source, "name", "-"))
        self.description: Description | None = None
        self._used = False
        self._spool: Spool | None = None
        self._opened = Opened(source, encryption)
        try:
            self._begin(self._opened.plain)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing keeps running; a file that the caller opened stays open."""
        self._opened.close()
        if self._spool is not None:
            self._spool.close()

    def _begin(self, stream: Any) -> None:
        self._sum = hashlib.sha256()
        self._early: list[bytes] | None = []
        self._feed = Feed(stream, self._hear)
        found = members(self._feed)
        first = next(found, None)
        if first is None:
            raise DamagedArchive("the archive holds nothing but zeros")
        if first.name == own.VOLUME and first.kind == "file":
            if first.stored > own.LONGEST_VOLUME:
                raise DamagedArchive("what the archive says of its volume is too long")
            self.description = own.read_volume_json(b"".join(self._feed.spans(first.stored)))
            self._members = found
        else:
            self._first = first.name
            self._members = chain([first], found)

    def _hear(self, data: memoryview) -> None:
        self._sum.update(data)
        if self._early is not None:  # until it is known whether they are needed once more
            self._early.append(bytes(data))

    def copy_to(
        self,
        write: Callable[[bytes], object] | None = None,
        *,
        path: str | None = None,
        trust: bool = False,
        room: int | None = None,
        progress: Callable[[int], object] | None = None,
        known: Manifest | None = None,
    ) -> Manifest:
        """Give *write* a tar of the volume, and say what is in it once all of it is verified.

        Not a byte of the archive's own headers is passed on: each is written anew, with names that
        begin with ``./``, after the member was found in order. The tar's end comes only when the
        archive was read to its own and all was right; whoever reads the tar must wait for it.

        *path* is the folder that is the volume, "" for all; by None it is found (the only one below
        ``backup/``, for which an archive that is no file is spooled to a temporary one). *trust*
        lets devices through, and in archives of other tools setuid programs; where nothing is
        written, one's own archive may have devices. *room* is how many
        bytes of data there is room for. *progress* is told how many more bytes of the archive, as
        it is packed, were read. *known* is what came back when it was read to its end a moment
        before: its bytes are not summed once more, and what was written has to be compared with
        that, for another may have changed the archive since.

        Raises DamagedArchive, HostileArchive, TooBig, AmbiguousArchive, NoSuchEntry for a *path*
        that is not in it, CipherFailed. It can be called once.
        """
        outlet = Outlet(write)
        copied = Copied(outlet, room) if known is None else Known(outlet, room, known)
        return self.pass_to(copied, path, trust=trust, progress=progress)

    def pass_to(
        self,
        copied: Copied,
        path: str | None = None,
        *,
        trust: bool = False,
        progress: Callable[[int], object] | None = None,
    ) -> Manifest:
        """As `copy_to`, with *copied* to take the members."""
        if self._used:
            raise ArchiveError("an archive is read once: open it anew")
        self._used = True
        self._opened.plain.tell(progress)
        copied.folder = self._folder(path)
        self._early = None
        if not copied.sums:
            self._feed.turn(None)
        ours = self.description is not None
        vet = Vet(trust=trust or (ours and not copied.gives), ours=ours)
        for member in self._members:
            if member.ours:
                return self._end_of_ours(member, copied)
            vet.admit(member)
            copied.take(member, self._feed, hash_all=self.description is not None)
        if self.description is not None:
            raise DamagedArchive("the archive is cut off: it has no manifest")
        to_the_end(self._feed)
        return copied.end(None, (), ())

    def _folder(self, path: str | None) -> str:
        if path is not None:
            return normal(path)
        if self.description is not None or not layout.may_be_of_offen(self._first):
            return ""
        return self._found()

    def _found(self) -> str:
        """The folder that is the volume: all members are looked at, and are there once more."""
        if not self._opened.by_path:
            self._spool = Spool()
            self._spool.write(b"".join(self._early or ()))
            self._feed.turn(self._spool.write)
        folder = layout.volume_below(self._names())
        for _ in self._names():  # where one name was enough
            pass
        to_the_end(self._feed)
        if self._spool is None:
            self._opened.again()
            self._begin(self._opened.plain)
        else:
            self._spool.write(headers.END)
            self._begin(self._spool.rewound())
        return folder

    def _names(self) -> Iterator[tuple[str, bool]]:
        for member in self._members:
            for _ in self._feed.spans(member.stored):
                pass
            yield member.name, member.kind == "folder"

    def _end_of_ours(self, member: Member, copied: Copied) -> Manifest:
        """Read the manifest and the sum, which must be right to the last bit where there are sums
        of what was taken."""
        if self.description is None or member.name != own.MANIFEST:
            raise DamagedArchive("the archive has members of dockcli's where there should be none")
        if not copied.sums:
            for _ in self._feed.rest():
                pass
            return copied.end(self.description, (), ())
        lines = _lines(self._feed.spans(member.stored))
        changed, skipped = own.read_manifest(lines, copied.seen)
        last = next(iter(self._members), None)
        if last is None or last.name != own.SUM:
            raise DamagedArchive("the archive is cut off: it has no sum")
        self._feed.tell(BLOCK)
        found = bytearray()
        self._feed.turn(found.extend)
        if last.stored > _LONGEST_TAIL:
            raise DamagedArchive("the archive's sum cannot be read")
        packed = own.read_packed(b"".join(self._feed.spans(last.stored)))
        for _ in self._feed.rest():
            self._feed.tell()
            if len(found) > _LONGEST_TAIL:
                break
        tail = own.tail(self._sum.hexdigest(), packed)
        if found != tail:
            raise DamagedArchive(_what_differs(found, tail))
        self._opened.plain.check_sealed(packed, tail)
        return copied.end(self.description, changed, skipped)


def _what_differs(found: bytearray, tail: bytes) -> str:
    size = len(tail) - len(headers.END)
    if found.startswith(tail):
        return "something follows behind the archive's end"
    if found[:size] == tail[:size]:
        return "the archive's end is cut off, or was changed"
    return "the archive was changed: its sum is another"


def _lines(spans: Iterable[memoryview]) -> Iterator[bytes]:
    kept = b""
    for span in spans:
        lines = (kept + bytes(span)).split(b"\n")
        kept = lines.pop()
        if len(kept) > own.LONGEST_LINE:
            raise DamagedArchive("a line of the archive's manifest is too long")
        yield from lines
    if kept:
        raise DamagedArchive("the archive's manifest has no end")
