"""Archives and programs' bytes of a real docker, between processes and files (T7, T16)."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import ContainerFailed, DockerFailed, NoSuchContainer, NoSuchImage

Unique = Callable[[str], str]
MEGABYTE = 1 << 20
EVERY = bytes(range(256)) * 1000


@pytest.fixture
def box(docker: Docker, base: str, unique: Unique) -> Iterator[str]:
    """A container that waits."""
    name = unique("box")
    docker.run(base, "sleep", "600", name=name, detach=True)
    yield name
    docker.rm(name, force=True)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


STDIN: dict[str, Callable[[Path], Any]] = {
    "bytes": lambda path: path.read_bytes(),
    "path": lambda path: path,
    "file": lambda path: path.open("rb"),
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
    "generator": lambda path: iter(
        [path.read_bytes()[at : at + 999] for at in range(0, 256000, 999)]
    ),
}


@pytest.mark.parametrize("kind", STDIN)
@pytest.mark.parametrize("verb", ["exec", "run"])
def test_every_byte_goes_in_and_comes_out(
    cli: Docker, cli_base: str, unique: Unique, tmp_path: Path, kind: str, verb: str
) -> None:
    (tmp_path / "every").write_bytes(EVERY)
    given, name = STDIN[kind](tmp_path / "every"), unique("box")
    if verb == "run":
        call = cli.call.run(cli_base, "cat", rm=True, stdin=given, deadline=60)
    else:
        cli.run(cli_base, "sleep", "600", name=name, detach=True)
        call = cli.call.exec(name, "cat", stdin=given, deadline=60)
    try:
        with call.open() as stream:
            assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(EVERY).digest()
    finally:
        if verb == "exec":
            cli.rm(name, force=True)
        if hasattr(given, "close"):
            given.close()


def test_fifty_megabytes_to_a_program(docker: Docker, box: str, tmp_path: Path) -> None:
    data = os.urandom(MEGABYTE) * 50
    (tmp_path / "data").write_bytes(data)
    want = hashlib.sha256(data).hexdigest()
    pieces = (data[at : at + MEGABYTE] for at in range(0, len(data), MEGABYTE))
    for given in (data, tmp_path / "data", pieces):
        assert docker.exec(box, "sha256sum", stdin=given).stdout.split()[0].decode() == want


def test_an_archive_to_read(docker: Docker, base: str, box: str) -> None:
    docker.exec(box, "sh", "-c", "head -c 3000000 /dev/urandom >/file; sha256sum /file >/sum")
    with (
        docker.cp(f"{box}:/file", "-", stream=True) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        (member,) = tar
        assert (member.name, member.size) == ("file", 3_000_000)
    with (
        docker.container.export(box, stream=True) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        assert {"file", "sum"} <= {member.name for member in tar}
    with docker.save(base, stream=True) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        assert "manifest.json" in {member.name for member in tar}


def test_from_one_container_to_another(docker: Docker, base: str, box: str, unique: Unique) -> None:
    """docker to docker, by one pipe of the system."""
    docker.exec(box, "sh", "-c", "head -c 30000000 /dev/urandom >/file")
    want = docker.exec(box, "sha256sum", "/file").stdout.split()[0]
    other = unique("other")
    docker.run(base, "sleep", "600", name=other, detach=True)
    try:
        archive = docker.cp(f"{box}:/file", "-", stream=True)
        docker.cp("-", f"{other}:/", stdin=archive)
        assert archive.returncode == 0
        assert docker.exec(other, "sha256sum", "/file").stdout.split()[0] == want
        source = docker.call.exec(box, "cat", "/file").open()
        assert docker.exec(other, "sha256sum", stdin=source).stdout.split()[0] == want
    finally:
        docker.rm(other, force=True)


def test_whoever_fails_is_the_error(docker: Docker, box: str) -> None:
    with pytest.raises(NoSuchContainer, match="t-there-is-none"):
        docker.exec(box, "cat", stdin=docker.cp("t-there-is-none:/file", "-", stream=True))
    with pytest.raises(NoSuchImage):
        docker.exec(box, "cat", stdin=docker.save("t-there-is-none", stream=True))
    archive = docker.call.exec(box, "yes").open()
    with pytest.raises(ContainerFailed) as info:
        docker.exec(box, "sh", "-c", "head -c 10; exit 7", stdin=archive)
    assert info.value.returncode == 7
    with pytest.raises(DockerFailed):
        docker.load(stdin=docker.call.exec(box, "echo", "no archive").open())


def test_a_reader_that_wants_no_more(docker: Docker, box: str) -> None:
    archive = docker.call.exec(box, "yes").open()
    assert docker.exec(box, "head", "-c", "4", stdin=archive).stdout == b"y\ny\n"
    assert archive.closed


def test_a_path_gets_an_archive_whole_or_stays(
    docker: Docker, base: str, box: str, tmp_path: Path
) -> None:
    path = tmp_path / "box.tar"
    path.write_bytes(b"old")
    with pytest.raises(NoSuchContainer):
        docker.container.export("t-there-is-none", stdout=path)
    assert path.read_bytes() == b"old"
    docker.container.export(box, stdout=path)
    with tarfile.open(path) as tar:
        assert "etc/passwd" in tar.getnames()
    assert os.listdir(tmp_path) == ["box.tar"]


def test_memory_is_flat_over_256_megabytes(docker: Docker, box: str) -> None:
    docker.exec(box, "sh", "-c", "head -c 268435456 /dev/zero >/file")
    for open_ in (
        lambda: docker.cp(f"{box}:/file", "-", stream=True),
        lambda: docker.container.export(box, stream=True),
        lambda: docker.call.exec(box, "cat", "/file").open(),
    ):
        begun, most, size = resident(), 0, 0
        with open_() as stream:
            while chunk := stream.read(MEGABYTE):
                size += len(chunk)
                most = max(most, resident() - begun)
        assert size >= 256 * MEGABYTE
        assert most < 16 * MEGABYTE
