"""The document's first example on a real engine: what it proves, prints, leaves and refuses."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.recipes import isolation
from dockcli.recipes.result import Result

# The document's command lines of 1-3 and 1-4, as they stand there, without its prompt.
DOCUMENT = """
docker image build -t random .
docker images
docker container run --name random1 ff82c78e1bd8
docker container run --name random2 ff82c78e1bd8
docker container cp random1:/home/number.txt number1.txt
docker container cp random2:/home/number.txt number2.txt
cat number1.txt
cat number2.txt
""".strip().splitlines()

# What each of them comes to: the words that its argv begins with, behind the docker.
CAT = ("cat",)
COMMANDS = [
    ("image", "build"),
    ("image", "ls"),
    ("container", "run"),
    ("container", "run"),
    ("container", "cp"),
    ("container", "cp"),
    CAT,
    CAT,
]
CLAIMS = ["equal-at-first", "own-file-system", "own-number", "others-unchanged", "image-unchanged"]
ALL_TRUE = dict.fromkeys(CLAIMS, True)
ALPINE = "alpine:3.20"


def of_the_document(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [step for step in steps if step["document"] is not None]


def begins(line: list[str], words: tuple[str, ...]) -> bool:
    return tuple(line[: len(words)]) == words


def shape(value: object) -> object:
    """What a JSON value is made of: the keys of objects, the types of the rest, lists by one."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value)


def verdicts(result: Result) -> dict[str, bool | None]:
    return {claim.id: claim.holds for claim in result.claims}


# --- what it proves, on every CLI


def test_the_function_proves_every_claim(cli: Docker, cli_base: str, tmp_path: Path) -> None:
    result = isolation.run(client=cli, output=tmp_path)
    assert result.ok
    assert verdicts(result) == ALL_TRUE
    files = [tmp_path / "number1.txt", tmp_path / "number2.txt"]
    assert list(result.numbers) == [int(file.read_text()) for file in files]
    assert all(0 <= number < 32768 for number in result.numbers if number is not None)
    assert result.containers == ("random1", "random2")
    assert result.engine.base_image.origin in ("local", "pulled", "stand-in")


