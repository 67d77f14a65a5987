"""Backups: what rests meanwhile, what is refused, what is never left or lost."""

from __future__ import annotations

import asyncio
import io
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import AsyncDocker, Docker
from dockcli.data.errors import CannotBeStopped, InTheWay, RotationStopped
from dockcli.data.rotation import Keep
from dockcli.data.undertaking import unfinished
from dockcli.errors import InvalidArgument, NoSuchVolume
from dockcli.models.container import State

Make = Callable[..., str]
Folder = Callable[[str], bytes]


@pytest.fixture
def busy(cli: Docker, cli_base: str, volume: Make) -> Iterator[tuple[str, str]]:
    """A volume, and the running container that has it."""
    name = volume("data")
    container = f"{name}-user"
    cli.run(cli_base, "sleep", "600", name=container, detach=True, volume=[f"{name}:/data"])
    yield name, container
    cli.container.rm(container, force=True)


def state(cli: Docker, container: str) -> State:
    return cli.container.inspect(container).state


@pytest.mark.parametrize("how", ["pause", "stop"])
def test_who_has_it_rests_and_goes_on(
    cli: Docker, busy: tuple[str, str], tmp_path: Path, how: str
) -> None:
    name, container = busy
    seen: list[State] = []
    result = cli.volume.backup(
        name,
        tmp_path / "data.tar",
        on_progress=lambda _: seen.append(state(cli, container)),
        **{how: True},  # type: ignore[arg-type]
    )
    assert result.stopped == (container,)
    assert state(cli, container) is State.RUNNING
    rest = State.PAUSED if how == "pause" else State.EXITED
    assert rest in seen


def test_who_rested_before_still_does(cli: Docker, busy: tuple[str, str], tmp_path: Path) -> None:
    name, container = busy
    cli.container.pause(container)
    cli.volume.backup(name, tmp_path / "data.tar", stop=True)
    assert state(cli, container) is State.PAUSED
    cli.container.unpause(container)
    cli.container.stop(container, time=0)
    cli.volume.backup(name, tmp_path / "data.tar", stop=True)
    assert state(cli, container) is State.EXITED


def test_it_goes_on_also_when_the_backup_fails(cli: Docker, busy: tuple[str, str]) -> None:
    name, container = busy

    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        cli.volume.backup(name, Full(), pause=True)  # type: ignore[arg-type]
    assert state(cli, container) is State.RUNNING


def test_it_goes_on_also_when_the_task_is_cancelled(
    cli: Docker, busy: tuple[str, str], tmp_path: Path
) -> None:
    name, container = busy
    if "podman" in cli.binary:
        return  # its inspect takes longer than the pause that is to be seen

    async def cancelled() -> None:
        docker = AsyncDocker(cli.binary)
        task = asyncio.ensure_future(docker.volume.backup(name, tmp_path / "x.tar", pause=True))
        while cli.container.inspect(container).state is not State.PAUSED and not task.done():
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert cli.container.inspect(container).state is State.RUNNING
    assert unfinished() == []
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == []


def test_what_would_go_when_it_is_stopped_is_not(
    cli: Docker, cli_base: str, volume: Make, tmp_path: Path
) -> None:
    name = volume("data")
    container = f"{name}-user"
    mine = [f"{name}:/data"]
    cli.run(cli_base, "sleep", "600", name=container, detach=True, rm=True, volume=mine)
    try:
        with pytest.raises(CannotBeStopped, match="--rm"):
            cli.volume.backup(name, tmp_path / "data.tar", stop=True)
        assert state(cli, container) is State.RUNNING
        assert list(tmp_path.glob("*.tar")) == []
    finally:
        cli.container.rm(container, force=True)
        time.sleep(0.5)


def test_a_missing_volume_is_not_made(cli: Docker, tmp_path: Path) -> None:
    with pytest.raises(NoSuchVolume):
        cli.volume.backup("no-such-volume", tmp_path / "data.tar")
    assert list(tmp_path.glob("*.tar*")) == []


@pytest.mark.parametrize("name", ["/etc", "./data", "../x", "a b", "-x"])
def test_a_path_is_no_volume(cli: Docker, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidArgument):
        cli.volume.backup(name, tmp_path / "data.tar")


@pytest.mark.parametrize("name", ["data.zip", "data", "nowhere/data.tar", "data.tar.age"])
def test_a_name_that_cannot_be(docker: Docker, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidArgument):
        docker.volume.backup("whatever", tmp_path / name)
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == []


