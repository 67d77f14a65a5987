"""Async code has the same client: the same verbs, answers, bytes and errors."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import AsyncDocker, Docker, Secret, errors
from dockcli.aio import crew
from dockcli.aio.bytestream import AsyncByteStream
from dockcli.aio.handles import _KINDS, AsyncContainer, AsyncImage, AsyncVolume, Method
from dockcli.aio.stream import AsyncStream
from dockcli.call import Call
from dockcli.commands.group import Verb
from dockcli.completed import Completed
from dockcli.objects import Container, Handle, Of
from dockcli.runner import Job
from tests.unit.fake import FakeDocker
from tests.unit.test_bytes import CUT, OUTPUTS
from tests.unit.verbs import groups

ID = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _threads_go(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(crew, "_IDLE", 0.05)
    yield
    until = time.monotonic() + 5
    while (left := ours()) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left


def ours() -> list[str]:
    """The threads that the async client has."""
    return [one.name for one in threading.enumerate() if one.name.startswith("dockcli")]


@pytest.fixture
def d(fake_docker: FakeDocker) -> AsyncDocker:
    return AsyncDocker()


def test_it_is_made_with_the_arguments_of_docker() -> None:
    d = AsyncDocker("podman", labels={"a": "b"}, cwd="/tmp", env={"A": "b"}, strict=True)
    same = Docker("podman", labels={"a": "b"}, cwd="/tmp", env={"A": "b"}, strict=True)
    assert repr(d) == f"Async{same!r}"
    assert (d.sync.labels, d.sync.cwd, d.sync.env, d.sync.strict) == (
        (same.labels, same.cwd, same.env, same.strict)
    )
    assert inspect.signature(AsyncDocker) == inspect.signature(Docker)
    assert d.but(cwd="/").sync.cwd == "/"
    assert isinstance(d.but(), AsyncDocker)
    assert d.call is d.sync.call
    with pytest.raises(errors.InvalidArgument, match="one of them"):
        AsyncDocker(host="a", context="b")


def test_it_has_every_verb_of_docker() -> None:
    d = AsyncDocker()
    kinds = [[type(group) for group in groups(face)] for face in (d.sync, d)]
    assert kinds[0] == kinds[1]
    assert all(group.tree is d for group in groups(d))
    for group in groups(d):
        for name, member in vars(type(group)).items():
            if isinstance(member, Verb):
                assert getattr(group, name).__self__.tree is d
    assert d.run == d.container.run


def test_its_handles_have_all_that_handles_have() -> None:
    d = AsyncDocker()
    for kind, ours in _KINDS.items():
        names = {name for name in dir(kind) if not name.startswith("_")} - {"machine"}
        assert names <= set(dir(ours)), kind
        client: Any = d.call
        for name in names:
            member = inspect.getattr_static(ours, name)
            if isinstance(member, (Method, Of)):
                documented = member.__doc__
                assert documented == inspect.getattr_static(kind, name).__doc__
            if (isinstance(member, Method) and member.verb) or isinstance(member, Of):
                assert callable(getattr(getattr(client, kind.__docker_kind__), name))


HANDLED: dict[str, tuple[Any, ...]] = {
    "container commit": ("shop:1",),
    "container exec": ("id",),
    "container port": (80,),
    "container rename": ("b",),
    "container top": ("-o", "pid"),
    "image tag": ("b",),
    "network connect": ("web",),
    "network disconnect": ("web",),
}
VERBS = [
    (kind, name)
    for kind, ours in _KINDS.items()
    for name, member in vars(ours).items()
    if isinstance(member, Of) or (isinstance(member, Method) and member.verb)
]


@pytest.mark.parametrize(("kind", "name"), VERBS, ids=lambda part: getattr(part, "__name__", part))
def test_the_verb_of_a_handle_runs_what_the_handle_runs(
    fake_docker: FakeDocker, d: AsyncDocker, kind: type[Handle], name: str
) -> None:
    words = HANDLED.get(f"{kind.__docker_kind__} {name}", ())
    sync, ours = kind(ID, d.sync), _KINDS[kind](ID, d)

    async def ask() -> None:
        await getattr(ours, name)(*words)

    for run in (lambda: getattr(sync, name)(*words), lambda: asyncio.run(ask())):
        with contextlib.suppress(errors.UnreadableOutput):  # nothing is no answer of most
            run()
    seen = [call.words for call in fake_docker.calls if call.words[0] == kind.__docker_kind__]
    first, second = ([word for word in words if "DOCKCLI" not in word] for words in seen)
    assert first == second
    assert first[:2] == [kind.__docker_kind__, name]
    assert ID in first


def test_an_answer_is_a_model(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    fake_docker.will(("write", 1, json.dumps([{"Id": ID, "Name": "/web"}]).encode()))

    async def main() -> None:
        assert (await d.container.inspect("web")).id == ID
        both = await asyncio.gather(d.container.inspect("a"), d.container.inspect("b"))
        assert [one.id for one in both] == [ID, ID]

    asyncio.run(main())


def test_what_is_made_has_verbs_to_be_awaited(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    fake_docker.will(("write", 1, ID.encode()), when="container run")
    fake_docker.will(("write", 1, ID.encode()), when="container create")
    fake_docker.will(("write", 1, b"Loaded image: a:1\nLoaded image: b:1\n"), when="image load")
    fake_docker.will(("write", 1, b"data\n"), when="volume create")

    async def main() -> None:
        async with await d.run("alpine", detach=True) as made:
            assert isinstance(made, AsyncContainer)
            assert (made.id, str(made), f"{made}") == (ID, ID, ID)
            assert repr(made) == f"AsyncContainer('{ID}')"
            assert made == await d.create("alpine") != AsyncContainer(ID, AsyncDocker())
            assert len({made, AsyncContainer(ID, d)}) == 1
            assert made.sync == Container(ID, d.sync)
            await made.stop()
        assert [type(one) for one in await d.load(input="x")] == [AsyncImage, AsyncImage]
        volume = await d.volume.create("data")
        assert isinstance(volume, AsyncVolume)
        assert volume.name == "data"
        await d.rm(made)

    asyncio.run(main())
    assert fake_docker.commands == [
        *("container run", "container create", "container stop", "container rm"),
        *("image load", "volume create", "container rm"),
    ]


def test_the_context_of_a_handle_keeps_the_error_of_its_body(
    fake_docker: FakeDocker, d: AsyncDocker
) -> None:
    fake_docker.will(("write", 2, b"Error response from daemon: no\n"), ("exit", 1))

    async def main() -> None:
        async with AsyncContainer(ID, d):
            raise KeyError("mine")

    with pytest.raises(KeyError) as info:
        asyncio.run(main())
    assert "was not removed" in info.value.__notes__[0]  # type: ignore[attr-defined]
    assert fake_docker.commands == ["container rm"]


@pytest.mark.parametrize("name", OUTPUTS)
def test_both_outputs_come_as_they_were_written(
    fake_docker: FakeDocker, d: AsyncDocker, name: str
) -> None:
    data = OUTPUTS[name]
    fake_docker.will(("write", 1, data), ("write", 2, data[::-1]))
    done = asyncio.run(d.raw("logs"))
    assert (done.stdout, done.stderr) == (data, data[::-1])


async def all_lines(stream: AsyncStream[Any]) -> list[Any]:
    return [line async for line in stream]


@pytest.mark.parametrize("data", [*OUTPUTS.values(), *CUT], ids=lambda data: repr(data[-12:]))
def test_streams_give_what_the_synchronous_ones_give(
    fake_docker: FakeDocker, d: AsyncDocker, data: bytes
) -> None:
    fake_docker.will(("write", 1, data), ("write", 2, data[::-1]))

    async def main() -> tuple[list[Any], bytes]:
        lines = await all_lines(d.exec("web", "x", stream=True))
        async with d.export("web", stream=True) as stream:
            return lines, await stream.read()

    lines, read = asyncio.run(main())
    with d.sync.exec("web", "x", stream=True) as stream:
        same = list(stream)
    for name in ("stdout", "stderr"):
        assert [one for one in lines if one.stream == name] == (
            [one for one in same if one.stream == name]
        )
    assert read == data


def test_bytes_are_read_as_from_a_file(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    data = os.urandom(300_000)
    (fake_docker.folder / "data").write_bytes(data)
    fake_docker.will(("copy", 1, str(fake_docker.folder / "data")))

    async def main() -> None:
        stream = d.save("a", stream=True)
        assert isinstance(stream, AsyncByteStream)
        assert await stream.read(0) == b""
        parts = [await stream.read(7), await stream.read(100_000)]
        assert [len(one) for one in parts] == [7, 100_000]
        assert stream.returncode is None
        parts += [chunk async for chunk in stream]
        assert b"".join(parts) == data
        assert await stream.read() == await stream.read(1) == b""
        assert stream.returncode == 0

    asyncio.run(main())


def test_a_stream_is_the_stdin_of_another_call(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    data = os.urandom(3_000_000)
    (fake_docker.folder / "data").write_bytes(data)
    fake_docker.will(("copy", 1, str(fake_docker.folder / "data")), when="image save")
    fake_docker.will(("read",), when="image load")

    async def main() -> None:
        archive = d.save("a", stream=True)
        await d.load(stdin=await archive.file())
        assert await archive.read() == b""

    asyncio.run(main())
    (load,) = [call for call in fake_docker.calls if call.command == "image load"]
    assert load.stdin == data


def test_errors_are_those_of_the_synchronous_client(
    fake_docker: FakeDocker, d: AsyncDocker
) -> None:
    fake_docker.will(
        ("write", 1, b"a\n"), ("write", 2, b"Error: No such container: web\n"), ("exit", 1)
    )

    async def failing(coming: Any) -> BaseException:
        with pytest.raises(errors.NoSuchContainer) as info:
            await coming
        return info.value

    async def main() -> None:
        error = await failing(d.container.stop("web"))
        assert "No such container" in str(error)
        await failing(all_lines(d.logs("web", follow=True)))
        await failing(d.export("web", stream=True).read())
        stream = d.exec("web", "x", stream=True, check=False)
        assert [line.text async for line in stream][:1] == ["a"]
        assert stream.returncode == 1
        done = await d.raw("x", check=False)
        assert isinstance(done, Completed)
        assert done.returncode == 1
        assert await d.container.inspect("web", missing_ok=True) == []

    asyncio.run(main())


def test_what_cannot_run_is_refused_before_anything_is_awaited(
    fake_docker: FakeDocker, d: AsyncDocker
) -> None:
    for wrong in (
        lambda: d.container.rm("-x"),
        lambda: d.run("alpine", nonsense=True),  # type: ignore[call-overload]
        lambda: d.exec("web", "sh", tty=True),
        lambda: d.container.machine("web"),
    ):
        with pytest.raises(errors.InvalidArgument):
            wrong()
    assert fake_docker.calls == []

    async def main() -> None:
        with pytest.raises(errors.InvalidArgument, match="the items are the answer"):
            await d.logs("web", follow=True).answer()
        nowhere = AsyncDocker("no-such-docker")
        with pytest.raises(errors.BinaryNotFound):
            await nowhere.ps()
        stream = nowhere.logs("web", follow=True)
        with pytest.raises(errors.BinaryNotFound):
            await all_lines(stream)
        assert await all_lines(stream) == []
        assert stream.returncode is None

    asyncio.run(main())


def test_progress_is_told_in_the_loop(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    fake_docker.will(("write", 1, b"Step 1/2 : FROM a\nStep 2/2 : RUN b\n"), ("cidfile", ID))
    told: list[Any] = []

    async def hear(progress: Any) -> None:
        await asyncio.sleep(0)
        assert asyncio.get_running_loop()
        told.append(progress)

    async def main() -> None:
        image = await d.build(".", on_progress=hear)
        assert isinstance(image, AsyncImage)
        heard = len(told)
        assert heard > 0
        await d.build(".", on_progress=told.append)
        assert len(told) == 2 * heard
        stream = d.build(".", stream=True)
        items = await all_lines(stream)
        assert len(items) == heard
        assert await stream.answer() == image

    asyncio.run(main())


def test_an_error_in_a_callback_ends_the_call(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    fake_docker.will(("write", 1, b"Step 1/2 : FROM a\nStep 2/2 : RUN b\n"), ("sleep", 60))

    def hear(progress: Any) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(asyncio.wait_for(d.build(".", on_progress=hear), 5))


class Recorded:
    """A runner of a caller's own."""

    def run(self, job: Job) -> Completed:
        assert threading.current_thread() is not threading.main_thread()
        return Completed(job.argv, 0, b"recorded\n", b"", 0.0)


