"""Bars for a terminal, drawn with rich.

A callback only notes what there is to show; a thread draws it, ten times a second at the most, so
that docker is never kept waiting, and ends with the block.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from dockcli.progress import words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dockcli.models.progress import Progress

_EVERY = 0.1  # seconds between two drawings
_FLOOD = 1000  # lines that wait to be drawn; who brings more draws them
_LABEL = 24  # cells of a label, at the most
_BAR = 40  # cells of a bar, at the most; at the least a fifth of that
_ENDS = ("DONE", "CACHED", "ERROR", "CANCELED")


class Bars:
    """Shows what it is called with, until `stop`."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._encoding = getattr(file, "encoding", None) or "utf-8"
        self._state = threading.Lock()  # of the rows and of what is to be said
        self._rows: dict[tuple[str, str, str], Progress] = {}
        self._said: list[tuple[str, str]] = []
        self._thread: threading.Thread | None = None
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._drawing = threading.Lock()  # of the terminal
        self._console: Any = None
        self._live: Any = None
        self._final = False
        self._broken = False

    def __call__(self, one: Progress) -> None:
        with self._state:
            self._take(one)
            flood = len(self._said) >= _FLOOD
            if self._thread is None and not self._stopped.is_set():
                thread = threading.Thread(target=self._run, name="dockcli-progress", daemon=True)
                thread.start()
                self._thread = thread
        self._wake.set()
        if flood:
            self._draw()

    def stop(self) -> None:
        """Draw what is left, and leave the terminal as it was found; no thread is left."""
        self._stopped.set()
        self._wake.set()
        try:
            if self._thread is not None:
                self._thread.join()
        finally:
            self._draw(final=True)

    # --- what there is to show

    def _take(self, one: Progress) -> None:
        key = (one.verb, one.id, one.part)
        if one.text:
            self._said.append((words.line(one), "dim" if one.id else ""))
        elif one.verb != "build":
            self._rows[key] = one
        elif one.status in _ENDS and not one.part:
            self._end(one)
        elif one.done and one.id:
            self._rows.pop(key, None)
        else:
            self._rows[key] = one

    def _end(self, one: Progress) -> None:
        """A step has ended: it is told above, and what was within it goes."""
        for key, row in list(self._rows.items()):
            within_legacy = row.step is None and not row.command
            if row.id == one.id or within_legacy:
                del self._rows[key]
        what = f"{one.command} " if one.step is not None else ""
        style = "red" if one.error else "green"
        self._said.append((f"{words.label(one)} {what}{words.doing(one)}", style))

    # --- how it is drawn

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait()
            self._wake.clear()
            self._draw()
            self._stopped.wait(_EVERY)

    def _draw(self, *, final: bool = False) -> None:
        with self._drawing:
            if final and self._thread is None:
                return
            try:
                if not self._broken:
                    self._begin()
                    self._show(final)
            except (OSError, ValueError):  # the terminal is gone, or its file is closed
                self._broken = True
            finally:
                if final and self._console is not None:
                    with suppress(OSError, ValueError):
                        self._console.show_cursor(True)

    def _begin(self) -> None:
        if self._live is not None:
            return
        from rich.console import Console
        from rich.live import Live

        # A person asked for bars: that this is a terminal needs no proof.
        self._console = Console(
            file=self._file, force_terminal=True, force_jupyter=False, highlight=False
        )
        self._live = Live(
            console=self._console,
            get_renderable=self._table,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _show(self, final: bool) -> None:
        self._final = final
        self._fit()
        self._say()
        if final:
            self._live.stop()
        else:
            self._live.refresh()

    def _fit(self) -> None:
        """Take the window's size as it is now."""
        with suppress(OSError, ValueError, AttributeError):
            size = os.get_terminal_size(self._file.fileno())
            if size.columns and size.lines:
                self._console.size = size

    def _say(self) -> None:
        from rich.text import Text

        with self._state:
            said, self._said = self._said, []
        if said:
            lines = [Text(self._harmless(line), style) for line, style in said]
            self._console.print(Text("\n").join(lines), soft_wrap=True)

    def _table(self) -> Any:
        """The rows that the window has place for; at the end, all."""
        from rich.console import Group
        from rich.text import Text

        with self._state:
            rows = list(self._rows.values())
        if not rows:
            return Group()
        room = max(1, self._console.height - 2)
        hidden = 0
        if len(rows) > room and not self._final:
            open_rows = [row for row in rows if not row.done] or rows
            hidden = len(rows) - len(open_rows[:room])
            rows = open_rows[:room]
        table = self._grid(rows)
        return Group(table, Text(f"and {hidden} more", "dim")) if hidden else table

    def _grid(self, rows: list[Progress]) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        cells = [
            (self._harmless(words.label(row)), self._doing(row), words.amount(row)) for row in rows
        ]
        widths = self._widths(cells, any(row.fraction is not None for row in rows))
        table = Table.grid(padding=(0, 1, 0, 0))
        for width in widths:
            table.add_column(width=width, no_wrap=True, overflow="crop")
        for row, (label, doing, amount) in zip(rows, cells, strict=True):
            style = "red" if row.error else "green" if row.done else ""
            line: list[RenderableType] = [
                Text(label, "cyan"),
                Text(doing, style),
                Text(amount, justify="right"),
            ]
            if len(widths) == 4:
                fraction = 1.0 if row.done else row.fraction
                bar = ProgressBar(total=1.0, completed=fraction or 0.0)
                line.insert(2, bar if fraction is not None else Text(""))
            table.add_row(*line)
        return table

    def _widths(self, cells: list[tuple[str, str, str]], counted: bool) -> list[int]:
        """The cells of each column: of label, doing, (bar,) amount; in all less than the window."""
        from rich.cells import cell_len

        label, doing, amount = (max(map(cell_len, column)) for column in zip(*cells, strict=True))
        label = min(label, _LABEL)
        left = self._console.width - 1 - label - amount - 3  # a blank after each
        if counted:  # a long command leaves place for a bar
            doing = min(doing, max(left - 1 - _BAR // 2, _LABEL))
        bar = min(_BAR, left - doing - 1) if counted else 0
        if bar >= _BAR // 5:
            return [label, doing, bar, amount]
        return [label, max(1, min(doing, left)), amount]

    def _doing(self, row: Progress) -> str:
        return self._harmless(words.doing(row) or row.command)

    def _harmless(self, text: str) -> str:
        return words.harmless(text, self._encoding)
