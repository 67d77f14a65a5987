"""Ends a command on a signal as if by an exception, so that what it made is removed; and keeps
signals away while it is."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """A signal asked this program to end; ``code`` is the exit code that says so."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = signal.Signals(number)

    @property
    def code(self) -> int:
        return 128 + self.signal


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise Ended(number)


@contextmanager
def on_signals() -> Iterator[None]:
    """Raise `Ended` on Ctrl-C, SIGTERM and SIGHUP; what is ignored already stays ignored."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def shield() -> Iterator[None]:
    """No signal interrupts what is done in here; one that came meanwhile acts afterwards.

    By handlers and not by a mask, which the programs that are started in here would inherit.
    """
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda n, frame: came.append(n))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            raise Ended(came[0])
