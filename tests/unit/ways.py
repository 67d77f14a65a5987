"""Every way in which a call can be run: what is promised of one is promised of all."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any
from unittest import mock

from dockcli import AsyncDocker
from dockcli.aio import crew
from dockcli.call import Call

Way = Callable[[Call[Any]], Any]


def run(call: Call[Any]) -> Any:
    return call.run()


def stream(call: Call[Any]) -> Any:
    with call.stream() as items:
        return list(items)


def opened(call: Call[Any]) -> Any:
    with call.open() as file:
        return file.read()


def plumbum(call: Call[Any]) -> Any:
    return call.plumbum().run()


def terminal(call: Call[Any]) -> Any:
    with call.terminal() as talk:
        talk.wait(deadline=20)
        return talk.output


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """What *work* gives; the threads of async code are gone afterwards, as tests look for some."""
    before = threading.active_count()
    with mock.patch.object(crew, "_IDLE", 0.01):
        try:
            return asyncio.run(work)
        finally:
            until = time.monotonic() + 5
            while threading.active_count() > before and time.monotonic() < until:
                time.sleep(0.005)


def awaited(call: Call[Any]) -> Any:
    return in_a_loop(AsyncDocker().execute(call))


def awaited_stream(call: Call[Any]) -> Any:
    async def main() -> list[Any]:
        async with AsyncDocker().stream(call) as items:
            return [item async for item in items]

    return in_a_loop(main())


def awaited_bytes(call: Call[Any]) -> Any:
    async def main() -> bytes:
        async with AsyncDocker().open(call) as file:
            return await file.read()

    return in_a_loop(main())


WAYS: dict[str, Way] = {
    "run": run,
    "stream": stream,
    "bytes": opened,
    "plumbum": plumbum,
    "terminal": terminal,
    "async": awaited,
    "async stream": awaited_stream,
    "async bytes": awaited_bytes,
}
