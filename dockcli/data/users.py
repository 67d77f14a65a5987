"""The containers that have a volume: who they are, and how they are kept from writing to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from dockcli.data import undertaking
from dockcli.data.errors import CannotBeStopped, VolumeInUse
from dockcli.data.helper.errors import VolumeUnfinished
from dockcli.data.helper.image import LABEL
from dockcli.errors import DockerFailed, InvalidArgument
from dockcli.models.container import State

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect

_SWARM = "com.docker.swarm.service.name"


def users(client: Docker, volume: str) -> list[ContainerInspect]:
    """All containers that have *volume*, running or not."""
    found = client.container.ls(all=True, filter={"volume": volume})
    if not found:
        return []
    inspected = client.call.container.inspect(*(one.id for one in found), missing_ok=True).run()
    having = [one for one in inspected if any(m.name == volume for m in one.mounts)]
    return [one for one in having if LABEL not in one.labels]  # dockcli's own helpers


def refuse_running(client: Docker, volume: str) -> None:
    """Raise VolumeInUse where a container that runs, or is paused, has *volume*."""
    if running := [one for one in users(client, volume) if _runs(one)]:
        raise VolumeInUse(volume, [one.name for one in running])


@contextmanager
def quiet(
    client: Docker, volume: str, *, pause: bool = False, stop: bool = False
) -> Iterator[tuple[str, ...]]:
    """Keep the running containers that have *volume* paused or stopped; the names of those.

    Exactly these go on afterwards, whatever happens: after a kill by the next dockcli command.
    Raises CannotBeStopped, before anything is paused or stopped.
    """
    if pause and stop:
        raise InvalidArgument("pause= and stop= each keep a container from writing: give one")
    if not (pause or stop):
        yield ()
        return
    having = users(client, volume)
    chosen = [one for one in having if (_runs(one) if stop else one.state is State.RUNNING)]
    if stop:
        chosen.sort(key=lambda one: one.state is State.PAUSED)
        for one in chosen:
            _refuse_to_stop(one)
    if not chosen:
        yield ()
        return
    paused = [one.id for one in chosen if one.state is State.PAUSED]
    facts = {
        "volume": volume,
        "way": "pause" if pause else "stop",
        "containers": [one.id for one in chosen],
        "paused": paused,
    }
    with undertaking.begin(client, "users", **facts) as record:
        record.note(step="stilling")
        _still(client, record.facts)
        record.note(step="still")
        yield tuple(one.name for one in chosen)
        recover(client, record.facts)


def recover(client: Docker, facts: Mapping[str, Any]) -> str:
    """Let the containers go on that were paused or stopped for a volume.

    Not as long as the volume is unfinished: they would see half of it.
    """
    volume, ids = facts["volume"], facts["containers"]
    if "step" not in facts:
        return f"nothing had been stopped for {volume} yet"
    for other in undertaking.unfinished():
        if other.kind == "arrival" and other.facts.get("volume") == volume:
            raise VolumeUnfinished(volume, "what was stopped for it stays stopped")
    if facts["step"] == "stilling":
        _still_after_all(client, facts)
    there = _there(client, ids)
    if facts["way"] == "pause":
        _all(client.container.unpause, [one.id for one in there if one.state is State.PAUSED])
    else:
        resting = [one.id for one in there if not _runs(one)]
        _all(client.container.start, resting)
        _all(client.container.pause, [id for id in facts["paused"] if id in resting])
    return f"{', '.join(one.name for one in there)} goes on, after what was done with {volume}"


def _still(client: Docker, facts: Mapping[str, Any]) -> None:
    if facts["way"] == "pause":
        client.container.pause(*facts["containers"])
        return
    _all(client.container.unpause, facts["paused"])  # docker stops no container that is paused
    client.container.stop(*facts["containers"])


def _still_after_all(client: Docker, facts: Mapping[str, Any]) -> None:
    """See the pausing or stopping through that was cut off: the engine is still at it, and would
    stop what was just told to go on."""
    there = _there(client, facts["containers"])
    if facts["way"] == "pause":
        with suppress(DockerFailed):  # it just was
            _all(client.container.pause, [x.id for x in there if x.state is State.RUNNING])
        return
    with suppress(DockerFailed):
        _all(client.container.unpause, [x.id for x in there if x.state is State.PAUSED])
    _all(client.container.stop, [one.id for one in there])


def _there(client: Docker, ids: Sequence[str]) -> list[ContainerInspect]:
    found: list[ContainerInspect] = client.call.container.inspect(*ids, missing_ok=True).run()
    return found


def _all(verb: Callable[..., object], ids: Sequence[str]) -> None:
    if ids:
        verb(*ids)


def _refuse_to_stop(container: ContainerInspect) -> None:
    host = container.raw.get("HostConfig") or {}
    if host.get("AutoRemove"):
        reason = "it was made with --rm, so docker would remove it"
        raise CannotBeStopped(container.name, reason)
    if service := container.labels.get(_SWARM):
        reason = f"it belongs to the service {service}, which would start another in its place"
        raise CannotBeStopped(container.name, reason)


def _runs(container: ContainerInspect) -> bool:
    return container.state in (State.RUNNING, State.PAUSED, State.RESTARTING)
