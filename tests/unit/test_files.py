"""Files of a container, with a fake docker: what it is told, and what becomes of its failures."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import json
import lzma
import os
import pickle
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockcli import Completed, Container, Docker, errors
from dockcli.files import given as checks
from dockcli.files import tar
from dockcli.runner import Job
from tests.unit.fake import FakeDocker, left_in

ID = "f" * 64


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No descriptor, no child, no temporary file."""
    before = set(os.listdir("/dev/fd"))
    yield
    gc.collect()
    assert set(os.listdir("/dev/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def tells(fake: FakeDocker, *, podman: bool = False, running: bool = True, **more: Any) -> None:
    """The fake has one container, as inspect tells of it."""
    status = "running" if running else "created"
    raw = {"Id": ID, "State": {"Status": status}, **({"OCIRuntime": "runc"} if podman else {})}
    fake.will(("write", 1, json.dumps([{**raw, **more}]).encode()), when="container inspect")


def gives(fake: FakeDocker, *steps: Any) -> None:
    fake.will(*steps, when="container cp")


def archive(name: str = "file", data: bytes = b"data", **how: Any) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as out:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        for part, value in how.items():
            setattr(member, part, value)
        out.addfile(member, io.BytesIO(data))
    return whole.getvalue()


ACTS: dict[str, Callable[[Container, str], object]] = {
    "read_bytes": lambda one, path: one.read_bytes(path),
    "read_text": lambda one, path: one.read_text(path),
    "write_bytes": lambda one, path: one.write_bytes(path, b""),
    "write_text": lambda one, path: one.write_text(path, ""),
    "get_archive": lambda one, path: one.get_archive(path),
    "put_archive": lambda one, path: one.put_archive(path, archive()),
}


@pytest.mark.parametrize(
    "path", ["", "file", "./file", "../file", "a:/b", "/a\0b", "/a/../b", "-x"]
)
@pytest.mark.parametrize("act", ACTS)
def test_a_bad_path_is_refused_before_anything_runs(
    fake_docker: FakeDocker, client: Docker, act: str, path: str
) -> None:
    with pytest.raises(errors.InvalidArgument):
        ACTS[act](Container("web", client), path)
    assert not fake_docker.calls


@pytest.mark.parametrize("path", ["/", "/a/", "/a/."])
@pytest.mark.parametrize("act", [act for act in ACTS if "archive" not in act])
def test_a_folder_is_no_path_of_a_file(
    fake_docker: FakeDocker, client: Docker, act: str, path: str
) -> None:
    with pytest.raises(errors.InvalidArgument, match="folder"):
        ACTS[act](Container("web", client), path)
    assert not fake_docker.calls


@pytest.mark.parametrize(
    "given",
    [
        {"mode": -1},
        {"mode": 0o10000},
        {"mode": "0644"},
        {"mode": True},
        {"owner": "root"},
        {"owner": "root:root"},
        {"owner": (0, -1)},
        {"owner": (0, 2**32 - 1)},
        {"owner": 0},
        {"owner": (0, 0, 0)},
        {"owner": (True, 0)},
        {"mtime": "now"},
        {"mtime": float("inf")},
        {"encoding": "utf-99"},
        {"errors": "hope"},
        {"encoding": "ascii"},
        {"deadline": 0},
    ],
    ids=str,
)
def test_what_no_file_can_have_is_refused_before_anything_runs(
    fake_docker: FakeDocker, client: Docker, given: dict[str, Any]
) -> None:
    with pytest.raises(errors.InvalidArgument):
        Container("web", client).write_text("/file", "é", **given)
    assert not fake_docker.calls


def test_text_and_bytes_are_not_mixed_up(fake_docker: FakeDocker, client: Docker) -> None:
    one: Any = Container("web", client)
    acts: tuple[Callable[[], object], ...] = (
        lambda: one.write_text("/file", b""),
        lambda: one.write_bytes("/file", ""),
        lambda: one.write_bytes("/file", 5),
        lambda: one.read_text("/file", encoding="utf-99"),
        lambda: one.get_archive("/a", into=5),
        lambda: one.put_archive("/a", 5),
        lambda: one.put_archive("/a", io.StringIO("text")),
        lambda: one.put_archive("/a", ["text"]),
        lambda: one.put_archive("/a", "/no/such/file.tar"),
    )
    for act in acts:
        with pytest.raises(errors.InvalidArgument):
            act()
    assert not fake_docker.calls


def members(data: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape") as opened:
        return opened.getmembers()


def test_a_file_goes_as_an_archive_of_itself_alone(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker, podman=True)  # which is not asked what is there
    gives(fake_docker, ("read",))
    Container("web", client).write_text("/d/file", "é\r\n", mode=0o600, owner="7:8", mtime=5)
    inspect, copy = fake_docker.calls
    assert inspect.words[:2] == ["container", "inspect"]
    assert copy.words == ["container", "cp", "--archive=false", "--", "-", f"{ID}:/d"]
    (member,) = members(copy.stdin)
    assert (member.name, member.mode, member.uid, member.gid) == ("./file", 0o600, 7, 8)
    assert (member.mtime, member.uname, member.gname, member.size) == (5, "", "", 4)
    assert copy.stdin[512:516] == b"\xc3\xa9\r\n"


@given(
    st.text(st.characters(blacklist_characters="/\0"), min_size=1).filter(
        lambda n: n not in ("..", ".")
    ),
    st.binary(max_size=2000),
    st.integers(0, 0o7777),
    st.integers(0, 2**32 - 2),
    st.floats(0, 2**33) | st.integers(0, 2**33),
)
def test_any_file_is_in_its_archive(
    name: str, data: bytes, mode: int, owner: int, mtime: float
) -> None:
    raw = (
        os.fsencode(name)
        if not any(0xD800 <= ord(c) < 0xDC80 or 0xDCFF < ord(c) < 0xE000 for c in name)
        else None
    )
    if raw is None or os.fsdecode(raw) != name:  # no name that a system could have
        return
    whole = tar.one_file(f"sub/{name}", data, checks.meta(mode, (owner, owner), mtime))
    assert len(whole) % 512 == 0
    folder, file = members(whole)
    assert (folder.name, folder.isdir(), folder.mode, folder.uid) == ("./sub", True, 0o755, owner)
    assert (file.name, file.mode, file.uid, file.gid) == (f"./sub/{name}", mode, owner, owner)
    assert abs(file.mtime - mtime) < 0.001
    with tarfile.open(fileobj=io.BytesIO(whole), errors="surrogateescape") as opened:
        content = opened.extractfile(opened.getmembers()[1])
        assert content is not None
        assert content.read() == data


@pytest.mark.parametrize("name", ["BZh", "\x1f\x8b\x08", "\udcfd7zXZ", "(\udcb5/\udcfd"], ids=ascii)
@pytest.mark.parametrize("mtime", [5, 5.5])
def test_no_archive_of_ours_begins_as_a_compressed_one(name: str, mtime: float) -> None:
    whole = tar.one_file(name, b"", checks.meta(0o644, (0, 0), mtime))
    with tar.plain(whole) as same:
        assert same == whole
    assert whole.startswith(b"./")


def test_a_file_is_read_from_its_archive(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker)
    for data in (b"", bytes(range(256)), os.urandom(300_000)):
        gives(fake_docker, ("write", 1, archive(data=data)))
        assert Container("web", client).read_bytes("/file") == data
    assert fake_docker.calls[-1].words == ["container", "cp", "--", f"{ID}:/file", "-"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"Error: No such container:path: web:/file\n", errors.NoSuchPath),
        (
            b"Error response from daemon: Could not find the file /a\nb in container f\n",
            errors.NoSuchPath,
        ),
        (b"Error response from daemon: No such container: web\n", errors.NoSuchContainer),
        (b"Error response from daemon: lstat /x/file/y: not a directory\n", errors.NotAFolder),
        (
            b"Error response from daemon: evalSymlinksInScope: too many links in /x/loop\n",
            errors.NotAFile,
        ),
        (
            b"Error response from daemon: container rootfs is marked read-only\n",
            errors.ReadOnlyPath,
        ),
        (b"Error response from daemon: mounted volume is marked read-only\n", errors.ReadOnlyPath),
        (
            b"Error: 1 error occurred:\n\t* copying to container: copier: put: error creating "
            b'"/b/f": copier: put: error opening file "/b/f" for writing: open /b/f: read-only '
            b"file system\n",
            errors.ReadOnlyPath,
        ),
        (b"Error response from daemon: disk on fire\n", errors.DockerFailed),
    ],
)
def test_a_failure_is_told_as_what_it_is(
    fake_docker: FakeDocker,
    client: Docker,
    tmp_path: Path,
    said: bytes,
    kind: type[errors.CallError],
) -> None:
    tells(fake_docker)
    gives(fake_docker, ("write", 2, said), ("exit", 1))
    one = Container("web", client)
    for act in (
        lambda: one.read_bytes("/file"),
        lambda: one.get_archive("/file"),
        lambda: one.get_archive("/file", into=tmp_path / "x"),
        lambda: one.get_archive("/file", into=io.BytesIO()),
    ):
        with pytest.raises(errors.DockerFailed) as caught:
            act()
        assert type(caught.value) is kind
        assert (caught.value.returncode, caught.value.stderr) == (1, said)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert not (tmp_path / "x").exists()
    assert [path for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "no archive"),
        (b"x" * 2000, "no archive"),
        (bytes(1024), "empty archive"),
        (archive(data=b"x" * 5000)[:3000], "not whole"),
        (archive()[:300], "no archive"),
    ],
)
def test_an_answer_that_is_no_whole_file(
    fake_docker: FakeDocker, client: Docker, answer: bytes, reason: str
) -> None:
    tells(fake_docker)
    gives(fake_docker, ("write", 1, answer))
    with pytest.raises(errors.UnreadableOutput, match=reason):
        Container("web", client).read_bytes("/file")


