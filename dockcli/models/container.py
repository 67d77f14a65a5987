"""Containers, as ``docker container inspect`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from dockcli.errors import InvalidArgument
from dockcli.models.fields import Fields, whole
from dockcli.models.image import with_algorithm
from dockcli.models.times import moment

if TYPE_CHECKING:
    from dockcli import mounts


_PODMANS = {"configured": "created", "initialized": "created", "stopped": "exited"}
"""podman's words for what docker calls created and exited."""


class State(str, Enum):
    """Where a container is in its life; ``UNKNOWN`` for a word that docker has since added."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, word: str) -> State:
        try:
            return cls(_PODMANS.get(word, word))
        except ValueError:
            return cls.UNKNOWN


class ChangeKind(str, Enum):
    """What ``docker diff`` says of a path."""

    ADDED = "A"
    CHANGED = "C"
    DELETED = "D"


@dataclass(frozen=True, slots=True)
class Change:
    """A path of a container that differs from its image."""

    kind: ChangeKind
    path: str


@dataclass(frozen=True, slots=True)
class Mount:
    """A place in a container where something else is mounted.

    ``type`` is bind, volume, tmpfs or image; ``source`` a path of the engine's machine. One that is
    a bind or a volume can be given to another container's ``mount=``.
    """

    type: str
    name: str
    source: str
    destination: str
    read_only: bool
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> Mount:
        return cls(
            type=one.text("Type"),
            name=one.text("Name"),
            source=one.text("Source"),
            destination=one.text("Destination"),
            read_only=not one.flag("RW"),
            raw=one.raw,
        )

    def _given(self) -> mounts.Bind | mounts.VolumeMount:
        from dockcli.mounts import Bind, VolumeMount

        if self.type == "bind":
            told = self.raw.get("Propagation")
            propagation = None if told in ("", "rprivate") else told  # docker's own choice
            return Bind(self.source, self.destination, self.read_only, propagation)
        if self.type == "volume":
            return VolumeMount(self.name, self.destination, self.read_only)
        raise InvalidArgument(f"docker tells too little of the {self.type} at {self.destination}")

    def __docker__(self) -> str:
        return self._given().__docker__()

    def __docker_flag__(self, flag: str) -> tuple[str, str]:
        return self._given().__docker_flag__(flag)


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container, and where it is published (host_port 0: it is not).

    One that is published can be given to another container's ``publish=``.
    """

    container_port: int
    protocol: str
    host_ip: str
    host_port: int

    def _given(self) -> mounts.Port:
        from dockcli.mounts import Port

        protocol: Any = self.protocol  # an unknown one is refused there
        return Port(self.container_port, self.host_port or None, self.host_ip or None, protocol)

    def __docker__(self) -> str:
        return self.__docker_flag__("publish")[1]

    def __docker_flag__(self, flag: str) -> tuple[str, str]:
        if not self.host_port and flag.startswith("publish"):
            raise InvalidArgument(f"{self!r} is not published: Port(…) says where it is to be")
        return self._given().__docker_flag__(flag)


@dataclass(frozen=True, slots=True)
class ContainerInspect:
    """A container. Times are aware; ``upper_dir`` is the folder of its writable layer on the
    engine's machine, "" where the engine does not tell.

    ``size_rw`` is what its writable layer holds, ``size_root_fs`` what its whole file system does
    (podman: without the writable layer), in bytes: docker tells them with ``size=True``, else None.
    """

    id: str
    name: str
    image: str
    image_id: str
    state: State
    exit_code: int
    error: str
    created: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    labels: Mapping[str, str]
    mounts: tuple[Mount, ...]
    ports: tuple[Port, ...]
    networks: tuple[str, ...]
    upper_dir: str
    lower_dirs: tuple[str, ...]
    size_rw: int | None
    size_root_fs: int | None
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "container"

    @property
    def running(self) -> bool:
        return self.state is State.RUNNING

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ContainerInspect:
        top = Fields(raw)
        state, config = top.inner("State"), top.inner("Config")
        layers = top.inner("GraphDriver").inner("Data")
        network = top.inner("NetworkSettings")
        return cls(
            id=top.text("Id", "ID"),
            name=top.text("Name").removeprefix("/"),
            image=top.text("ImageName") or config.text("Image"),
            image_id=with_algorithm(top.text("Image")),
            state=State.of(state.text("Status")),
            exit_code=state.number("ExitCode"),
            error=state.text("Error"),
            created=top.time("Created"),
            started_at=moment(state.text("StartedAt")),
            finished_at=moment(state.text("FinishedAt")),
            labels=config.mapping("Labels"),
            mounts=tuple([Mount.parse(one) for one in top.objects("Mounts")]),
            ports=_ports(network.inner("Ports")),
            networks=network.keys("Networks"),
            upper_dir=layers.text("UpperDir"),
            lower_dirs=tuple(filter(None, layers.text("LowerDir").split(":"))),
            size_rw=_size(top, "SizeRw"),
            size_root_fs=_size(top, "SizeRootFs"),
            raw=raw,
        )


def _size(top: Fields, name: str) -> int | None:
    """A size in bytes; docker leaves it out unless asked, and says -1 when it cannot tell."""
    size = top.number(name) if name in top.raw else -1
    return size if size >= 0 else None


def _ports(published: Fields) -> tuple[Port, ...]:
    found = []
    for key in published.raw:
        number, _, protocol = str(key).partition("/")
        if (inside := whole(number)) is None:
            continue
        for binding in published.objects(key) or (Fields(None),):
            found.append(
                Port(
                    container_port=inside,
                    protocol=protocol or "tcp",
                    host_ip=binding.text("HostIp"),
                    host_port=whole(binding.text("HostPort")) or 0,
                )
            )
    return tuple(found)
