"""What a call tells is given line by line as it comes, and ends with its loop (P6, P7)."""

from __future__ import annotations

import contextlib
import gc
import itertools
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockcli import Docker
from dockcli.errors import DeadlineExceeded, NoSuchContainer, Silent, UnreadableOutput
from dockcli.models.line import ENTRY, STAMP, LogLine
from dockcli.pipes import Pipes
from dockcli.reading import STDERR, STDOUT, Lines, Rows
from dockcli.stream import Stream
from tests.unit.fake import FakeDocker, is_gone, left_in
from tests.unit.test_bytes import CUT, OUTPUTS
from tests.unit.test_deadline import (
    BEHAVIOURS,
    DEADLINE,
    HANG,
    IGNORE,
    SAID,
    _daemons_end,  # noqa: F401 - a fixture for each test here too
    open_files,
    within,
)

Makes = Callable[..., Docker]

MEGABYTE = 1 << 20
ALL = b"2026-01-02T03:04:05.123456789Z "
STAMPED = {"timestamps": True, "stream": True}
SPEWS = ("spew", 1, b"0123456789" * 6 + b"0123\n")
READY = ("write", 1, b"ready\n")


@pytest.fixture(autouse=True)
def _nothing_is_left_over(fake_docker: FakeDocker) -> Iterator[None]:
    """Neither files nor threads nor children, dead or alive."""
    before = open_files(), threading.active_count()
    yield
    gc.collect()
    assert (open_files(), threading.active_count()) == before
    for seen in fake_docker.calls:
        assert not left_in(seen.group)
        assert not Path(f"/proc/{seen.pid}").exists()


