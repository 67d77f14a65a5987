"""A scope that ends while a call of another thread or task is on its way: what that makes must not
stay (P8)."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockcli import AsyncDocker, Docker
from dockcli.errors import CallError, ContainerKilled
from dockcli.scope import Scope, labelled
from tests.engine.conftest import Front

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")

LATE = 2.5  # seconds, longer than an end takes that knows nothing of the call
SLEEP = ("sleep", "60")


def on_its_way(s: Scope) -> bool:
    """Whether a docker client runs that makes something in the scope."""
    word = f"dockcli.scope={s.id}".encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word in path.read_bytes().replace(b"/image", b""):
                return True
        except OSError:
            continue
    return False


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.02)


def build(client: Docker, base: str, **options: Any) -> Any:
    text = f"FROM {base}\nRUN sleep {LATE}\nRUN echo mine >/mine\n"
    return client.build("-", stdin=text, no_cache=True, tag="dockcli-busy", **options)


CALLS: dict[str, Callable[[Docker, str], Any]] = {
    "run": lambda s, base: s.run(base, *SLEEP),
    "run, told live": lambda s, base: list(s.run(base, *SLEEP, stream=True)),
    "build": build,
}


@pytest.mark.parametrize("what", CALLS)
def test_what_another_thread_makes_does_not_stay(what: str, cli: Docker, cli_base: str) -> None:
    failed: list[BaseException] = []

    def work(s: Scope) -> None:
        try:
            CALLS[what](s, cli_base)
        except CallError as error:
            failed.append(error)

    with cli.scope() as s:
        thread = threading.Thread(target=work, args=(s,))
        thread.start()
        wait_until(lambda: on_its_way(s))
        if what != "build":
            wait_until(lambda: labelled(cli, s.id, ["container"]) != [])
    assert labelled(cli, s.id) == []
    thread.join()
    if what == "build":
        time.sleep(LATE)
        assert labelled(cli, s.id) == []
    assert len(failed) == 1


def test_a_stream_that_nobody_takes_from_makes_nothing_more(docker: Docker, base: str) -> None:
    with docker.scope() as s:
        told = build(s, base, stream=True)
    assert not on_its_way(s)
    time.sleep(LATE)
    assert labelled(docker, s.id) == []
    told.close()


LATELY = {
    "volume": lambda s, base: s.volume.create(),
    "network": lambda s, base: s.network.create("dockcli-busy"),
    "container": lambda s, base: s.create(base, "true", volume="dockcli-busy:/v"),
}


@pytest.fixture
def slow(front: Callable[..., Front]) -> Docker:
    """A docker that takes its time before it tells the engine what to create."""
    return Docker(front(f'case "$*" in *"create "*) sleep {LATE};; esac').path)


@pytest.mark.parametrize("what", LATELY)
def test_what_is_made_late_by_another_thread_does_not_stay(
    what: str, docker: Docker, base: str, slow: Docker
) -> None:
    def work(s: Scope) -> None:
        with pytest.raises(CallError, match="the scope has ended"):
            LATELY[what](s, base)

    with slow.scope() as s:
        thread = threading.Thread(target=work, args=(s,))
        thread.start()
        wait_until(lambda: on_its_way(s))
    thread.join()
    time.sleep(LATE)
    assert labelled(docker, s.id) == []


@pytest.mark.parametrize("what", LATELY)
def test_what_another_task_makes_does_not_stay(
    what: str, docker: Docker, base: str, slow: Docker
) -> None:
    async def main() -> str:
        async with AsyncDocker(slow.binary).scope() as s:
            task = asyncio.create_task(LATELY[what](s, base))
            while not on_its_way(s.sync):  # type: ignore[arg-type]
                await asyncio.sleep(0.02)
        with pytest.raises(CallError, match="the scope has ended"):
            await task
        await asyncio.sleep(LATE)
        return s.id

    assert labelled(docker, asyncio.run(main())) == []


def test_a_container_that_another_task_waits_for_ends(docker: Docker, base: str) -> None:
    async def main() -> str:
        async with AsyncDocker().scope() as s:
            task = asyncio.create_task(s.run(base, *SLEEP))
            while not labelled(docker, s.id, ["container"]):
                await asyncio.sleep(0.05)
        with pytest.raises(ContainerKilled):
            await task
        return s.id

    assert labelled(docker, asyncio.run(main())) == []
