"""How far a long copy is: bytes, rate, and the time that is left.

::

    with shown("backup of data") as told:
        meter = Meter(total, told)
        for chunk in chunks:
            meter.add(len(chunk))
        meter.close()
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from dockcli.models.progress import Progress
from dockcli.progress import show, words

if TYPE_CHECKING:
    from dockcli.progress.show import Mode, OnProgress

_EVERY = 0.1  # seconds between two tellings at the least: nobody sees more
_SMOOTH = 3.0  # seconds after which a change of the rate is told by two thirds
_EVERY_LINE = 5.0  # seconds between two lines
_LONGEST = 100 * 3600  # seconds that are told as such


@dataclass(frozen=True, slots=True)
class VolumeProgress:
    """How far a copy is.

    ``current`` and ``total`` are bytes, ``total`` is None where it is not known beforehand, and
    may turn out to be too low for a volume that grows. ``rate`` is bytes per second, of the last
    seconds; of the whole copy once it is ``done``. ``left`` is in seconds, None where nobody knows.
    """

    current: int
    total: int | None
    rate: float
    left: float | None
    done: bool = False

    @property
    def fraction(self) -> float | None:
        """``current`` of ``total``, from 0 to 1; None where the total is not known."""
        return min(self.current / self.total, 1.0) if self.total else None


Told: TypeAlias = Callable[[VolumeProgress], Any]


class Meter:
    """Counts the bytes of a copy, and calls *told* at most ten times a second, and at the end.

    *total* is in bytes, None where it is not known. What *told* raises goes on to who copies. It
    is for one thread.
    """

    def __init__(
        self, total: int | None, told: Told, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._told, self._clock = total, told, clock
        self._count = 0
        self._begun = clock()
        self._last: tuple[float, int] | None = None  # when it was told, and of how many bytes
        self._rate: float | None = None
        self._closed = False

    def add(self, n: int) -> None:
        """*n* more bytes have been copied."""
        self._count += n
        now = self._clock()
        if self._closed or (self._last is not None and now - self._last[0] < _EVERY):
            return
        self._note(now)
        self._told(
            VolumeProgress(self._count, self._total, self._rate or 0.0, self._left(), done=False)
        )

    def close(self) -> None:
        """All bytes have been copied; told once, however often it is called.

        A copy that failed is not closed: nobody is told that it is done.
        """
        if self._closed:
            return
        self._closed = True
        seconds = self._clock() - self._begun
        rate = self._count / seconds if seconds > 0 else 0.0
        self._told(VolumeProgress(self._count, self._total, rate, 0.0, done=True))

    def _note(self, now: float) -> None:
        """Take the rate since the last time into the smoothed one.

        The first bytes come late, after all that is made ready: they say nothing of the rate.
        """
        if self._last is not None:
            seconds = now - self._last[0]
            rate = (self._count - self._last[1]) / seconds
            before = rate if self._rate is None else self._rate
            self._rate = before + (rate - before) * (1 - math.exp(-seconds / _SMOOTH))
        self._last = now, self._count

    def _left(self) -> float | None:
        if self._total is None or self._count > self._total or not self._rate:
            return None
        return (self._total - self._count) / self._rate


@contextmanager
def shown(what: str, mode: Mode = "auto", file: TextIO | None = None) -> Iterator[Told]:
    """A callback for a `Meter` that shows how far *what* is on *file* (stderr), for the block.

    ``bars`` is a bar with bytes, rate and time left; ``lines`` a line every five seconds and one
    at the end; ``silent`` is nothing; ``auto`` is ``bars`` at a terminal and ``lines`` elsewhere.
    Raises InvalidArgument for another mode. When nobody reads any more the copy goes on.
    """
    with show.shown(mode, file) as shows:
        yield _Lines(what, shows) if isinstance(shows, show.Lines) else _Bar(what, shows)


class _Bar:
    def __init__(self, what: str, shows: OnProgress) -> None:
        self._what, self._shows = what, shows

    def __call__(self, one: VolumeProgress) -> None:
        self._shows(
            Progress("copy", self._what, _speed(one), one.current, one.total, done=one.done)
        )


class _Lines:
    def __init__(
        self, what: str, shows: OnProgress, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._shows, self._clock = what, shows, clock
        self._next = clock() + _EVERY_LINE

    def __call__(self, one: VolumeProgress) -> None:
        now = self._clock()
        if now < self._next and not one.done:
            return
        self._next = now + _EVERY_LINE
        self._shows(Progress("copy", text=f"{self._what}: {_amount(one)}, {_speed(one)}"))


def _amount(one: VolumeProgress) -> str:
    current = words.readable(one.current)
    if one.done or one.fraction is None or one.total is None:
        return current
    return f"{current} of {words.readable(one.total)} ({math.floor(one.fraction * 100)} %)"


def _speed(one: VolumeProgress) -> str:
    """The rate, and the time that is left."""
    rate = f"{words.readable(round(one.rate))}/s"
    if one.done:
        return f"{rate}, done"
    return rate if one.left is None else f"{rate}, {_duration(one.left)} left"


def _duration(seconds: float) -> str:
    if seconds >= _LONGEST:
        return "days"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
