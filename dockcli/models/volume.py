"""Volumes, as ``docker volume inspect`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class VolumeInspect:
    """A volume. ``mountpoint`` is a path of the engine's machine."""

    name: str
    driver: str
    mountpoint: str
    scope: str
    created: datetime | None
    labels: Mapping[str, str]
    options: Mapping[str, str]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "volume"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> VolumeInspect:
        top = Fields(raw)
        return cls(
            name=top.text("Name"),
            driver=top.text("Driver"),
            mountpoint=top.text("Mountpoint"),
            scope=top.text("Scope"),
            created=top.time("CreatedAt"),
            labels=top.mapping("Labels"),
            options=top.mapping("Options"),
            raw=raw,
        )
