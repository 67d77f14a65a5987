"""A child process: started in a session of its own, seen to have ended, ended as a group."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event
    from typing import IO, TypeAlias

    End: TypeAlias = Callable[[int, int], None]
    """How a process group is ended: ``end(group, signal)``."""

GONE = (ProcessLookupError, PermissionError)  # macOS answers EPERM for a group of zombies

_GRACE = 0.3  # seconds between asking a process group to end and ending it

given_up: ContextVar[Event | None] = ContextVar("given_up", default=None)
"""Set by one who waits for this thread's call and may lose interest in it, such as a task."""


class GivenUp(BaseException):
    """Whoever waited for the call in this thread does so no longer."""


@contextmanager
def to_the_end() -> Iterator[None]:
    """What is done in here is done, also when nobody waits for the call any more."""
    token = given_up.set(None)
    try:
        yield
    finally:
        given_up.reset(token)


_by_itself: ContextVar[bool] = ContextVar("by_itself", default=False)


@contextmanager
def ends_by_itself() -> Iterator[None]:
    """What an exec in here starts in its container ends there by itself, also if it is given up."""
    token = _by_itself.set(True)
    try:
        yield
    finally:
        _by_itself.reset(token)


def does_it_end_by_itself() -> bool:
    """Whether this thread's exec is one of those."""
    return _by_itself.get()


class Unstartable(Exception):
    """A program cannot be started, for that *reason*: what the system, or `subprocess`, says."""

    def __init__(self, reason: OSError | ValueError) -> None:
        super().__init__(reason)
        self.reason = reason


def start(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None,
    stdin: IO[bytes] | int,
    stdout: IO[bytes] | int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start *words*, with a pipe for stderr. Raises Unstartable."""
    try:
        return subprocess.Popen(
            list(words),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=env,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as reason:
        raise Unstartable(reason) from None


def can_name_group() -> bool:
    """Whether an ended child can be left unreaped, so that its group's number stays its own."""
    return hasattr(os, "waitid")


def has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether the child has ended, without reaping it where the system can tell.

    Unreaped, its process id cannot be given to another, so the group can still be named safely.
    """
    if child.returncode is not None:
        return True
    if not can_name_group():
        return child.poll() is not None
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end_group(
    child: subprocess.Popen[bytes], end: End, listen: Callable[[float], int] | None = None
) -> None:
    """Ask the child's group to end, then end it; reap the child.

    ``listen(seconds)`` reads what it still says, and tells how many bytes that were.
    """
    if child.returncode is not None:
        return
    try:
        with suppress(*GONE):
            end(child.pid, signal.SIGTERM)
        patience = time.monotonic() + _GRACE
        while not has_ended(child) and time.monotonic() < patience:
            if not (listen and listen(0.02)):
                time.sleep(0.005)
    finally:  # also when a second Ctrl-C ends the patience
        with suppress(*GONE):
            end(child.pid, signal.SIGKILL)
        if listen is not None:
            listen(0)
        with suppress(subprocess.TimeoutExpired):  # in the kernel's hands: a dead file system
            child.wait(_GRACE)


def end_helpers(child: subprocess.Popen[bytes], end: End) -> None:
    """End what is left in the group of a child that has ended and is not reaped yet."""
    if can_name_group() and child.returncode is None:
        with suppress(*GONE):
            end(child.pid, signal.SIGKILL)
