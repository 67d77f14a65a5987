"""Threads do not get into each other's way, and nothing of this process is changed (P11)."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dockcli import Docker, Secret
from dockcli.errors import ContainerFailed
from tests.unit.fake import FakeDocker

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
