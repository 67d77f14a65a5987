"""What the tests of faults have seen, as a page: `docs/faults.md`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PAGE = """\
# What happens when something breaks

Made by the tests in `tests/faults` (`make faults`) on {date}, from {count} faults: docker {clis},
engine {engine}, Python {python}, Linux. Do not edit.

*Seconds* are from the fault to the error (from the call, where the fault was there before). *Left*
is what was there once the engine, the disk or the connection was well again, and what takes it
away. Beyond that nothing was left: no process, thread, descriptor, temporary file or object of the
engine's. What the user had (a container, a volume, a network, an image) was there as before.
"""
_HEAD = (
    "| in the middle of | the caller gets | s | left, and what removes it |\n|---|---|--:|---|\n"
)
_LONGEST = 170
_SECRET_PLACES = (
    (re.compile(r"`?\S*docker (?:-\S+ |--\S+ )*[a-z].*?`: "), ""),
    (re.compile(r"unix://[^\s\"']+|(?:/tmp|/var/tmp|/root|/home)/[^\s\"',:;)]*"), "…"),
    (re.compile(r"(?:/[\w.-]+)+/docker\b"), "docker"),
    (re.compile(r"http://%2F[^\s\"']*|http://docker\.example\.com[^\s\"']*"), "http://…"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "ID"),
    (re.compile(r"127\.0\.0\.1(?:(:| port )\d+)"), r"127.0.0.1\1PORT"),
    (re.compile(r"ssh -.*? docker system dial-stdio"), "ssh … docker system dial-stdio"),
    (re.compile(r"t[a-z]+-[0-9a-f]{6}-"), ""),
)


@dataclass(frozen=True)
class Row:
    """One fault: *gets* is the error, *seconds* how long it took, *left* what it left."""

    fault: str
    during: str
    gets: str
    seconds: float
    left: str

    def same(self, other: Row) -> bool:
        return (self.fault, self.during) == (other.fault, other.during)


@dataclass(frozen=True)
class Versions:
    clis: str
    engine: str
    python: str


def told(error: BaseException) -> str:
    """The class and the first line of an error, without the places and ids of one run."""
    text = str(error).strip().split("\n", 1)[0]
    for place, instead in _SECRET_PLACES:
        text = place.sub(instead, text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"`{type(error).__name__}`: {text}"


def page(rows: Iterable[Row], versions: Versions) -> str:
    """The page: a table for each fault."""
    faults: dict[str, list[Row]] = {}
    for row in rows:
        faults.setdefault(row.fault, []).append(row)
    date = dt.datetime.now(dt.timezone.utc).date().isoformat()
    count = sum(map(len, faults.values()))
    parts = [
        _PAGE.format(
            date=date,
            count=count,
            clis=versions.clis,
            engine=versions.engine,
            python=versions.python,
        )
    ]
    for fault, seen in faults.items():
        lines = "".join(
            f"| {_cell(one.during)} | {_cell(one.gets)} | {one.seconds:.1f} | {_cell(one.left)} |\n"
            for one in seen
        )
        parts.append(f"## {fault}\n\n{_HEAD}{lines}")
    return "\n".join(parts)


def write(path: Path, rows: Iterable[Row], versions: Versions) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(rows, versions), encoding="utf-8")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
