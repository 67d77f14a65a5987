"""What of a container's writable layer lies outside the folder that is rescued."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from dockcli.files.place import Clock, Place
from dockcli.models.container import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from tarfile import TarInfo

    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect

_INIT = "/sbin/docker-init"  # docker puts an empty file there, for a mount


def others(client: Docker, told: ContainerInspect, path: str, fresh: str) -> list[str]:
    """The paths of the layer that a container of the same image would not have.

    *fresh* is one that was made of the image and never started: folders that lead to *path*, or to
    where something is mounted, are no change if they are as there, or as docker makes them.
    """
    host = told.raw.get("HostConfig") or {}
    mounted = {one.destination for one in told.mounts} | set(host.get("Tmpfs") or ())
    mounted |= {one["Target"] for one in host.get("Mounts") or ()}
    mounted |= {_INIT} if host.get("Init") else set()
    folders = set(_above([path, *mounted]))
    folders.add((told.raw.get("Config") or {}).get("WorkingDir") or "/")
    places = [Place(client, id, Clock(None)) for id in (told.id, fresh)]
    return [
        change.path
        for change in client.container.diff(told.id)
        if not (
            change.path == path
            or change.path.startswith(f"{path}/")
            or change.path in mounted
            or (change.path in folders and _is_as_made(change.path, change.kind, places))
        )
    ]


def _above(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        while (path := posixpath.dirname(path)) != "/":
            yield path


def _is_as_made(path: str, kind: ChangeKind, places: list[Place]) -> bool:
    if kind is ChangeKind.DELETED:
        return False
    old, fresh = (place.look(path) for place in places)
    if old is None or not old.isdir():
        return False
    return _owned(old) == (_owned(fresh) if fresh else (0o755, 0, 0))


def _owned(member: TarInfo) -> tuple[int, int, int]:
    return member.mode & 0o7777, member.uid, member.gid  # docker puts the kind in the mode too
