"""The engine's plugins, as ``docker plugin inspect`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class PluginInspect:
    """A plugin of the engine.

    ``reference`` is what it was installed from; ``interfaces`` what it does for the engine
    (``docker.volumedriver/1.0``); ``env`` its settings, each as ``NAME=value``.
    """

    id: str
    name: str
    reference: str
    description: str
    enabled: bool
    interfaces: tuple[str, ...]
    env: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "plugin"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> PluginInspect:
        top = Fields(raw)
        config = top.inner("Config")
        return cls(
            id=top.text("Id", "ID"),
            name=top.text("Name"),
            reference=top.text("PluginReference"),
            description=config.text("Description"),
            enabled=top.flag("Enabled"),
            interfaces=config.inner("Interface").texts("Types"),
            env=top.inner("Settings").texts("Env"),
            raw=raw,
        )
