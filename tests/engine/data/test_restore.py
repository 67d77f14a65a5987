"""Restoring: what is refused with nothing changed, and what another tool has made."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.data.archive import ArchiveError, DamagedArchive, HostileArchive, verify
from dockcli.data.errors import Differs, OptionsLead, VolumeExists, VolumeInUse
from dockcli.errors import DockcliError, InvalidArgument, NoSuchVolume
from tests import trees

Make = Callable[..., str]
Folder = Callable[[str], bytes]


@pytest.fixture
def archive(cli: Docker, volume: Make, folder: Folder, tmp_path: Path) -> Path:
    """A backup of a volume with a few files."""
    source = volume("source")
    trees.build(folder(source), 7)
    path = tmp_path / "data.tar.zst"
    cli.volume.backup(source, path)
    return path


def test_an_existing_volume_is_overwritten_only_when_told_so(
    cli: Docker, archive: Path, volume: Make, folder: Folder
) -> None:
    target = volume("target")
    trees.build(folder(target), 8)
    before = trees.manifest(folder(target))
    with pytest.raises(VolumeExists):
        cli.volume.restore(archive, target)
    assert trees.manifest(folder(target)) == before
    cli.volume.restore(archive, target, overwrite=True)
    other = volume("other", create=False)
    cli.volume.restore(archive, other)
    assert trees.manifest(folder(target)) == trees.manifest(folder(other))


def test_one_in_use_is_refused_or_its_containers_stopped(
    cli: Docker, cli_base: str, archive: Path, volume: Make
) -> None:
    target = volume("target")
    user = f"{target}-user"
    cli.run(cli_base, "sleep", "600", name=user, detach=True, volume=[f"{target}:/data"])
    try:
        with pytest.raises(VolumeInUse, match=user):
            cli.volume.restore(archive, target, overwrite=True)
        started = cli.container.inspect(user).started_at
        result = cli.volume.restore(archive, target, overwrite=True, stop=True)
        assert result.stopped == (user,)
        again = cli.container.inspect(user)
        assert again.running
        assert again.started_at != started
    finally:
        cli.container.rm(user, force=True)


def test_a_damaged_archive_changes_nothing(
    cli: Docker, archive: Path, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    target, new = volume("target"), volume("new", create=False)
    trees.build(folder(target), 9)
    before = trees.manifest(folder(target))
    data = archive.read_bytes()
    middle = len(data) // 2
    damaged = {
        "flipped": data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :],
        "cut": data[:-20],
        "longer": data + b"\0" * 512,
        "empty": b"",
        "other": b"this is no archive at all" * 100,
    }
    for what, wrong in damaged.items():
        path = tmp_path / f"{what}.tar.zst"
        path.write_bytes(wrong)
        for source in (path, io.BytesIO(wrong)):
            with pytest.raises(ArchiveError):
                cli.volume.restore(source, target, overwrite=True)
            with pytest.raises(ArchiveError):
                cli.volume.restore(source, new)
    assert trees.manifest(folder(target)) == before
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(new)


def test_an_archive_that_is_changed_once_it_was_looked_through_changes_nothing(
    cli: Docker,
    archive: Path,
    volume: Make,
    folder: Folder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target, new, source = volume("target"), volume("new", create=False), volume("plain")
    trees.build(folder(target), 9)
    before = trees.manifest(folder(target))
    Path(os.fsdecode(folder(source)), "file").write_bytes(b"x" * 100_000)
    plain, later = tmp_path / "plain.tar", tmp_path / "later"
    cli.volume.backup(source, plain)
    data = plain.read_bytes()
    at = data.index(b"x" * 1000) + 50_000
    changed = {
        "another archive": archive.read_bytes(),
        "a bit of a file": data[:at] + b"y" + data[at + 1 :],
        "cut": data[:at],
    }

    def looked_through(source: str, **more: Any) -> Any:
        found = verify(source, **more)
        Path(source).write_bytes(later.read_bytes())
        return found

    monkeypatch.setattr("dockcli.data.archive.verify", looked_through)
    for now in changed.values():
        later.write_bytes(now)
        for where, options in ((target, {"overwrite": True}), (new, {})):
            plain.write_bytes(data)
            with pytest.raises((Differs, DamagedArchive)):
                cli.volume.restore(plain, where, **options)
    assert trees.manifest(folder(target)) == before
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(new)


def hostile() -> dict[str, bytes]:
    """Tars of another tool that try to get out, by what they try."""

    def tar(*members: tuple[str, dict[str, object]]) -> bytes:
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w") as out:
            for name, fields in members:
                info = tarfile.TarInfo(name)
                for field, value in fields.items():
                    setattr(info, field, value)
                out.addfile(info, io.BytesIO(b"x" * info.size))
        return held.getvalue()

    link = {"type": tarfile.SYMTYPE, "linkname": "/etc"}
    return {
        "up": tar(("../up", {"size": 1})),
        "absolute": tar(("/etc/up", {"size": 1})),
        "through": tar(("link", link), ("link/up", {"size": 1})),
        "hard": tar(("hard", {"type": tarfile.LNKTYPE, "linkname": "../../etc/passwd"})),
        "device": tar(("disk", {"type": tarfile.BLKTYPE, "devmajor": 8})),
        "twice": tar(("a", {"size": 1}), ("a", {"size": 1})),
    }


@pytest.mark.parametrize("what", hostile())
def test_a_hostile_archive_changes_nothing(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path, what: str
) -> None:
    target = volume("target")
    path = tmp_path / "hostile.tar"
    path.write_bytes(hostile()[what])
    before = trees.manifest(folder(target))
    with pytest.raises(HostileArchive):
        cli.volume.restore(path, target, overwrite=True)
    with pytest.raises(ArchiveError):
        cli.volume.restore(io.BytesIO(hostile()[what]), target, overwrite=True)
    assert trees.manifest(folder(target)) == before


def test_tars_of_other_tools(cli: Docker, volume: Make, folder: Folder, tmp_path: Path) -> None:
    tree = tmp_path / "tree" / "backup" / "app_data"
    tree.mkdir(parents=True)
    (tree / "notes").write_text("mine")
    os.chown(tree / "notes", 1000, 1000)
    loomchild, offen = tmp_path / "l.tar.bz2", tmp_path / "o.tar.gz"
    tar = ["tar", "-C"]
    subprocess.run([*tar, str(tree), "-cjf", str(loomchild), "./"], check=True)
    subprocess.run(
        [*tar, str(tmp_path / "tree"), "-czf", str(offen), "backup/app_data"], check=True
    )
    for number, source in enumerate((loomchild, offen)):
        target = volume(f"target{number}", create=False)
        cli.volume.restore(source, target)
        notes = Path(os.fsdecode(folder(target)), "notes")
        assert notes.read_text() == "mine"
        assert notes.stat().st_uid == 1000


def test_one_that_does_not_fit(cli: Docker, volume: Make, tmp_path: Path, folder: Folder) -> None:
    if "podman" in cli.binary:
        return  # it mounts no tmpfs as a volume before it runs
    source = volume("source")
    Path(os.fsdecode(folder(source)), "big").write_bytes(os.urandom(4 << 20))
    archive = tmp_path / "data.tar"
    cli.volume.backup(source, archive)
    small = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    target = volume("target", create=False)
    with pytest.raises(DockcliError):
        cli.volume.restore(archive, target, options=small)
    with pytest.raises(NoSuchVolume):
        cli.volume.inspect(target)


def test_no_such_archive(docker: Docker, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="no such archive"):
        docker.volume.restore(tmp_path / "none.tar", "whatever")


def test_a_new_volume_whose_options_lead_to_data_is_not_kept(
    docker: Docker, base: str, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    live, archive, source = tmp_path / "live", tmp_path / "data.tar", unique("lives")
    live.mkdir()
    (live / "order").write_text("paid")
    docker.volume.create(source, opt={"type": "none", "o": "bind", "device": str(live)})
    try:
        docker.volume.backup(source, archive)
        (live / "later").write_text("dear")
        for again in (
            lambda: docker.volume.restore(archive, unique("other")),
            lambda: docker.volume.migrate(source, docker, name=unique("other")),
        ):
            with pytest.raises(OptionsLead, match=str(live)):
                again()
            with pytest.raises(NoSuchVolume):
                docker.volume.inspect(unique("other"))
    finally:
        docker.volume.rm(source)
    assert {one.name for one in live.iterdir()} == {"order", "later"}
