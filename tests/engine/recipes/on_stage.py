"""What the tests of recipes share: one claim at a time, programs, and an engine that tells less."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from dockcli import Docker
from dockcli.completed import Completed
from dockcli.recipes.result import Claim, Result
from dockcli.recipes.stage import Recipe, Stage, Wishes
from dockcli.runner import Job, Runner

BY_DOCKER = "by what docker reports alone"


def stage_for(recipe: Recipe[Any], client: Docker, prefix: str) -> Stage:
    """A stage for the claims of *recipe*, under names of the test's own."""
    return Stage(recipe, client, Wishes(prefix=prefix))


def claimed(stage: Stage, id: str) -> bool | None:
    """Whether the claim that was put down last holds."""
    last = stage.transcript.claims[-1]
    assert last.id == id
    assert last.evidence
    return last.holds


def by_id(result: Result) -> dict[str, Claim]:
    return {claim.id: claim for claim in result.claims}


def verdicts(result: Result) -> dict[str, bool | None]:
    return {claim.id: claim.holds for claim in result.claims}


def program(name: str, *options: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``python -m dockcli.recipes.NAME`` as a user would."""
    return subprocess.run(
        [sys.executable, "-m", f"dockcli.recipes.{name}", *options],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Telling:
    """A runner whose containers are told of otherwise: *change* alters what each inspect says."""

    def __init__(self, runner: Runner, change: Callable[[dict[str, Any]], None]) -> None:
        self._runner, self._change = runner, change

    def run(self, job: Job) -> Completed:
        done = self._runner.run(job)
        if job.argv[1:3] != ("container", "inspect") or done.returncode != 0:
            return done
        told = done.json()
        for one in told:
            self._change(one)
        stdout = json.dumps(told).encode()
        return Completed(done.argv, done.returncode, stdout, done.stderr, done.seconds)


def telling(client: Docker, change: Callable[[dict[str, Any]], None]) -> Docker:
    """*client*, on an engine that tells of its containers otherwise."""
    return client.but(runner=Telling(client.runner, change))


def without_layers(one: dict[str, Any]) -> None:
    """As an engine does whose image store has no directories to tell of."""
    one.pop("GraphDriver", None)


def without_sizes(one: dict[str, Any]) -> None:
    """As an engine does that cannot tell."""
    one.update(SizeRw=-1, SizeRootFs=-1)


def on_vfs(one: dict[str, Any]) -> None:
    """As an engine does that copies the whole image for each container."""
    one["GraphDriver"] = {"Name": "vfs", "Data": None}
