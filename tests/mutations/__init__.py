"""The mutations: for each promise, what is broken on purpose, and which test has to notice.

A file for each promise, ``p01.toml`` to ``p11.toml``, or several (``p09-unit.toml``). An entry says
in which ``file`` the text ``find``, which stands there exactly once, becomes ``replace``; which
``tests`` have to turn red, each of them (ids for pytest; options among them, such as ``-k``, hold
for all); and ``why``: what the code no longer does. ``engine = true``: its tests need an engine.

``python -m tests.mutations`` replays them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

ROOT = Path(__file__).resolve().parents[2]
WITH_A_VALUE = ("-k", "-m")


class NoLongerApplies(Exception):
    """The text that is to be broken is not there, or stands there twice."""


@dataclass(frozen=True)
class Mutation:
    """One way to break a promise."""

    promise: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]
    why: str
    engine: bool = False

    def applied(self, tree: Path = ROOT) -> str:
        """The text of the file as it is when it is broken."""
        path = tree / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if (times := text.count(self.find)) != 1:
            raise NoLongerApplies(f"{self.file} has it {times} times: {self.find.strip()!r}")
        return text.replace(self.find, self.replace)

    @property
    def ids(self) -> list[str]:
        """The tests that have to notice, without pytest's options."""
        return [one for one, is_option in self._told_apart() if not is_option]

    @property
    def options(self) -> list[str]:
        """pytest's options among the tests."""
        return [one for one, is_option in self._told_apart() if is_option]

    def _told_apart(self) -> Iterator[tuple[str, bool]]:
        before = ""
        for one in self.tests:
            yield one, one.startswith("-") or before in WITH_A_VALUE
            before = one


def load(*promises: str) -> list[Mutation]:
    """The mutations of *promises* (``"p05"``; of all, where none is named), in order."""
    paths = sorted(Path(__file__).parent.glob("p[0-9][0-9]*.toml"))
    there = sorted({path.stem[:3] for path in paths})
    if unknown := set(promises) - set(there):
        raise SystemExit(
            f"no mutations of {', '.join(sorted(unknown))}: there are those of {there}"
        )
    return [
        Mutation(path.stem[:3], **{**entry, "tests": tuple(entry["tests"])})
        for path in paths
        if not promises or path.stem[:3] in promises
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    ]
