"""The bytes of a call as something to read, or to hand to another process (P6, P7, P10)."""

from __future__ import annotations

import errno
import fcntl
import gc
import io
import os
import signal
import subprocess
import tarfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.bytestream import ByteStream
from dockcli.errors import DeadlineExceeded, DockerFailed, InvalidArgument, NoSuchContainer, Silent
from tests.unit.fake import FakeDocker, Seen, left_in
from tests.unit.test_bytes import OUTPUTS
from tests.unit.test_deadline import BEHAVIOURS, DEADLINE, HANG, IGNORE, SPEW, open_files, within
from tests.unit.test_stream import MEGABYTE, resident

Makes = Callable[..., Docker]

BLOCK = bytes(range(256)) * 256
GONE = b"Error response from daemon: No such container: web\n"


@pytest.fixture(autouse=True)
def _nothing_is_left_over(fake_docker: FakeDocker) -> Iterator[None]:
    """Neither files nor threads nor children, dead or alive."""
    before = open_files(), threading.active_count()
    yield
    gc.collect()
    for path in (fake_docker.folder / "pids").glob("daemon-*"):
        os.kill(int(path.name.rpartition("-")[2]), signal.SIGKILL)
    end = time.monotonic() + 1
    while (now := (open_files(), threading.active_count())) != before and time.monotonic() < end:
        time.sleep(0.01)  # a thread that has nothing left to do
    assert now == before
    for seen in fake_docker.calls:
        assert not left_in(seen.group)
        assert not Path(f"/proc/{seen.pid}").exists()


def export(client: Docker, **own: Any) -> ByteStream:
    return client.container.export("web", stream=True, **own)


def started(fake: FakeDocker, command: str) -> Seen:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for seen in fake.calls:
            if seen.command == command:
                return seen
        time.sleep(0.005)
    raise AssertionError(f"{command} was not started")


# What was written is what is read (T7)


@pytest.mark.parametrize("name", OUTPUTS)
def test_bytes_are_read_as_they_were_written(
    fake_docker: FakeDocker, runs_on: Makes, name: str
) -> None:
    fake_docker.will(("write", 1, OUTPUTS[name]), ("write", 2, b"beside"))
    with export(runs_on()) as stream:
        assert stream.read() == OUTPUTS[name]
        assert stream.returncode == 0
        assert stream.read() == b""


@pytest.mark.parametrize("size", [1, 1023, 1025, 65535, 65536, 65537, 1_000_000])
def test_reads_of_any_size(fake_docker: FakeDocker, client: Docker, size: int) -> None:
    data = BLOCK * 4 + b"end"
    fake_docker.will(("write", 1, data[:100]), ("write", 1, data[100:]))
    with export(client) as stream:
        parts = iter(lambda: stream.read(size), b"") if size > 1 else iter([stream.read()])
        assert b"".join(parts) == data


def test_it_is_a_file_like_any_other(fake_docker: FakeDocker, client: Docker) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        told = tarfile.TarInfo("etc/motd")
        told.size = 5
        tar.addfile(told, io.BytesIO(b"hello"))
    fake_docker.will(("write", 1, archive.getvalue()))
    with export(client) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        assert [(member.name, member.size) for member in tar] == [("etc/motd", 5)]
    fake_docker.will(("write", 1, b"a\nb\nc"))
    with export(client) as stream:
        assert stream.readable()
        assert not stream.seekable()
        assert not stream.writable()
        assert stream.readline() == b"a\n"
        assert stream.peek()[:1] == b"b"
        buffer = bytearray(2)
        assert stream.readinto(buffer) == 2
        assert list(stream) == [b"c"]
    assert stream.closed
    with pytest.raises(ValueError, match="closed"):
        stream.read()


def test_the_end_of_a_failed_call_is_its_error(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b"half"), ("write", 2, GONE), ("exit", 1))
    with export(client) as stream:
        assert stream.read(4) == b"half"
        with pytest.raises(NoSuchContainer) as info:
            stream.read(1)
        assert info.value.stderr == GONE
        assert stream.returncode == 1
    with pytest.raises(NoSuchContainer), export(client) as stream:
        stream.read()


