"""The bytes that a call writes, as something to read from, or to hand to another process."""

from __future__ import annotations

import io
import signal
import threading
import weakref
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dockcli.completed import Completed
from dockcli.errors import InvalidArgument
from dockcli.pipes import WIDE
from dockcli.process import TICK, Late
from dockcli.sips import Sips
from dockcli.stream import Tail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockcli.call import Call
    from dockcli.execution import Errand
    from dockcli.meter import Tally

_FAREWELL = 5.0  # seconds for a process to end that has nobody to write to any more
_UNWANTED = (
    -signal.SIGPIPE,
    128 + signal.SIGPIPE,
)  # the exit codes of one that wrote on


class ByteStream(io.BufferedReader):
    """What a call writes to its stdout, to be read like a binary file.

    The end of the file is the success of the call: when docker fails, or the program of an `exec`,
    the read that would find the end raises instead (unless ``check=False``). Leaving it early, by
    ``with``, `close` or no longer referring to it, ends the process.

    As the ``stdin=`` of another call, or of any process, its pipe itself is handed over, so that
    nothing passes through Python; then it can be read no more.
    """

    def __init__(self, errand: Errand, tally: Tally | None = None) -> None:
        self.call: Call[Any] = errand.call
        self._pipe = _Pipe(errand, tally)
        super().__init__(self._pipe, WIDE)

    @property
    def returncode(self) -> int | None:
        """The exit code, None until the process has ended."""
        return self._pipe.returncode

    @property
    def handed_over(self) -> bool:
        """Whether another process has its pipe."""
        return self._pipe.drain is not None

    def settle(self, patience: float = _FAREWELL) -> None:
        """Wait for the end of a stream that another process has read; raises what it failed with.

        One that goes on for *patience* seconds although nobody reads it any more is ended. That its
        reader did not want the rest is the reader's right, and no failure.
        """
        self._pipe.settle(patience)

    def __repr__(self) -> str:
        return f"<ByteStream of {self.call}>"


class _Pipe(io.RawIOBase):
    """The child's stdout; its stderr is read beside it."""

    def __init__(self, errand: Errand, tally: Tally | None) -> None:
        self.returncode: int | None = None
        self.drain: threading.Thread | None = None
        self._errand, self._tally = errand, tally
        self._chunks: deque[bytes] = deque()
        self._begun = False
        self._over = False
        self._said = Tail()
        self._error: BaseException | None = None
        self._running = errand.start(self._chunks.append, self._said.add)
        self._end = weakref.finalize(self, errand.abandon, self._running)
        self._sips = Sips(self._running.pipes.widened(), WIDE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.drain is not None:
            raise io.UnsupportedOperation("another process reads this stream")
        self._begun = True
        # A view does not show its bytes, which a traceback with local variables would.
        buffer = memoryview(buffer).cast("B")
        while not self._chunks:
            if self._over:
                self._raise()
                self._tell_the_end()
                return 0
            if size := self._turn(buffer=buffer):
                self._tell(size)
                return size
        chunk = self._chunks.popleft()
        size = min(len(buffer), len(chunk))
        buffer[:size] = chunk[:size]
        if size < len(chunk):
            self._chunks.appendleft(chunk[size:])
        self._tell(size)
        return size

    def readall(self) -> bytes:
        """All to the end, in pieces as big as the pipe; `io` itself begins with small ones."""
        return b"".join(iter(lambda: self.read(WIDE), b""))

    def _tell(self, size: int) -> None:
        if self._tally is not None:
            with self._ending_it():
                self._tally(size)

    def _tell_the_end(self) -> None:
        if self._tally is not None and self.returncode == 0:
            with self._ending_it():
                self._tally.close()

    @contextmanager
    def _ending_it(self) -> Iterator[None]:
        """End the process when whoever is told of it raises."""
        try:
            yield
        except BaseException:
            self._over = True
            self._chunks.clear()
            self._end()
            raise

    def fileno(self) -> int:
        """The pipe's descriptor, for another process to read from."""
        if self.closed:
            raise ValueError("it is closed")
        if self._tally is not None:
            raise InvalidArgument(
                "on_progress= counts what is read here, and this stream is for another process: "
                "give it to the call that reads it"
            )
        if self._begun or self._chunks:
            raise io.UnsupportedOperation("some of it has been read, so its pipe has not all")
        pipe = self._running.process.stdout
        assert pipe is not None
        if self.drain is None:
            self._running.pipes.release(pipe.fileno())
            self.drain = threading.Thread(
                target=_drain, args=(weakref.ref(self),), name="dockcli-stderr", daemon=True
            )
            self.drain.start()
        return pipe.fileno()

    def settle(self, patience: float) -> None:
        pipe = self._running.process.stdout
        if self.drain is None or pipe is None:
            return
        if not pipe.closed:
            pipe.close()  # so that it is told when its reader has gone
        self.drain.join(patience)
        if not self._over:
            self.close()
            return  # what its thread met while it was ended is no failure of its own
        if self.returncode in _UNWANTED:
            self._error = None
        self._raise()

    def _turn(self, timeout: float = TICK, buffer: Any = None) -> int:
        """Wait for more, which may come right into *buffer*: how many bytes of it did."""
        try:
            pipe = self._running.process.stdout
            if buffer is not None and pipe is not None:
                size = self._running.take(pipe.fileno(), buffer, self._sips)
                if size:
                    return size
            if self._running.turn(timeout):
                return 0
            self.returncode = self._running.reap()
            self._end.detach()
            self._error = self._errand.ended(self._completed())
        except BaseException as error:
            became = self._end()
            if not isinstance(error, Late):
                self._over = True
                raise
            self._error = self._errand.too_late(self._completed(), error, became or "")
        self._over = True
        return 0

    def _completed(self) -> Completed:
        code = -1 if self.returncode is None else self.returncode
        return Completed(
            self._errand.call.argv, code, b"", bytes(self._said), self._running.seconds
        )

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def close(self) -> None:
        if not self.closed:
            self._over = True
            self._end()
            if self.drain is not None and self.drain is not threading.current_thread():
                self.drain.join(_FAREWELL)
            if (pipe := self._running.process.stdout) is not None:
                pipe.close()  # which is ours to do once it was handed over
        super().close()


def _drain(reference: weakref.ref[_Pipe]) -> None:
    """Read what the process says beside its bytes, for one who has handed its pipe over."""
    while (pipe := reference()) is not None and not pipe._over:
        try:
            pipe._turn()
        except BaseException as error:
            pipe._error = error
        del pipe
