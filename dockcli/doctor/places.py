"""Where dockcli itself keeps things: its state folder, and the folder for temporary files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from dockcli import state
from dockcli.doctor.access import WRITE, changeable, command, open_to
from dockcli.doctor.finding import Finding
from dockcli.doctor.programs import by
from dockcli.doctor.setup import Setup


def places(setup: Setup) -> Iterator[Finding]:
    """What is to be said of these folders, where they are there."""
    folder = state.state_folder()
    if os.path.lexists(folder):
        why = "dockcli finds there which engine is its own, and what it has begun with data"
        yield from by(changeable(folder), "state-folder-writable", folder, why)
    yield from _temporary(_temporary_folder(setup))


def _temporary_folder(setup: Setup) -> str:
    """As Python's `tempfile` chooses it; that tries each by writing a file."""
    given = [setup.env.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    for folder in (*filter(None, given), "/tmp", "/var/tmp", "/usr/tmp"):  # noqa: S108
        if os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return os.path.abspath(folder)
    return ""


def _temporary(folder: str) -> Iterator[Finding]:
    if not folder:
        return
    why = "they can replace the files that docker's ids, environments and archives pass through"
    real = os.path.realpath(folder)
    open_here = {door.path for door in open_to(real, WRITE)}
    if open_here and not os.stat(folder).st_mode & stat.S_ISVTX:
        what = "others may remove and replace what is not theirs in it: it is not sticky"
        remedy = command("chmod +t", folder)
        yield Finding("temporary-folder-open", "risk", folder, what, why, remedy)
    doors = [door for door in changeable(folder) if door.path not in open_here]
    yield from by(doors, "temporary-folder-open", folder, why)
