"""VOLUME against --volume on a real engine, and the claims where they must come out false."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import pytest

from dockcli import Docker
from dockcli.models.container import ContainerInspect
from dockcli.recipes import builders
from dockcli.recipes import volume_instruction as recipe
from dockcli.recipes.builders import BUILDKIT, LEGACY, Built
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import by_id, claimed, program, stage_for, verdicts

CLAIMS = [
    "new-volume-each-run",
    "random-id",
    "found-by-id-only",
    "two-features",
    "flag-precedes",
    "only-anonymous-removed",
    "define-at-run",
    "legacy-builder-discards",
    "buildkit-keeps",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
OF_THE_BUILDERS = CLAIMS[-2:]
Unique = Callable[[str], str]


def cache(client: Docker) -> set[str]:
    """The ids in BuildKit's cache, of all builds; podman has none."""
    if client.binary == "podman":
        return set()
    words = ("df", "--verbose", "--format={{json .BuildCache}}")
    return {one["ID"] for one in client.raw("system", *words).json() or []}


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("i")) as stage:
        yield stage


@pytest.fixture
def image(stage: Stage) -> str:
    """An image with VOLUME."""
    return built(stage, recipe.DOCKERFILE)


def built(stage: Stage, dockerfile: str, wanted: str = LEGACY) -> str:
    folder = stage.context()
    with open(os.path.join(folder, "Dockerfile"), "w", encoding="ascii") as file:
        file.write(dockerfile)
    tag = stage.name("volume-instruction")
    builders.build(stage, wanted, folder, tag, recipe.MAKE)
    return tag


def named(stage: Stage, name: str) -> dict[str, str]:
    return {"volume": f"{stage.client.volume.create(stage.name(name)).name}:{recipe.DATA}"}


