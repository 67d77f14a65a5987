"""The base image: the engine's own alpine, else a pulled one, else a stand-in by its own name."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockcli import Docker
from dockcli.engine.base import ALPINE, LABEL, STAND_IN, BaseImage, NoBaseImage, provide
from dockcli.errors import EngineUnreachable

PULL = 'case "$*" in "image pull "*)'
PULL_FAILS = f"{PULL} echo 'Error response from daemon: no such host' >&2; exit 1;; esac"
PULL_HANGS = f"{PULL} exec sleep 60;; esac"
LOST = f"{PULL} echo 'Cannot connect to the Docker daemon at unix:///x.' >&2; exit 1;; esac"


@pytest.fixture
def without(
    docker: Docker, base: str, unique: Callable[[str], str]
) -> Iterator[Callable[..., None]]:
    """Take names away from the engine for one test."""
    kept: dict[str, str] = {}

    def take(*names: str) -> None:
        for number, name in enumerate(names):
            if docker.images(name):
                kept[name] = unique(f"kept{number}")
                docker.image.tag(name, kept[name])
                docker.image.rm(name)

    yield take
    for name, other in kept.items():
        if docker.images(name):  # made anew: the same, under another id
            docker.image.rm(name)
        docker.image.tag(other, name)
        docker.image.rm(other)


def client(front: Any, script: str) -> tuple[Docker, Any]:
    """A client whose docker has *script* in front of it, and what it was asked."""
    fake = front(script)
    return Docker(fake.path), fake


def engine_base(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-m", "dockcli.cli", "engine", "base", *options]
    return subprocess.run(
        words,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_an_image_that_is_there_is_taken(
    docker: Docker, base: str, front: Any, unique: Any
) -> None:
    name = unique("local")
    plain = docker.image.build("-", tag=name, stdin=f"FROM {base}\nLABEL {LABEL}=\n", quiet=True)
    docker.image.build("-", tag=name, stdin="FROM scratch\nLABEL a=b\n", quiet=True)
    asked, fake = client(front, PULL_FAILS)
    notes: list[str] = []
    assert provide(asked, notes.append, name) == BaseImage(name, "local")
    assert notes == []
    assert fake.calls[-1] == f"image inspect {name}"
    assert not [call for call in fake.calls if call.startswith("image pull")]
    docker.image.rm(name)
    docker.image.rm(plain)


def test_alpine_that_is_there_is_taken(docker: Docker, base: str, front: Any, without: Any) -> None:
    without(ALPINE)
    docker.image.build("-", tag=ALPINE, stdin="FROM scratch\nLABEL a=b\n", quiet=True)
    asked, _ = client(front, PULL_FAILS)
    assert provide(asked, lambda text: None) == BaseImage(ALPINE, "local")
    docker.image.rm(ALPINE)


def test_else_it_is_pulled(docker: Docker, base: str, front: Any, without: Any) -> None:
    without(ALPINE)
    build = f"{shutil.which('docker')} image build -qt {ALPINE} - >/dev/null"
    asked, _ = client(front, f"{PULL} echo 'FROM scratch\nLABEL a=b' | {build}; exit 0;; esac")
    notes: list[str] = []
    assert provide(asked, notes.append) == BaseImage(ALPINE, "pulled")
    assert notes == [f"{ALPINE} is not on this engine: pulling it"]
    assert provide(asked, notes.append) == BaseImage(ALPINE, "local")
    docker.image.rm(ALPINE)


def test_else_a_stand_in_is_made_under_its_own_name(
    docker: Docker, base: str, front: Any, without: Any
) -> None:
    without(ALPINE, STAND_IN)
    asked, _ = client(front, PULL_FAILS)
    notes: list[str] = []
    assert provide(asked, notes.append) == BaseImage(STAND_IN, "stand-in")
    assert "no such host" in notes[1]
    assert STAND_IN in notes[1]
    image = docker.image.inspect(STAND_IN)
    assert image.tags == ("dockcli-stand-in:busybox",)
    assert image.labels[LABEL] == ALPINE
    assert docker.images(ALPINE) == []
    told = docker.run(STAND_IN, "sh", "-c", "id -un; cat /etc/os-release", rm=True).text
    assert "root" in told
    assert "dockcli stand-in" in told


def test_the_second_time_nothing_is_fetched(
    docker: Docker, base: str, front: Any, without: Any
) -> None:
    without(ALPINE)
    asked, fake = client(front, PULL_FAILS)
    provide(asked, lambda text: None)
    made = len(fake.calls)
    begun = time.monotonic()
    assert provide(asked, lambda text: None).origin == "stand-in"
    assert time.monotonic() - begun < 2
    assert [call.split()[1] for call in fake.calls[made:]] == ["inspect", "pull", "inspect"]


def test_a_registry_that_does_not_answer_holds_nobody_up(
    docker: Docker, base: str, front: Any, without: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockcli.engine.base._PULL_SECONDS", 0.5)
    without(ALPINE)
    asked, _ = client(front, PULL_HANGS)
    notes: list[str] = []
    begun = time.monotonic()
    assert provide(asked, notes.append).origin == "stand-in"
    assert time.monotonic() - begun < 10


def test_another_image_has_no_stand_in(docker: Docker, base: str, front: Any) -> None:
    asked, _ = client(front, PULL_FAILS)
    with pytest.raises(NoBaseImage, match=r"no/such:image .*no such host"):
        provide(asked, lambda text: None, "no/such:image")


def test_an_engine_that_is_lost_is_no_reason_for_a_stand_in(
    docker: Docker, base: str, front: Any, without: Any
) -> None:
    without(ALPINE)
    asked, _ = client(front, LOST)
    with pytest.raises(EngineUnreachable):
        provide(asked, lambda text: None)


def test_two_at_once_end_with_one_image(
    docker: Docker, base: str, front: Any, without: Any
) -> None:
    without(ALPINE, STAND_IN)
    unnamed = {"label": LABEL, "dangling": "true"}
    before = docker.images(filter=unnamed)
    fake = front(PULL_FAILS)
    words = [sys.executable, "-m", "dockcli.cli", "engine", "base"]
    both = [
        subprocess.Popen(
            words,
            env=fake.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert [stdout for stdout, _ in said] == [f"{STAND_IN}\n".encode()] * 2
    made = [call for call in fake.calls if call.startswith("image import")]
    assert len(made) == 1
    assert [one for one in docker.images(filter=unnamed) if one not in before] == []


def test_the_command_prints_the_reference_alone(
    docker: Docker, base: str, environment: dict[str, str]
) -> None:
    done = engine_base(environment)
    assert done.returncode == 0
    assert done.stdout.decode() == f"{base}\n"
    assert f"base image: {base} (" in done.stderr.decode()


def test_the_command_without_an_engine_is_exit_code_3(
    docker: Docker, environment: dict[str, str]
) -> None:
    done = engine_base(environment, "--host", "unix:///nowhere.sock")
    assert done.returncode == 3
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert b"dockcli engine start" in done.stderr


def test_it_is_made_on_every_engine(cli: Docker, cli_base: str) -> None:
    image = cli.image.inspect(cli_base)
    assert any(tag.removeprefix("localhost/") == cli_base for tag in image.tags)
    assert cli.run(cli_base, "sh", "-c", "echo $RANDOM", rm=True).text.strip().isdigit()
