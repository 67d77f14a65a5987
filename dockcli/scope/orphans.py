"""Ends docker clients that have outlived their owner."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress

from dockcli.owner import Owner
from dockcli.scope.labels import OWNER


def end_orphans() -> None:
    """End docker clients that outlived a dead owner: they would still finish what they do."""
    flag = f"--label={OWNER}="
    for pid, words in _processes():
        named = [word.removeprefix(flag) for word in words if word.startswith(flag)]
        owner = Owner.parse(named[0]) if named else None
        if owner is not None and owner.is_dead():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _processes() -> Iterable[tuple[int, list[str]]]:
    if os.path.isdir("/proc/self"):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                yield int(name), os.fsdecode(file.read()).split("\0")
        return
    ps = ["ps", "-axww", "-o", "pid=,command="]
    done = subprocess.run(ps, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    for line in os.fsdecode(done.stdout).splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.split()
