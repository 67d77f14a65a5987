"""The bytes that a call writes, as something that async code reads from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli.aio.drive import Drive
from dockcli.aio.lasting import Lasting
from dockcli.bytestream import ByteStream

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from typing_extensions import Self

    from dockcli.bytestream import _Pipe
    from dockcli.call import Call

_MANY = 4  # chunks that may wait to be taken


class AsyncByteStream(Lasting[ByteStream]):
    """What a call writes to its stdout: ``await s.read(n)``, or ``async for chunk in s``.

    The end is the success of the call: when docker fails, or the program of an `exec`, the read
    that would find the end raises instead (unless ``check=False``). It is started, and ended, as an
    `AsyncStream` is.
    """

    def __init__(self, call: Call[Any], begin: Callable[[], ByteStream]) -> None:
        super().__init__(call, Drive(begin, _source, _queue, _MANY), _source)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._chunk()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def read(self, size: int = -1) -> bytes:
        """The next *size* bytes, fewer only at the end; all that is left without a size."""
        chunks: list[bytes] = []
        left = float("inf") if size < 0 else size
        try:
            while left > 0 and (chunk := await self._chunk()):
                if len(chunk) > left:
                    self._drive.queue.appendleft(chunk[int(left) :])
                    chunk = chunk[: int(left)]
                chunks.append(chunk)
                left -= len(chunk)
        except BaseException:
            chunks, chunk = [], b""  # a traceback with local variables would show the output
            raise
        return b"".join(chunks)

    async def file(self) -> ByteStream:
        """The same, started, as the ``stdin=`` of another call or process, whose pipe goes there
        without a byte passing through Python. Here it can be read no more."""
        await self._started()
        stream = self._drive.release()
        await self._over()
        return stream

    async def _chunk(self) -> bytes:
        if not self._drive.queue and not await self._more():
            return b""
        chunk: bytes = self._drive.queue.popleft()
        return chunk


def _source(stream: ByteStream) -> _Pipe:
    return stream._pipe


def _queue(stream: ByteStream) -> deque[Any]:
    return stream._pipe._chunks
