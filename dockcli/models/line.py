"""A line that a program wrote, as it comes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?")
ENTRY = 16384
"""The bytes that docker's engine keeps of a line in one entry of a log, each with its own stamp."""
STAMP = 31
"""The bytes of docker's stamp, the space behind it included."""
_MARKS = b"--T::."  # each third byte of it, from the fifth on
_SHORT = STAMP + ENTRY


class LogLine(NamedTuple):
    """A line, and which *stream* it was written to: ``"stdout"`` or ``"stderr"``.

    ``raw`` has its bytes without the end of the line, in `logs` with docker's time in front.
    ``text`` is what was written, ``time`` when: an aware datetime, None where docker does not tell.
    ``ended`` is false for a piece of a line that goes on in the next item (a very long one comes in
    pieces of about 1 MiB), and for a last line without an end.
    """

    stream: str
    raw: bytes
    ended: bool = True
    stamped: bool = False

    @property
    def text(self) -> str:
        """What was written, without the end of the line.

        Bytes that are not UTF-8 become surrogates, so that none is lost.
        """
        written = self.raw
        if self.stamped:
            # The usual stamp in a quarter of the time: a log is read as fast as this.
            usual = written[4:20:3] == _MARKS and written[29:31] == b"Z " and len(written) <= _SHORT
            written = written[STAMP:] if usual else self._written()
        return written.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    @property
    def time(self) -> datetime | None:
        """When it was written, by the engine's clock; cut to microseconds."""
        found = _STAMP.match(self.raw) if self.stamped else None
        if found is None:
            return None
        from dockcli.models.times import moment

        return moment(found[1].decode())

    def __str__(self) -> str:
        return self.text

    def _written(self) -> bytes:
        found = _STAMP.match(self.raw)
        if found is None:
            return self.raw
        rest = self.raw[found.end() :]
        if len(rest) <= ENTRY or found.end() != STAMP:
            return rest
        # docker puts its stamp in front of each entry that a long line was cut to
        parts: list[bytes] = []
        at = 0
        while at < len(self.raw):
            again = _STAMP.match(self.raw, at)
            if again is None or again.end() - at != STAMP:
                return b"".join([*parts, self.raw[at:]])
            parts.append(self.raw[again.end() : again.end() + ENTRY])
            at = again.end() + ENTRY
        return b"".join(parts)