def test_a_runner_of_the_callers_own_answers(fake_docker: FakeDocker) -> None:
    d = AsyncDocker(runner=Recorded())
    assert asyncio.run(d.raw("x")).text == "recorded\n"
    assert fake_docker.calls == []


def test_stdin_and_stdout_are_what_they_are_for_the_synchronous_client(
    fake_docker: FakeDocker, d: AsyncDocker, tmp_path: Path
) -> None:
    fake_docker.will(("read",), ("write", 1, b"out"))
    path = tmp_path / "input"
    path.write_bytes(b"of a file")
    pairs: list[tuple[Any, bytes]] = [
        (b"x" * 1_000_000, b"x" * 1_000_000),
        ("text", b"text"),
        (iter([b"a", b"b"]), b"ab"),
        (path, b"of a file"),
        (io.BytesIO(b"read"), b"read"),
        (Secret("s3cret"), b"s3cret"),
    ]

    async def main() -> None:
        for given, _ in pairs:
            done = await d.exec("web", "cat", stdin=given)
            assert done.stdout == b"out"
        await d.exec("web", "cat", stdin=b"", stdout=tmp_path / "output")
        taken = io.BytesIO()
        await d.exec("web", "cat", stdin=b"", stdout=taken)
        assert taken.getvalue() == b"out"

    asyncio.run(main())
    assert [call.stdin for call in fake_docker.calls][: len(pairs)] == [said for _, said in pairs]
    assert (tmp_path / "output").read_bytes() == b"out"


def test_a_call_is_run_and_streamed(fake_docker: FakeDocker, d: AsyncDocker) -> None:
    fake_docker.will(("write", 1, b"a\nb\n"))

    async def main() -> None:
        call: Call[Completed] = d.call.raw("logs", "web")
        assert (await d.execute(call)).lines() == ["a", "b"]
        assert [line.text async for line in d.stream(call)] == ["a", "b"]
        assert await d.open(call).read() == b"a\nb\n"

    asyncio.run(main())


def test_asyncio_is_loaded_with_it_and_not_before() -> None:
    code = (
        "import sys; from dockcli import docker; docker.call.ps(); assert 'asyncio' not in "
        "sys.modules; from dockcli import AsyncDocker; assert 'asyncio' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