def test_a_failure_that_is_not_to_be_checked(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b"half"), ("exit", 9))
    with export(client, check=False) as stream:
        assert (stream.read(), stream.returncode) == (b"half", 9)


# Limits (T8)


@pytest.mark.parametrize("limit", ["deadline", "silence"])
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_read_ends_at_its_limit_whatever_docker_does(
    fake_docker: FakeDocker, runs_on: Makes, behaviour: str, limit: str
) -> None:
    fake_docker.will(*BEHAVIOURS[behaviour])
    stdin = b"x" * 1_000_000 if "stdin" in behaviour else None
    limits: dict[str, Any] = {limit: DEADLINE}
    if "spews" in behaviour:
        limits["deadline"] = DEADLINE
    begun = time.monotonic()
    stream = runs_on().call.raw("export", stdin=stdin, **limits).open()
    with stream, pytest.raises(DeadlineExceeded) as info:
        list(iter(lambda: stream.read(65536) and None, b""))
    assert time.monotonic() - begun < DEADLINE + 1
    assert not left_in(fake_docker.calls[-1].group)
    assert isinstance(info.value, Silent) == (limit == "silence" and "spews" not in behaviour)
    if list((fake_docker.folder / "pids").glob("ready-*")):  # a busy machine may start it later
        assert info.value.stderr == b"err"


TRICKLE = (("write", 1, b"x"), ("sleep", 0.005)) * 1_000


@pytest.mark.parametrize("doing", [[SPEW], TRICKLE], ids=["spews", "trickles"])
def test_a_read_ends_with_docker_though_another_goes_on_writing_into_its_pipe(
    fake_docker: FakeDocker, client: Docker, doing: Any
) -> None:
    fake_docker.will(("write", 1, b"mine"), ("daemon", doing), ("exit", 0))
    with within(3), export(client) as stream:
        assert stream.read(4) == b"mine"
        for _ in iter(lambda: stream.read(65536), b""):
            pass
        assert stream.returncode == 0


