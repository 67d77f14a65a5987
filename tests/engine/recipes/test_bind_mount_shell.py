"""The document's 2-1 with real keys in a real vi, and its claims where they must come out false."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.errors import CallError
from dockcli.recipes import bind_mount_shell as recipe
from dockcli.recipes.room import Refused
from dockcli.recipes.shell import shell
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import claimed, program, stage_for, verdicts

CLAIMS = [
    "folder-mounted",
    "no-volume",
    "typed-in-vi",
    "host-reads",
    "container-reads",
    "outlives-container",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)

# The document's command lines of 2-1, as they stand there, without its prompt.
DOCUMENT = """
docker run -itd -v /Users/kdg/volume-example:/test --name volume-example alpine
docker exec -it volume-example /bin/sh
cd test/
vi volume.txt
cd /Users/kdg/volume-example
vi volume.txt
""".strip().splitlines()
Unique = Callable[[str], str]


@pytest.fixture
def stage(cli: Docker, cli_base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, cli, unique("b")) as stage:
        yield stage


@pytest.fixture
def folder(stage: Stage) -> str:
    path = os.path.join(stage.folder, "on-the-host")
    os.mkdir(path)
    return path


def container(stage: Stage, folder: str | None = None, name: str = "one") -> str:
    """One like the document's: with the host's folder, or with a /test of its own."""
    bound = {"volume": f"{folder}:/test"} if folder else {}
    recipe.start(stage, None, name=stage.name(name), **bound)
    if not folder:
        stage.client.container.exec(stage.name(name), "mkdir", "/test")
    return stage.name(name)


def type_it(stage: Stage, name: str, text: str = recipe.TEXT) -> None:
    with shell(stage, "", name) as inside:
        inside.cd(None, "test/")
        vi = inside.vi(None, recipe.FILE)
        vi.write(text)
        vi.save()


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique, tmp_path: Path) -> None:
    result = recipe.run(client=cli, prefix=unique("b"), output=tmp_path)
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    assert (tmp_path / "volume-example" / "volume.txt").read_text() == f"{recipe.EDITED}\n"
    steps = [step for step in result.steps if step.document]
    assert [step.document for step in steps] == DOCUMENT
    _, session, cd, vi, listed, read = steps
    assert session.argv[-2:] == (f"{session.argv[-2]}", "/bin/sh")
    assert {"--interactive", "--tty"} <= set(session.argv)
    assert (cd.argv, vi.argv) == (("cd", "test/"), ("vi", "volume.txt"))
    assert vi.stdout.splitlines()[0] == recipe.TEXT
    assert "volume.txt [Modified]" in vi.stdout
    assert (listed.stdout, read.stdout) == ("volume.txt\n", f"{recipe.TEXT}\n")
    assert all(step.returncode == 0 for step in result.steps)


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("bind_mount_shell", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["title"], told["section"], told["ok"]) == (
        "docker volume 생성 및 조회",
        "2-1",
        True,
    )
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_the_script_does_the_same(
    docker: Docker, base: str, environment: dict[str, str], unique: Unique, tmp_path: Path
) -> None:
    made = program("bind_mount_shell", "--script", "--prefix", unique("b"), env=environment)
    assert made.returncode == 0, made.stderr
    path = tmp_path / "script.sh"
    path.write_text(made.stdout, encoding="utf-8")
    done = subprocess.run(
        ["/bin/sh", str(path)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert f"volume.txt\n{recipe.TEXT}\n" in done.stdout
    assert done.stdout.endswith(f"{recipe.EDITED}\n")


def test_a_dry_run_starts_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("bind_mount_shell", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    lines = played.stdout.replace("/no/", "").splitlines()
    entered = lines.index("docker container exec --interactive --tty volume-example /bin/sh")
    assert lines[entered + 1 : entered + 3] == ["cd test/", "vi volume.txt"]


def test_names_of_strangers_are_left_alone(docker: Docker, base: str, unique: Unique) -> None:
    docker.container.create(base, "true", name="volume-example")
    try:
        before = docker.raw("container", "inspect", "volume-example").stdout
        with pytest.raises(Refused, match="volume-example"):
            recipe.run(client=docker)
        assert recipe.run(client=docker, prefix=unique("b")).ok
        assert docker.raw("container", "inspect", "volume-example").stdout == before
    finally:
        docker.container.rm("volume-example")


def test_a_folder_of_that_name_is_left_alone(docker: Docker, base: str, tmp_path: Path) -> None:
    (tmp_path / "volume-example").mkdir()
    with pytest.raises(Refused, match="is there already"):
        recipe.run(client=docker, output=tmp_path)
    assert os.listdir(tmp_path / "volume-example") == []


def test_on_another_machine_nothing_is_claimed(
    docker: Docker, base: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "same_machine", lambda stage: False)
    result = recipe.run(client=docker, prefix=unique("b"))
    assert result.ok
    assert set(verdicts(result).values()) == {None}


# --- the shell


def test_a_folder_that_is_not_there_is_an_error(stage: Stage) -> None:
    name = container(stage)
    with pytest.raises(CallError, match="can't cd"), shell(stage, "", name) as inside:
        inside.cd(None, "nowhere/")


def test_an_image_without_vi_is_an_error(stage: Stage) -> None:
    name = container(stage)
    with shell(stage, "", name) as inside:
        inside.line("alias vi=nothing-of-this-name")
        with pytest.raises(CallError, match="has no vi"):
            inside.vi(None, "file")


# --- the negative controls


def test_a_volume_is_no_folder_of_the_host(stage: Stage, folder: str) -> None:
    volume = stage.client.volume.create(stage.name("v"))
    recipe.start(stage, None, name=stage.name("one"), volume=f"{volume}:/test")
    recipe._claim_mounted(stage, stage.name("one"), folder)
    assert claimed(stage, "folder-mounted") is False
    recipe._claim_no_volume(stage, stage.name("one"))
    assert claimed(stage, "no-volume") is False


def test_another_folder_is_not_the_folder(stage: Stage, folder: str) -> None:
    name = container(stage, stage.folder)
    recipe._claim_mounted(stage, name, folder)
    assert claimed(stage, "folder-mounted") is False


def test_nothing_mounted_is_no_bind_mount(stage: Stage) -> None:
    recipe._claim_no_volume(stage, container(stage))
    assert claimed(stage, "no-volume") is False


def test_what_was_not_saved_is_not_there(stage: Stage, folder: str) -> None:
    name = container(stage, folder)
    with shell(stage, "", name) as inside:
        inside.vi(None, recipe.INSIDE).quit()
    recipe._claim_typed(stage, name)
    assert claimed(stage, "typed-in-vi") is False


def test_another_text_is_not_the_text(stage: Stage, folder: str) -> None:
    name = container(stage, folder)
    type_it(stage, name, "Hello ?")
    recipe._claim_typed(stage, name)
    assert claimed(stage, "typed-in-vi") is False
    recipe._claim_host_reads(stage, folder)
    assert claimed(stage, "host-reads") is False


def test_what_stays_in_the_container_the_host_does_not_read(stage: Stage, folder: str) -> None:
    name = container(stage)
    type_it(stage, name)
    recipe._claim_typed(stage, name)
    assert claimed(stage, "typed-in-vi") is True
    recipe._claim_host_reads(stage, folder)
    assert claimed(stage, "host-reads") is False


def test_a_copy_does_not_see_the_host_s_edit(stage: Stage, folder: str) -> None:
    name = container(stage)
    type_it(stage, name)
    recipe.edit(stage, folder)
    recipe._claim_container_reads(stage, name)
    assert claimed(stage, "container-reads") is False


def test_what_was_in_the_container_only_is_gone_with_it(stage: Stage, folder: str) -> None:
    name = container(stage)
    type_it(stage, name, recipe.EDITED)
    stage.client.container.rm(name, force=True)
    recipe._claim_outlives(stage, name, folder)
    assert claimed(stage, "outlives-container") is False


def test_a_container_that_is_still_there_shows_nothing(stage: Stage, folder: str) -> None:
    name = container(stage, folder)
    type_it(stage, name, recipe.EDITED)
    recipe._claim_outlives(stage, name, folder)
    assert claimed(stage, "outlives-container") is False
