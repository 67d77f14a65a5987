"""The ways to a volume's data: what they all can do, and which one there is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from dockcli.client import Docker

State: TypeAlias = Literal["clean", "staged", "committing"]
Feed: TypeAlias = Callable[[Callable[[bytes], object]], None]


class Read(NamedTuple):
    """What came of reading a volume: names below its root, as `os.fsdecode` gives them.

    ``changed`` are those that changed, shrank or went while they were read, ``skipped`` the
    sockets, which no archive can hold.
    """

    changed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class Stream(Protocol):
    """The bytes of a tar. The read that would find its end raises what reading has failed with."""

    def read(self, size: int = -1, /) -> bytes | None: ...
    def readinto(self, buffer: memoryview | bytearray, /) -> int | None: ...


class Reading(Protocol):
    """A volume that is being read. ``stream`` is its tar (pax), its names begin with ``./``."""

    @property
    def stream(self) -> Stream: ...
    def finish(self) -> Read:
        """What came of it, once ``stream`` was read to its end. Raises VolumeUnreadable and what
        docker has failed with."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What a volume holds, and what room there is.

    ``entries`` are all names below its root, ``bytes`` the sizes of its files, folders of it too,
    each file counted once and holes included. ``free`` are the bytes that its file system still has
    for files, ``filesystem`` is how that is called; None and "" where that is not told.
    """

    entries: int
    bytes: int
    free: int | None = None
    filesystem: str = ""
    read_only: bool = False

    @property
    def empty(self) -> bool:
        return not self.entries


@dataclass(frozen=True, slots=True)
class Owners:
    """Which numeric owner each entry gets: all of them ``user`` and ``group`` where these are
    given, else what ``users`` and ``groups`` make of its own; what is in neither keeps its own."""

    user: int | None = None
    group: int | None = None
    users: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Owners()

    def of(self, user: int, group: int) -> tuple[int, int]:
        """What becomes of an entry of that *user* and *group*."""
        return (
            self.users.get(user, user) if self.user is None else self.user,
            self.groups.get(group, group) if self.group is None else self.group,
        )


SAME = Owners()


class Way(Protocol):
    """A way to read and write the trees of volumes, on the engine where they are.

    Each volume must be there (NoSuchVolume): none is ever made. What is written goes first beside
    the volume's own content, and in its place by `commit`. ``loses`` says what this way does not
    keep, in words that follow "it does not keep". All raise VolumeError and its kinds, NoHelper and
    DockerFailed.
    """

    name: Literal["helper", "cp"]
    loses: tuple[str, ...]

    def read(
        self, volume: str, *, deadline: float | None = None
    ) -> AbstractContextManager[Reading]:
        """Read all of *volume*. Leaving the block early ends it; nothing is left.

        Raises VolumeUnfinished where a restore was cut off, ReservedName.
        """
        ...

    def stage(self, volume: str, feed: Feed) -> None:
        """Unpack beside the volume's content the tar that ``feed(write)`` writes.

        The tar is taken as it is: it must be vetted. Where *feed* raises, or anything fails, what
        was unpacked is removed, and the error goes on.

        Raises VolumeFull, VolumeReadOnly, VolumeUnfinished, ReservedName, VolumeBusy.
        """
        ...

    def read_staged(self, volume: str) -> AbstractContextManager[Reading]:
        """Read what was staged, which is on the disk once that has come to its end. Raises
        NothingStaged."""
        ...

    def commit(self, volume: str) -> None:
        """Put what was staged in the place of the volume's content, with the root's own attributes.

        It may be done again after it was ended at any moment, and goes on from there. Raises
        NothingStaged, VolumeDisturbed.
        """
        ...

    def roll_back(self, volume: str) -> None:
        """Remove what was staged, also in the middle of a commit that was cut off: the volume is
        as it was. Nothing is done where there is nothing. Raises VolumeUnfinished when all is in
        place already, and only `commit` may still clear up."""
        ...

    def state(self, volume: str) -> State:
        """What a restore has left. "staged" is to be rolled back, unless it is one's own;
        "committing" may be committed or rolled back."""
        ...

    def copy(self, source: str, target: str, *, staged: bool, owners: Owners = SAME) -> None:
        """Copy the tree of one volume to another: staged, or straight into an empty one.

        Raises as `stage`, VolumeNotEmpty.
        """
        ...

    def copy_from_folder(
        self, folder: str, volume: str, *, staged: bool, owners: Owners = SAME
    ) -> None:
        """The same from a folder of the engine's machine, which must be there."""
        ...

    def copy_to_folder(self, volume: str, folder: str, *, owners: Owners = SAME) -> None:
        """Copy to a folder of the engine's machine, which must be there and be empty."""
        ...

    def digest(self, volume: str, *, staged: bool = False) -> str:
        """A SHA-256 of the whole tree, as this way sees it: equal for equal trees."""
        ...

    def usage(self, volume: str) -> Usage:
        """What it holds and has room for."""
        ...


def way_for(
    client: Docker,
    *,
    image: str | None = None,
    wanted: Literal["helper", "cp"] | None = None,
) -> Way:
    """The way to the volumes of the client's engine: a helper where one can run, else docker cp.

    *image* is one with GNU tar, coreutils, findutils and sh that is on the engine, where the
    helper is not to be made of this machine's own. *wanted* takes one way only. Raises NoHelper,
    EngineUnreachable.
    """
    from dockcli.data.helper.cp import CpWay
    from dockcli.data.helper.errors import NoHelper
    from dockcli.data.helper.helper import HelperWay

    if wanted == "cp":
        return CpWay(client)
    try:
        return HelperWay.found(client, image)
    except NoHelper:
        if wanted == "helper" or image is not None:
            raise
        return CpWay(client)
