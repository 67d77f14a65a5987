"""Volumes and bind mounts beside each other, and the claims where they must come out false."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.recipes import volume_vs_bind as recipe
from dockcli.recipes.layers import bind
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import by_id, claimed, program, stage_for, verdicts

CLAIMS = [
    "volume-by-engine",
    "bind-by-host",
    "volume-filled",
    "bind-hides",
    "volume-shared",
    "volume-at-once",
    "volume-portable",
    "bind-tied-to-path",
    "volume-closed",
    "bind-exposed",
    "volume-managed",
    "bind-unmanaged",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("vs")) as stage:
        yield stage


def volume(stage: Stage, name: str = "one", target: str = recipe.DATA, *more: str) -> str:
    """A new volume, as ``--mount`` takes it."""
    made = stage.client.volume.create(stage.name(name))
    return ",".join(["type=volume", f"source={made}", f"target={target}", *more])


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique, tmp_path: Path) -> None:
    result = recipe.run(client=cli, prefix=unique("vs"), output=tmp_path)
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    assert not list(tmp_path.iterdir())  # the host has removed the bind's folder
    (table,) = result.figures
    assert len(table.rows) == len(result.rows) == 8
    assert all(len(row) == len(table.columns) and all(row) for row in table.rows)
    assert result.rows[1].bind == str(tmp_path / "compared-bind")
    evidence = by_id(result)["volume-at-once"].evidence
    assert "200 200 400" in evidence == result.rows[3].volume == result.rows[3].bind


def test_an_engine_elsewhere_leaves_the_binds_unshown(
    docker: Docker, base: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "same_machine", lambda stage: False)
    result = recipe.run(client=docker, prefix=unique("vs"))
    unseen = {id for id, holds in verdicts(result).items() if holds is None}
    assert unseen == {id for id in CLAIMS if id.startswith("bind")} | {"volume-closed"}
    assert result.ok
    assert not any(step.argv[0] in ("mkdir", "rm") for step in result.steps)


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("volume_vs_bind", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["recipe"], told["section"], told["title"]) == (
        "volume_vs_bind",
        "3",
        "볼륨과 바인드 마운트의 차이",
    )
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_a_dry_run_runs_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("volume_vs_bind", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert "/no/docker volume create" in played.stdout


def test_names_of_strangers_are_left_alone(docker: Docker, base: str) -> None:
    stranger = docker.volume.create("compared-moved")
    before = stranger.inspect()
    try:
        with pytest.raises(Refused, match="the volume compared-moved is there already"):
            recipe.run(client=docker)
        assert stranger.inspect() == before
        assert "compared-volume" not in [one.name for one in docker.volume.ls()]
    finally:
        stranger.rm()


def test_a_volume_is_not_by_the_host_and_a_bind_not_by_the_engine(
    stage: Stage, tmp_path: Path
) -> None:
    _, of_volume = recipe._keeper(stage, "with-volume", volume(stage))
    _, of_host = recipe._keeper(stage, "with-bind", bind(str(tmp_path), recipe.DATA))
    recipe._claim_made_by_engine(stage, of_host)
    assert claimed(stage, "volume-by-engine") is False
    recipe._claim_made_by_host(stage, of_volume)
    assert claimed(stage, "bind-by-host") is False


def test_a_bind_of_a_volumes_own_folder_is_not_by_the_host(stage: Stage) -> None:
    inside = stage.client.volume.create(stage.name("one")).inspect().mountpoint
    _, mount = recipe._keeper(stage, "with-bind", bind(inside, recipe.DATA))
    recipe._claim_made_by_host(stage, mount)
    assert claimed(stage, "bind-by-host") is False


def test_a_volume_over_which_an_empty_folder_lies_is_not_filled(
    stage: Stage, tmp_path: Path
) -> None:
    recipe._claim_filled(stage, recipe._files(stage), bind(str(tmp_path), recipe.IMAGE))
    assert claimed(stage, "volume-filled") is False


def test_a_bind_of_a_folder_that_has_the_files_too_does_not_hide_them(
    stage: Stage, tmp_path: Path
) -> None:
    files = recipe._files(stage)
    (tmp_path / "empty").mkdir()
    for name in files:
        (tmp_path / "empty" / name).touch()
    recipe._claim_hidden(stage, files, str(tmp_path))
    assert claimed(stage, "bind-hides") is False


def test_two_volumes_are_not_one_that_is_shared(stage: Stage) -> None:
    container, _ = recipe._keeper(stage, "with-volume", volume(stage))
    recipe._claim_consistent(stage, container, volume(stage, "other"))
    assert claimed(stage, "volume-shared") is False


def test_two_volumes_are_not_used_at_once(stage: Stage) -> None:
    recipe._claim_at_once(stage, volume(stage), volume(stage, "other"))
    assert claimed(stage, "volume-at-once") is False


def test_a_volume_into_which_nothing_was_moved_has_not_the_content(stage: Stage) -> None:
    recipe._sh(stage, [volume(stage)], f"echo one >{recipe.DATA}/file")
    volume(stage, "other")
    recipe._claim_portable(stage, stage.name("one"), stage.name("other"))
    assert claimed(stage, "volume-portable") is False


def test_a_volume_was_not_moved_to_itself(stage: Stage) -> None:
    recipe._sh(stage, [volume(stage)], f"echo one >{recipe.DATA}/file")
    recipe._claim_portable(stage, stage.name("one"), stage.name("one"))
    assert claimed(stage, "volume-portable") is False


def test_a_path_that_is_there_is_mounted(stage: Stage, tmp_path: Path) -> None:
    recipe._claim_tied_to_its_path(stage, str(tmp_path))
    assert claimed(stage, "bind-tied-to-path") is False


def test_a_folder_that_all_can_reach_is_not_closed(stage: Stage) -> None:
    recipe._claim_closed(stage, "/usr/share")
    assert claimed(stage, "volume-closed") is False


def test_a_folder_that_is_not_here_is_not_judged(stage: Stage) -> None:
    recipe._claim_closed(stage, "/no/such/folder")
    assert claimed(stage, "volume-closed") is None


def test_what_the_host_deletes_elsewhere_is_not_gone(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "exposed").touch()
    container, _ = recipe._keeper(stage, "with-volume", volume(stage))
    recipe._claim_exposed(stage, container, str(tmp_path))
    assert claimed(stage, "bind-exposed") is False


def test_a_volume_in_use_is_not_removed(stage: Stage) -> None:
    recipe._keeper(stage, "with-volume", volume(stage))
    recipe._claim_managed(stage, stage.name("one"))
    assert claimed(stage, "volume-managed") is False


def test_a_volume_that_never_was_is_not_listed(stage: Stage) -> None:
    recipe._claim_managed(stage, stage.name("one"))
    assert claimed(stage, "volume-managed") is False


def test_a_volume_is_not_unmanaged(stage: Stage) -> None:
    volume(stage)
    recipe._claim_unmanaged(stage, stage.name("one"))
    assert claimed(stage, "bind-unmanaged") is False
