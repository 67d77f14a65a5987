"""What takes space on the engine, and what ``docker system prune`` gave back of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.models.fields import Fields, json_object, whole
from dockcli.models.human import size
from dockcli.models.times import moment


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What all objects of one type take together: how many there are, and how many are in use.

    ``size`` and ``reclaimable`` are in bytes, rounded by docker; podman's are exact.
    """

    type: str
    total: int
    active: int
    size: int
    reclaimable: int
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> DiskUse:
        top = Fields(raw)
        return cls(
            type=top.text("Type"),
            total=_count(top, "TotalCount", "Total"),
            active=_count(top, "Active"),
            size=_size(top, "Size"),
            reclaimable=_size(top, "Reclaimable"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image on the engine's disk. ``size`` is ``shared`` and ``unique`` together; bytes, rounded
    by docker (`ImageInspect.size` is exact)."""

    id: str
    repository: str
    tag: str
    created: datetime | None
    size: int
    shared: int
    unique: int
    containers: int
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "image"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, one: Fields) -> ImageUse:
        return cls(
            id=one.text("ID"),
            repository=_name(one, "Repository"),
            tag=_name(one, "Tag"),
            created=moment(one.text("CreatedAt")),
            size=_size(one, "Size"),
            shared=_size(one, "SharedSize"),
            unique=_size(one, "UniqueSize"),
            containers=_count(one, "Containers"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """A container on the engine's disk. ``size`` is that of its writable layer, in bytes, rounded
    by docker (`ContainerInspect.size_rw` is exact)."""

    id: str
    name: str
    image: str
    created: datetime | None
    size: int
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "container"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, one: Fields) -> ContainerUse:
        return cls(
            id=one.text("ID"),
            name=one.text("Names"),
            image=one.text("Image"),
            created=moment(one.text("CreatedAt")),
            size=_size(one, "Size"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class VolumeUse:
    """A volume on the engine's disk, and how many containers have it; ``size`` in bytes, rounded by
    docker, 0 where its driver does not tell."""

    name: str
    driver: str
    links: int
    size: int
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "volume"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, one: Fields) -> VolumeUse:
        return cls(
            name=one.text("Name"),
            driver=one.text("Driver"),
            links=_count(one, "Links"),
            size=_size(one, "Size"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class CacheUse:
    """A record of the build cache; ``size`` in bytes, rounded by docker."""

    id: str
    type: str
    description: str
    size: int
    in_use: bool
    shared: bool
    created: datetime | None
    last_used: datetime | None
    usage_count: int
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> CacheUse:
        return cls(
            id=one.text("ID"),
            type=one.text("CacheType"),
            description=one.text("Description"),
            size=_size(one, "Size"),
            in_use=one.text("InUse") == "true",
            shared=one.text("Shared") == "true",
            created=moment(one.text("CreatedAt")),
            last_used=moment(one.text("LastUsedAt")),
            usage_count=_count(one, "UsageCount"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class DiskUseInDetail:
    """Each object that takes space on the engine."""

    images: tuple[ImageUse, ...]
    containers: tuple[ContainerUse, ...]
    volumes: tuple[VolumeUse, ...]
    build_cache: tuple[CacheUse, ...]
    raw: Mapping[str, Any] = field(repr=False)


def in_detail(completed: Completed) -> DiskUseInDetail:
    """The answer of ``docker system df --verbose``."""
    raw = json_object(completed)
    top = Fields(raw)
    return DiskUseInDetail(
        images=tuple(map(ImageUse.parse, top.objects("Images"))),
        containers=tuple(map(ContainerUse.parse, top.objects("Containers"))),
        volumes=tuple(map(VolumeUse.parse, top.objects("Volumes"))),
        build_cache=tuple(map(CacheUse.parse, top.objects("BuildCache"))),
        raw=raw,
    )


@dataclass(frozen=True, slots=True)
class SystemPruned:
    """What ``docker system prune`` removed: ids, of networks and volumes the names.

    ``untagged`` are names taken from images; ``reclaimed`` is in bytes, rounded by docker, None
    where docker was let ask and got no yes.
    """

    containers: tuple[str, ...]
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    untagged: tuple[str, ...]
    images: tuple[str, ...]
    build_cache: tuple[str, ...]
    reclaimed: int | None
    raw: str = field(repr=False)


_KINDS = "containers", "networks", "volumes", "images", "build cache objects", "pods"
_HEADING = re.compile(r"Deleted ([A-Za-z ]+?):?")
_TOTAL = re.compile(r"Total reclaimed space: (.+)")
_ASKED = "[y/N] "  # the end of docker's question, where it was let ask


def system_pruned(completed: Completed) -> SystemPruned:
    """The answer of ``docker system prune``: below a heading for each kind what was deleted."""
    said: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    kind, total = "", None
    text = completed.text.rpartition(_ASKED)[2]
    for line in filter(None, map(str.strip, text.split("\n"))):
        if heading := _HEADING.fullmatch(line):
            kind = heading[1].lower()
        elif found := _TOTAL.fullmatch(line):
            total = size(found[1])
        elif kind in said:
            said[kind].append(line)
        else:
            raise UnreadableOutput(completed, f"neither a heading nor a total: {line!r}")
    images = [line.rpartition(": ") for line in said["images"]]
    return SystemPruned(
        containers=tuple(said["containers"]),
        networks=tuple(said["networks"]),
        volumes=tuple(said["volumes"]),
        untagged=tuple(what for did, _, what in images if did == "untagged"),
        images=tuple(what for did, _, what in images if did != "untagged"),
        build_cache=tuple(said["build cache objects"]),
        reclaimed=total,
        raw=completed.text,
    )


def _count(top: Fields, *names: str) -> int:
    """A number, which docker writes as a text."""
    number = whole(top.text(*names))
    return top.number(*names) if number is None else number


def _size(top: Fields, name: str) -> int:
    """``1.98MB`` or ``410B (100%)`` in bytes; podman has the bytes, docker ``N/A`` for none."""
    return top.number(name) or size(top.text(name).partition(" (")[0]) or 0


def _name(top: Fields, name: str) -> str:
    return top.text(name).replace("<none>", "")
