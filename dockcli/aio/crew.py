"""Threads for what would block an event loop: our own, so that nobody else's work waits for ours.

asyncio's default executor has few threads, and a program has other uses for them.
"""

from __future__ import annotations

import _thread
import asyncio
import contextvars
import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from dockcli import child

T = TypeVar("T")

_IDLE = 2.0  # seconds that a thread waits for more to do
_PATIENCE = 0.25  # seconds that work waits while all threads are busy


class Crew:
    """Threads that come when there is work, so *many* at a time, and go when there is none.

    Few, for they all want the same lock of Python's, and so does the event loop. But all of them
    may wait for an engine that hangs: so what had to wait a while is done by one more (`hurry`).

    A thread that comes starts the next one if there is work for it, so that they come one by one.
    """

    def __init__(self, name: str, many: int) -> None:
        self._name, self._many = name, many
        self._begin()
        os.register_at_fork(after_in_child=self._begin)  # threads do not come along

    def _begin(self) -> None:
        self._work: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._threads = self._idle = 0
        self._grows = False

    def put(self, job: Callable[[], None]) -> None:
        """Have *job* done, soon. It raises nothing."""
        with self._changed:
            self._work.append(job)
            self._changed.notify()
        self._grow()

    def hurry(self, job: Callable[[], None]) -> None:
        """Have *job* done now, by a thread of its own, if nobody does it yet."""
        with self._changed:
            if job not in self._work:
                return
            self._work.remove(job)
        try:
            _thread.start_new_thread(self._start, (job,))
        except RuntimeError:  # the system has no more of them: it waits on
            with self._changed:
                self._work.appendleft(job)

    def _grow(self) -> None:
        with self._changed:
            enough = len(self._work) <= self._idle or self._threads >= self._many
            if enough or self._grows:
                return
            self._grows = True
            self._threads += 1
        try:
            # `Thread.start` waits until the thread runs, and the loop has no time for that.
            _thread.start_new_thread(self._start, (self._serve,))
        except RuntimeError:  # the system has no more of them
            with self._changed:
                self._grows = False
                self._threads -= 1
                if self._threads:
                    return
            raise

    def _start(self, work: Callable[[], None]) -> None:
        try:
            threading.Thread(target=work, name=self._name, daemon=True).start()
        except RuntimeError:  # then this one does it
            work()

    def _serve(self) -> None:
        with self._changed:
            self._grows = False
        while (job := self._next()) is not None:
            with suppress(RuntimeError):
                self._grow()
            job()
            del job  # nothing is kept alive while there is nothing to do

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            there = self._changed.wait_for(lambda: bool(self._work), _IDLE)
            self._idle -= 1
            if there:
                return self._work.popleft()
            self._threads -= 1
            return None


TURNS = Crew("dockcli-turns", 2)
"""For what never waits: moving and reading what has come."""

ERRANDS = Crew("dockcli-errand", 4)
"""For what may wait: a start, an end, an answer that asks docker once more."""


async def away(crew: Crew, work: Callable[[], T], lost: threading.Event | None) -> T:
    """What *work* gives, done by *crew*; cancelled or not, it returns when *work* is over.

    *lost* is set when it is cancelled, and ends docker processes that *work* waits for.
    """
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    context.run(child.given_up.set, lost)
    given: list[T] = []
    failed: list[BaseException] = []
    arrival = loop.create_future()

    def arrived() -> None:
        if not arrival.done():
            arrival.set_result(None)

    def job() -> None:
        try:
            given.append(context.run(work))
        except BaseException as error:
            failed.append(error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(arrived)

    crew.put(job)
    hurry = loop.call_later(_PATIENCE, crew.hurry, job)
    cancelled: BaseException | None = None
    try:
        while not given and not failed:
            try:
                await arrival
            except asyncio.CancelledError as error:
                cancelled = error
                arrival = loop.create_future()
                if lost is not None:
                    lost.set()
        if cancelled is not None:
            raise cancelled
        if failed:
            raise failed[0]
        return given[0]
    except GeneratorExit:  # the loop has gone without a word
        if lost is not None:
            lost.set()
        raise
    finally:
        hurry.cancel()
        failed.clear()  # its traceback has this frame
        del cancelled
