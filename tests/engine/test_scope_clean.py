"""``dockcli clean`` after scopes: of what was kept, its JSON, its exit codes, in a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.owner import current
from dockcli.scope import OWNER, SCOPE, Made, is_left_over, labelled

CLEAN = (sys.executable, "-m", "dockcli.cli", "clean")

# A program that makes one of each, and keeps it.
KEEPING = """
import sys
from dockcli import docker
base, stem = sys.argv[1:]
with docker.scope(keep=True) as s:
    s.network.create(stem + "-n")
    s.volume.create(stem + "-v")
    s.create(base, "true", name=stem + "-c", volume=stem + "-v:/v", network=stem + "-n")
    s.build("-", tag=stem + "-i", stdin="FROM " + base + "\\nENV a=b\\n")
    folder = s.temporary_folder()
    (folder / "file").write_text("x")
print(s.id, folder)
"""


@pytest.fixture
def kept(docker: Docker, base: str, shell: Any, unique: Callable[[str], str]) -> tuple[str, Path]:
    """The id of a scope that has kept all, and whose process has ended; its folder."""
    done = shell(sys.executable, "-c", KEEPING, base, unique("k"))
    scope, folder = done.stdout.decode().split()
    return scope, Path(folder)


def left_over(docker: Docker) -> list[Made]:
    """All that dead owners have left, of a build also the steps before it had the scope's label; in
    an order, which the engine does not give to images."""
    return sorted((made for made in labelled(docker) if is_left_over(made)), key=kind_and_name)


def kind_and_name(made: Made) -> tuple[str, str]:
    return made.kind, made.name


@pytest.fixture
def held(docker: Docker, base: str, unique: Callable[[str], str]) -> Iterator[str]:
    """A volume that a dead owner has left, and that somebody's container holds."""
    name = unique("held")
    dead = f"{OWNER}={current()._replace(start='1')}"
    docker.raw("volume", "create", "--label", dead, name)
    docker.create(base, "true", name=name, volume=f"{name}:/v")
    yield name
    docker.rm(name)
    docker.volume.rm(name)


def test_what_a_scope_has_kept_is_removed_once_its_owner_is_gone(
    docker: Docker, kept: tuple[str, Path], shell: Any, unique: Callable[[str], str]
) -> None:
    """And by nothing before: another scope leaves it, and a dry run lists it."""
    scope, folder = kept
    with docker.scope():
        pass
    made = left_over(docker)
    listed = shell(*CLEAN, "--dry-run", "--json")
    assert left_over(docker) == made
    assert (folder / "file").exists()
    assert (listed.returncode, listed.stderr) == (0, b"")
    told = json.loads(listed.stdout)
    assert list(told) == ["objects", "undertakings", "problems"]
    assert told["undertakings"] == told["problems"] == []
    assert [list(one) for one in told["objects"]] == [["kind", "name"]] * len(made)
    objects = sorted((one["kind"], one["name"]) for one in told["objects"])
    assert objects == list(map(kind_and_name, made))
    kinds = [("container", "c"), ("image", "i:latest"), ("network", "n"), ("volume", "v")]
    named = [one for one in map(kind_and_name, made) if not one[1].startswith("sha256:")]
    assert named == [(kind, f"{unique('k')}-{name}") for kind, name in kinds]
    done = json.loads(shell(*CLEAN, "--json").stdout)
    assert sorted((one["kind"], one["name"]) for one in done["objects"]) == objects
    assert labelled(docker, scope) == []
    assert not folder.exists()
    nothing = json.loads(shell(*CLEAN, "--json").stdout)
    assert nothing == {"objects": [], "undertakings": [], "problems": []}


def test_what_a_living_owner_keeps_stays(
    docker: Docker, shell: Any, unique: Callable[[str], str]
) -> None:
    with docker.scope(keep=True) as s:
        s.volume.create(unique("v"))
        folder = s.temporary_folder()
    assert shell(*CLEAN).stdout == b""
    assert docker.volume.inspect(unique("v")).labels[SCOPE] == s.id
    assert folder.exists()
    docker.volume.rm(unique("v"))
    folder.rmdir()


def test_what_cannot_be_removed_is_a_problem(held: str, docker: Docker, shell: Any) -> None:
    done = shell(*CLEAN, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, b"")
    assert told["objects"] == [{"kind": "volume", "name": held}]
    assert held in told["problems"][0]
    plain = shell(*CLEAN)
    assert (plain.returncode, plain.stdout) == (1, f"volume {held}\n".encode())
    assert held in plain.stderr.decode()
    assert b"Traceback" not in plain.stderr
    assert shell(*CLEAN, "--dry-run").returncode == 0  # nothing was tried


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--dry-run",), 0),
        (("--nonsense",), 2),
        (("more",), 2),
        (("--host", "unix:///nowhere/docker.sock"), 3),
        (("--docker", "docker-of-nobody"), 3),
    ],
    ids=str,
)
def test_exit_codes(words: tuple[str, ...], code: int, docker: Docker, shell: Any) -> None:
    done = shell(*CLEAN, *words)
    assert (done.returncode, done.stdout) == (code, b"")
    assert len(done.stderr.splitlines()) == (code != 0)


def test_a_pipe_gets_plain_lines(
    docker: Docker, kept: tuple[str, Path], shell: Any, environment: dict[str, str], unique: Any
) -> None:
    surroundings = {**environment, "FORCE_COLOR": "1", "COLUMNS": "20"}
    done = shell(*CLEAN, "--dry-run", env=surroundings)
    made = left_over(docker)
    lines = sorted(done.stdout.decode().splitlines())
    assert lines == [" ".join(kind_and_name(one)) for one in made]
    assert sorted(shell(*CLEAN, env=surroundings).stdout.decode().splitlines()) == lines


def test_it_cleans_though_nobody_reads_what_it_says(
    docker: Docker, kept: tuple[str, Path], environment: dict[str, str]
) -> None:
    environment = {**environment, "PYTHONUNBUFFERED": "1"}  # so that it meets that at once
    ours, its = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(
            CLEAN,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=its,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(its)
    assert done.stderr == b""
    assert labelled(docker, kept[0]) == []
