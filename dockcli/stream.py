"""A call whose output is taken as it comes: an iterator of typed items."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from dockcli.errors import InvalidArgument
from dockcli.pipes import CHUNK
from dockcli.process import TICK, Late
from dockcli.reading import STDERR, STDOUT, Live, Reader
from dockcli.sips import Sips

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from dockcli.call import Call
    from dockcli.completed import Completed
    from dockcli.execution import Errand
    from dockcli.lost import Doubts

T = TypeVar("T")

_TAIL = 65536  # bytes of each stream that are kept for the error


class Tail:
    """The last of what was said, or with *whole* all of it."""

    def __init__(self, *, whole: bool = False) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._most = float("inf") if whole else _TAIL

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= self._most:
            self._size -= len(self._chunks.popleft())

    def __bytes__(self) -> bytes:
        return b"".join(self._chunks)


class Stream(Generic[T]):
    """What a call tells, item by item, as docker tells it.

    The process runs from the start; it waits when nobody takes its items, so that none pile up.
    When the loop is left in any way it is ended, and the container of a `run`, or what an `exec`
    has started in its container, with it: at once where the stream is a context manager or is no
    longer referred to, else by `close`. ``deadline=`` and ``silence=`` count while the next item is
    waited for.

    At the end of the items ``returncode`` is the exit code; when docker, or the program, has failed
    the error comes in place of the next item (unless ``check=False``).
    """

    def __init__(self, errand: Errand, live: Live) -> None:
        self.call: Call[Any] = errand.call
        self.returncode: int | None = None
        """The exit code, None until the process has ended."""
        self._errand, self._answers = errand, live.answers
        self._reader = _reader(live, errand.hidden)
        self._items: deque[T] = deque()
        self._said = {name: Tail(whole=live.answers) for name in (STDOUT, STDERR)}
        self._over = False
        self._error: BaseException | None = None
        # What takes the words must not hold the stream, which ends when nobody else holds it.
        doubts = None if live.doubtful is None else errand.doubts(live.doubtful)
        sinks = [_sink(n, self._reader, self._items, self._said[n], doubts) for n in self._said]
        self._running = errand.start(*sinks, terminal=live.terminal)
        self._end = weakref.finalize(self, errand.abandon, self._running)
        self._sips = Sips(self._running.pipes.ends, CHUNK)
        try:
            counts = live.counts
            self._meter = None if counts is None else errand.measure(self._running, counts)
        except BaseException:
            self._end()
            raise

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        while not self._items:
            if self._over:
                self._stop()
            self._turn()
        return self._items.popleft()

    def _turn(self, timeout: float = TICK) -> None:
        """Wait for more, at most *timeout* seconds, and see to the process's end."""
        try:
            more = self._running.turn(timeout, sips=self._sips)
            if more:
                self._measured()
                return
            self._note()  # as long as there is a process to be asked
            self.returncode = self._running.reap()
            self._note()
            self._items.extend(self._reader.close())
            self._end.detach()
            self._error = self._errand.ended(self._completed())
            if self._meter is not None and self._error is None and self.returncode == 0:
                ends: list[Any] = self._meter.close()
                self._items.extend(ends)
        except BaseException as error:
            became = self._end()
            if not isinstance(error, Late):
                self._over = True
                raise
            self._error = self._errand.too_late(self._completed(), error, became or "")
        self._over = True

    def _measured(self) -> None:
        if self._meter is not None:
            told: list[Any] = self._meter.look()
            self._items.extend(told)

    def _note(self) -> None:
        if self._meter is not None:
            self._meter.note()

    def _stop(self) -> NoReturn:
        error, self._error = self._error, None
        raise error or StopIteration

    def _completed(self) -> Completed:
        from dockcli.completed import Completed

        code = -1 if self.returncode is None else self.returncode
        stdout, stderr = (bytes(self._said[name]) for name in (STDOUT, STDERR))
        return Completed(self.call.argv, code, stdout, stderr, self._running.seconds)

    def answer(self) -> Any:
        """The call's own answer, as without ``stream=True``, once the items are passed over.

        Only of calls whose items tell how far they are (`build`, `pull`, `load`, …): what the
        others write is in their items, and is kept nowhere else. Raises InvalidArgument for those.
        """
        if not self._answers:
            raise InvalidArgument(f"the items are the answer of {self.call}")
        for _ in self:
            pass
        return self._errand.answer(self._completed())

    def close(self) -> None:
        """End the process, if it has not ended; the items that were not taken are gone."""
        self._over = True
        self._items.clear()
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _reader(live: Live, hidden: list[str]) -> Reader:
    """What is told beside an answer shows nothing *hidden*; items that are the answer are as they
    came."""
    if not live.answers or not hidden:
        return live.reader()
    from dockcli.progress.masked import Masked

    return Masked(live.reader(), hidden)


def _sink(
    name: str, reader: Reader, items: deque[Any], said: Tail, doubts: Doubts | None
) -> Callable[[bytes], None]:
    def take(chunk: bytes) -> None:
        said.add(chunk)
        found = reader.feed(name, chunk)
        items.extend(found if doubts is None else doubts.seen(found))

    return take
