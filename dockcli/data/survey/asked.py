"""What docker is asked for a survey: a handful of processes, however many containers there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli import spec
from dockcli.data.survey import api
from dockcli.data.survey.disk import Disk
from dockcli.errors import DockcliError, DockerFailed
from dockcli.models.fields import Fields
from dockcli.models.human import size as written_size

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect
    from dockcli.models.image import ImageInspect
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.values import ContainerRef

ANONYMOUS = "com.docker.volume.anonymous"
"""The label of a volume that an engine since 23.0 made without being told a name."""

_GENERATED = re.compile(r"[0-9a-f]{64}")
_ONLY_ANONYMOUS = (1, 42)  # the API since which a prune leaves named volumes alone


class Size(NamedTuple):
    """Bytes, and whether docker rounded them; files where they were counted."""

    size: int | None = None
    rounded: bool = False
    files: int | None = None


class Engine(NamedTuple):
    """Which engine answers, and by which rules. ``keeps_named``: its ``volume prune`` leaves named
    volumes alone unless it is told ``--all``."""

    version: str
    podman: bool
    keeps_named: bool


@dataclass(slots=True)
class Asked:
    """What docker told. ``chosen`` are the containers of the survey, ``all`` those of the engine;
    ``volumes`` and ``images`` are by name and id."""

    client: Docker
    engine: Engine
    disk: Disk
    chosen: list[ContainerInspect]
    all: list[ContainerInspect]
    volumes: Mapping[str, VolumeInspect]
    images: Mapping[str, ImageInspect]
    deadline: float | None = None
    sizes: bool = True
    _having: dict[tuple[str, str], dict[str, ContainerInspect]] | None = field(
        default=None, repr=False
    )
    _sizes: dict[str, Size] | None = field(default=None, repr=False)

    def having(self, kind: str, name: str) -> list[ContainerInspect]:
        """The containers that have a volume of that name, or a bind of that path."""
        if self._having is None:
            self._having = {}
            for one in self.all:
                for mount in one.mounts:
                    key = mount.type, mount.name if mount.type == "volume" else mount.source
                    self._having.setdefault(key, {})[one.id] = one
        return list(self._having.get((kind, name), {}).values())

    def is_anonymous(self, volume: str) -> bool:
        """Whether the engine gave the volume its name.

        The volume's own word where there is one; else by the shape of the name.
        """
        there = self.volumes.get(volume)
        if there is not None and (ANONYMOUS in there.labels or "Anonymous" in there.raw):
            return ANONYMOUS in there.labels or there.raw["Anonymous"] is True
        return _GENERATED.fullmatch(volume) is not None and not self.engine.podman

    def volume_size(self, volume: str) -> Size:
        """What a volume holds: exactly, where that can be had.

        Of one that stands for a device, or is of another driver, the folder that the engine has for
        it may be empty, so nothing is said.
        """
        there = self.volumes.get(volume)
        if not self.sizes or there is None or there.driver != "local":
            return Size()
        if there.options.get("device"):
            return Size()
        if self._sizes is None:
            self._sizes = self._all_sizes()
        told = self._sizes.get(volume, Size())
        if told.size:
            return told
        counted = self.disk.count(there.mountpoint)  # nothing, or files without a byte?
        return Size(counted.size, False, counted.files) if counted else told

    def _all_sizes(self) -> dict[str, Size]:
        if self.engine.podman:  # tells them rounded, in a table; its folders are here
            return {}
        answers = api.ask(self.client, [api.VOLUME_SIZES], self.deadline)
        if answers is not None and isinstance(answers[0], Mapping):
            rows = Fields(answers[0]).objects("Volumes")
            told = {one.text("Name"): one.inner("UsageData").number("Size") for one in rows}
            return {name: Size(size) for name, size in told.items() if size >= 0}
        return _rounded(self.client, self.deadline)


def _rounded(client: Docker, deadline: float | None) -> dict[str, Size]:
    """What ``docker system df --verbose`` tells of volumes, to four digits."""
    try:
        volumes = client.system.df(verbose=True, deadline=deadline).volumes
    except DockerFailed:
        return {}
    texts = {one.name: one.raw.get("Size") for one in volumes}
    found = {name: written_size(text) for name, text in texts.items() if isinstance(text, str)}
    return {name: Size(size, size >= 1000) for name, size in found.items() if size is not None}


def ask(
    client: Docker,
    containers: Collection[ContainerRef] = (),
    *,
    sizes: bool = True,
    seconds: float = 10.0,
    deadline: float | None = None,
) -> Asked:
    """Ask for the named containers, or all, and for what is needed to judge their data.

    Raises NoSuchContainer, EngineUnreachable. Source: ``docker version``, ``info``, ``container
    inspect``, ``container ls``, ``volume ls`` and ``inspect``, ``image inspect``.
    """
    inspect = partial(client.container.inspect, missing_ok=True, deadline=deadline)
    chosen: list[ContainerInspect] = []
    if containers:
        named = client.container.inspect(*containers, size=sizes, deadline=deadline)
        found = named if isinstance(named, list) else [named]
        chosen = list({one.id: one for one in found}.values())
    version = client.version(deadline=deadline)
    info = client.system.info(deadline=deadline)
    podman = "host" in info.raw
    keeps = not podman and spec.release(version.client_api) >= _ONLY_ANONYMOUS
    listed = client.container.ls(all=True, quiet=True, no_trunc=True, deadline=deadline)
    others = [id for id in listed.lines() if id not in {one.id for one in chosen}]
    rest = _in_turn(partial(inspect, size=sizes and not containers), others)
    volumes = client.volume.ls(deadline=deadline)
    chosen = chosen if containers else rest
    images = {one.image_id for one in chosen if one.image_id}
    image = partial(client.image.inspect, missing_ok=True, deadline=deadline)
    return Asked(
        client=client,
        engine=Engine(version.server, podman, keeps),
        disk=Disk(info, seconds),
        chosen=sorted(chosen, key=lambda one: (one.name, one.id)),
        all=list({one.id: one for one in (*chosen, *rest)}.values()),
        volumes={one.name: one for one in volumes},
        images={one.id: one for one in _in_turn(image, sorted(images))},
        deadline=deadline,
        sizes=sizes,
    )


_AT_ONCE = 10_000  # ids of 64 letters: below what a command line may be long


def _in_turn(inspect: Callable[..., Any], ids: list[str]) -> list[Any]:
    return [one for at in range(0, len(ids), _AT_ONCE) for one in inspect(*ids[at : at + _AT_ONCE])]


def changed(
    asked: Asked, containers: Iterable[ContainerInspect]
) -> dict[str, tuple[list[str], list[str]] | None]:
    """What ``docker diff`` tells of each container, by its id: the paths that are there, and those
    that were deleted; None where it tells nothing."""
    wanted = [one.id for one in containers]
    if not wanted:
        return {}
    answers = None
    if not asked.engine.podman:
        answers = api.ask(asked.client, [api.changes(id) for id in wanted], asked.deadline)
    if answers is not None:
        return {id: _of_api(answer) for id, answer in zip(wanted, answers, strict=True)}
    return {id: _of_diff(asked, id) for id in wanted}


def _of_api(answer: Any) -> tuple[list[str], list[str]] | None:
    if not isinstance(answer, list):
        return None
    rows = [Fields(one) for one in answer]
    return (
        [one.text("Path") for one in rows if one.number("Kind") != 2],
        [one.text("Path") for one in rows if one.number("Kind") == 2],
    )


def _of_diff(asked: Asked, id: str) -> tuple[list[str], list[str]] | None:
    from dockcli.models.container import ChangeKind

    try:
        rows = asked.client.container.diff(id, deadline=asked.deadline)
    except DockcliError:
        return None
    gone = ChangeKind.DELETED
    return [one.path for one in rows if one.kind is not gone], [
        one.path for one in rows if one.kind is gone
    ]
