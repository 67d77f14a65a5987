"""This machine's table of mounts, as the kernel tells it: ``/proc/self/mountinfo``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable


def table() -> list[tuple[str, str]]:
    """Mount points and types of file systems, in the order in which they were mounted. Raises
    FileNotFoundError on a system that has no such table."""
    with open("/proc/self/mountinfo", "rb") as file:
        lines = file.read().splitlines()
    found = []
    for line in lines:
        words, _, rest = line.partition(b" - ")
        found.append((_decoded(words.split()[4]), os.fsdecode(rest.split()[0])))
    return found


def below(folders: Iterable[str]) -> list[str]:
    """The mount points at or below *folders*, in that order. Raises FileNotFoundError."""
    roots = tuple(f"{folder}/" for folder in folders)
    return [point for point, _ in table() if f"{point}/".startswith(roots)]


def _decoded(field: bytes) -> str:
    """The kernel writes blanks and backslashes as three octal digits."""
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), field))
