"""A live call under an event loop: the loop waits for its pipes, threads do what takes time.

However many calls run, no thread waits for one that says nothing, and a caller who takes nothing
slows the process, as with the synchronous client.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dockcli.aio.crew import ERRANDS, TURNS, away
from dockcli.child import GivenUp

if TYPE_CHECKING:
    from dockcli.bytestream import _Pipe
    from dockcli.process import Running
    from dockcli.stream import Stream

T = TypeVar("T")
S = TypeVar("S")

_TICK = 0.1  # seconds between looks at a child whose pipes are quiet
_STRETCH = 0.02  # seconds of turns at a time
_MOMENT, _MUCH = 0.001, 32768  # seconds to wait for more of one who says so many bytes at a time
_PAUSE = 0.05  # seconds between turns for what is counted and not said


class Drive(Generic[S]):
    """What is live, taken from its start to its end.

    *begin* starts it; *source* is what of it takes turns, *queue* where what it gave is put. No
    more is moved once there are so *many* in it. ``live`` is what *begin* gave.
    """

    def __init__(
        self,
        begin: Callable[[], S],
        source: Callable[[S], Stream[Any] | _Pipe],
        queue: Callable[[S], deque[Any]],
        many: int,
    ) -> None:
        self.live: S | None = None
        self.queue: deque[Any] = deque()
        self._begin, self._source, self._queue, self._many = begin, source, queue, many
        self._lost = threading.Event()
        self._lock = asyncio.Lock()
        # A weak one: else who closes a loop over its tasks would leave them for ever.
        self._said: weakref.ref[asyncio.Future[bool]] | None = None
        self._closed = False

    @property
    def over(self) -> bool:
        """Whether nothing more comes: it was closed, or has come to its end."""
        return self._closed or (self.live is not None and self._source(self.live)._over)

    async def start(self) -> S:
        """Start it, if it has not been started. Raises what the synchronous client raises."""
        async with self._lock:
            live: S = await self._ended_by_errors(self._start)
        return live

    async def more(self) -> bool:
        """Wait until there is something in the queue; False at the end.

        Cancelled, or after any other error, it ends the process before it returns.
        """
        if self.queue or self.over:
            return bool(self.queue)
        async with self._lock:
            await self._ended_by_errors(self._fill)
        return bool(self.queue)

    async def afterwards(self, work: Callable[[S], T]) -> T:
        """*work* with what is live, or was: it may ask docker once more."""
        live = self.live
        assert live is not None
        return await away(ERRANDS, lambda: work(live), threading.Event())

    async def close(self) -> None:
        """End the process, if it has not ended; return when it has."""
        self._closed = True
        self._lost.set()
        if self._said is not None and (said := self._said()) is not None:
            _tell(said, True)
        async with self._lock:
            await self._finish()

    def release(self) -> S:
        """What is live, for somebody else to see to its end."""
        live, self.live, self._closed = self.live, None, True
        self._lost = threading.Event()  # it has the other, which is not to be set any more
        assert live is not None
        return live

    def drop(self) -> None:
        """The same without waiting: nobody is there to do so."""
        self._closed = True
        self._lost.set()
        if self.live is not None and self._source(self.live)._end.alive:
            ERRANDS.put(self._end)

    async def _ended_by_errors(self, work: Callable[[], Any]) -> Any:
        try:
            return await work()
        except GeneratorExit:
            self.drop()
            raise
        except BaseException as error:
            closed = self._closed
            self._closed = True
            await self._finish()
            if closed and isinstance(error, GivenUp):  # somebody else has closed it meanwhile
                return None
            raise

    async def _start(self) -> S:
        if self.live is None:
            if self._closed:
                raise GivenUp
            await away(ERRANDS, self._begun, self._lost)
        assert self.live is not None
        return self.live

    def _begun(self) -> None:
        self.live = self._begin()
        self.queue = self._queue(self.live)

    async def _fill(self) -> None:
        source = self._source(await self._start())
        running, writes = source._running, source._errand.call.stdout is not None
        due = False
        while not self.queue and not source._over and not self._lost.is_set():
            if _is_counted(source):
                await asyncio.sleep(_PAUSE)
                due = True
            elif running.pipes.reading and not due:
                due = not await self._ready(running)
            if self._lost.is_set():
                break
            if due or writes or not running.pipes.reading:  # it may take its time
                await away(ERRANDS, source._turn, self._lost)
                due = False
            else:
                due = await away(TURNS, self._turns, self._lost)
        if self._lost.is_set():
            raise GivenUp

    def _turns(self) -> bool:
        """Take turns until there is enough, or nothing comes; whether it sees an end, or a limit,
        which is for somebody who has more time."""
        assert self.live is not None
        source = self._source(self.live)
        running, until, patience = source._running, time.monotonic() + _STRETCH, 0.0
        while len(self.queue) < self._many and time.monotonic() < until:
            heard = running.pipes.heard
            if not running.pipes.reading or running.due or source._over:
                return True
            source._turn(patience)
            patience = _MOMENT if running.pipes.heard - heard >= _MUCH else 0
            if running.pipes.heard == heard:
                break
        return False

    async def _ready(self, running: Running) -> bool:
        """Wait until the process has said something, or wants more of its stdin; False where it has
        ended, or a limit is over."""
        loop, pipes = asyncio.get_running_loop(), running.pipes.fileno()
        while True:
            said = loop.create_future()
            self._said = weakref.ref(said)
            timer = loop.call_later(_TICK, _tell, said, False)
            loop.add_reader(pipes, _tell, said, True)
            try:
                moved: bool = await said
            finally:
                loop.remove_reader(pipes)
                timer.cancel()
            # It may have been closed after the tick and before this task had its turn.
            if moved or self._lost.is_set() or running.due:
                return moved

    async def _finish(self) -> None:
        if self.live is None or not self._source(self.live)._end.alive:
            self._end()
        else:
            await away(ERRANDS, self._end, None)

    def _end(self) -> None:
        live: Any = self.live
        if live is not None:
            live.close()


async def until_shutdown(drive: Drive[Any]) -> AsyncGenerator[None, None]:
    """What the loop closes when it is shut down, and *drive* with it."""
    try:
        yield
    finally:
        await drive.close()


def _tell(future: asyncio.Future[bool], what: bool) -> None:
    if not future.done():
        future.set_result(what)


def _is_counted(source: Any) -> bool:
    return getattr(source, "_meter", None) is not None
