"""Rescue: a folder of a container's writable layer becomes a volume, and the container is made anew
with that mounted and everything else as it was.

::

    rescue(docker, "web", "/srv/data", "web-data")

The new one is there, compared with the old by their inspects, before the old one gives its name
away; the old one goes when the new one has been seen to run. Whatever fails before, the old one is
back. Killed at any moment, the next command undoes it, or finishes it.

It has the old one's host name, also where that was but the short id: programs keep data under it.
The old one's log goes with it; ``keep_old=True`` keeps both.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from dockcli import argv
from dockcli.data.anew import CannotBeMadeAnew, is_podman
from dockcli.data.rescue.errors import CannotBeRescued, RescueFailed
from dockcli.data.rescue.result import Rescued
from dockcli.data.rescue.undo import finish, recover
from dockcli.errors import DockcliError

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.spec.values import ContainerRef, VolumeRef

__all__ = ["CannotBeMadeAnew", "CannotBeRescued", "RescueFailed", "Rescued", "recover", "rescue"]


def rescue(
    client: Docker,
    container: ContainerRef,
    path: str,
    volume: VolumeRef,
    *,
    keep_old: bool = False,
    settle: float = 2.0,
    healthy_within: float = 120.0,
    progress: Callable[[str], object] | None = None,
) -> Rescued:
    """Move the folder *path* of *container*'s writable layer into *volume*, and make the container
    anew with it mounted.

    A container that runs is stopped while its data is copied, and counts as running again when it
    has run for *settle* seconds, or, if it has a health check and was healthy, is so within
    *healthy_within* seconds. Where the layer has changes outside *path* too, the new one is made of
    an image of the old, so that they are not lost. *volume* is made; one that is there must be
    empty, and no other container's. *keep_old* leaves the old one beside it, stopped. *progress* is
    told each step in a line.

    Raises, before anything is changed: CannotBeRescued, CannotBeMadeAnew (docker cannot say all
    that the container has), VolumeInUse, NoSuchContainer, InvalidArgument. Raises RescueFailed when
    something has failed and was undone. Source: ``docker container inspect``, ``create``,
    ``rename``, ``commit`` and ``start``, ``docker volume create``.
    """
    from dockcli.data import undertaking
    from dockcli.data.rescue import checks
    from dockcli.data.rescue.steps import Steps

    client = client.but(labels={}, strict=False)
    told, name = client.container.inspect(container), argv.volume(volume)
    path = checks.checked_path(told.name, path)
    checks.check_container(told, path)
    checks.check_folder(client, told, path)
    was = checks.check_volume(client, told, name)
    facts = {
        "container": told.name,
        "old": told.id,
        "path": path,
        "volume": name,
        "volume_was": None
        if was is None
        else {"driver": was.driver, "labels": dict(was.labels), "options": dict(was.options)},
        "running": told.running,
        "keep_old": keep_old,
        "podman": is_podman(told.raw),
        "token": os.urandom(4).hex(),
    }
    with undertaking.begin(client, "rescue", **facts) as record:
        steps = Steps(client, told, record, progress or (lambda line: None))
        try:
            steps.prove_beforehand()
            steps.go(settle=settle, healthy_within=healthy_within)
        except (CannotBeMadeAnew, RescueFailed):
            raise
        except DockcliError as error:
            raise RescueFailed(told.name, path, str(error)) from error
        record.note(confirmed=True)
        finish(client, record.facts)
        return steps.result(checks.notes(told, path, name))
