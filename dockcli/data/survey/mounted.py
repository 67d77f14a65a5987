"""What is mounted in a container, by where its data really is, and what destroys it there.

What ``rm -v`` removes is in moby's daemon/mounts.go: volumes whose mount was made without a source
(not those of ``-v NAME:/x``), if no other container has them. A volume keeps its data in the
engine's folder only if it is of the driver ``local`` and has no ``device`` option.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from dockcli.data.survey.asked import ANONYMOUS
from dockcli.data.survey.disk import MEMORY, NETWORK
from dockcli.data.survey.values import ACTIONS, Action, DataPath, Source
from dockcli.models.container import State
from dockcli.models.fields import Fields

if TYPE_CHECKING:
    from dockcli.data.survey.asked import Asked
    from dockcli.models.container import ContainerInspect, Mount
    from dockcli.models.volume import VolumeInspect

PROJECT = "com.docker.compose.project"
_RUNS = (State.RUNNING, State.PAUSED, State.RESTARTING)
_SIZE = re.compile(r"(?:^|,)size=([^,]+)")


def removed_with(container: ContainerInspect) -> tuple[Action, ...]:
    """What removes a container, and with it what is in it alone."""
    return _in_order(
        ("rm", "rm -v", "host loss"),
        ("stop",) if auto_removed(container) else (),
        ("compose down -v",) if project(container) else (),
    )


def auto_removed(container: ContainerInspect) -> bool:
    """Whether the container was made with ``--rm``."""
    host = Fields(container.raw).inner("HostConfig")
    return host.flag("AutoRemove")


def project(container: ContainerInspect) -> str:
    """The compose project that a container is of, or ""."""
    return container.labels.get(PROJECT, "")


def tmpfs(container: ContainerInspect) -> dict[str, str]:
    """The folders that ``--tmpfs`` mounts, and their options: they are not among the mounts."""
    return Fields(container.raw).inner("HostConfig").mapping("Tmpfs")


def mounted(asked: Asked, container: ContainerInspect) -> list[DataPath]:
    """All that is mounted in a container where data could be."""
    found = [_mount(asked, container, mount) for mount in container.mounts]
    there = {path.path for path in found}
    asked_for = Fields(container.raw).inner("HostConfig").objects("Mounts")
    limits = {
        one.text("Target"): one.inner("TmpfsOptions").number("SizeBytes")
        for one in asked_for
        if one.inner("TmpfsOptions").raw
    }
    for path, options in tmpfs(container).items():
        if path not in there:
            limit = _SIZE.search(options)
            found.append(_in_memory(container, path, limit[1] if limit else ""))
    return [_limited(path, limits[path.path]) if limits.get(path.path) else path for path in found]


def unused(asked: Asked) -> list[DataPath]:
    """The volumes that no container has."""
    had = {mount.name for one in asked.all for mount in one.mounts if mount.type == "volume"}
    return [
        _of_volume(asked, None, name, DataPath("", "volume", name))
        for name in sorted(asked.volumes)
        if name not in had
    ]


def _mount(asked: Asked, container: ContainerInspect, mount: Mount) -> DataPath:
    plain = DataPath(mount.destination, "bind", mount.source, read_only=mount.read_only)
    if mount.type == "volume":
        plain = replace(plain, source="volume", name=mount.name)
        return _of_volume(asked, container, mount.name, plain)
    if mount.type == "tmpfs":
        return _in_memory(container, mount.destination, "")
    if mount.type == "bind":
        others = _others(asked.having("bind", mount.source), container)
        return _of_folder(asked, replace(plain, shared_with=_names(others)), mount.source)
    if mount.type == "image":
        return replace(plain, source="image", note="an image, mounted")
    return replace(
        plain,
        source="network",
        name=mount.name or mount.source,
        note=f"a mount of type {mount.type}, which the cluster keeps",
    )


def _of_volume(
    asked: Asked, container: ContainerInspect | None, name: str, plain: DataPath
) -> DataPath:
    there = asked.volumes.get(name)
    others = _others(asked.having("volume", name), container)
    plain = replace(plain, shared_with=_names(others))
    if there is not None:
        kind, device = there.options.get("type", ""), there.options.get("device", "")
        if there.driver != "local":
            note = f"driver {there.driver}: whether it outlives this machine depends on that"
            return replace(plain, source="network", note=note)
        if kind in NETWORK:
            return replace(plain, source="network", note=f"{kind} of {device}")
        if kind in MEMORY:
            return _memory_volume(plain, container, others)
        if device:
            return _elsewhere(asked, plain, there, device)
    size = asked.volume_size(name)
    source: Source = "anonymous" if asked.is_anonymous(name) else "volume"
    return replace(
        plain,
        source=source,
        size=size.size,
        files=size.files,
        rounded=size.rounded,
        lost_by=_volume_lost_by(asked, container, name, others, source),
    )


def _volume_lost_by(
    asked: Asked,
    container: ContainerInspect | None,
    name: str,
    others: list[ContainerInspect],
    source: Source,
) -> tuple[Action, ...]:
    there = asked.volumes.get(name)
    found: list[Action] = ["host loss"]
    if not others:
        found += _pruned_by(asked, there)
    if container is None:
        return _in_order(found)
    goes = source == "anonymous" and (asked.engine.podman or not given(asked, container, name))
    if goes and not others:
        found.append("rm -v")
        if auto_removed(container):
            found.append("stop")
    mine = project(container)
    if mine and all(project(one) == mine for one in others):
        named = there is not None and there.labels.get(PROJECT) == mine
        if goes or named:
            found.append("compose down -v")
    return _in_order(found)


def _pruned_by(asked: Asked, there: VolumeInspect | None) -> list[Action]:
    """Which prune takes a volume that nobody has. docker leaves alone what has options; since 23.0
    a plain prune goes by the engine's own label, which what an older one made does not have."""
    if there is not None and there.options and not asked.engine.podman:
        return []
    if not asked.engine.keeps_named:
        return ["volume prune"]
    labelled = there is not None and ANONYMOUS in there.labels
    return ["volume prune", "volume prune --all"] if labelled else ["volume prune --all"]


