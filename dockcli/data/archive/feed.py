"""A stream of bytes taken piece by piece, with every byte that passes told to a sink."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from dockcli.data.archive.errors import DamagedArchive
from dockcli.errors import InvalidArgument

CHUNK = 1 << 20
Sink: TypeAlias = "Callable[[memoryview], object]"


def reader(stream: Any) -> Callable[[int], bytes]:
    """``read(n)`` of *stream*, which has that or ``readinto``. Raises InvalidArgument."""
    if hasattr(stream, "read"):
        read: Callable[[int], bytes] = stream.read
        return read
    if not hasattr(stream, "readinto"):
        raise InvalidArgument(f"an archive is read from a path or a binary file, not {stream!r}")

    def read_into(size: int) -> bytes:
        room = bytearray(size)
        return bytes(memoryview(room)[: stream.readinto(room) or 0])

    return read_into


class Feed:
    """Gives the bytes of a stream; ``told`` of them, all that were taken, have gone to the sink.

    They go there late, a chunk at a time, so that the end of what is told can still be chosen:
    `tell` with the number of bytes at the end of those taken that are not to go.
    """

    def __init__(self, stream: Any, sink: Sink | None = None) -> None:
        self._read = reader(stream)
        self._sink = sink
        self._chunk = memoryview(b"")
        self._at = self._told = 0
        self._before = 0  # bytes that came before this chunk

    @property
    def place(self) -> int:
        """How many bytes have been taken."""
        return self._before + self._at

    def take(self, size: int) -> bytes:
        """The next *size* bytes; fewer only at the stream's end."""
        end = self._at + size
        if end > len(self._chunk):
            self._fill(size)
            end = min(self._at + size, len(self._chunk))
        piece = bytes(self._chunk[self._at : end])
        self._at = end
        return piece

    def spans(self, size: int) -> Iterator[memoryview]:
        """The next *size* bytes, uncopied. Raises DamagedArchive if there are not as many."""
        while size:
            if self._at == len(self._chunk):
                self._fill(1)
                if self._at == len(self._chunk):
                    raise DamagedArchive(f"the archive is cut off in a file: {size} bytes lack")
            span = self._chunk[self._at : self._at + size]
            self._at += len(span)
            size -= len(span)
            yield span

    def rest(self) -> Iterator[memoryview]:
        """All that is left."""
        while True:
            if self._at == len(self._chunk):
                self._fill(1)
            span = self._chunk[self._at :]
            if not span:
                return
            self._at += len(span)
            yield span

    def tell(self, but: int = 0) -> None:
        """Tell the sink what was taken and not told yet, without the last *but* bytes."""
        end = self._at - but
        if self._sink is not None and end > self._told:
            self._sink(self._chunk[self._told : end])
        self._told = max(end, self._told)

    def turn(self, sink: Sink | None) -> None:
        """What was taken and not told yet, and all that comes, is told to *sink* instead."""
        self._sink = sink

    def _fill(self, size: int) -> None:
        """Have *size* bytes in the chunk, from where it is taken on, or as many as there are."""
        self.tell()
        pieces = [bytes(self._chunk[self._at :])]
        self._before += self._at
        self._at = self._told = 0
        have = len(pieces[0])
        while have < size:
            piece = self._read(max(CHUNK, size - have))
            if not piece:
                break
            if not isinstance(piece, (bytes, bytearray, memoryview)):
                raise InvalidArgument(f"an archive is read as bytes, not as {piece!r:.40}")
            pieces.append(bytes(piece))
            have += len(piece)
        whole = pieces[1] if len(pieces) == 2 and not pieces[0] else b"".join(pieces)
        self._chunk = memoryview(whole)
