"""Bind mounts into volumes and back, and names for those that have none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.data.errors import VolumeExists, VolumeInUse
from dockcli.data.helper.errors import VolumeNotEmpty
from dockcli.errors import DockcliError, InvalidArgument, NoSuchVolume
from tests import trees

Make = Callable[..., str]
Folder = Callable[[str], bytes]


@pytest.fixture
def bound(tmp_path: Path) -> Path:
    """A folder as a bind mount might have been."""
    path = tmp_path / "bound"
    path.mkdir()
    trees.build(os.fsencode(path), 51)
    return path


def test_a_folder_becomes_a_volume_and_one_again(
    cli: Docker, volume: Make, folder: Folder, bound: Path, tmp_path: Path
) -> None:
    name = volume("data", create=False)
    before = trees.manifest(os.fsencode(bound))
    result = cli.volume.from_bind(str(bound), name)
    assert "as they were" in result.owners
    assert trees.manifest(folder(name)) == before == trees.manifest(os.fsencode(bound))
    with pytest.raises(VolumeExists):
        cli.volume.from_bind(str(bound), name)
    back = tmp_path / "back"
    back.mkdir()
    cli.volume.to_bind(name, str(back))
    assert trees.manifest(os.fsencode(back)) == before
    with pytest.raises(VolumeNotEmpty):
        cli.volume.to_bind(name, str(back))
    assert trees.manifest(os.fsencode(back)) == before


def owners(root: bytes) -> set[tuple[int, int]]:
    return {about["owner"] for about in trees.manifest(root).values()}


def test_who_owns_the_copies_is_said(
    cli: Docker, volume: Make, folder: Folder, bound: Path
) -> None:
    all_of, mapped = volume("all", create=False), volume("mapped", create=False)
    cli.volume.from_bind(str(bound), all_of, chown="123:456")
    assert owners(folder(all_of)) == {(123, 456)}
    cli.volume.from_bind(str(bound), mapped, map="u:0:1000,u:1000:0")
    swap = {0: 1000, 1000: 0}
    before = owners(os.fsencode(bound))
    assert {0, 1000} & {user for user, _ in before}
    assert owners(folder(mapped)) == {(swap.get(user, user), group) for user, group in before}


@pytest.mark.parametrize("path", ["/", "", "rel/ative", "/a/../etc"])
def test_what_is_no_folder_to_be_copied(docker: Docker, path: str) -> None:
    with pytest.raises(InvalidArgument):
        docker.volume.from_bind(path, "whatever")
    with pytest.raises(InvalidArgument):
        docker.volume.to_bind("whatever", path)


def test_a_missing_folder_is_not_made(cli: Docker, volume: Make, tmp_path: Path) -> None:
    name = volume("data", create=False)
    missing = tmp_path / "missing"
    with pytest.raises(DockcliError):
        cli.volume.from_bind(str(missing), name)
    assert not missing.exists()
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(name)


def test_a_file_is_no_folder(cli: Docker, volume: Make, bound: Path) -> None:
    name, file = volume("data", create=False), bound.parent / "file"
    file.write_text("x")
    with pytest.raises(DockcliError, match="no folder"):
        cli.volume.from_bind(str(file), name)
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(name)


def test_a_volume_without_a_name_gets_one(
    cli: Docker, cli_base: str, volume: Make, folder: Folder
) -> None:
    name = volume("named", create=False)
    other = volume("other", create=False)
    container = f"{name}-user"
    cli.container.create(cli_base, name=container, volume=["/data"])
    try:
        (mount,) = cli.container.inspect(container).mounts
        nameless = mount.name
        Path(os.fsdecode(folder(nameless)), "notes").write_text("mine")
        (origin,) = cli.volume.origins(nameless)
        assert [holder.name for holder in origin.containers] == [container]
        assert origin.entries == ("notes",)
        cli.volume.give_name(nameless, name)
        assert Path(os.fsdecode(folder(name)), "notes").read_text() == "mine"
        with pytest.raises(VolumeInUse, match=container):
            cli.volume.give_name(nameless, other, move=True)
    finally:
        cli.container.rm(container)
    assert cli.volume.give_name(nameless, other, move=True).removed
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(nameless)
    assert Path(os.fsdecode(folder(other)), "notes").read_text() == "mine"