def test_docker_fails_after_the_whole_file(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker)
    gives(fake_docker, ("write", 1, archive()), ("write", 2, b"Error: it broke\n"), ("exit", 1))
    with pytest.raises(errors.DockerFailed, match="it broke"):
        Container("web", client).read_bytes("/file")


@pytest.mark.parametrize(
    ("kind", "word"),
    [(tarfile.DIRTYPE, "folder"), (tarfile.FIFOTYPE, "pipe"), (tarfile.CHRTYPE, "device")],
)
def test_docker_is_left_at_what_is_no_file(
    fake_docker: FakeDocker, client: Docker, kind: bytes, word: str
) -> None:
    tells(fake_docker)
    gives(fake_docker, ("write", 1, archive(data=b"", type=kind)), ("spew", 1, bytes(1024)))
    begun = time.monotonic()
    for act in (ACTS["read_bytes"], ACTS["write_bytes"]):
        with pytest.raises(errors.NotAFile, match=word):
            act(Container("web", client), "/file")
    assert time.monotonic() - begun < 5
    for call in fake_docker.calls:
        assert left_in(call.group) == []


def test_links_in_a_circle_end(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker)
    gives(fake_docker, ("write", 1, archive(data=b"", type=tarfile.SYMTYPE, linkname="file")))
    with pytest.raises(errors.NotAFile, match="circle"):
        Container("web", client).read_bytes("/file")


