"""The life of a volume on a real engine, and the recipe's claims where they must come out false."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from dockcli import Docker
from dockcli.objects import Container
from dockcli.recipes import volume_lifecycle as recipe
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import by_id, claimed, program, stage_for, verdicts

CLAIMS = [
    "unit-of-docker",
    "made-by-the-engine",
    "exists-alone",
    "kept-while-used",
    "outlives-the-container",
    "several-at-once",
    "same-for-all",
    "ends-when-removed",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("v")) as stage:
        yield stage


@pytest.fixture
def volume(stage: Stage) -> str:
    return stage.client.volume.create(stage.name("volume-lifecycle")).name


def ended(stage: Stage, command: str, **flags: str) -> Container:
    """A container that has run *command*, and is still there."""
    name = stage.name(f"c{len(stage.transcript.steps)}")
    stage.client.container.run(stage.base, "sh", "-c", command, name=name, **flags)
    return Container(name, stage.client)


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique) -> None:
    result = recipe.run(client=cli, prefix=unique("v"))
    assert verdicts(result) == ALL_TRUE
    assert result.ok
    evidence = by_id(result)["several-at-once"].evidence
    assert "1000 of 1000 lines" in evidence
    assert "ready before the first wrote (" in evidence


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("volume_lifecycle", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["title"], told["ok"]) == ("docker volume이란?", True)
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("volume_lifecycle", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert "docker volume create " in played.stdout
    assert "docker volume rm volume-lifecycle" in played.stdout


def test_a_volume_of_a_stranger_is_left_alone(docker: Docker, base: str) -> None:
    docker.volume.create("volume-lifecycle")
    try:
        docker.run(base, "sh", "-c", "echo mine > /d/mine", volume="volume-lifecycle:/d", rm=True)
        with pytest.raises(Refused, match="the volume volume-lifecycle is there already"):
            recipe.run(client=docker)
        read = docker.run(base, "cat", "/d/mine", volume="volume-lifecycle:/d", rm=True)
        assert read.text == "mine\n"
    finally:
        docker.volume.rm("volume-lifecycle")


# --- the negative controls


def test_what_docker_does_not_list_is_no_unit_of_its_own(stage: Stage, volume: str) -> None:
    recipe._claim_unit(stage, stage.name("nothing"))
    assert claimed(stage, "unit-of-docker") is False


def test_a_volume_on_a_folder_that_was_named_is_not_the_engines(stage: Stage) -> None:
    where = {"type": "none", "o": "bind", "device": stage.folder}
    name = stage.client.volume.create(stage.name("bound"), opt=where).name
    recipe._claim_made_by_the_engine(stage, name)
    assert claimed(stage, "made-by-the-engine") is False


def test_a_volume_that_a_container_has_does_not_exist_alone(stage: Stage, volume: str) -> None:
    stage.client.container.create(stage.base, "true", volume=f"{volume}:/data")
    recipe._claim_exists_alone(stage, volume)
    assert claimed(stage, "exists-alone") is False


def test_what_is_not_there_does_not_exist_alone(stage: Stage) -> None:
    recipe._claim_exists_alone(stage, stage.name("nothing"))
    assert claimed(stage, "exists-alone") is False


def test_a_volume_that_no_container_has_is_not_kept(stage: Stage, volume: str) -> None:
    other = ended(stage, "true")
    recipe._claim_kept_while_used(stage, volume, str(other))
    assert claimed(stage, "kept-while-used") is False


def test_what_is_written_into_the_container_itself_does_not_outlive_it(
    stage: Stage, volume: str
) -> None:
    lost = ended(stage, f"mkdir -p /data; echo written > {recipe.STATE}")
    recipe._claim_outlives(stage, str(lost), f"{volume}:/data")
    assert claimed(stage, "outlives-the-container") is False


def test_writers_that_overwrite_each_other_lose_lines(stage: Stage, volume: str) -> None:
    mount = f"{volume}:/data"
    script = recipe.APPEND.replace(f">> {recipe.LOG}", f"> {recipe.LOG}")
    writers = [
        stage.client.container.run(
            stage.base, "sh", "-c", script, str(number), volume=mount, detach=True
        )
        for number in range(1, recipe.WRITERS + 1)
    ]
    recipe._claim_no_line_lost(stage, writers, mount)
    assert claimed(stage, "several-at-once") is False


def test_writers_one_after_the_other_are_not_at_once(stage: Stage, volume: str) -> None:
    mount = f"{volume}:/data"
    script = "\n".join(recipe.APPEND.split("\n")[:2] + recipe.APPEND.split("\n")[5:])
    script = script.replace("; tries=0", "").replace("; sleep 0", "")
    writers = [
        ended(stage, f"set -- {number}; n={number}; {script}".replace("$0", "$n"), volume=mount)
        for number in range(1, recipe.WRITERS + 1)
    ]
    recipe._claim_no_line_lost(stage, writers, mount)
    assert claimed(stage, "several-at-once") is False
    assert "1000 of 1000 lines" in stage.transcript.claims[-1].evidence


def test_two_volumes_are_not_the_same_for_all(stage: Stage, volume: str) -> None:
    mounts = [f"{volume}:/data", f"{stage.client.volume.create(stage.name('other')).name}:/data"]
    for text, mount in zip("ab", mounts, strict=True):
        ended(stage, f"echo {text} > {recipe.LOG}; echo {text} > {recipe.STATE}", volume=mount)
    recipe._claim_same_for_all(stage, mounts)
    assert claimed(stage, "same-for-all") is False


def test_a_volume_that_another_container_still_has_does_not_end(stage: Stage, volume: str) -> None:
    mount = f"{volume}:/data"
    one, _other = (stage.client.container.create(stage.base, "true", volume=mount) for _ in "12")
    recipe._claim_ends_when_removed(stage, volume, [one])
    assert claimed(stage, "ends-when-removed") is False
