"""SECURITY.md is true: each test that it names exists, and each promise has some, and mutations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mutations import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
PROMISES = dict(re.findall(r"^### P(\d+) [^\n]+\n(.*?)(?=^##)", TEXT, re.M | re.S))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: part.rpartition("/")[2])
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M)


def test_each_promise_is_there_with_the_tests_that_prove_it() -> None:
    assert list(PROMISES) == [str(number) for number in range(1, 12)]
    for number, text in PROMISES.items():
        assert len(re.findall(r"^- `tests/", text, re.M)) >= 4, f"P{number}"


def test_each_promise_has_been_broken_in_at_least_two_ways() -> None:
    for number in PROMISES:
        assert len(load(f"p{int(number):02}")) >= 2, f"P{number}"


def test_every_file_that_it_speaks_of_is_there() -> None:
    for path in re.findall(r"\]\(([\w./]+)\)", TEXT):
        assert (ROOT / path).exists(), path
