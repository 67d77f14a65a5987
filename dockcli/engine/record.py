"""What the last `start` wrote down for the commands that come after it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields

from dockcli.engine.layout import Layout


@dataclass(frozen=True, slots=True)
class Record:
    """A private engine that was started, or was about to be (then without ``pid``).

    ``started`` is the process's start in clock ticks since boot: a pid alone may be reused.
    ``others_mounts`` are mounts that were below our folders before: the user's, not ours.
    """

    host: str
    bridge: str
    subnet: str
    exec_root: str
    others_mounts: list[str]
    pid: int | None = None
    started: int | None = None


def read(layout: Layout) -> Record | None:
    """The record, or None where there is none that can be read."""
    try:
        with open(layout.record, encoding="utf-8", errors="surrogateescape") as file:
            found = json.load(file)
        return Record(**{field.name: found[field.name] for field in fields(Record)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(layout: Layout, record: Record) -> None:
    """Replace the record in one step: a reader never sees half of it. Nobody else may write to it,
    since it says where docker is to be reached."""
    draft = f"{layout.record}.new"
    private = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(private, "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(asdict(record), file, indent=1)
    os.replace(draft, layout.record)


def remove(layout: Layout) -> None:
    """Forget the engine."""
    for path in (layout.record, f"{layout.record}.new"):
        if os.path.lexists(path):
            os.unlink(path)
