"""Stacks of a swarm's services, as ``docker stack ls`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dockcli.models.fields import Fields, whole


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack, and how many services it has."""

    name: str
    services: int
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "stack"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Stack:
        top = Fields(raw)
        services = whole(top.text("Services"))
        return cls(
            name=top.text("Name"),
            services=top.number("Services") if services is None else services,
            raw=raw,
        )
