"""The page of the soaks has a line for each test, and a part of them leaves the others' lines."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.soak.table import SoakTable


def report(test: str, outcome: str, when: str = "call") -> Any:
    failed = outcome == "failed"
    return SimpleNamespace(
        nodeid=f"tests/a.py::{test}", outcome=outcome, failed=failed, when=when, duration=30.0
    )


def written(page: Path, *reports: Any) -> list[str]:
    """The page's lines after a run with *reports*, their days left out."""
    table = SoakTable(page)
    for one in reports:
        table.pytest_runtest_logreport(one)
    table.pytest_sessionfinish()
    lines = page.read_text(encoding="utf-8").splitlines()
    return [" | ".join(line.split(" | ")[:6]) for line in lines if "tests/" in line]


def test_each_test_has_its_numbers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    lines = written(
        page,
        report("test_it_stays[1]", "passed", "setup"),
        report("test_it_stays[1]", "rerun"),
        report("test_it_stays[1]", "passed"),
        report("test_it_stays[a::b]", "passed"),
        report("test_it_goes", "failed", "setup"),
        report("test_it_goes", "passed"),
        report("test_it_goes", "passed", "teardown"),
    )
    goes = "| it goes | `tests/a.py` | 1 | 1 | 0 | 1.5"
    assert lines == [goes, "| it stays | `tests/a.py` | 2 | 0 | 1 | 2.0"]
    again = written(page, report("test_it_stays[1]", "passed"))
    assert again == [goes, "| it stays | `tests/a.py` | 1 | 0 | 0 | 0.5"]


def test_where_nothing_ran_the_page_stays(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("mine")
    SoakTable(tmp_path / "page.md").pytest_sessionfinish()
    assert (tmp_path / "page.md").read_text() == "mine"
