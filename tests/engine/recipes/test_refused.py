"""What the recipe refuses before it has changed anything: exit code 2, one line, and what was there
is as it was."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.recipes import isolation
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage, Wishes


@pytest.fixture
def stranger(docker: Docker, base: str) -> Iterator[Callable[[str], None]]:
    """Make a container or image that dockcli did not make, and remove it afterwards."""
    made: list[tuple[str, str]] = []

    def make(name: str, **labels: str) -> None:
        if name == "random":
            docker.image.tag(base, name)
        else:
            docker.container.create(base, "true", name=name, label=labels)
        made.append(("image" if name == "random" else "container", name))

    yield make
    for kind, name in made:
        docker.raw(kind, "rm", name)


@pytest.mark.parametrize("name", ["random1", "random2", "random"])
def test_a_stranger_s_name_is_refused_and_its_owner_untouched(
    name: str,
    docker: Docker,
    base: str,
    front: Any,
    play: Any,
    stranger: Callable[[str], None],
    state_of: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    stranger(name)
    kind = "image" if name == "random" else "container"
    before = state_of(kind, name)
    watched = front()
    played = play("--output", str(tmp_path / "out"), env=watched.environment)
    assert played.code == 2
    assert re.search(rf"\b{name}\b", played.complaint)
    assert "--prefix" in played.complaint
    assert played.stdout == ""
    assert state_of(kind, name) == before
    assert not (tmp_path / "out").exists()
    asked = {call.partition("--")[0].strip() or call for call in watched.calls}
    assert {" ".join(call.split()[:2]) for call in asked} <= {
        "version",
        "container inspect",
        "image inspect",
    }


def test_the_function_refuses_too(
    docker: Docker, base: str, stranger: Callable[[str], None]
) -> None:
    stranger("random2")
    with pytest.raises(Refused, match=r"random2 .*--prefix"):
        isolation.run(client=docker)


def test_a_prefix_makes_way_for_a_stranger(
    docker: Docker,
    base: str,
    play: Any,
    stranger: Callable[[str], None],
    state_of: Callable[..., bytes],
) -> None:
    stranger("random1")
    before = state_of("container", "random1")
    assert play("--prefix", "mine").code == 0
    assert state_of("container", "random1") == before


def test_strangers_with_similar_names_are_in_nobody_s_way(
    docker: Docker, base: str, play: Any, stranger: Callable[[str], None]
) -> None:
    for name in ("random11", "1random1", "rando"):
        stranger(name)
    assert play().code == 0


def test_the_objects_of_a_run_that_goes_on_are_refused(
    docker: Docker, base: str, play: Any
) -> None:
    stage = Stage(isolation.RECIPE, docker, Wishes())
    with stage:
        stage.client.container.create(base, "true", name="random1")
        played = play()
        assert played.code == 2
        assert "another run of dockcli" in played.complaint
        assert docker.container.inspect("random1").name == "random1"


def usage(*options: str) -> Any:
    return pytest.param(options, id=" ".join(options) or "nothing")


@pytest.mark.parametrize(
    "options",
    [
        usage("--no-such-option"),
        usage("--output"),
        usage("argument"),
        usage("--prefix", "Upper"),
        usage("--prefix", "-v"),
        usage("--prefix", "a b"),
        usage("--prefix", ""),
        usage("--prefix", "a/b"),
        usage("--prefix", "x" * 65),
        usage("--base", "--privileged"),
        usage("--base", "no such image"),
        usage("--base", ""),
        usage("--host", "unix:///a", "--context", "b"),
    ],
)
def test_usage_is_refused(options: tuple[str, ...], docker: Docker, play: Any) -> None:
    played = play(*options)
    assert played.code == 2
    assert played.complaint
    assert played.stdout == ""


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_a_file_that_is_there_is_refused_and_untouched(
    as_json: list[str], docker: Docker, base: str, play: Any, tmp_path: Path
) -> None:
    (tmp_path / "number2.txt").write_text("mine")
    played = play(*as_json, "--output", str(tmp_path))
    assert played.code == 2
    assert str(tmp_path / "number2.txt") in played.complaint
    assert (tmp_path / "number2.txt").read_text() == "mine"
    assert os.listdir(tmp_path) == ["number2.txt"]


def test_a_dangling_link_is_a_file_that_is_there(
    docker: Docker, base: str, play: Any, tmp_path: Path
) -> None:
    (tmp_path / "number1.txt").symlink_to(tmp_path / "elsewhere")
    assert play("--output", str(tmp_path)).code == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_a_file_or_cannot_be_made_is_refused(
    docker: Docker, base: str, play: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/dockcli")):
        played = play("--output", str(folder))
        assert played.code == 2, folder
        assert str(folder) in played.complaint
    assert (tmp_path / "file").read_text() == "mine"


def test_a_base_image_without_a_shell_is_refused(
    docker: Docker, base: str, play: Any, unique: Callable[[str], str]
) -> None:
    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w"):
        pass
    image = docker.image.import_("-", unique("empty"), stdin=empty.getvalue())
    try:
        played = play("--base", image.id)
        assert played.code == 2
        assert "/bin/sh" in played.complaint
        assert "--base" in played.complaint
    finally:
        image.rm()


def test_a_base_image_that_cannot_be_had_is_refused(docker: Docker, play: Any) -> None:
    name = "localhost:9/no/such:image"
    played = play("--base", name)
    assert played.code == 2
    told, complaint = played.stderr.splitlines()
    assert told == f"{name} is not on this engine: pulling it"
    assert complaint.startswith(f"dockcli: {name} is not on this engine, and pulling it failed: ")
