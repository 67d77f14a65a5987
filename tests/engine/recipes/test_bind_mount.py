"""Bind mounts on a real engine, and the recipe's claims where they must come out false."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dockcli import Docker
from dockcli.recipes import bind_mount as recipe
from dockcli.recipes import layers
from dockcli.recipes.room import Refused
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import by_id, claimed, program, stage_for, verdicts

CLAIMS = list(recipe.CLAIMS)
ALL_TRUE = dict.fromkeys(CLAIMS, True)
Unique = Callable[[str], str]


@pytest.fixture
def stage(docker: Docker, base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, docker, unique("b")) as stage:
        yield stage


@pytest.fixture
def folder(stage: Stage) -> str:
    path = os.path.join(stage.output, "bind-mount")
    os.mkdir(path)
    Path(path, "from-host").write_text("hello from the host\n")
    return path


@pytest.fixture
def volume(stage: Stage) -> dict[str, str]:
    """The flags for a volume in the place of the bind."""
    return {"volume": f"{stage.client.volume.create(stage.name('v')).name}:{recipe.HOST}"}


@pytest.fixture
def elsewhere(stage: Stage, volume: dict[str, str]) -> str:
    """A running container that has a volume where it should have the host's folder."""
    name = stage.name("bind-mount")
    stage.client.container.run(
        stage.base, "sleep", "600", name=name, detach=True, stop_signal="KILL", **volume
    )
    return name


# --- what it proves


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique, tmp_path: Path) -> None:
    result = recipe.run(client=cli, prefix=unique("b"), output=tmp_path)
    assert result.ok
    refused = {"missing-by-volume-flag": None} if cli.binary == "podman" else {}
    assert verdicts(result) == {**ALL_TRUE, **refused}
    if refused:
        assert "it is refused" in by_id(result)["missing-by-volume-flag"].evidence
    left = {path.name: path.stat().st_uid for path in (tmp_path / "bind-mount").iterdir()}
    assert left["from-host"] == os.getuid()


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("bind_mount", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["title"], told["ok"]) == ("바인드 마운트란?", True)
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_a_dry_run_runs_nothing(
    docker: Docker, environment: dict[str, str], tmp_path: Path
) -> None:
    options = ("--dry-run", "--docker", "/no/docker", "--output", str(tmp_path / "none"))
    played = program("bind_mount", *options, env=environment)
    assert played.returncode == 0, played.stderr
    assert f"--volume={tmp_path}/none/bind-mount:/host:ro" in played.stdout
    assert not list(tmp_path.iterdir())


def test_where_the_engine_does_not_mount_this_machine_nothing_is_claimed(
    docker: Docker, base: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "same_machine", lambda stage: False)
    result = recipe.run(client=docker, prefix=unique("b"))
    assert verdicts(result) == dict.fromkeys(CLAIMS, None)
    assert result.ok


