"""The engine, as ``docker info`` tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class Info:
    """The engine. ``memory`` is in bytes; ``time`` is what its clock said."""

    id: str
    name: str
    server_version: str
    driver: str
    root: str
    cpus: int
    memory: int
    containers: int
    images: int
    time: datetime | None
    security_options: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def rootless(self) -> bool:
        return any("rootless" in option for option in self.security_options)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Info:
        top = Fields(raw)
        host, store = top.inner("host"), top.inner("store")  # podman's
        return cls(
            id=top.text("ID"),
            name=top.text("Name") or host.text("hostname"),
            server_version=top.text("ServerVersion") or top.inner("version").text("Version"),
            driver=top.text("Driver") or store.text("graphDriverName"),
            root=top.text("DockerRootDir") or store.text("graphRoot"),
            cpus=top.number("NCPU") or host.number("cpus"),
            memory=top.number("MemTotal") or host.number("memTotal"),
            containers=top.number("Containers") or store.inner("containerStore").number("number"),
            images=top.number("Images") or store.inner("imageStore").number("number"),
            time=top.time("SystemTime"),
            security_options=top.texts("SecurityOptions"),
            raw=raw,
        )