def test_the_program_proves_every_claim(
    cli: Docker,
    cli_base: str,
    options: list[str],
    cli_environment: dict[str, str],
    play: Any,
    clean: Callable[..., str],
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    prefix = unique("n")
    played = play(
        *options, "--json", "--keep", "--prefix", prefix, "--output", str(tmp_path),
        env=cli_environment,
    )  # fmt: skip
    try:
        assert played.code == 0
        assert played.json["ok"] is True
        assert played.claims == ALL_TRUE
        assert played.seconds < 30
        numbers = [(tmp_path / name).read_text() for name in ("number1.txt", "number2.txt")]
        # The proof has since changed the first one's number, and only that.
        for name, expected in (("random1", "changed\n"), ("random2", numbers[1])):
            cli.container.cp(f"{prefix}-{name}:/home/number.txt", str(tmp_path / "now"))
            assert (tmp_path / "now").read_text() == expected
    finally:
        clean(*options, env=cli_environment)
    steps = of_the_document(played.json["steps"])
    assert [step["document"] for step in steps] == DOCUMENT
    for step, words in zip(steps, COMMANDS, strict=True):
        assert tuple(step["argv"][words != CAT :][: len(words)]) == words
        assert step["returncode"] == 0
    assert [step["stdout"] for step in steps[-2:]] == numbers


@pytest.mark.skipif(not os.path.exists("/usr/bin/docker"), reason="no second docker CLI")
def test_buildkit_is_as_good(
    docker: Docker, base: str, play: Any, environment: dict[str, str]
) -> None:
    env = {**environment, "DOCKER_BUILDKIT": "1"}
    played = play("--json", "--docker", "/usr/bin/docker", env=env)
    if "buildx component is missing" in played.stderr:
        pytest.skip("this docker CLI has no BuildKit")
    assert played.code == 0
    assert played.claims == ALL_TRUE
    assert "#1 [internal]" in of_the_document(played.json["steps"])[0]["stderr"]


# --- what it prints


@dataclass(frozen=True)
class Somewhere:
    """A run from another folder, in which lie files that must not be mistaken for its own."""

    played: Any
    folder: Path
    before: dict[Path, bytes]


@pytest.fixture(scope="module")
def somewhere(
    docker: Docker, base: str, environment: dict[str, str], tmp_path_factory: Any
) -> Somewhere:
    folder = tmp_path_factory.mktemp("somewhere")
    (folder / "random.sh").write_text("exit 1")
    (folder / "Dockerfile.random").write_text("FROM nothing")
    (folder / "docker").write_text("#!/bin/sh\nexit 1")
    (folder / "docker").chmod(0o755)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    env = {**environment, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "dockcli.recipes.isolation", "--json", "--output", "out/new"],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Somewhere(done, folder, before)


def test_stdout_is_one_json_object_of_the_promised_shape(
    docker: Docker, somewhere: Somewhere
) -> None:
    printed = json.loads(somewhere.played.stdout)
    step = {
        "argv": [str],
        "returncode": int,
        "stdout": str,
        "stderr": str,
        "seconds": float,
        "document": str,
    }
    claim = {"id": str, "text": str, "document_says": str, "holds": bool, "evidence": str}
    assert shape({**printed, "steps": of_the_document(printed["steps"])}) == {
        "schema": int,
        "recipe": str,
        "title": str,
        "section": str,
        "ok": bool,
        "engine": {"client": str, "server": str, "base_image": {"reference": str, "origin": str}},
        "steps": [step],
        "claims": [claim],
    }
    assert (printed["schema"], printed["recipe"], printed["ok"]) == (1, "isolation", True)
    assert [one["id"] for one in printed["claims"]] == CLAIMS
    for one in printed["steps"]:
        assert one.keys() == step.keys()
        assert all(isinstance(word, str) for word in one["argv"])
        assert one["document"] is None or one["document"] in DOCUMENT
        assert isinstance(one["seconds"], float)


def test_the_versions_are_both_sides_own(docker: Docker, somewhere: Somewhere) -> None:
    engine = json.loads(somewhere.played.stdout)["engine"]
    version = docker.version()
    assert (engine["client"], engine["server"]) == (version.client, version.server)


def test_what_ran_for_alpine_is_said(docker: Docker, somewhere: Somewhere) -> None:
    image = json.loads(somewhere.played.stdout)["engine"]["base_image"]
    expected = {ALPINE: {"local", "pulled"}, "dockcli-stand-in:busybox": {"stand-in"}}
    assert image["origin"] in expected[image["reference"]]
    notes = somewhere.played.stderr.decode().splitlines()
    assert f"base image: {image['reference']} ({image['origin']})" in notes


def test_any_locale_will_do(docker: Docker, somewhere: Somewhere) -> None:
    assert json.loads(somewhere.played.stdout)["title"] == "컨테이너 속 데이터가 사라지는 이유"


def test_the_working_folder_stays_as_it_is(docker: Docker, somewhere: Somewhere) -> None:
    files = {path: path.read_bytes() for path in somewhere.folder.iterdir() if path.is_file()}
    assert files == somewhere.before


def test_files_go_into_the_user_s_folder_which_is_made(
    docker: Docker, somewhere: Somewhere
) -> None:
    files = sorted((somewhere.folder / "out" / "new").iterdir())
    assert [path.name for path in files] == ["number1.txt", "number2.txt"]
    assert all(0 <= int(path.read_text()) < 32768 for path in files)


def test_text_in_a_pipe_is_plain_and_names_each_claim(docker: Docker, base: str, play: Any) -> None:
    played = play(env=None)
    assert played.code == 0
    assert "\x1b" not in played.stdout
    assert not re.search("[─━│┃┏╭]", played.stdout)
    for claim in CLAIMS:
        assert f"({claim})" in played.stdout
    shown = [line for line in played.stdout.splitlines() if line.startswith("$ ")]
    assert [line for line in shown if "image build" in line]
    assert shown.index(next(line for line in shown if "container run" in line)) > 0
    assert played.stdout.splitlines()[-1].startswith("5 of 5 claims hold, on engine ")


def test_a_terminal_shows_a_table(
    docker: Docker, base: str, on_a_terminal: Callable[..., tuple[int, str]]
) -> None:
    code, seen = on_a_terminal()
    assert code == 0
    assert "\x1b[" in seen
    assert re.search("[┏╭].*[┓╮]", seen)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen)
    assert "claim" in plain
    assert "evidence" in plain
    assert plain.count("holds") >= len(CLAIMS)


