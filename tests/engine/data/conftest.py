"""Volumes whose folder on this machine the tests can reach: as root, on an engine that is here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.data.helper import way_for
from dockcli.data.helper.image import made_empty

Make = Callable[..., str]
Unique = Callable[[str], str]


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Undertakings of these tests, and of nobody else, are recorded and recovered.

    After the client has found the private engine, whose record is in the state folder too.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if docker.private:
        monkeypatch.setenv("DOCKER_HOST", docker.private)


@pytest.fixture
def volume(cli: Docker, cli_base: str, unique: Unique) -> Iterator[Make]:
    """Makes volumes, which go afterwards whatever has been done with them: ``volume("data")``.

    podman gives a volume's root an owner when a container first has it, so one had each already.
    """
    names: list[str] = []

    def make(name: str = "data", *, create: bool = True, **options: object) -> str:
        full = unique(name)
        names.append(full)
        if create:
            cli.volume.create(full, **options)  # type: ignore[arg-type]
            if "podman" in cli.binary:
                cli.run(cli_base, "true", rm=True, volume=[f"{full}:/first"])
        return full

    yield make
    for name in names:
        cli.volume.rm(name, force=True)


@pytest.fixture
def folder(cli: Docker) -> Callable[[str], bytes]:
    """The folder of a volume on this machine."""

    def where(name: str) -> bytes:
        path = os.fsencode(cli.volume.inspect(name).mountpoint)
        if not os.path.isdir(path):
            pytest.skip("the engine's volumes are not on this machine")
        return path

    return where


@pytest.fixture(autouse=True)
def helper_image(cli: Docker, cli_base: str) -> None:
    """The helpers' images stay on the engine for the next time, as the base image does."""
    way_for(cli)
    made_empty(cli)
