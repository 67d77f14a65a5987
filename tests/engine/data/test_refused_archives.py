"""Whatever is done to an archive, a restore of it is an error and the volume is as it was (T14,
T15); a disk that is full leaves no archive."""

from __future__ import annotations

import errno
import io
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.data.archive import ArchiveError, HostileArchive
from dockcli.errors import NoSuchVolume
from tests import trees
from tests.engine.conftest import missing
from tests.unit.data.archive.made import tar_of
from tests.unit.data.archive.test_archive_damage import DAMAGES
from tests.unit.data.archive.test_archive_hostile import HOSTILE

Make = Callable[..., str]
Folder = Callable[[str], bytes]
SUFFIXES = (".tar", ".tar.gz", ".tar.zst")
PLACES = 50


class Target:
    """A volume with something in it, and what there is of it and beside it."""

    def __init__(self, cli: Docker, name: str, new: str, folder: bytes) -> None:
        self._cli, self._name, self._new, self._folder = cli, name, new, folder
        trees.build(folder, 41, entries=10)
        self._before = self._look()

    def _look(self) -> object:
        beside = os.path.dirname(self._folder)
        return trees.manifest(self._folder), sorted(os.listdir(beside))

    def refuses(self, archive: bytes, path: Path | None, kind: type[Exception]) -> None:
        """Whether it comes from a file, which is read before, or through a pipe: into the volume
        that is there, and into a new one."""
        if path is not None:
            path.write_bytes(archive)
        for name in (self._name, self._new):
            source = path or io.BytesIO(archive)
            with pytest.raises(kind):
                self._cli.volume.restore(source, name, overwrite=name == self._name)
        assert self._look() == self._before
        with pytest.raises(NoSuchVolume):
            self._cli.volume.inspect(self._new)


@pytest.fixture
def target(cli: Docker, volume: Make, folder: Folder) -> Target:
    name = volume("target")
    return Target(cli, name, volume("new", create=False), folder(name))


def rows(many: int, every: int, by_pipe: int) -> list[object]:
    """``(number, whether by a pipe)``, of which the tests take one in so many, and the soak all."""
    return [
        pytest.param(
            *(number, pipe),
            marks=pytest.mark.soak if (number + 1) % (by_pipe if pipe else every) else (),
            id=f"{number}-{'pipe' if pipe else 'file'}",
        )
        for pipe in (False, True)
        for number in range(many)
    ]


@pytest.mark.parametrize(("place", "pipe"), rows(PLACES, 12, 25))
def test_what_was_changed_anywhere_is_refused(
    cli: Docker,
    volume: Make,
    folder: Folder,
    target: Target,
    tmp_path: Path,
    place: int,
    pipe: bool,
) -> None:
    """A bit, a cut, more behind it, two parts in each other's place: at fifty places of it."""
    source, suffix = volume("source"), SUFFIXES[place % 3]
    trees.build(folder(source), 42)
    whole = tmp_path / f"data{suffix}"
    cli.volume.backup(source, whole)
    archive = whole.read_bytes()
    at = random.Random(place).randrange(len(archive) * place // PLACES, len(archive)) or 1
    for damage in DAMAGES.values():
        damaged = damage(archive, at)
        if damaged != archive:
            path = None if pipe else tmp_path / f"damaged{suffix}"
            target.refuses(damaged, path, ArchiveError)


@pytest.mark.parametrize(("number", "pipe"), rows(len(HOSTILE), 1, 15))
def test_what_would_get_out_is_refused(
    cli: Docker, target: Target, tmp_path: Path, number: int, pipe: bool
) -> None:
    """By what reads it here, before the helper's tar has it."""
    hostile, _ = list(HOSTILE.values())[number]
    path = None if pipe else tmp_path / "hostile.tar"
    target.refuses(tar_of(hostile), path, HostileArchive)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of one mebibyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder))
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("mount, for a disk that is full")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_disk_that_is_full_leaves_no_archive(
    cli: Docker, cli_base: str, volume: Make, folder: Folder, small_disk: Path, suffix: str
) -> None:
    """And who was stopped for it goes on."""
    name = volume()
    Path(os.fsdecode(folder(name)), "big").write_bytes(os.urandom(4 << 20))
    user = f"{name}-user"
    cli.run(cli_base, "sleep", "600", name=user, detach=True, volume=[f"{name}:/data"])
    try:
        with pytest.raises(OSError, match="No space left") as caught:
            cli.volume.backup(name, small_disk / f"data{suffix}", pause=True)
        assert caught.value.errno == errno.ENOSPC
        assert os.listdir(small_disk) == []
        assert cli.container.inspect(user).running
    finally:
        cli.container.rm(user, force=True)


@pytest.mark.parametrize("compression", ["none", "gz", "zst"])
def test_a_device_that_is_full_is_an_error(
    cli: Docker, volume: Make, folder: Folder, compression: str
) -> None:
    """Also where all fits into what is kept to be written at once."""
    name = volume()
    Path(os.fsdecode(folder(name)), "small").write_bytes(b"mine")
    with open("/dev/full", "wb") as full:
        with pytest.raises(OSError, match="No space left"):
            cli.volume.backup(name, full, compression=compression)  # type: ignore[arg-type]
        with pytest.raises(OSError, match="No space left"):
            full.flush()
        full.raw.close()  # type: ignore[attr-defined]
