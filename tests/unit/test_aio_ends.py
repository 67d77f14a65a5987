"""Whatever ends what async code waits for, its process is gone (promise P6 under asyncio)."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import AsyncDocker
from dockcli.aio import crew
from dockcli.errors import DeadlineExceeded, Silent
from tests.unit.fake import FakeDocker, is_gone, left_in
from tests.unit.test_deadline import BEHAVIOURS, DEADLINE, HANG, IGNORE, SAID, open_files, within

ID = "0123456789abcdef" * 4
LINE = ("write", 1, b"2026-01-01T00:00:00.000000000Z a\n")
TALKS = (LINE, ("mark", "ready"), HANG)
STUBBORN = (IGNORE, LINE, ("mark", "ready"), ("child", [IGNORE, HANG]), HANG)


@pytest.fixture(autouse=True)
def _nothing_is_left(fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither files nor threads nor children, dead or alive; daemons are the test's to end."""
    monkeypatch.setattr(crew, "_IDLE", 0.05)
    before = open_files(), threading.active_count()
    yield
    until = time.monotonic() + 5
    while (open_files(), threading.active_count()) != before and time.monotonic() < until:
        time.sleep(0.02)
    assert (open_files(), threading.active_count()) == before
    for seen in fake_docker.calls:
        assert not left_in(seen.group)
        assert not Path(f"/proc/{seen.pid}").exists()
    for path in (fake_docker.folder / "pids").glob("daemon-*"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(path.name.rpartition("-")[2]), signal.SIGKILL)


@pytest.fixture
def d(fake_docker: FakeDocker) -> AsyncDocker:
    return AsyncDocker()


async def through(stream: Any) -> None:
    async for _ in stream:
        pass


