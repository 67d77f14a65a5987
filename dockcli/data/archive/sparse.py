"""Files with holes: where their data is, in each of the four ways that tars say it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockcli.data.archive.errors import DamagedArchive, HostileArchive
from dockcli.data.archive.feed import Feed
from dockcli.data.archive.headers import BLOCK, number, whole
from dockcli.data.archive.member import Segments

LARGEST_HOLES = 1 << 40  # bytes: reading more than these as zeros would take an hour
_MOST = 1 << 20  # pieces of data in one file

_LINE = re.compile(rb"([0-9]{1,20})\n")


def checked(name: str, segments: Segments, size: int, stored: int) -> Segments:
    """*segments*, seen to be in order, within *size*, and *stored* bytes in all.

    Raises DamagedArchive, and HostileArchive where the holes are beyond all reason.
    """
    at = total = 0
    for offset, length in segments:
        if offset < at or length < 0:
            raise DamagedArchive(f"the map of {name!r} is in no order")
        at = offset + length
        total += length
    if at > size or total != stored:
        raise DamagedArchive(f"the map of {name!r} does not fit the file")
    if size - stored > LARGEST_HOLES:
        raise HostileArchive(name, f"has {size - stored} bytes of holes, more than any file should")
    return segments


def pairs(numbers: Sequence[int]) -> Segments:
    """Offsets and lengths, one after the other, as pairs. Raises DamagedArchive."""
    if len(numbers) % 2 or len(numbers) > 2 * _MOST:
        raise DamagedArchive("the map of a file with holes has an odd end, or none")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def in_header(block: bytes, feed: Feed) -> tuple[int, Segments]:
    """Size and data of a file of old GNU tar's type S, whose map goes on in blocks of its own."""
    size = number(block[483:495], "size")
    numbers = _slots(block[386:482])
    more = block[482]
    while more:
        block = feed.take(BLOCK)
        if len(block) < BLOCK:
            raise DamagedArchive("the archive is cut off in a file with holes")
        numbers += _slots(block[:504])
        more = block[504]
        if len(numbers) > 2 * _MOST:
            break
    return size, pairs(numbers)


def _slots(area: bytes) -> list[int]:
    """The numbers in *area*: 24 bytes for each piece of data, up to the first unused ones."""
    numbers: list[int] = []
    for at in range(0, len(area), 24):
        if not area[at + 12]:
            break
        numbers += (number(area[at : at + 12], "map"), number(area[at + 12 : at + 24], "map"))
    return numbers


def in_pax(records: Sequence[tuple[bytes, bytes]]) -> Segments:
    """The data of a file by the records of GNU.sparse 0.0 or 0.1."""
    numbers: list[int] = []
    for key, value in records:
        if key == b"GNU.sparse.map":
            numbers = [whole(one, "map") for one in value.split(b",")] if value else []
        elif key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            if (key == b"GNU.sparse.offset") != (len(numbers) % 2 == 0):
                raise DamagedArchive("the map of a file with holes is in no order")
            numbers.append(whole(value, "map"))
    return pairs(numbers)


def before_data(feed: Feed, stored: int) -> tuple[int, Segments]:
    """How long the map is that stands before a file's data (GNU.sparse 1.0), and the map."""
    numbers: list[int] = []
    wanted, taken, text = 1, 0, b""
    while len(numbers) < wanted:
        match = _LINE.match(text)
        if match is None:
            if len(text) > 21 or taken >= stored:
                raise DamagedArchive("the map of a file with holes cannot be read")
            text += feed.take(BLOCK)
            taken += BLOCK
            continue
        text = text[match.end() :]
        numbers.append(int(match[1]))
        if len(numbers) == 1:
            wanted = 1 + 2 * numbers[0]
            if wanted > 2 * _MOST:
                raise DamagedArchive("the map of a file with holes is too long")
    return taken, pairs(numbers[1:])
