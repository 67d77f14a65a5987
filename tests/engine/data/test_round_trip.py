"""T13: what is restored is what was backed up, on each docker and podman."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker
from tests import trees

Make = Callable[..., str]
Folder = Callable[[str], bytes]
SUFFIXES = (".tar", ".tar.gz", ".tar.zst")


def planted(folder: bytes, seeds: range, *, big: bool = False) -> None:
    """Fill a volume with a tree for each seed, and the first one's attributes on the root."""
    for seed in seeds:
        below = os.path.join(folder, b"tree %d" % seed)
        os.mkdir(below)
        trees.build(below, seed, big=big)
    trees.build(folder, seeds.start + 10_000, entries=3)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_tree_comes_back_as_it_was(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path, suffix: str
) -> None:
    source, target = volume("source"), volume("target", create=False)
    planted(folder(source), range(SUFFIXES.index(suffix) * 5, SUFFIXES.index(suffix) * 5 + 5))
    archive = tmp_path / f"data{suffix}"
    made = cli.volume.backup(source, archive)
    assert made.archive == str(archive)
    assert made.bytes == archive.stat().st_size
    assert made.loses == ()
    restored = cli.volume.restore(archive, target)
    before, after = trees.manifest(folder(source)), trees.manifest(folder(target))
    assert after == before
    assert len(restored.manifest.entries) == len(before)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_plain_tar_reads_it(
    docker: Docker, cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    source = volume()
    Path(os.fsdecode(folder(source)), "notes.txt").write_text("mine\n")
    for suffix in SUFFIXES:
        cli.volume.backup(source, tmp_path / f"data{suffix}")
        out = tmp_path / suffix[1:]
        out.mkdir()
        done = subprocess.run(
            ["tar", "-C", str(out), "-xf", str(tmp_path / f"data{suffix}")],
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert (out / "notes.txt").read_text() == "mine\n"


def test_it_goes_through_a_pipe(cli: Docker, volume: Make, folder: Folder) -> None:
    source, target = volume("source"), volume("target", create=False)
    planted(folder(source), range(40, 43))
    held = io.BytesIO()
    made = cli.volume.backup(source, held, compression="zst")
    assert made.archive is None
    assert made.bytes == len(held.getvalue())
    cli.volume.restore(io.BytesIO(held.getvalue()), target)
    assert trees.manifest(folder(target)) == trees.manifest(folder(source))


def test_the_volume_itself_comes_back(cli: Docker, volume: Make, tmp_path: Path) -> None:
    odd = "a=b c" if "podman" in cli.binary else 'a="b",c'  # podman's `create` cuts it at commas
    labels = {"tier": "db", "odd": odd}
    source, target = volume("source", label=labels), volume("target", create=False)
    archive = tmp_path / "data.tar"
    about = cli.volume.backup(source, archive).manifest.description
    assert about is not None
    assert (about.volume, about.driver, dict(about.labels)) == (source, "local", labels)
    cli.volume.restore(archive, target)
    assert dict(cli.volume.inspect(target).labels) == labels
    other = volume("other", create=False)
    cli.volume.restore(archive, other, labels={"tier": "copy"})
    assert dict(cli.volume.inspect(other).labels) == {"tier": "copy"}


def test_cp_keeps_what_it_can_and_says_what_not(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    source, target = volume("source"), volume("target", create=False)
    root = Path(os.fsdecode(folder(source)))
    (root / "a").mkdir()
    (root / "a" / "b").write_bytes(b"mine")
    os.chown(root / "a" / "b", 1000, 1000)
    os.symlink("a/b", root / "link")
    archive = tmp_path / "data.tar"
    made = cli.volume.backup(source, archive, way="cp")
    assert made.loses
    restored = cli.volume.restore(archive, target, way="cp")
    assert restored.loses
    there = Path(os.fsdecode(folder(target)))
    assert (there / "a" / "b").read_bytes() == b"mine"
    if "podman" in cli.binary:  # whose cp gives all to root
        assert any("owner" in one for one in restored.loses)
    else:
        assert (there / "a" / "b").stat().st_uid == 1000
    assert os.readlink(there / "link") == "a/b"
