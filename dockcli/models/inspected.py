"""Whatever ``docker inspect`` tells of, by its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dockcli.models.fields import Fields

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect
    from dockcli.models.image import ImageInspect
    from dockcli.models.network import NetworkInspect
    from dockcli.models.volume import VolumeInspect


@dataclass(frozen=True, slots=True)
class Inspected:
    """An object of another kind than container, image, network or volume; its group's own
    `inspect` tells more."""

    id: str
    name: str
    raw: Mapping[str, Any] = field(repr=False)

    def __docker__(self) -> str:
        return self.id or self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Inspected:
        top = Fields(raw)
        name = top.text("Name", "name") or top.inner("Spec").text("Name")
        return cls(id=top.text("ID", "Id", "id"), name=name, raw=raw)


def inspected(
    raw: Mapping[str, Any],
) -> ContainerInspect | ImageInspect | NetworkInspect | VolumeInspect | Inspected:
    """The model of the kind that *raw* has the shape of."""
    if "State" in raw and "Config" in raw:
        from dockcli.models.container import ContainerInspect

        return ContainerInspect.parse(raw)
    if "RepoTags" in raw:
        from dockcli.models.image import ImageInspect

        return ImageInspect.parse(raw)
    if "IPAM" in raw or "subnets" in raw:
        from dockcli.models.network import NetworkInspect

        return NetworkInspect.parse(raw)
    if "Mountpoint" in raw:
        from dockcli.models.volume import VolumeInspect

        return VolumeInspect.parse(raw)
    return Inspected.parse(raw)
