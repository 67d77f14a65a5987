"""Contexts, as ``docker context`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class ContextRow:
    """A context in the list; ``error`` says why docker cannot use it."""

    name: str
    current: bool
    description: str
    host: str
    error: str
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "context"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ContextRow:
        top = Fields(raw)
        return cls(
            name=top.text("Name"),
            current=top.flag("Current", "Default"),
            description=top.text("Description"),
            host=top.text("DockerEndpoint", "URI"),
            error=top.text("Error"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ContextInspect:
    """A context. ``tls_files`` are the names of its files for TLS; ``metadata_path`` and
    ``tls_path`` are folders of this machine."""

    name: str
    description: str
    host: str
    skip_tls_verify: bool
    tls_files: tuple[str, ...]
    metadata_path: str
    tls_path: str
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "context"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ContextInspect:
        top = Fields(raw)
        endpoint, storage = top.inner("Endpoints").inner("docker"), top.inner("Storage")
        return cls(
            name=top.text("Name"),
            description=top.inner("Metadata").text("Description"),
            host=endpoint.text("Host"),
            skip_tls_verify=endpoint.flag("SkipTLSVerify"),
            tls_files=top.inner("TLSMaterial").texts("docker"),
            metadata_path=storage.text("MetadataPath"),
            tls_path=storage.text("TLSPath"),
            raw=raw,
        )
