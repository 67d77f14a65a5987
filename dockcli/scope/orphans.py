"""Ends docker clients that have outlived their owner: they would still finish what they do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from dockcli.owner import Owner
from dockcli.scope.labels import OWNER

if TYPE_CHECKING:
    from dockcli.client import Docker

_MARK = re.compile(rf'--(?:label=|change=LABEL "){re.escape(OWNER)}"?="?([^"]+?)(?:/image)?"?')


def end_orphans(client: Docker | None = None) -> None:
    """End the docker clients whose owner is provably dead; *client* may do so by sudo."""
    for pid, words in _processes():
        found = next(filter(None, map(_MARK.fullmatch, words)), None)
        owner = Owner.parse(found[1]) if found else None
        if owner is None or not owner.is_dead():
            continue
        try:
            os.kill(pid, signal.SIGKILL)
        except PermissionError:
            if client is not None and client.sudo:
                client.launch(client.call.version()).end(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


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
