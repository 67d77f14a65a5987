"""What becomes of the members that a reader has let through: a tar of the volume, made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dockcli.data.archive import headers, layout
from dockcli.data.archive.errors import NoSuchEntry, TooBig
from dockcli.data.archive.feed import Feed
from dockcli.data.archive.headers import padding
from dockcli.data.archive.member import Member
from dockcli.data.archive.scan import digest
from dockcli.data.archive.vet import check_reserved
from dockcli.data.entry import Description, Entry, Manifest

_ENOUGH = 1 << 18


class Outlet:
    """Gives *write* what is added, in pieces that are worth a system call; None takes nothing."""

    def __init__(self, write: Callable[[bytes], object] | None) -> None:
        self.is_open = write is not None
        self._write = write
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, data: bytes | memoryview) -> None:
        if self._write is None:
            return
        self._pieces.append(bytes(data))
        self._size += len(data)
        if self._size >= _ENOUGH:
            self.flush()

    def flush(self) -> None:
        if self._write is not None and self._pieces:
            data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
            self._pieces, self._size = [], 0
            self._write(data)


class Copied:
    """Writes the members in ``folder`` to *outlet* as a tar. ``seen`` are all entries of the
    archive, by the names that it has for them. *room* is in bytes of data."""

    sums = True

    def __init__(self, outlet: Outlet, room: int | None = None) -> None:
        self.seen: list[Entry] = []
        self.folder = ""
        self.gives = outlet.is_open
        self._outlet, self._room = outlet, room
        self._needed = 0
        self._entries: dict[str, Entry] = {}

    def take(self, member: Member, feed: Feed, *, hash_all: bool) -> None:
        """Take *member* and its data; *hash_all* also if it is not in ``folder``. Raises TooBig."""
        named = member.name, member.target
        wanted = layout.is_below(member, self.folder)
        if not (wanted or hash_all):
            for _ in feed.spans(member.stored):
                pass
            return
        give = self.open(member) if wanted else None
        sha256 = digest(feed, member, give) if member.kind == "file" else ""
        if wanted:
            self._outlet.add(bytes(padding(member.stored)))
            self._entries[member.name] = member.entry(sha256)
        if hash_all:
            member.name, member.target = named
            self.seen.append(member.entry(sha256))

    def open(self, member: Member) -> Callable[[memoryview], object] | None:
        """Write the member's header, if it may be written; where its data is to go."""
        check_reserved(member.name)
        self._needed += member.stored
        if self._room is not None and self._needed > self._room:
            raise TooBig(self._needed, self._room)
        if not self._outlet.is_open:
            return None
        self._outlet.add(headers.canonical(member))
        return self._outlet.add

    def end(
        self, description: Description | None, changed: Iterable[str], skipped: Iterable[str]
    ) -> Manifest:
        """The archive is verified: write the end, and say what there is. Raises NoSuchEntry."""
        if self.folder and not self._entries:
            raise NoSuchEntry(self.folder)
        self._close()
        entries = tuple(self._entries.values())
        return Manifest(entries, description, tuple(changed), tuple(skipped))

    def _close(self) -> None:
        self._outlet.add(headers.END)
        self._outlet.flush()


class Known(Copied):
    """The same, of an archive that was read to its end a moment before, with *manifest* in it:
    nothing is summed, and what was written must be compared with that."""

    sums = False

    def __init__(self, outlet: Outlet, room: int | None, manifest: Manifest) -> None:
        super().__init__(outlet, room)
        self._manifest = manifest

    def take(self, member: Member, feed: Feed, *, hash_all: bool) -> None:
        """Take *member* and its data. Raises TooBig."""
        give = self.open(member) if layout.is_below(member, self.folder) else None
        for span in feed.spans(member.stored):
            if give is not None:
                give(span)
        if give is not None:
            self._outlet.add(bytes(padding(member.stored)))

    def end(
        self, description: Description | None, changed: Iterable[str], skipped: Iterable[str]
    ) -> Manifest:
        """Write the end; what there was the time before."""
        self._close()
        return self._manifest
