"""How far a long copy is: counted exactly, told seldom, shown as a bar, as lines or not at all."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable
from dataclasses import replace

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockcli.data import progress
from dockcli.data.progress import Meter, VolumeProgress, shown
from dockcli.errors import InvalidArgument

MB = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Copy:
    """A copy on a clock of its own."""

    def __init__(self, total: int | None) -> None:
        self.told: list[VolumeProgress] = []
        self.clock = Clock()
        self.meter = Meter(total, self.told.append, self.clock)

    def run(self, rate: int, seconds: float, step: float = 0.01) -> None:
        for _ in range(round(seconds / step)):
            self.clock.now += step
            self.meter.add(round(rate * step))

    @property
    def last(self) -> VolumeProgress:
        return self.told[-1]


def test_it_is_told_ten_times_a_second_at_the_most_and_at_the_end() -> None:
    copy = Copy(20 * MB)
    copy.run(10 * MB, 2, step=0.001)
    assert 15 <= len(copy.told) <= 21
    copy.meter.close()
    copy.clock.now += 10
    copy.meter.close()
    copy.meter.add(5)
    assert [one.done for one in copy.told].count(True) == 1
    assert copy.last == VolumeProgress(20 * MB, 20 * MB, pytest.approx(10 * MB), 0.0, done=True)
    assert copy.last.fraction == 1.0


def test_a_copy_of_nothing_is_told_once() -> None:
    copy = Copy(0)
    copy.meter.close()
    assert copy.told == [VolumeProgress(0, 0, 0.0, 0.0, done=True)]
    assert copy.last.fraction is None


def test_rate_and_time_left() -> None:
    copy = Copy(100 * MB)
    copy.clock.now += 30  # the helper starts
    copy.run(10 * MB, 3)
    assert copy.told[0] == VolumeProgress(100_000, 100 * MB, 0.0, None)
    assert copy.last.rate == pytest.approx(10 * MB, rel=0.02)
    assert copy.last.left == pytest.approx(7, rel=0.05)
    copy.run(1 * MB, 1)
    assert 6 * MB < copy.last.rate < 9 * MB  # a short lull is no new rate
    copy.run(1 * MB, 12)
    assert copy.last.rate == pytest.approx(1 * MB, rel=0.25)
    copy.clock.now += 600  # it hung
    copy.meter.add(1)
    assert copy.last.rate < 100
    copy.meter.close()
    assert copy.last.rate == pytest.approx(43 * MB / 646, rel=0.01)  # of all of it


def test_a_total_that_is_not_known_or_too_low() -> None:
    unknown = Copy(None)
    unknown.run(MB, 1)
    assert (unknown.last.left, unknown.last.fraction) == (None, None)
    assert unknown.last.rate == pytest.approx(MB)
    low = Copy(MB)
    low.run(MB, 2)
    assert (low.last.left, low.last.fraction) == (None, 1.0)


def test_what_the_callback_raises_ends_the_copy() -> None:
    def ends(one: VolumeProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Meter(1, ends).add(1)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0, 100)), max_size=50), st.integers(0))
def test_whatever_comes_the_count_is_exact(chunks: list[tuple[int, float]], total: int) -> None:
    copy = Copy(total)
    for n, seconds in chunks:
        copy.clock.now += seconds
        copy.meter.add(n)
    copy.meter.close()
    assert copy.last.current == sum(n for n, _ in chunks)
    counts = [one.current for one in copy.told]
    assert counts == sorted(counts)
    for one in copy.told:
        assert one.rate >= 0
        assert one.left is None or one.left >= 0
        assert one.fraction is None or 0 <= one.fraction <= 1


# --- what people see

HALF = VolumeProgress(256 * MB, 512 * MB, 12_340_000.0, 20.7)
DONE = VolumeProgress(512 * MB, 512 * MB, 160_000_000.0, 0.0, done=True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress._Lines.__init__, "__defaults__", (clock,))
    return clock


def test_in_a_pipe_there_is_a_line_every_five_seconds(clock: Clock) -> None:
    file = io.StringIO()
    with shown("backup of data", file=file) as told:
        for _ in range(120):
            told(HALF)
            clock.now += 0.1
        told(VolumeProgress(5_000, None, 0.0, None))
        told(DONE)
    assert file.getvalue().splitlines() == [
        *["backup of data: 256MB of 512MB (50 %), 12.34MB/s, 0:21 left"] * 2,
        "backup of data: 512MB, 160MB/s, done",
    ]


def test_a_short_copy_is_one_line() -> None:
    file = io.StringIO()
    with shown("a\nb\x1b[2J", "lines", file) as told:
        told(HALF)
        told(DONE)
    assert file.getvalue() == "a\\nb\\x1b[2J: 512MB, 160MB/s, done\n"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (VolumeProgress(10, None, 5.0, None), "10B, 5B/s"),
        (VolumeProgress(999, 1000, 1.0, 1.0), "999B of 1kB (99 %), 1B/s, 0:01 left"),
        (VolumeProgress(0, 10**12, 1e8, 9_999.5), "0B of 1TB (0 %), 100MB/s, 2:46:40 left"),
        (VolumeProgress(0, 10**15, 1.0, 1e15), "0B of 1PB (0 %), 1B/s, days left"),
        (VolumeProgress(0, 0, 0.0, 0.0, done=True), "0B, 0B/s, done"),
    ],
)
def test_how_it_is_said(clock: Clock, one: VolumeProgress, said: str) -> None:
    file = io.StringIO()
    with shown("v", "lines", file) as told:
        clock.now += 6
        told(one)
    assert file.getvalue() == f"v: {said}\n"


def test_when_nobody_reads_any_more_the_copy_goes_on() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with shown("v", "lines", Broken()) as told:
        told(DONE)
        told(DONE)


def test_silence_and_modes_that_there_are_not(capfd: pytest.CaptureFixture[str]) -> None:
    with shown("v", "silent") as told:
        told(DONE)
    with shown("v") as told:
        told(DONE)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "v: 512MB, 160MB/s, done\n")
    with pytest.raises(InvalidArgument, match="auto, bars, lines or silent"), shown("v", "loud"):  # type: ignore[arg-type]
        pass


def on_a_terminal(does: Callable[[io.TextIOWrapper], None]) -> pyte.Screen:
    """What is on a terminal of 80 columns afterwards."""
    parent, child = pty.openpty()
    fcntl.ioctl(parent, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)

    def read() -> None:
        while True:
            try:
                stream.feed(os.read(parent, 65536))
            except OSError:
                return

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(child, "w", encoding="utf-8") as file:
        does(file)
    reader.join()
    os.close(parent)
    return screen


def test_at_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def half(file: io.TextIOWrapper) -> None:
        with shown("backup of data", file=file) as told:
            told(HALF)

    first = on_a_terminal(half).display[0].rstrip()
    assert re.fullmatch(r"backup of data +12\.34MB/s, 0:21 left [━╸╺ ]+ 256MB/512MB", first)

    def whole(file: io.TextIOWrapper) -> None:
        with shown("backup of data", file=file) as told:
            told(HALF)
            told(replace(DONE, total=900 * MB))  # more was expected: it is done all the same

    screen = on_a_terminal(whole)
    assert re.fullmatch(r"backup of data 160MB/s, done ━+ 512MB/900MB", screen.display[0].rstrip())
    assert screen.display[1].strip() == ""
    assert not screen.cursor.hidden
    assert not [one for one in threading.enumerate() if one.name == "dockcli-progress"]


def test_rich_is_loaded_for_a_bar_alone() -> None:
    code = (
        "import sys; from dockcli.data.progress import *\n"
        "with shown('v', 'lines') as told: Meter(1, told).close()\n"
        "print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert done.stderr.startswith("v: 0B")
