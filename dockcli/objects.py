"""Handles: an id and a client. Nothing is fetched until asked; each verb is its group's."""

from __future__ import annotations

import re
from functools import partial

from dockcli.errors import DockcliError, DockerFailed, NoSuchObject
from dockcli.files.methods import Files
from dockcli.typed import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from types import TracebackType
    from typing import Any, ClassVar, NoReturn

    from typing_extensions import Self, Unpack

    from dockcli.client import Docker
    from dockcli.commands.signatures import (
        ContainerAttachOf,
        ContainerExecOf,
        ContainerExportOf,
        ContainerLogsOf,
        ContainerStatsOf,
        ImagePushOf,
        ImageSaveOf,
    )
    from dockcli.machine import Machine
    from dockcli.models.container import Change, ContainerInspect, Port
    from dockcli.models.image import ImageInspect, ImageLayer, ImageRemoval, Push
    from dockcli.models.network import NetworkInspect
    from dockcli.models.stats import ContainerStats, Process
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.options import (
        ContainerCommitOptions,
        ContainerDiffOptions,
        ContainerExecOptions,
        ContainerInspectOptions,
        ContainerKillOptions,
        ContainerPauseOptions,
        ContainerPortOptions,
        ContainerRenameOptions,
        ContainerRestartOptions,
        ContainerRmOptions,
        ContainerStartOptions,
        ContainerStopOptions,
        ContainerTopOptions,
        ContainerUnpauseOptions,
        ContainerUpdateOptions,
        ContainerWaitOptions,
        ImageHistoryOptions,
        ImageInspectOptions,
        ImageRmOptions,
        ImageTagOptions,
        NetworkConnectOptions,
        NetworkDisconnectOptions,
        NetworkInspectOptions,
        NetworkRmOptions,
        VolumeInspectOptions,
        VolumeRmOptions,
        VolumeUpdateOptions,
    )
    from dockcli.spec.values import ContainerRef, ImageRef, Word
    from dockcli.waiting import Conditions, Ready

_ID = r"(sha256:)?[0-9a-f]{12,64}"
_BEING_REMOVED = r"removal of container \S+ is already in progress"


V = TypeVar("V", covariant=True)


class Of(Generic[V]):
    """The verb of a group, asked of a handle: `Container.logs` is `ContainerGroup.logs` of it."""

    def __init__(self, group: str, verb: str) -> None:
        self._group, self._verb = group, verb
        self.__doc__ = f"See `{group.capitalize()}Group.{verb}`."

    @overload
    def __get__(self, handle: None, owner: type) -> Self: ...
    @overload
    def __get__(self, handle: Any, owner: type) -> V: ...
    def __get__(self, handle: Any, owner: type) -> Any:
        if handle is None:
            return self
        return partial(getattr(getattr(handle._client, self._group), self._verb), handle)


class Handle:
    """Something on an engine, by the id (a volume: the name) that docker gave it.

    Handles are frozen, and equal when they have the same id, or name, and the same client; a copy
    is the handle itself, and none can be pickled. ``str()`` is the id, so that
    ``f"{container}:/path"`` works. As a context manager a handle removes its object at the end:
    what is gone already is fine, and where the removal fails after an exception, that one goes on,
    with a note.
    """

    __slots__ = ("_client", "id")
    __docker_kind__: ClassVar[str]

    id: str
    _client: Docker

    def __init__(self, id: str, client: Docker) -> None:
        object.__setattr__(self, "id", id)
        object.__setattr__(self, "_client", client)

    def __setattr__(self, name: str, part: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be removed")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} has a client, which belongs to this process: keep its id, "
            f"and make {type(self).__name__}(id, client) of it where it is needed"
        )

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._remove()
        except NoSuchObject:
            pass
        except DockcliError as unclean:
            if isinstance(unclean, DockerFailed) and re.search(_BEING_REMOVED, unclean.reason):
                return
            if error is None:
                raise
            # as add_note() does, which Python has since 3.11
            notes: list[str] = vars(error).setdefault("__notes__", [])
            notes.append(f"{self!r} was not removed: {unclean}")

    def rm(self) -> object:
        """Remove it."""
        raise NotImplementedError  # each kind is its own group's to remove

    def _remove(self) -> object:
        """Remove it at the end of its context."""
        return self.rm()


