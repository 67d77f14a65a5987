"""The program is found once, by its absolute path, and never in the working directory (P4)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import BinaryNotFound, InvalidArgument
from dockcli.runner import find_program
from tests.unit import ways
from tests.unit.fake import FakeDocker
from tests.unit.ways import Way


def run(client: Docker) -> None:
    client.raw("ps")


def by(way: Way) -> Callable[[Docker], None]:
    return lambda client: way(client.call.raw("ps"))


WAYS = pytest.mark.parametrize("start", [by(way) for way in ways.WAYS.values()], ids=ways.WAYS)


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory full of programs that nobody asked for; the file that they leave."""
    folder = tmp_path / "evil"
    for name in ("docker", "sudo", "sub/docker", "sub/sudo"):
        program = folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho ran >>{folder}/ran\n")
        program.chmod(0o755)
    monkeypatch.chdir(folder)
    return folder / "ran"


def folder_named_docker(root: Path) -> None:
    (root / "docker").mkdir()


def not_executable(root: Path) -> None:
    (root / "docker").write_text("#!/bin/sh\n")
    (root / "docker").chmod(0o644)


def broken_link(root: Path) -> None:
    (root / "docker").symlink_to(root / "none")


def link_to_itself(root: Path) -> None:
    (root / "docker").symlink_to(root / "docker")


def no_folder(root: Path) -> None:
    root.rmdir()


RELATIVE = ["", ":", "::", ".", "./", "..", "sub", "./sub", "../evil", ".:sub:", "~"]
USELESS = [folder_named_docker, not_executable, broken_link, link_to_itself, no_folder]


@WAYS
@pytest.mark.parametrize("path", RELATIVE)
def test_the_working_directory_is_never_searched(
    fake_docker: FakeDocker,
    evil: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[[Docker], None],
    path: str,
) -> None:
    monkeypatch.setenv("PATH", path)
    with pytest.raises(BinaryNotFound, match="no program docker on PATH"):
        start(Docker())
    monkeypatch.setenv("PATH", f"{path}:{fake_docker.folder}")
    start(Docker())
    assert fake_docker.commands == ["ps"]
    assert not evil.exists()


@WAYS
@pytest.mark.parametrize("make", USELESS)
def test_what_cannot_be_run_is_passed_over(
    fake_docker: FakeDocker,
    evil: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[[Docker], None],
    make: Callable[[Path], None],
) -> None:
    folder = tmp_path / "useless"
    folder.mkdir()
    make(folder)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(BinaryNotFound):
        start(Docker())
    monkeypatch.setenv("PATH", f"{folder}:{fake_docker.folder}")
    start(Docker())
    assert fake_docker.commands == ["ps"]
    assert not evil.exists()


@WAYS
def test_it_is_found_once_at_the_first_call(
    fake_docker: FakeDocker,
    evil: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[[Docker], None],
) -> None:
    client = Docker()
    good = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(evil.parent))
    monkeypatch.setenv("PATH", good)
    run(client)
    monkeypatch.setenv("PATH", str(evil.parent))
    start(client)
    run(client)
    assert fake_docker.commands == ["ps"] * 3
    assert not evil.exists()


@WAYS
def test_a_path_set_after_the_client_was_made_counts(
    fake_docker: FakeDocker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[[Docker], None],
) -> None:
    client = Docker()
    other = FakeDocker(tmp_path / "other")
    monkeypatch.setenv("PATH", f"{other.folder}:{fake_docker.folder}")
    start(client)
    assert (len(other.calls), len(fake_docker.calls)) == (1, 0)


@WAYS
def test_the_path_of_the_clients_own_environment_counts(
    fake_docker: FakeDocker, tmp_path: Path, start: Callable[[Docker], None]
) -> None:
    other = FakeDocker(tmp_path / "other")
    start(Docker(env={"PATH": f".:{other.folder}"}))
    assert (len(other.calls), len(fake_docker.calls)) == (1, 0)


@WAYS
@pytest.mark.parametrize("binary", ["./docker", "sub/docker", "../evil/docker", "docker/", "./"])
def test_a_path_that_depends_on_the_working_directory_is_refused(
    evil: Path, start: Callable[[Docker], None], binary: str
) -> None:
    with pytest.raises(InvalidArgument, match="depends on the working directory"):
        start(Docker(binary))
    assert not evil.exists()


@pytest.mark.parametrize("binary", ["", "a\0b", None, 5])
def test_what_is_no_name_of_a_program_is_refused(fake_docker: FakeDocker, binary: Any) -> None:
    with pytest.raises((InvalidArgument, BinaryNotFound)):
        run(Docker(binary))


@WAYS
def test_an_absolute_path_is_taken_as_it_is(
    fake_docker: FakeDocker, evil: Path, start: Callable[[Docker], None]
) -> None:
    start(Docker(fake_docker.path))
    assert fake_docker.commands == ["ps"]
    with pytest.raises(BinaryNotFound, match="is no program"):
        start(Docker(fake_docker.folder / "none"))


@WAYS
@pytest.mark.parametrize("path", RELATIVE)
def test_sudo_is_never_found_in_the_working_directory(
    fake_docker: FakeDocker,
    evil: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[[Docker], None],
    path: str,
) -> None:
    monkeypatch.setenv("PATH", f"{path}:{fake_docker.folder}")
    with pytest.raises(BinaryNotFound, match="no program sudo"):
        start(Docker(sudo=True))
    assert not evil.exists()
    assert not fake_docker.calls


def test_a_program_that_is_no_program_is_said_to_be_none(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/none/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(BinaryNotFound, match="cannot be started"):
        run(Docker(broken))


def test_without_any_path_the_systems_own_is_searched() -> None:
    assert os.path.isabs(find_program("sh", None))
    with pytest.raises(BinaryNotFound, match="install it"):
        find_program("no-such-program-anywhere", None)
