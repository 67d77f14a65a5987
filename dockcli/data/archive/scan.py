"""The members of a tar, one after the other, out of a stream that is read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from dockcli.data.archive import headers, sparse
from dockcli.data.archive.errors import DamagedArchive
from dockcli.data.archive.extended import Extended
from dockcli.data.archive.feed import CHUNK, Feed, Sink
from dockcli.data.archive.headers import BLOCK, ZEROS, raw
from dockcli.data.archive.member import Member, Segments
from dockcli.data.archive.vet import OURS, Vet
from dockcli.data.entry import Entry, Kind

_KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"S": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "char",
    b"4": "block",
    b"5": "folder",
    b"6": "fifo",
}
_UNREADABLE = {
    b"M": "is the rest of a file that another archive begins",
    b"N": "is in an old format of long names",
    b"D": "is of an incremental archive: restore that with the tool that made it",
}
_OURS = raw(OURS)
_NO_HOLES = bytes(CHUNK)


def scan(stream: Any, sink: Sink | None = None, *, trusted: bool) -> Iterator[Entry]:
    """The members of the plain tar *stream*, each once its data has passed, with its ``sha256``.

    *stream* has ``read(n)`` or ``readinto``. *sink* is given the bytes that pass, without the
    archive's end, in pieces of up to 1 MiB. *trusted*: devices and setuid programs are in order.
    Raises DamagedArchive and HostileArchive.
    """
    feed, vet = Feed(stream, sink), Vet(trust=trusted, ours=trusted)
    for member in members(feed):
        vet.admit(member)
        yield member.entry(digest(feed, member) if member.kind == "file" else "")
    to_the_end(feed)


def members(feed: Feed) -> Iterator[Member]:
    """The members that *feed* gives, each before its data: the next one may be asked for once that
    was taken. Ends behind the first block of zeros, which the sink is not told of.

    Raises DamagedArchive for what is no tar, or cut off.
    """
    while True:
        extended = Extended()
        while True:
            block = feed.take(BLOCK)
            if block == ZEROS and not extended:
                feed.tell(BLOCK)
                feed.turn(None)
                return
            _check(block, feed.place - len(block))
            type, size = block[156:157], headers.number(block[124:136], "size")
            if type not in b"xgLK":
                break
            extended.add(type, size, feed)
        if type == b"V" and not size:
            continue  # a label of the whole
        member = _member(block, type, extended, feed)
        after = feed.place + member.stored
        yield member
        if feed.place != after:
            raise AssertionError("a member's data was not taken")
        _skip(feed, headers.padding(member.stored))


def _check(block: bytes, place: int) -> None:
    if len(block) == BLOCK and block != ZEROS:
        try:
            headers.check(block)
        except DamagedArchive:
            if place:
                raise DamagedArchive(
                    f"the archive is damaged before byte {place + BLOCK}"
                ) from None
            raise DamagedArchive("this is no tar archive") from None
    elif not place:
        raise DamagedArchive("the archive is empty" if not block else "this is no tar archive")
    else:
        raise DamagedArchive(f"the archive is cut off at byte {place + len(block)}")


def _skip(feed: Feed, size: int) -> None:
    if size and len(feed.take(size)) < size:
        raise DamagedArchive("the archive is cut off behind a file")


def _member(block: bytes, type: bytes, extended: Extended, feed: Feed) -> Member:
    known = extended.values
    path = known.get(b"GNU.sparse.name") or known.get(b"path") or headers.name_of(block)
    link = known.get(b"linkpath") or headers.until_nul(block[157:257])
    kind = _KINDS.get(type)
    if kind is None:
        why = _UNREADABLE.get(type, f"is of a type that is not known: {type!r}")
        raise DamagedArchive(f"{headers.text(path)!r} {why}")
    if kind == "file" and type != b"S" and path.endswith(b"/"):
        kind = "folder"  # as tars before 1988 had them
    size = _number(known, b"size", block[124:136])
    if size < 0 or (size and kind != "file"):
        raise DamagedArchive(f"{headers.text(path)!r} is a {kind} with data")
    member = Member(
        name=headers.text(path),
        kind=kind,
        mode=headers.number(block[100:108], "mode") & 0o7777,
        uid=_number(known, b"uid", block[108:116]),
        gid=_number(known, b"gid", block[116:124]),
        size=size,
        mtime=_mtime(known, block),
        target=headers.text(link) if kind in ("symlink", "hardlink") else "",
        device=_device(block) if kind in ("char", "block") else None,
        stored=size,
        ours=path.startswith(_OURS),
        xattrs=extended.xattrs() if extended.records else {},
    )
    _holes(member, block, type, extended, feed)
    return member


def _number(known: dict[bytes, bytes], key: bytes, field: bytes) -> int:
    if key in known:
        return headers.whole(known[key], key.decode())
    value = headers.number(field, key.decode())
    if value < 0:
        raise DamagedArchive(f"the {key.decode()} of a header is negative")
    return value


def _mtime(known: dict[bytes, bytes], block: bytes) -> int:
    if b"mtime" in known:
        return headers.mtime_ns(known[b"mtime"])
    seconds = headers.number(block[136:148], "time")
    if abs(seconds) >= 1 << 62:
        raise DamagedArchive("a time is none")
    return seconds * 10**9


def _device(block: bytes) -> tuple[int, int]:
    return headers.number(block[329:337], "device"), headers.number(block[337:345], "device")


def _holes(member: Member, block: bytes, type: bytes, extended: Extended, feed: Feed) -> None:
    """Read where the data of a file with holes is, and leave *feed* where the data begins."""
    known = extended.values
    segments: Segments
    if type == b"S":
        member.size, segments = sparse.in_header(block, feed)
    elif known.get(b"GNU.sparse.major") == b"1":
        member.size = headers.whole(known.get(b"GNU.sparse.realsize", b""), "size")
        taken, segments = sparse.before_data(feed, member.stored)
        member.stored -= taken
    elif b"GNU.sparse.size" in known:
        member.size = headers.whole(known[b"GNU.sparse.size"], "size")
        segments = sparse.in_pax(extended.records)
    elif any(key.startswith((b"GNU.sparse.", b"SCHILY.realsize")) for key in known):
        raise DamagedArchive(f"{member.name!r} has holes in a way that is not known")
    else:
        return
    if member.kind != "file":
        raise DamagedArchive(f"{member.name!r} is a {member.kind} with holes")
    member.segments = sparse.checked(member.name, segments, member.size, member.stored)


def digest(feed: Feed, member: Member, give: Callable[[memoryview], object] | None = None) -> str:
    """Take the data of the file *member*, giving it on as it is stored; its SHA-256, in hex, with
    the holes read as zeros."""
    sha = hashlib.sha256()
    at = 0
    for offset, length in member.segments or ((0, member.stored),):
        _hash_hole(sha, offset - at)
        for span in feed.spans(length):
            sha.update(span)
            if give is not None:
                give(span)
        at = offset + length
    _hash_hole(sha, member.size - at)
    return sha.hexdigest()


def _hash_hole(sha: Any, size: int) -> None:
    while size > 0:
        sha.update(memoryview(_NO_HOLES)[:size])
        size -= CHUNK


def to_the_end(feed: Feed) -> None:
    """See that nothing but zeros follows. Raises DamagedArchive."""
    for span in feed.rest():
        if span != memoryview(_NO_HOLES)[: len(span)]:
            raise DamagedArchive("something follows behind the archive's end")