HOST: dict[str, Any] = {"HostConfig": {"Tmpfs": {"/run/": ""}}, "Mounts": [
    {"Type": "tmpfs", "Destination": "/t", "RW": True},
    {"Type": "volume", "Destination": "/run/kept", "RW": True},
    {"Type": "bind", "Destination": "/ro", "RW": False},
    {"Type": "bind", "Destination": "/dev", "RW": True},
]}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("path", ["/run/a", "/t/a/b", "/proc/1/x", "/sys/x", "/run//./a"])
@pytest.mark.parametrize("running", [True, False])
def test_a_hidden_place_is_refused_before_anything_is_copied(
    fake_docker: FakeDocker, client: Docker, act: str, path: str, running: bool
) -> None:
    tells(fake_docker, running=running, **HOST)
    with pytest.raises(errors.OutOfReach, match="does not reach"):
        ACTS[act](Container("web", client), path)
    assert fake_docker.commands == ["container inspect"]


@pytest.mark.parametrize("path", ["/run/kept/a", "/runs/a", "/dev/a", "/tt"])
def test_a_place_beside_or_mounted_in_a_hidden_one_is_not(
    fake_docker: FakeDocker, client: Docker, path: str
) -> None:
    tells(fake_docker, podman=False, **HOST)
    gives(fake_docker, ("write", 1, archive()))
    assert Container("web", client).read_bytes(path) == b"data"


