"""What is done with volumes takes away what it says, and nothing that looks like it (T11, P8)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.data.rotation import Keep
from dockcli.data.snapshots import NAME, OF
from dockcli.errors import NoSuchVolume
from tests.engine.decoys import Decoys

Make = Callable[..., str]
Unique = Callable[[str], str]


@pytest.fixture(scope="session")
def cli(docker: Docker) -> Docker:
    """One docker: what is taken away is said by its whole name with each."""
    return docker


@pytest.fixture
def decoys(
    docker: Docker, base: str, unique: Unique, volume: Make, folder: Callable[[str], bytes]
) -> Iterator[Decoys]:
    """Around the names that the tests use; their volumes have something in them."""
    folder(volume("here"))  # or the test is left out
    volumes = ["source", "target", "source.snapshot.before", "named"]
    made = Decoys(
        *(docker, base, unique("decoys")),
        containers=[unique("web")],
        volumes=map(unique, volumes),
    )
    made.fill()
    yield made
    made.remove()


@pytest.fixture
def source(docker: Docker, volume: Make, folder: Callable[[str], bytes]) -> str:
    name = volume("source")
    Path(os.fsdecode(folder(name)), "notes").write_text("mine")
    return name


def gone(docker: Docker, name: str) -> bool:
    try:
        docker.volume.inspect(name)
    except NoSuchVolume:
        return True
    return False


def held(docker: Docker, name: str) -> dict[str, str]:
    folder = Path(docker.volume.inspect(name).mountpoint)
    return {one.name: one.read_text() for one in folder.iterdir()}


def restore(docker: Docker, source: str, target: str, tmp_path: Path) -> None:
    docker.volume.backup(source, tmp_path / "data.tar")
    Path(docker.volume.inspect(target).mountpoint, "old").write_text("old")
    docker.volume.restore(tmp_path / "data.tar", target, overwrite=True)


def clone(docker: Docker, source: str, target: str, tmp_path: Path) -> None:
    Path(docker.volume.inspect(target).mountpoint, "old").write_text("old")
    docker.volume.clone(source, target, overwrite=True)


def move(docker: Docker, source: str, target: str, tmp_path: Path) -> None:
    docker.volume.migrate(source, to=docker, name=target, overwrite=True, move=True)
    assert gone(docker, source)


def come_from_a_folder(docker: Docker, source: str, target: str, tmp_path: Path) -> None:
    there = tmp_path / "folder"
    there.mkdir()
    (there / "notes").write_text("mine")
    Path(docker.volume.inspect(target).mountpoint, "old").write_text("old")
    docker.volume.from_bind(str(there), target, overwrite=True)
    assert [one.name for one in there.iterdir()] == ["notes"]


@pytest.mark.parametrize(
    "verb", [restore, clone, move, come_from_a_folder], ids=lambda verb: verb.__name__
)
def test_what_is_replaced_is_the_target_alone(
    docker: Docker,
    decoys: Decoys,
    source: str,
    volume: Make,
    tmp_path: Path,
    verb: Callable[..., None],
) -> None:
    target, before = volume("target"), decoys.state()
    with decoys.one_more(0.5):
        verb(docker, source, target, tmp_path)
    assert held(docker, target) == {"notes": "mine"}
    assert decoys.state() == before


def test_a_snapshot_goes_alone(
    docker: Docker, decoys: Decoys, source: str, volume: Make, unique: Unique
) -> None:
    """Also where another says that it is of nearly that name, or has nearly its name."""
    taken = volume("source.snapshot.before", create=False)
    others = {
        volume("other"): {OF: f"{source}0", NAME: "before"},
        volume("shorter"): {OF: source[:-1], NAME: "before"},
        volume("before0"): {OF: source, NAME: "before0"},
        volume("befor"): {OF: source, NAME: "befor"},
    }
    for name, label in others.items():
        docker.volume.rm(name)
        docker.volume.create(name, label=label)
    docker.volume.snapshot(source, "before")
    before = decoys.state()
    told = [docker.volume.inspect(name).raw for name in others]
    with decoys.one_more(0.5):
        docker.volume.restore_snapshot(source, "before")
        docker.volume.remove_snapshot(source, "before")
    assert gone(docker, taken)
    assert [docker.volume.inspect(name).raw for name in others] == told
    assert held(docker, source) == {"notes": "mine"}
    assert decoys.state() == before


def test_what_gets_a_name_is_one_anonymous_volume(
    docker: Docker, decoys: Decoys, volume: Make
) -> None:
    """And not the others that nobody has named, whether a container has them or not."""
    named, anonymous = volume("named", create=False), docker.volume.create().name
    before = decoys.state()
    with decoys.one_more(0.5):
        docker.volume.give_name(anonymous, named, move=True)
    assert gone(docker, anonymous)
    assert held(docker, named) == {}
    assert decoys.state() == before


def test_a_rescue_replaces_its_container_alone(
    docker: Docker, base: str, decoys: Decoys, volume: Make, unique: Unique
) -> None:
    web, target = unique("web"), volume("target", create=False)
    before = decoys.state()
    script = "mkdir /data; echo mine >/data/notes; exec sleep 1000"
    docker.run(base, "sh", "-c", script, name=web, detach=True, stop_timeout=0)
    try:
        docker.container.wait_for(web, file="/data/notes", deadline=20)
        with decoys.one_more(0.5):
            docker.container.rescue(web, "/data", target)
        assert held(docker, target) == {"notes": "mine\n"}
        assert decoys.state() == before
    finally:
        docker.container.rm(web, force=True)


def test_a_rotation_takes_the_old_archives_of_that_volume_alone(
    docker: Docker, source: str, volume: Make, tmp_path: Path
) -> None:
    """Twelve files lie beside them that a hasty pattern would take too."""
    archives = tmp_path / "archives"
    archives.mkdir()
    day = "data-2026-01-%02dT00-00-00"
    mine, other = archives / f"{day % 1}.tar", archives / f"{day % 2}.tar"
    docker.volume.backup(source, mine)
    shutil.copy(mine, archives / f"{day % 3}.tar")
    docker.volume.backup(volume("other"), other)
    for name in (
        *(f"x{day % 1}.tar", f"{day % 1}.tar.bak", f"{day % 1}.tar.gz", f"{day % 1}-copy.tar"),
        *("data-.tar", "data-2026-13-45T00-00-00.tar", "data.tar", f"{day % 1}.TAR"),
    ):
        shutil.copy(mine, archives / name)
    (archives / f"{day % 4}.tar").symlink_to(mine)
    (archives / f"{day % 5}.tar").mkdir()
    (archives / "elsewhere").mkdir()
    shutil.copy(mine, archives / "elsewhere" / f"{day % 1}.tar")
    files = [path for path in archives.rglob("*") if path.is_file() and not path.is_symlink()]
    decoys = {path: path.read_bytes() for path in files}
    olds = {mine, archives / f"{day % 3}.tar"}
    for old in olds:
        del decoys[old]
    assert len(decoys) == 10  # and a folder and a link
    try:
        docker.volume.backup(source, archives / "data-%Y-%m-%dT%H-%M-%S.tar", keep=Keep(last=1))
    finally:
        assert {path: path.read_bytes() for path in decoys} == decoys
        assert (archives / f"{day % 5}.tar").is_dir()
        assert (archives / f"{day % 4}.tar").is_symlink()
    assert not any(old.exists() for old in olds)
