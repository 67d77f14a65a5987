"""Every way in which a call can be run: what is promised of one is promised of all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dockcli import AsyncDocker
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


def awaited(call: Call[Any]) -> Any:
    return asyncio.run(AsyncDocker().execute(call))


def awaited_stream(call: Call[Any]) -> Any:
    async def main() -> list[Any]:
        async with AsyncDocker().stream(call) as items:
            return [item async for item in items]

    return asyncio.run(main())


def awaited_bytes(call: Call[Any]) -> Any:
    async def main() -> bytes:
        async with AsyncDocker().open(call) as file:
            return await file.read()

    return asyncio.run(main())


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