def test_what_is_mounted_read_only_is_not_written(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker, podman=True, running=False, **HOST)
    with pytest.raises(errors.ReadOnlyPath):
        Container("web", client).write_text("/ro/file", "x")
    assert fake_docker.commands == ["container inspect"]


COMPRESSED = {
    "gzip": gzip.compress(archive()),
    "bzip2": bz2.compress(archive()),
    "xz": lzma.compress(archive()),
    "zstd": b"\x28\xb5\x2f\xfd" + archive(),
    "a plain one that looks so": archive("BZh9"),
}


def as_path(data: bytes, folder: Path) -> Any:
    (folder / "archive").write_bytes(data)
    return folder / "archive"


SOURCES: dict[str, Callable[[bytes, Path], Any]] = {
    "bytes": lambda data, _: data,
    "bytearray": lambda data, _: bytearray(data),
    "a path": as_path,
    "a text": lambda data, folder: str(as_path(data, folder)),
    "an object": lambda data, _: io.BytesIO(data),
    "an iterator": lambda data, _: iter([data[:100], data[100:]]),
}


@pytest.mark.parametrize("source", SOURCES)
def test_an_archive_comes_to_docker_byte_for_byte(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, source: str
) -> None:
    tells(fake_docker)
    gives(fake_docker, ("read",))
    raw = archive(data=os.urandom(200_000))
    Container("web", client).put_archive("/d", SOURCES[source](raw, tmp_path))
    assert fake_docker.calls[-1].words == [
        "container",
        "cp",
        "--archive=false",
        "--",
        "-",
        f"{ID}:/d",
    ]
    assert fake_docker.calls[-1].stdin == raw


