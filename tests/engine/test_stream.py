"""Streams of a real docker: their lines, their ends, and what is left of them (T7, T9, T16)."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import ContainerFailed, DeadlineExceeded, NoSuchContainer, Silent
from dockcli.models.line import LogLine
from dockcli.stream import Stream

Unique = Callable[[str], str]
MEGABYTE = 1 << 20
WRITES = "while :; do echo out; echo err >&2; sleep 0.02; done"


def ours() -> list[str]:
    """The command lines of this process's children."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append((path.parent / "cmdline").read_bytes().decode())
    return found


@pytest.fixture
def writer(docker: Docker, base: str, unique: Unique) -> Iterator[str]:
    """A container that writes on and on, to both of its outputs."""
    name = unique("writer")
    docker.run(base, "sh", "-c", WRITES, name=name, detach=True)
    yield name
    docker.rm(name, force=True)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_the_lines_of_a_log_as_they_come(cli: Docker, cli_base: str, unique: Unique) -> None:
    name = unique("c")
    script = "printf 'one\\r\\n'; printf '\\377\\0 two\\n'; sleep 0.1; echo err >&2; printf 'three'"
    cli.run(cli_base, "sh", "-c", script, name=name)
    try:
        lines = list(cli.logs(name, follow=True, deadline=20))
        out = [line for line in lines if line.stream == "stdout"]
        # docker's engine keeps its logs as JSON, in which bytes that are no UTF-8 are lost
        kept = cli.binary == "podman"
        byte = b"\xff".decode("utf-8", "surrogateescape" if kept else "replace")
        assert [line.text for line in out] == ["one", f"{byte}\0 two", "three"]
        assert [line.text for line in lines if line.stream == "stderr"] == ["err"]
        times = [line.time for line in out]
        assert all(time is not None for time in times)
        assert times == sorted(filter(None, times))
        plain = list(cli.logs(name, stream=True, timestamps=False, deadline=20))
        assert {line.text for line in plain} == {line.text for line in lines}
        assert {line.time for line in plain} == {None}
    finally:
        cli.rm(name, force=True)


