"""Shows progress to people: bars at a terminal, plain lines in a pipe, or nothing.

::

    with shown() as on_progress:
        docker.pull("alpine:3.20", on_progress=on_progress)
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Literal, TextIO

from dockcli.errors import InvalidArgument
from dockcli.progress import words

if TYPE_CHECKING:
    from dockcli.models.progress import Progress

    OnProgress = Callable[[Progress], None]
    Mode = Literal["auto", "bars", "lines", "silent"]

_EVERY = 1.0  # seconds between two lines that only count the bytes of the same thing
_KEPT = 10_000  # things whose last word is known


def shown(mode: Mode = "auto", file: TextIO | None = None) -> AbstractContextManager[OnProgress]:
    """A callback for progress that shows it on *file* (stderr), as long as the block lasts.

    ``auto`` is ``bars`` at a terminal and ``lines`` elsewhere. Raises InvalidArgument for a mode
    that there is not.
    """
    if mode == "auto":
        mode = "bars" if _is_terminal(sys.stderr if file is None else file) else "lines"
    if mode == "silent":
        return silent()
    if mode not in ("bars", "lines"):
        raise InvalidArgument(f"mode={mode!r}: it is auto, bars, lines or silent")
    return bars(file) if mode == "bars" else lines(file)


@contextmanager
def bars(file: TextIO | None = None) -> Iterator[OnProgress]:
    """Bars that are drawn over each other, for a terminal; what is done is left on the screen."""
    from dockcli.progress.painted import Bars

    shows = Bars(sys.stderr if file is None else file)
    try:
        yield shows
    finally:
        shows.stop()


@contextmanager
def lines(file: TextIO | None = None) -> Iterator[OnProgress]:
    """A line for each change of status, and each second for bytes; no escape codes."""
    yield Lines(sys.stderr if file is None else file)


@contextmanager
def silent() -> Iterator[OnProgress]:
    """Nothing."""
    yield lambda one: None


class Lines:
    """Writes lines. When nobody reads them any more it is silent: docker goes on."""

    def __init__(self, file: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file: TextIO | None = file
        self._encoding = getattr(file, "encoding", None) or "utf-8"
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str, str], tuple[str, float]] = {}

    def __call__(self, one: Progress) -> None:
        with self._lock:
            if self._file is None or not self._is_news(one):
                return
            line = words.harmless(words.line(one), self._encoding)
            try:
                self._file.write(f"{line}\n")
                self._file.flush()
            except (OSError, ValueError):  # a pipe without a reader; a file that was closed
                self._file = None

    def _is_news(self, one: Progress) -> bool:
        if one.text:
            return True
        key, now = (one.verb, one.id, one.part), self._clock()
        status, when = self._last.get(key, (None, 0.0))
        if status == one.status and not one.done and now - when < _EVERY:
            return False
        if len(self._last) >= _KEPT:
            self._last.clear()
        self._last[key] = one.status, now
        return status != one.status or one.done or one.current is not None


def _is_terminal(file: TextIO) -> bool:
    try:
        return file.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    except (AttributeError, ValueError):  # it is closed, or no file
        return False
