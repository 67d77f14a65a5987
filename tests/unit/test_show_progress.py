"""What people see: bars on a terminal of each size, lines in a pipe, nothing; and how it ends."""

from __future__ import annotations

import fcntl
import importlib
import io
import os
import pkgutil
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockcli import progress
from dockcli.errors import InvalidArgument
from dockcli.models.progress import Progress
from dockcli.progress import bars, lines, reader, shown, silent
from dockcli.progress.painted import Bars
from dockcli.progress.show import Lines
from tests.unit.test_progress import Clock
from tests.unit.test_progress_readers import recorded


class Window:
    """A terminal of that size: what is written to its `file` is on the `screen`."""

    def __init__(self, columns: int, rows: int) -> None:
        self.parent, child = pty.openpty()
        self.file: TextIO = os.fdopen(child, "w", encoding="utf-8")
        self.screen: Any = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self.bytes = b""
        self.resize(columns, rows)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.parent, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        with self._lock:
            self.screen.resize(rows, columns)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.parent, 65536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self.bytes += data
                self._stream.feed(data)

    @property
    def text(self) -> str:
        with self._lock:
            return "\n".join(row.rstrip() for row in self.screen.display).rstrip()

    def see(self, *parts: str) -> str:
        """Wait until all of them are on the screen."""
        until = time.monotonic() + 10
        while not all(part in self.text for part in parts) and time.monotonic() < until:
            time.sleep(0.01)
        assert all(part in self.text for part in parts), self.text
        return self.text

    def all(self) -> bytes:
        """All that was ever written; nothing more can be."""
        if not self.file.closed:
            self.file.close()
        self._thread.join()
        return self.bytes

    def close(self) -> None:
        self.all()
        os.close(self.parent)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, int], Window]]:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    windows: list[Window] = []

    def make(columns: int, rows: int) -> Window:
        windows.append(Window(columns, rows))
        return windows[-1]

    yield make
    for one in windows:
        one.close()


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert not [one for one in threading.enumerate() if one.name == "dockcli-progress"]


HALF = (
    Progress("pull", text="1: Pulling from shop"),
    Progress("pull", "115d2d9c4904", "Already exists", done=True),
    Progress("pull", "35b980b09225", "Downloading", 7_867_500, 31_470_000, approximate=True),
    Progress("pull", "b286e9019524", "Downloading", 20_980_000, 20_980_000, approximate=True),
    Progress("pull", "c3f8fdd89de1", "Waiting"),
)
REST = (
    *(Progress("pull", one.id, "Pull complete", done=True) for one in HALF[2:]),
    Progress("pull", text="Status: Downloaded newer image for 127.0.0.1:5902/shop:1"),
)
GOLDEN = {
    80: """\
1: Pulling from shop
115d2d9c4904 Already exists ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
35b980b09225 Downloading    ━━━━━━━━╸━━━━━━━━━━━━━━━━━━━━━━━━━ 7.867MB/31.47MB
b286e9019524 Downloading    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 20.98MB/20.98MB
c3f8fdd89de1 Waiting""",
    40: """\
1: Pulling from shop
115d2d9c4904 Already e
35b980b09225 Downloadi 7.867MB/31.47MB
b286e9019524 Downloadi 20.98MB/20.98MB
c3f8fdd89de1 Waiting""",
}


@pytest.mark.parametrize("columns", GOLDEN)
def test_bars_as_they_are_seen(columns: int, window: Callable[[int, int], Window]) -> None:
    terminal = window(columns, 12)
    with shown(file=terminal.file) as on_progress:
        for one in HALF:
            on_progress(one)
        assert terminal.see("Waiting") == GOLDEN[columns]
        assert terminal.screen.cursor.hidden
        for one in REST:
            on_progress(one)
    last = "Status: Downloaded newer image for 127.0.0.1:5902/shop:1"
    terminal.all()
    assert terminal.text.splitlines() == [
        "1: Pulling from shop",
        *(last[at : at + columns] for at in range(0, len(last), columns)),
        "115d2d9c4904 Already exists",
        "35b980b09225 Pull complete",
        "b286e9019524 Pull complete",
        "c3f8fdd89de1 Pull complete",
    ]
    assert not terminal.screen.cursor.hidden
    assert terminal.screen.cursor.x == 0


