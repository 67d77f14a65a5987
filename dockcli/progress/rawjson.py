"""Reads what BuildKit prints with ``--progress=rawjson``: a SolveStatus a line, with exact bytes.

The format is `client/graph.go` of moby/buildkit: ``vertexes`` (steps), ``statuses`` (bytes of a
blob or file within one), ``logs`` and ``warnings`` (base64). Each is told again whenever it
changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dockcli.models.fields import Fields
from dockcli.models.progress import Progress
from dockcli.progress import text as texts
from dockcli.progress.steps import Step
from dockcli.progress.text import Lines, pieces

_DIGEST = re.compile(r"(?:(.*) )?(sha256:[0-9a-f]{64})")
_MAKES = re.compile(r"(?:writing image|exporting manifest(?: list)?) (sha256:[0-9a-f]{64})")


class RawJSON:
    """One build; a line that is no such object is ``text``."""

    def __init__(self) -> None:
        self._lines = Lines(longest=1 << 24)  # a line has all that came at once
        self._steps: dict[str, Step] = {}
        self._told: dict[str, Progress] = {}
        self._logs: dict[str, Lines] = {}
        self._images: dict[str, str] = {}

    def feed(self, data: bytes) -> list[Progress]:
        """What *data* tells."""
        return [one for line in self._lines.feed(data) for one in self._line(line)]

    def close(self) -> list[Progress]:
        """What is left at the end."""
        found = [one for line in self._lines.close() for one in self._line(line)]
        for id in list(self._logs):
            found += self._last_of_log(id, "")
        return found

    def _line(self, line: str) -> list[Progress]:
        import json

        try:
            raw = json.loads(line) if line.startswith("{") else None
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, Mapping):
            return [Progress("build", text=one, raw=line) for one in pieces(line)]
        status = Fields(raw)
        found: list[Progress] = []
        for vertex in status.objects("vertexes"):
            found += self._started(vertex)
        for one in status.objects("statuses"):
            found.append(self._bytes(one))
        for log in status.objects("logs"):
            found += self._log(log)
        for warning in status.objects("warnings"):
            found += self._warning(warning)
        for vertex in status.objects("vertexes"):  # its last bytes and words come with its end
            found += self._ended(vertex)
        return found

    def _step(self, id: str) -> Step:
        return self._steps.get(id) or Step(id)

    def _started(self, vertex: Fields) -> list[Progress]:
        id = vertex.text("digest")
        first = id not in self._told
        if id not in self._steps:
            self._steps[id] = Step.named(id, vertex.text("name"))
        if not first or not (vertex.text("started") or vertex.text("completed")):
            return []
        self._told[id] = self._steps[id].tell("STARTED", vertex.raw)
        return [self._told[id]]

    def _ended(self, vertex: Fields) -> list[Progress]:
        id, error = vertex.text("digest"), vertex.text("error")
        if not vertex.text("completed") and not error:
            return []
        status = "CACHED" if vertex.flag("cached") else "DONE"
        if error:
            status = "CANCELED" if error.endswith("context canceled") else "ERROR"
        image = self._images.get(id, "")
        one = self._step(id).tell(
            status, vertex.raw, done=True, cached=status == "CACHED", error=error, image=image
        )
        before, self._told[id] = self._told.get(id), one
        if before is not None and (before.status, before.error) == (one.status, one.error):
            return []  # a vertex that is used twice is told twice
        return [*self._last_of_log(id, vertex.raw), one]

    def _bytes(self, one: Fields) -> Progress:
        id, name = one.text("vertex"), one.text("id")
        makes = _MAKES.fullmatch(name)
        if makes:
            self._images[id] = makes[1]
        blob = _DIGEST.fullmatch(name)
        status = (blob[1] or one.text("name")) if blob else name.removesuffix(":")
        current, total = _count(one, "current"), _count(one, "total")
        return self._step(id).tell(
            status,
            one.raw,
            current=current if current or total else None,
            total=total or None,
            done=bool(one.text("completed")),
            part=blob[2] if blob else status,
            image=makes[1] if makes else "",
        )

    def _log(self, log: Fields) -> list[Progress]:
        id = log.text("vertex")
        lines = self._logs.setdefault(id, Lines())
        return self._written(id, lines.feed(_decoded(log.text("data"))), log.raw)

    def _last_of_log(self, id: str, raw: str | Mapping[str, Any]) -> list[Progress]:
        lines = self._logs.pop(id, None)
        return self._written(id, lines.close(), raw) if lines else []

    def _written(self, id: str, lines: list[str], raw: str | Mapping[str, Any]) -> list[Progress]:
        step = self._step(id)
        return [step.tell(raw=raw, text=one) for line in lines for one in pieces(line)]

    def _warning(self, warning: Fields) -> list[Progress]:
        said = pieces(texts.text(_decoded(warning.text("short"))))
        step = self._step(warning.text("vertex"))
        return [step.tell("WARN", warning.raw, text=one) for one in said]


def _decoded(data: str) -> bytes:
    """Go's JSON has bytes in base64; what is none is taken as it is."""
    import base64

    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        return data.encode("utf-8", "backslashreplace")


def _count(one: Fields, name: str) -> int:
    """A number of bytes; 0 for what BuildKit's int64 cannot be."""
    n = one.number(name)
    return n if 0 <= n < 1 << 63 else 0
