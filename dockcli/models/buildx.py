"""Builders of ``docker buildx`` and their caches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.models.fields import Fields
from dockcli.models.human import size
from dockcli.models.times import moment


class NodeStatus(str, Enum):
    """What a builder's node does; ``UNKNOWN`` for a word that buildx has since added."""

    INACTIVE = "inactive"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ERROR = "error"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, word: str) -> NodeStatus:
        return cls(word) if word in cls._value2member_map_ else cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class BuilderNode:
    """A node of a builder. ``version`` is BuildKit's; ``error`` is "" where there is none."""

    name: str
    endpoint: str
    status: NodeStatus
    version: str
    platforms: tuple[str, ...]
    flags: tuple[str, ...]
    driver_opts: Mapping[str, str]
    error: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> BuilderNode:
        error = one.text("Err", "Error")
        return cls(
            name=one.text("Name"),
            endpoint=one.text("Endpoint"),
            status=NodeStatus.ERROR if error else NodeStatus.of(one.text("Status")),
            version=one.text("Version", "BuildKit version", "BuildKit", "Buildkit"),
            platforms=one.texts("Platforms") or _platforms(one.text("Platforms")),
            flags=one.texts("Flags") or _flags(one),
            driver_opts=one.mapping("DriverOpts") or _options(one.text("Driver Options")),
            error=error,
            raw=one.raw,
        )


def _platforms(text: str) -> tuple[str, ...]:
    """``linux/amd64*, linux/arm/v7``: a star is on those that were set by hand."""
    return tuple(word.removesuffix("*") for word in text.split(", ") if word)


def _flags(one: Fields) -> tuple[str, ...]:
    return tuple(one.text("BuildKit daemon flags", "Flags").split())


def _options(text: str) -> dict[str, str]:
    return dict(re.findall(r'(\S+?)="([^"]*)"', text))


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder and its nodes. ``current``: builds go to it; None where buildx does not tell."""

    name: str
    driver: str
    current: bool | None
    last_activity: datetime | None
    nodes: tuple[BuilderNode, ...]
    error: str
    raw: Mapping[str, Any] = field(repr=False)

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Builder:
        top = Fields(raw)
        return cls(
            name=top.text("Name"),
            driver=top.text("Driver"),
            current=top.flag("Current") if "Current" in top.raw else None,
            last_activity=moment(top.text("LastActivity", "Last Activity")),
            nodes=tuple(BuilderNode.parse(one) for one in top.objects("Nodes")),
            error=top.text("Err", "Error"),
            raw=raw,
        )


def builder(completed: Completed) -> Builder:
    """What ``docker buildx inspect`` prints: ``Key: value`` lines, a block of them for each node.

    It has no other form. What is indented below a key (labels, policies, files) is left out.
    """
    blocks: list[dict[str, str]] = []
    for key, value in _pairs(completed.text):
        if key == "Name":
            blocks.append({})
        if not blocks:
            raise UnreadableOutput(completed, "no builder")
        blocks[-1].setdefault(key, value)
    if not blocks:
        raise UnreadableOutput(completed, "no builder")
    top, *nodes = blocks
    return Builder.parse({**top, "Nodes": nodes})


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        match = re.fullmatch(r"([A-Z][\w #]*):(?:\s+(.*))?", line)
        if match is not None:
            yield match[1], (match[2] or "").strip()


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """A record of a builder's cache.

    ``size`` is in bytes, rounded by buildx to four digits. ``last_used`` is how long ago that was
    in buildx's words (``2 weeks ago``), or when.
    """

    id: str
    parents: tuple[str, ...]
    created: datetime | None
    mutable: bool
    reclaimable: bool
    shared: bool
    size: int
    description: str
    usage_count: int
    last_used: str
    type: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> CacheRecord:
        top = Fields(raw)
        return cls(
            id=top.text("ID"),
            parents=top.texts("Parents"),
            created=top.time("CreatedAt"),
            mutable=top.flag("Mutable"),
            reclaimable=top.flag("Reclaimable"),
            shared=top.flag("Shared"),
            size=size(top.text("Size")) or 0,
            description=top.text("Description"),
            usage_count=top.number("UsageCount"),
            last_used=top.text("LastUsedAt"),
            type=top.text("Type"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class CachePruned:
    """What ``docker buildx prune`` removed. ``reclaimed`` is in bytes, rounded by buildx."""

    ids: tuple[str, ...]
    reclaimed: int


def pruned(completed: Completed) -> CachePruned:
    """The removed records, a line or (``verbose=True``) a block each, and the total below them."""
    ids: list[str] = []
    total: int | None = None
    for line in completed.text.splitlines():
        if match := re.fullmatch(r"Total:\s+(\S+)", line):
            total = size(match[1])
        elif match := re.match(r"(?:ID:\s+)?(\w+)\*?(?:\s+(?:true|false)\s.*)?$", line):
            ids.append(match[1])
    if total is None:
        raise UnreadableOutput(completed, "no total")
    return CachePruned(tuple(ids), total)


@dataclass(frozen=True, slots=True)
class BuildxVersion:
    """The plugin's version, without the ``v`` before it, and the commit that it was built from."""

    package: str
    version: str
    revision: str


def version(completed: Completed) -> BuildxVersion:
    """``github.com/docker/buildx v0.11.2 9872040b``; buildx has no other form."""
    match = re.fullmatch(r"(\S+) v?(\S+)(?: (\S+))?\s*", completed.text)
    if match is None:
        raise UnreadableOutput(completed, "no package and version")
    return BuildxVersion(match[1], match[2], match[3] or "")
