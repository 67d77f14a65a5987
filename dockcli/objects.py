"""Handles: an id and a client. Nothing is fetched until asked; each verb is its group's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.client import Docker
    from dockcli.completed import Completed
    from dockcli.models.container import Change, ContainerInspect
    from dockcli.models.image import ImageInspect, ImageRemoval
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.options import (
        ContainerExecOptions,
        ContainerLogsOptions,
        ContainerRmOptions,
        ContainerStartOptions,
        ContainerStopOptions,
        ImageRmOptions,
        VolumeRmOptions,
    )
    from dockcli.spec.values import Ref, Word


class Handle:
    """Something on an engine, by the id (a volume: the name) that docker gave it.

    Handles are equal when they mean the same object through the same client. ``str()`` is the id,
    so that ``f"{container}:/path"`` works.
    """

    __slots__ = ("_client", "id")

    def __init__(self, id: str, client: Docker) -> None:
        self.id = id
        self._client = client

    def __docker__(self) -> str:
        return self.id

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Handle)
            and type(other) is type(self)
            and (other.id, other._client) == (self.id, self._client)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.id))


class Container(Handle):
    """A container."""

    __slots__ = ()

    def inspect(self) -> ContainerInspect:
        """See `ContainerGroup.inspect`."""
        return self._client.container.inspect(self)

    def start(self, **options: Unpack[ContainerStartOptions]) -> list[str]:
        """See `ContainerGroup.start`."""
        return self._client.container.start(self, **options)

    def stop(self, **options: Unpack[ContainerStopOptions]) -> list[str]:
        """See `ContainerGroup.stop`."""
        return self._client.container.stop(self, **options)

    def rm(self, **options: Unpack[ContainerRmOptions]) -> list[str]:
        """See `ContainerGroup.rm`."""
        return self._client.container.rm(self, **options)

    def exec(self, *command: Word, **options: Unpack[ContainerExecOptions]) -> Completed:
        """See `ContainerGroup.exec`."""
        return self._client.container.exec(self, *command, **options)

    def logs(self, **options: Unpack[ContainerLogsOptions]) -> Completed:
        """See `ContainerGroup.logs`."""
        return self._client.container.logs(self, **options)

    def diff(self) -> list[Change]:
        """See `ContainerGroup.diff`."""
        return self._client.container.diff(self)

    def wait(self, **options: Any) -> int:
        """See `ContainerGroup.wait`."""
        return self._client.container.wait(self, **options)


class Image(Handle):
    """An image."""

    __slots__ = ()

    def inspect(self) -> ImageInspect:
        """See `ImageGroup.inspect`."""
        return self._client.image.inspect(self)

    def tag(self, target: Ref) -> None:
        """See `ImageGroup.tag`."""
        self._client.image.tag(self, target)

    def rm(self, **options: Unpack[ImageRmOptions]) -> ImageRemoval:
        """See `ImageGroup.rm`."""
        return self._client.image.rm(self, **options)


class Volume(Handle):
    """A volume; its id is its name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self.id

    def inspect(self) -> VolumeInspect:
        """See `VolumeGroup.inspect`."""
        return self._client.volume.inspect(self)

    def rm(self, **options: Unpack[VolumeRmOptions]) -> list[str]:
        """See `VolumeGroup.rm`."""
        return self._client.volume.rm(self, **options)
