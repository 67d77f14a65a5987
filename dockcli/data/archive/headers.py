"""The headers of tar members: read strictly, and written anew."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from dockcli.data.archive.errors import DamagedArchive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dockcli.data.archive.member import Member

BLOCK = 512
ZEROS = bytes(BLOCK)
END = ZEROS * 2

_MTIME = re.compile(rb"(-?)([0-9]{1,18})(?:\.([0-9]{0,30}))?")
_TYPES = {
    "file": b"0",
    "hardlink": b"1",
    "symlink": b"2",
    "char": b"3",
    "block": b"4",
    "folder": b"5",
    "fifo": b"6",
}


def padding(size: int) -> int:
    """How many bytes follow *size* of data, up to the next header."""
    return -size % BLOCK


def text(raw: bytes) -> str:
    """A name, with bytes that are no UTF-8 as surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def raw(name: str) -> bytes:
    """The bytes of a name."""
    return name.encode("utf-8", "surrogateescape")


def until_nul(field: bytes) -> bytes:
    """What a field of a header holds: up to its first NUL, or all."""
    return field.partition(b"\0")[0]


def number(field: bytes, what: str) -> int:
    """A number of a header: octal digits, or in base 256. Raises DamagedArchive."""
    if field[0] in (0x80, 0xFF):
        return int.from_bytes(field[1:], "big", signed=field[0] == 0xFF)
    digits = until_nul(field).strip(b" ")
    try:
        return int(digits, 8) if digits.isdigit() else _empty(digits)
    except ValueError:
        raise DamagedArchive(f"the {what} of a header is no number: {field!r}") from None


def _empty(digits: bytes) -> int:
    if digits:
        raise ValueError
    return 0


def check(block: bytes) -> None:
    """Raises DamagedArchive unless *block* is a header whose checksum is right."""
    said = number(block[148:156], "checksum")
    if _sum(block) + 8 * 32 - sum(block[148:156]) == said:
        return
    signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:])
    if signed + 8 * 32 != said:  # some very old tars added them up so
        raise DamagedArchive("a header's checksum is wrong")


def _sum(block: bytes) -> int:
    # The lower half of an Adler checksum is 1 + the sum modulo 65521, which the bytes of half a
    # block never reach: ten times as fast as `sum`.
    halves = zlib.adler32(block[:256]) & 0xFFFF, zlib.adler32(block[256:]) & 0xFFFF
    return halves[0] + halves[1] - 2


def name_of(block: bytes) -> bytes:
    """The name in a header, with its prefix where the header's format has one."""
    name = until_nul(block[:100])
    if block[257:265] == b"ustar\x0000" and block[345]:
        end = 476 if block[508:512] == b"tar\0" else 500  # star has its times behind a shorter one
        return until_nul(block[345:end]) + b"/" + name
    return name


def pax_records(data: bytes) -> list[tuple[bytes, bytes]]:
    """The records of a pax header, in order. Raises DamagedArchive."""
    records, at = [], 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        digits = data[at : max(space, at)]
        end = at + int(digits) if digits.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not (at < space < end <= len(data)) or not key or not equals or data[end - 1] != 0x0A:
            raise DamagedArchive("a pax header is not made of records")
        records.append((key, value))
        at = end
    return records


def mtime_ns(value: bytes) -> int:
    """A time of a pax header, in nanoseconds since 1970. Raises DamagedArchive."""
    match = _MTIME.fullmatch(value)
    if match is None:
        raise DamagedArchive(f"a time is none: {value[:60]!r}")
    sign, seconds, part = match.groups()
    found = int(seconds) * 10**9 + int((part or b"")[:9].ljust(9, b"0"))
    return -found if sign else found


def whole(value: bytes, what: str) -> int:
    """A number of a pax header. Raises DamagedArchive."""
    if not value.isdigit() or len(value) > 20:
        raise DamagedArchive(f"the {what} of a pax header is no number: {value[:60]!r}")
    return int(value)


