"""Counts the bytes of a stream that dockcli itself moves: `cp`, `save` and `load`."""

from __future__ import annotations

import time
from collections.abc import Callable

from dockcli.models.progress import Progress

EVERY = 0.05
"""Seconds between two reports at the least: nobody sees more."""


class Counted:
    """``add(n)`` for each chunk of *n* bytes, ``close()`` at the end; the counts are exact.

    *total* is in bytes, None where it is not known; *id* says what is moved.
    """

    def __init__(
        self,
        verb: str,
        total: int | None = None,
        id: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._verb, self._total, self._id = verb, total, id
        self._clock = clock
        self._count = 0
        self._next = clock()
        self._closed = False

    def add(self, n: int) -> list[Progress]:
        """Count *n* more bytes; a report if it is time for one."""
        self._count += n
        now = self._clock()
        if now < self._next or self._closed:
            return []
        self._next = now + EVERY
        return [self._progress(done=False)]

    def close(self) -> list[Progress]:
        """The last report: all bytes have passed."""
        if self._closed:
            return []
        self._closed = True
        return [self._progress(done=True)]

    def _progress(self, *, done: bool) -> Progress:
        status = "Copied" if done else "Copying"
        return Progress(self._verb, self._id, status, self._count, self._total, done=done)
