"""The end of the mounts below a folder."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from dockcli.engine import programs
from dockcli.errors import EngineFailed
from dockcli.mountinfo import below


def unmount(folders: Iterable[str], spare: Iterable[str]) -> int:
    """Unmount what is mounted at or below *folders* but for *spare*, and count it."""
    spared = frozenset(spare)
    points = [point for point in below(folders) if point not in spared]
    for point in reversed(points):
        # Lazily: what still has a file open there must not keep the mount. An error is no news
        # either, since one unmount may take its copies along; the caller looks again.
        with suppress(EngineFailed):
            programs.run("umount", "--lazy", "--", point)
    return len(points)
