"""The screen of a terminal: what a person would see of the bytes that a program has written."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

# Anything that does more than write a line: control characters, and those that UTF-8 hides.
_ACTS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")
_PRIVATE = 5  # pyte's shift for the modes that begin with "?"
_ARROWS, _WRAPS, _SHOWS_CURSOR = 1 << _PRIVATE, 7 << _PRIVATE, 25 << _PRIVATE


class Cursor(NamedTuple):
    """Where the cursor is, counted from 0 as in ``screen.splitlines()[row]``."""

    row: int
    column: int


class Screen:
    """*rows* × *columns*; ``answer(text)`` gets what the program has asked of its terminal.

    Not safe for several threads at once: its owner has the lock.
    """

    def __init__(self, rows: int, columns: int, answer: Callable[[str], None]) -> None:
        import pyte

        screen: Any = pyte.Screen(columns, rows)
        screen.write_process_input = answer
        for name in set(pyte.ByteStream.csi.values()):
            setattr(screen, name, _tolerant(getattr(screen, name)))
        self._screen = screen
        self._stream: Any = pyte.ByteStream(screen)

    def feed(self, data: bytes) -> None:
        """Show *data*; what a screen cannot show is passed over."""
        with suppress(Exception):  # the output has it
            self._stream.feed(data[self._passed(data) :])

    def _passed(self, data: bytes) -> int:
        """How much of *data* leaves no trace on the screen, since lines enough come after it.

        pyte needs 50 µs for a line: a program that only spews them would wait for its screen. After
        two screens of plain lines each line on it was empty when they came.
        """
        if self._screen.margins is not None or not self._stream._taking_plain_text:
            return 0
        if data.count(b"\n") <= 2 * self._screen.lines + 2 or _ACTS.search(data):
            return 0
        end = len(data)
        for _ in range(2 * self._screen.lines + 2):
            end = data.rfind(b"\r\n", 0, end)
            if end < 0:
                return 0
        return end + 2

    def resize(self, rows: int, columns: int) -> None:
        """Another size. Of fewer rows those around the cursor stay, as in a real window; pyte
        drops the uppermost."""
        screen = self._screen
        at, column, lost = screen.cursor.y, screen.cursor.x, max(0, screen.lines - rows)
        spare = min(screen.lines - 1 - at, lost)  # rows below the cursor
        if spare:
            screen.set_margins()
            screen.cursor.y = 0
            screen.insert_lines(spare)
        screen.resize(rows, columns)
        screen.cursor.y, screen.cursor.x = at - (lost - spare), min(column, columns)

    @property
    def text(self) -> str:
        """Its lines, without the blanks at their ends and below the last."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def cursor(self) -> Cursor:
        return Cursor(self._screen.cursor.y, min(self._screen.cursor.x, self._screen.columns - 1))

    @property
    def application(self) -> bool:
        """Whether the program wants the arrows in their other form."""
        return _ARROWS in self._screen.mode

    def painting(self) -> bytes:
        """What shows the same on another, empty terminal, without colours."""
        row, column = self.cursor
        lines = self.text.replace("\n", "\r\n")
        arrows = "\x1b[?1h" if self.application else ""
        return f"\x1b[H\x1b[2J{lines}\x1b[{row + 1};{column + 1}H{arrows}".encode()

    def undoing(self) -> bytes:
        """What takes back on a real terminal the modes that the program left it in."""
        modes = {mode for mode in self._screen.mode if mode >= 1 << _PRIVATE}
        usual = {_WRAPS, _SHOWS_CURSOR}
        off = [f"\x1b[?{mode >> _PRIVATE}l" for mode in sorted(modes - usual)]
        on = [f"\x1b[?{mode >> _PRIVATE}h" for mode in sorted(usual - modes)]
        margins = ["\x1b7\x1b[r\x1b8"] if self._screen.margins is not None else []
        colours = ["\x1b[0m"] if self._screen.cursor.attrs != self._screen.default_char else []
        return "".join([*off, *on, *margins, *colours]).encode()


def _tolerant(handler: Callable[..., None]) -> Callable[..., None]:
    """*handler* of an escape sequence that passes over the variants which pyte does not know."""

    def handle(*parameters: int, **private: bool) -> None:
        with suppress(TypeError):
            handler(*parameters, **private)

    return handle
