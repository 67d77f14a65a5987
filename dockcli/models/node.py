"""Nodes of a swarm, as ``docker node inspect`` and ``docker node ls`` tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields
from dockcli.models.words import Words


class NodeRole(Words):
    """What a node does in the swarm; a manager works too."""

    MANAGER = "manager"
    WORKER = "worker"
    UNKNOWN = "unknown"


class Availability(Words):
    """Whether a node gets tasks: yes, no new ones, or none at all."""

    ACTIVE = "active"
    PAUSE = "pause"
    DRAIN = "drain"
    UNKNOWN = "unknown"


class NodeState(Words):
    """Whether the managers hear of a node; docker has an ``unknown`` of its own."""

    READY = "ready"
    DOWN = "down"
    DISCONNECTED = "disconnected"
    UNKNOWN = "unknown"


class ManagerStatus(Words):
    """What a manager is to the others."""

    LEADER = "leader"
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NodeInspect:
    """A node. ``memory`` is in bytes, ``cpus`` are whole or parts of one.

    ``manager_status`` is None for a worker; ``is_self`` says whether the answering engine is this
    node, which the list alone tells: an inspect has None there.
    """

    id: str
    hostname: str
    role: NodeRole
    availability: Availability
    state: NodeState
    message: str
    address: str
    manager_status: ManagerStatus | None
    manager_address: str
    is_self: bool | None
    os: str
    architecture: str
    engine_version: str
    cpus: float
    memory: int
    labels: Mapping[str, str]
    created: datetime | None
    updated: datetime | None
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "node"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> NodeInspect:
        top = Fields(raw)
        spec, status, manager = (top.inner(one) for one in ("Spec", "Status", "ManagerStatus"))
        description = top.inner("Description")
        platform, resources = description.inner("Platform"), description.inner("Resources")
        return cls(
            id=top.text("ID"),
            hostname=description.text("Hostname"),
            role=NodeRole(spec.text("Role")),
            availability=Availability(spec.text("Availability")),
            state=NodeState(status.text("State")),
            message=status.text("Message"),
            address=status.text("Addr"),
            manager_status=_manager_status(manager) if manager.raw else None,
            manager_address=manager.text("Addr"),
            is_self=None,
            os=platform.text("OS"),
            architecture=platform.text("Architecture"),
            engine_version=description.inner("Engine").text("EngineVersion"),
            cpus=resources.number("NanoCPUs") / 1_000_000_000,
            memory=resources.number("MemoryBytes"),
            labels=spec.mapping("Labels"),
            created=top.time("CreatedAt"),
            updated=top.time("UpdatedAt"),
            raw=raw,
        )

    def listed(self, row: Fields) -> NodeInspect:
        """The same with what only the *row* of a list tells."""
        return replace(self, is_self=row.flag("Self"))


def _manager_status(manager: Fields) -> ManagerStatus:
    if manager.flag("Leader"):
        return ManagerStatus.LEADER
    return ManagerStatus(manager.text("Reachability"))
