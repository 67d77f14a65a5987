"""The scripts of volumes as data, with words, as somebody would have them in a crontab."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from tests.cookbook import PAGES

Play = Callable[..., subprocess.CompletedProcess[str]]
Unique = Callable[[str], str]


@pytest.fixture
def play(
    docker: Docker,
    helper_image: None,
    shell: Callable[..., subprocess.CompletedProcess[bytes]],
) -> Play:
    """Run a script with words; what it says as text."""

    def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
        done = shell(sys.executable, str(PAGES / f"{script}.py"), *words, cwd="/")
        said = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in said[1]
        return subprocess.CompletedProcess(done.args, done.returncode, *said)

    return run


@pytest.fixture
def volume(docker: Docker, base: str, unique: Unique) -> Iterator[str]:
    """A volume with one file."""
    name = unique("data")
    docker.run(base, "sh", "-c", "echo paid >/d/order", volume=f"{name}:/d", rm=True)
    yield name
    docker.volume.rm(name)


def order(docker: Docker, base: str, volume: str) -> str:
    return docker.run(base, "cat", "/d/order", volume=f"{volume}:/d", rm=True).text


@pytest.mark.parametrize(("script", "words"), [("rescue", 1), ("copies", 1), ("folders", 2)])
def test_too_few_words_are_told(play: Play, script: str, words: int) -> None:
    done = play(script, *["web"] * words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"usage: {script}.py ")


@pytest.mark.parametrize("script", ["rescue", "folders"])
def test_a_container_that_is_not_there_is_told_in_one_line(
    play: Play, unique: Unique, script: str
) -> None:
    done = play(script, unique("none"), "/d", unique("volume"))
    assert done.returncode == 1
    assert done.stderr.lower().splitlines()[-1].count("no such container") == 1


def test_what_would_be_lost_of_a_container(
    play: Play, docker: Docker, base: str, unique: Unique
) -> None:
    name = unique("app")
    with docker.create(base, "sh", "-c", "echo kept >/home/file", name=name) as app:
        assert play("what_would_be_lost", name).returncode == 0
        docker.start(app, attach=True)
        done = play("what_would_be_lost", name)
    assert done.returncode == 1
    assert f"{name} loses /home/file (5 B), lost by rm\n" in done.stdout
    assert f"dockcli data rescue {name} /home/file VOLUME" in done.stdout


def test_a_backup_of_what_is_there_is_made_and_comes_back(
    play: Play, docker: Docker, volume: str, unique: Unique, tmp_path: Path
) -> None:
    done = play("backup", str(tmp_path), unique("none"), volume)
    assert done.returncode == 1
    assert "no such volume" in done.stderr
    (archive,) = map(str, tmp_path.iterdir())
    assert f"{volume}: {archive}, " in done.stdout
    done = play("restore", archive)
    assert done.stdout == f"holds - {archive}: 2 entries, 5 B\n"
    assert done.returncode == 0


def test_what_is_no_archive_does_not_hold(play: Play, docker: Docker, tmp_path: Path) -> None:
    (tmp_path / "letter.tar").write_text("Dear")
    done = play("restore", str(tmp_path / "letter.tar"))
    assert done.returncode == 1
    assert done.stdout.startswith("does not hold - ")


@pytest.mark.parametrize(("code", "then"), [(0, "lost"), (1, "paid")])
def test_a_command_has_its_way_back(
    play: Play, docker: Docker, base: str, volume: str, code: int, then: str
) -> None:
    with docker.create(base, "sh", "-c", "echo lost >/d/order", volume=f"{volume}:/d") as change:
        call = "import sys; from dockcli import docker; docker.start(sys.argv[1], attach=True)"
        call += f"; sys.exit({code})"
        done = play("copies", volume, sys.executable, "-c", call, change.id)
    assert done.returncode == code, done.stderr
    assert order(docker, base, volume) == f"{then}\n"
    assert docker.volume.snapshots(volume) == []


def test_one_that_cannot_migrate_does_not_keep_the_others_from_it(
    play: Play, docker: Docker, environment: dict[str, str], volume: str, unique: Unique
) -> None:
    here = docker.private or environment.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    done = play("migrate", here, volume, unique("none"))
    assert done.returncode == 1
    assert f"engine {docker.version().server} there" in done.stdout
    assert f"is {volume} itself" in done.stderr
    assert "no such volume" in done.stderr


def test_what_is_bound_becomes_a_volume(
    play: Play, docker: Docker, base: str, unique: Unique, tmp_path: Path
) -> None:
    (tmp_path / "order").write_text("paid\n")
    name = unique("app")
    with docker.create(base, "true", name=name, volume=f"{tmp_path}:/d"):
        try:
            done = play("folders", name, "/d", name)
            assert done.stdout == "owners: as they were, by number\n"
            assert order(docker, base, name) == "paid\n"
            done = play("folders", name, "/other", name)
            assert (done.returncode, done.stdout) == (1, "")
            assert f"nothing of the host is bound at /other of {name}" in done.stderr
        finally:
            docker.volume.rm(name, force=True)


def test_a_volume_without_a_name_is_offered_one(
    play: Play, docker: Docker, base: str, unique: Unique
) -> None:
    name = unique("app")
    fill = ("sh", "-c", "echo warm >/var/page")
    with docker.create(base, *fill, name=name, volume="/var") as app:
        docker.start(app, attach=True)
        id = app.inspect().mounts[0].name
        done = play("anonymous")
        docker.rm(app, volumes=True)
    assert done.returncode == 0
    assert f"  dockcli volume name {id} {name}-var\n" in done.stdout
