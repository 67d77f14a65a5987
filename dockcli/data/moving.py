"""A volume into another one: on the same engine, without its bytes passing through the client, or
on another engine, through one pipe. And the difference of two."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from dockcli.data.arrival import (
    Target,
    arrive,
    metered,
    must_equal,
    read,
    refuse,
    settle,
    there,
)
from dockcli.data.entry import Manifest
from dockcli.data.errors import Differs, VolumeInUse
from dockcli.data.helper.container import there as must
from dockcli.data.users import quiet, users
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.archive import Encryption
    from dockcli.data.difference import Difference
    from dockcli.data.helper import Way
    from dockcli.data.origins import Origin
    from dockcli.data.progress import VolumeProgress
    from dockcli.models.volume import VolumeInspect

_ARCHIVES = (".tar", ".tgz", ".tzst", ".gz", ".zst", ".bz2", ".xz", ".age", ".gpg")
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Moved:
    """A volume that was copied: from which, into which.

    ``removed``: the source was removed afterwards. ``stopped`` are the containers that were
    stopped or paused meanwhile, and go on now. ``manifest`` is None where nothing passed through
    the client. ``loses`` says what the way cannot keep.
    """

    source: str
    volume: str
    removed: bool = False
    stopped: tuple[str, ...] = ()
    manifest: Manifest | None = None
    loses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        held = self.manifest
        return {
            "source": self.source,
            "volume": self.volume,
            "removed": self.removed,
            "stopped": list(self.stopped),
            "entries": len(held.entries) if held else None,
            "bytes": held.bytes if held else None,
            "changed": list(held.changed) if held else [],
            "loses": list(self.loses),
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a volume is to be copied."""

    overwrite: bool = False
    pause: bool = False
    stop: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    keep_labels: bool = True
    way: Literal["helper", "cp"] | None = None
    image: str | None = None
    on_progress: Callable[[VolumeProgress], None] | None = None


def clone(client: Docker, source: str, target: str, wanted: Wanted) -> Moved:
    """See `VolumeGroup.clone`."""
    from dockcli.data.helper import way_for

    if source == target:
        raise InvalidArgument(f"{source}: a volume is no copy of itself; give another name")
    settle(client, source, target)
    found = must(client, source)
    # its options may lead to the very folder of the source: the copy gets a place of its own
    to = Target(target, wanted.overwrite, wanted.stop, wanted.image, labels=_labels(found, wanted))
    refuse(client, to)
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    with quiet(client, source, pause=wanted.pause, stop=wanted.stop) as still:
        stopped = arrive(
            client,
            to,
            way,
            lambda _: way.copy(source, target, staged=True),
            lambda: same_inside(way, source, target),
        )
    return Moved(source, target, stopped=(*still, *stopped), loses=way.loses)


def name_it(client: Docker, volume: str, name: str, *, move: bool, wanted: Wanted) -> Moved:
    """See `VolumeGroup.give_name`."""
    if move:
        refuse_to_remove(client, volume)
    made = clone(client, volume, name, replace(wanted, keep_labels=False))
    if move:
        client.volume.rm(volume)
    return replace(made, removed=move)


def origins(client: Docker, *volumes: str) -> list[Origin]:
    """See `VolumeGroup.origins`."""
    from dockcli.data.origins import origins as told

    return told(client, *volumes, listing=lambda volume: _top(client, volume))


def _top(client: Docker, volume: str) -> list[str]:
    """The names at the top of a volume."""
    return sorted({name.split("/")[0] for name in manifest(client, volume).by_name() if name})