def test_an_open_file_is_taken_from_where_it_stands(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    tells(fake_docker)
    gives(fake_docker, ("read",))
    with as_path(b"junk" + archive(), tmp_path).open("rb") as file:
        file.read(4)
        Container("web", client).put_archive("/d", file)
        assert not file.closed
    assert fake_docker.calls[-1].stdin == archive()
    packed = as_path(gzip.compress(archive()), tmp_path)
    with gzip.open(packed) as unpacked:  # whose descriptor has other bytes
        Container("web", client).put_archive("/d", unpacked)
    assert fake_docker.calls[-1].stdin == archive()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", COMPRESSED)
def test_a_compressed_archive_is_refused_before_anything_runs(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, source: str, kind: str
) -> None:
    with pytest.raises(errors.InvalidArgument, match="unpack it first"):
        Container("web", client).put_archive("/d", SOURCES[source](COMPRESSED[kind], tmp_path))
    assert not fake_docker.calls


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("cut", [0, 1, 100, 511, 600, 1023, 1024, 1535, 1536])
def test_an_archive_that_was_cut_off_is_refused_before_anything_runs(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, source: str, cut: int
) -> None:
    raw = archive("one", b"x" * 513)[:cut]
    with pytest.raises(errors.InvalidArgument, match=r"no end|no whole"):
        Container("web", client).put_archive("/d", SOURCES[source](raw, tmp_path))
    assert not fake_docker.calls


def test_a_deadline_ends_docker(fake_docker: FakeDocker, client: Docker, tmp_path: Path) -> None:
    tells(fake_docker)
    one = Container("web", client)
    for steps in ([("sleep", 60)], [("write", 1, archive()[:1024]), ("spew", 1, b"x" * 1024)]):
        gives(fake_docker, *steps)
        for act in (
            lambda: one.read_bytes("/file", deadline=1),
            lambda: one.get_archive("/file", into=tmp_path / "x", deadline=1),
            lambda: one.write_bytes("/file", b"", deadline=1),
        ):
            if act.__code__.co_names[0] == "write_bytes" and steps[0][0] == "write":
                continue
            begun = time.monotonic()
            with pytest.raises(errors.DeadlineExceeded):
                act()
            assert time.monotonic() - begun < 3
            assert left_in(fake_docker.calls[-1].group) == []
    assert list(tmp_path.glob("x*")) == []


class Broken(io.BytesIO):
    def write(self, _: Any) -> int:
        raise LookupError("mine")


def test_an_error_of_the_reader_ends_docker(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker)
    gives(fake_docker, ("spew", 1, bytes(1024)))
    with pytest.raises(LookupError, match="mine"):
        Container("web", client).get_archive("/file", into=Broken())
    assert left_in(fake_docker.calls[-1].group) == []


def test_an_archive_that_is_dropped_ends_docker(fake_docker: FakeDocker, client: Docker) -> None:
    from dockcli.files.stream import opened

    gives(fake_docker, ("spew", 1, bytes(1024)))
    stream = opened(client.call.container.cp("web:/x", "-"))
    assert stream.read(5) == bytes(5)
    del stream
    gc.collect()
    assert left_in(fake_docker.call.group) == []


def test_much_on_stderr_holds_nothing_up(fake_docker: FakeDocker, client: Docker) -> None:
    tells(fake_docker)
    gives(fake_docker, ("write", 2, b"x\n" * 500_000), ("write", 1, archive()))
    assert Container("web", client).read_bytes("/file", deadline=20) == b"data"


@pytest.mark.parametrize(
    "steps",
    [
        (("write", 2, b"Error: hunter2\n"), ("exit", 1)),
        (("write", 1, archive(data=b"", type=tarfile.DIRTYPE)),),
        (("write", 1, b""),),
        (("sleep", 60),),
    ],
)
def test_the_password_of_a_host_is_in_no_error(fake_docker: FakeDocker, steps: Any) -> None:
    client = Docker(host="tcp://me:hunter2@server")
    tells(fake_docker)
    gives(fake_docker, *steps)
    with pytest.raises(errors.CallError) as caught:
        Container("web", client).read_bytes("/file", deadline=2)
    assert "hunter2" not in str(caught.value) + repr(caught.value)


def test_a_runner_of_the_callers_own_is_used() -> None:
    class Recorded:
        def run(self, job: Job) -> Completed:
            is_cp = "cp" in job.argv
            said = archive() if is_cp else json.dumps([{"Id": ID}]).encode()
            return Completed(job.argv, 0, said, b"", 0.0)

    one = Container("web", Docker(runner=Recorded()))
    assert one.read_text("/file") == "data"
    assert one.get_archive("/file") == archive()


def test_nothing_of_it_is_loaded_until_it_is_used() -> None:
    code = "import sys; from dockcli import docker; print('tarfile' in sys.modules, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "False"
