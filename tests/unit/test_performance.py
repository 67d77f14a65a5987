"""The page of the comparison says what its results say, and what is missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import page
from benchmarks.why import WHY

REPOSITORY = Path(__file__).parents[2]
RESULTS = REPOSITORY / "benchmarks" / "results.json"
DOCS = REPOSITORY / "docs"


def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def test_the_page_and_its_plots_are_made_of_the_results_beside_them(tmp_path: Path) -> None:
    page.write(results(), tmp_path / "performance.md")
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("performance*")}
    assert made == kept, "make bench writes both"


def test_the_results_are_of_a_whole_run() -> None:
    found = results()
    assert found["scale"] >= 1
    keys = [row["key"] for row in found["rows"]]
    assert len(keys) == len(set(keys))
    begins = (
        *("import", "script", "call", "argv", "parse", "machine", "list", "inspect", "rm", "stop"),
        *("start", "bytes", "lines", "backup", "restore", "isolation"),
    )
    for begin in begins:
        assert any(key.startswith(begin) for key in keys), begin


def test_each_number_has_its_spread() -> None:
    for row in results()["rows"]:
        for name, way in row["ways"].items():
            for spread in filter(None, (way["seconds"], way["ratio"])):
                assert spread["low"] <= spread["median"] <= spread["high"], (row["key"], name)
                assert spread["rounds"] >= 1


def test_what_is_missed_is_said() -> None:
    text = (DOCS / "performance.md").read_text(encoding="utf-8")
    for row in results()["rows"]:
        if page.reached(row) is False:
            line = next(line for line in text.splitlines() if line.startswith(f"| {row['work']} |"))
            assert line.endswith("| **no** |")
            assert WHY[row["key"]] in text, f"{row['key']} is missed, and nobody says why"


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_exponent_is_that_of_the_curve(power: float) -> None:
    points = [(size, 3 * size**power) for size in (10, 100, 1_000)]
    assert page.exponent(points) == pytest.approx(power)


def test_a_row_is_reached_by_its_median() -> None:
    row: dict[str, Any] = {
        "key": "x",
        "goal": "",
        "target": 1.05,
        "ratio": {"low": 0.9, "median": 1.06, "high": 1.2, "rounds": 9},
    }
    assert page.reached(row) is False
    row["ratio"]["median"] = 1.05
    assert page.reached(row) is True
    assert page.reached({**row, "target": None}) is None
