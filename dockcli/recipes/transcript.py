"""Keeps what a recipe ran and claimed: each docker process and each program of this machine becomes
a `Step`, shown as it happens."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli.completed import Completed
from dockcli.recipes.rehearsal import NUMBER
from dockcli.recipes.result import Claim, Step
from dockcli.runner import Job, Runner, find_program

if TYPE_CHECKING:
    from dockcli.call import Call

T = TypeVar("T")


class Transcript:
    """A runner in front of another one, that writes down what passes."""

    def __init__(self, runner: Runner, show: Callable[[Step], None], *, rehearsing: bool) -> None:
        self.steps: list[Step] = []
        self.claims: list[Claim] = []
        self._runner = runner
        self._show = show
        self._rehearsing = rehearsing
        self._document: str | None = None

    def run(self, job: Job) -> Completed:
        """A `Runner`'s method: run *job* by the runner behind, and keep it."""
        completed = self._runner.run(job)
        self._keep(completed.masked(job.secrets.values()))
        return completed

    def step(self, document: str, call: Call[T]) -> T:
        """Run *call*, which does what the document's line *document* does."""
        self._document = document
        try:
            return call.run()
        finally:
            self._document = None

    def host(self, document: str | None, *words: str) -> str:
        """Run a program of this machine, such as the document's ``cat``; what it prints."""
        begun = time.monotonic()
        code, stdout, stderr = (0, NUMBER, b"") if self._rehearsing else _run(*words)
        self._document = document
        self._keep(Completed(words, code, stdout, stderr, time.monotonic() - begun))
        return stdout.decode("utf-8", "surrogateescape")

    def claim(self, id: str, text: str, *, says: str, holds: bool | None, evidence: str) -> None:
        """Put down a statement, and whether it was seen to hold."""
        if self._rehearsing:
            holds, evidence = None, "nothing was run"
        self.claims.append(Claim(id, text, says, holds, evidence))

    def _keep(self, completed: Completed) -> None:
        done = not self._rehearsing
        step = Step(
            argv=completed.argv,
            returncode=completed.returncode if done else None,
            stdout=completed.stdout.decode("utf-8", "replace") if done else "",
            stderr=completed.stderr.decode("utf-8", "replace") if done else "",
            seconds=round(completed.seconds, 3) if done else None,
            document=self._document,
        )
        self._document = None  # a second process of the same call is no line of the document
        self.steps.append(step)
        self._show(step)


def _run(name: str, *words: str) -> tuple[int, bytes, bytes]:
    from plumbum import local

    program = local[find_program(name, os.environ.get("PATH"))]
    process: Any = program[words].popen(stdin=subprocess.DEVNULL)
    stdout, stderr = process.communicate()
    return process.returncode, stdout, stderr
