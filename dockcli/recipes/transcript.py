"""Keeps what a recipe ran and claimed: each docker process and each program of this machine becomes
a `Step`, shown as it happens."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli.completed import Completed
from dockcli.errors import CallError
from dockcli.recipes.rehearsal import NUMBER
from dockcli.recipes.result import Claim, Step
from dockcli.runner import Job, Runner, find_program
from dockcli.spool import room_in

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.terminal import Terminal

T = TypeVar("T")

_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


class Transcript:
    """A runner in front of another one, that writes down what passes."""

    def __init__(self, runner: Runner, show: Callable[[Step], None], *, rehearsing: bool) -> None:
        self.steps: list[Step] = []
        self.claims: list[Claim] = []
        self._runner = runner
        self._show = show
        self._rehearsing = rehearsing
        self._document: str | None = None
        self._talks = 0  # terminals that are open
        self._first_talk = 0  # the step of the first of them

    def run(self, job: Job) -> Completed:
        """A `Runner`'s method: run *job* by the runner behind, and keep it."""
        completed = self._runner.run(job)
        self._keep(completed.masked(job.secrets.values()), made=_made(job, completed))
        return completed

    def beside(self, runner: Runner, env: Mapping[str, str]) -> Runner:
        """Another *runner* whose steps go into this transcript; *env* is what it adds."""
        return _Beside(self._keep, runner, env)

    def step(self, document: str, call: Call[T]) -> T:
        """Run *call*, which does what the document's line *document* does."""
        self._document = document
        try:
            return call.run()
        finally:
            self._document = None

    @contextmanager
    def terminal(self, document: str, call: Call[Any], *, rows: int) -> Iterator[Terminal | None]:
        """Talk to *call* on a terminal, which is one step; in a rehearsal there is None.

        What is `typed` meanwhile comes after it. All of it is shown once no terminal is open.
        """
        talk = None if self._rehearsing else call.terminal(rows=rows)
        place = len(self.steps)
        if not self._talks:
            self._first_talk = place
        self._talks += 1
        self.steps.append(Step(call.argv, None, "", "", None, document, script=()))
        try:
            with talk or nullcontext():
                yield talk
        finally:
            if talk is not None:
                done = talk.completed().replace(stdout=talk.screen.encode())
                self.steps[place] = self._step(done, document, script=())
            self._talks -= 1
            for step in self.steps[self._first_talk :] if not self._talks else ():
                if step.content is None:
                    self._show(step)

    def typed(
        self,
        document: str | None,
        line: str,
        shown: str,
        seconds: float,
        *,
        script: tuple[str, ...],
        keys: tuple[str, ...] = (),
    ) -> None:
        """Keep a *line* that was typed into a shell on a terminal, and what it has *shown*."""
        done = Completed(tuple(line.split()), 0, shown.encode(), b"", seconds)
        self.steps.append(self._step(done, document, script=script, keys=keys))

    def host(self, document: str | None, *words: str) -> str:
        """Run a program of this machine, such as the document's ``cat``; what it prints.

        Raises CallError when it fails.
        """
        begun = time.monotonic()
        code, stdout, stderr = (0, NUMBER, b"") if self._rehearsing else _run(*words)
        completed = Completed(words, code, stdout, stderr, time.monotonic() - begun)
        self._document = document
        self._keep(completed)
        if code != 0:
            raise CallError(completed)
        return completed.text

    def claim(self, id: str, text: str, *, says: str, holds: bool | None, evidence: str) -> None:
        """Put down a statement, and whether it was seen to hold."""
        if self._rehearsing:
            holds, evidence = None, "nothing was run"
        self.claims.append(Claim(id, text, says, holds, evidence))

    def file(self, path: str, content: str) -> None:
        """Write a file of this machine; no command, but ``--script`` must do it too.

        Raises NoRoom.
        """
        if not self._rehearsing:
            with room_in(os.path.dirname(path)), open(path, "w", encoding="utf-8") as file:
                file.write(content)
        self.steps.append(Step(("write", path), 0, "", "", 0.0, content=content))

    def _keep(self, completed: Completed, made: str = "") -> None:
        step = self._step(completed, self._document, made=made)
        self._document = None  # a second process of the same call is no line of the document
        self.steps.append(step)
        if not self._talks:
            self._show(step)

    def _step(self, completed: Completed, document: str | None, **more: Any) -> Step:
        done = not self._rehearsing
        return Step(
            argv=completed.argv,
            returncode=completed.returncode if done else None,
            stdout=completed.stdout.decode("utf-8", "replace") if done else "",
            stderr=completed.stderr.decode("utf-8", "replace") if done else "",
            seconds=round(completed.seconds, 3) if done else None,
            document=document,
            **more,
        )


class _Beside:
    """Another runner of the same transcript: the environment that it adds is part of its steps."""

    def __init__(
        self, keep: Callable[[Completed], None], runner: Runner, env: Mapping[str, str]
    ) -> None:
        self._keep, self._runner = keep, runner
        self._words = ("env", *(f"{name}={value}" for name, value in env.items())) if env else ()

    def run(self, job: Job) -> Completed:
        completed = self._runner.run(job)
        shown = completed.masked(job.secrets.values())
        self._keep(shown.replace(argv=(*self._words, *shown.argv)))
        return completed


def _made(job: Job, completed: Completed) -> str:
    """The id of what a docker command has made: from the file it wrote, or from its answer."""
    files = [word.partition("=")[2] for word in job.words if word.startswith("--iidfile=")]
    if files and completed.returncode == 0:
        with suppress(OSError), open(files[0], encoding="ascii") as file:
            return file.read().strip()
    said = completed.text.strip()
    makes = set(job.argv) & {"create", "run", "commit", "import", "inspect"}  # where it tells an id
    return said if makes and _ID.fullmatch(said) else ""


def _run(name: str, *words: str) -> tuple[int, bytes, bytes]:
    from plumbum import local

    program = local[find_program(name, os.environ.get("PATH"))]
    process: Any = program[words].popen(stdin=subprocess.DEVNULL)
    stdout, stderr = process.communicate()
    return process.returncode, stdout, stderr
