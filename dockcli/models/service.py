"""Services of a swarm, as ``docker service inspect`` and ``docker service ls`` tell of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields
from dockcli.models.task import PublishedPort
from dockcli.models.words import Words


class ServiceMode(Words):
    """How many tasks a service has: so many, or one on each node; for ever, or until done."""

    REPLICATED = "replicated"
    GLOBAL = "global"
    REPLICATED_JOB = "replicated job"
    GLOBAL_JOB = "global job"
    UNKNOWN = "unknown"


class UpdateState(Words):
    """How far the last update of a service, or its rollback, has come."""

    UPDATING = "updating"
    PAUSED = "paused"
    COMPLETED = "completed"
    ROLLBACK_STARTED = "rollback_started"
    ROLLBACK_PAUSED = "rollback_paused"
    ROLLBACK_COMPLETED = "rollback_completed"
    UNKNOWN = "unknown"


_MODES = {
    "Replicated": ServiceMode.REPLICATED,
    "Global": ServiceMode.GLOBAL,
    "ReplicatedJob": ServiceMode.REPLICATED_JOB,
    "GlobalJob": ServiceMode.GLOBAL_JOB,
}
_REPLICAS = re.compile(
    r"([0-9]{1,18})/([0-9]{1,18})(?: \(([0-9]{1,18})/([0-9]{1,18}) completed\))?(?![0-9]).*"
)


@dataclass(frozen=True, slots=True)
class ServiceInspect:
    """A service.

    ``replicas`` is how many tasks are meant to run, of a job how many are to be done. The lists
    alone tell ``running``, ``completed`` (of a job), and the ``replicas`` of a global service: an
    inspect has None there. ``update_state`` is None for one that was never updated.
    """

    id: str
    name: str
    mode: ServiceMode
    replicas: int | None
    running: int | None
    completed: int | None
    image: str
    command: tuple[str, ...]
    labels: Mapping[str, str]
    created: datetime | None
    updated: datetime | None
    ports: tuple[PublishedPort, ...]
    update_state: UpdateState | None
    update_message: str
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "service"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ServiceInspect:
        top = Fields(raw)
        spec, update = top.inner("Spec"), top.inner("UpdateStatus")
        container = spec.inner("TaskTemplate").inner("ContainerSpec")
        mode = next((name for name in spec.keys("Mode") if name in _MODES), "")
        return cls(
            id=top.text("ID"),
            name=spec.text("Name"),
            mode=_MODES.get(mode, ServiceMode.UNKNOWN),
            replicas=_replicas(spec.inner("Mode")),
            running=None,
            completed=None,
            image=container.text("Image"),
            command=(*container.texts("Command"), *container.texts("Args")),
            labels=spec.mapping("Labels"),
            created=top.time("CreatedAt"),
            updated=top.time("UpdatedAt"),
            ports=tuple(map(PublishedPort.parse, top.inner("Endpoint").objects("Ports"))),
            update_state=UpdateState(update.text("State")) if update.text("State") else None,
            update_message=update.text("Message"),
            raw=raw,
        )

    def listed(self, row: Fields) -> ServiceInspect:
        """The same with what only the *row* of a list tells."""
        counted = _REPLICAS.fullmatch(row.text("Replicas"))
        if counted is None:
            return self
        running, meant, done, wanted = counted.groups()
        return replace(
            self,
            running=int(running),
            completed=None if done is None else int(done),
            replicas=int(wanted or meant) if self.replicas is None else self.replicas,
        )


def _replicas(mode: Fields) -> int | None:
    """How many tasks are meant to be, where the service says so."""
    replicated, job = mode.inner("Replicated"), mode.inner("ReplicatedJob")
    if "Replicas" in replicated.raw:
        return replicated.number("Replicas")
    return job.number("TotalCompletions") if "TotalCompletions" in job.raw else None
