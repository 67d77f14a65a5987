"""What comes in small pieces is read some at a time, so that nobody is woken for each of them.

docker writes each line of a log by itself, and bytes ten kibibytes at a time. A sip is a moment
that more of such has to come. It is not for a writer who would fill the pipe in that time and be
held up, nor for one who is to be answered before he writes again.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Collection

_SHORTEST, _LONGEST = 0.00025, 0.002  # seconds
_BETWEEN = 0.005  # seconds between two pieces that come one after the other
_ROW, _LONG_ROW = 16, 1024  # so many of them before there is a sip
_PIECES = 4  # that a first sip is for
_WORTH = 3  # sips for nothing before there are none
_FEW = 12288  # bytes, for which the next may be longer
_GET_SIZE = getattr(fcntl, "F_GETPIPE_SZ", None)


class Sips:
    """How long the next sip from *pipes* is: ``seconds``, 0 for none. *most*: the bytes that are
    read at once."""

    def __init__(self, pipes: Collection[int], most: int) -> None:
        self.seconds = 0.0
        # Pieces that leave room in their pages fill a pipe with half of the bytes that it can hold.
        self._full = min([most, *map(_size, pipes)]) / 2
        self._last, self._needed, self._worth = 0.0, _ROW, _WORTH
        self._pieces, self._bytes, self._span = 0, 0, 0.0  # of the row, and its seconds

    def took(self, read: int) -> None:
        """So many bytes were there, after a sip if there was one; they are read now."""
        now = time.monotonic()
        since, self._last = now - self._last, now
        if not self.seconds:
            self._go_on(read, since)
        elif read >= self._full:
            self._make(self.seconds / 2)
        elif read * self._pieces < 1.5 * self._bytes:  # one piece: it was for nothing
            self._worth -= 1
            if not self._worth:
                self._needed = min(_LONG_ROW, 4 * self._needed)
                self._make(0)
        else:
            self._worth, self._needed = _WORTH, _ROW
            if read < _FEW:
                self._make(min(_LONGEST, 2 * self.seconds))

    def _go_on(self, read: int, since: float) -> None:
        """One more in a row of small pieces, or the end of it."""
        if not 0 < read < self._full or since > _BETWEEN:
            self._make(0)
            return
        self._pieces += 1
        self._bytes += read
        self._span += since
        if self._pieces >= self._needed:
            gap, most = self._span / self._pieces, 0.75 * self._full * self._span / self._bytes
            self._make(min(max(_SHORTEST, _PIECES * gap), most, _LONGEST))

    def _make(self, seconds: float) -> None:
        self.seconds = seconds if seconds >= _SHORTEST else 0.0
        if not self.seconds:
            self._pieces, self._bytes, self._span, self._worth = 0, 0, 0.0, _WORTH


def _size(pipe: int) -> int:
    """The bytes that a pipe can hold; 0 for what is none, or where the system cannot tell."""
    if _GET_SIZE is None:
        return 0
    try:
        return fcntl.fcntl(pipe, _GET_SIZE)
    except OSError:
        return 0
