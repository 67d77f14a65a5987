"""No unit test reaches a real docker, engine or user's settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from tests.unit.fake import FakeDocker

SIDES = ("plain", "sudo")


@pytest.fixture(autouse=True)
def _of_nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a user who has set nothing up."""
    for name in list(os.environ):
        if name.startswith(("DOCKER", "CONTAINER", "BUILDKIT")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))


@pytest.fixture
def fake_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A ``docker`` that is first on PATH."""
    fake = FakeDocker(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    return fake


@pytest.fixture
def client(fake_docker: FakeDocker) -> Docker:
    """A client that calls the fake."""
    return Docker()


@pytest.fixture(params=SIDES)
def runs_on(request: pytest.FixtureRequest, fake_docker: FakeDocker) -> Callable[..., Docker]:
    """Makes clients of each local runner: without and with sudo."""
    if request.param == "sudo":
        fake_docker.add("sudo")
    return lambda **given: Docker(sudo=request.param == "sudo", **given)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, in which nothing may stay."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield folder
    assert list(folder.iterdir()) == []
