"""A step that fails or a claim that does not hold is exit code 1, no engine is 3, a signal is 128
and its number; each is one line on stderr."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker

# --- a step fails, or a claim does not hold: exit code 1

FAIL_SECOND_RUN = (
    'case "$*" in "container run "*--name=random2*)'
    " echo 'docker: Error response from daemon: no space left.' >&2; exit 125;; esac"
)
NO_DIFF = 'case "$*" in "container diff random2") exit 0;; esac'
OTHER_NUMBER = (
    'case "$*" in "container cp random1:"*number1.txt) for target; do :; done;'
    ' echo 99999 >"$target"; exit 0;; esac'
)


def test_a_step_that_fails_ends_the_recipe(
    docker: Docker, base: str, front: Any, play: Any
) -> None:
    played = play(env=front(FAIL_SECOND_RUN).environment)
    assert played.code == 1
    assert "no space left" in played.complaint
    assert "number1.txt" not in played.stdout


def test_the_json_of_a_step_that_failed_says_so(
    docker: Docker, base: str, front: Any, play: Any
) -> None:
    played = play("--json", env=front(FAIL_SECOND_RUN).environment)
    assert played.code == 1
    assert played.complaint
    assert played.json["ok"] is False
    failed = [step for step in played.json["steps"] if step["returncode"] == 125]
    assert [step["document"] for step in failed] == [
        "docker container run --name random2 ff82c78e1bd8"
    ]


@pytest.mark.parametrize(
    ("script", "false"),
    [
        (NO_DIFF, {"own-file-system", "own-number"}),
        (OTHER_NUMBER, {"own-file-system", "own-number"}),
    ],
    ids=["nothing written in a layer", "a number that is none"],
)
def test_a_claim_that_does_not_hold_is_exit_code_1(
    script: str, false: set[str], docker: Docker, base: str, front: Any, play: Any
) -> None:
    played = play("--json", env=front(script).environment)
    assert played.code == 1
    assert played.json["ok"] is False
    assert {claim for claim, holds in played.claims.items() if holds is False} == false


# --- no docker, no engine: exit code 3

LOST = "Cannot connect to the Docker daemon at unix:///lost.sock. Is the docker daemon running?"


@pytest.fixture
def alone(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment in which no private engine stands in for one that is not there."""
    return {**environment, "XDG_STATE_HOME": str(tmp_path / "state")}


def test_no_docker_on_path_is_exit_code_3(docker: Docker, play: Any, alone: dict[str, str]) -> None:
    played = play(env={**alone, "PATH": "/nonexistent"})
    assert played.code == 3
    assert "dockcli engine start" in played.complaint
    assert played.stdout == ""


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (["--host", "unix:///nowhere/docker.sock"], {}),
        (["--host", "tcp://127.0.0.1:9"], {}),
        (["--host", "nonsense://x"], {}),
        (["--context", "no-such-context"], {}),
        ([], {"DOCKER_HOST": "unix:///nowhere/docker.sock"}),
        ([], {"DOCKER_HOST": "tcp://127.0.0.1:9"}),
        ([], {"DOCKER_CONTEXT": "no-such-context", "DOCKER_HOST": ""}),
    ],
    ids=lambda value: "+".join([*value, *(value.values() if isinstance(value, dict) else [])]),
)
def test_an_engine_that_is_not_there_is_exit_code_3(
    options: list[str],
    variables: dict[str, str],
    docker: Docker,
    play: Any,
    docker_cli: str,
    alone: dict[str, str],
) -> None:
    played = play("--docker", docker_cli, *options, env={**alone, **variables})
    assert played.code == 3
    assert "dockcli engine start" in played.complaint
    assert played.stdout == ""


@pytest.mark.parametrize("call", [2, 15, 43])
def test_an_engine_lost_on_the_way_is_exit_code_3(
    call: int,
    docker: Docker,
    base: str,
    front: Any,
    play: Any,
    clean: Callable[..., str],
) -> None:
    dead = front(f"[ $n -ge {call} ] && {{ echo '{LOST}' >&2; exit 1; }}")
    played = play("--json", env=dead.environment)
    assert played.code == 3
    assert "Cannot connect to the Docker daemon" in played.complaint
    clean()  # what the recipe could not remove any more


# --- signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_a_signal_is_its_exit_code(
    number: signal.Signals,
    code: int,
    as_json: list[str],
    docker: Docker,
    base: str,
    front: Any,
    play: Any,
) -> None:
    ending = front(f"[ $n = 21 ] && kill -{int(number)} $PPID")
    played = play(*as_json, env=ending.environment)
    assert played.code == code
    assert "has been removed" in played.complaint


def test_ctrl_c_that_the_whole_group_gets_is_no_other(
    docker: Docker, base: str, environment: dict[str, str]
) -> None:
    """As on a terminal: docker's clients would get it too, if they were in the group."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dockcli.recipes.isolation"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    while b"image build" not in process.stdout.readline():  # which has just been done
        pass
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
