"""Ends docker clients that nobody waits for any more: they would still finish what they do."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from dockcli.owner import Owner, asked
from dockcli.scope.labels import OWNER, SCOPE

if TYPE_CHECKING:
    from dockcli.client import Docker


def _mark(label: str) -> re.Pattern[str]:
    """The word by which a docker client gives *label* to what it makes; its group is the value."""
    return re.compile(rf'--(?:label=|change=LABEL "){re.escape(label)}"?="?([^"]+?)(?:/image)?"?')


def end_orphans(client: Docker | None = None, label: str = OWNER) -> None:
    """End the docker clients whose owner, by the *label* of what they make, is provably dead;
    *client* may do so by sudo."""
    mark = _mark(label)
    for pid, words in _processes():
        owner = Owner.parse(_value(mark, words))
        if owner is not None and owner.is_dead():
            _end(pid, signal.SIGKILL, client)


def end_calls(client: Docker, scope: str, how: signal.Signals) -> list[int]:
    """End the docker clients that make something in *scope*; their process ids."""
    mark = _mark(SCOPE)
    pids = [pid for pid, words in _processes() if _value(mark, words) == scope]
    for pid in pids:
        _end(pid, how, client)
    return pids


def _value(mark: re.Pattern[str], words: Iterable[str]) -> str:
    found = next(filter(None, map(mark.fullmatch, words)), None)
    return found[1] if found else ""


def _end(pid: int, how: signal.Signals, client: Docker | None) -> None:
    with suppress(ProcessLookupError):
        try:
            os.kill(pid, how)
        except PermissionError:
            if client is not None and client.sudo:
                client.launch(client.call.version()).end(pid, how)


def _processes() -> Iterable[tuple[int, list[str]]]:
    if os.path.isdir("/proc/self"):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                yield int(name), os.fsdecode(file.read()).split("\0")
        return
    for line in asked("ps", "-axww", "-o", "pid=,command=").splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.split()
