"""How many docker processes a survey takes, and what it does where one of them fails."""

from __future__ import annotations

import pytest

from dockcli.data.survey import survey
from tests.unit.data.survey.world import World, volume_at


def engine_of_fifty(**options: bool) -> World:
    world = World(**options)  # type: ignore[arg-type]
    for number in range(50):
        name = f"{number:064x}"
        world.volume(name, 123456 + number)
        changes = [("C", "/srv"), ("A", f"/srv/f{number}")]
        mounts = [volume_at("/data", name)]
        world.container(f"c{number:02}", mounts=mounts, changes=changes, size=9)
    return world


def test_fifty_containers_take_a_handful_of_processes() -> None:
    world = engine_of_fifty()
    result = survey(world.client)
    assert len(result.at_risk) == 100
    last = result.containers[49].paths
    assert [(one.path, one.size) for one in last[1:]] == [("/srv/f49", 9), ("/data", 123505)]
    assert len(world.jobs) <= 10


def test_without_the_api_docker_is_asked_for_each_layer_and_rounds() -> None:
    world = engine_of_fifty(dial=False)
    result = survey(world.client)
    assert [one.path for one in result.containers[49].at_risk] == ["/srv/f49", "/data"]
    volume = result.containers[49].paths[-1]
    assert (volume.size, volume.rounded) == (123500, True)
    assert not result.containers[49].paths[1].rounded
    assert len([words for words in world.jobs if words[:2] == ["container", "diff"]]) == 50


def test_without_sizes_none_are_asked_for() -> None:
    world = engine_of_fifty()
    result = survey(world.client, sizes=False)
    assert {one.size for one in result.containers[0].paths if one.source == "anonymous"} == {None}
    assert not {"--size", "--size=true"} & {word for words in world.jobs for word in words}
    assert len([words for words in world.jobs if "dial-stdio" in words]) == 1  # the layers'


def test_a_layer_that_nobody_tells_of_is_said_to_be_unknown_and_is_at_risk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.container("web", size=5)
    told = world._dialled
    monkeypatch.setattr(
        world, "_dialled", lambda stdin: told(stdin).replace("200 OK", "404 Not Found", 1)
    )
    layer = survey(world.client).containers[0].paths[1]
    assert (layer.path, layer.source, layer.size, layer.at_risk) == ("/", "layer", 5, True)
    assert "does not tell" in layer.note
