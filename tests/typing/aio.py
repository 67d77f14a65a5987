"""Never run: mypy and pyright read it.

What async code is given. Each ``type: ignore`` with its ``pyright: ignore`` is a mistake that a
user's checker must find.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from typing_extensions import assert_type

from dockcli import AsyncDocker, Call, Completed
from dockcli.aio.bytestream import AsyncByteStream
from dockcli.aio.handles import AsyncContainer, AsyncImage, AsyncNetwork, AsyncVolume
from dockcli.aio.scope import AsyncScope
from dockcli.aio.stream import AsyncStream
from dockcli.bytestream import ByteStream
from dockcli.models.container import Change, ContainerInspect, Port
from dockcli.models.events import Event
from dockcli.models.image import ImageInspect, ImageLayer, ImageRemoval, Push
from dockcli.models.line import LogLine
from dockcli.models.network import NetworkInspect
from dockcli.models.progress import Progress
from dockcli.models.stats import ContainerStats
from dockcli.models.usage import DiskUse, DiskUseInDetail
from dockcli.models.version import Version
from dockcli.models.volume import VolumeInspect

d = AsyncDocker(host="ssh://me@server", labels={"a": "b"})


async def answers() -> None:
    assert_type(await d.container.inspect("x"), ContainerInspect)
    assert_type(await d.container.inspect("x", "y"), list[ContainerInspect])
    assert_type(await d.container.run("alpine", "id", rm=True), Completed)
    assert_type(await d.run("alpine", "id", stdin=b"x", deadline=timedelta(seconds=5)), Completed)
    assert_type(await d.ps(all=True), list[ContainerInspect])
    assert_type(await d.ps(quiet=True), Completed)
    assert_type(await d.images(), list[ImageInspect])
    assert_type(await d.history("a"), list[ImageLayer])
    assert_type(await d.version(), Version)
    assert_type(await d.container.wait("a"), int)
    assert_type(await d.container.diff("a"), list[Change])
    assert_type(await d.container.rm("a", force=True), list[str])
    assert_type(await d.system.df(), list[DiskUse])
    assert_type(await d.system.df(verbose=True), DiskUseInDetail)
    assert_type(await d.cp("c:/etc", "x"), None)
    assert_type(await d.save("a"), Completed)
    assert_type(await d.push("a"), Push)
    assert_type(await d.raw("version"), Completed)
    assert_type(d.call.container.run("alpine"), Call[Completed])
    assert_type(await d.execute(d.call.ps()), list[ContainerInspect])


async def handles() -> None:
    assert_type(await d.run("alpine", detach=True), AsyncContainer)
    assert_type(await d.run("alpine", detach=True, check=False), Completed)
    assert_type(await d.create("alpine"), AsyncContainer)
    assert_type(await d.commit("a"), AsyncImage)
    assert_type(await d.build("."), AsyncImage)
    assert_type(await d.pull("a"), AsyncImage)
    assert_type(await d.load(), list[AsyncImage])
    assert_type(await d.import_("a.tar"), AsyncImage)
    assert_type(await d.volume.create("a"), AsyncVolume)
    assert_type(await d.network.create("a"), AsyncNetwork)
    assert_type(await d.compose.run("web", detach=True), AsyncContainer)
    async with await d.run("alpine", detach=True) as made:
        assert_type(made, AsyncContainer)
        assert_type(await made.inspect(), ContainerInspect)
        assert_type(await made.exec("id", user="root"), Completed)
        assert_type(made.exec("id", stream=True), AsyncStream[LogLine])
        assert_type(made.logs(follow=True), AsyncStream[LogLine])
        assert_type(await made.logs(), Completed)
        assert_type(await made.stats(), list[ContainerStats])
        assert_type(made.export(stream=True), AsyncByteStream)
        assert_type(await made.commit("shop:1", pause=False), AsyncImage)
        assert_type(await made.port("53/udp"), list[Port])
        assert_type(await made.rename("b"), None)
        assert_type(await made.read_text("/etc/hosts"), str)
        assert_type(await made.write_bytes("/a", b"x", mode=0o600), None)
        await d.container.stop(made, timeout=1)


async def more_handles(
    image: AsyncImage, volume: AsyncVolume, network: AsyncNetwork, one: AsyncContainer
) -> None:
    assert_type(await image.inspect(), ImageInspect)
    assert_type(await image.rm(force=True), ImageRemoval)
    assert_type(await volume.inspect(), VolumeInspect)
    assert_type(await network.inspect(), NetworkInspect)
    await network.connect(one, alias=["a"])
    await d.run(image, "id", network=network, volumes_from=one)
    await d.rm(one, await one.inspect(), "web")
    d.sync.rm(one)


async def streams() -> None:
    assert_type(d.logs("web", follow=True), AsyncStream[LogLine])
    async for line in d.logs("web", follow=True):
        assert_type(line, LogLine)
    async for event in d.events():
        assert_type(event, Event)
    assert_type(await d.logs("web"), Completed)
    assert_type(d.stats(stream=True), AsyncStream[ContainerStats])
    assert_type(d.run("a", stream=True), AsyncStream[LogLine])
    assert_type(d.build(".", stream=True), AsyncStream[Progress])
    async with d.pull("a", stream=True) as told:
        assert_type(told, AsyncStream[Progress])
        assert_type(told.returncode, int | None)
    assert_type(await d.exec("a", "b", stream=True), AsyncStream[LogLine])
    assert_type(d.save("a", stream=True), AsyncByteStream)
    assert_type(d.cp("a:/", "-", stream=True), AsyncByteStream)
    assert_type(d.cp("a:/", "x", stream=True), AsyncStream[Progress])
    async for chunk in d.export("a", stream=True):
        assert_type(chunk, bytes)
    archive = d.save("a", stream=True)
    assert_type(await archive.read(100), bytes)
    assert_type(await archive.file(), ByteStream)
    await d.load(stdin=await archive.file())
    d.stream(d.call.raw("logs", "a"))


async def scopes() -> None:
    assert_type(d.scope(), AsyncScope)
    async with d.scope(keep=True, guard=False) as s:
        assert_type(s, AsyncScope)
        assert_type(s.id, str)
        assert_type(s.temporary_folder(), Path)
        assert_type(await s.run("alpine", detach=True), AsyncContainer)
        assert_type(await s.volume.create("a"), AsyncVolume)
        assert_type(s.run("alpine", stream=True), AsyncStream[LogLine])
        assert_type(s.but(cwd="/"), AsyncDocker)
        s.volume.create("a").rm()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    with d.scope():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass
    d.scope(kept=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def together() -> None:
    both = await asyncio.gather(d.ps(), d.version())
    assert_type(both, tuple[list[ContainerInspect], Version])
    task = asyncio.create_task(d.container.inspect("a"))
    assert_type(await asyncio.wait_for(task, 5), ContainerInspect)
    assert_type(await asyncio.wait_for(d.images(), 5), list[ImageInspect])


async def mistakes(image: AsyncImage, one: AsyncContainer) -> None:
    AsyncDocker(hots="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await d.container.rm(image)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await d.container.rm("a", force="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await one.rm(tail=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    d.ps().append(1)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    (await d.run("alpine")).rm()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
