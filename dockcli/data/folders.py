"""A folder of the engine's machine into a volume, and back: a bind mount becomes a volume, or the
other way round. Who owns the copies is said, or stays as it is by its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dockcli.data.arrival import Target, arrive, refuse, settle
from dockcli.data.helper.container import there as must
from dockcli.data.users import quiet
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.helper import Owners


@dataclass(frozen=True, slots=True)
class Copied:
    """A folder of the engine's machine and a volume, of which one was copied into the other.

    ``owners`` says in words who owns the copies. ``stopped`` are the containers that were stopped
    or paused meanwhile. ``loses`` says what the way cannot keep.
    """

    folder: str
    volume: str
    owners: str
    stopped: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return {
            "folder": self.folder,
            "volume": self.volume,
            "owners": self.owners,
            "stopped": list(self.stopped),
            "loses": list(self.loses),
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a folder and a volume are to be copied."""

    chown: str | None = None
    map: str | None = None
    overwrite: bool = False
    pause: bool = False
    stop: bool = False
    way: Literal["helper", "cp"] | None = None
    image: str | None = None


def from_folder(client: Docker, folder: str, volume: str, wanted: Wanted) -> Copied:
    """See `VolumeGroup.from_bind`."""
    from dockcli.data.helper import way_for

    _check(folder)
    owners, said = _owners(wanted)
    settle(client, volume)
    target = Target(volume, wanted.overwrite, wanted.stop, wanted.image)
    refuse(client, target)
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    stopped = arrive(
        client,
        target,
        way,
        lambda _: way.copy_from_folder(folder, volume, staged=True, owners=owners),
        lambda: None,  # the copy is another's by its owners, and `cp` has said that all was copied
    )
    return Copied(folder, volume, said, stopped, way.loses)


def to_folder(client: Docker, volume: str, folder: str, wanted: Wanted) -> Copied:
    """See `VolumeGroup.to_bind`."""
    from dockcli.data.helper import way_for

    _check(folder)
    if wanted.overwrite:
        raise InvalidArgument("overwrite=: a folder must be empty; nothing in it is replaced")
    owners, said = _owners(wanted)
    settle(client, volume)
    must(client, volume)
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    with quiet(client, volume, pause=wanted.pause, stop=wanted.stop) as stopped:
        way.copy_to_folder(volume, folder, owners=owners)
    return Copied(folder, volume, said, stopped, way.loses)


def _check(folder: str) -> None:
    if not folder.startswith("/") or folder.strip("/") == "" or ".." in folder.split("/"):
        raise InvalidArgument(
            f"{folder!r}: give a folder of the engine's machine by its whole path, not / itself"
        )


def _owners(wanted: Wanted) -> tuple[Owners, str]:
    from dockcli.data.owners import parse

    return parse(chown=wanted.chown, map=wanted.map)
