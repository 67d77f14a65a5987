"""What a survey tells, as values, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Source: TypeAlias = Literal["image", "layer", "anonymous", "volume", "bind", "network", "tmpfs"]
Action: TypeAlias = Literal[
    "stop",
    "rm",
    "rm -v",
    "volume prune",
    "volume prune --all",
    "compose down -v",
    "host loss",
]

ACTIONS: dict[Action, str] = {
    "stop": "the container is stopped",
    "rm": "docker rm, of this container",
    "rm -v": "docker rm --volumes, of this container",
    "volume prune": "docker volume prune, once this container is gone",
    "volume prune --all": "docker volume prune --all, once this container is gone",
    "compose down -v": "docker compose down --volumes, of this container's project",
    "host loss": "the engine's machine, or its disk, is lost",
}
"""What can destroy data, the most usual first, and what each means."""

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class DataPath:
    """A place where a container keeps data; of a volume that no container has, ``path`` is "".

    ``path`` is a path of the container: where a volume, bind or tmpfs is mounted, or a file or
    folder of the writable layer. ``name`` is the volume's name, the host's path, or the image.
    ``size`` is in bytes, None where nobody tells; ``rounded``: docker told it to four digits only.
    ``files`` counts all that is no folder, None where it was not counted. ``lost_by`` are those of
    ACTIONS that destroy it, in their order. ``shared_with`` are the names of the other containers
    that have it.
    """

    path: str
    source: Source
    name: str = ""
    size: int | None = None
    files: int | None = None
    rounded: bool = False
    read_only: bool = False
    lost_by: tuple[Action, ...] = ()
    shared_with: tuple[str, ...] = ()
    note: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is in it, as far as is known."""
        return not self.files and self.size == 0

    @property
    def at_risk(self) -> bool:
        """Whether ``docker rm -v`` of this one container would destroy it, and it is not empty.

        What is in a tmpfs is lost too, but nobody keeps data there.
        """
        return self.source in ("layer", "anonymous") and "rm -v" in self.lost_by and not self.empty

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "source": self.source,
            "name": self.name,
            "size": self.size,
            "files": self.files,
            "rounded": self.rounded,
            "read_only": self.read_only,
            "lost_by": list(self.lost_by),
            "shared_with": list(self.shared_with),
            "note": self.note,
            "at_risk": self.at_risk,
        }


@dataclass(frozen=True, slots=True)
class ContainerData:
    """Where one container keeps data.

    ``state`` is docker's word (running, exited). ``layer_size`` is that of its whole writable
    layer, in bytes, None where docker was not asked or cannot tell; it is a little more than its
    ``layer`` paths together where docker counts what it made itself. ``project`` is the compose
    project that it is of, or "". ``auto_remove``: it was made with ``--rm``, so that stopping it
    does what ``rm -v`` does.
    """

    id: str
    name: str
    image: str
    state: str
    paths: tuple[DataPath, ...]
    layer_size: int | None = None
    project: str = ""
    auto_remove: bool = False

    @property
    def at_risk(self) -> tuple[DataPath, ...]:
        """What ``docker rm -v`` of it would destroy."""
        return tuple(path for path in self.paths if path.at_risk)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "image": self.image,
            "state": self.state,
            "layer_size": self.layer_size,
            "project": self.project,
            "auto_remove": self.auto_remove,
            "at_risk": bool(self.at_risk),
            "paths": [path.as_json() for path in self.paths],
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """Where the containers of an engine keep data, in the order of their names.

    ``unused`` are the volumes that no container has; it is empty where containers were named.
    ``engine`` is the engine's version; ``prune`` is what a plain ``docker volume prune`` of this
    docker takes: ``all`` unused volumes (podman, and engines before 23.0), or only ``anonymous``
    ones.
    """

    containers: tuple[ContainerData, ...]
    unused: tuple[DataPath, ...] = ()
    engine: str = ""
    prune: Literal["all", "anonymous"] = "anonymous"

    @property
    def at_risk(self) -> tuple[DataPath, ...]:
        """All that ``docker rm -v`` of the container that has it would destroy."""
        return tuple(path for one in self.containers for path in one.at_risk)

    def as_json(self) -> dict[str, Any]:
        """The survey for ``json.dumps``.

        Keys are never taken away or given another meaning while ``schema`` is 1: ``engine``,
        ``prune``, ``actions`` (what each means), ``at_risk`` (whether anything is), ``containers``
        and ``unused``, whose keys are the fields of `ContainerData` and `DataPath`. Sizes are in
        bytes, null where nobody tells.
        """
        return {
            "schema": SCHEMA,
            "engine": self.engine,
            "prune": self.prune,
            "actions": dict(ACTIONS),
            "at_risk": bool(self.at_risk),
            "containers": [one.as_json() for one in self.containers],
            "unused": [path.as_json() for path in self.unused],
        }
