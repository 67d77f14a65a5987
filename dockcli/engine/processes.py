"""The engine's processes, found and ended by what /proc says of them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from dockcli.engine import cgroups
from dockcli.engine.layout import Layout

# Only these are looked at for our paths: a pager on a file of the engine's is not the engine.
_PROGRAMS = ("dockerd", "containerd", "runc", "crun", "docker-")
_SECONDS_TO_DIE = 10.0


class Process(NamedTuple):
    """What tells one process from another that later has its number."""

    pid: int
    parent: int
    started: int


def look(pid: int) -> Process | None:
    """The process *pid*, or None if it has ended, also if nobody has collected it yet."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # where it is our own child, we are the one to collect it
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The second field is the program's name, which may hold blanks and parentheses.
            state, parent, *rest = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    if state in b"ZX" and not _has_threads(pid):
        return None
    return Process(pid, int(parent), int(rest[17]))


def is_engine(pid: int | None, started: int | None, layout: Layout) -> bool:
    """Whether *pid* is still the dockerd that was started then on our data root."""
    if pid is None:
        return False
    process = look(pid)
    if process is None or process.started != started:
        return False
    arguments = _arguments(pid)
    # One that is just ending has given up its memory, and with it its command line.
    return not arguments or f"--data-root={layout.data}" in arguments


def ours(layout: Layout) -> set[int]:
    """All processes of our engine: daemons, shims, and what runs in its containers."""
    running = {process.pid: process for process in _running()}
    children: dict[int, list[int]] = {}
    for process in running.values():
        children.setdefault(process.parent, []).append(process.pid)
    containers = cgroups.containers(layout)
    pending = [
        pid for pid in running if _serves(_arguments(pid), layout) or cgroups.holds(pid, containers)
    ]
    found: set[int] = set()
    while pending:
        pid = pending.pop()
        if pid not in found:
            found.add(pid)
            pending += children.get(pid, [])
    return found


def end(layout: Layout) -> int:
    """Kill whatever is left of our engine's processes, and count them."""
    killed: set[int] = set()
    deadline = time.monotonic() + _SECONDS_TO_DIE
    while (pids := ours(layout)) and time.monotonic() < deadline:
        cgroups.thaw(cgroups.containers(layout))  # a paused process does not even die
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed |= pids
        time.sleep(0.02)
    return len(killed)


def _has_threads(pid: int) -> bool:
    """Whether threads outlive the first one; until the last has ended, sockets stay open."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


def _running() -> Iterator[Process]:
    for name in os.listdir("/proc"):
        if name.isdigit() and (process := look(int(name))) is not None:
            yield process


def _arguments(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0") if word]
    except OSError:
        return []


def _serves(arguments: list[str], layout: Layout) -> bool:
    """Whether this command line is one of our engine's programs."""
    if not arguments or not os.path.basename(arguments[0]).startswith(_PROGRAMS):
        return False
    return layout.namespace in arguments or any(
        f"{argument}/".find(f"{root}/") >= 0
        for argument in arguments
        for root in (layout.exec, layout.data)
    )