# --- what it proves


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique) -> None:
    before = cache(cli)
    result = recipe.run(client=cli, prefix=unique("i"))
    assert result.ok
    if cli.binary == "podman":
        nowhere = dict.fromkeys(OF_THE_BUILDERS, None)
        assert verdicts(result) == {**ALL_TRUE, **nowhere}
        assert all("another builder" in by_id(result)[id].evidence for id in nowhere)
    else:
        assert verdicts(result) == ALL_TRUE
    assert cache(cli) <= before


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("volume_instruction", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["title"], told["ok"]) == ("볼륨은 언제 사용해야 할까?", True)
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE
    builds = [step["argv"] for step in told["steps"] if "build" in step["argv"]]
    assert {tuple(words[:2]) for words in builds} == {
        ("env", "DOCKER_BUILDKIT=0"),
        ("env", "DOCKER_BUILDKIT=1"),
    }


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("volume_instruction", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert "--volume=volume-instruction-data:/data" in played.stdout


def test_where_no_docker_has_buildkit_it_is_said(
    docker_cli: str, docker: Docker, base: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A docker that knows no BuildKit builds by the legacy builder whatever it is told."""
    monkeypatch.setitem(builders._SWITCH, BUILDKIT, "0")
    result = recipe.run(client=Docker(docker_cli), prefix=unique("i"))
    assert result.ok
    assert verdicts(result) == {**ALL_TRUE, "buildkit-keeps": None}
    assert "not shown here" in by_id(result)["buildkit-keeps"].evidence


def test_another_engines_docker_is_not_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = iter(["one", *["another"] * 9])
    monkeypatch.setattr(builders, "_engine", lambda client: next(engines))
    assert list(builders._dockers(stage)) == [stage.client.binary]


def test_a_tag_of_a_stranger_is_left_alone(docker: Docker, base: str) -> None:
    docker.image.tag(base, "volume-instruction")
    try:
        with pytest.raises(Refused, match="the image volume-instruction is there already"):
            recipe.run(client=docker)
        assert docker.image.inspect("volume-instruction").id == docker.image.inspect(base).id
    finally:
        docker.image.rm("volume-instruction")


def test_anonymous_volumes_of_strangers_are_left_alone(
    docker: Docker, base: str, unique: Unique
) -> None:
    stranger = docker.container.create(base, "true", volume="/data")
    try:
        assert recipe.run(client=docker, prefix=unique("i")).ok
        (mount,) = stranger.inspect().mounts
        assert docker.volume.inspect(mount.name).name == mount.name
    finally:
        stranger.rm(volumes=True)


# --- the negative controls


def two(stage: Stage, image: str, **flags: str) -> tuple[ContainerInspect, ContainerInspect]:
    one, other = (recipe._run(stage, image, number, **flags) for number in "12")
    return one, other


def test_two_runs_with_one_volume_do_not_make_new_ones(stage: Stage, image: str) -> None:
    recipe._claim_new_each_time(stage, *two(stage, image, **named(stage, "shared")))
    assert claimed(stage, "new-volume-each-run") is False


def test_a_name_that_was_given_is_no_random_id(stage: Stage, image: str) -> None:
    containers = (recipe._run(stage, image, number, **named(stage, number)) for number in "12")
    recipe._claim_random_id(stage, *containers)
    assert claimed(stage, "random-id") is False


def test_what_is_found_without_the_id_too_needs_no_id(stage: Stage) -> None:
    data = f"FROM {stage.base}\nRUN mkdir -p /data && echo 'container 1' > {recipe.STATE}\n"
    image = built(stage, f"{data}VOLUME /data\n")
    recipe._claim_found_by_id(stage, image, recipe._run(stage, image, "1"))
    assert claimed(stage, "found-by-id-only") is False


def test_an_image_with_volume_is_no_proof_of_the_flag_alone(stage: Stage, image: str) -> None:
    without = recipe._run(stage, image, "1")
    flag = recipe._run(stage, image, "2", **named(stage, "flag"))
    recipe._claim_two_features(stage, without, flag)
    assert claimed(stage, "two-features") is False


def test_without_the_flag_nothing_takes_precedence(stage: Stage, image: str) -> None:
    recipe._claim_flag_precedes(stage, recipe._run(stage, image, "1"), stage.name("flag"))
    assert claimed(stage, "flag-precedes") is False


def test_a_second_volume_is_no_precedence(stage: Stage, image: str) -> None:
    volume = stage.client.volume.create(stage.name("flag")).name
    container = recipe._run(stage, image, "1", volume=f"{volume}:/elsewhere")
    recipe._claim_flag_precedes(stage, container, volume)
    assert claimed(stage, "flag-precedes") is False


def test_named_volumes_are_not_removed_as_anonymous_ones(stage: Stage, image: str) -> None:
    containers = (recipe._run(stage, image, number, **named(stage, number)) for number in "12")
    recipe._claim_only_anonymous_removed(stage, *containers)
    assert claimed(stage, "only-anonymous-removed") is False


def test_volumes_of_a_name_each_are_no_better_than_anonymous_ones(stage: Stage, image: str) -> None:
    anonymous = [recipe._run(stage, image, number) for number in "12"]
    flag = [recipe._run(stage, image, number, **named(stage, number)) for number in "34"]
    recipe._claim_define_at_run(stage, anonymous, flag)
    assert claimed(stage, "define-at-run") is False


BEFORE = f"ARG BASE\nFROM ${{BASE}}\nRUN {recipe.MAKE}\nVOLUME {recipe.DATA}\n"


def test_what_is_written_before_volume_is_not_discarded(stage: Stage) -> None:
    recipe._claim_legacy_discards(stage, Built(LEGACY), built(stage, BEFORE))
    assert claimed(stage, "legacy-builder-discards") is False


def test_what_the_legacy_builder_makes_is_not_kept(stage: Stage, image: str) -> None:
    recipe._claim_buildkit_keeps(stage, Built(BUILDKIT), image)
    assert claimed(stage, "buildkit-keeps") is False