def given(asked: Asked, container: ContainerInspect, volume: str) -> bool:
    """Whether the caller named the volume, or had it from a container for which it was named."""
    left, seen = [container], {container.id}
    while left:
        host = Fields(left.pop().raw).inner("HostConfig")
        binds = {bind.partition(":")[0] for bind in host.texts("Binds")}
        mounts = [one for one in host.objects("Mounts") if one.text("Type") == "volume"]
        if volume in binds | {one.text("Source") for one in mounts}:
            return True
        wanted = {word.partition(":")[0] for word in host.texts("VolumesFrom")}
        for one in asked.all:
            if one.id not in seen and wanted & {one.id, one.id[:12], one.name}:
                left.append(one)
                seen.add(one.id)
    return False


def _elsewhere(asked: Asked, plain: DataPath, there: VolumeInspect, device: str) -> DataPath:
    """A volume that only says where the data is: removing it leaves the data where it is."""
    note = f"the volume stands for {device}, which stays when the volume is removed"
    words = there.options.get("o", "").split(",")
    if device.startswith("/dev/") or not {"bind", "rbind"} & set(words):
        return replace(plain, lost_by=("host loss",), note=note)
    folder = _of_folder(asked, replace(plain, source="bind"), device)
    return replace(folder, note="; ".join(filter(None, [note, folder.note])))


def _of_folder(asked: Asked, plain: DataPath, folder: str) -> DataPath:
    """A folder or file of the engine's machine."""
    kind = asked.disk.filesystem(folder)
    if kind in NETWORK:  # which may hang, so nothing there is counted
        return replace(plain, source="network", note=f"{kind} on the engine's machine")
    note = f"{kind} of the engine's machine: lost when that restarts" if kind in MEMORY else ""
    counted = asked.disk.count(folder) if asked.sizes else None
    size, files = counted or (None, None)
    return replace(plain, size=size, files=files, lost_by=("host loss",), note=note)


def _in_memory(container: ContainerInspect, path: str, limit: str) -> DataPath:
    note = f"at most {limit}" if limit else ""
    return DataPath(path, "tmpfs", lost_by=_with_stop(container), note=note)


def _memory_volume(
    plain: DataPath, container: ContainerInspect | None, others: Iterable[ContainerInspect]
) -> DataPath:
    """A volume in memory: gone when the last container that has it and runs is stopped."""
    note = "a tmpfs: lost when no container that has it runs any more"
    shared = container is None or any(one.state in _RUNS for one in others)
    lost: tuple[Action, ...] = (
        ("host loss",) if shared or container is None else _with_stop(container)
    )
    return replace(plain, source="tmpfs", lost_by=lost, note=note)


def _with_stop(container: ContainerInspect) -> tuple[Action, ...]:
    return _in_order(removed_with(container), ("stop",))


def _limited(path: DataPath, limit: int) -> DataPath:
    return replace(path, note=f"at most {limit} bytes")


def _others(
    containers: Iterable[ContainerInspect], container: ContainerInspect | None
) -> list[ContainerInspect]:
    return [one for one in containers if container is None or one.id != container.id]


def _names(containers: Iterable[ContainerInspect]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in containers))


def _in_order(*actions: Iterable[Action]) -> tuple[Action, ...]:
    wanted = {action for some in actions for action in some}
    return tuple(action for action in ACTIONS if action in wanted)
