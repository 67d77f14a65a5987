"""Images, as ``docker image inspect`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dockcli.models.fields import Fields


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

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ImageInspect:
        top = Fields(raw)
        return cls(
            id=_with_algorithm(top.text("Id", "ID")),
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


def _with_algorithm(image: str) -> str:
    """podman leaves ``sha256:`` out of an image's id."""
    return f"sha256:{image}" if image and ":" not in image else image
