"""The control groups of our engine's containers.

A container's processes carry none of our paths; their control group carries the container's id,
under every driver, and our data root holds the ids that are ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress

from dockcli.engine.layout import Layout

_ROOT = "/sys/fs/cgroup"
# `…/docker/<id>`, or `…/docker-<id>.scope` where systemd keeps the groups.
_GROUP = re.compile(r"(?:[a-z]+-)?([0-9a-z]{25,64})(?:\.scope)?")


def containers(layout: Layout) -> frozenset[str]:
    """The ids of all containers on our data root, and of the steps of builds."""
    ids: set[str] = set()
    for folder in ("containers", os.path.join("buildkit", "executor")):
        with suppress(OSError):
            ids.update(os.listdir(os.path.join(layout.data, folder)))
    return frozenset(ids)


def holds(pid: int, ids: frozenset[str]) -> bool:
    """Whether process *pid* runs in the container of one of *ids*."""
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as file:
            return any(_container(part) in ids for line in file for part in line.strip().split("/"))
    except OSError:
        return False


def thaw(ids: frozenset[str]) -> None:
    """Let paused containers go on (version 1 of control groups; in 2 they die as they are)."""
    for group in _groups(ids):
        with suppress(OSError), open(os.path.join(group, "freezer.state"), "r+") as file:
            file.write("THAWED")


def remove(ids: frozenset[str]) -> None:
    """Remove the empty groups that containers leave when their engine is killed."""
    for group in _groups(ids):
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                os.rmdir(folder)


def _container(name: str) -> str | None:
    match = _GROUP.fullmatch(name)
    return match[1] if match else None


def _groups(ids: frozenset[str]) -> Iterator[str]:
    if not ids:
        return
    for folder, names, _ in os.walk(_ROOT):
        for name in [name for name in names if _container(name) in ids]:
            names.remove(name)
            yield os.path.join(folder, name)
