"""Reads a build whoever makes it: the first lines tell which builder speaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockcli.progress.text import LIMIT

if TYPE_CHECKING:
    from dockcli.models.progress import Progress
    from dockcli.progress import Reader

_SPEAKERS = re.compile(
    rb"^(?:(?P<buildkit>#\d+ )|(?P<rawjson>\{\"(?:vertexes|statuses|logs|warnings)\")"
    rb"|(?P<legacy>Sending build context to Docker daemon |Step \d+/\d+ : |STEP \d+/\d+: ))",
    re.MULTILINE,
)


class Builds:
    """One build. What docker says before the builder speaks comes with its first line."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._reader: Reader | None = None

    def feed(self, data: bytes) -> list[Progress]:
        """What *data* tells."""
        if self._reader is not None:
            return self._reader.feed(data)
        self._heard += data
        if b"\n" not in data and b"\r" not in data and len(self._heard) < LIMIT:
            return []
        # No further than the limit, or what is found would depend on how much came at once.
        found = _SPEAKERS.search(self._heard[:LIMIT])
        if found is None and len(self._heard) < LIMIT:
            return []
        return self._hand_on(found and found.lastgroup)

    def close(self) -> list[Progress]:
        """What is left at the end."""
        before = []
        if self._reader is None:
            found = _SPEAKERS.search(self._heard)
            before = self._hand_on(found and found.lastgroup)
        assert self._reader is not None
        return [*before, *self._reader.close()]

    def _hand_on(self, speaker: str | None) -> list[Progress]:
        heard = bytes(self._heard)
        self._heard.clear()
        self._reader = _reader(speaker)
        return self._reader.feed(heard)


def _reader(speaker: str | None) -> Reader:
    """The reader of that builder; of none, one that takes all as text."""
    from dockcli.progress.buildkit import BuildKit
    from dockcli.progress.legacy import Legacy
    from dockcli.progress.rawjson import RawJSON

    if speaker == "rawjson":
        return RawJSON()
    return BuildKit() if speaker == "buildkit" else Legacy()
