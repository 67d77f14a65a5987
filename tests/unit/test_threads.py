"""Threads do not get into each other's way, and nothing of this process is changed (P11)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import pytest

from dockcli import AsyncDocker, Docker, Secret
from dockcli.aio import crew
from dockcli.errors import ContainerFailed
from tests.unit.fake import FakeDocker
from tests.unit.ways import WAYS

THREADS = 16
CALLS = 50


def of_this_process() -> tuple[object, ...]:
    numbers = sorted(signal.valid_signals())
    catchable = [number for number in numbers if number not in (signal.SIGKILL, signal.SIGSTOP)]
    return (
        os.getcwd(),
        dict(os.environ),
        [signal.getsignal(number) for number in catchable],
        signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        [line for line in Path("/proc/self/status").read_text().splitlines() if "Umask" in line],
        sorted(os.listdir("/proc/self/fd")),
        threading.active_count(),
    )


def test_calls_in_many_threads_do_not_mix(fake_docker: FakeDocker, tmp_path: Path) -> None:
    fake_docker.will(("show", 1, "WHO"), ("show", 2, "TOKEN"), ("exit", 3))
    before = of_this_process()
    start = threading.Barrier(THREADS)

    def work(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        docker = Docker(cwd=folder, env={"WHO": f"thread {number}"}, labels={"n": str(number)})
        start.wait()
        for turn in range(CALLS):
            token = Secret(f"{number}/{turn}")
            done = docker.run("alpine", str(turn), env={"TOKEN": token}, name="x", check=False)
            assert done.stdout == f"thread {number}".encode()
            assert done.stderr == token.reveal().encode()
            assert done.argv[-1] == str(turn)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert of_this_process() == before
    seen = [(call.cwd, call.env["WHO"], call.argv[-1]) for call in fake_docker.calls]
    assert sorted(seen) == sorted(
        (os.fsencode(tmp_path / str(number)), f"thread {number}".encode(), str(turn).encode())
        for number in range(THREADS)
        for turn in range(CALLS)
    )
    for call in fake_docker.calls:
        assert f"--label=n={os.fsdecode(call.cwd).rpartition('/')[2]}" in call.words
        assert call.files == (0, 1, 2)  # no other thread's pipe was inherited


def test_streams_bytes_and_calls_in_many_threads_do_not_mix(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    """Each thread has its own context and environment, and takes what it asks for in turn by each
    way; a logger that is busy meanwhile holds nobody up."""
    fake_docker.will(("show", 1, "WHO"), ("write", 1, b"\n"), ("show", 2, "WHO"))
    before = of_this_process()
    logger, busy = logging.getLogger("tests.busy"), threading.Event()
    logger.addHandler(logging.NullHandler())

    def log() -> None:
        while not busy.wait(0.001):
            logger.warning("busy")

    def work(number: int) -> None:
        who = f"thread-{number}"
        docker = Docker(context=who, env={"WHO": who})
        for turn in range(CALLS):
            way = ("run", "stream", "bytes", "plumbum")[(number + turn) % 4]
            said = WAYS[way](docker.call.raw("logs", str(turn)))
            if way == "bytes":
                assert said == f"{who}\n".encode()
            elif way == "stream":
                assert {line.text for line in said} == {who}
                assert len(said) == 2
            elif way == "plumbum":
                assert said == (0, f"{who}\n", who)
            else:
                assert (said.stdout, said.stderr) == (f"{who}\n".encode(), who.encode())

    logging_thread = threading.Thread(target=log)
    logging_thread.start()
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, range(THREADS)))
    finally:
        busy.set()
        logging_thread.join()
    assert of_this_process() == before
    seen = [(call.env["WHO"], call.words[0], call.words[-1]) for call in fake_docker.calls]
    assert sorted(seen) == sorted(
        (f"thread-{number}".encode(), f"--context=thread-{number}", str(turn))
        for number in range(THREADS)
        for turn in range(CALLS)
    )


def test_loops_in_many_threads_do_not_mix(fake_docker: FakeDocker) -> None:
    fake_docker.will(("show", 1, "WHO"))
    before = of_this_process()

    def work(number: int) -> None:
        async def main() -> list[bytes]:
            docker = AsyncDocker(env={"WHO": f"loop-{number}"})
            calls = [docker.raw("ps", str(turn)) for turn in range(CALLS // 2)]
            return [done.stdout for done in await asyncio.gather(*calls)]

        assert asyncio.run(main()) == [f"loop-{number}".encode()] * (CALLS // 2)

    with mock.patch.object(crew, "_IDLE", 0.05), ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    until = time.monotonic() + 5
    while of_this_process() != before and time.monotonic() < until:
        time.sleep(0.02)
    assert of_this_process() == before
    assert len(fake_docker.calls) == 4 * (CALLS // 2)


def test_one_client_may_be_shared(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("read",), ("exit", 5))

    def work(number: int) -> None:
        with pytest.raises(ContainerFailed) as info:
            client.exec("web", str(number), stdin=str(number))
        assert info.value.argv[-1] == str(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(64)))
    assert all(call.stdin == call.argv[-1] for call in fake_docker.calls)
    assert len(fake_docker.calls) == 64


def test_nothing_of_this_process_is_changed(fake_docker: FakeDocker, tmp_path: Path) -> None:
    before = of_this_process()
    client = Docker(cwd=tmp_path, env={"A": "b"})
    client.raw("ps", stdin=b"x", deadline=5)
    client.call.exec("web", "id").plumbum().run()
    assert of_this_process() == before


def test_a_call_need_not_be_in_the_main_thread(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("sleep", 60))
    with ThreadPoolExecutor(1) as pool, pytest.raises(TimeoutError):
        pool.submit(client.run, "alpine", name="x", deadline=0.2).result()
