"""What came of the tests that are too long for every day, as a page of the documentation.

``make soak`` does all of them; a run of some of them (``pytest -m soak FILE --soak-table PAGE``)
has only their lines anew.
"""

from __future__ import annotations

import platform
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import dockcli

HEAD = """\
# What is too long for every day

The last results of `make soak`, which writes this page; a run of some tests has only their lines
anew. The same with fewer moments, or less data, is in `make test`. Many callers at once for twenty
minutes have [a page of their own](soak.md). The minutes are those of all workers together.

| test | in | passed | failed | after a second try | minutes | day | dockcli, Python |
|---|---|---|---|---|---|---|---|
"""
_LINE = re.compile(r"\| (.*?) \| `(tests/\S+\.py)` \| .* \|")


@dataclass
class Run:
    """What came of one test with all its parameters."""

    ended: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class SoakTable:
    """A plugin of pytest that keeps what came of the tests, and writes the page in the end."""

    def __init__(self, page: Path) -> None:
        self._page = page
        self._runs: dict[tuple[str, str], Run] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file, _, test = report.nodeid.partition("[")[0].partition("::")
        words = test.removeprefix("test_").replace("_", " ")
        run = self._runs.setdefault((file, words), Run())
        run.seconds += report.duration
        if report.outcome == "rerun":  # pytest-rerunfailures' own word
            run.ended["again"] += 1
        elif report.failed or report.when == "call":
            run.ended[report.outcome] += 1

    def pytest_sessionfinish(self) -> None:
        if self._runs:
            self._page.write_text(self._text(), encoding="utf-8")

    def _text(self) -> str:
        kept = self._page.read_text(encoding="utf-8").splitlines() if self._page.exists() else []
        lines = {(found[2], found[1]): line for line in kept if (found := _LINE.fullmatch(line))}
        lines |= {key: _line(*key, run) for key, run in self._runs.items()}
        return HEAD + "".join(f"{line}\n" for _, line in sorted(lines.items()))


def _line(file: str, test: str, run: Run) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime())
    numbers = (run.ended["passed"], run.ended["failed"], run.ended["again"])
    cells = [test, f"`{file}`", *map(str, numbers), f"{run.seconds / 60:.1f}", day]
    return f"| {' | '.join(cells)} | {dockcli.__version__}, {platform.python_version()} |"
