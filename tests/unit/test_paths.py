"""Where a call's stdout may go: a path is written whole or stays as it was (P7)."""

from __future__ import annotations

import gzip
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import DeadlineExceeded, DockcliError, InvalidArgument, NoSuchContainer
from tests.unit.fake import FakeDocker
from tests.unit.test_bytes import MEGABYTE
from tests.unit.test_deadline import DEADLINE, HANG, open_files

DATA = bytes(range(256)) * 1000
GONE = ("write", 2, b"Error response from daemon: No such container: web\n")


@pytest.fixture(autouse=True)
def _nothing_is_left_open() -> Any:
    before = open_files()
    yield
    assert open_files() == before


def export(client: Docker, stdout: Any) -> None:
    client.container.export("web", stdout=stdout)


def writes(fake: FakeDocker, *more: Any) -> None:
    fake.will(("write", 1, DATA), *more)


@pytest.mark.parametrize("buffering", [-1, 0])
def test_an_open_file_gets_it_at_its_position(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, buffering: int
) -> None:
    writes(fake_docker, ("write", 2, b"beside"))
    with open(tmp_path / "out", "wb", buffering=buffering) as file:
        file.write(b"before ")
        completed = client.container.export("web", stdout=file)
        assert (completed.stdout, completed.stderr) == (b"", b"beside")
        assert not file.closed
        file.seek(0, os.SEEK_END)
        file.write(b" after")
    assert (tmp_path / "out").read_bytes() == b"before " + DATA + b" after"


