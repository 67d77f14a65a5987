"""Readers: what a process says becomes items as it comes, however its bytes are cut.

A reader is fed with what the process wrote to its stdout or stderr, and gives the items that are
whole by then. What it keeps of a line that has not ended is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from dockcli.completed import Completed
from dockcli.meter import Counts
from dockcli.models.line import ENTRY, STAMP, LogLine, lines

STDOUT, STDERR = "stdout", "stderr"

_PIECE = 64 * (STAMP + ENTRY)  # of a line that does not end; whole entries of docker's logs
_ESCAPE = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")
_ROW = 8 << 20  # bytes of a JSON row; docker has none as long


class Reader(Protocol):
    """What makes items of a process's words."""

    def feed(self, stream: str, chunk: bytes) -> Iterable[Any]:
        """The items that are whole with *chunk*, which came from *stream*."""
        ...

    def close(self) -> Iterable[Any]:
        """The items that were not whole, now that nothing more comes."""
        ...


class Live(NamedTuple):
    """How a call's output is read as it comes.

    *reader* makes a reader. *answers*: the items are beside the answer, which can be had at the
    end, so all of the output is kept. *terminal*: docker tells of it only on a terminal. *counts*:
    what is counted by its bytes besides. *doubtful*: whether an item looks as if docker went on
    without its engine.
    """

    reader: Callable[[], Reader]
    answers: bool = False
    terminal: bool = False
    counts: Counts | None = None
    doubtful: Callable[[Any], bool] | None = None


class Lines:
    """Lines of both streams, each as a `LogLine`; *stamped*: each begins with docker's time."""

    def __init__(self, *, stamped: bool = False) -> None:
        self._stamped = stamped
        self._rest: dict[str, list[bytes]] = {STDOUT: [], STDERR: []}
        self._kept = {STDOUT: 0, STDERR: 0}

    def feed(self, stream: str, chunk: bytes) -> list[LogLine]:
        rest = self._rest[stream]
        at = chunk.rfind(b"\n")
        if at < 0:
            rest.append(chunk)
            self._kept[stream] += len(chunk)
            return self._pieces(stream) if self._kept[stream] >= _PIECE else []
        whole = b"".join([*rest, chunk[:at]])
        last = chunk[at + 1 :]
        rest[:] = [last] if last else []
        self._kept[stream] = len(last)
        return lines(stream, whole, stamped=self._stamped)

    def close(self) -> list[LogLine]:
        return [
            LogLine.of(stream, line, False, stamped=self._stamped)
            for stream, rest in self._rest.items()
            if (line := b"".join(rest))
        ]

    def _pieces(self, stream: str) -> list[LogLine]:
        """What there is of a line that goes on, in pieces that may be read one by one."""
        line = b"".join(self._rest[stream])
        whole = len(line) - len(line) % _PIECE
        self._rest[stream][:] = [line[whole:]]
        self._kept[stream] = len(line) - whole
        return [
            LogLine.of(stream, line[at : at + _PIECE], False, stamped=self._stamped)
            for at in range(0, whole, _PIECE)
        ]


class Rows:
    """JSON objects on stdout, one a line, each read by *parse*; stderr is passed over."""

    def __init__(self, parse: Callable[[Mapping[str, Any]], Any], argv: tuple[str, ...]) -> None:
        self._parse, self._argv = parse, argv
        self._rest = b""

    def feed(self, stream: str, chunk: bytes) -> list[Any]:
        if stream != STDOUT:
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _ROW:
            lines, self._rest = [*lines, self._rest], b""
        return self._read(lines)

    def close(self) -> list[Any]:
        last, self._rest = self._rest, b""
        return self._read([last])

    def _read(self, lines: list[bytes]) -> list[Any]:
        from dockcli.models.fields import json_rows

        # `stats` clears the screen between its looks, also where there is none
        said = _ESCAPE.sub(b"", b"\n".join(lines))
        if not said.strip():
            return []
        return [self._parse(raw) for raw in json_rows(Completed(self._argv, 0, said, b"", 0.0))]


class Told:
    """How far docker is, as it says on either stream: a reader of `dockcli.progress` for each."""

    def __init__(self, verb: str) -> None:
        from dockcli.progress import reader

        self._readers = {STDOUT: reader(verb), STDERR: reader(verb)}

    def feed(self, stream: str, chunk: bytes) -> Iterable[Any]:
        return self._readers[stream].feed(chunk)

    def close(self) -> Iterable[Any]:
        from dockcli.progress.legacy import tells_failure

        out, err = self._readers.values()
        told = list(out.close())
        for one in err.close():
            # the legacy builder tells on stdout of its steps, and here that the last one failed
            failed = tells_failure(one.text)
            told += out.feed(one.text.encode("utf-8", "surrogateescape")) if failed else [one]
        return [*told, *out.close()]


class Nothing:
    """For what docker says nothing about while it is done."""

    def feed(self, stream: str, chunk: bytes) -> Iterable[Any]:
        return ()

    def close(self) -> Iterable[Any]:
        return ()
