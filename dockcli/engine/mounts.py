"""The mounts below a folder, as the kernel lists them, and their end."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress

from dockcli.engine import programs
from dockcli.errors import EngineFailed


def below(folders: Iterable[str]) -> list[str]:
    """The mount points at or below *folders*, in the order in which they were mounted."""
    roots = tuple(f"{folder}/" for folder in folders)
    with open("/proc/self/mountinfo", "rb") as file:
        points = [_decoded(line.split()[4]) for line in file]
    return [point for point in points if f"{point}/".startswith(roots)]


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


def _decoded(field: bytes) -> str:
    """The kernel writes blanks and backslashes as three octal digits."""
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), field))
