"""What a call's stdin may be: every kind arrives whole, and none outlives its call (P6, P7)."""

from __future__ import annotations

import bz2
import gc
import gzip
import hashlib
import io
import lzma
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import DeadlineExceeded, DockerFailed, InvalidArgument
from tests.unit.fake import FakeDocker, left_in
from tests.unit.test_bytes import MEGABYTE
from tests.unit.test_deadline import DEADLINE, HANG, open_files, within

CONTENT = b"first\r\n" + bytes(range(256)) * 300 + "도 🐳\n".encode() + b"last"
TEXT = "first\r\n" + "도 🐳\0" * 30_000 + "last"


@pytest.fixture(autouse=True)
def _nothing_is_left_over(fake_docker: FakeDocker) -> Iterator[None]:
    before = open_files(), threading.active_count()
    yield
    gc.collect()
    for path in (fake_docker.folder / "pids").glob("daemon-*"):
        os.kill(int(path.name.rpartition("-")[2]), signal.SIGKILL)
    end = time.monotonic() + 2
    while (now := (open_files(), threading.active_count())) != before and time.monotonic() < end:
        time.sleep(0.01)  # a generator that has just come back
    assert now == before
    for seen in fake_docker.calls:
        assert not left_in(seen.group)


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


class Reads:
    """An object that can be read and nothing else."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def packed(kind: Any, content: bytes) -> Any:
    """A file in whose descriptor there is something else than what it reads."""
    path = Path(tempfile.mkdtemp(), "packed")
    with kind.open(path, "wb") as file:
        file.write(content)
    opened = kind.open(path, "rb")
    path.unlink()
    path.parent.rmdir()
    return opened


def at_its_third(content: bytes) -> io.BytesIO:
    file = io.BytesIO(b"xyz" + content)
    file.read(3)
    return file


KINDS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "BytesIO": io.BytesIO,
    "BytesIO, from its position": at_its_third,
    "reads": Reads,
    "generator": pieces,
    "list": lambda content: list(pieces(content)),
    "tuple of bytearrays": lambda content: tuple(map(bytearray, pieces(content))),
    "generator with empty pieces": lambda content: (
        piece for whole in pieces(content) for piece in (b"", whole)
    ),
    "gzip": lambda content: packed(gzip, content),
    "bz2": lambda content: packed(bz2, content),
    "xz": lambda content: packed(lzma, content),
    "buffered gzip": lambda content: io.BufferedReader(packed(gzip, content)),
}
FIFTY = ("bytes", "bytearray", "BytesIO", "generator", "gzip")


@pytest.mark.parametrize("content", [b"", CONTENT], ids=["nothing", "something"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_arrives_whole(
    fake_docker: FakeDocker, client: Docker, kind: str, content: bytes
) -> None:
    fake_docker.will(("read",))
    given = KINDS[kind](content)
    client.raw("load", stdin=given)
    assert fake_docker.call.stdin == content
    if hasattr(given, "close"):
        given.close()


@pytest.mark.parametrize("kind", FIFTY)
def test_fifty_megabytes_of_every_kind(fake_docker: FakeDocker, client: Docker, kind: str) -> None:
    data = os.urandom(64) * (50 * MEGABYTE // 64)
    fake_docker.will(("read",))
    given: Any = pieces(data, 100_000) if kind == "generator" else KINDS[kind](data)
    with client.call.raw("load", stdin=given).stream() as items:
        assert list(items) == []
    (path,) = (fake_docker.folder / "calls").glob("*.stdin")
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data).digest()
    if hasattr(given, "close"):
        given.close()


TEXTS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "StringIO": lambda text: io.StringIO(text, newline=""),
    "generator": lambda text: (text[at : at + 999] for at in range(0, len(text), 999)),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_arrive_as_utf8(fake_docker: FakeDocker, client: Docker, kind: str) -> None:
    fake_docker.will(("read",))
    client.raw("load", stdin=TEXTS[kind](TEXT))
    assert fake_docker.call.stdin == TEXT.encode()


def test_a_path_is_read_from_its_file(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    (tmp_path / "content").write_bytes(CONTENT)
    fake_docker.will(("read",))
    client.raw("load", stdin=tmp_path / "content")
    assert fake_docker.call.stdin == CONTENT
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(InvalidArgument, match="stdin="):
            client.raw("load", stdin=missing)
    assert len(fake_docker.calls) == 1


def test_an_open_file_is_read_from_where_its_reader_is(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"skipped\n" + CONTENT)
    fake_docker.will(("read",))
    ways: list[dict[str, Any]] = [{"mode": "rb"}, {"mode": "r+b"}, {"mode": "rb", "buffering": 0}]
    for way in ways:
        with open(path, **way) as file:
            assert file.readline() == b"skipped\n"
            client.raw("load", stdin=file)
            assert not file.closed
            assert fake_docker.calls[-1].stdin == CONTENT
    with open(path, encoding="latin-1") as text:
        assert text.readline() == "skipped\n"
        client.raw("load", stdin=text)
        assert fake_docker.calls[-1].stdin == CONTENT


def test_a_text_file_whose_place_in_its_bytes_is_not_known_is_refused(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes("도\r\n".encode("utf-16") * 1000)
    with open(path, encoding="utf-16") as text:
        next(text)
        with pytest.raises(InvalidArgument, match="binary"):
            client.raw("load", stdin=text)
    assert fake_docker.calls == []


def test_a_closed_file_is_refused(fake_docker: FakeDocker, client: Docker, tmp_path: Path) -> None:
    closed = io.BytesIO(b"x")
    closed.close()
    with open(os.devnull, "rb") as file:
        pass
    for given in (closed, file):
        with pytest.raises(InvalidArgument, match="closed"):
            client.raw("load", stdin=given)


@pytest.mark.parametrize(
    "given", [3.5, 7, {"a": 1}, object(), [1, 2], ["a", None], iter([b"a", 3])]
)
def test_what_cannot_be_stdin_is_refused(
    fake_docker: FakeDocker, client: Docker, given: Any
) -> None:
    fake_docker.will(("read",))
    with pytest.raises(InvalidArgument, match="stdin="):
        client.raw("load", stdin=given)


class Broken(Exception):
    """What a caller's own generator raises."""


