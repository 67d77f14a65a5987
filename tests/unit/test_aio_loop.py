"""The event loop is never held up, threads are few, and loops do not get into each other's way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dockcli import AsyncDocker
from tests.unit.fake import FakeDocker, left_in
from tests.unit.test_aio import _threads_go, ours  # noqa: F401 - a fixture for each test here too
from tests.unit.test_threads import of_this_process

HELD_UP = 0.05  # seconds
SHARE = 0.15  # of the time
LONG = 3.0  # seconds that a call takes
MEGABYTE = 1 << 20


BESIDE = """
import sys, threading, time
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set())).start()
begun, late = time.monotonic(), 0
while not over.is_set():
    one = time.monotonic()
    time.sleep(0.01)
    took = time.monotonic() - one - 0.01
    late += took if took > HELD_UP else 0
print(late / (time.monotonic() - begun))
"""


class Ticks:
    """How much too long a coroutine slept that does nothing else; and a process of its own beside
    it, for this machine has other work too."""

    def __init__(self) -> None:
        self.loop: list[float] = []
        self.begun = time.monotonic()
        self.threads = 0
        self.over = threading.Event()
        words = [sys.executable, "-c", BESIDE.replace("HELD_UP", str(HELD_UP))]
        self._beside = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    async def tick(self) -> None:
        while not self.over.is_set():
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            self.loop.append(time.monotonic() - begun - 0.01)
            self.threads = max(self.threads, threading.active_count())

    def free(self) -> bool:
        """Whether the loop was held up for no more of its time than that process, or hardly."""
        share = sum(late for late in self.loop if late > HELD_UP) / (time.monotonic() - self.begun)
        said, _ = self._beside.communicate()
        return share < SHARE + float(said)

    def waited_for_none(self) -> bool:
        """Whether the loop was never held up as long as a call takes. While hundreds of processes
        start on the same processors, it comes late even so."""
        self._beside.communicate()
        return max(self.loop) < LONG / 2


@contextlib.asynccontextmanager
async def ticking() -> AsyncIterator[Ticks]:
    ticks = Ticks()
    task = asyncio.create_task(ticks.tick())
    await asyncio.sleep(0.2)
    try:
        yield ticks
    finally:
        ticks.over.set()
        await task


def undisturbed(main: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
    """Whether the loop was free in one of three runs: what else the machine does only disturbs."""
    return any(asyncio.run(main()) for _ in range(3))


def quick(folder: Path, script: str) -> str:
    """A docker that is a script of the shell's, so that hundreds of them can run."""
    program = folder / "quick-docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_the_loop_goes_on_while_a_call_runs(fake_docker: FakeDocker) -> None:
    fake_docker.will(("sleep", 0.5), ("write", 1, b"done"))

    async def main() -> bool:
        d = AsyncDocker()
        async with ticking() as ticks:
            assert (await d.raw("x")).text == "done"
        assert len(ticks.loop) > 20
        return ticks.free()

    assert undisturbed(main)


def test_the_loop_goes_on_while_much_is_read_and_parsed(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    row = json.dumps({"Name": "volume", "Labels": {str(n): "x" * 50 for n in range(50)}}) + "\n"
    rows = tmp_path / "rows"
    rows.write_text(row * 5_000)  # 15 MB
    fake_docker.will(("copy", 1, str(rows)))

    async def main() -> bool:
        d = AsyncDocker()
        async with ticking() as ticks:
            found = await d.search("x")
            count = 0
            async for _ in d.logs("x", follow=True, timestamps=False):
                count += 1
        assert len(found) == count == 5_000
        return ticks.free()

    assert undisturbed(main)


def test_two_hundred_streams_wait_without_a_thread_each(tmp_path: Path) -> None:
    d = AsyncDocker(quick(tmp_path, "echo $$; exec sleep 60"))

    async def main() -> bool:
        streams = [d.logs("web", follow=True, timestamps=False) for _ in range(200)]
        async with ticking() as ticks:
            lines = await asyncio.gather(*[stream.__anext__() for stream in streams])
            groups = [int(line.text) for line in lines]
            waiting = [asyncio.create_task(stream.__anext__()) for stream in streams]
            await asyncio.sleep(0.5)
            assert threading.active_count() < 10
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        assert len(set(groups)) == 200
        assert not any(left_in(group, within=0) for group in groups[::20])
        return ticks.waited_for_none()

    assert undisturbed(main)


def test_two_hundred_calls_at_once(tmp_path: Path) -> None:
    d = AsyncDocker(quick(tmp_path, f'sleep {LONG}; echo "$1"'))

    async def main() -> bool:
        async with ticking() as ticks:
            done = await asyncio.gather(*[d.raw(str(number)) for number in range(200)])
        assert [int(one.text) for one in done] == list(range(200))
        assert ticks.threads < 150
        return ticks.waited_for_none()

    assert undisturbed(main)


def test_those_that_hang_hold_nobody_up(fake_docker: FakeDocker) -> None:
    fake_docker.will(("mark", "hangs"), ("sleep", 60), when="volume inspect")
    fake_docker.will(("write", 1, b"done"), when="container logs")
    strict = AsyncDocker(strict=True)

    async def main() -> None:
        hung = [
            asyncio.create_task(strict.run("alpine", volume=f"data{name}:/data"))
            for name in range(12)
        ]
        await asyncio.sleep(0.5)
        begun = time.monotonic()
        assert (await strict.logs("web")).text == "done"
        assert time.monotonic() - begun < 3
        for task in hung:
            task.cancel()
        await asyncio.gather(*hung, return_exceptions=True)

    asyncio.run(main())


def test_a_slow_reader_slows_the_process(fake_docker: FakeDocker, tmp_path: Path) -> None:
    script = f"yes $(printf %01023d 0) | head -c {64 * MEGABYTE}; touch {tmp_path}/done"
    d = AsyncDocker(quick(tmp_path, script))

    async def main() -> None:
        async with d.exec("web", "yes", stream=True) as stream:
            await stream.__anext__()
            await asyncio.sleep(0.5)
            assert not (tmp_path / "done").exists()
            assert len(stream._drive.queue) < 10_000
            count = 1
            async for _ in stream:
                count += 1
            assert count == 64 * 1024

    asyncio.run(main())


def test_loops_in_several_threads_do_not_mix(fake_docker: FakeDocker) -> None:
    fake_docker.will(("show", 1, "WHO"))
    before = of_this_process()[:-2]
    shared = AsyncDocker(env={"WHO": "shared"})

    async def main(who: str) -> None:
        d = AsyncDocker(env={"WHO": who})
        for _ in range(3):
            mine, both = await asyncio.gather(d.raw("x"), shared.raw("y"))
            assert (mine.text, both.text) == (who, "shared")
            assert [line.text async for line in d.exec("web", "x", stream=True)] == [who]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: asyncio.run(main(str(number))), range(8)))
    assert of_this_process()[:-2] == before


def test_the_executor_of_asyncio_is_left_alone(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"done"))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        busy = threading.Event()
        loop.set_default_executor(ThreadPoolExecutor(1))
        blocked = loop.run_in_executor(None, busy.wait)
        assert (await AsyncDocker().raw("x")).text == "done"
        busy.set()
        await blocked

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"done"))

    async def main() -> Any:
        return (await AsyncDocker().raw("x")).text

    assert asyncio.run(main()) == "done"
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if asyncio.run(main()) == "done" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
