"""What both builders have in common: how a step is named, and what is told of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockcli.models.progress import Progress

_NUMBER = re.compile(r"\[ *(?:(\S.*?) +)?(\d{1,9})/(\d{1,9})")
_LONGEST = 500  # characters of a step's number; the pattern is slow on long ones


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a build: a line of a Dockerfile, or what BuildKit does besides."""

    id: str = ""
    command: str = ""
    step: int | None = None
    steps: int | None = None
    stage: str = ""

    @classmethod
    def named(cls, id: str, name: str) -> Step:
        """From BuildKit's name: ``[two 2/5] RUN make``, ``[internal] load build context``."""
        number, _, command = name.partition("] ")
        match = _NUMBER.fullmatch(number) if len(number) < _LONGEST else None
        if match is None:
            return cls(id, name)
        stage, step, steps = match.groups()
        return cls(id, command, int(step), int(steps), stage or "")

    def tell(
        self,
        status: str = "",
        raw: str | Mapping[str, Any] = "",
        *,
        current: int | None = None,
        total: int | None = None,
        approximate: bool = False,
        done: bool = False,
        text: str = "",
        part: str = "",
        cached: bool = False,
        error: str = "",
        image: str = "",
    ) -> Progress:
        """What there is to tell of it."""
        return Progress(
            "build",
            self.id,
            status,
            current,
            total,
            approximate=approximate,
            done=done,
            text=text,
            part=part,
            step=self.step,
            steps=self.steps,
            stage=self.stage,
            command=self.command,
            cached=cached,
            error=error,
            image=image,
            raw=raw,
        )