def test_a_descriptor_gets_it_without_python(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    fake_docker.will(("write", 1, DATA), ("write", 2, b"begun\n"), HANG)
    with open(tmp_path / "out", "wb") as file:
        call = client.call.container.export("web", stdout=file.fileno())
        with call.stream() as lines:
            assert next(lines).text == "begun"
            assert os.readlink(f"/proc/{fake_docker.call.pid}/fd/1") == str(tmp_path / "out")
            assert os.fstat(file.fileno()).st_size == len(DATA)


def test_an_object_that_only_writes_gets_it(fake_docker: FakeDocker, client: Docker) -> None:
    writes(fake_docker)
    file = io.BytesIO(b"before ")
    file.seek(0, os.SEEK_END)
    export(client, file)
    assert file.getvalue() == b"before " + DATA


class Full(io.RawIOBase):
    """A file that takes no more."""

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        raise OSError(28, "No space left on device")


def test_what_a_file_raises_comes_out_and_docker_ends(
    fake_docker: FakeDocker, client: Docker
) -> None:
    writes(fake_docker, HANG)
    with pytest.raises(OSError, match="No space left"):
        export(client, Full())


class Sips(io.RawIOBase):
    """A file that takes a little at a time, as an unbuffered one may."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        self.taken += bytes(chunk[:1000])
        return min(1000, len(chunk))


def test_a_file_that_takes_a_little_at_a_time_gets_all(
    fake_docker: FakeDocker, client: Docker
) -> None:
    writes(fake_docker)
    file = Sips()
    export(client, file)
    assert file.taken == DATA


def test_a_path_gets_it_whole(fake_docker: FakeDocker, client: Docker, tmp_path: Path) -> None:
    writes(fake_docker)
    path = tmp_path / "out"
    client.container.export("web", stdout=path)
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    client.container.export("web", stdout=path)
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["out"] or sorted(os.listdir(tmp_path)) == ["bin", "out"]


FAILS: dict[str, tuple[tuple[Any, ...], dict[str, Any], type[BaseException]]] = {
    "docker fails": ((GONE, ("exit", 1)), {}, NoSuchContainer),
    "deadline": ((HANG,), {"deadline": DEADLINE}, DeadlineExceeded),
    "killed": ((("kill", 9),), {}, DockcliError),
}


@pytest.mark.parametrize("there", [True, False], ids=["a file is there", "none is there"])
@pytest.mark.parametrize("fails", FAILS)
def test_a_failed_call_leaves_a_path_as_it_was(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, fails: str, there: bool
) -> None:
    steps, own, kind = FAILS[fails]
    folder = tmp_path / "out"
    folder.mkdir()
    if there:
        (folder / "a.tar").write_bytes(b"old")
    writes(fake_docker, *steps)
    with pytest.raises(kind):
        client.container.export("web", stdout=folder / "a.tar", **own)
    assert os.listdir(folder) == (["a.tar"] if there else [])
    if there:
        assert (folder / "a.tar").read_bytes() == b"old"


def test_a_stream_that_is_left_leaves_a_path_as_it_was(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"old")
    writes(fake_docker, ("write", 2, b"begun\n"), HANG)
    with client.call.container.export("web", stdout=path).stream() as lines:
        next(lines)
    assert path.read_bytes() == b"old"
    assert [name for name in os.listdir(tmp_path) if "a.tar" in name] == ["a.tar"]


def test_a_path_is_there_at_the_end_of_a_stream(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    fake_docker.will(*(("write", 1, DATA),) * 20)
    path = tmp_path / "a.tar"
    for _ in client.call.container.export("web", stdout=path).stream():
        pass
    assert path.read_bytes() == DATA * 20


def test_a_link_stays_one(fake_docker: FakeDocker, client: Docker, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.tar").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("real/a.tar")
    writes(fake_docker)
    client.container.export("web", stdout=link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.tar").read_bytes() == DATA


def test_a_named_pipe_or_a_device_is_written_and_stays_one(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    writes(fake_docker)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InvalidArgument, match="cannot be written"):  # nobody reads it
        client.container.export("web", stdout=path)
    ours = os.open(path, os.O_RDWR)  # a writer too, so that a read waits for the other one
    with open(ours, "rb") as file, ThreadPoolExecutor(1) as beside:
        read = beside.submit(file.read, len(DATA))
        client.container.export("web", stdout=path)
        assert read.result(10) == DATA
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_compressed_file_is_written_through_its_own_object(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    writes(fake_docker)
    with gzip.open(tmp_path / "out.gz", "wb") as file:
        export(client, file)
    with gzip.open(tmp_path / "out.gz", "rb") as file:
        assert file.read() == DATA


@pytest.mark.parametrize(
    ("path", "why"), [("none/a.tar", "No such file"), ("bin", "directory"), ("", "directory")]
)
def test_a_path_that_cannot_be_written_is_refused_before_docker_runs(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, path: str, why: str
) -> None:
    with pytest.raises(InvalidArgument, match=why):
        client.container.export("web", stdout=tmp_path / path)
    assert fake_docker.calls == []


@pytest.mark.parametrize("given", [True, -1, 3.5, "path", object(), b"x"])
def test_what_cannot_be_stdout_is_refused(
    fake_docker: FakeDocker, client: Docker, given: Any
) -> None:
    with pytest.raises(InvalidArgument, match="stdout="):
        client.container.export("web", stdout=given)
    assert fake_docker.calls == []


def test_a_closed_file_or_descriptor_is_refused(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    with open(tmp_path / "out", "wb") as file:
        number = file.fileno()
    for given in (file, number):
        with pytest.raises(InvalidArgument, match="stdout="):
            client.container.export("web", stdout=given)
    assert fake_docker.calls == []


def test_a_text_that_has_no_file_is_refused(fake_docker: FakeDocker, client: Docker) -> None:
    with pytest.raises(InvalidArgument, match="bytes"):
        export(client, io.StringIO())
    assert fake_docker.calls == []


def test_a_text_file_gets_the_bytes(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    writes(fake_docker)
    with open(tmp_path / "out", "w") as file:
        file.write("before ")
        export(client, file)
    assert (tmp_path / "out").read_bytes() == b"before " + DATA


def test_ten_megabytes_through_python(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(*(("write", 1, DATA),) * 40)
    file = io.BytesIO()
    export(client, file)
    assert len(file.getvalue()) == 40 * len(DATA) > 9 * MEGABYTE
