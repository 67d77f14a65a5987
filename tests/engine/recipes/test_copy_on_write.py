"""Copy on write on a real engine, and its claims where they must come out false."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockcli import Docker
from dockcli.objects import Container
from dockcli.recipes import copy_on_write as recipe
from dockcli.recipes.copy_on_write import append, look
from dockcli.recipes.layers import idle
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import (
    BY_DOCKER,
    by_id,
    claimed,
    on_vfs,
    program,
    stage_for,
    telling,
    verdicts,
    without_layers,
    without_sizes,
)

CLAIMS = [
    "only-as-a-copy",
    "reading-copies-nothing",
    "shared-until-changed",
    "layer-was-there",
    "copied-up",
    "copy-is-changed",
    "copied-once",
    "original-stays",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("c")) as stage:
        recipe.build(stage, stage.name("cow"))
        yield stage


def started(stage: Stage, **options: Any) -> Container:
    container = idle(stage, stage.name("cow"), **options)
    container.start()
    return container


def volume(stage: Stage) -> str:
    """A volume in the place of the folder with the large file, which docker copies into it."""
    return f"{stage.client.volume.create(stage.name('kept'))}:/home"


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique) -> None:
    result = recipe.run(client=cli, prefix=unique("c"))
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    assert result.file_size == sum(len(f"{number}\n") for number in range(1, 1_000_001))
    assert result.grown is not None
    assert result.grown > result.file_size


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("copy_on_write", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    title = "docker image copy on writer"
    assert (told["recipe"], told["title"], told["ok"]) == ("copy_on_write", title, True)
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("copy_on_write", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert "container inspect --size" in played.stdout


def test_names_of_strangers_are_left_alone(docker: Docker, base: str, unique: Unique) -> None:
    names = recipe.RECIPE.containers
    for name in names:
        docker.container.create(base, "true", name=name)
    docker.image.tag(base, "cow")
    try:
        before = [
            docker.raw(kind, "inspect", *some).stdout
            for kind, some in (("container", names), ("image", ("cow",)))
        ]
        with pytest.raises(Refused, match="cow"):
            recipe.run(client=docker)
        assert recipe.run(client=docker, prefix=unique("c")).ok
        assert before == [
            docker.raw(kind, "inspect", *some).stdout
            for kind, some in (("container", names), ("image", ("cow",)))
        ]
    finally:
        docker.container.rm(*names)
        docker.image.rm("cow")


def test_where_the_disk_is_not_seen_docker_s_reports_are_enough(
    docker: Docker, base: str, unique: Unique
) -> None:
    result = recipe.run(client=telling(docker, without_layers), prefix=unique("c"))
    assert verdicts(result) == ALL_TRUE
    for id in set(CLAIMS) - {"only-as-a-copy", "reading-copies-nothing", "copied-once"}:
        assert BY_DOCKER in by_id(result)[id].evidence


def test_what_an_engine_cannot_show_is_null_with_the_reason(
    docker: Docker, base: str, unique: Unique
) -> None:
    result = recipe.run(client=telling(docker, on_vfs), prefix=unique("c"))
    null = {id for id, claim in by_id(result).items() if claim.holds is None}
    assert null == {"shared-until-changed", "copied-up", "copied-once"}
    assert all("vfs" in by_id(result)[id].evidence for id in null)
    assert result.ok

    result = recipe.run(client=telling(docker, without_sizes), prefix=unique("c"))
    null = {id for id, claim in by_id(result).items() if claim.holds is None}
    assert null == {"reading-copies-nothing", "layer-was-there", "copied-up", "copied-once"}
    assert all("does not tell" in by_id(result)[id].evidence for id in null)
    assert result.ok


# --- the negative controls


def test_where_nothing_is_locked_a_copy_is_not_the_only_way(stage: Stage) -> None:
    first, second = started(stage), started(stage)
    free, locked = ((append(stage, one), look(stage, one)) for one in (first, second))
    recipe._claim_only_as_a_copy(stage, free, locked)
    assert claimed(stage, "only-as-a-copy") is False


def test_a_locked_layer_beside_a_volume_does_not_keep_it_from_changing(stage: Stage) -> None:
    first, second = started(stage), started(stage, read_only=True, volume=volume(stage))
    free, locked = ((append(stage, one), look(stage, one)) for one in (first, second))
    recipe._claim_only_as_a_copy(stage, free, locked)
    assert claimed(stage, "only-as-a-copy") is False


def test_what_changes_the_file_does_not_only_read_it(stage: Stage) -> None:
    one = started(stage)
    before = look(stage, one)
    append(stage, one)
    recipe._claim_reading_copies_nothing(stage, before, look(stage, one))
    assert claimed(stage, "reading-copies-nothing") is False


def test_a_changed_file_is_not_shared(stage: Stage) -> None:
    first, second = started(stage), started(stage)
    append(stage, second)
    recipe._claim_shared_until_changed(stage, look(stage, first), look(stage, second))
    assert claimed(stage, "shared-until-changed") is False


def test_the_layer_of_another_container_was_not_there(stage: Stage) -> None:
    first, second = started(stage), started(stage)
    before = look(stage, first)
    append(stage, second)
    recipe._claim_layer_was_there(stage, before, look(stage, second))
    assert claimed(stage, "layer-was-there") is False


def test_on_a_volume_nothing_is_copied_up_nor_changed_in_a_copy(stage: Stage) -> None:
    one = started(stage, volume=volume(stage))
    before = look(stage, one)
    append(stage, one)
    after = look(stage, one)
    assert after.size == before.size + 1
    recipe._claim_copied_up(stage, before, after)
    assert claimed(stage, "copied-up") is False
    recipe._claim_copy_is_changed(stage, before, after)
    assert claimed(stage, "copy-is-changed") is False


def test_a_new_file_is_not_copied_up(stage: Stage) -> None:
    one = started(stage)
    append(stage, one)
    before = look(stage, one)
    one.exec("sh", "-c", f"cp {recipe.LARGE} /home/second.txt")
    recipe._claim_copied_up(stage, before, look(stage, one))
    assert claimed(stage, "copied-up") is False


def test_where_nothing_was_written_no_copy_is_changed(stage: Stage) -> None:
    one = started(stage)
    recipe._claim_copy_is_changed(stage, look(stage, one), look(stage, one))
    assert claimed(stage, "copy-is-changed") is False


def test_the_first_change_does_not_cost_only_what_it_writes(stage: Stage) -> None:
    one = started(stage)
    before = look(stage, one)
    append(stage, one)
    recipe._claim_copied_once(stage, before, look(stage, one))
    assert claimed(stage, "copied-once") is False


def test_containers_that_share_a_volume_do_not_keep_the_original(stage: Stage) -> None:
    shared = volume(stage)
    first, second = started(stage, volume=shared), started(stage, volume=shared)
    original = look(stage, first)
    append(stage, first)
    image = stage.client.image.inspect(stage.name("cow"))
    looks = look(stage, first), [look(stage, second)]
    recipe._claim_original_stays(stage, original, *looks, (image, image))
    assert claimed(stage, "original-stays") is False


def test_an_image_that_is_made_anew_does_not_keep_the_original(stage: Stage) -> None:
    first, second = started(stage), started(stage)
    before, original = stage.client.image.inspect(stage.name("cow")), look(stage, first)
    append(stage, first)
    stage.client.container.commit(first, stage.name("cow"))
    images = before, stage.client.image.inspect(stage.name("cow"))
    recipe._claim_original_stays(stage, original, look(stage, first), [look(stage, second)], images)
    assert claimed(stage, "original-stays") is False
