"""The writable layer on a real engine, and its claims where they must come out false."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from dockcli import Docker
from dockcli.recipes import writable_layer as recipe
from dockcli.recipes.layers import idle, own_paths
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import (
    BY_DOCKER,
    by_id,
    claimed,
    program,
    stage_for,
    telling,
    verdicts,
    without_layers,
)

CLAIMS = [
    "made-by-create",
    "own-layer",
    "writable",
    "survives-restart",
    "gone-with-container",
    "empty-again",
    "result-kept",
    "result-gone",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("w")) as stage:
        yield stage


def volume(stage: Stage) -> str:
    """A volume in the place of the containers' own folder."""
    return f"{stage.client.volume.create(stage.name('kept'))}:/home"


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique) -> None:
    result = recipe.run(client=cli, prefix=unique("w"))
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    assert "never started" in by_id(result)["made-by-create"].evidence


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("writable_layer", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["recipe"], told["title"], told["ok"]) == (
        "writable_layer",
        "쓰기 가능 레이어",
        True,
    )
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("writable_layer", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert "docker container start --attach cache" in played.stdout.replace("/no/", "")


def test_names_of_strangers_are_left_alone(docker: Docker, base: str, unique: Unique) -> None:
    names = recipe.RECIPE.containers
    for name in names:
        docker.container.create(base, "true", name=name)
    try:
        before = docker.raw("container", "inspect", *names).stdout
        with pytest.raises(Refused, match="writable1"):
            recipe.run(client=docker)
        assert recipe.run(client=docker, prefix=unique("w")).ok
        assert docker.raw("container", "inspect", *names).stdout == before
    finally:
        docker.container.rm(*names)


def test_where_the_disk_is_not_seen_docker_s_reports_are_enough(
    docker: Docker, base: str, unique: Unique
) -> None:
    result = recipe.run(client=telling(docker, without_layers), prefix=unique("w"))
    assert verdicts(result) == ALL_TRUE
    for id in ("made-by-create", "own-layer", "writable", "gone-with-container"):
        assert BY_DOCKER in by_id(result)[id].evidence


# --- the negative controls


def test_what_goes_into_a_volume_shows_no_layer(stage: Stage) -> None:
    idle(stage, stage.base, name=stage.name("v"), volume=volume(stage))
    recipe.put(stage, stage.name("v"))
    recipe._claim_made_by_create(stage, stage.name("v"))
    assert claimed(stage, "made-by-create") is False


def test_a_container_that_has_run_shows_nothing_of_create(stage: Stage) -> None:
    one = stage.name("started")
    idle(stage, stage.base, name=one).start()
    recipe.put(stage, one)
    recipe._claim_made_by_create(stage, one)
    assert claimed(stage, "made-by-create") is False


def test_containers_that_share_a_folder_have_no_layer_of_their_own_there(stage: Stage) -> None:
    names = stage.name("one"), stage.name("two")
    shared = volume(stage)
    for name in names:
        idle(stage, stage.base, name=name, volume=shared).start()
        stage.client.container.exec(name, "sh", "-c", f"echo {name} >{recipe.NOTE}")
    recipe._claim_own_layer(stage, names)
    assert claimed(stage, "own-layer") is False


def test_one_container_is_not_two(stage: Stage) -> None:
    name = stage.name("one")
    idle(stage, stage.base, name=name).start()
    stage.client.container.exec(name, "sh", "-c", f"echo {name} >{recipe.NOTE}")
    recipe._claim_own_layer(stage, (name, name))
    assert claimed(stage, "own-layer") is False


def test_where_the_layer_is_locked_nothing_can_be_made(stage: Stage) -> None:
    name = stage.name("locked")
    idle(stage, stage.base, name=name, read_only=True).start()
    recipe._claim_writable(stage, name)
    assert claimed(stage, "writable") is False
    assert "Read-only file system" in stage.transcript.claims[-1].evidence


def test_what_is_in_memory_does_not_survive(stage: Stage) -> None:
    container = idle(stage, stage.base, tmpfs="/home")
    container.start()
    container.exec("sh", "-c", f"echo made >{recipe.MADE}; echo changed >>{recipe.MADE}")
    before = container.inspect()
    container.stop()
    container.start()
    recipe._claim_survives_restart(stage, before)
    assert claimed(stage, "survives-restart") is False


def test_what_was_not_restarted_has_survived_nothing(stage: Stage) -> None:
    container = idle(stage, stage.base)
    container.start()
    container.exec("sh", "-c", f"echo made >{recipe.MADE}; echo changed >>{recipe.MADE}")
    recipe._claim_survives_restart(stage, container.inspect())
    assert claimed(stage, "survives-restart") is False


def test_what_was_not_removed_is_not_gone(stage: Stage) -> None:
    recipe.put(stage, str(idle(stage, stage.base, name=stage.name("there"))))
    there = stage.client.container.inspect(stage.name("there"))
    recipe._claim_gone_with_container(stage, there, own_paths(there))
    assert claimed(stage, "gone-with-container") is False


def test_a_new_container_on_an_old_volume_is_not_empty(stage: Stage) -> None:
    kept = volume(stage)
    old = idle(stage, stage.base, volume=kept)
    recipe.put(stage, old.id)
    old.rm()
    idle(stage, stage.base, name=stage.name("new"), volume=kept)
    recipe._claim_empty_again(stage, stage.name("new"))
    assert claimed(stage, "empty-again") is False


def test_a_result_in_memory_is_not_kept(stage: Stage) -> None:
    name = stage.name("memory")
    first = recipe.work(stage, name, tmpfs="/home")
    recipe._claim_result_kept(stage, first, recipe.work_again(stage, name))
    assert claimed(stage, "result-kept") is False


def test_a_result_on_a_volume_is_not_gone(stage: Stage) -> None:
    name, kept = stage.name("volume"), volume(stage)
    first = recipe.work(stage, name, volume=kept)
    stage.client.container.rm(name)
    recipe._claim_result_gone(stage, first, recipe.work(stage, name, volume=kept))
    assert claimed(stage, "result-gone") is False
