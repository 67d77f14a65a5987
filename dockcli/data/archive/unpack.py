"""Unpacking: what an archive is packed with is known by its first bytes, not by its name."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from dockcli.data.archive.codec import Packed, last_frame
from dockcli.data.archive.errors import DamagedArchive
from dockcli.data.archive.feed import CHUNK, Feed

_MAGICS = {
    b"\x1f\x8b\x08": "gz",
    b"\x28\xb5\x2f\xfd": "zst",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}
_MOST_MEMORY = 256 << 20  # bytes that an xz archive may ask for
_WINDOW = 128 << 20  # and a zstd one
_BROKEN = (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError)
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_MAGIC_NUMBER = 0xFD2FB528


class Unpacked:
    """The plain bytes of an archive: ``read(n)`` as a file has it, and ``n`` is but a wish.

    ``compression`` is ``"none"``, ``"gz"``, ``"zst"``, ``"bz2"`` or ``"xz"``.
    """

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._source = read
        self._told: Callable[[int], object] | None = None
        self._bytes = self._crc = 0
        self._head = b""
        while len(self._head) < 6 and (piece := read(CHUNK)):
            self._head += piece
        self.head = self._head[:6]
        self.compression = next(
            (name for magic, name in _MAGICS.items() if self._head.startswith(magic)), "none"
        )
        self._pieces = None if self.compression == "none" else self._unpack()

    def tell(self, told: Callable[[int], object] | None) -> None:
        """Tell *told* how many packed bytes are read, each time, beginning with those that were."""
        self._told = told
        if told is not None and self._bytes:
            told(self._bytes)

    def read(self, size: int) -> bytes:
        if self._pieces is None:
            return self._packed(size)
        return next(self._pieces, b"")

    def check_sealed(self, packed: Packed | None, last: bytes) -> None:
        """Raises DamagedArchive unless all that was read is *packed*, and the one frame that holds
        *last*."""
        if self.compression == "none":
            return
        if packed is None:
            raise DamagedArchive("the archive was packed anew by another program")
        frame = last_frame(self.compression, last)
        if self._bytes != packed.bytes + len(frame):
            raise DamagedArchive("the packed archive is longer or shorter than it was written")
        if self._crc != zlib.crc32(frame, packed.crc32):
            raise DamagedArchive("the packed archive was changed")

    def _packed(self, size: int = 1 << 16) -> bytes:
        data, self._head = self._head or self._source(size), b""
        if not data:
            return b""
        self._bytes += len(data)
        if self.compression != "none":
            self._crc = zlib.crc32(data, self._crc)
        if self._told is not None:
            self._told(len(data))
        return data

    def _unpack(self) -> Iterator[bytes]:
        if self.compression == "zst":
            return _zstd_frames(Feed(_Source(self._packed)))
        return _streams(_DECOMPRESSORS[self.compression], self._packed)


class _Source(NamedTuple):
    read: Callable[[int], bytes]


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gz": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS),
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY),
}


def _streams(decompressor: Callable[[], Any], packed: Callable[[], bytes]) -> Iterator[bytes]:
    """Unpack what consists of whole streams, one behind the other, with zeros between or not."""
    data = packed()
    while data:
        one, more = decompressor(), False
        while not one.eof:
            if not data and not more:
                data = packed()
                if not data:
                    raise DamagedArchive("the packed archive is cut off")
            piece = _tried(one, data)
            data = getattr(one, "unconsumed_tail", b"")
            more = len(piece) == CHUNK  # it may keep some back
            if piece:
                yield piece
        data = one.unused_data.lstrip(b"\0")
        while not data and (data := packed()):
            data = data.lstrip(b"\0")


def _tried(one: Any, data: bytes) -> bytes:
    try:
        piece: bytes = one.decompress(data, CHUNK)
    except _BROKEN as error:
        raise DamagedArchive(f"the packed archive is damaged: {error}") from None
    return piece


def _zstd_frames(feed: Feed) -> Iterator[bytes]:
    """Unpack zstd frames, block by block: none can become more than 128 KiB, and where a frame ends
    too early is seen, which the library does not tell."""
    while head := feed.take(4):
        magic = int.from_bytes(head, "little")
        if magic in _SKIPPABLE:
            for _ in feed.spans(int.from_bytes(_whole(feed, 4), "little")):
                pass
        elif magic == _MAGIC_NUMBER:
            yield from _zstd_frame(head, feed)
        elif any(head) or any(any(span) for span in feed.rest()):
            raise DamagedArchive("something follows behind the packed archive")


def _zstd_frame(magic: bytes, feed: Feed) -> Iterator[bytes]:
    import zstandard

    descriptor = _whole(feed, 1)
    flags = descriptor[0]
    single = flags >> 5 & 1
    fields = 1 - single + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
    frame = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    block, last = magic + descriptor + _whole(feed, fields), False
    try:
        while True:
            if piece := frame.decompress(block):
                yield piece
            if last:
                break
            head = _whole(feed, 3)
            value = int.from_bytes(head, "little")
            last = bool(value & 1)
            stored = 1 if value >> 1 & 3 == 1 else value >> 3
            block = head + _whole(feed, stored + (4 if last and flags & 4 else 0))
    except zstandard.ZstdError as error:
        raise DamagedArchive(f"the packed archive is damaged: {error}") from None


def _whole(feed: Feed, size: int) -> bytes:
    data = feed.take(size)
    if len(data) < size:
        raise DamagedArchive("the packed archive is cut off")
    return data