def test_nobody_is_woken_for_each_of_many_small_pieces(
    fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    readv = os.readv
    monkeypatch.setattr(os, "readv", lambda *given: reads.append(given) or readv(*given))
    fake_docker.will(*(("write", 1, b"x" * 1_000), ("sleep", 0.0002)) * 1_000)
    with export(client) as stream:
        assert len(stream.read()) == 1_000_000
    assert len(reads) < 800


# It is left, in any way (T9)

DOING = {
    "waits": (("write", 1, b"x" * 10), HANG),
    "spews": (("spew", 1, BLOCK),),
    "ignores TERM": (IGNORE, ("write", 1, b"x" * 10), HANG),
}


@pytest.mark.parametrize("read", [True, False], ids=["read", "not read"])
@pytest.mark.parametrize("doing", DOING)
@pytest.mark.parametrize("leave", ["close", "with", "forget", "exception"])
def test_leaving_ends_docker(
    fake_docker: FakeDocker, runs_on: Makes, doing: str, leave: str, read: bool
) -> None:
    fake_docker.will(*DOING[doing])
    stream: ByteStream | None = export(runs_on())
    assert stream is not None
    group = started(fake_docker, "container export").group
    if read:
        assert len(stream.read(10)) == 10
    with within(1.5):
        if leave == "close":
            stream.close()
            stream.close()
        elif leave == "with":
            with stream:
                pass
        elif leave == "exception":
            with pytest.raises(ZeroDivisionError), stream:
                _ = 1 / 0
        stream = None
        assert not left_in(group)


@pytest.mark.parametrize("leave", ["close", "forget"])
def test_leaving_a_stream_whose_pipe_was_handed_over(
    fake_docker: FakeDocker, client: Docker, leave: str
) -> None:
    fake_docker.will(("write", 1, b"x" * 10), HANG)
    stream: ByteStream | None = export(client)
    assert stream is not None
    assert os.read(stream.fileno(), 10) == b"x" * 10
    with within(1.5):
        if leave == "close":
            stream.close()
        stream = None
        assert not left_in(fake_docker.call.group)


# Memory (T16)


def test_memory_is_flat_and_a_slow_reader_slows_the_writer(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("mark", "writer"), ("spew", 1, BLOCK))
    with export(client) as stream:
        stream.read(1)
        writer = Path(f"/proc/{fake_docker.marked('writer')}/io")
        time.sleep(0.5)
        told = dict(line.split(": ") for line in writer.read_text().splitlines())
        assert int(told["wchar"]) < MEGABYTE
        begun, most, size = resident(), 0, 1
        while size < 256 * MEGABYTE:
            size += len(stream.read(65536))
            most = max(most, resident() - begun)
    assert most < 16 * MEGABYTE


@pytest.mark.parametrize("allowed", [True, False])
def test_its_pipe_holds_more_than_others_where_the_system_allows_it(
    fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    control = fcntl.fcntl

    def controlled(pipe: int, command: int, *value: int) -> int:
        if command == fcntl.F_SETPIPE_SZ and not allowed:
            raise PermissionError(errno.EPERM, "as a user's pipes have all that they may")
        return control(pipe, command, *value)

    monkeypatch.setattr(fcntl, "fcntl", controlled)
    fake_docker.will(("write", 1, 3 * BLOCK), ("mark", "written"))
    with export(client) as stream:
        if allowed:
            assert fake_docker.marked("written")
        else:
            with pytest.raises(AssertionError):
                fake_docker.marked("written", patience=0.3)
        assert stream.read() == 3 * BLOCK


# Handed to another process: nothing passes through Python


def test_two_threads_may_see_the_end_of_a_pipe_at_once(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 2, b"said"), ("close", 2), HANG)
    with export(client) as stream:
        running = stream._pipe._running
        pipe = running.process.stderr.fileno()
        while pipe in running.pipes._sinks:  # one of them, in the thread that reads beside
            running.pipes.move(0.1)
        assert running.pipes._read(pipe) == 0  # and who ends the stream


def test_the_pipe_itself_is_handed_to_another_call(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(HANG, when="container export")
    fake_docker.will(("write", 1, b"begun\n"), HANG, when="image load")
    stream = export(client)
    with client.call.image.load(stdin=stream).stream() as items:
        producer, consumer = (
            started(fake_docker, command).pid for command in ("container export", "image load")
        )
        out, into = (
            os.readlink(f"/proc/{pid}/fd/{fd}") for pid, fd in ((producer, 1), (consumer, 0))
        )
        assert out == into
        assert out.startswith("pipe:")
        assert stream.handed_over
        with pytest.raises(OSError, match="another process reads"):
            stream.read(1)
        del items
    assert stream.closed


@pytest.mark.parametrize("size", [0, 10, 50 * MEGABYTE])
def test_what_one_call_writes_another_has(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, size: int
) -> None:
    data = os.urandom(size)
    (tmp_path / "data").write_bytes(data)
    fake_docker.will(("copy", 1, str(tmp_path / "data")), when="container export")
    fake_docker.will(("read",), when="image load")
    stream = export(client)
    client.raw("image", "load", stdin=stream)
    assert started(fake_docker, "image load").stdin == data
    assert stream.returncode == 0


def test_a_producer_that_fails_is_the_callers_error(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(
        ("write", 1, b"half"), ("write", 2, GONE), ("exit", 1), when="container export"
    )
    fake_docker.will(("read",), when="image load")
    with pytest.raises(NoSuchContainer):
        client.raw("image", "load", stdin=export(client))
    assert started(fake_docker, "image load").stdin == b"half"


@pytest.fixture(params=["exec yes", "yes; exit $?"], ids=["docker", "wrapped"])
def endless(request: pytest.FixtureRequest, tmp_path: Path) -> ByteStream:
    """What a call writes that ends when it is told that nobody wants more, as docker does."""
    program = tmp_path / "endless"
    program.write_text(f"#!/bin/sh\n{request.param}\n")
    program.chmod(0o755)
    return Docker(program).call.raw("export").open()


def test_a_consumer_that_fails_is_the_callers_error(
    fake_docker: FakeDocker, client: Docker, endless: ByteStream
) -> None:
    """That its producer was then told so by its broken pipe is no reason, but what followed."""
    fake_docker.will(("taste", 10), ("write", 2, b"no space left\n"), ("exit", 1))
    with within(3), pytest.raises(DockerFailed, match="no space left"):
        client.raw("image", "load", stdin=endless)
    assert endless.closed


def test_where_both_fail_the_first_is_the_error_and_the_other_is_told(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(
        ("write", 1, b"half"), ("write", 2, GONE), ("exit", 1), when="container export"
    )
    fake_docker.will(("read",), ("write", 2, b"unexpected EOF\n"), ("exit", 1), when="image load")
    with pytest.raises(NoSuchContainer) as info:
        client.raw("image", "load", stdin=export(client))
    assert "unexpected EOF" in str(info.value.__cause__)


def test_a_consumer_that_wants_no_more_is_no_failure(
    fake_docker: FakeDocker, client: Docker, endless: ByteStream
) -> None:
    fake_docker.will(("taste", 10), ("write", 1, b"enough"))
    with within(3):
        assert client.raw("image", "load", stdin=endless).stdout == b"enough"
    assert endless.closed


@pytest.mark.parametrize("limit", ["deadline", "silence"])
def test_the_limit_of_a_consumer_holds_for_both(
    fake_docker: FakeDocker, client: Docker, limit: str
) -> None:
    fake_docker.will(HANG)
    limits: dict[str, Any] = {limit: DEADLINE}
    with within(DEADLINE + 1), pytest.raises(DeadlineExceeded):
        client.raw("image", "load", stdin=export(client), **limits)


def test_the_limit_of_a_producer_holds_for_both(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(HANG, when="container export")
    fake_docker.will(("read",), when="image load")
    with within(DEADLINE + 1), pytest.raises(DeadlineExceeded) as info:
        client.raw("image", "load", stdin=export(client, deadline=DEADLINE))
    assert "container export" in str(info.value)


def test_a_foreign_process_reads_it(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, BLOCK))
    with export(client) as stream:
        told = subprocess.run(["wc", "-c"], stdin=stream, capture_output=True, check=True)
        stream.settle()
    assert told.stdout.split() == [b"65536"]
    fake_docker.will(("write", 1, BLOCK), ("write", 2, GONE), ("exit", 1))
    with export(client) as stream:
        subprocess.run(["wc", "-c"], stdin=stream, capture_output=True, check=True)
        with pytest.raises(NoSuchContainer):
            stream.settle()


def test_who_reads_it_may_begin_when_all_was_written_and_its_process_has_ended(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 1, BLOCK))
    with export(client) as stream:
        pipe = stream.fileno()
        end = time.monotonic() + 5
        while stream.returncode is None and time.monotonic() < end:
            time.sleep(0.01)
        assert stream.returncode == 0
        told = subprocess.run(["wc", "-c"], stdin=stream, capture_output=True, check=True)
        stream.settle()
    assert told.stdout.split() == [b"65536"]
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(pipe)


def test_what_was_read_in_part_cannot_be_handed_over(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 1, BLOCK))
    with export(client) as stream:
        first = stream.read(1)
        with pytest.raises(InvalidArgument, match="has been read"):
            client.raw("image", "load", stdin=stream)
        assert first + stream.read() == BLOCK  # nothing of it is lost
    with pytest.raises(InvalidArgument, match="closed"):
        client.raw("image", "load", stdin=stream)
    assert fake_docker.commands == ["container export"]


def test_what_was_read_is_in_no_frame_of_a_failure(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b"c4nary"), ("exit", 1))
    with client.call.container.export("web").open() as file:
        buffer = bytearray(b"c4nary" * 100)
        with pytest.raises(DockerFailed) as caught:
            list(iter(lambda: file.raw.readinto(buffer), 0))
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    inner = [frame for frame in shown.stack if frame.filename.endswith("dockcli/bytestream.py")]
    assert inner
    shown_there = [text for frame in inner for text in (frame.locals or {}).values()]
    assert not [text for text in shown_there if "c4nary" in text]
