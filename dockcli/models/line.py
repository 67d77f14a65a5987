"""A line that a program wrote, as it comes."""

from __future__ import annotations

import re
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?")
ENTRY = 16384
"""The bytes that docker's engine keeps of a line in one entry of a log, each with its own stamp."""
STAMP = 31
"""The bytes of docker's stamp, the space behind it included."""
_FORM = b"0000-00-00T00:00:00.000000000Z "
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_MAKE: Any = tuple.__new__


class LogLine(NamedTuple):
    """A line, and which *stream* it was written to: ``"stdout"`` or ``"stderr"``.

    ``text`` is what was written, without the end of the line: bytes that are not UTF-8 become
    surrogates, so that none is lost. ``stamp`` is docker's time as docker put it in front, with the
    space behind it, "" where it did not; ``time`` is the same to reckon with. ``raw`` has all the
    bytes.
    ``ended`` is false for a piece of a line that goes on in the next item (a very long one comes in
    pieces of about 1 MiB), and for a last line without an end.
    """

    stream: str
    text: str
    ended: bool = True
    stamp: str = ""
    odd: bytes | None = None
    """The bytes of a line that is more than its stamp and its text."""

    @classmethod
    def of(cls, stream: str, raw: bytes, ended: bool = True, *, stamped: bool = False) -> LogLine:
        """The line of these bytes; *stamped*: docker's time may be in front."""
        found = _STAMP.match(raw) if stamped else None
        written = raw if found is None else _without_stamps(raw, found)
        stamp = "" if found is None else found[0].decode()
        text = written.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        line = cls(stream, text, ended, stamp)
        return line if line.raw == raw else line._replace(odd=raw)

    @property
    def raw(self) -> bytes:
        """Its bytes without the end of the line, in `logs` with docker's time in front."""
        if self.odd is not None:
            return self.odd
        return f"{self.stamp}{self.text}".encode("utf-8", "surrogateescape")

    @property
    def time(self) -> datetime | None:
        """When it was written, by the engine's clock; cut to microseconds. An aware datetime, None
        where docker does not tell."""
        from dockcli.models.times import moment

        return moment(self.stamp)

    def __str__(self) -> str:
        return self.text


def lines(stream: str, raw: bytes, *, stamped: bool) -> list[LogLine]:
    """The lines in *raw*, whose last one has no end there; *stamped*: as in `LogLine.of`.

    A log is read as fast as this is: where all of them are as usual, they are taken apart together.
    """
    text = raw.decode("utf-8", "surrogateescape")
    texts: Iterable[str] = (whole := text.split("\n"))
    stamps: Iterable[str] = repeat("")
    usual = "\r" not in text
    if usual and stamped:
        stamps = [line[:STAMP] for line in whole]
        texts = [line[STAMP:] for line in whole]
        # A character has four bytes at most.
        most = STAMP + ENTRY if text.isascii() else (STAMP + ENTRY) // 4
        usual = max(map(len, whole)) <= most and _are_usual("".join(stamps), len(whole))
    if not usual:
        return [LogLine.of(stream, line, stamped=stamped) for line in raw.split(b"\n")]
    fields = zip(repeat(stream), texts, repeat(True), stamps, repeat(None))
    return list(map(_MAKE, repeat(LogLine), fields))


def _are_usual(stamps: str, count: int) -> bool:
    """Whether these are so many as docker writes them."""
    return stamps.isascii() and stamps.encode().translate(_ZEROS) == _FORM * count


def _without_stamps(raw: bytes, found: re.Match[bytes]) -> bytes:
    rest = raw[found.end() :]
    if len(rest) <= ENTRY or found.end() != STAMP:
        return rest
    # docker puts its stamp in front of each entry that a long line was cut to
    parts: list[bytes] = []
    at = 0
    while at < len(raw):
        again = _STAMP.match(raw, at)
        if again is None or again.end() - at != STAMP:
            return b"".join([*parts, raw[at:]])
        parts.append(raw[again.end() : again.end() + ENTRY])
        at = again.end() + ENTRY
    return b"".join(parts)
