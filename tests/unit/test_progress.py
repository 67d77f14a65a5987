"""`Progress` as a value, the byte counter, and the words for both."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dockcli
import dockcli.progress
from dockcli.models.progress import Progress
from dockcli.progress import Counted
from dockcli.progress.words import amount, harmless, line, readable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("current", "total", "fraction"),
    [(None, 4, None), (1, None, None), (1, 0, None), (1, 4, 0.25), (5, 4, 1.0), (-1, 4, 0.0)],
)
def test_the_fraction_is_between_none_and_all(
    current: int | None, total: int | None, fraction: float | None
) -> None:
    assert Progress("pull", current=current, total=total).fraction == fraction


def test_progress_is_a_frozen_value_that_can_be_sent_elsewhere() -> None:
    one = Progress("build", "1", "DONE", done=True, raw={"vertex": []})
    assert pickle.loads(pickle.dumps(one)) == one
    assert {one} == {Progress("build", "1", "DONE", done=True)}  # raw is what it is read from
    with pytest.raises(AttributeError):
        setattr(one, "status", "ERROR")  # noqa: B010 - a type checker would refuse it too


def test_bytes_are_counted_exactly_and_told_twenty_times_a_second_at_the_most() -> None:
    clock = Clock()
    counted = Counted("save", 10_000, "shop.tar", clock=clock)
    told = []
    for _ in range(1000):  # one second
        told += counted.add(7)
        clock.now += 0.001
    assert 15 <= len(told) <= 21
    assert told[0] == Progress("save", "shop.tar", "Copying", 7, 10_000)
    assert [one.current for one in told] == sorted(one.current or 0 for one in told)
    told += counted.close()
    assert told[-1] == Progress("save", "shop.tar", "Copied", 7000, 10_000, done=True)
    assert not any(one.approximate for one in told)


def test_the_last_count_is_told_once() -> None:
    counted = Counted("cp")
    assert counted.add(5)[0].total is None
    assert counted.add(5) == []
    (last,) = counted.close()
    assert (last.current, last.done) == (10, True)
    assert counted.close() == []
    assert counted.add(5) == []


@given(st.lists(st.integers(min_value=0, max_value=1 << 40), max_size=50))
def test_no_byte_is_lost(sizes: list[int]) -> None:
    counted = Counted("load")
    for size in sizes:
        counted.add(size)
    (last,) = counted.close()
    assert last.current == sum(sizes)


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0B"), (999, "999B"), (1000, "1kB"), (31_471_327, "31.47MB"), (2_140_000_000, "2.14GB")],
)
def test_bytes_are_written_as_docker_does(n: int, text: str) -> None:
    assert readable(n) == text


@given(st.integers(min_value=0, max_value=1 << 80))
def test_any_number_of_bytes_is_short(n: int) -> None:
    assert len(readable(n)) <= 12


def test_amounts() -> None:
    assert amount(Progress("pull")) == ""
    assert amount(Progress("pull", current=5)) == "5B"
    assert amount(Progress("pull", current=0, total=10)) == "0B/10B"


STEP: dict[str, Any] = {"step": 2, "steps": 5, "command": "RUN make"}


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Progress("pull", "35b980b09225", "Pull complete"), "35b980b09225: Pull complete"),
        (Progress("pull", text="Digest: x"), "Digest: x"),
        (Progress("build", "8", "STARTED", **STEP), "[2/5] RUN make"),
        (Progress("build", "8", "STARTED", stage="two", **STEP), "[two 2/5] RUN make"),
        (Progress("build", "8", text="compiling", **STEP), "[2/5] | compiling"),
        (Progress("build", "8", "ERROR", error="no", done=True, **STEP), "[2/5] ERROR: no"),
        (
            Progress("build", "8", "extracting", 1, 2, part=f"sha256:{'a' * 64}", **STEP),
            "[2/5] extracting aaaaaaaaaaaa 1B/2B",
        ),
        (Progress("build", "6", "STARTED", command="[internal] load"), "[internal] load"),
        (Progress("build", status="DONE", image="1ef0", done=True), "build: DONE 1ef0"),
        (Progress("save", "", "Copied", 5, 5, done=True), "save: Copied 5B/5B"),
        (
            Progress("build", "context", "Sending build context", 2048, approximate=True),
            "context: Sending build context 2.048kB",
        ),
    ],
)
def test_each_in_a_line(one: Progress, text: str) -> None:
    assert line(one) == text


@given(st.text(), st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_what_a_terminal_would_obey_is_spelled_out(text: str, encoding: str) -> None:
    shown = harmless(text, encoding)
    assert shown.isprintable()
    shown.encode(encoding)
    assert len(shown.encode("ascii", "replace")) <= 10 * 310


def test_what_is_harmless_is_left_as_it_is() -> None:
    assert harmless("grüße 한국어") == "grüße 한국어"
    assert harmless("a\x1b[2Jb\x07\udcff") == "a\\x1b[2Jb\\x07\\udcff"
    assert harmless("ü", "ascii") == "\\xfc"
    assert harmless("x" * 400) == "x" * 300 + "..."


def test_reading_and_telling_lines_load_no_big_library() -> None:
    code = (
        "import io, sys; from dockcli.progress import Counted, reader, shown\n"
        "with shown(file=io.StringIO()) as tell: tell(Counted('cp').add(5)[0])\n"
        "for verb in ('pull', 'build'): reader(verb).feed(b'#1 x\\n')\n"
        "print(*sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(dockcli.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "dockcli.progress.buildkit" in loaded
    assert not {"rich", "json", "asyncio", "sh", "plumbum"} & set(loaded)


def test_the_public_names_are_there() -> None:
    for name in dockcli.progress.__all__:
        assert getattr(dockcli.progress, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = dockcli.progress.nonsense
