"""Plays a recipe as a user would, and tells what came of it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from dockcli import Docker

# What the recipe may say on stderr beside an error: which base image it was, and which engine.
NOTES = (
    "base image: ",
    "alpine:3.20 is not on this engine",
    "pulling failed (",
    "docker reaches no",
)


@dataclass(frozen=True)
class Played:
    """A run of ``python -m dockcli.recipes.isolation`` that has ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object that stdout holds, and nothing else."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found

    @property
    def claims(self) -> dict[str, bool | None]:
        return {claim["id"]: claim["holds"] for claim in self.json["claims"]}

    @property
    def complaint(self) -> str:
        """The one line on stderr that tells of an error; none of it is a traceback."""
        lines = [line for line in self.stderr.splitlines() if not line.startswith(NOTES)]
        assert len(lines) == 1, self.stderr
        assert lines[0].startswith("dockcli: ")
        return lines[0]


Play = Callable[..., Played]


@pytest.fixture
def play(environment: dict[str, str]) -> Play:
    """Run a recipe as a program, on the engine that the tests have."""

    def run(
        *options: str, env: dict[str, str] | None = None, recipe: str = "isolation", **more: Any
    ) -> Played:
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", f"dockcli.recipes.{recipe}", *options],
            env=env or environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
            **more,
        )
        return Played(
            done.returncode,
            done.stdout.decode(),
            done.stderr.decode(),
            time.monotonic() - begun,
        )

    return run


@pytest.fixture
def options(cli: Docker) -> list[str]:
    """The words that make a program use that CLI."""
    return ["--docker", cli.binary]


@pytest.fixture
def cli_environment(cli: Docker, environment: dict[str, str]) -> dict[str, str]:
    """The environment that this CLI needs."""
    return {**environment, **cli.env}


@pytest.fixture
def on_a_terminal(environment: dict[str, str]) -> Callable[..., tuple[int, str]]:
    """Run the recipe with its stdout on a terminal; its exit code, and what was to be seen."""

    def run(*options: str) -> tuple[int, str]:
        ours, its = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "dockcli.recipes.isolation", *options],
            env={**environment, "TERM": "xterm-256color", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=its,
            stderr=subprocess.DEVNULL,
        )
        os.close(its)
        seen = bytearray()
        with suppress(OSError):  # Linux says so when the last program has left the terminal
            while chunk := os.read(ours, 65536):
                seen += chunk
        os.close(ours)
        return process.wait(60), seen.decode()

    return run


@pytest.fixture
def state_of(docker: Docker) -> Callable[..., bytes]:
    """All that the engine tells of some objects, byte for byte."""
    return lambda kind, *names: docker.raw(kind, "inspect", *names).stdout


@pytest.fixture
def clean(environment: dict[str, str]) -> Callable[..., str]:
    """Run ``dockcli clean``; what it says that it removed."""

    def run(*options: str, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dockcli.cli", "clean", *options],
            env=env or environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    return run
