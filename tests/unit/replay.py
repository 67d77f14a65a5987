"""A docker that answers from a file of recorded answers, for the plugins that are not installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dockcli import Completed
from dockcli.runner import Job

RECORDED = Path(__file__).parent / "recorded"


def answers(group: str) -> dict[str, dict[str, str]]:
    """The recorded answers of *group*: by where they are from, then by command."""
    found: dict[str, dict[str, str]] = json.loads(
        (RECORDED / f"{group}.json").read_text(encoding="utf-8")
    )
    return found


class Replay:
    """A runner that answers each call with *stdout*; *jobs* are the calls themselves."""

    def __init__(self, stdout: str = "", stderr: str = "", code: int = 0, **by_verb: str) -> None:
        self.stdout, self.stderr, self.code, self.by_verb = stdout, stderr, code, by_verb
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Completed:
        if job.argv[-1] == "version":  # asks whether the plugin is installed
            return Completed(job.argv, 0, b"v1", b"", 0.0)
        self.jobs.append(job)
        said = next((text for word, text in self.by_verb.items() if word in job.argv), self.stdout)
        return Completed(job.argv, self.code, said.encode(), self.stderr.encode(), 0.0)

    @property
    def words(self) -> list[Any]:
        """The words behind ``docker`` of the one call that there was."""
        (job,) = self.jobs
        return list(job.words[1:])
