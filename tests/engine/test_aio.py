"""Async code on a real engine, with each docker CLI."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from dockcli import AsyncDocker, Docker
from dockcli.errors import ContainerFailed, NoSuchContainer
from dockcli.models.container import ContainerInspect

COUNTS = "i=0; while :; do echo $i; i=$((i+1)); sleep 0.1; done"
SLEEPS = "trap '' TERM; while :; do sleep 1; done"


@pytest.fixture
def d(cli: Docker) -> AsyncDocker:
    """The async client of each CLI."""
    return AsyncDocker(cli.binary, env=cli.env)


def test_a_container_from_its_start_to_its_end(
    d: AsyncDocker, cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    async def main() -> None:
        async with await d.volume.create(unique("data")) as volume:
            run = d.run(cli_base, "sh", "-c", COUNTS, detach=True, volume=f"{volume}:/data")
            async with await run as web:
                told, listed = await asyncio.gather(web.inspect(), d.ps())
                assert isinstance(told, ContainerInspect)
                assert web.id in {one.id for one in listed}
                await web.write_text("/data/a", "of a file\n")
                done = await web.exec("cat", "/data/a")
                assert done.text == "of a file\n" == await web.read_text("/data/a")
                with pytest.raises(ContainerFailed):
                    await d.exec(web, "false")
                image = await web.commit(unique("image"))
                async with image:
                    assert (await image.inspect()).id
                assert await web.kill()
            with pytest.raises(NoSuchContainer):
                await web.inspect()
        assert (await d.run(cli_base, "cat", stdin=b"a\xff\0b", rm=True)).stdout == b"a\xff\0b"

    asyncio.run(main())


def test_lines_come_while_the_container_writes(d: AsyncDocker, cli: Docker, cli_base: str) -> None:
    async def main() -> None:
        async with await d.run(cli_base, "sh", "-c", COUNTS, detach=True) as web:
            texts: list[str] = []
            async for line in d.logs(web, follow=True):
                texts.append(line.text)
                if len(texts) == 5:
                    break
            assert texts == list("01234")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(until_end(web.logs(follow=True)), 1)

    asyncio.run(main())


async def until_end(stream: Any) -> int:
    count = 0
    async for _ in stream:
        count += 1
    return count


def test_many_follow_at_once(d: AsyncDocker, cli: Docker, cli_base: str) -> None:
    async def first(stream: Any) -> str:
        async with stream:
            async for line in stream:
                return str(line.text)
        return ""

    async def main() -> None:
        async with await d.run(cli_base, "sh", "-c", COUNTS, detach=True) as web:
            streams = [d.logs(web, follow=True) for _ in range(20)]
            assert await asyncio.gather(*map(first, streams)) == ["0"] * 20

    asyncio.run(main())


def test_what_happens_is_told(d: AsyncDocker, cli: Docker, cli_base: str) -> None:
    async def main() -> None:
        heard = asyncio.create_task(first_start(d))
        await asyncio.sleep(1)
        async with await d.run(cli_base, "true", detach=True) as one:
            assert await asyncio.wait_for(heard, 20) == one.id

    asyncio.run(main())


async def first_start(d: AsyncDocker) -> str:
    async for event in d.events(filter={"event": "start"}):
        return event.id
    return ""


def test_bytes_go_from_one_call_to_another(
    docker: Docker, base: str, unique: Callable[[str], str]
) -> None:
    d = AsyncDocker(docker.binary)

    async def main() -> None:
        async with await d.create(base) as one:
            whole = (await d.export(one)).stdout
            read = await d.export(one, stream=True).read()
            assert len(read) == len(whole)
            archive = await d.export(one, stream=True).file()
            async with await d.import_("-", unique("copy"), stdin=archive) as image:
                assert (await image.inspect()).size

    asyncio.run(main())


@pytest.mark.parametrize("form", ["answer", "stream"])
def test_the_container_of_a_cancelled_run_is_gone(
    docker: Docker, base: str, unique: Callable[[str], str], form: str
) -> None:
    d, name = AsyncDocker(docker.binary), unique("run")

    async def main() -> None:
        options: Any = {"name": name, "rm": True}
        run: Any = (
            d.run(base, "sh", "-c", SLEEPS, **options)
            if form == "answer"
            else until_end(d.run(base, "sh", "-c", SLEEPS, stream=True, **options))
        )
        task = asyncio.create_task(run)
        while not await d.ps(filter={"name": name}):
            await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await d.ps(all=True, filter={"name": name}) == []

    asyncio.run(main())


def test_the_program_of_a_cancelled_exec_is_gone(docker: Docker, base: str) -> None:
    d = AsyncDocker(docker.binary)

    async def main() -> None:
        async with await d.run(base, "sleep", "60", detach=True) as web:
            task = asyncio.create_task(web.exec("sleep", "77"))
            while "sleep 77" not in (await web.exec("ps")).text:
                await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert "sleep 77" not in (await web.exec("ps")).text

    asyncio.run(main())


def test_both_clients_give_the_same(docker: Docker, base: str) -> None:
    d = AsyncDocker(docker.binary)

    async def main() -> None:
        assert await d.version() == docker.version()
        # Those of one second docker lists in whatever order.
        images = sorted(docker.images(), key=lambda image: image.id)
        assert sorted(await d.images(), key=lambda image: image.id) == images
        begun = time.monotonic()
        one, two = (d.run(base, "sleep", "1", rm=True) for _ in range(2))
        await asyncio.gather(one, two)
        assert time.monotonic() - begun < 20

    asyncio.run(main())
