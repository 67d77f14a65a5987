"""The layers of an image on a real engine, and their claims where they must come out false."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.objects import Container
from dockcli.recipes import image_layers as recipe
from dockcli.recipes.layers import content, idle
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import (
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

CLAIMS = ["shared", "not-by-all", "first-file-system", "read-only", "costs-little"]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("i")) as stage:
        yield stage


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique) -> None:
    prefix = unique("i")
    result = recipe.run(client=cli, prefix=prefix)
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    assert result.containers == (f"{prefix}-random1", f"{prefix}-random2")
    assert len(result.layers) >= 3
    assert result.image.startswith("sha256:") or len(result.image) == 64


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("image_layers", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["recipe"], told["title"], told["ok"]) == ("image_layers", "기본 레이어", True)
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("image_layers", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert "container ls --all --size" in played.stdout


def test_names_of_strangers_are_left_alone(docker: Docker, base: str, unique: Unique) -> None:
    names = recipe.RECIPE.containers
    for name in names:
        docker.container.create(base, "true", name=name)
    docker.image.tag(base, "random")
    try:
        before = [
            docker.raw(kind, "inspect", *some).stdout
            for kind, some in (("container", names), ("image", ("random",)))
        ]
        with pytest.raises(Refused, match="random"):
            recipe.run(client=docker)
        assert recipe.run(client=docker, prefix=unique("i")).ok
        assert before == [
            docker.raw(kind, "inspect", *some).stdout
            for kind, some in (("container", names), ("image", ("random",)))
        ]
    finally:
        docker.container.rm(*names)
        docker.image.rm("random")


def test_where_the_directories_are_not_told_the_digests_are_enough(
    docker: Docker, base: str, unique: Unique
) -> None:
    result = recipe.run(client=telling(docker, without_layers), prefix=unique("i"))
    assert verdicts(result) == ALL_TRUE
    for id in ("shared", "not-by-all"):
        assert "does not tell the directories" in by_id(result)[id].evidence


def test_what_an_engine_cannot_show_is_null_with_the_reason(
    docker: Docker, base: str, unique: Unique
) -> None:
    result = recipe.run(client=telling(docker, on_vfs), prefix=unique("i"))
    null = {id for id, claim in by_id(result).items() if claim.holds is None}
    assert null == {"shared", "not-by-all", "costs-little"}
    assert all("vfs" in by_id(result)[id].evidence for id in null)
    assert result.ok

    result = recipe.run(client=telling(docker, without_sizes), prefix=unique("i"))
    assert verdicts(result) == {**ALL_TRUE, "costs-little": None}


# --- the negative controls


def containers(stage: Stage, tag: str) -> tuple[Container, Container]:
    """Two containers of the document's image."""
    recipe.build(stage, tag)
    first, second = (stage.client.container.create(tag) for _ in range(2))
    return first, second


def test_containers_of_two_images_do_not_share_all(stage: Stage) -> None:
    first, _ = containers(stage, stage.name("random"))
    recipe._claim_shared(stage, first, idle(stage, stage.base))
    assert claimed(stage, "shared") is False


def test_containers_of_one_image_do_not_share_only_some(stage: Stage) -> None:
    both = containers(stage, stage.name("random"))
    image = stage.client.image.inspect(stage.name("random"))
    recipe._claim_not_by_all(stage, both, (image, image))
    assert claimed(stage, "not-by-all") is False


def test_a_changed_container_is_not_as_its_image_made_it(stage: Stage) -> None:
    first, _ = containers(stage, stage.name("random"))
    given = recipe._script(stage)
    recipe._claim_first_file_system(stage, first, given)
    assert claimed(stage, "first-file-system") is True
    recipe.change(stage, first)
    recipe._claim_first_file_system(stage, first, given)
    assert claimed(stage, "first-file-system") is False


def test_an_image_made_anew_from_a_changed_container_is_not_unchanged(stage: Stage) -> None:
    client, tag = stage.client, stage.name("random")
    both = containers(stage, tag)
    before = client.image.inspect(tag)
    fresh = content(stage, client.container.create(tag), recipe.HOME)
    for one in both:
        client.container.start(one, attach=True)
        recipe.change(stage, one)
    client.container.commit(both[0], tag)
    recipe._claim_read_only(stage, both, tag, before, fresh)
    assert claimed(stage, "read-only") is False


def test_containers_that_wrote_nothing_show_nothing(stage: Stage) -> None:
    tag = stage.name("random")
    both = containers(stage, tag)
    fresh = content(stage, both[0], recipe.HOME)
    recipe._claim_read_only(stage, both, tag, stage.client.image.inspect(tag), fresh)
    assert claimed(stage, "read-only") is False


def test_a_layer_that_was_written_to_is_not_read_only(
    docker: Docker, base: str, unique: Unique
) -> None:
    """Nothing that docker has changes a layer; its disk does."""
    with stage_for(recipe.RECIPE, docker, unique("i")) as stage:
        tag = stage.name("random")
        both = containers(stage, tag)
        before = stage.client.image.inspect(tag)
        fresh = content(stage, stage.client.container.create(tag), recipe.HOME)
        for one in both:
            stage.client.container.start(one, attach=True)
            recipe.change(stage, one)
        with Path(before.raw["GraphDriver"]["Data"]["UpperDir"] + recipe.SCRIPT).open("a") as file:
            file.write("# more\n")
        recipe._claim_read_only(stage, both, tag, before, fresh)
        assert claimed(stage, "read-only") is False


def test_a_container_with_much_of_its_own_does_not_cost_little(stage: Stage) -> None:
    both = containers(stage, stage.name("random"))
    big = idle(stage, stage.name("random"))
    big.start()
    big.exec("sh", "-c", "seq 1 200000 >/home/much")
    image = stage.client.image.inspect(stage.name("random"))
    recipe._claim_costs_little(stage, (both[0], big), image)
    assert claimed(stage, "costs-little") is False
