"""Waiting for what docker can be followed for: the log, the health check, the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from contextlib import closing
from typing import TYPE_CHECKING, Any

from dockcli.errors import ContainerEnded, DockerFailed, InvalidArgument, NoSuchObject
from dockcli.models.container import ContainerInspect, State
from dockcli.models.fields import Fields
from dockcli.waiting.told import health
from dockcli.waiting.watched import Watched, changes

if TYPE_CHECKING:
    from datetime import datetime

    from dockcli.models.line import LogLine

_LIFE = ("start", "unpause", "die", "destroy")


def until(
    watched: Watched, holds: Callable[[ContainerInspect], bool], events: Collection[str] = _LIFE
) -> None:
    """Wait until *holds* says so of the container, which one of *events* may bring about.

    An event is only the reason to look. Raises ContainerEnded.
    """

    def held() -> bool:
        if holds(watched.last):
            return True
        if watched.is_over():
            raise watched.ended()
        return False

    watched.fresh()
    if held():
        return
    with closing(changes(watched, events)) as turns:
        for _ in turns:
            watched.look()
            if held():
                return


def is_running(seen: ContainerInspect) -> bool:
    """Whether programs run in it."""
    return seen.state is State.RUNNING


def has_started(seen: ContainerInspect) -> bool:
    """Whether it has ever run."""
    return seen.state is not State.CREATED


def for_log(
    watched: Watched, pattern: re.Pattern[Any]
) -> tuple[LogLine, re.Match[str] | re.Match[bytes]]:
    """Wait for a line of the log in which *pattern* is found, from the container's start on.

    docker stops following when the container stops, also when it is started again, and then it may
    have missed the last lines: so they are read once more.
    """
    since: datetime | None = None
    while True:
        over = watched.is_over()
        if (found := _search(watched, pattern, since)) is not None:
            return found
        if over:
            raise watched.ended()
        if watched.lines:
            since = watched.lines[-1].time
        watched.look()
        if not watched.is_over():
            until(watched, lambda seen: seen.state not in (State.CREATED, State.RESTARTING))
            watched.pause()


def _search(
    watched: Watched, pattern: re.Pattern[Any], since: datetime | None
) -> tuple[LogLine, Any] | None:
    """The first line in which *pattern* is found, as long as docker follows the log."""
    call = watched.call.logs(watched.id, follow=True, since=since, timestamps=True)
    as_bytes = isinstance(pattern.pattern, bytes)
    try:
        with watched.timed(call).stream() as lines:
            for line in lines:
                text = line.text
                words = text.encode("utf-8", "surrogateescape") if as_bytes else text
                found = pattern.search(words)
                # what docker says itself has no time
                if found is not None and line.time is not None:
                    return line, found
                watched.lines.append(line)
    except DockerFailed as error:  # such as for a container that is being removed
        watched.explain(error)
    else:
        watched.hold()
    return None


def refuse_an_unreadable_log(seen: ContainerInspect) -> None:
    """Raise InvalidArgument for a log that docker throws away."""
    driver = Fields(seen.raw).inner("HostConfig").inner("LogConfig").text("Type")
    if driver == "none":
        raise InvalidArgument(
            f"log=: the log driver of {seen.name} is 'none', which keeps nothing that could be "
            "read: make the container with log_driver='json-file' or another"
        )


def for_health(watched: Watched) -> None:
    """Wait until the health check says that the container is healthy."""
    events = ("health_status: healthy", *_LIFE)
    until(watched, lambda seen: is_running(seen) and health(seen) == "healthy", events)


def refuse_without_a_check(seen: ContainerInspect) -> None:
    """Raise InvalidArgument for a container that can never become healthy."""
    test = Fields(seen.raw).inner("Config").inner("Healthcheck").texts("Test")
    if (not test or test[0] == "NONE") and health(seen) in ("", "none"):
        raise InvalidArgument(
            f"healthy=True: {seen.name} has no health check: give it one with health_cmd=, or its "
            "image a HEALTHCHECK"
        )


def for_exit(watched: Watched, codes: Collection[int]) -> int:
    """Wait until the container has ended with one of *codes*; which.

    Another code is the end of the wait, unless the engine starts the container again.
    """
    while True:
        until(watched, has_started)  # `docker wait` calls one that has not been an end, with 0
        code = _end(watched)
        try:
            watched.fresh()
        except ContainerEnded:
            if code in codes:
                return code
            raise watched.ended(
                f"it has ended with exit code {code}, and has been removed", code
            ) from None
        if code in codes:
            return code
        if watched.is_over():
            raise watched.ended(code=code)
        watched.pause()


def _end(watched: Watched) -> int:
    """The exit code with which it has ended, or ends next."""
    if watched.last.state is State.EXITED:
        return watched.last.exit_code
    try:
        code: int = watched.timed(watched.call.wait(watched.id)).run()
    except NoSuchObject:
        raise watched.ended("it has been removed") from None
    watched.forget()
    return code