def test_a_build_as_it_is_seen(window: Callable[[int, int], Window]) -> None:
    terminal, reads = window(100, 40), reader("build")
    with bars(terminal.file) as on_progress:
        for one in [*reads.feed(recorded("buildkit-20-pulls")), *reads.close()]:
            on_progress(one)
    terminal.all()
    assert terminal.text.splitlines() == [
        "[internal] load build definition from Dockerfile DONE",
        "[internal] load .dockerignore DONE",
        "[internal] load metadata for 127.0.0.1:5902/shop:1 DONE",
        "[1/2] FROM 127.0.0.1:5902/shop:1@sha256:2175f5ec4e3a92a32601cc8b7b3f37de69ed9c04e9145edb58"
        "aaab3b355d",
        "86de DONE",
        "[2/2] | hi",
        "[2/2] RUN echo hi DONE",
        "exporting to image DONE",
    ]


def test_what_is_under_way_in_a_build_is_drawn_below(window: Callable[[int, int], Window]) -> None:
    terminal, reads = window(80, 20), reader("build")
    data = recorded("buildkit-20-pulls")
    half = data.index(
        b"#4 sha256:35b980b09225a740623a15a3d87fa34a206d4be160b1d556dac7793117890813 16"
    )
    with bars(terminal.file) as on_progress:
        for one in reads.feed(data[:half]):
            on_progress(one)
        assert terminal.see("14.68MB/31.47MB", "12.58MB/20.98MB").splitlines()[3:] == [
            "[1/2] FROM 127.0.0.1:5902/shop:1@sha256:2",
            f"[1/2] 35b980b09225{' ' * 24}━━━━━━━━━╺━━━━━━━━━━ 14.68MB/31.47MB",
            f"[1/2] b286e9019524{' ' * 24}━━━━━━━━━━━╸━━━━━━━━ 12.58MB/20.98MB",
        ]
        for one in reads.feed(data[half:]):
            on_progress(one)
    terminal.all()
    assert terminal.text.splitlines()[-2:] == ["[2/2] RUN echo hi DONE", "exporting to image DONE"]


def test_bars_follow_a_window_that_is_resized(window: Callable[[int, int], Window]) -> None:
    terminal = window(80, 12)
    with bars(terminal.file) as on_progress:
        on_progress(HALF[2])
        terminal.see("7.867MB/31.47MB")
        for columns in (60, 120, 50):
            terminal.resize(columns, 12)
            on_progress(Progress("pull", "35b980b09225", "Extracting", columns, 1000))
            amount = f"{columns}B/1kB"
            row = terminal.see(amount)
            assert max(map(len, row.splitlines())) < columns
            assert len(row.splitlines()) == 1
            assert len(re.findall("[━╸╺]", row)) == min(40, columns - 27 - len(amount))


def test_more_rows_than_the_window_has(window: Callable[[int, int], Window]) -> None:
    terminal = window(60, 8)
    ids = [f"{n:012x}" for n in range(30)]
    with bars(terminal.file) as on_progress:
        for id in ids[:20]:
            on_progress(Progress("pull", id, "Pull complete", done=True))
        for id in ids[20:]:
            on_progress(Progress("pull", id, "Waiting"))
        seen = terminal.see("and 24 more").splitlines()
        assert [row.split()[0] for row in seen[:-1]] == ids[20:26]  # not those that are done
    written = terminal.all()
    assert written.count(b"Pull complete") == 20  # at the end all are told
    assert terminal.text.splitlines()[-1].startswith(ids[-1])


def test_nothing_to_show_leaves_no_trace(window: Callable[[int, int], Window]) -> None:
    terminal = window(80, 12)
    with shown(file=terminal.file):
        pass
    assert terminal.all() == b""