def pax_header(records: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A pax header with *records*, for the member behind it."""
    body = b"".join(_record(key, value) for key, value in records)
    head = block(b"./PaxHeaders/x", b"x", size=len(body), mode=0o644)
    return head + body + bytes(padding(len(body)))


def _record(key: bytes, value: bytes) -> bytes:
    bare = len(key) + len(value) + 3  # a space, the equals sign, the end of the line
    length = bare + len(str(bare))
    length = bare + len(str(length))
    return b"%d %b=%b\n" % (length, key, value)


def block(
    name: bytes,
    type: bytes,
    *,
    size: int = 0,
    mode: int = 0,
    uid: int = 0,
    gid: int = 0,
    seconds: int = 0,
    link: bytes = b"",
    device: tuple[int, int] = (0, 0),
) -> bytes:
    """A header of a member. Texts are cut, so that whoever has longer ones says them in pax."""
    made = b"".join(
        (
            name[:100].ljust(100, b"\0"),
            _octal(mode, 8),
            _octal(uid, 8),
            _octal(gid, 8),
            _octal(size, 12),
            _octal(seconds, 12),
            b" " * 8,
            type,
            link[:100].ljust(100, b"\0"),
            b"ustar\x0000".ljust(72, b"\0"),
            _octal(device[0], 8),
            _octal(device[1], 8),
            bytes(167),
        )
    )
    return b"%b%06o\0 %b" % (made[:148], _sum(made), made[156:])


def _octal(value: int, width: int) -> bytes:
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    return bytes([0xFF if value < 0 else 0x80]) + value.to_bytes(width - 1, "big", signed=value < 0)


def canonical(member: Member) -> bytes:
    """All headers of *member*, made of nothing but its values, and its map if it has holes."""
    name = raw(f"./{member.name}" if member.name else "./")
    link = raw(f"./{member.target}" if member.kind == "hardlink" else member.target)
    records = list(_xattrs(member.xattrs))
    seconds, part = divmod(member.mtime, 10**9)
    if part or seconds < 0:
        records.append((b"mtime", _time(member.mtime)))
    if len(link) > 100:
        records.append((b"linkpath", link))
    size, table, shown = member.stored, b"", name
    if member.segments is not None:
        table = sparse_map(member.segments)
        size += len(table)
        shown = b"./GNUSparseFile.0/x"
        records += [
            (b"GNU.sparse.major", b"1"),
            (b"GNU.sparse.minor", b"0"),
            (b"GNU.sparse.name", name),
            (b"GNU.sparse.realsize", b"%d" % member.size),
        ]
    elif len(name) > 100:
        records.append((b"path", name))
    head = block(
        shown,
        _TYPES[member.kind],
        size=size,
        mode=member.mode,
        uid=member.uid,
        gid=member.gid,
        seconds=max(seconds, 0),
        link=link,
        device=member.device or (0, 0),
    )
    return (pax_header(records) if records else b"") + head + table


def sparse_map(segments: Iterable[tuple[int, int]]) -> bytes:
    """Where data is in a file with holes, as it stands before that data (GNU.sparse 1.0)."""
    numbers = [number for segment in segments for number in segment]
    lines = b"".join(b"%d\n" % number for number in (len(numbers) // 2, *numbers))
    return lines + bytes(padding(len(lines)))


def _xattrs(xattrs: Mapping[str, bytes]) -> Iterable[tuple[bytes, bytes]]:
    for name, value in xattrs.items():
        if name.startswith("SCHILY.acl."):
            yield raw(name), value
        else:
            yield b"SCHILY.xattr." + raw(name).replace(b"%", b"%25").replace(b"=", b"%3D"), value


def _time(nanoseconds: int) -> bytes:
    seconds, part = divmod(abs(nanoseconds), 10**9)
    return b"%s%d.%09d" % (b"-" if nanoseconds < 0 else b"", seconds, part)
