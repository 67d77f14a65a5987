"""An archive into a volume: all of it is found right before anything of the volume changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from dockcli.data.arrival import Target, arrive, metered, must_equal, refuse, settle
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.archive import Encryption, Reader
    from dockcli.data.entry import Manifest
    from dockcli.data.helper import Usage
    from dockcli.data.progress import VolumeProgress


@dataclass(frozen=True, slots=True)
class Restored:
    """A volume that an archive was put into.

    ``stopped`` are the containers that were stopped meanwhile, and go on now. ``loses`` says what
    the way that it was written by cannot keep.
    """

    volume: str
    manifest: Manifest
    stopped: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        held = {**self.manifest.as_json(), "archived_as": self.manifest.as_json()["volume"]}
        more = {"stopped": list(self.stopped), "loses": list(self.loses)}
        return {**held, "volume": self.volume, **more}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an archive is to be restored."""

    overwrite: bool = False
    stop: bool = False
    path: str | None = None
    trust: bool = False
    driver: str | None = None
    labels: Mapping[str, str] | None = None
    options: Mapping[str, str] | None = None
    encryption: Encryption | None = None
    way: Literal["helper", "cp"] | None = None
    image: str | None = None
    on_progress: Callable[[VolumeProgress], None] | None = None


def restore(
    client: Docker, archive: str | os.PathLike[str] | BinaryIO, volume: str, wanted: Wanted
) -> Restored:
    """See `VolumeGroup.restore`."""
    from dockcli.data.archive import open_archive, verify
    from dockcli.data.helper import way_for

    settle(client, volume)
    refuse(client, Target(volume, wanted.overwrite, wanted.stop))
    source: Any = archive
    checked: Manifest | None = None
    total = None
    if isinstance(archive, (str, os.PathLike)):
        source = os.path.abspath(os.fspath(archive))
        if not os.path.isfile(source):
            raise InvalidArgument(f"{source}: no such archive")
        checked = verify(source, encryption=wanted.encryption, trust=wanted.trust, path=wanted.path)
        _refuse_devices(checked, wanted)
        total = os.path.getsize(source)
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    with open_archive(source, encryption=wanted.encryption) as reader:
        target = _target(volume, reader, wanted)
        sent: list[Manifest] = []

        def fill(usage: Usage) -> None:
            # docker cp writes in place: what it writes must be right before it is compared.
            known = checked if way.name == "helper" else None

            def feed(write: Callable[[bytes], object]) -> None:
                sent.append(_copy(reader, write, wanted, usage.free, total, known))

            way.stage(volume, feed)

        stopped = arrive(client, target, way, fill, lambda: must_equal(volume, sent[0], way))
    return Restored(volume, sent[0], stopped, way.loses)


def _refuse_devices(held: Manifest, wanted: Wanted) -> None:
    """Refuse before anything is made what would be refused on the way."""
    from dockcli.data.archive import HostileArchive

    for entry in held.entries:
        if entry.kind in ("char", "block") and not wanted.trust:
            raise HostileArchive(
                entry.name, "is a device, let through by trust=True (--trust) only"
            )


def _target(volume: str, reader: Reader, wanted: Wanted) -> Target:
    """The volume as the archive tells of it, unless the caller says otherwise."""
    about = reader.description
    driver = wanted.driver or (about.driver if about else "local")
    labels = wanted.labels if wanted.labels is not None else (about.labels if about else {})
    options = wanted.options if wanted.options is not None else (about.options if about else {})
    return Target(volume, wanted.overwrite, wanted.stop, wanted.image, driver, labels, options)


def _copy(
    reader: Reader,
    write: Callable[[bytes], object],
    wanted: Wanted,
    room: int | None,
    total: int | None,
    known: Manifest | None,
) -> Manifest:
    meter = metered(wanted.on_progress, lambda: total)
    manifest = reader.copy_to(
        write,
        path=wanted.path,
        trust=wanted.trust,
        room=room,
        progress=meter.add if meter else None,
        known=known,
    )
    if meter:
        meter.close()
    return manifest
