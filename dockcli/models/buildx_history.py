"""Build records and registries' images, as ``docker buildx`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar

from dockcli.models.fields import Fields


class BuildStatus(str, Enum):
    """How far a recorded build has come; ``UNKNOWN`` for a word that buildx has since added."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ERROR = "error"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, word: str) -> BuildStatus:
        word = {"failed": "error"}.get(word.lower(), word.lower())  # `inspect` calls it failed
        return cls(word) if word in cls._value2member_map_ else cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A recorded build, as ``docker buildx history ls`` tells of it.

    ``ref`` is its id, behind its builder and node where buildx tells them; ``id`` the last part.
    """

    ref: str
    name: str
    status: BuildStatus
    created: datetime | None
    completed: datetime | None
    total_steps: int
    completed_steps: int
    cached_steps: int
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        return self.ref.rpartition("/")[2]

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> BuildRecord:
        top = Fields(raw)
        return cls(
            ref=top.text("ref", "ID", "Ref"),
            name=top.text("name", "Name"),
            status=BuildStatus.of(top.text("status", "Status")),
            created=top.time("created_at", "CreatedAt"),
            completed=top.time("completed_at"),
            total_steps=top.number("total_steps"),
            completed_steps=top.number("completed_steps"),
            cached_steps=top.number("cached_steps"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class BuildInspect:
    """A recorded build, as ``docker buildx history inspect`` tells of it.

    ``duration`` is exact to the microsecond; ``error`` is "" for a build that did not fail.
    """

    ref: str
    name: str
    context: str
    dockerfile: str
    target: str
    platforms: tuple[str, ...]
    status: BuildStatus
    error: str
    started: datetime | None
    completed: datetime | None
    duration: timedelta
    total_steps: int
    completed_steps: int
    cached_steps: int
    raw: Mapping[str, Any] = field(repr=False)

    def __docker__(self) -> str:
        return self.ref

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> BuildInspect:
        top = Fields(raw)
        return cls(
            ref=top.text("Ref"),
            name=top.text("Name"),
            context=top.text("Context"),
            dockerfile=top.text("Dockerfile"),
            target=top.text("Target"),
            platforms=top.texts("Platform"),
            status=BuildStatus.of(top.text("Status")),
            error=top.inner("Error").text("Message"),
            started=top.time("StartedAt"),
            completed=top.time("CompletedAt"),
            duration=_nanoseconds(top.number("Duration")),
            total_steps=top.number("NumTotalSteps"),
            completed_steps=top.number("NumCompletedSteps"),
            cached_steps=top.number("NumCachedSteps"),
            raw=raw,
        )


def _nanoseconds(number: int) -> timedelta:
    """Go's duration, which has 64 bits."""
    return timedelta(microseconds=number // 1000) if abs(number) < 2**63 else timedelta()


@dataclass(frozen=True, slots=True)
class Manifest:
    """An image of one platform (``linux/arm/v7``), or what is told of one. ``size`` is in bytes.

    ``kind`` is "" for an image, else what the annotations call it: ``attestation-manifest``.
    """

    digest: str
    media_type: str
    size: int
    platform: str
    kind: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> Manifest:
        platform = one.inner("platform")
        parts = [platform.text(name) for name in ("os", "architecture", "variant")]
        return cls(
            digest=one.text("digest"),
            media_type=one.text("mediaType"),
            size=one.number("size"),
            platform="/".join(filter(None, parts)),
            kind=one.inner("annotations").text("vnd.docker.reference.type"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class RegistryImage:
    """An image as its registry has it. ``size`` is that of its manifest or index, in bytes.

    ``manifests`` are those that an index lists, of an image for one platform none. ``image`` is the
    image's configuration, or one for each platform by the platform's name.
    """

    name: str
    digest: str
    media_type: str
    size: int
    manifests: tuple[Manifest, ...]
    image: Mapping[str, Any]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "image"

    def __docker__(self) -> str:
        return f"{self.name}@{self.digest}" if self.digest else self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> RegistryImage:
        top = Fields(raw)
        manifest = top.inner("manifest")
        return cls(
            name=top.text("name"),
            digest=manifest.text("digest"),
            media_type=manifest.text("mediaType"),
            size=manifest.number("size"),
            manifests=tuple(Manifest.parse(one) for one in manifest.objects("manifests")),
            image=top.inner("image").raw,
            raw=raw,
        )
