"""Reads what docker's legacy builder prints, and podman's, which prints nearly the same.

What a step's own program writes stands between the builder's lines, and may look like them: while a
container runs, only the line that ends it is the builder's.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dockcli.models.human import size
from dockcli.models.progress import Progress
from dockcli.progress.layers import layer
from dockcli.progress.steps import Step
from dockcli.progress.text import Pieces

_CONTEXT = re.compile(r"Sending build context to Docker daemon +(\S+)")
_STEP = re.compile(r"(?:Step|STEP) (\d{1,9})/(\d{1,9}) ?: ?(.*)")
_RUNNING = re.compile(r" ---> Running in ([0-9a-f]{12,64})")
_REMOVING = "Removing intermediate container "
_CACHE = re.compile(r" ?--?-> Using cache(?: [0-9a-f]{12,64})?")
_IMAGE = re.compile(r" ---> ([0-9a-f]{12,64})")
_PODMAN_IMAGE = re.compile(r"(.*)--> ([0-9a-f]{11,64})")
_BUILT = re.compile(r"(?:Successfully built )?([0-9a-f]{12,64})")
_FAILED = re.compile(r"The command '.*' returned a non-zero code: \d+")


def tells_failure(line: str) -> bool:
    """Whether *line* is how the builder says that a step's program has failed."""
    return _FAILED.fullmatch(line) is not None


class Legacy:
    """One build; give it docker's stdout, or both streams."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._step = Step()
        self._running = ""  # the container whose program writes now
        self._open = False  # the step has not ended
        self._cached = False
        self._sent: Progress | None = None  # how much of the context
        self._podman = False

    def feed(self, data: bytes) -> list[Progress]:
        """What *data* tells."""
        return self._read(self._pieces.feed(data))

    def close(self) -> list[Progress]:
        """What is left at the end."""
        return self._read(self._pieces.close())

    def _read(self, lines: list[str]) -> list[Progress]:
        return [one for line in lines for one in self._line(line)]

    def _line(self, line: str) -> list[Progress]:
        ended = self._ended_container(line)
        if ended is not None:
            return ended
        step = self._next_step(line)
        if step is not None:
            before = self._close_before(line)
            self._step, self._open, self._cached = step, True, False
            return [*before, step.tell("STARTED", line)]
        image = self._image(line)
        if image is not None:
            return image
        if self._running or (self._podman and self._open):
            return self._failed(line) or [self._step.tell(raw=line, text=line)]
        return (self._failed(line) if self._open else []) or self._aside(line)

    def _ended_container(self, line: str) -> list[Progress] | None:
        """The end of the program's output, which need not end its last line."""
        running = _RUNNING.fullmatch(line)
        if running and not self._running:
            self._running = running[1]
            return [self._step.tell("Running in", line)]
        end = f"{_REMOVING}{self._running}"
        if not self._running or not line.endswith(end):
            return None
        self._running = ""
        last = line.removesuffix(end)
        return [self._step.tell(raw=line, text=last)] if last else []

    def _next_step(self, line: str) -> Step | None:
        match = _STEP.fullmatch(line)
        if match is None or self._running:
            return None
        number, steps = int(match[1]), int(match[2])
        if self._step.step is None:
            self._podman = line.startswith("STEP")
        follows = number == (self._step.step or 0) + 1 and self._step.steps in (None, steps)
        # podman counts the steps of each stage for itself, and says nothing when one ends.
        if not follows and not (self._podman and number == 1):
            return None
        return Step(match[1], match[3], number, steps)

    def _close_before(self, line: str) -> list[Progress]:
        """The ends that are not told: of the context, and of podman's FROM."""
        sent, self._sent = self._sent, None
        told = [replace(sent, done=True, raw=line)] if sent else []
        return [*told, self._step.tell("DONE", line, done=True)] if self._open else told

    def _image(self, line: str) -> list[Progress] | None:
        """The end of a step: the image that it has made."""
        if self._step.step is None:
            return None
        if _CACHE.fullmatch(line) and not self._running:
            self._cached = True
            return []
        match = (_PODMAN_IMAGE if self._podman else _IMAGE).fullmatch(line)
        if match is None or not self._open:
            return None
        self._running, self._open = "", False
        text = match[1] if self._podman else ""
        before = [self._step.tell(raw=line, text=text)] if text else []
        cached, status = self._cached, "CACHED" if self._cached else "DONE"
        image = match[match.lastindex or 1]
        return [*before, self._step.tell(status, line, done=True, cached=cached, image=image)]

    def _failed(self, line: str) -> list[Progress]:
        if not tells_failure(line):
            return []
        self._running, self._open = "", False
        return [self._step.tell("ERROR", line, done=True, error=line)]

    def _aside(self, line: str) -> list[Progress]:
        """What the builder says between steps."""
        sent = _CONTEXT.fullmatch(line)
        if sent:
            current = size(sent[1])
            status = "Sending build context"
            told = Progress("build", "context", status, current, approximate=True, raw=line)
            self._sent = told
            return [told]
        built = _BUILT.fullmatch(line)
        if built and self._step.step == self._step.steps:
            return [Progress("build", "", "DONE", done=True, image=built[1], raw=line)]
        return [layer("build", line) or Progress("build", text=line, raw=line)]