FORMS: dict[str, Callable[..., Awaitable[Any]]] = {
    "call": lambda d, **options: d.raw("logs", **options),
    "stream": lambda d, **options: through(d.logs("web", follow=True, **options)),
    "bytes": lambda d, **options: through(d.export("web", stream=True, **options)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_all_end_at_their_deadline_whatever_docker_does(
    fake_docker: FakeDocker, d: AsyncDocker, behaviour: str, form: str
) -> None:
    fake_docker.will(*BEHAVIOURS[behaviour])
    stdin = b"x" * 1_000_000 if "stdin" in behaviour else None

    async def main() -> None:
        begun = time.monotonic()
        with within(DEADLINE + 1), pytest.raises(DeadlineExceeded) as info:
            await FORMS[form](d, deadline=DEADLINE, stdin=stdin)
        assert time.monotonic() - begun >= DEADLINE
        assert info.value.seconds < DEADLINE + 1
        assert info.value.stderr == b"err"
        if form == "call":
            assert info.value.stdout[:3] == b"out"

    asyncio.run(main())


@pytest.mark.parametrize("form", FORMS)
def test_all_end_when_docker_is_silent_too_long(
    fake_docker: FakeDocker, d: AsyncDocker, form: str
) -> None:
    fake_docker.will(*SAID, ("sleep", 0.2), ("write", 1, b"more"), HANG)

    async def main() -> None:
        with within(DEADLINE + 1.5), pytest.raises(Silent) as info:
            await FORMS[form](d, silence=DEADLINE)
        assert info.value.seconds > 0.2 + DEADLINE

    asyncio.run(main())


async def cancelled(work: Awaitable[Any], ready: Callable[[], object]) -> None:
    task = asyncio.ensure_future(work)
    await asyncio.to_thread(ready)
    task.cancel()
    with within(1), pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("script", [TALKS, STUBBORN, BEHAVIOURS["spews for ever"]], ids=str)
def test_a_cancelled_wait_comes_back_when_the_process_has_gone(
    fake_docker: FakeDocker, d: AsyncDocker, script: tuple[Any, ...], form: str
) -> None:
    fake_docker.will(*script)

    async def main() -> None:
        await cancelled(FORMS[form](d), lambda: fake_docker.marked("ready"))
        assert not left_in(fake_docker.call.group, within=0)

    asyncio.run(main())


@pytest.mark.parametrize("form", FORMS)
def test_a_timeout_is_one(fake_docker: FakeDocker, d: AsyncDocker, form: str) -> None:
    fake_docker.will(*STUBBORN)

    async def main() -> None:
        with within(2.5), pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(FORMS[form](d), 1)
        assert not left_in(fake_docker.call.group, within=0)

    asyncio.run(main())


def test_one_that_is_cancelled_twice_ends_its_process_first(
    fake_docker: FakeDocker, d: AsyncDocker
) -> None:
    fake_docker.will(*STUBBORN)

    async def main() -> None:
        task = asyncio.create_task(d.raw("logs"))
        await asyncio.to_thread(fake_docker.marked, "ready")
        for _ in range(5):
            task.cancel()
            await asyncio.sleep(0.02)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not left_in(fake_docker.call.group, within=0)

    asyncio.run(main())


def test_a_call_that_is_cancelled_before_it_starts_starts_nothing(
    fake_docker: FakeDocker, d: AsyncDocker
) -> None:
    async def main() -> None:
        task = asyncio.create_task(d.raw("logs"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stream = d.logs("web", follow=True)
        await stream.aclose()
        assert [line async for line in stream] == []

    asyncio.run(main())
    assert fake_docker.calls == []


def test_what_a_call_asks_beforehand_ends_with_it(fake_docker: FakeDocker) -> None:
    fake_docker.will(("mark", "ready"), HANG, when="volume inspect")
    d = AsyncDocker(strict=True)

    async def main() -> None:
        run = d.run("alpine", volume="data:/data")
        await cancelled(run, lambda: fake_docker.marked("ready"))

    asyncio.run(main())
    assert "container run" not in fake_docker.commands


def test_what_a_call_asks_afterwards_ends_with_it(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    fake_docker.will(("write", 1, ID.encode()), when="container ls")
    fake_docker.will(("mark", "ready"), HANG, when="container inspect")
    asyncio.run(cancelled(d.ps(), lambda: fake_docker.marked("ready")))


@pytest.mark.parametrize("stream", [False, True])
def test_the_container_of_a_cancelled_run_is_stopped(
    fake_docker: FakeDocker, d: AsyncDocker, stream: bool
) -> None:
    fake_docker.will(("cidfile", ID), *TALKS, when="container run")

    async def main() -> None:
        options: Any = {"rm": True, "stream": stream}
        work: Any = d.run("alpine", **options)
        await cancelled(through(work) if stream else work, lambda: fake_docker.marked("ready"))

    asyncio.run(main())
    assert fake_docker.commands == ["container run", "container stop", "container rm"]


Ready = Callable[[], Awaitable[Any]]


async def broken_off(d: AsyncDocker, ready: Ready) -> None:
    async for _ in d.logs("web", follow=True):
        break


async def left_by_an_error(d: AsyncDocker, ready: Ready) -> None:
    with contextlib.suppress(KeyError):
        async for _ in d.logs("web", follow=True):
            raise KeyError


async def left_by_a_context(d: AsyncDocker, ready: Ready) -> None:
    async with d.logs("web", follow=True) as stream:
        await stream.__anext__()


async def context_left_by_an_error(d: AsyncDocker, ready: Ready) -> None:
    with contextlib.suppress(KeyError):
        async with d.logs("web", follow=True):
            await ready()
            raise KeyError


async def closed(d: AsyncDocker, ready: Ready) -> None:
    stream = await d.logs("web", follow=True)
    await ready()
    await stream.aclose()
    await stream.aclose()
    assert [line async for line in stream] == []


async def closed_by_another(d: AsyncDocker, ready: Ready) -> None:
    stream = await d.logs("web", follow=True)
    await ready()
    task = asyncio.create_task(through(stream))
    await asyncio.sleep(0.2)
    await stream.aclose()
    await task


def test_a_stream_is_closed_at_any_moment(tmp_path: Path) -> None:
    program = tmp_path / "quick"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    d = AsyncDocker(program)

    async def main(moment: float) -> None:
        stream = await d.logs("web", follow=True)
        task = asyncio.create_task(through(stream))
        await asyncio.sleep(moment)
        await stream.aclose()
        await task

    async def all_of_them() -> None:
        await asyncio.gather(*[main(0.09 + step / 5000) for step in range(100)])

    asyncio.run(asyncio.wait_for(all_of_them(), 20))


async def let_go(d: AsyncDocker, ready: Ready) -> None:
    stream = await d.logs("web", follow=True)
    await ready()
    del stream


async def bytes_left(d: AsyncDocker, ready: Ready) -> None:
    async for _ in d.export("web", stream=True):
        break


async def bytes_let_go(d: AsyncDocker, ready: Ready) -> None:
    await d.export("web", stream=True).read(1)


KEPT: list[Any] = []


async def kept_until_the_loop_ends(d: AsyncDocker, ready: Ready) -> None:
    stream = d.logs("web", follow=True)
    await stream.__anext__()
    KEPT.append(stream)


async def task_left_to_the_loop(d: AsyncDocker, ready: Ready) -> None:
    KEPT.append(asyncio.create_task(through(d.logs("web", follow=True))))
    await asyncio.sleep(0.3)


WAYS = [
    *(broken_off, left_by_an_error, left_by_a_context, context_left_by_an_error, closed),
    *(closed_by_another, let_go, bytes_left, bytes_let_go, kept_until_the_loop_ends),
    task_left_to_the_loop,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("script", [TALKS, STUBBORN], ids=["talks", "is stubborn"])
def test_a_stream_that_is_left_ends_its_process(
    fake_docker: FakeDocker, d: AsyncDocker, way: Callable[..., Any], script: tuple[Any, ...]
) -> None:
    fake_docker.will(*script)

    async def main() -> None:
        await way(d, lambda: asyncio.to_thread(fake_docker.marked, "ready"))
        if way not in (kept_until_the_loop_ends, task_left_to_the_loop):
            seen = await asyncio.to_thread(fake_docker.started)
            assert await asyncio.to_thread(is_gone, seen.pid)

    asyncio.run(main())
    assert not left_in(fake_docker.call.group, within=0.5)
    KEPT.clear()


@pytest.mark.filterwarnings("ignore")  # asyncio says that a task was pending
@pytest.mark.parametrize("form", FORMS)
def test_a_loop_that_is_closed_over_its_tasks_leaves_nothing(
    fake_docker: FakeDocker, d: AsyncDocker, form: str
) -> None:
    fake_docker.will(*TALKS)
    loop = asyncio.new_event_loop()

    async def main() -> None:
        KEPT.append(asyncio.ensure_future(FORMS[form](d)))
        await asyncio.to_thread(fake_docker.marked, "ready")
        await asyncio.sleep(0.1)

    loop.run_until_complete(main())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    KEPT.clear()
    gc.collect()
    assert is_gone(fake_docker.call.pid)


INTERRUPTED = """
import asyncio, sys
from dockcli import AsyncDocker

async def through(stream):
    async for _ in stream:
        pass

async def main():
    d = AsyncDocker()
    work = {
        "call": lambda: d.raw("logs"),
        "stream": lambda: through(d.logs("web", follow=True)),
        "bytes": lambda: through(d.export("web", stream=True)),
        "many": lambda: asyncio.gather(*[d.raw("logs") for _ in range(5)]),
    }
    await work[sys.argv[1]]()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(7)
"""


@pytest.mark.parametrize("form", [*FORMS, "many"])
def test_ctrl_c_leaves_nothing(fake_docker: FakeDocker, form: str) -> None:
    fake_docker.will(*STUBBORN)
    child = subprocess.Popen([sys.executable, "-c", INTERRUPTED, form], stderr=subprocess.PIPE)
    try:
        fake_docker.marked("ready", patience=20)
        until = time.monotonic() + 20
        while form == "many" and len(fake_docker.calls) < 5 and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        with within(3):
            _, said = child.communicate(timeout=10)
    finally:
        child.kill()
    assert (child.returncode, said) == (7, b"")
    for seen in fake_docker.calls:
        assert not left_in(seen.group, within=0.5)
