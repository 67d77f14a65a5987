"""Configs of a swarm, as ``docker config inspect`` tells of them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class ConfigInspect:
    """A config; ``data`` is what it holds, byte for byte."""

    id: str
    name: str
    data: bytes = field(repr=False)
    labels: Mapping[str, str]
    created: datetime | None
    updated: datetime | None
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "config"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ConfigInspect:
        top = Fields(raw)
        spec = top.inner("Spec")
        return cls(
            id=top.text("ID"),
            name=spec.text("Name"),
            data=_decoded(spec.text("Data")),
            labels=spec.mapping("Labels"),
            created=top.time("CreatedAt"),
            updated=top.time("UpdatedAt"),
            raw=raw,
        )


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
