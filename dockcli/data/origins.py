"""Where volumes without a name of their own came from, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from dockcli.data.helper.image import LABEL
from dockcli.data.survey.asked import ANONYMOUS, Asked, ask
from dockcli.data.survey.mounted import given
from dockcli.errors import DockerFailed
from dockcli.models.fields import Fields
from dockcli.models.times import now

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect
    from dockcli.models.events import Event
    from dockcli.models.image import ImageInspect
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.values import VolumeRef

Evidence: TypeAlias = Literal["container", "events", "label", "unknown"]
Way: TypeAlias = Literal["image", "command", ""]

_EVER = datetime(2013, 1, 1, tzinfo=timezone.utc)  # before there was any docker


@dataclass(frozen=True, slots=True)
class Holder:
    """A container that has, or had, a volume, and where: ``path`` is "" where that is not known."""

    name: str
    id: str
    path: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a volume came from, as far as the engine still knows.

    ``created`` is the engine's word, ``size`` in bytes, None where nobody tells. ``containers``
    have it now, ``gone`` had it by the engine's events and are not there any more. ``image`` is
    that of the first of them, ``way`` how the volume came to be: by the image's own VOLUME, by the
    ``-v /path`` of a command, or "" where that is not known. ``entries`` are the names at its top,
    None where nobody was asked. ``evidence`` is what all this rests on, ``note`` what it does not
    tell.
    """

    volume: str
    created: datetime | None
    size: int | None
    containers: tuple[Holder, ...]
    gone: tuple[Holder, ...]
    image: str
    way: Way
    evidence: Evidence
    entries: tuple[str, ...] | None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """It for ``json.dumps``; times as ISO 8601."""
        return {
            "volume": self.volume,
            "created": self.created.isoformat() if self.created else None,
            "size": self.size,
            "containers": [_holder(one) for one in self.containers],
            "gone": [_holder(one) for one in self.gone],
            "image": self.image,
            "way": self.way,
            "evidence": self.evidence,
            "entries": None if self.entries is None else list(self.entries),
            "note": self.note,
        }


def origins(
    client: Docker,
    *volumes: VolumeRef,
    listing: Callable[[str], list[str]] | None = None,
    deadline: float | None = None,
) -> list[Origin]:
    """Tell where volumes came from: those named, or all that have no name of their own.

    A container that has one says where it is mounted, and its image whether it asked for it. Of
    one that no container has, the engine's events may still tell, which reach back only so far:
    docker keeps the last 256, and none across its restart; podman's do not tell of containers.
    *listing* gives the names at the top of a volume; without it nobody looks into any.

    Raises NoSuchVolume, EngineUnreachable. Source: the processes of `survey`, and one
    ``docker events`` where some volume has no container.
    """
    named: list[VolumeInspect] = []
    if volumes:
        found = client.volume.inspect(*volumes, deadline=deadline)
        named = found if isinstance(found, list) else [found]
    asked = ask(client, sizes=False, deadline=deadline)
    asked.sizes = True  # those of volumes, not of each container's layer
    chosen = named or [one for one in asked.volumes.values() if asked.is_anonymous(one.name)]
    orphans = [one for one in chosen if not asked.having("volume", one.name)]
    seen = _seen(asked, orphans) if orphans else {}
    return [_origin(asked, one, seen.get(one.name, ()), listing) for one in chosen]


class _Seen(NamedTuple):
    """A container that the engine's events tell of, its image, and what made the volume."""

    holder: Holder
    image: str
    way: Way


def _origin(
    asked: Asked,
    volume: VolumeInspect,
    seen: Sequence[_Seen],
    listing: Callable[[str], list[str]] | None,
) -> Origin:
    having = sorted(asked.having("volume", volume.name), key=_age)
    image, way, evidence, note = _first(asked, volume, having, seen)
    return Origin(
        volume=volume.name,
        created=volume.created,
        size=asked.volume_size(volume.name).size,
        containers=tuple(Holder(one.name, one.id, _path(one, volume.name)) for one in having),
        gone=tuple(one.holder for one in seen),
        image=image,
        way=way,
        evidence=evidence,
        entries=None if listing is None else tuple(listing(volume.name)),
        note=note,
    )


