"""How many bytes a call has moved: by positions of files, by the system, or not known."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dockcli.meter import READ, STDIN, STDOUT, Counts, Marks, Meter, Tally, by_system, meter
from dockcli.models.progress import Progress


def running(process: Any = None, **given: Any) -> Any:
    """As much of a running process as a meter looks at."""
    process = process or SimpleNamespace(pid=os.getpid(), returncode=None)
    pipes = SimpleNamespace(**{"fed": None, "wanted": None, "heard": 0, **given})
    return SimpleNamespace(process=process, pipes=pipes)


def last(one: Meter) -> Progress:
    one.note()
    (told,) = one.close()
    return told


def test_what_was_moved_since_the_last_look_is_told_once() -> None:
    seen = iter([5, 5, 12, 7])
    counted = Meter("save", lambda: next(seen), 12)
    told = counted.look()
    assert [(one.current, one.done) for one in told] == [(5, False)]
    for _ in range(2):  # it never goes back, and is not told again at once
        assert counted.look() == []
    assert last(counted) == Progress("save", "", "Copied", 12, 12, done=True)
    assert counted.close() == []


def test_nothing_is_said_where_nothing_is_known() -> None:
    counted = Meter("load", lambda: None, approximate=True)
    (first,) = counted.look()
    assert (first.current, first.approximate, first.fraction) == (None, False, None)
    assert last(counted) == Progress("load", "", "Copied", done=True)


def test_an_approximate_count_ends_with_the_size_that_is_known() -> None:
    seen = iter([4000, 5200])  # with what docker has read for itself
    counted = Meter("cp", lambda: next(seen), 5000, approximate=True)
    assert counted.look()[0].current == 4000
    assert last(counted) == Progress("cp", "", "Copied", 5000, 5000, approximate=True, done=True)
    above = Meter("cp", lambda: 5100, 5000, approximate=True)
    above.look()
    assert last(above).current == 5000


def test_a_file_is_counted_from_where_it_was_before_the_process_began(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(bytes(1000))
    with path.open("rb") as file:
        file.read(100)  # Python has read all of it by now
        marks = Marks.of(file, None)
        assert (marks.stdin, marks.left) == (100, 900)
        os.lseek(file.fileno(), 400, os.SEEK_SET)  # where the process has come to
        counted = meter(Counts("load", STDIN), running(), file, None, marks)
        assert last(counted) == Progress("load", "", "Copied", 300, 900, done=True)


@pytest.mark.parametrize("append", [False, True])
def test_a_file_that_is_written_to_is_counted_without_what_was_in_it(
    tmp_path: Path, append: bool
) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(bytes(1000))
    with path.open("ab" if append else "r+b") as file:
        if append:
            os.lseek(file.fileno(), 0, os.SEEK_SET)  # it is written to its end all the same
        else:
            file.seek(200)
        marks = Marks.of(None, file.fileno())
        os.write(file.fileno(), bytes(50))
        counted = meter(Counts("save", STDOUT), running(), None, file.fileno(), marks)
        assert last(counted).current == 50


def test_what_is_no_file_has_no_mark() -> None:
    reading, writing = os.pipe()
    try:
        with open(reading, "rb", closefd=False) as pipe, open("/dev/null", "rb") as device:
            for stdin in (
                None,
                b"x",
                iter([b"x"]),
                io.BytesIO(b"x"),
                io.StringIO("x"),
                pipe,
                device,
            ):
                assert Marks.of(stdin, writing) == (None, None, None)
    finally:
        os.close(reading)
        os.close(writing)


def test_what_is_fed_is_counted_exactly() -> None:
    bytes_given = running(fed=7, wanted=9)
    assert last(
        meter(Counts("load", STDIN), bytes_given, b"123456789", None, Marks.of(b"", None))
    ) == (Progress("load", "", "Copied", 7, 9, done=True))
    iterated = meter(Counts("load", STDIN), running(fed=7), iter([]), None, Marks.of(None, None))
    assert last(iterated).total is None


def test_what_comes_out_of_a_pipe_is_counted_exactly() -> None:
    marks = Marks.of(None, None)
    counted = meter(Counts("save", STDOUT), running(heard=3), None, None, marks)
    assert last(counted) == Progress("save", "", "Copied", 3, done=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process reads")
def test_a_pipe_from_another_process_is_counted_by_the_system() -> None:
    read = "import sys, time; print(len(sys.stdin.buffer.read()), flush=True)"
    code = f"{read}; time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-IS", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(bytes(1_000_000))
        child.stdin.close()
        assert child.stdout.readline() == b"1000000\n"
        counted = meter(
            Counts("load", STDIN), running(process=child), child.stdin, None, Marks.of(None, None)
        )
        counted.note()
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
    (told,) = counted.close()
    assert told.approximate
    assert told.current is not None
    assert 1_000_000 <= told.current < 3_000_000
    counts = by_system(running(), READ)
    assert counts() is not None
    ended = SimpleNamespace(pid=os.getpid(), returncode=0)
    assert by_system(running(process=ended), READ)() is None  # its number is another's by now


def test_who_is_told_of_a_stream_hears_of_every_byte() -> None:
    told: list[Progress] = []
    tally = Tally("export", told.append)
    for _ in range(100):
        tally(7)
    tally.close()
    tally.close()
    assert told[0] == Progress("export", "", "Copying", 7)
    assert told[-1] == Progress("export", "", "Copied", 700, done=True)
    assert [one.done for one in told].count(True) == 1
