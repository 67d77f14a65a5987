"""What a shell in a helper is given goes through as it is: names of files, of folders, of the way
to them (P3)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dockcli import Docker
from tests import trees
from tests.unit.test_no_shell import METACHARACTERS

Make = Callable[..., str]
Folder = Callable[[str], bytes]


def named(root: Path) -> Path:
    """A folder below *root* whose every entry, and every folder on the way to it, has a name that
    a shell would read otherwise."""
    way = root.joinpath(*METACHARACTERS)
    way.mkdir(parents=True)
    for number, name in enumerate(METACHARACTERS):
        path = way / name
        if number % 3 == 0:
            path.mkdir()
            (path / name).write_text(name)
        elif number % 3 == 1:
            path.symlink_to(name)
        else:
            path.write_text(name)
    return way


def test_names_are_never_read_as_shell(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    way = named(tmp_path / "there")
    before = trees.manifest(os.fsencode(way))
    assert len(before) > len(METACHARACTERS)
    filled, over, back = volume("data", create=False), volume("over"), tmp_path / "$(id) ; back"
    cli.volume.from_bind(str(way), filled)
    assert trees.manifest(folder(filled)) == before

    archive = tmp_path / "`id` $HOME.tar"
    cli.volume.backup(filled, archive)
    for _ in range(2):  # then over names of the same kind, each of which the shell moves away
        cli.volume.restore(archive, over, overwrite=True)
        assert trees.manifest(folder(over)) == before

    back.mkdir()
    cli.volume.to_bind(over, str(back))
    assert trees.manifest(os.fsencode(back)) == before
    assert trees.manifest(os.fsencode(way)) == before