def test_only_an_archive_of_the_same_volume_is_replaced(
    cli: Docker, volume: Make, tmp_path: Path
) -> None:
    name, other = volume("data"), volume("other")
    archive = tmp_path / "data.tar"
    cli.volume.backup(name, archive)
    cli.volume.backup(name, archive)
    before = archive.read_bytes()
    with pytest.raises(InTheWay, match=name):
        cli.volume.backup(other, archive)
    assert archive.read_bytes() == before
    letter = tmp_path / "letter.tar"
    letter.write_text("Dear")
    with pytest.raises(InTheWay):
        cli.volume.backup(name, letter)
    assert letter.read_text() == "Dear"
    cli.volume.backup(name, letter, overwrite=True)
    assert cli.volume.verify(letter).description is not None


def test_a_link_stays_and_what_it_leads_to_is_replaced(
    cli: Docker, volume: Make, tmp_path: Path
) -> None:
    name, link, elsewhere = volume("data"), tmp_path / "data.tar", tmp_path / "elsewhere"
    elsewhere.mkdir()
    link.symlink_to(elsewhere / "kept.tar")
    for _ in range(2):
        cli.volume.backup(name, link)
        assert link.is_symlink()
        assert [path.name for path in elsewhere.iterdir()] == ["kept.tar"]


def test_older_ones_go_by_the_rule(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    name = volume("data")
    for day in range(1, 8):
        old = tmp_path / f"data-2026-01-{day:02}T00-00-00.tar"
        cli.volume.backup(name, old) if day == 1 else old.write_bytes(
            (tmp_path / "data-2026-01-01T00-00-00.tar").read_bytes()
        )
    pattern = tmp_path / "data-%Y-%m-%dT%H-%M-%S.tar"
    result = cli.volume.backup(name, pattern, keep=Keep(last=3))
    assert result.rotation is not None
    left = sorted(path.name for path in tmp_path.glob("*.tar"))
    assert left[:2] == ["data-2026-01-06T00-00-00.tar", "data-2026-01-07T00-00-00.tar"]
    assert len(left) == 3


def test_a_fall_that_is_right_is_said_once(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    name = volume("data")
    big = Path(os.fsdecode(folder(name)), "big")
    big.write_bytes(bytes(200_000))
    pattern = tmp_path / "data-%Y-%m-%dT%H-%M-%S.tar"
    cli.volume.backup(name, pattern)
    big.unlink()
    with pytest.raises(RotationStopped, match="--fall 0"):
        cli.volume.backup(name, pattern, keep=Keep(last=1))
    assert len(list(tmp_path.glob("*.tar"))) == 2
    cli.volume.backup(name, pattern, keep=Keep(last=1), fall=0)
    assert len(list(tmp_path.glob("*.tar"))) == 1
    with pytest.raises(InvalidArgument, match="fall"):
        cli.volume.backup(name, pattern, keep=Keep(last=1), fall=2)


def test_an_unchanged_volume_is_skipped(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    name = volume("data")
    notes = Path(os.fsdecode(folder(name)), "notes")
    notes.write_text("one")
    pattern = tmp_path / "data-%Y-%m-%dT%H-%M-%S.tar.zst"
    first = cli.volume.backup(name, pattern, skip_unchanged=True)
    time.sleep(1.1)
    second = cli.volume.backup(name, pattern, skip_unchanged=True)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.archive == first.archive
    notes.write_text("two")
    third = cli.volume.backup(name, pattern, skip_unchanged=True)
    assert not third.unchanged
    assert len(list(tmp_path.glob("data-*"))) == 2


def test_progress_is_told_to_its_end(
    cli: Docker, volume: Make, folder: Folder, tmp_path: Path
) -> None:
    name = volume("data")
    Path(os.fsdecode(folder(name)), "big").write_bytes(os.urandom(3 << 20))
    told = []
    cli.volume.backup(name, tmp_path / "data.tar", on_progress=told.append)
    assert told[-1].done
    assert told[-1].current >= 3 << 20


@pytest.mark.parametrize("file", [None, 5, b"x.tar", io.StringIO()])
def test_what_is_no_file_to_write_to(docker: Docker, file: object) -> None:
    with pytest.raises(InvalidArgument):
        docker.volume.backup("whatever", file)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["data.tar", "data-%Y-%m-%dT%H-%M-%S.tar"])
def test_it_gets_its_name_once_it_is_on_the_disk_and_is_the_user_s_alone(
    cli: Docker, volume: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever the umask: a power failure leaves no archive with a name and without its bytes."""
    source, steps = volume("data"), []
    fsync = os.fsync

    def synced(descriptor: int) -> None:
        steps.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", synced)
    for named in ("replace", "link"):
        act = getattr(os, named)
        monkeypatch.setattr(os, named, lambda old, new, act=act: steps.append(new) or act(old, new))
    before = os.umask(0)
    try:
        archive = cli.volume.backup(source, tmp_path / name).archive
    finally:
        os.umask(before)
    part, final, folder = [one for one in steps if not one.startswith(f"{tmp_path}/state")]
    assert part.endswith(".part")
    assert (final, folder) == (archive, str(tmp_path))
    assert os.stat(archive).st_mode & 0o7777 == 0o600