# --- a dry run


def no_docker_may_run(front: Any) -> Any:
    return front("echo 'a dry run ran me' >&2; exit 1")


def test_a_dry_run_prints_the_commands_and_runs_none(docker: Docker, front: Any, play: Any) -> None:
    fake = no_docker_may_run(front)
    played = play("--dry-run", env={**fake.environment, "DOCKER_HOST": "unix:///nowhere.sock"})
    assert played.code == 0
    assert played.stderr == ""
    assert fake.calls == []
    lines = [shlex.split(line, comments=True) for line in played.stdout.splitlines()]
    commands = [line[line[0] == "docker" :] for line in lines if line]
    at = -1
    for words in COMMANDS:  # in this order; the proof's own commands are between them
        at = next(
            n for n, line in enumerate(commands) if n > at and tuple(line[: len(words)]) == words
        )
    assert f"--build-arg=BASE={ALPINE}" in commands[0]


def test_a_dry_run_needs_no_docker_at_all(docker: Docker, play: Any, environment: Any) -> None:
    played = play("--dry-run", env={**environment, "PATH": "/nonexistent"})
    assert played.code == 0
    assert "docker container run" in played.stdout


def test_a_dry_run_as_json_claims_nothing(docker: Docker, front: Any, play: Any) -> None:
    fake = no_docker_may_run(front)
    played = play("--dry-run", "--json", env=fake.environment)
    assert played.code == 0
    assert fake.calls == []
    assert set(played.claims.values()) == {None}
    assert [step["document"] for step in of_the_document(played.json["steps"])] == DOCUMENT
    assert {step["returncode"] for step in played.json["steps"]} == {None}


def test_a_dry_run_makes_no_folder(docker: Docker, play: Any, tmp_path: Path) -> None:
    assert play("--dry-run", "--output", str(tmp_path / "new")).code == 0
    assert list(tmp_path.iterdir()) == []


# --- names, folders, base images


def test_kept_objects_make_room_for_the_next_run_and_clean_removes_them(
    docker: Docker,
    base: str,
    play: Any,
    clean: Callable[..., str],
    unique: Callable[[str], str],
) -> None:
    prefix = unique("p")
    assert play("--keep").code == 0
    assert play("--keep", "--prefix", prefix).code == 0
    names = ["random1", "random2", f"{prefix}-random1", f"{prefix}-random2"]
    kept = docker.container.inspect(*names)
    assert {one.labels["dockcli.keep"] for one in kept} == {"true"}
    assert docker.image.inspect("random").labels["dockcli.recipe"] == "isolation"
    played = play("--json")
    assert played.code == 0
    assert played.claims == ALL_TRUE
    assert len(docker.container.inspect(*names[2:])) == 2  # nothing is in their way
    assert docker.image.inspect(f"{prefix}-random").tags == (f"{prefix}-random:latest",)
    assert f"container {names[3]}" in clean()  # and nothing_is_left sees that it is true


def test_a_prefix_goes_in_front_of_every_name(
    docker: Docker, base: str, play: Any, unique: Callable[[str], str]
) -> None:
    prefix = unique("x")
    played = play("--json", "--prefix", prefix)
    assert played.code == 0
    words = [word for step in of_the_document(played.json["steps"]) for word in step["argv"]]
    assert f"--tag={prefix}-random" in words
    assert f"--name={prefix}-random1" in words
    assert f"{prefix}-random2:/home/number.txt" in words
    assert [step["document"] for step in of_the_document(played.json["steps"])] == DOCUMENT


def test_another_base_image_is_used(
    docker: Docker, base: str, play: Any, unique: Callable[[str], str]
) -> None:
    name = unique("base")
    docker.image.tag(base, name)
    try:
        played = play("--json", "--base", name)
        assert played.code == 0
        assert played.json["engine"]["base_image"]["reference"] == name
        assert played.claims == ALL_TRUE
        assert docker.image.inspect(name).tags  # it is the user's, and stays
    finally:
        docker.image.rm(name)