def resident() -> int:
    """The bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def joined(lines: list[LogLine], stream: str) -> bytes:
    """What the lines of a stream were made from."""
    own = [line for line in lines if line.stream == stream]
    return b"".join(line.raw + (b"\n" if line.ended else b"") for line in own)


# What was written is what comes (T7)


@pytest.mark.parametrize("name", OUTPUTS)
def test_lines_come_as_they_were_written(
    fake_docker: FakeDocker, runs_on: Makes, name: str
) -> None:
    data = OUTPUTS[name]
    fake_docker.will(("write", 1, data), ("write", 2, data[::-1]))
    stream = runs_on().logs("web", stream=True, timestamps=False)
    lines = list(stream)
    assert joined(lines, STDOUT) == data
    assert joined(lines, STDERR) == data[::-1]
    assert stream.returncode == 0
    for line in lines:
        assert b"\n" not in line.raw
        assert line.text.encode("utf-8", "surrogateescape") == line.raw.removesuffix(b"\r")
        assert str(line) == line.text
        assert line.time is None


def test_only_the_last_line_may_have_no_end(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b"a\r\n\nb"))
    lines = list(client.logs("web", stream=True, timestamps=False))
    assert [(line.text, line.raw, line.ended) for line in lines] == [
        ("a", b"a\r", True),
        ("", b"", True),
        ("b", b"b", False),
    ]


def test_characters_cut_at_the_edges_of_any_buffer_are_whole(
    fake_docker: FakeDocker, client: Docker
) -> None:
    halves = [(piece[:-1], piece[-1:] + b"\n") for piece in CUT]
    fake_docker.will(*(("write", 1, half) for both in halves for half in both))
    lines = list(client.logs("web", stream=True, timestamps=False))
    assert [line.text for line in lines] == [piece.decode() for piece in CUT]


def test_each_stream_keeps_its_order_and_its_name(fake_docker: FakeDocker, client: Docker) -> None:
    numbers = [f"{number}\n".encode() for number in range(2000)]
    fake_docker.will(*(("write", 1 + number % 2, line) for number, line in enumerate(numbers)))
    lines = list(client.logs("web", stream=True, timestamps=False))
    assert joined(lines, STDOUT) == b"".join(numbers[::2])
    assert joined(lines, STDERR) == b"".join(numbers[1::2])


def test_lines_come_while_docker_runs(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(READY, HANG)
    with within(5), client.logs("web", follow=True, timestamps=False) as lines:
        assert next(lines).text == "ready"
        assert lines.returncode is None


def test_a_line_with_its_time(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(
        ("write", 1, ALL + b"hello\r\n"),
        ("write", 2, b"2026-01-02T03:04:05.5+02:00 there\n"),
        ("write", 2, ALL + b"\n"),
        ("write", 2, b"docker says so\n"),
        ("write", 2, ALL + ALL + b"\n"),
    )
    lines = list(client.logs("web", follow=True))
    assert "--timestamps" in fake_docker.call.words
    at = datetime(2026, 1, 2, 3, 4, 5, 123456, timezone.utc)
    one = [line for line in lines if line.stream == STDOUT]
    assert [(line.text, line.time) for line in one] == [("hello", at)]
    others = [line for line in lines if line.stream == STDERR]
    assert [line.text for line in others] == ["there", "", "docker says so", ALL.decode()]
    elsewhere = datetime(2026, 1, 2, 1, 4, 5, 500000, timezone.utc)
    assert [line.time for line in others] == [elsewhere, at, None, at]


@pytest.mark.parametrize("size", [ENTRY - 1, ENTRY, ENTRY + 1, 2 * ENTRY, 100_000])
def test_the_stamps_within_a_long_line_are_not_in_its_text(size: int) -> None:
    written = bytes(range(1, 10)) * (size // 9 + 1)
    written = written[:size]
    parts = [written[at : at + ENTRY] for at in range(0, size, ENTRY)]
    line = LogLine.of(STDOUT, b"".join(ALL + part for part in parts), stamped=True)
    assert line.text.encode() == written


def test_what_looks_like_a_stamp_in_a_short_line_was_written() -> None:
    line = LogLine.of(STDOUT, ALL + b"x" * 100 + ALL, stamped=True)
    assert line.text == "x" * 100 + ALL.decode()


@pytest.mark.parametrize(
    "stamp",
    [
        b"2026-01-02T03:04:05Z",
        b"2026-01-02T03:04:05.1Z",
        b"2026-01-02T03:04:05.12345678Z",
        b"2026-01-02T03:04:05.123456789Z",
        b"2026-01-02T03:04:05.123456789+00:00",
        b"2026-01-02T03:04:05.123456789-11:30",
    ],
)
@pytest.mark.parametrize("text", [b"", b"Z ", b" Z ", b"x", b"\xff\0"])
def test_every_stamp_is_taken_off(stamp: bytes, text: bytes) -> None:
    line = LogLine.of(STDOUT, stamp + b" " + text, stamped=True)
    assert line.text.encode("utf-8", "surrogateescape") == text
    assert line.time is not None


_TEXT = st.lists(
    st.sampled_from(
        [b"\n", b"\r\n", b"\0", b"\xff", "도".encode(), ALL, b"Z ", b"a", b"", b"\x1b[H"]
    )
    | st.binary(max_size=20),
    max_size=30,
).map(b"".join)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def fed(reader: Any, chunks: list[bytes], stream: str = STDOUT) -> list[Any]:
    items = [item for chunk in chunks for item in reader.feed(stream, chunk)]
    return [*items, *reader.close()]


@settings(max_examples=400, deadline=None)
@given(data=_TEXT, at=st.lists(st.integers(0, 10_000), max_size=20), stamped=st.booleans())
def test_lines_are_the_same_however_they_are_cut(data: bytes, at: list[int], stamped: bool) -> None:
    whole = fed(Lines(stamped=stamped), [data])
    assert fed(Lines(stamped=stamped), cut(data, at)) == whole
    assert joined(whole, STDOUT) == data
    for line in whole:
        assert line.stream == STDOUT
        assert line == LogLine.of(STDOUT, line.raw, line.ended, stamped=stamped)
        assert line.raw.endswith(line.text.encode("utf-8", "surrogateescape")) or b"\r" in line.raw


_WRITTEN = st.lists(
    st.sampled_from([b"a", b"\r", b"\xff", "도".encode(), ALL, b"Z ", b"x" * ENTRY, b"y" * 5000]),
    max_size=4,
).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(
    texts=st.lists(_WRITTEN, min_size=1, max_size=6),
    changed=st.none()
    | st.tuples(st.integers(0, 5), st.integers(0, STAMP - 1), st.binary(max_size=2)),
)
def test_lines_that_are_read_together_are_what_each_is_by_itself(
    texts: list[bytes], changed: tuple[int, int, bytes] | None
) -> None:
    stamps = [ALL] * len(texts)
    if changed is not None:
        line, at, byte = changed
        stamps[line % len(texts)] = ALL[:at] + byte.replace(b"\n", b"") + ALL[at + 1 :]
    raw = [stamp + text for stamp, text in zip(stamps, texts, strict=True)]
    found = Lines(stamped=True).feed(STDOUT, b"".join(one + b"\n" for one in raw))
    assert found == [LogLine.of(STDOUT, one, stamped=True) for one in raw]
    assert [one.raw for one in found] == raw


@settings(max_examples=100, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 3 * MEGABYTE), min_size=1, max_size=3),
    at=st.lists(st.integers(0, 9 * MEGABYTE), max_size=6),
)
def test_no_byte_of_a_long_line_is_lost(sizes: list[int], at: list[int]) -> None:
    data = b"\n".join(bytes([65 + number]) * size for number, size in enumerate(sizes))
    lines = fed(Lines(), cut(data, at))
    assert joined(lines, STDOUT) == data
    assert max(len(line.raw) for line in lines or [LogLine.of(STDOUT, b"")]) < 3 * MEGABYTE + 65536


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(
        st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3), max_size=9
    ),
    ends=st.sampled_from(["\n", "\r\n", "\n\n", "\x1b[H\n", "\x1b[K\n"]),
    at=st.lists(st.integers(0, 2000), max_size=20),
)
def test_rows_are_the_same_however_they_are_cut(
    rows: list[dict[str, str]], ends: str, at: list[int]
) -> None:
    import json

    said = "".join(json.dumps(row, ensure_ascii=False) + ends for row in rows)
    chunks = cut(said.encode("utf-8", "surrogatepass"), at)
    with contextlib.suppress(UnicodeEncodeError):
        said.encode()
        assert fed(Rows(dict, ("docker",)), chunks) == rows


# Rows of JSON


def test_what_stats_does_to_the_screen_is_not_in_its_rows(
    fake_docker: FakeDocker, client: Docker
) -> None:
    row = (
        b'{"BlockIO":"0B / 0B","CPUPerc":"1.50%","Container":"web","ID":"abc","MemPerc":"0.1%",'
        b'"MemUsage":"1MiB / 2MiB","Name":"web","NetIO":"0B / 0B","PIDs":"1"}'
    )
    fake_docker.will(
        ("write", 1, b"\x1b[2J\x1b[H" + row + b"\n\x1b["),
        ("write", 1, b"H" + row + b"\x1b[K\n\x1b[J\x1b[H\n"),
        ("write", 1, row),
    )
    samples = list(client.stats("web", stream=True))
    assert [sample.name for sample in samples] == ["web"] * 3


@pytest.mark.parametrize(
    "said", [b"{\n", b"nonsense\n", b"[1]\n", b'{"a":1}x\n', b"\xff\n", b'{"Type":"x"', b"1\n"]
)
def test_a_row_that_is_no_json_is_unreadable_and_ends_docker(
    fake_docker: FakeDocker, client: Docker, said: bytes
) -> None:
    hang = (HANG,) if said.endswith(b"\n") else ()
    fake_docker.will(("write", 1, said), *hang)
    events = client.events()
    with within(5), pytest.raises(UnreadableOutput):
        next(events)
    assert not left_in(fake_docker.call.group)
    assert list(events) == []


def test_what_docker_says_when_it_fails_comes_in_place_of_the_next_item(
    fake_docker: FakeDocker, client: Docker
) -> None:
    said = b"Error response from daemon: No such container: web\n"
    fake_docker.will(("write", 1, b"a\n"), ("write", 2, said), ("exit", 1))
    stream = client.logs("web", stream=True, timestamps=False)
    taken: list[LogLine] = []
    with pytest.raises(NoSuchContainer) as info:
        taken.extend(stream)
    assert [line.text for line in taken if line.stream == STDOUT] == ["a"]
    assert info.value.stderr == said
    assert info.value.stdout == b"a\n"
    assert stream.returncode == 1
    assert list(stream) == []


def test_a_failure_that_is_not_to_be_checked_is_an_end(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 1, b"a\n"), ("exit", 3))
    stream = client.logs("web", stream=True, check=False)
    assert [line.raw for line in stream] == [b"a"]
    assert stream.returncode == 3


# Limits (T8)


@pytest.mark.parametrize("limit", ["deadline", "silence"])
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_stream_ends_at_its_limit_whatever_docker_does(
    fake_docker: FakeDocker, runs_on: Makes, behaviour: str, limit: str
) -> None:
    fake_docker.will(*BEHAVIOURS[behaviour])
    stdin = b"x" * 1_000_000 if "stdin" in behaviour else None
    limits: dict[str, Any] = {limit: DEADLINE}
    if "spews" in behaviour:  # which is never silent
        limits["deadline"] = DEADLINE
    begun = time.monotonic()
    stream: Stream[LogLine] = runs_on().call.raw("logs", stdin=stdin, **limits).stream()
    with pytest.raises(DeadlineExceeded) as info:
        for _ in stream:
            pass
    started = fake_docker.calls[-1]
    assert time.monotonic() - begun < DEADLINE + 1
    assert not left_in(started.group)
    error = info.value
    assert isinstance(error, Silent) == (limit == "silence" and "spews" not in behaviour)
    if list((fake_docker.folder / "pids").glob("ready-*")):  # a busy machine may start it later
        assert error.stderr == b"err"
    assert list(stream) == []


def test_silence_counts_from_the_last_word(fake_docker: FakeDocker, client: Docker) -> None:
    words = [step for _ in range(8) for step in (("sleep", 0.1), READY)]
    fake_docker.will(READY, *words, HANG)
    stream = client.logs("web", follow=True, timestamps=False, silence=0.6)
    taken: list[LogLine] = []
    with pytest.raises(Silent):
        taken.extend(stream)
    assert [line.text for line in taken] == ["ready"] * 9


def test_a_slow_reader_is_not_dockers_silence(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(READY, ("sleep", 0.2), READY, ("exit", 0))
    stream = client.logs("web", follow=True, timestamps=False, silence=0.5)
    for line in stream:
        assert line.text == "ready"
        time.sleep(0.8)
    assert stream.returncode == 0


def test_a_stream_ends_with_docker_though_another_holds_its_pipes(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(READY, ("daemon", [("spew", 1, b"y\n")]), ("exit", 0))
    with within(3):
        assert next(iter(list(client.logs("web", stream=True, timestamps=False)))).text == "ready"


def test_nobody_is_woken_for_each_of_many_lines(
    fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    move = Pipes.move

    def counted(pipes: Pipes, timeout: float, **how: Any) -> int:
        nonlocal looks
        looks += 1
        return move(pipes, timeout, **how)

    monkeypatch.setattr(Pipes, "move", counted)
    fake_docker.will(*(("write", 1, b"ready\n"), ("sleep", 0.0002)) * 1_000)
    assert len(list(client.logs("web", stream=True, timestamps=False))) == 1_000
    assert looks < 800


# The loop is left, in any way (T9)


def leave_by_break(stream: Stream[Any]) -> None:
    with stream:
        for _ in stream:
            break


def leave_by_an_exception(stream: Stream[Any]) -> None:
    with pytest.raises(ZeroDivisionError), stream:
        [1 / 0 for _ in stream]


def leave_by_close(stream: Stream[Any]) -> None:
    next(stream)
    stream.close()
    stream.close()
    assert list(stream) == []


def leave_without_a_word(stream: Stream[Any]) -> None:
    with stream:
        pass


def leave_by_close_before_the_first(stream: Stream[Any]) -> None:
    stream.close()


LEAVES = {
    "break": leave_by_break,
    "exception": leave_by_an_exception,
    "close": leave_by_close,
    "never iterated": leave_without_a_word,
    "closed at once": leave_by_close_before_the_first,
}
DOING = {
    "waits": (READY, HANG),
    "spews": (READY, ("spew", 1, b"y\n" * 1000)),
    "ignores TERM": (IGNORE, READY, HANG),
    "has a child": (("child", [IGNORE, HANG]), READY, HANG),
}


@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("doing", DOING)
def test_leaving_ends_docker(
    fake_docker: FakeDocker, runs_on: Makes, doing: str, leave: str
) -> None:
    fake_docker.will(*DOING[doing])
    stream: Stream[LogLine] = runs_on().logs("web", follow=True, timestamps=False)
    group = fake_docker.started().group
    with within(1.5):
        LEAVES[leave](stream)
        assert not left_in(group)


@pytest.mark.parametrize("first", [True, False], ids=["after an item", "before any"])
@pytest.mark.parametrize("doing", DOING)
def test_a_stream_that_nobody_holds_ends(
    fake_docker: FakeDocker, runs_on: Makes, doing: str, first: bool
) -> None:
    fake_docker.will(*DOING[doing])
    stream: Stream[LogLine] | None = runs_on().logs("web", follow=True, timestamps=False)
    group = fake_docker.started().group
    if first:
        assert stream is not None
        next(stream)
    with within(1.5):
        stream = None  # without a collection: nothing in it refers to itself
        assert not left_in(group)


def test_a_loop_that_raised_leaves_nothing_once_its_traceback_is_gone(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(*DOING["waits"])

    def loop() -> None:
        for _ in client.logs("web", follow=True):
            raise ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        loop()
    assert not left_in(fake_docker.call.group)


SCRIPT = """
import sys
from dockcli import Docker
docker = Docker()
stream = {make}
{body}
"""


def script(make: str, body: str, stdout: int | None = None) -> subprocess.Popen[bytes]:
    code = SCRIPT.format(make=make, body=textwrap.dedent(body))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("body", ["next(stream)", "next(stream); sys.exit(3)", "1 / next(stream)"])
def test_the_interpreter_may_end_in_the_middle(
    fake_docker: FakeDocker, client: Docker, body: str
) -> None:
    fake_docker.will(READY, HANG)
    process = script("docker.logs('web', follow=True)", body)
    with process:
        _, said = process.communicate(timeout=20)
    assert not left_in(fake_docker.call.group)
    expected = {"next(stream)": 0, "next(stream); sys.exit(3)": 3}.get(body, 1)
    assert process.returncode == expected, said.decode()
    assert b"Exception ignored" not in said


LIVE = {
    "logs": ("docker.logs('web', follow=True)", "container logs"),
    "events": ("docker.events()", "system events"),
    "stats": ("docker.stats(stream=True)", "container stats"),
    "run": ("docker.run('alpine', 'yes', name='mine', stream=True)", "container run"),
    "exec": ("docker.exec('web', 'yes', stream=True)", "container exec"),
    "attach": ("docker.container.attach('web', stream=True)", "container attach"),
    "build": ("docker.build('/tmp', stream=True)", "image build"),
    "pull": ("docker.pull('alpine', stream=True)", "image pull"),
    "push": ("docker.push('alpine', stream=True)", "image push"),
    "load": ("docker.load(stdin=b'x', stream=True)", "image load"),
    "save": ("docker.save('alpine', stream=True)", "image save"),
    "export": ("docker.container.export('web', stream=True)", "container export"),
    "cp out": ("docker.cp('web:/etc', '-', stream=True)", "container cp"),
    "cp in": ("docker.cp('/etc/hosts', 'web:/tmp', stream=True)", "container cp"),
}


@pytest.mark.parametrize("live", LIVE)
@pytest.mark.parametrize("hurt", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM], ids=str)
def test_ctrl_c_in_a_loop_ends_docker(
    fake_docker: FakeDocker, client: Docker, live: str, hurt: signal.Signals
) -> None:
    if hurt != signal.SIGINT and live not in ("logs", "save"):
        return  # the same way as those
    make, command = LIVE[live]
    fake_docker.will(*SAID, HANG, when=command)
    body = """
        import signal
        if {hurt} != signal.SIGINT:  # as a program may have it
            signal.signal({hurt}, lambda *_: sys.exit(1))
        while True:
            stream.read(1) if hasattr(stream, "read") else next(stream)
    """.format(hurt=int(hurt))
    process = script(make, body, stdout=subprocess.PIPE)
    with process:
        fake_docker.marked("ready")
        group = next(seen.group for seen in fake_docker.calls if seen.command == command)
        time.sleep(0.3)
        process.send_signal(hurt)
        begun = time.monotonic()
        assert is_gone(group, within=1.5)
        _, said = process.communicate(timeout=20)
        assert time.monotonic() - begun < 5
    assert not left_in(group)
    if hurt == signal.SIGINT:
        assert b"KeyboardInterrupt" in said
        assert process.returncode == -signal.SIGINT
    assert b"Exception ignored" not in said, said.decode()
    if live == "run":
        stops = [seen for seen in fake_docker.calls if seen.command == "container inspect"]
        assert stops, "the container was not looked for"


def test_a_run_that_is_left_stops_its_container(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("cidfile", "a" * 64), READY, HANG, when="container run")
    with client.run("alpine", "sleep", "60", rm=True, stream=True) as lines:
        next(lines)
    assert fake_docker.commands == ["container run", "container stop", "container rm"]
    assert "a" * 64 in fake_docker.calls[1].words


# Memory and the writer (T16)


def test_memory_is_flat_and_a_slow_reader_slows_the_writer(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("mark", "writer"), ("spew", 1, (ALL + b"x" * 64 + b"\n") * 600))
    with client.logs("web", stream=True) as lines:
        next(lines)
        writer = Path(f"/proc/{fake_docker.marked('writer')}/io")
        time.sleep(0.5)
        told = dict(line.split(": ") for line in writer.read_text().splitlines())
        assert int(told["wchar"]) < MEGABYTE
        begun, most, size = resident(), 0, 0
        for number, line in enumerate(lines):
            size += len(line.raw)
            if number % 20_000 == 0:
                most = max(most, resident() - begun)
            if size > 128 * MEGABYTE:
                break
    assert most < 16 * MEGABYTE


@pytest.mark.parametrize("stamped", [True, False])
def test_a_line_of_100_megabytes_comes_in_pieces(
    fake_docker: FakeDocker, client: Docker, stamped: bool
) -> None:
    entry = ALL + b"x" * ENTRY if stamped else b"x" * (STAMP + ENTRY)
    fake_docker.will(("spew", 1, entry * 64))
    begun, most, size = resident(), 0, 0
    with client.logs("web", stream=True, timestamps=stamped) as lines:
        for line in lines:
            assert not line.ended
            text = line.text
            assert text.count("x") == len(text)
            assert len(text) < 2 * MEGABYTE
            size += len(text)
            most = max(most, resident() - begun)
            if size > 100 * MEGABYTE:
                break
    assert most < 32 * MEGABYTE


# Many


def test_two_hundred_streams_at_once(fake_docker: FakeDocker, client: Docker) -> None:
    """All in one thread, in turn: each has its own lines, whole and in order."""
    fake_docker.will(
        ("show", 1, "WHO"), ("write", 1, b"\n"), ("write", 1, b"a\n" * 100), ("show", 1, "WHO")
    )
    streams = [
        Docker(env={"WHO": f"stream-{n}"}).logs("web", stream=True, timestamps=False)
        for n in range(200)
    ]
    taken: list[list[str]] = [[] for _ in streams]
    for number, stream in enumerate(streams):
        taken[number].append(next(stream).text)
    for number, stream in enumerate(streams):
        taken[number] += [line.text for line in stream]
    for number, lines in enumerate(taken):
        assert lines == [f"stream-{number}", *["a"] * 100, f"stream-{number}"]


def test_two_hundred_streams_in_threads(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("show", 1, "WHO"), ("write", 1, b"\n" * 100), ("show", 2, "WHO"))
    taken: dict[int, list[LogLine]] = {}

    def take(number: int) -> None:
        own = Docker(env={"WHO": f"stream-{number}"})
        taken[number] = list(own.logs("web", stream=True, timestamps=False))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 200
    for number, lines in taken.items():
        who = f"stream-{number}".encode()
        assert joined(lines, STDOUT) == who + b"\n" * 100
        assert joined(lines, STDERR) == who