def breaks(after: bytes = b"") -> Iterator[bytes]:
    if after:
        yield after
    raise Broken("mine")


@pytest.mark.parametrize("after", [b"", b"some"], ids=["at once", "later"])
@pytest.mark.parametrize("then", [HANG, ("read",), ("exit", 0)], ids=lambda step: step[0])
@pytest.mark.parametrize("live", [False, True], ids=["run", "stream"])
def test_what_a_generator_raises_comes_out_and_docker_ends(
    fake_docker: FakeDocker, client: Docker, after: bytes, then: Any, live: bool
) -> None:
    fake_docker.will(("mark", "ready"), ("taste", 4) if after else ("sleep", 0.01), then)
    call = client.call.raw("load", stdin=breaks(after))
    with within(2), pytest.raises(Broken, match="mine"):
        list(call.stream()) if live else call.run()


def test_a_generator_that_blocks_holds_nothing_up(fake_docker: FakeDocker, client: Docker) -> None:
    goes_on, closed = threading.Event(), threading.Event()

    def blocks() -> Iterator[bytes]:
        try:
            yield b"some"
            goes_on.wait(20)
            yield b"more"
            raise AssertionError("was asked for more than docker wanted")
        finally:
            closed.set()

    fake_docker.will(("taste", 4), ("exit", 3))
    with within(1.5), pytest.raises(DockerFailed):
        client.raw("load", stdin=blocks())
    goes_on.set()
    assert closed.wait(2)


def test_a_generator_that_blocks_holds_up_no_deadline(
    fake_docker: FakeDocker, client: Docker
) -> None:
    goes_on = threading.Event()

    def blocks() -> Iterator[bytes]:
        goes_on.wait(20)
        yield b"late"

    fake_docker.will(("read",))
    with within(DEADLINE + 1), pytest.raises(DeadlineExceeded):
        client.raw("load", stdin=blocks(), deadline=DEADLINE)
    goes_on.set()


def test_an_endless_generator_ends_with_docker(fake_docker: FakeDocker, client: Docker) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    fake_docker.will(("taste", 5000), ("write", 1, b"enough"))
    with within(2):
        assert client.raw("load", stdin=endless()).stdout == b"enough"


def test_a_generator_whose_bytes_nobody_takes_ends_with_docker(
    fake_docker: FakeDocker, client: Docker
) -> None:
    """Someone in a session of his own holds the other end of the pipe, and reads nothing."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    fake_docker.will(("daemon", [HANG]), ("sleep", 0.1), ("exit", 0))
    with within(2):
        client.raw("load", stdin=endless())


def test_output_is_read_while_a_generator_takes_its_time(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 1, b"x" * MEGABYTE + b"\n"), ("read",))
    heard = threading.Event()

    def waits() -> Iterator[str]:
        assert heard.wait(10)
        yield "heard"

    with client.call.raw("load", stdin=waits()).stream() as lines:
        assert next(lines).stream == "stdout"
        heard.set()
        list(lines)
    assert fake_docker.call.stdin == b"heard"


def test_a_pipes_descriptor_is_docker_stdin(fake_docker: FakeDocker, client: Docker) -> None:
    reader, writer = os.pipe()
    fake_docker.will(("taste", 1), ("write", 1, b"begun\n"), ("read",))
    with open(reader, "rb") as file, open(writer, "wb", buffering=0) as into:
        into.write(b"ab")
        with client.call.raw("load", stdin=file).stream() as lines:
            assert next(lines).text == "begun"
            pid = fake_docker.call.pid
            assert os.readlink(f"/proc/{pid}/fd/0") == os.readlink(f"/proc/self/fd/{reader}")
            into.close()
            list(lines)
    assert fake_docker.call.stdin == b"b"
