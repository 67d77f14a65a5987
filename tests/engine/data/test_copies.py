"""Clones, snapshots, moves to another engine, and differences."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from dockcli import Docker
from dockcli.data.errors import VolumeExists, VolumeInUse
from dockcli.data.snapshots import NoSuchSnapshot
from dockcli.errors import InvalidArgument, NoSuchVolume
from tests import trees

Make = Callable[..., str]
Folder = Callable[[str], bytes]
Way: TypeAlias = Literal["helper", "cp"]


def path(folder: Folder, name: str) -> Path:
    return Path(os.fsdecode(folder(name)))


def test_a_clone_is_the_same(cli: Docker, volume: Make, folder: Folder) -> None:
    source, target = volume("source", label={"tier": "db"}), volume("target", create=False)
    trees.build(folder(source), 31, entries=60)
    before = trees.manifest(folder(source))
    cli.volume.clone(source, target)
    assert trees.manifest(folder(target)) == before
    assert trees.manifest(folder(source)) == before
    assert dict(cli.volume.inspect(target).labels) == {"tier": "db"}
    with pytest.raises(VolumeExists):
        cli.volume.clone(source, target)
    path(folder, target).joinpath("more").write_text("x")
    cli.volume.clone(source, target, overwrite=True)
    assert trees.manifest(folder(target)) == before


def test_a_clone_of_nothing_makes_nothing(cli: Docker, volume: Make) -> None:
    target = volume("target", create=False)
    with pytest.raises(NoSuchVolume):
        cli.volume.clone("no-such-volume", target)
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(target)
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect("no-such-volume")


def test_snapshots_are_taken_listed_restored_and_removed(
    cli: Docker, volume: Make, folder: Folder
) -> None:
    name = volume("data")
    notes = path(folder, name) / "notes"
    notes.write_text("one")
    taken = cli.volume.snapshot(name, "before")
    volume("data.snapshot.before", create=False)
    notes.write_text("two")
    assert [(one.of, one.name) for one in cli.volume.snapshots(name)] == [(name, "before")]
    with pytest.raises(InvalidArgument, match="already"):
        cli.volume.snapshot(name, "before")
    cli.volume.restore_snapshot(name, "before")
    assert notes.read_text() == "one"
    cli.volume.rm(name)
    cli.volume.restore_snapshot(name, "before")
    assert (path(folder, name) / "notes").read_text() == "one"
    with pytest.raises(NoSuchSnapshot, match="before"):
        cli.volume.restore_snapshot(name, "after")
    cli.volume.remove_snapshot(name, "before")
    assert cli.volume.snapshots(name) == []
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(taken.volume)


def test_a_move_removes_the_source_last(cli: Docker, volume: Make, folder: Folder) -> None:
    source, target = volume("source", label={"tier": "db"}), volume("target", create=False)
    trees.build(folder(source), 32)
    before = trees.manifest(folder(source))
    result = cli.volume.migrate(source, to=cli, name=target)
    assert not result.removed
    assert trees.manifest(folder(source)) == before == trees.manifest(folder(target))
    with pytest.raises(VolumeExists):
        cli.volume.migrate(source, to=cli, name=target, move=True)
    assert trees.manifest(folder(source)) == before
    assert cli.volume.migrate(source, to=cli, name=target, move=True, overwrite=True).removed
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(source)
    assert trees.manifest(folder(target)) == before
    assert dict(cli.volume.inspect(target).labels) == {"tier": "db"}


def test_what_a_container_has_is_not_moved_away(cli: Docker, cli_base: str, volume: Make) -> None:
    source = volume("source")
    user = f"{source}-user"
    cli.container.create(cli_base, name=user, volume=[f"{source}:/data"])
    try:
        with pytest.raises(VolumeInUse, match=user):
            cli.volume.migrate(source, to=cli, name=volume("t", create=False), move=True)
        cli.volume.inspect(source)
    finally:
        cli.container.rm(user)


def test_between_docker_and_podman(
    docker: Docker,
    podman_environment: dict[str, str],
    volume: Make,
    cli: Docker,
    folder: Folder,
) -> None:
    podman = Docker("podman", env=podman_environment)
    if "podman" in cli.binary:
        return  # it is from docker
    source = volume("source")
    trees.build(folder(source), 33)
    before = trees.manifest(folder(source))
    cli.volume.migrate(source, to=podman)
    try:
        mountpoint = os.fsencode(podman.volume.inspect(source).mountpoint)
        assert trees.manifest(mountpoint) == before
    finally:
        podman.volume.rm(source)


def test_a_difference_is_told_by_path(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    one, other = volume("one"), volume("other", create=False)
    for name in ("same", "gone", "written"):
        (path(folder, one) / name).write_text(name)
    cli.volume.clone(one, other)
    assert cli.volume.diff(one, other).same
    archive = tmp_path / "one.tar.gz"
    cli.volume.backup(one, archive)
    there = path(folder, other)
    (there / "gone").unlink()
    (there / "new").write_text("new")
    (there / "written").write_text("otherwise")
    for before in (one, archive):
        found = cli.volume.diff(before, other)
        assert not found.same
        assert [entry.name for entry in found.added] == ["new"]
        assert [entry.name for entry in found.removed] == ["gone"]
        assert "written" in [change.name for change in found.changed]


@pytest.mark.parametrize("way", ["helper", "cp"])
def test_a_volume_does_not_move_onto_itself(cli: Docker, volume: Make, way: Way) -> None:
    name = volume("data")
    with pytest.raises(InvalidArgument, match="itself"):
        cli.volume.migrate(name, to=cli, overwrite=True, move=True, way=way)
    assert cli.volume.inspect(name).name == name
