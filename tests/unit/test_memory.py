"""What flows through takes no memory, by whichever way it flows (T16 of promise P10)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dockcli import AsyncDocker, Docker
from tests.unit.fake import FakeDocker
from tests.unit.test_stream import MEGABYTE, resident
from tests.unit.ways import in_a_loop

LINES = b"2026-01-02T03:04:05.123456789Z " + b"x" * 96 + b"\n"
BLOCK = LINES * 512
PROMISED = 64 * MEGABYTE

Way = Callable[[Docker, Path], int]


def log_lines(docker: Docker, folder: Path) -> int:
    with docker.logs("web", follow=True) as lines:
        return sum(len(line.raw) + 1 for line in lines)


def run_lines(docker: Docker, folder: Path) -> int:
    with docker.run("alpine", "yes", name="x", stream=True) as lines:
        return sum(len(line.raw) + 1 for line in lines)


def export_bytes(docker: Docker, folder: Path) -> int:
    with docker.container.export("web", stream=True) as file:
        return sum(map(len, iter(lambda: file.read(65536), b"")))


def save_to_a_file(docker: Docker, folder: Path) -> int:
    with (folder / "image.tar").open("wb") as out:
        docker.call.raw("image", "save", "alpine", stdout=out).run()
    return (folder / "image.tar").stat().st_size


def cp_to_a_file(docker: Docker, folder: Path) -> int:
    with docker.cp("web:/etc", "-", stream=True) as file, (folder / "x").open("wb") as out:
        while chunk := file.read(1 << 20):
            out.write(chunk)
    return (folder / "x").stat().st_size


def from_one_call_to_another(docker: Docker, folder: Path) -> int:
    docker.raw("image", "load", stdin=docker.container.export("web", stream=True))
    (taken,) = (Path(docker.binary).parent / "calls").glob("*.stdin")
    return taken.stat().st_size


def async_lines(docker: Docker, folder: Path) -> int:
    async def main() -> int:
        async with AsyncDocker(docker.binary).logs("web", follow=True) as lines:
            size = 0  # no list of them, which would be counted too
            async for line in lines:
                size += len(line.raw) + 1
            return size

    taken: int = in_a_loop(main())
    return taken


def async_bytes(docker: Docker, folder: Path) -> int:
    async def main() -> int:
        async with AsyncDocker(docker.binary).container.export("web", stream=True) as file:
            size = 0
            async for chunk in file:
                size += len(chunk)
            return size

    taken: int = in_a_loop(main())
    return taken


def plumbum_to_a_file(docker: Docker, folder: Path) -> int:
    (docker.call.container.export("web").plumbum() > str(folder / "x"))()
    return (folder / "x").stat().st_size


WAYS: dict[str, Way] = {
    "lines of a log": log_lines,
    "lines of a run": run_lines,
    "bytes of an export": export_bytes,
    "a save to a file": save_to_a_file,
    "a cp to a file": cp_to_a_file,
    "from one call to another": from_one_call_to_another,
    "async lines": async_lines,
    "async bytes": async_bytes,
    "plumbum to a file": plumbum_to_a_file,
}


@contextmanager
def watched() -> Iterator[list[int]]:
    """How much more memory this process has at most, in the meantime."""
    before, most, over = resident(), [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], resident() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()


def flows(fake: FakeDocker, way: str, size: int, folder: Path) -> None:
    blocks = -(-size // len(BLOCK))
    data = folder / "data"
    with data.open("wb") as out:
        for _ in range(blocks):
            out.write(BLOCK)
    fake.will(("copy", 1, os.fspath(data)))
    fake.will(("read",), when="image load")
    with watched() as most:
        assert WAYS[way](Docker(fake.path), folder) == blocks * len(BLOCK)
    assert most[0] < PROMISED, f"{most[0] / MEGABYTE:.0f} MiB"
    for path in (data, folder / "x", folder / "image.tar"):
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("way", WAYS)
def test_more_than_that_flows_in_less_memory(
    fake_docker: FakeDocker, tmp_path: Path, way: str
) -> None:
    flows(fake_docker, way, 2 * PROMISED, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_a_gibibyte_takes_no_more(fake_docker: FakeDocker, tmp_path: Path, way: str) -> None:
    flows(fake_docker, way, 1024 * MEGABYTE, tmp_path)


def test_what_is_kept_counts(tmp_path: Path) -> None:
    """The measure itself: it sees what somebody keeps."""
    with watched() as most:
        kept: Any = bytes(80 * MEGABYTE).replace(b"\0", b"x")
        time.sleep(0.1)
    assert len(kept) == 80 * MEGABYTE
    assert most[0] > PROMISED