def test_colours_only_where_they_are_wanted(
    window: Callable[[int, int], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    def colours() -> bool:
        terminal = window(80, 12)
        with shown(file=terminal.file) as on_progress:
            for one in (*HALF, *REST):
                on_progress(one)
        # 3x, 4x, 9x and 10x are colours, whether basic, of 256 or of all
        return re.search(rb"\x1b\[(?:\d+;)*(?:3|4|9|10)\d[;m]", terminal.all()) is not None

    assert colours()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colours()


def test_dockers_text_cannot_move_the_cursor(window: Callable[[int, int], Window]) -> None:
    terminal = window(80, 12)
    evil = "\x1b[2J\x1b]0;title\x07\x9b1A"
    with shown(file=terminal.file) as on_progress:
        on_progress(Progress("build", "1", text=f"log {evil}", step=1, steps=2, command="RUN x"))
        on_progress(Progress("pull", f"id {evil}", f"status {evil}"))
    text = terminal.see("\\x1b[2J\\x1b]0;title\\x07\\x9b1A")
    assert text.startswith("[1/2] | log ")
    assert b"\x1b]0;" not in terminal.all()
    assert b"\x1b[2J" not in terminal.all()


def test_an_error_in_the_block_leaves_the_terminal_clean(
    window: Callable[[int, int], Window],
) -> None:
    terminal = window(80, 12)

    def fail() -> None:
        with shown(file=terminal.file) as on_progress:
            on_progress(HALF[2])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert terminal.all().endswith(b"\x1b[?25h")
    assert "35b980b09225 Downloading" in terminal.text  # how far it came
    assert "7.867MB/31.47MB" in terminal.text
    assert terminal.screen.cursor.x == 0


_PLAYS = """
import time
from dockcli.models.progress import Progress
from dockcli.progress import shown
try:
    with shown() as on_progress:
        for n in range(10_000):
            on_progress(Progress("pull", "35b980b09225", "Downloading", n, 10_000))
            time.sleep(0.01)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.parametrize("after", [0.0, 0.03, 0.1, 0.25])
def test_ctrl_c_leaves_the_terminal_clean(after: float) -> None:
    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2])}
    program = subprocess.Popen(
        [sys.executable, "-c", _PLAYS],
        stdin=child,
        stdout=child,
        stderr=child,
        env=environment,
        start_new_session=True,
    )
    os.close(child)
    data = b""
    try:
        while b"Downloading" not in data:
            data += os.read(parent, 65536)
        time.sleep(after)
        program.send_signal(signal.SIGINT)
        while True:
            try:
                data += os.read(parent, 65536)
            except OSError:
                break
    finally:
        program.kill()
        program.wait()
        os.close(parent)
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(data)
    assert not screen.cursor.hidden
    said = [row.rstrip() for row in screen.display if row.strip()]
    assert said[-1] == "stopped"
    assert len(said) == 2


def test_a_terminal_that_is_gone_stops_nothing(window: Callable[[int, int], Window]) -> None:
    terminal = window(80, 12)
    with shown(file=terminal.file) as on_progress:
        on_progress(HALF[2])
        terminal.see("35b980b09225")
        terminal.file.close()
        for one in REST:
            on_progress(one)


def test_a_flood_of_lines_is_all_told_and_keeps_nobody_waiting(
    window: Callable[[int, int], Window],
) -> None:
    terminal = window(80, 12)
    begun = time.monotonic()
    with bars(terminal.file) as on_progress:
        for n in range(20_000):
            on_progress(Progress("build", "1", text=f"<{n}>", step=1, steps=1, command="RUN x"))
    assert time.monotonic() - begun < 20
    assert re.findall(rb"<(\d+)>", terminal.all()) == [b"%d" % n for n in range(20_000)]


def test_the_end_waits_for_the_thread_that_draws() -> None:
    class Slow(Bars):
        def _run(self) -> None:
            super()._run()
            time.sleep(0.3)

    shows = Slow(io.StringIO())
    shows(HALF[0])
    thread = shows._thread
    shows.stop()
    assert thread is not None
    assert not thread.is_alive()


def test_lines_that_nobody_draws_do_not_pile_up() -> None:
    class Idle(Bars):
        def _run(self) -> None:
            self._stopped.wait()

    file = io.StringIO()
    shows = Idle(file)
    for n in range(5000):
        shows(Progress("build", text=f"<{n}>"))
        assert len(shows._said) <= 1000
    shows.stop()
    assert file.getvalue().count("<") == 5000


def test_many_threads_may_tell(window: Callable[[int, int], Window]) -> None:
    terminal = window(80, 24)

    def tell(id: str) -> None:
        for n in range(300):
            on_progress(Progress("pull", id, "Downloading", n, 300))
        on_progress(Progress("pull", id, "Pull complete", done=True))

    with bars(terminal.file) as on_progress:
        threads = [threading.Thread(target=tell, args=(f"{n:012x}",)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    terminal.all()
    assert terminal.text.count("Pull complete") == 16


# --- lines


def told(*progress: Progress, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    with shown(file=file) as on_progress:
        for one in progress:
            on_progress(one)
    file.seek(0)
    return file.read()


def test_in_a_pipe_there_is_a_line_for_each_change() -> None:
    reads = reader("pull")
    found = [*reads.feed(recorded("pull-20-tty")), *reads.close()]
    text = told(*found)
    assert "\x1b" not in text
    assert "\r" not in text
    of_one = [line for line in text.splitlines() if line.startswith("35b980b09225")]
    assert of_one == [
        "35b980b09225: Pulling fs layer",
        of_one[1],
        "35b980b09225: Verifying Checksum",
        "35b980b09225: Download complete",
        of_one[4],
        "35b980b09225: Pull complete",
    ]
    assert re.fullmatch(r"35b980b09225: Downloading [\d.]+kB/31.47MB", of_one[1])
    assert re.fullmatch(r"35b980b09225: Extracting [\d.]+kB/31.47MB", of_one[4])


def test_bytes_are_told_once_a_second_for_each_layer() -> None:
    file, clock = io.StringIO(), Clock()
    writes = Lines(file, clock=clock)
    for n in range(100):  # 2.5 seconds
        for id in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
            writes(Progress("pull", id, "Downloading", n, 100))
        clock.now += 0.025
    told_of = [line.partition(":")[0] for line in file.getvalue().splitlines()]
    assert told_of == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] * 3


def test_all_that_a_step_writes_is_told() -> None:
    one = Progress("build", "1", text="again", step=1, steps=1, command="RUN x")
    assert told(one, one) == "[1/1] | again\n" * 2


def test_lines_for_a_file_of_another_encoding() -> None:
    one = Progress("pull", text="grüße \x1b[2J\udcff")
    assert told(one, encoding="ascii") == "gr\\xfc\\xdfe \\x1b[2J\\udcff\n"


def test_a_pipe_without_a_reader_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = os.fdopen(writing, "w")
    with lines(file) as on_progress:
        for one in HALF:
            on_progress(one)
    with pytest.raises(BrokenPipeError):
        file.close()


def test_a_closed_file_stops_nothing() -> None:
    file = io.StringIO()
    file.close()
    with shown(file=file) as on_progress:
        on_progress(HALF[0])


def test_a_dumb_terminal_gets_lines(
    window: Callable[[int, int], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = window(80, 12)
    monkeypatch.setenv("TERM", "dumb")
    with shown(file=terminal.file) as on_progress:
        on_progress(HALF[1])
    assert terminal.see("exists") == "115d2d9c4904: Already exists"


# --- which


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    with shown("silent") as on_progress, silent() as nothing:
        on_progress(HALF[0])
        nothing(HALF[0])
    assert capsys.readouterr() == ("", "")


def test_without_a_file_it_is_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with shown() as on_progress:
        on_progress(HALF[0])
    assert capsys.readouterr() == ("", "1: Pulling from shop\n")


def test_bars_where_somebody_asks_for_them() -> None:
    file = io.StringIO()
    with shown("bars", file) as on_progress:
        on_progress(HALF[2])
    assert "\x1b[?25l" in file.getvalue()
    assert file.getvalue().endswith("\x1b[?25h")


def test_another_mode_is_refused_before_anything() -> None:
    mode: Any = "loud"
    with pytest.raises(InvalidArgument, match="auto, bars, lines or silent"):
        shown(mode)


WORD = st.sampled_from(["", "1", "DONE", "Downloading", "\x1b[2J", "ü" * 400, "\udcff", "한국어"])
BYTES = st.one_of(st.none(), st.integers(min_value=-5, max_value=1 << 70))
ANY = st.builds(
    Progress,
    verb=st.sampled_from(["pull", "build", "save"]),
    id=WORD,
    status=WORD,
    current=BYTES,
    total=BYTES,
    done=st.booleans(),
    text=WORD,
    part=WORD,
    step=st.one_of(st.none(), st.integers(min_value=0, max_value=10**9)),
    command=WORD,
    error=WORD,
)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("mode", ["bars", "lines"])
@settings(max_examples=40, deadline=None)
@given(found=st.lists(ANY, max_size=30))
def test_anything_can_be_shown(mode: Any, encoding: str, found: list[Progress]) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    with shown(mode, file) as on_progress:
        for one in found:
            on_progress(one)
    file.seek(0)
    text = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", file.read()) if mode == "bars" else file.read()
    assert set(text) <= {c for c in text if c.isprintable()} | {"\n", "\r"}


def test_what_is_called_bars_is_called_so_once_all_is_loaded() -> None:
    """A module of that name would take its place."""
    for module in pkgutil.iter_modules(progress.__path__, "dockcli.progress."):
        importlib.import_module(module.name)
    assert all(callable(getattr(progress, name)) for name in progress.__all__)
