"""Headers that speak of the member behind them: pax, and the long names of GNU tar."""

from __future__ import annotations

from dockcli.data.archive import headers
from dockcli.data.archive.errors import DamagedArchive, HostileArchive
from dockcli.data.archive.feed import Feed

_LONGEST = {b"x": 16 << 20, b"g": 1 << 20, b"L": 1 << 16, b"K": 1 << 16}
_MEANS_MORE = (b"GNU.", b"SCHILY.", b"LIBARCHIVE.", b"RHT.")
_HARMLESS = {b"comment", b"atime", b"ctime", b"charset", b"uname", b"gname"}
_ENCODINGS = {b"BINARY", b"ISO-IR 10646 2000 UTF-8"}


class Extended:
    """What is known of the next member so far; ``records`` are those of its pax header."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.values: dict[bytes, bytes] = {}
        self._seen: set[bytes] = set()

    def __bool__(self) -> bool:
        return bool(self._seen)

    def add(self, type: bytes, size: int, feed: Feed) -> None:
        """Take the header's data. Raises DamagedArchive and HostileArchive."""
        if size > _LONGEST[type]:
            raise HostileArchive("././@LongLink", f"is a header of {size} bytes")
        data = feed.take(size + headers.padding(size))[:size]
        if len(data) < size:
            raise DamagedArchive("the archive is cut off in a header")
        if type == b"g":
            _check_global(headers.pax_records(data))
            return
        if type in self._seen:
            raise DamagedArchive("a member has two extended headers of one kind")
        self._seen.add(type)
        if type == b"x":
            self._take_pax(headers.pax_records(data))
        else:
            key = b"path" if type == b"L" else b"linkpath"
            self.values.setdefault(key, headers.until_nul(data))

    def _take_pax(self, records: list[tuple[bytes, bytes]]) -> None:
        self.records = records
        for key, value in records:
            if value or key.startswith(b"SCHILY.xattr."):
                self.values[key] = value
            if key in (b"path", b"linkpath", b"GNU.sparse.name") and b"\0" in value:
                raise HostileArchive(headers.text(value), "has a NUL in its name")
        if self.values.get(b"hdrcharset", b"BINARY") not in _ENCODINGS:
            raise DamagedArchive("the names of the archive are in an encoding of their own")

    def xattrs(self) -> dict[str, bytes]:
        """Extended attributes by name; access lists are among them, as SCHILY.acl.…."""
        found = {}
        for key, value in self.values.items():
            if key.startswith(b"SCHILY.xattr."):
                name = key[13:].replace(b"%3D", b"=").replace(b"%25", b"%")
                found[headers.text(name)] = value
            elif key in (b"SCHILY.acl.access", b"SCHILY.acl.default"):
                found[headers.text(key)] = value
        return found


def _check_global(records: list[tuple[bytes, bytes]]) -> None:
    for key, value in records:
        changes = key.islower() and key not in _HARMLESS and b"." not in key
        if key == b"hdrcharset" and value in _ENCODINGS:
            continue
        if changes or key.startswith(_MEANS_MORE):
            shown = headers.text(key[:60])
            raise HostileArchive("pax_global_header", f"would give all members one {shown}")
