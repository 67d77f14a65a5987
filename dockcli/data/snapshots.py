"""Snapshots: copies of a volume under a name, as volumes of the same engine.

A snapshot is a volume that says by its labels of which volume it is and what is its name. To
``docker volume prune`` it is as any volume that nobody has.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dockcli.data import moving
from dockcli.data.arrival import Target, arrive, settle
from dockcli.data.helper.container import there as must
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.moving import Moved, Wanted
    from dockcli.models.volume import VolumeInspect

OF, NAME, MADE, WAS = (f"dockcli.snapshot.{word}" for word in ("of", "name", "made", "was"))
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of ``of`` as it was when it was ``made``, kept in the volume ``volume``."""

    of: str
    name: str
    volume: str
    made: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        made = self.made.isoformat() if self.made else None
        return {"of": self.of, "name": self.name, "volume": self.volume, "made": made}


class NoSuchSnapshot(InvalidArgument):
    """The volume has no snapshot of that name; ``names`` are those that it has."""

    def __init__(self, volume: str, name: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(volume, name, names)
        self.volume, self.name, self.names = volume, name, names

    def __str__(self) -> str:
        has = f"it has {', '.join(self.names)}" if self.names else "it has none"
        return f"the volume {self.volume} has no snapshot {self.name}: {has}"


def take(client: Docker, volume: str, name: str, wanted: Wanted) -> Snapshot:
    """See `VolumeGroup.snapshot`."""
    _check(name)
    if any(one.name == name for one in snapshots(client, volume)):
        raise InvalidArgument(f"the volume {volume} has a snapshot {name} already")
    found = must(client, volume)
    made = datetime.now(timezone.utc)
    was = {"driver": found.driver, "labels": dict(found.labels), "options": dict(found.options)}
    labels = {OF: volume, NAME: name, MADE: made.isoformat(), WAS: json.dumps(was)}
    target = f"{volume}.snapshot.{name}"
    kept = moving.Wanted(
        pause=wanted.pause,
        stop=wanted.stop,
        labels=labels,
        keep_labels=False,  # a project's label would have its `compose down -v` take the snapshot
        way=wanted.way,
        image=wanted.image,
    )
    moving.clone(client, volume, target, kept)
    return Snapshot(volume, name, target, made)


def snapshots(client: Docker, volume: str | None = None) -> list[Snapshot]:
    """The snapshots of *volume*, or of all volumes, the oldest first."""
    label = f"{OF}={volume}" if volume else OF
    found = [_snapshot(one) for one in client.volume.ls(filter={"label": label})]
    return sorted(found, key=lambda one: (one.of, one.made.timestamp() if one.made else 0.0))


def restore(client: Docker, volume: str, name: str, wanted: Wanted) -> Moved:
    """See `VolumeGroup.restore_snapshot`."""
    from dockcli.data.helper import way_for

    settle(client, volume)
    snapshot = find(client, volume, name)
    was = json.loads(client.volume.inspect(snapshot.volume).labels[WAS])
    target = Target(
        volume,
        overwrite=True,
        stop=wanted.stop,
        image=wanted.image,
        driver=was["driver"],
        labels=was["labels"],
        options=was["options"],
    )
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    stopped = arrive(
        client,
        target,
        way,
        lambda _: way.copy(snapshot.volume, volume, staged=True),
        lambda: moving.same_inside(way, snapshot.volume, volume),
    )
    return moving.Moved(snapshot.volume, volume, stopped=stopped, loses=way.loses)


def remove(client: Docker, volume: str, name: str) -> Snapshot:
    """See `VolumeGroup.remove_snapshot`."""
    snapshot = find(client, volume, name)
    client.volume.rm(snapshot.volume)
    return snapshot


def find(client: Docker, volume: str, name: str) -> Snapshot:
    """The snapshot of that name. Raises NoSuchSnapshot."""
    there = snapshots(client, volume)
    for one in there:
        if one.name == name:
            return one
    raise NoSuchSnapshot(volume, name, tuple(one.name for one in there))


def _check(name: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"{name!r} is no name for a snapshot: letters, digits and _ . -, 100 at the most"
        )


def _snapshot(volume: VolumeInspect) -> Snapshot:
    labels = volume.labels
    made = volume.created
    with suppress(ValueError):
        made = datetime.fromisoformat(labels.get(MADE, ""))
    return Snapshot(labels[OF], labels.get(NAME, volume.name), volume.name, made)
