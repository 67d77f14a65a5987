"""The document's 2-2 with both shells open, and its claims where they must come out false."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.recipes import volumes_from as recipe
from dockcli.recipes.bind_mount_shell import start
from dockcli.recipes.room import Refused
from dockcli.recipes.shell import shell
from dockcli.recipes.stage import Stage
from tests.engine.recipes.on_stage import claimed, program, stage_for, verdicts

CLAIMS = [
    "same-mounts",
    "read-in-other",
    "writers-overwrite",
    "read-only",
    "outlives-first",
    "state-kept",
]
ALL_TRUE = dict.fromkeys(CLAIMS, True)

# The document's command lines of 2-2, as they stand there, and the line that says what to type.
DOCUMENT = """
docker run -itd -v /Users/kdg/volume-example:/test --name volume-example alpine
docker run -itd --volumes-from volume-example --name volume-example-2 alpine
docker exec -it volume-example /bin/sh
docker exec -it volume-example-2 /bin/sh
# 5. volume-example 컨테이너에서 test/volume.txt 파일 생성 후 Hello Docker123 ? 문자열 기입 후 저장
vi test/volume.txt
""".strip().splitlines()
Unique = Callable[[str], str]


@pytest.fixture
def stage(cli: Docker, cli_base: str, unique: Unique) -> Iterator[Stage]:
    with stage_for(recipe.RECIPE, cli, unique("f")) as stage:
        yield stage


@pytest.fixture
def pair(stage: Stage) -> tuple[str, str]:
    """Two containers, each with a /test of its own that has the document's file."""
    return alone(stage, "one"), alone(stage, "two")


def alone(stage: Stage, name: str) -> str:
    start(stage, None, name=stage.name(name))
    stage.client.container.exec(
        stage.name(name), "/bin/sh", "-c", f"mkdir /test; echo '{recipe.TEXT}' >{recipe.FILE}"
    )
    return stage.name(name)


def sharing(stage: Stage, name: str, with_it: str) -> tuple[str, str]:
    """A container that has a folder of the host's, with the document's file, and one with both."""
    folder = os.path.join(stage.folder, "shared")
    os.mkdir(folder)
    Path(folder, "volume.txt").write_text(f"{recipe.TEXT}\n", encoding="utf-8")
    start(stage, None, volume=f"{folder}:/test", name=stage.name(name))
    start(stage, None, volumes_from=stage.name(name), name=stage.name(with_it))
    return stage.name(name), stage.name(with_it)


def test_every_claim_is_proven(cli: Docker, cli_base: str, unique: Unique, tmp_path: Path) -> None:
    result = recipe.run(client=cli, prefix=unique("f"), output=tmp_path)
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    kept = (tmp_path / "volume-example" / "volume.txt").read_text().splitlines()
    assert kept == [recipe.TEXT, "from the second", "later"]
    steps = [step for step in result.steps if step.document]
    assert [step.document for step in steps] == DOCUMENT
    assert steps[-1].stdout.splitlines()[0] == recipe.TEXT
    assert all(step.returncode == 0 for step in result.steps)


def test_the_program_prints_it(docker: Docker, base: str, environment: dict[str, str]) -> None:
    played = program("volumes_from", "--json", env=environment)
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["title"], told["section"], told["ok"]) == ("docker volume shared", "2-2", True)
    assert {claim["id"]: claim["holds"] for claim in told["claims"]} == ALL_TRUE