def migrate(
    client: Docker, volume: str, to: Docker, name: str, *, move: bool, wanted: Wanted
) -> Moved:
    """See `VolumeGroup.migrate`."""
    from dockcli.client import Docker
    from dockcli.data.archive import scan
    from dockcli.data.helper import way_for

    if not isinstance(to, Docker):
        raise InvalidArgument("to= is a Docker, the client of the other engine")
    settle(client, volume)
    settle(to, name)
    found = must(client, volume)
    if (held := there(to, name)) and held.raw == found.raw and _one_engine(client, to):
        raise InvalidArgument(
            f"{name} of that engine is {volume} itself: give another name= (--name), or engine"
        )
    if move:
        refuse_to_remove(client, volume)
    target = Target(
        name,
        wanted.overwrite,
        wanted.stop,
        wanted.image,
        found.driver,
        _labels(found, wanted),
        dict(found.options),
    )
    refuse(to, target)
    out, into = (way_for(one, image=wanted.image, wanted=wanted.way) for one in (client, to))
    sent: list[Manifest] = []
    meter = metered(wanted.on_progress, lambda: out.usage(volume).bytes)

    def feed(write: Callable[[bytes], object]) -> None:
        def pass_on(data: bytes | memoryview) -> None:
            write(bytes(data))
            if meter:
                meter.add(len(data))

        with out.read(volume) as reading:
            entries = tuple(scan(reading.stream, pass_on, trusted=True))
            write(bytes(2 * _BLOCK))
            changed, skipped = reading.finish()
        sent.append(Manifest(entries, changed=changed, skipped=skipped))

    with quiet(client, volume, pause=wanted.pause, stop=wanted.stop) as still:
        stopped = arrive(
            to,
            target,
            into,
            lambda _: into.stage(name, feed),
            lambda: must_equal(name, sent[0], into),
        )
    if meter:
        meter.close()
    if move:
        client.volume.rm(volume)
    loses = tuple(dict.fromkeys((*out.loses, *into.loses)))
    return Moved(volume, name, move, (*still, *stopped), sent[0], loses)


def _one_engine(client: Docker, other: Docker) -> bool:
    """Whether both talk to one engine, maybe by two addresses; podman has no id to tell it by."""
    ids = [one.system.info().raw.get("ID") for one in (client, other)]
    return ids[0] == ids[1]


def difference(
    client: Docker,
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    *,
    encryption: Encryption | None = None,
    way: Literal["helper", "cp"] | None = None,
    image: str | None = None,
) -> Difference:
    """See `VolumeGroup.diff`."""
    from dockcli.data.difference import compare

    one, other = (manifest(client, x, encryption=encryption, way=way, image=image) for x in (a, b))
    return compare(one, other)


def manifest(
    client: Docker,
    of: str | os.PathLike[str],
    *,
    encryption: Encryption | None = None,
    way: Literal["helper", "cp"] | None = None,
    image: str | None = None,
) -> Manifest:
    """What a volume or an archive holds: an archive is a path with a slash or an archive's suffix,
    or any `os.PathLike`."""
    if is_archive(of):
        from dockcli.data.archive import verify

        path = os.path.abspath(os.fspath(of))
        if not os.path.isfile(path):
            raise InvalidArgument(f"{path}: no such archive")
        return verify(path, encryption=encryption)
    from dockcli.data.helper import way_for

    volume = os.fspath(of)
    settle(client, volume)
    must(client, volume)
    with way_for(client, image=image, wanted=way).read(volume) as reading:
        return read(reading)


def is_archive(name: str | os.PathLike[str]) -> bool:
    """Whether *name* means an archive, not a volume."""
    return not isinstance(name, str) or "/" in name or name.endswith(_ARCHIVES)


def _labels(found: VolumeInspect, wanted: Wanted) -> dict[str, str]:
    return {**(found.labels if wanted.keep_labels else {}), **wanted.labels}


def same_inside(way: Way, source: str, target: str) -> None:
    """Compare what was staged in *target* with *source*, where they are."""
    if way.name == "helper":
        if way.digest(source) != way.digest(target, staged=True):
            reason = (
                "the two have not the same digest; if it is in use, say pause=True or stop=True"
            )
            raise Differs(target, [reason])
        return
    with way.read(source) as reading:
        must_equal(target, read(reading), way)


def refuse_to_remove(client: Docker, volume: str) -> None:
    """Raise VolumeInUse, as docker would at the end, before anything is done."""
    if having := [one.name for one in users(client, volume)]:
        raise VolumeInUse(volume, having, "docker removes it only once no container has it")