@pytest.mark.parametrize("size", [16383, 16384, 16385, 32768, 100_000])
def test_a_long_line_comes_back_whole(
    docker_cli: str, docker: Docker, base: str, unique: Unique, size: int
) -> None:
    """The engine keeps 16 KiB of a line in an entry, and stamps each."""
    client, name = Docker(docker_cli), unique("c")
    script = f"yes 0123456 | tr '\\n' . | head -c {size}; echo; echo after"
    docker.run(base, "sh", "-c", script, name=name)
    try:
        long, after = client.logs(name, follow=True, deadline=20)
        assert long.text == ("0123456." * (size // 8 + 1))[:size]
        assert long.ended
        assert after.text == "after"
    finally:
        docker.rm(name)


def test_a_line_of_100_megabytes_comes_in_pieces(docker: Docker, base: str, unique: Unique) -> None:
    size = 100 * MEGABYTE
    script = f"head -c {size} /dev/zero | tr '\\0' x"
    begun, most, got = resident(), 0, 0
    with docker.run(base, "sh", "-c", script, rm=True, log_driver="none", stream=True) as lines:
        for line in lines:
            assert line.text == "x" * len(line.raw)
            got += len(line.raw)
            most = max(most, resident() - begun)
    assert got == size
    assert most < 32 * MEGABYTE


def test_a_stamped_line_of_megabytes_comes_in_pieces(
    docker: Docker, base: str, unique: Unique
) -> None:
    size, name = 4 * MEGABYTE + 12345, unique("c")
    script = f"head -c {size} /dev/zero | tr '\\0' x; echo; echo after"
    docker.run(base, "sh", "-c", script, name=name, detach=True)
    try:
        docker.wait(name)
        *pieces, after = docker.logs(name, follow=True)
        assert "".join(piece.text for piece in pieces) == "x" * size
        assert [piece.ended for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        assert (after.text, after.ended) == ("after", True)
    finally:
        docker.rm(name, force=True)


def test_memory_is_flat_over_128_megabytes_of_lines(docker: Docker, base: str) -> None:
    line = "0123456789" * 6 + "0123"
    script = f"yes {line} | head -c {128 * MEGABYTE}"
    begun, most, size = resident(), 0, 0
    with docker.run(base, "sh", "-c", script, rm=True, log_driver="none", stream=True) as lines:
        for number, one in enumerate(lines):
            size += len(one.raw) + one.ended
            if number % 20_000 == 0:
                most = max(most, resident() - begun)
    assert size == 128 * MEGABYTE
    assert most < 64 * MEGABYTE


@pytest.mark.soak
def test_memory_is_flat_over_a_log_of_a_gibibyte(docker: Docker, base: str, unique: Unique) -> None:
    line, name = "0123456789" * 6 + "0123", unique("c")
    docker.run(
        base, "sh", "-c", f"yes {line} | head -c {1024 * MEGABYTE}", name=name, detach=True,
        log_driver="local", log_opt={"max-size": "2g"},
    )  # fmt: skip
    try:
        begun, most, size = resident(), 0, 0
        for number, one in enumerate(docker.logs(name, follow=True)):
            size += len(one.text) + one.ended
            if number % 100_000 == 0:
                most = max(most, resident() - begun)
        assert size == 1024 * MEGABYTE
        assert most < 64 * MEGABYTE
    finally:
        docker.rm(name, force=True)


def test_what_fails_comes_in_place_of_the_next_item(docker: Docker, base: str) -> None:
    with pytest.raises(NoSuchContainer):
        list(docker.logs("t-there-is-none", follow=True))
    lines = docker.run(base, "sh", "-c", "echo said; exit 7", rm=True, stream=True)
    assert next(lines).text == "said"
    with pytest.raises(ContainerFailed) as info:
        next(lines)
    assert info.value.returncode == lines.returncode == 7


@pytest.mark.parametrize("limit", ["deadline", "silence"])
def test_limits(docker: Docker, base: str, limit: str) -> None:
    begun = time.monotonic()
    limits: dict[str, Any] = {limit: 2}
    lines = docker.run(base, "sh", "-c", "echo said; sleep 60", rm=True, stream=True, **limits)
    assert next(lines).text == "said"
    with pytest.raises(DeadlineExceeded, match="removed") as info:
        next(lines)
    assert isinstance(info.value, Silent) == (limit == "silence")
    assert time.monotonic() - begun < 8  # docker's own time to stop the container
    assert ours() == []


# The loop is left, in any way


def take(stream: Stream[Any]) -> None:
    next(stream)


LIVE: dict[str, Callable[[Docker, str, str], Any]] = {
    "logs": lambda docker, base, name: docker.logs(name, follow=True),
    "events": lambda docker, base, name: docker.events(since="1h"),
    "stats": lambda docker, base, name: docker.stats(name, stream=True),
    "run": lambda docker, base, name: docker.run(base, "sh", "-c", WRITES, rm=True, stream=True),
    "exec": lambda docker, base, name: docker.exec(name, "sh", "-c", WRITES, stream=True),
    "attach": lambda docker, base, name: docker.container.attach(name, stream=True),
    "save": lambda docker, base, name: docker.save(base, stream=True),
    "export": lambda docker, base, name: docker.container.export(name, stream=True),
    "cp": lambda docker, base, name: docker.cp(f"{name}:/bin", "-", stream=True),
}


@pytest.mark.parametrize("leave", ["break", "exception", "close", "forget"])
@pytest.mark.parametrize("live", LIVE)
def test_leaving_leaves_no_process(
    docker: Docker, base: str, writer: str, live: str, leave: str
) -> None:
    running = {one.id for one in docker.container.ls()}
    stream = LIVE[live](docker, base, writer)
    first = stream.read(1) if hasattr(stream, "read") else next(stream)
    assert first
    begun = time.monotonic()
    if leave == "close":
        stream.close()
    elif leave == "break":
        with stream:
            for _ in stream:
                break
    elif leave == "exception":
        with pytest.raises(ZeroDivisionError), stream:
            _ = 1 / 0
    del stream, first
    gc.collect()
    took = time.monotonic() - begun
    assert ours() == []
    # docker takes its time to stop a container, and to end in one what an exec has started
    if live not in ("run", "exec"):
        assert took < 1.5
    assert {one.id for one in docker.container.ls()} == running


SCRIPT = """
    import sys
    from tests.engine.test_stream import LIVE
    from dockcli import docker
    stream = LIVE[sys.argv[1]](docker, sys.argv[2], sys.argv[3])
    stream.read(1) if hasattr(stream, "read") else next(stream)
    print("ready", flush=True)
    while True:
        taken = stream.read(65536) if hasattr(stream, "read") else next(stream, None)
        if not taken:
            import time
            time.sleep(60)
"""


@pytest.mark.parametrize("live", LIVE)
def test_ctrl_c_leaves_neither_process_nor_container_nor_a_spoilt_terminal(
    docker: Docker, base: str, writer: str, environment: dict[str, str], live: str
) -> None:
    import pty
    import termios

    running = {one.id for one in docker.container.ls()}
    ours_end, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    words = [sys.executable, "-c", textwrap.dedent(SCRIPT), live, base, writer]
    process = subprocess.Popen(
        words, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=15)
        assert b"KeyboardInterrupt" in said
        assert b"Exception ignored" not in said
        assert process.returncode == -signal.SIGINT
        for child in children:
            assert not Path(f"/proc/{child}").exists()
        assert termios.tcgetattr(theirs) == before
        assert {one.id for one in docker.container.ls()} == running
    finally:
        process.kill()
        process.wait()
        os.close(ours_end)
        os.close(theirs)


# Many


def test_two_hundred_streams_at_once(docker: Docker, base: str, unique: Unique) -> None:
    """Four containers, fifty streams of each: all get all their lines, and nobody else's."""
    names = [unique(str(number)) for number in range(4)]
    for name in names:
        script = f"i=0; while [ $i -lt 200 ]; do echo {name} $i; i=$((i+1)); done; sleep 2"
        docker.run(base, "sh", "-c", script, name=name, detach=True)
    taken: dict[int, list[str]] = {}

    def read(number: int) -> None:
        lines = docker.logs(names[number % 4], follow=True)
        taken[number] = [line.text for line in lines]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(200)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 200
        for number, lines in taken.items():
            assert lines == [f"{names[number % 4]} {line}" for line in range(200)]
    finally:
        docker.rm(*names, force=True)


# Pipelines


def test_a_log_joined_with_grep(docker: Docker, base: str, unique: Unique) -> None:
    from plumbum import local

    name = unique("web")
    script = "echo fine; echo ERROR one; echo ERROR two; yes noise | head -c 300000 >&2"
    docker.run(base, "sh", "-c", script, name=name, log_driver="json-file")
    try:
        pipeline = docker.call.container.logs(name).plumbum() | local["grep"]["ERROR"]
        assert pipeline() == "ERROR one\nERROR two\n"
        assert pipeline.run().returncodes == (0, 0)
    finally:
        docker.rm(name)
    failed = docker.call.container.logs(name).plumbum() | local["cat"]
    assert failed.run(retcode=None).returncodes == (1, 0)


def test_lines_are_log_lines(docker: Docker, writer: str) -> None:
    with docker.logs(writer, follow=True, tail=1) as lines:
        line = next(lines)
    assert isinstance(line, LogLine)
    assert line.stream in ("stdout", "stderr")
