"""How an archive is packed: gzip and zstd in frames, of which the last one has but one spelling.

All before the last frame is counted and summed up in it (`Packed`), and it is written so plainly
that a reader can make it anew, byte by byte. So a changed bit is found also where it changes
nothing that is unpacked.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypeAlias

from dockcli.data.archive.errors import UnknownSuffix
from dockcli.data.archive.feed import CHUNK

Put: TypeAlias = Callable[[bytes], object]

_GZIP_HEADER = bytes.fromhex("1f8b08000000000000ff")  # no name, no time: equal data, equal bytes
_ZSTD_MAGIC = bytes.fromhex("28b52ffd")
_PLAIN_FRAME = 0x60  # one segment, its size in two bytes, no checksum
_SUFFIXES = {
    ".tar": "none",
    ".tar.gz": "gz",
    ".tgz": "gz",
    ".tar.zst": "zst",
    ".tzst": "zst",
}
_CIPHERS = ("age", "gpg")


class Packed(NamedTuple):
    """What was packed before the last frame: its bytes, and their CRC-32."""

    bytes: int
    crc32: int


def compression_of(name: str) -> tuple[str, str]:
    """How the archive *name* is packed and encrypted, by its suffix: ``"zst"``, ``"gz"`` or
    ``"none"``, and ``"age"``, ``"gpg"`` or ``""``. Raises UnknownSuffix."""
    stem, cipher = name.lower(), ""
    if stem.endswith(tuple(f".{one}" for one in _CIPHERS)):
        stem, _, cipher = stem.rpartition(".")
    for suffix, compression in _SUFFIXES.items():
        if stem.endswith(suffix):
            return compression, cipher
    known = ", ".join(_SUFFIXES)
    raise UnknownSuffix(f"{name!r} ends in none of {known}, with .age or .gpg behind it or not")


class Packer(Protocol):
    """Packs what it is given. ``end`` packs all that is left and tells how much that was, for
    ``last`` to write the last frame with; ``stop`` gives up."""

    def feed(self, data: memoryview) -> None: ...
    def end(self) -> Packed | None: ...
    def last(self, data: bytes) -> None: ...
    def stop(self) -> None: ...


def packer(compression: str, put: Put, level: int | None = None) -> Packer:
    """What packs in that way and gives the bytes to *put*; gzip by pigz, where that is there, which
    is faster. zstd's own program is not. Raises UnknownSuffix."""
    kinds: dict[str, Callable[[Put, int | None], Packer]] = {"none": Plain, "gz": Gzip, "zst": Zstd}
    if compression not in kinds:
        raise UnknownSuffix(f"compression={compression!r} is none of {', '.join(kinds)}")
    if compression == "gz":
        from dockcli.data.archive import pigz

        if (path := pigz.there()) is not None:
            return pigz.Pigz(put, path, level)
    return kinds[compression](put, level)


def last_frame(compression: str, data: bytes) -> bytes:
    """The only spelling of the last frame. *data* is shorter than 64 KiB."""
    if compression == "gz":
        size = len(data)
        stored = b"\x01" + struct.pack("<HH", size, size ^ 0xFFFF) + data
        return _GZIP_HEADER + stored + struct.pack("<II", zlib.crc32(data), size)
    if compression == "zst":
        size = len(data)
        header = struct.pack("<BH", _PLAIN_FRAME, size - 256)
        return _ZSTD_MAGIC + header + (size << 3 | 1).to_bytes(3, "little") + data
    return data


class Plain:
    """Passes all through."""

    def __init__(self, put: Put, level: int | None = None) -> None:
        self._put = put

    def feed(self, data: memoryview) -> None:
        self._put(bytes(data))

    def end(self) -> Packed | None:
        return None

    def last(self, data: bytes) -> None:
        self._put(data)

    def stop(self) -> None:
        pass


class Frames:
    """Counts what is packed, and writes the last frame."""

    compression = ""

    def __init__(self, put: Put) -> None:
        self._out = put
        self._bytes = self._crc = 0

    def _put(self, data: bytes) -> None:
        self._bytes += len(data)
        self._crc = zlib.crc32(data, self._crc)
        self._out(data)

    def last(self, data: bytes) -> None:
        self._out(last_frame(self.compression, data))

    def _packed(self) -> Packed:
        return Packed(self._bytes, self._crc)


class Gzip(Frames):
    """gzip, a member for each MiB, on all cores: any gzip reads the members one after the other."""

    compression = "gz"

    def __init__(self, put: Put, level: int | None = None) -> None:
        super().__init__(put)
        self._level = 6 if level is None else level
        cores = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(cores, thread_name_prefix="dockcli-gzip")
        self._waiting: deque[Future[bytes]] = deque()
        self._most = 2 * cores
        self._pieces: list[memoryview] = []
        self._size = 0

    def feed(self, data: memoryview) -> None:
        while len(data):
            part = data[: CHUNK - self._size]
            data = data[len(part) :]
            self._pieces.append(part)
            self._size += len(part)
            if self._size == CHUNK:
                self._hand_out()

    def _hand_out(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        self._waiting.append(self._pool.submit(gzip_member, pieces, self._level))
        while len(self._waiting) > self._most:
            self._put(self._waiting.popleft().result())

    def end(self) -> Packed:
        if self._pieces:
            self._hand_out()
        while self._waiting:
            self._put(self._waiting.popleft().result())
        self._pool.shutdown()
        return self._packed()

    def stop(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def gzip_member(pieces: list[memoryview], level: int) -> bytes:
    """One member of a gzip file that holds *pieces*."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    crc = size = 0
    packed = [_GZIP_HEADER]
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        packed.append(deflate.compress(piece))
    packed += (deflate.flush(), struct.pack("<II", crc, size))
    return b"".join(packed)


_JOB = 1 << 20  # bytes that a core takes at once; by default so many that 180 MiB are kept


class Zstd(Frames):
    """zstd, one frame and the last one, on all cores."""

    compression = "zst"

    def __init__(self, put: Put, level: int | None = None) -> None:
        super().__init__(put)
        import zstandard

        how = zstandard.ZstdCompressionParameters.from_level(
            3 if level is None else level, threads=-1, job_size=_JOB, write_checksum=1
        )
        self._frame: Any = zstandard.ZstdCompressor(compression_params=how).compressobj()

    def feed(self, data: memoryview) -> None:
        if packed := self._frame.compress(data):
            self._put(packed)

    def end(self) -> Packed:
        if packed := self._frame.flush():
            self._put(packed)
        return self._packed()

    def stop(self) -> None:
        self._frame = None
