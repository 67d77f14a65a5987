"""Cuts what docker prints to pieces of text, however the bytes arrive."""

from __future__ import annotations

import re

LIMIT = 65536
"""Bytes of a line that are kept; the rest of a longer one is passed over: memory is flat."""

_ESCAPE = 0x1B
_LONGEST = 34  # bytes of an escape sequence; what is longer is none
_PLAIN = re.compile(rb"[^\r\n\x1b]+")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|.?)")


class Lines:
    """The lines of a stream, as text without their ends; of each the first *longest* bytes."""

    def __init__(self, longest: int = LIMIT) -> None:
        self._line = bytearray()
        self._longest = longest

    def feed(self, data: bytes) -> list[str]:
        """The lines that *data* has ended."""
        first, *others = data.split(b"\n")
        found = []
        for start in others:
            found.append(self._take(first))
            first = start
        self._keep(first)
        return found

    def close(self) -> list[str]:
        """The last line, if it has no end."""
        return [self._take(b"")] if self._line else []

    def _take(self, rest: bytes) -> str:
        self._keep(rest)
        line = text(self._line)
        self._line.clear()
        return line

    def _keep(self, more: bytes) -> None:
        self._line += more[: self._longest - len(self._line)]


class Pieces:
    """What stands between line ends, carriage returns and movements of the cursor, without colours.

    docker redraws a line of a terminal by going to it and writing it whole, so each piece is the
    line as it is now.
    """

    def __init__(self) -> None:
        self._piece = bytearray()
        self._held = b""  # the beginning of an escape sequence

    def feed(self, data: bytes) -> list[str]:
        """The pieces that *data* has ended; none is empty."""
        data, self._held = self._held + data, b""
        found: list[str] = []
        at = 0
        while at < len(data):
            plain = _PLAIN.match(data, at)
            if plain:
                self._piece += plain[0][: LIMIT - len(self._piece)]
                at = plain.end()
            elif data[at] != _ESCAPE:
                self._end(found)
                at += 1
            else:
                end = _sequence_end(data, at)
                if end is None:
                    self._held = data[at:]
                    break
                if data[end - 1 : end] != b"m":  # a colour does not move the cursor
                    self._end(found)
                at = end
        return found

    def close(self) -> list[str]:
        """The last piece, if nothing has ended it."""
        found: list[str] = []
        self._end(found)
        self._held = b""
        return found

    def _end(self, found: list[str]) -> None:
        if self._piece:
            found.append(text(self._piece))
            self._piece.clear()


def _sequence_end(data: bytes, at: int) -> int | None:
    """Where the escape sequence at *at* ends; None where it goes on after *data*."""
    if at + 1 == len(data):
        return None
    if data[at + 1] != ord("["):
        return at + 1 if data[at + 1] < 0x20 else at + 2
    end = at + 2
    while end < len(data) and 0x20 <= data[end] < 0x40:
        if end - at == _LONGEST:
            return end
        end += 1
    if end == len(data):
        return None
    return end + 1 if 0x40 <= data[end] < 0x7F else end


def text(line: bytes | bytearray) -> str:
    """*line* as text; bytes that are not UTF-8 become surrogates, so that none is lost."""
    return line.decode("utf-8", "surrogateescape")


def uncoloured(line: str) -> str:
    """*line* without its escape sequences."""
    return _SEQUENCE.sub("", line) if "\x1b" in line else line


def pieces(line: str) -> list[str]:
    """What a program has written to one line, one over the other, without what is blank."""
    return [one for one in uncoloured(line).split("\r") if one]
