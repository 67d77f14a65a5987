"""Secrets that an engine keeps, as ``docker secret inspect`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class SecretInspect:
    """A secret of a swarm, or of podman; its value is what no docker command tells.

    ``driver`` is "" for those that the swarm itself keeps.
    """

    id: str
    name: str
    driver: str
    labels: Mapping[str, str]
    created: datetime | None
    updated: datetime | None
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "secret"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> SecretInspect:
        top = Fields(raw)
        spec = top.inner("Spec")
        return cls(
            id=top.text("ID"),
            name=spec.text("Name"),
            driver=spec.inner("Driver").text("Name"),
            labels=spec.mapping("Labels"),
            created=top.time("CreatedAt"),
            updated=top.time("UpdatedAt"),
            raw=raw,
        )