def test_an_engine_that_mounts_another_folder_is_not_this_machine(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert layers.same_machine(stage)
    other = os.path.join(stage.folder, "other")
    os.mkdir(other)
    monkeypatch.setattr(layers, "bind", lambda source, target: _bind(other, target))
    assert not layers.same_machine(stage)


_bind = layers.bind


def test_a_path_may_hold_what_separates_in_mount(stage: Stage) -> None:
    folder = os.path.join(stage.folder, 'a,b "c"')
    os.mkdir(folder)
    Path(folder, "file").write_text("found")
    done = stage.client.container.run(
        stage.base, "cat", "/x/file", mount=_bind(folder, "/x", "readonly"), rm=True
    )
    assert done.text == "found"


def test_a_folder_of_the_users_is_left_alone(docker: Docker, base: str, tmp_path: Path) -> None:
    mine = tmp_path / "bind-mount" / "mine"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        recipe.run(client=docker, output=tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["bind-mount", "mine"]


# --- what it leaves to a user who is not root

PLAY = """
import sys
from dockcli import Docker
from dockcli.recipes import bind_mount

if sys.argv[2] == "fails":
    def fail(*_):
        raise RuntimeError("in the middle")
    bind_mount._claim_missing_refused = fail
result = bind_mount.run(client=Docker(), prefix=sys.argv[3], output=sys.argv[1] or None)
print(*(claim.id for claim in result.claims if claim.holds is not True))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("how", ["ends", "fails"])
def test_a_user_is_left_with_nothing_that_they_cannot_delete(
    how: str, docker: Docker, base: str, environment: dict[str, str], tmp_path: Path, unique: Unique
) -> None:
    user = 12345
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    for path in (home, temporary):
        path.mkdir()
        os.chown(path, user, user)
    for path in [tmp_path, *tmp_path.parents][:3]:  # pytest lets nobody else in
        path.chmod(0o755)
    told = docker.raw("context", "inspect", "--format={{.Endpoints.docker.Host}}").text.strip()
    socket = urlsplit(environment.get("DOCKER_HOST") or told).path
    state = str(home / "state")
    env = {**environment, "HOME": str(home), "TMPDIR": str(temporary), "XDG_STATE_HOME": state}
    played = subprocess.run(
        [
            *("setpriv", f"--reuid={user}", f"--regid={user}"),
            f"--groups={os.stat(socket).st_gid}",
            # root's Python may lie where only root can read; reading is all that this allows
            *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--"),
            *(sys.executable, "-c", PLAY, str(home), how, unique("b")),
        ],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if how == "ends":
        assert (played.returncode, played.stdout) == (0, "\n"), played.stderr
    else:
        assert "in the middle" in played.stderr
    assert not list(temporary.iterdir())
    left = {str(path.relative_to(home)): path.stat().st_uid for path in home.rglob("*")}
    assert left["bind-mount/from-host"] == user
    assert set(left.values()) == {user}, left


# --- the negative controls


def test_a_volume_is_no_folder_of_the_host(stage: Stage, folder: str, elsewhere: str) -> None:
    recipe._claim_host_folder(stage, elsewhere, folder)
    assert claimed(stage, "host-folder") is False


def test_a_volume_has_no_two_directions(stage: Stage, folder: str, elsewhere: str) -> None:
    recipe._claim_both_directions(stage, elsewhere, folder)
    assert claimed(stage, "both-directions") is False


def test_what_is_in_a_volume_stays_when_the_host_deletes(
    stage: Stage, folder: str, elsewhere: str
) -> None:
    recipe._claim_deleted_on_the_host(stage, elsewhere, folder)
    assert claimed(stage, "deleted-on-the-host") is False


def test_a_bind_without_ro_is_not_read_only(stage: Stage, folder: str) -> None:
    recipe._claim_read_only(stage, folder, {"volume": f"{folder}:{recipe.HOST}"})
    assert claimed(stage, "read-only") is False


def test_a_container_that_is_told_another_user_is_not_roots(stage: Stage) -> None:
    recipe._claim_root_unless_told(stage, {"user": recipe.NOBODY})
    assert claimed(stage, "root-unless-told") is False


def test_an_open_folder_lets_the_least_privileged_in(stage: Stage, folder: str) -> None:
    recipe._claim_least_privileged(stage, folder, mode="777")
    assert claimed(stage, "least-privileged-let-in") is False


def test_root_does_not_write_where_nothing_can_be_written(stage: Stage, folder: str) -> None:
    recipe._claim_root_writes(stage, folder, {"volume": f"{folder}:{recipe.HOST}:ro"})
    assert claimed(stage, "root-writes") is False


def test_another_user_than_root_does_not_write(stage: Stage, folder: str) -> None:
    flags = {"volume": f"{folder}:{recipe.HOST}", "user": recipe.NOBODY}
    recipe._claim_root_writes(stage, folder, flags)
    assert claimed(stage, "root-writes") is False


def test_what_mount_refuses_is_not_made(docker: Docker, base: str, unique: Unique) -> None:
    with stage_for(recipe.RECIPE, docker, unique("b")) as stage:
        missing = os.path.join(stage.folder, "missing")
        recipe._claim_missing_made(stage, missing, {"mount": _bind(missing, recipe.HOST)})
        assert claimed(stage, "missing-by-volume-flag") is False


def test_what_is_there_is_not_refused(stage: Stage, folder: str) -> None:
    recipe._claim_missing_refused(stage, folder, {"mount": _bind(folder, recipe.HOST)})
    assert claimed(stage, "missing-by-mount-flag") is False
