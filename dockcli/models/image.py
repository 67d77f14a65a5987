"""Images, as ``docker image inspect``, ``history`` and ``push`` tell of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields
from dockcli.models.human import size

_PUSHED = re.compile(r"(\S+): digest: (\w+:[0-9a-f]+) size: ([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class ImageInspect:
    """An image. ``size`` is in bytes; ``layers`` are the digests of its layers, lowest first."""

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    parent: str
    created: datetime | None
    size: int
    labels: Mapping[str, str]
    architecture: str
    os: str
    layers: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "image"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ImageInspect:
        top = Fields(raw)
        return cls(
            id=with_algorithm(top.text("Id", "ID")),
            tags=top.texts("RepoTags"),
            digests=top.texts("RepoDigests"),
            parent=top.text("Parent"),
            created=top.time("Created"),
            size=top.number("Size"),
            labels=top.inner("Config").mapping("Labels") or top.mapping("Labels"),
            architecture=top.text("Architecture"),
            os=top.text("Os"),
            layers=top.inner("RootFS").texts("Layers"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ImageRemoval:
    """What ``docker image rm`` did: which names it took away, which images it deleted."""

    untagged: tuple[str, ...]
    deleted: tuple[str, ...]


def with_algorithm(image: str) -> str:
    """podman leaves ``sha256:`` out of an image's id."""
    return f"sha256:{image}" if image and ":" not in image else image


@dataclass(frozen=True, slots=True)
class ImageLayer:
    """A step in the history of an image.

    ``id`` is "" where the image of that step is not here; ``size`` is in bytes.
    """

    id: str
    created: datetime | None
    created_by: str
    size: int
    comment: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ImageLayer:
        row = Fields(raw)
        id = row.text("ID", "id")
        return cls(
            id="" if id == "<missing>" else with_algorithm(id),
            created=row.time("CreatedAt", "Created", "CreatedSince", "created"),
            created_by=row.text("CreatedBy"),
            size=row.number("size") or size(row.text("Size")) or 0,
            comment=row.text("Comment", "comment"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class PushedTag:
    """A tag that a registry has now: its ``digest`` there, and the bytes of its manifest."""

    tag: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Push:
    """What ``docker image push`` sent: a tag, or with ``all_tags=True`` each of them.

    None with ``quiet=True``, nor from podman, which writes the digest to ``digestfile=``.
    """

    tags: tuple[PushedTag, ...]
    raw: str = field(repr=False)

    @property
    def digest(self) -> str:
        """The digest of the last tag, ``sha256:…``; "" where docker did not tell."""
        return self.tags[-1].digest if self.tags else ""

    @property
    def size(self) -> int:
        """The bytes of the last tag's manifest, 0 where docker did not tell."""
        return self.tags[-1].size if self.tags else 0

    @classmethod
    def parse(cls, text: str) -> Push:
        found = map(_PUSHED.fullmatch, text.splitlines())
        tags = (PushedTag(match[1], match[2], int(match[3])) for match in found if match)
        return cls(tuple(tags), text)