class Container(Handle, Files):
    """A container. Its context ends it and removes it with its anonymous volumes."""

    __slots__ = ()
    __docker_kind__ = "container"

    attach: Of[ContainerAttachOf] = Of("container", "attach")
    exec: Of[ContainerExecOf] = Of("container", "exec")
    export: Of[ContainerExportOf] = Of("container", "export")
    logs: Of[ContainerLogsOf] = Of("container", "logs")
    stats: Of[ContainerStatsOf[list[ContainerStats]]] = Of("container", "stats")

    def commit(self, *repository: ImageRef, **options: Unpack[ContainerCommitOptions]) -> Image:
        """See `ContainerGroup.commit`."""
        return self._client.container.commit(self, *repository, **options)

    def diff(self, **options: Unpack[ContainerDiffOptions]) -> list[Change]:
        """See `ContainerGroup.diff`."""
        return self._client.container.diff(self, **options)

    def inspect(self, **options: Unpack[ContainerInspectOptions]) -> ContainerInspect:
        """See `ContainerGroup.inspect`."""
        return self._client.container.inspect(self, **options)

    def kill(self, **options: Unpack[ContainerKillOptions]) -> list[str]:
        """See `ContainerGroup.kill`."""
        return self._client.container.kill(self, **options)

    def machine(
        self,
        *,
        shell: str = "sh",
        encoding: str | None = "utf-8",
        connect_timeout: float | timedelta | None = 10.0,
        **options: Unpack[ContainerExecOptions],
    ) -> Machine:
        """See `ContainerGroup.machine`."""
        return self._client.container.machine(
            self, shell=shell, encoding=encoding, connect_timeout=connect_timeout, **options
        )

    def pause(self, **options: Unpack[ContainerPauseOptions]) -> list[str]:
        """See `ContainerGroup.pause`."""
        return self._client.container.pause(self, **options)

    def port(
        self, private_port: int | str | None = None, **options: Unpack[ContainerPortOptions]
    ) -> list[Port]:
        """See `ContainerGroup.port`."""
        return self._client.container.port(self, private_port, **options)

    def rename(self, new_name: str, **options: Unpack[ContainerRenameOptions]) -> None:
        """See `ContainerGroup.rename`."""
        self._client.container.rename(self, new_name, **options)

    def restart(self, **options: Unpack[ContainerRestartOptions]) -> list[str]:
        """See `ContainerGroup.restart`."""
        return self._client.container.restart(self, **options)

    def rm(self, **options: Unpack[ContainerRmOptions]) -> list[str]:
        """See `ContainerGroup.rm`."""
        return self._client.container.rm(self, **options)

    def start(self, **options: Unpack[ContainerStartOptions]) -> list[str]:
        """See `ContainerGroup.start`."""
        return self._client.container.start(self, **options)

    def stop(self, **options: Unpack[ContainerStopOptions]) -> list[str]:
        """See `ContainerGroup.stop`."""
        return self._client.container.stop(self, **options)

    def top(self, *ps_options: Word, **options: Unpack[ContainerTopOptions]) -> list[Process]:
        """See `ContainerGroup.top`."""
        return self._client.container.top(self, *ps_options, **options)

    def unpause(self, **options: Unpack[ContainerUnpauseOptions]) -> list[str]:
        """See `ContainerGroup.unpause`."""
        return self._client.container.unpause(self, **options)

    def update(self, **options: Unpack[ContainerUpdateOptions]) -> list[str]:
        """See `ContainerGroup.update`."""
        return self._client.container.update(self, **options)

    def wait(self, **options: Unpack[ContainerWaitOptions]) -> int:
        """See `ContainerGroup.wait`."""
        return self._client.container.wait(self, **options)

    def wait_for(self, **conditions: Unpack[Conditions]) -> Ready:
        """See `ContainerGroup.wait_for`."""
        return self._client.container.wait_for(self, **conditions)

    def _remove(self) -> object:
        return self.rm(force=True, volumes=True)


class Image(Handle):
    """An image, by its id or the name that was asked for.

    Its context takes away the names that the call gave which made it (``tag=``, of `pull` the name
    that was asked for), and nobody else's: docker deletes an image with its last name. Where the
    call gave none, the image is removed if it has none at all.
    """

    __slots__ = ("_names",)
    __docker_kind__ = "image"

    _names: tuple[str, ...]

    def __init__(self, id: str, client: Docker, names: Iterable[str] | None = None) -> None:
        """*names* are those that its context takes away; of an image by name that is the name."""
        super().__init__(id, client)
        if names is None:
            names = () if re.fullmatch(_ID, id) else (id,)
        object.__setattr__(self, "_names", tuple(names))

    push: Of[ImagePushOf[Push]] = Of("image", "push")
    save: Of[ImageSaveOf] = Of("image", "save")

    def history(self, **options: Unpack[ImageHistoryOptions]) -> list[ImageLayer]:
        """See `ImageGroup.history`."""
        return self._client.image.history(self, **options)

    def inspect(self, **options: Unpack[ImageInspectOptions]) -> ImageInspect:
        """See `ImageGroup.inspect`."""
        return self._client.image.inspect(self, **options)

    def rm(self, **options: Unpack[ImageRmOptions]) -> ImageRemoval:
        """See `ImageGroup.rm`."""
        return self._client.image.rm(self, **options)

    def tag(self, target: ImageRef, **options: Unpack[ImageTagOptions]) -> None:
        """See `ImageGroup.tag`."""
        self._client.image.tag(self, target, **options)

    def _remove(self) -> object:
        if self._names:
            return self._client.image.rm(*self._names)
        told = self.inspect()
        return None if told.tags or told.digests else self.rm()


class Volume(Handle):
    """A volume; its id is its name."""

    __slots__ = ()
    __docker_kind__ = "volume"

    @property
    def name(self) -> str:
        return self.id

    def inspect(self, **options: Unpack[VolumeInspectOptions]) -> VolumeInspect:
        """See `VolumeGroup.inspect`."""
        return self._client.volume.inspect(self, **options)

    def rm(self, **options: Unpack[VolumeRmOptions]) -> list[str]:
        """See `VolumeGroup.rm`."""
        return self._client.volume.rm(self, **options)

    def update(self, **options: Unpack[VolumeUpdateOptions]) -> None:
        """See `VolumeGroup.update`."""
        self._client.volume.update(self, **options)


class Network(Handle):
    """A network."""

    __slots__ = ()
    __docker_kind__ = "network"

    def connect(self, container: ContainerRef, **options: Unpack[NetworkConnectOptions]) -> None:
        """See `NetworkGroup.connect`."""
        self._client.network.connect(self, container, **options)

    def disconnect(
        self, container: ContainerRef, **options: Unpack[NetworkDisconnectOptions]
    ) -> None:
        """See `NetworkGroup.disconnect`."""
        self._client.network.disconnect(self, container, **options)

    def inspect(self, **options: Unpack[NetworkInspectOptions]) -> NetworkInspect:
        """See `NetworkGroup.inspect`."""
        return self._client.network.inspect(self, **options)

    def rm(self, **options: Unpack[NetworkRmOptions]) -> list[str]:
        """See `NetworkGroup.rm`."""
        return self._client.network.rm(self, **options)
