"""What a container's file system is made of, and the claims where they must come out false."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.objects import Container
from dockcli.recipes import filesystem as recipe
from dockcli.recipes import share
from dockcli.recipes.filesystem import Sources
from dockcli.recipes.layers import bind
from dockcli.recipes.room import Refused
from dockcli.recipes.share import Mount, NoShare, Share
from dockcli.recipes.stage import Stage, Wishes
from tests.engine.recipes.on_stage import by_id, claimed, program, stage_for, verdicts

CLAIMS = [
    "put-together",
    "own-writable-layer",
    "local-bind",
    "distributed-bind",
    "volume-mount",
    "image-layers",
    "image-shared",
    "writable-layer-lost",
    "volume-left",
    "left-and-lost",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("fs")) as stage:
        yield stage


@pytest.fixture
def on_a_share(docker: Docker, base: str, unique: Unique) -> Iterator[tuple[Stage, Share]]:
    """A stage that has a share made for it."""
    wishes = Wishes(prefix=unique("fs"), demo_share=True)
    with Stage(recipe.RECIPE, docker, wishes) as stage:
        try:
            yield stage, share.find(stage)
        except NoShare as error:
            pytest.skip(str(error))


def running(stage: Stage, *mounts: str, **more: Any) -> Container:
    return stage.client.container.run(
        stage.base, "sleep", "600", detach=True, mount=list(mounts), **more
    )


def volume(stage: Stage, name: str) -> str:
    return stage.client.volume.create(stage.name(name)).name


def write(stage: Stage, container: Container, path: str) -> None:
    line = f"mkdir -p {path} && echo 'through {path}' >{path}/file"
    stage.client.container.exec(container, "sh", "-c", line)


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique, tmp_path: Path) -> None:
    result = recipe.run(client=cli, prefix=unique("fs"), output=tmp_path, demo_share=True)
    if not result.ok or verdicts(result)["distributed-bind"] is None:
        pytest.fail(str(by_id(result)))
    assert verdicts(result) == ALL_TRUE
    assert "fuse.sshfs" in by_id(result)["distributed-bind"].evidence
    found = {place.path: (place.kind, place.left) for place in result.places}
    kinds = {path: kind for path, (kind, _) in found.items()}
    assert kinds["/distributed"] == "fuse.sshfs"
    assert kinds["/memory"] == "tmpfs"
    assert kinds["/layer"] == kinds["/etc/group"] == "overlay"
    lost = {path for path, (_, left) in found.items() if not left}
    assert lost == {"/layer", "/memory"}
    (tree,) = result.figures
    assert len(tree.branches) == 6
    assert {path.name for path in (tmp_path / "filesystem-local").iterdir()} == {"file", "host"}
    headings = [step.document for step in result.steps if step.document]
    assert headings == list(recipe.HEADINGS.values())


def test_without_a_share_that_claim_is_not_shown(
    docker: Docker, base: str, unique: Unique, tmp_path: Path
) -> None:
    for wish, reason in ((None, "--demo-share"), (tmp_path, "is on no network share")):
        result = recipe.run(client=docker, prefix=unique("fs"), share=wish)
        assert result.ok
        assert verdicts(result) == {**ALL_TRUE, "distributed-bind": None}
        assert reason in by_id(result)["distributed-bind"].evidence
        assert not list(tmp_path.iterdir())


def test_a_named_share_is_used_and_left_as_it_was(
    docker: Docker, base: str, unique: Unique, on_a_share: tuple[Stage, Share]
) -> None:
    own = Path(on_a_share[1].folder, "own")
    own.mkdir()
    (own / "precious").write_text("mine")
    result = recipe.run(client=docker, prefix=unique("named"), share=own)
    assert verdicts(result) == ALL_TRUE
    assert [path.name for path in own.iterdir()] == ["precious"]
    assert (own / "precious").read_text() == "mine"


def test_an_engine_elsewhere_leaves_the_binds_unshown(
    docker: Docker, base: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "same_machine", lambda stage: False)
    result = recipe.run(client=docker, prefix=unique("fs"), demo_share=True)
    expected = {**ALL_TRUE, "local-bind": None, "distributed-bind": None}
    assert verdicts(result) == expected


def test_wishes_that_cannot_be_meant_are_refused(docker: Docker, base: str, unique: Unique) -> None:
    with pytest.raises(Refused, match="give one of them"):
        recipe.run(client=docker, prefix=unique("fs"), share="/tmp", demo_share=True)
    with pytest.raises(Refused, match="there is no such folder"):
        recipe.run(client=docker, prefix=unique("fs"), share="/no/such/folder")


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("filesystem", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["recipe"], told["section"], told["ok"]) == ("filesystem", "4", True)
    assert {claim["id"] for claim in told["claims"]} == set(CLAIMS)
    shown = program("filesystem", "--prefix", "shown", env=environment).stdout
    assert "  /memory <- memory (tmpfs): lost" in shown.splitlines()


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program(
        "filesystem", "--dry-run", "--demo-share", "--docker", "/no/docker", env=environment
    )
    assert played.returncode == 0, played.stderr
    assert "target=/distributed" in played.stdout
    assert "share" not in played.stderr


def test_names_of_strangers_are_left_alone(docker: Docker, base: str) -> None:
    stranger = docker.container.create(base, "true", name="filesystem")
    before = stranger.inspect()
    try:
        with pytest.raises(Refused, match="the container filesystem is there already"):
            recipe.run(client=docker)
        assert stranger.inspect() == before
    finally:
        stranger.rm()


def test_a_container_with_other_mounts_is_not_put_together_so(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "told").mkdir()
    (tmp_path / "other").mkdir()
    kept = stage.client.volume.create(stage.name("kept"))
    given = Sources(str(tmp_path / "told"), None, "", kept)
    local = bind(str(tmp_path / "other"), recipe.LOCAL)
    memory = f"type=tmpfs,target={recipe.MEMORY}"
    for mounts, volumes in (([local, memory], True), ([memory], True), ([local], False)):
        spec = f"{kept}:{recipe.VOLUME}" if volumes else None
        container = running(stage, *mounts, volume=spec)
        recipe._claim_put_together(
            stage, container.inspect(), recipe._table(stage, container), given
        )
        assert claimed(stage, "put-together") is False


def test_what_lies_in_a_shared_volume_is_of_no_layer(stage: Stage) -> None:
    shared = f"type=volume,source={volume(stage, 'shared')},target={recipe.LAYER}"
    first, second = running(stage, shared), running(stage, shared)
    write(stage, first, recipe.LAYER)
    recipe._claim_own_layer(stage, first, second)
    assert claimed(stage, "own-writable-layer") is False


def test_a_container_has_no_layer_apart_from_itself(stage: Stage) -> None:
    first = running(stage)
    write(stage, first, recipe.LAYER)
    recipe._claim_own_layer(stage, first, first)
    assert claimed(stage, "own-writable-layer") is False


def test_another_folder_is_not_shared(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    container = running(stage, bind(str(tmp_path / "one"), recipe.LOCAL))
    write(stage, container, recipe.LOCAL)
    recipe._claim_local(stage, container, str(tmp_path / "other"))
    assert claimed(stage, "local-bind") is False


def test_a_local_folder_is_no_share_whatever_it_is_called(stage: Stage, tmp_path: Path) -> None:
    container = running(stage, bind(str(tmp_path), recipe.DISTRIBUTED))
    write(stage, container, recipe.DISTRIBUTED)
    called = Share(str(tmp_path), Mount(str(tmp_path), "0:1", "/", "nfs4", "server:/x", "rw"))
    recipe._claim_distributed(stage, container, called)
    assert claimed(stage, "distributed-bind") is None
    assert "no network share" in stage.transcript.claims[-1].evidence


def test_another_folder_of_the_share_is_not_shared(on_a_share: tuple[Stage, Share]) -> None:
    stage, found = on_a_share
    other = Path(found.folder, "other")
    other.mkdir()
    container = running(stage, bind(str(other), recipe.DISTRIBUTED))
    write(stage, container, recipe.DISTRIBUTED)
    recipe._claim_distributed(stage, container, found)
    assert claimed(stage, "distributed-bind") is False


def test_another_volume_is_not_shared(stage: Stage) -> None:
    mount = f"type=volume,source={volume(stage, 'one')},target={recipe.VOLUME}"
    container = running(stage, mount)
    write(stage, container, recipe.VOLUME)
    recipe._claim_volume(stage, container, stage.client.volume.create(stage.name("other")))
    assert claimed(stage, "volume-mount") is False


def test_a_container_that_has_written_is_not_as_the_image(stage: Stage) -> None:
    container = running(stage)
    write(stage, container, recipe.LAYER)
    recipe._claim_initial(stage, container)
    assert claimed(stage, "image-layers") is False


def test_a_change_that_the_other_container_sees_was_not_kept_apart(stage: Stage) -> None:
    shared = f"type=volume,source={volume(stage, 'shared')},target=/etc"
    recipe._claim_image_shared(stage, running(stage, shared), running(stage, shared))
    assert claimed(stage, "image-shared") is False


def test_the_layer_of_a_container_that_is_there_is_not_lost(stage: Stage) -> None:
    recipe._claim_layer_lost(stage, running(stage).inspect())
    assert claimed(stage, "writable-layer-lost") is False


def test_another_volume_has_not_what_was_left(stage: Stage) -> None:
    one = stage.client.volume.create(stage.name("one"))
    recipe._claim_volume_left(stage, running(stage, volume=f"{one}:{recipe.VOLUME}"), one)
    assert claimed(stage, "volume-left") is False


def test_nothing_is_lost_of_a_container_that_is_there(stage: Stage) -> None:
    given = Sources(None, None, "", stage.client.volume.create(stage.name("kept")))
    container = recipe._make(stage, given, None)
    for path in (recipe.LAYER, recipe.VOLUME, recipe.MEMORY):
        write(stage, container, path)
    recipe._claim_left_and_lost(stage, recipe._left(stage, container, given))
    assert claimed(stage, "left-and-lost") is False


def test_what_lay_in_another_volume_is_not_left(stage: Stage) -> None:
    given = Sources(None, None, "", stage.client.volume.create(stage.name("kept")))
    recipe._claim_left_and_lost(stage, recipe._left(stage, recipe._make(stage, given, None), given))
    assert claimed(stage, "left-and-lost") is False