def test_the_script_does_the_same(
    docker: Docker, base: str, environment: dict[str, str], unique: Unique, tmp_path: Path
) -> None:
    made = program("volumes_from", "--script", "--prefix", unique("f"), env=environment)
    assert made.returncode == 0, made.stderr
    path = tmp_path / "script.sh"
    path.write_text(made.stdout, encoding="utf-8")
    done = subprocess.run(
        ["/bin/sh", str(path)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"{recipe.TEXT}\nfrom the second\nlater\n")


def test_a_dry_run_starts_nothing(docker: Docker, environment: dict[str, str]) -> None:
    played = program("volumes_from", "--dry-run", "--docker", "/no/docker", env=environment)
    assert played.returncode == 0, played.stderr
    assert played.stdout.splitlines().count("vi test/volume.txt") == 2


def test_names_of_strangers_are_left_alone(docker: Docker, base: str, unique: Unique) -> None:
    names = recipe.RECIPE.containers
    for name in names:
        docker.container.create(base, "true", name=name)
    try:
        before = docker.raw("container", "inspect", *names).stdout
        with pytest.raises(Refused, match="volume-example"):
            recipe.run(client=docker)
        assert recipe.run(client=docker, prefix=unique("f")).ok
        assert docker.raw("container", "inspect", *names).stdout == before
    finally:
        docker.container.rm(*names)


def test_on_another_machine_nothing_is_claimed(
    docker: Docker, base: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "same_machine", lambda stage: False)
    result = recipe.run(client=docker, prefix=unique("f"))
    assert result.ok
    assert set(verdicts(result).values()) == {None}


# --- the negative controls


def test_two_of_their_own_do_not_have_the_same_mounts(stage: Stage, pair: tuple[str, str]) -> None:
    recipe._claim_same_mounts(stage, pair)
    assert claimed(stage, "same-mounts") is False


def test_what_one_saves_another_of_its_own_does_not_read(
    stage: Stage, pair: tuple[str, str]
) -> None:
    one, two = pair
    stage.client.container.exec(two, "rm", recipe.FILE)
    with shell(stage, "", two) as inside:
        recipe._claim_read_in_other(stage, inside, (one, two))
    assert claimed(stage, "read-in-other") is False


def test_who_writes_to_a_file_of_his_own_overwrites_nothing(
    stage: Stage, pair: tuple[str, str]
) -> None:
    one, two = pair
    stage.client.container.exec(two, "/bin/sh", "-c", f"echo 'from the first' >>{recipe.FILE}")
    recipe._claim_overwritten(stage, (one, two))
    assert claimed(stage, "writers-overwrite") is False


def test_one_writer_alone_overwrites_nobody(stage: Stage) -> None:
    _, second = sharing(stage, "one", "two")
    recipe._claim_overwritten(stage, (second, second))
    assert claimed(stage, "writers-overwrite") is False


def test_without_ro_it_can_write(stage: Stage) -> None:
    _, second = sharing(stage, "one", "two")
    recipe._claim_read_only(stage, second)
    assert claimed(stage, "read-only") is False


def test_who_does_not_have_the_files_does_not_read_them(stage: Stage) -> None:
    start(stage, None, name=stage.name("empty"))
    recipe._claim_read_only(stage, stage.name("empty"))
    assert claimed(stage, "read-only") is False


def test_a_first_that_is_still_there_shows_nothing(stage: Stage) -> None:
    names = sharing(stage, "one", "two")
    recipe._claim_outlives(stage, names, f"{recipe.TEXT}\n")
    assert claimed(stage, "outlives-first") is False


def test_who_reads_only_cannot_go_on(stage: Stage) -> None:
    first, _ = sharing(stage, "one", "two")
    start(stage, None, volumes_from=f"{first}:ro", name=stage.name("three"))
    stage.client.container.rm(first, force=True)
    recipe._claim_outlives(stage, (first, stage.name("three")), f"{recipe.TEXT}\n")
    assert claimed(stage, "outlives-first") is False


def test_a_new_container_of_its_own_finds_no_state(stage: Stage) -> None:
    start(stage, None, name=stage.name("anew"))
    recipe._claim_state_kept(stage, (), stage.name("anew"))
    assert claimed(stage, "state-kept") is False


def test_nothing_is_made_anew_while_the_others_are_there(stage: Stage) -> None:
    first, second = sharing(stage, "one", "two")
    stage.client.container.exec(second, "/bin/sh", "-c", f"echo later >>{recipe.FILE}")
    recipe._claim_state_kept(stage, (first,), second)
    assert claimed(stage, "state-kept") is False
