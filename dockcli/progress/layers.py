"""Reads what `pull`, `push` and `load` print of layers: on a terminal, and in a pipe.

docker writes ``35b980b09225: Downloading [==>    ]  2.9MB/31.5MB``, on a terminal over the line
that was there; podman ``Copying blob 35b980b09225 [==>----] 2.9MiB / 30.0MiB``. In a pipe there are
no bytes at all. All sizes are rounded.
"""

from __future__ import annotations

import re

from dockcli.models.human import size
from dockcli.models.progress import Progress
from dockcli.progress.text import Pieces

_BYTES = r"[0-9.]+ ?[kKMGTPE]?i?[Bb]"
_BAR = r"\[[=> -]*\]"
_TIME = r"(?: +\d[0-9hms.]*| +\d+(?:/\d+)? s)?"  # that is left, or that it has taken
_LAYER = re.compile(
    rf"(?P<id>[0-9a-f]{{12}}): (?P<status>\S.*?)(?: {_BAR})?"
    rf"(?: +(?P<current>{_BYTES})(?:/(?P<total>{_BYTES}))?)?{_TIME}"
)
_BLOB = re.compile(
    r"(?P<status>Copying (?:blob|config)) (?:sha256:)?(?P<id>[0-9a-f]{10,64})"
    rf"(?: {_BAR} (?P<current>{_BYTES}) / (?P<total>{_BYTES})| (?P<end>done|skipped: .*?))?"
    r"(?:[ .|].*)?"
)
_ENDS = re.compile(
    r"Pull complete|Already exists|Pushed|Layer already exists|Mounted from .*|done|skipped: .*"
)
_LONGEST = 500  # characters of a line about a layer; the patterns are slow on a long one
_KEPT = 4096  # layers whose last word is known; no image has more than 127


class Layers:
    """The layers of one ``pull``, ``push`` or ``load``; what docker says aside is ``text``."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._pieces = Pieces()
        self._last: dict[str, Progress] = {}

    def feed(self, data: bytes) -> list[Progress]:
        """What *data* tells that is new."""
        return self._read(self._pieces.feed(data))

    def close(self) -> list[Progress]:
        """What is left at the end."""
        return self._read(self._pieces.close())

    def _read(self, lines: list[str]) -> list[Progress]:
        found = []
        for line in filter(None, map(str.strip, lines)):
            one = layer(self._verb, line) or Progress(self._verb, text=line, raw=line)
            if one.id and self._last.get(one.id) == one:
                continue  # podman draws all of them again whenever one has changed
            found.append(one)
            if one.id:
                if len(self._last) >= _KEPT:
                    self._last.clear()
                self._last[one.id] = one
        return found


def layer(verb: str, line: str) -> Progress | None:
    """What *line* says of a layer; None if it is about none."""
    match = len(line) < _LONGEST and (_LAYER.fullmatch(line) or _BLOB.fullmatch(line))
    if not match:
        return None
    groups = match.groupdict()
    status = groups.get("end") or groups["status"]
    current, total = _size(groups["current"]), _size(groups["total"])
    loaded = verb == "load" and current is not None and current == total
    return Progress(
        verb,
        groups["id"][:12],
        status,
        current,
        total,
        approximate=current is not None,
        done=loaded or _ENDS.fullmatch(status) is not None,
        raw=line,
    )


def _size(text: str | None) -> int | None:
    return size(text.replace("b", "B")) if text else None
