"""T13: two hundred random trees come back as they were, as files of four volumes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker
from tests import trees

SUFFIXES = (".tar", ".tar.gz", ".tar.zst", ".tgz")


@pytest.fixture(scope="session")
def cli(docker: Docker) -> Docker:
    """One docker: the trees pass through the same tar with each."""
    return docker


@pytest.mark.parametrize("number", range(4))
def test_fifty_trees_come_back_as_they_were(
    docker: Docker,
    volume: Callable[..., str],
    folder: Callable[[str], bytes],
    tmp_path: Path,
    number: int,
) -> None:
    source, target = volume("source"), volume("target", create=False)
    for seed in range(100 + number * 50, 150 + number * 50):
        below = os.path.join(folder(source), b"tree %d" % seed)
        os.mkdir(below)
        trees.build(below, seed, big=number == 0)
    archive = tmp_path / f"data{SUFFIXES[number]}"
    docker.volume.backup(source, archive)
    docker.volume.restore(archive, target)
    assert trees.manifest(folder(target)) == trees.manifest(folder(source))
    assert docker.volume.diff(source, target).same
