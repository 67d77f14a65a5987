"""Tasks of a swarm's services, as ``docker service ps`` and ``docker inspect`` tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields
from dockcli.models.words import Words


class TaskState(Words):
    """Where a task is in its life, or where it is meant to be."""

    NEW = "new"
    PENDING = "pending"
    ALLOCATED = "allocated"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    READY = "ready"
    STARTING = "starting"
    RUNNING = "running"
    COMPLETE = "complete"
    SHUTDOWN = "shutdown"
    FAILED = "failed"
    REJECTED = "rejected"
    REMOVE = "remove"
    ORPHANED = "orphaned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of a service's containers, and where it is published (published_port 0: by docker's
    choice). ``mode`` is ingress (on every node) or host (on the node of the task)."""

    target_port: int
    protocol: str
    published_port: int
    mode: str

    @classmethod
    def parse(cls, one: Fields) -> PublishedPort:
        return cls(
            target_port=one.number("TargetPort"),
            protocol=one.text("Protocol"),
            published_port=one.number("PublishedPort"),
            mode=one.text("PublishMode"),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One container of a service, as the swarm plans it.

    ``name`` and ``node`` are docker's own words in the list (``web.1``, the node's name). ``since``
    is when it came into its ``state``; ``container_id`` is "" and ``exit_code`` 0 where no
    container was made. ``ports`` are those published on its node alone.
    """

    id: str
    name: str
    service_id: str
    image: str
    node: str
    node_id: str
    desired_state: TaskState
    state: TaskState
    since: datetime | None
    message: str
    error: str
    container_id: str
    exit_code: int
    created: datetime | None
    ports: tuple[PublishedPort, ...]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "task"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Task:
        top = Fields(raw)
        status = top.inner("Status")
        container = status.inner("ContainerStatus")
        return cls(
            id=top.text("ID"),
            name="",
            service_id=top.text("ServiceID"),
            image=top.inner("Spec").inner("ContainerSpec").text("Image"),
            node="",
            node_id=top.text("NodeID"),
            desired_state=TaskState(top.text("DesiredState")),
            state=TaskState(status.text("State")),
            since=status.time("Timestamp"),
            message=status.text("Message"),
            error=status.text("Err"),
            container_id=container.text("ContainerID"),
            exit_code=container.number("ExitCode"),
            created=top.time("CreatedAt"),
            ports=_ports(status.inner("PortStatus")),
            raw=raw,
        )

    def listed(self, row: Fields) -> Task:
        """The same with what only the *row* of a list tells."""
        return replace(self, name=row.text("Name"), node=row.text("Node"))


def _ports(status: Fields) -> tuple[PublishedPort, ...]:
    """docker names a port twice, for IPv4 and IPv6, without saying which is which."""
    return tuple(dict.fromkeys(map(PublishedPort.parse, status.objects("Ports"))))