def _first(
    asked: Asked,
    volume: VolumeInspect,
    having: Sequence[ContainerInspect],
    seen: Sequence[_Seen],
) -> tuple[str, Way, Evidence, str]:
    """The image and the way of the container that it was made with, how that is known, a note."""
    makers = [one for one in having if asked.engine.podman or not given(asked, one, volume.name)]
    if makers:
        image = asked.images.get(makers[0].image_id)
        return makers[0].image, _way(image, _path(makers[0], volume.name)), "container", ""
    if having:
        note = "the containers that have it were told its name; which one it was made for is lost"
        return "", "", "container", note
    if seen:
        note = "by the engine's events, which reach back only so far: others may have had it before"
        return seen[0].image, seen[0].way, "events", note
    labels = {name: value for name, value in volume.labels.items() if name != ANONYMOUS}
    if labels:
        note = "its labels: " + ", ".join(f"{name}={labels[name]}" for name in sorted(labels))
        return "", "", "label", note
    note = "no container has it, and the events that the engine still has do not tell of it"
    return "", "", "unknown", note


def _age(container: ContainerInspect) -> tuple[bool, float]:
    made = container.created
    return (made is None, made.timestamp() if made else 0.0)


def _path(container: ContainerInspect, volume: str) -> str:
    mounts = (mount for mount in container.mounts if mount.type == "volume")
    return next((mount.destination for mount in mounts if mount.name == volume), "")


def _way(image: ImageInspect | None, path: str) -> Way:
    """Whether the image asks for a volume there; "" where the image is not here any more."""
    if image is None or not path:
        return ""
    own = Fields(image.raw).inner("Config").keys("Volumes")
    return "image" if path in {one.rstrip("/") for one in own} else "command"


def _seen(asked: Asked, orphans: Sequence[VolumeInspect]) -> dict[str, list[_Seen]]:
    """The containers that had the volumes, by the engine's events, the first first."""
    if asked.engine.podman:  # whose events of a volume tell of no container
        return {}
    try:
        events = asked.client.system.events(
            since=_EVER,
            until=now(),
            filter={"type": ["volume", "container"]},
            deadline=asked.deadline,
        )
    except DockerFailed:
        return {}
    containers = {one.id: one.attributes for one in events if one.type == "container"}
    wanted = {one.name for one in orphans}
    ours = {id for id, about in containers.items() if LABEL in about}  # it only looked into it
    mounts = [
        one
        for one in events
        if one.action == "mount" and one.id in wanted and _container(one) not in ours
    ]
    names = {containers.get(_container(one), {}).get("image", "") for one in mounts} - {""}
    images = _images(asked, sorted(names))
    found: dict[str, dict[str, _Seen]] = {}
    for one in mounts:
        id, path = _container(one), one.attributes.get("destination", "")
        about = containers.get(id, {})
        image = about.get("image", "")
        holder = Holder(about.get("name", ""), id, path)
        seen = _Seen(holder, image, _way(images.get(image), path))
        found.setdefault(one.id, {}).setdefault(id, seen)
    return {name: list(by_id.values()) for name, by_id in found.items()}


def _container(event: Event) -> str:
    return event.attributes.get("container", "")


def _images(asked: Asked, names: Sequence[str]) -> dict[str, ImageInspect]:
    """The images that are still called so; those of one process."""
    if not names:
        return {}
    there = asked.client.image.inspect(*names, missing_ok=True, deadline=asked.deadline)
    found = {}
    for image in there:
        for name in (image.id, *image.tags):
            found[name] = found[name.removesuffix(":latest")] = image
    return found


def _holder(one: Holder) -> dict[str, str]:
    return {"name": one.name, "id": one.id, "path": one.path}
