"""The container that is waited for: what is known of it, how it is looked at, how a wait fails."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Collection, Generator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli import child
from dockcli.completed import Completed
from dockcli.errors import (
    ContainerEnded,
    DeadlineExceeded,
    DockcliError,
    DockerFailed,
    EngineUnreachable,
    NoSuchObject,
    NotReady,
)
from dockcli.models.container import ContainerInspect
from dockcli.waiting.told import OVER, because, last_moment, restarts

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.client import Docker
    from dockcli.models.line import LogLine
    from dockcli.spec.values import ContainerRef
    from dockcli.waiting.wanted import Wanted

T = TypeVar("T")

_SHORTEST, _LONGEST, _GROWTH = 0.05, 1.0, 1.5  # seconds between looks, and how they become longer
_LAST_LINES = 20
_FAREWELL = 0.7  # seconds for what an error tells, once the time is over
_STRIKES = 3  # failures of docker one after the other that no change of the container explains
_REVIVAL = 1.5  # seconds in which podman, which knows no "restarting", starts a container again


class Watched:
    """A container, named by its id from the first look on, and the time that there is for it.

    ``missing`` are the conditions that have not held yet, ``notes`` what was found out about them.
    """

    def __init__(self, container: ContainerRef, client: Docker, wanted: Wanted, limit: Any) -> None:
        first = client.call.container.inspect(container, deadline=limit)
        self.client = client
        self.call = client.call.container
        self.deadline: float | None = first.deadline
        self.begun = time.monotonic()
        self.missing = dict(wanted.names)
        self.notes: dict[str, str] = {}
        self.lines: deque[LogLine] = deque(maxlen=_LAST_LINES)
        self.is_podman = os.path.basename(client.binary) == "podman"
        self.seen: ContainerInspect | None = None
        self._pause = _SHORTEST
        self._strikes = 0
        self._looked = float("-inf")
        self._first: Call[ContainerInspect] = first
        self._argv = first.argv
        self._end: tuple[datetime | None, float] | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    @property
    def id(self) -> str:
        return self.last.id

    @property
    def last(self) -> ContainerInspect:
        """The container as it was last seen; looked at if it never was."""
        return self.seen or self.look()

    def left(self) -> float | None:
        """The seconds that are left. Raises DeadlineExceeded."""
        if self.deadline is None:
            return None
        left = self.deadline - self.seconds
        if left <= 0:
            raise DeadlineExceeded(self._completed(), self.deadline)
        return left

    def timed(self, call: Call[T]) -> Call[T]:
        """*call*, in the time that is left."""
        self._argv = call.argv
        return call.replace(deadline=self.left())

    def look(self) -> ContainerInspect:
        """Look at it. Raises NoSuchContainer at the first look, then ContainerEnded."""
        if self.seen is None:
            self.seen = self.timed(self._first).run()
        else:
            try:
                self.seen = self.timed(self.call.inspect(self.seen.id)).run()
            except NoSuchObject:
                raise self.ended("it has been removed") from None
        self._looked = time.monotonic()
        return self.seen

    def fresh(self) -> ContainerInspect:
        """The container as it was seen a moment ago."""
        recent = self.seen is not None and time.monotonic() - self._looked < _LONGEST / 2
        return self.last if recent else self.look()

    def forget(self) -> None:
        """Let what was seen be old: the next look is a new one."""
        self._looked = float("-inf")

    def is_over(self) -> bool:
        """Whether it has ended, as it was last seen, and nobody starts it again by himself."""
        if self.last.state not in OVER:
            self._end = None
            return False
        if not (self.is_podman and restarts(self.last)):
            return True
        now, finished = time.monotonic(), self.last.finished_at
        if self._end is None or self._end[0] != finished:
            self._end = (finished, now)
        return now - self._end[1] >= _REVIVAL

    def pause(self) -> None:
        """Wait a little, each time longer, up to a second."""
        seconds, self._pause = self._pause, min(self._pause * _GROWTH, _LONGEST)
        left = self.left()
        seconds = seconds if left is None else min(seconds, left)
        lost = child.given_up.get()
        if lost is None:
            time.sleep(seconds)
        elif lost.wait(seconds):
            raise child.GivenUp

    def hurry(self) -> None:
        """Begin with short pauses again."""
        self._pause = _SHORTEST

    def hold(self) -> None:
        """Note that docker could do what it was asked for."""
        self._strikes = 0

    def explain(self, error: DockerFailed) -> None:
        """Look what became of the container that docker could not ask. Raises ContainerEnded, and
        *error* itself if the container is as it was, time and again."""
        if isinstance(error, EngineUnreachable):
            raise error
        before = self.last.state
        if self.look().state is not before:
            self._strikes = 0
            return
        self._strikes += 1
        if self._strikes >= _STRIKES:
            raise error

    def ended(self, what: str = "", code: int | None = None) -> ContainerEnded:
        """The error for a container that has ended, or *what* became of it."""
        seen = self.seen
        if code is None and not what and seen is not None:
            code = seen.exit_code
        left = None if self.deadline is None else self.deadline - self.seconds
        patience = 5.0 if left is None else min(max(left, _FAREWELL), 5.0)
        lines = self._last_lines(patience) if not what else tuple(self.lines)
        reason = what or f"it has ended with exit code {code}{because(seen)}"
        return ContainerEnded(
            self._completed(),
            f"{reason}; {self._missing()}",
            exit_code=code,
            state=seen,
            log_lines=lines,
            missing=tuple(self.missing.values()),
        )

    def not_ready(self) -> NotReady:
        """The error for a container that is not ready in time."""
        completed = self._completed()
        lines = self._last_lines(_FAREWELL, look=True) if self.seen is not None else ()
        seen = self.seen
        state = f"the container is {seen.state.value}{because(seen)}" if seen else "not seen at all"
        return NotReady(
            completed,
            self.deadline,
            f"not ready within {self.deadline:g} s: {state}; {self._missing()}",
            state=seen,
            log_lines=lines,
            missing=tuple(self.missing.values()),
        )

    def _missing(self) -> str:
        told = (
            written + (f" ({self.notes[name]})" if name in self.notes else "")
            for name, written in self.missing.items()
        )
        return f"still waiting for {', '.join(told)}"

    def _completed(self) -> Completed:
        return Completed(self._argv, -1, b"", b"", self.seconds).masked()

    def _last_lines(self, patience: float, *, look: bool = False) -> tuple[LogLine, ...]:
        """The last lines that it wrote, with *look* after a last look, both at the same time."""
        ask = self.call.logs(self.id, tail=_LAST_LINES, timestamps=True, stream=True)
        lines: list[LogLine] = []
        # what goes wrong here matters less than the error that is to be raised
        with suppress(DockcliError), ask.replace(deadline=patience).stream() as said:
            if look:
                with suppress(DockcliError):
                    self.seen = self.call.inspect(self.id, deadline=patience).run()
            for line in said:
                if line.time is not None:  # what docker says itself has none
                    lines.append(line)
        lines.sort(key=lambda line: line.stamp)
        return tuple(lines[-_LAST_LINES:] or self.lines)


def changes(watched: Watched, events: Collection[str]) -> Generator[None]:
    """A turn whenever something may have happened to the container.

    docker is followed, from the last moment that is known; podman 4 tells of a health check what it
    said the time before, and may have no log of events at all, so it is asked gently.
    """
    if not watched.is_podman:
        kinds = sorted({event.partition(":")[0] for event in events})
        call: Call[Any] = watched.client.call.system.events(
            since=last_moment(watched.last), filter={"container": watched.id, "event": kinds}
        )
        with suppress(DockerFailed), watched.timed(call).stream() as told:
            for event in told:
                if event.action in events:
                    yield
    while True:
        watched.pause()
        yield
