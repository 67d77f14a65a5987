"""The way that keeps all: GNU tar in a helper container, on the engine where the volume is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from dockcli import argv
from dockcli.child import to_the_end
from dockcli.data.helper import container
from dockcli.data.helper.channel import Channel, boot, may_be_here
from dockcli.data.helper.container import Helper, mount_of
from dockcli.data.helper.errors import (
    NoHelper,
    NoSuchFolder,
    ReservedName,
    VolumeNotEmpty,
    VolumeUnfinished,
)
from dockcli.data.helper.image import made, remove_helpers
from dockcli.data.helper.reading import HelperReading, Helping, written
from dockcli.data.helper.way import SAME, Feed, Owners, State, Usage
from dockcli.errors import DockerFailed, InvalidArgument
from dockcli.mounts import Bind

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.mounts import VolumeMount

_STATES: dict[str, State] = {
    "none": "clean",
    "empty": "clean",
    "foreign": "clean",
    "staging": "staged",
    "staged": "staged",
    "undone": "staged",
}
# What is there already is not of this call's making, and stays.
_NOT_BEGUN = (ReservedName, VolumeUnfinished, VolumeNotEmpty)


class HelperWay:
    """Reads and writes with GNU tar; see `Way`. ``image`` is what it runs in.

    *fifo* is False where the bytes are to go through docker also on this machine.
    """

    name: Literal["helper", "cp"] = "helper"
    loses: tuple[str, ...] = ()

    def __init__(self, client: Docker, image: str, *, fifo: bool | None = None) -> None:
        self.client, self.image = client, image
        self._fifo = may_be_here(client) if fifo is None else fifo

    @classmethod
    def found(cls, client: Docker, image: str | None = None) -> HelperWay:
        """The way with the helper made of this machine's tools, or with *image*.

        One that is new is tried before it is trusted. Raises NoHelper.
        """
        id, new = (argv.image(image), True) if image is not None else made(client)
        if new:
            try:
                Helper(client, id, id, ()).run("check")
            except DockerFailed as error:
                if image is None:
                    remove_helpers(client)
                raise NoHelper(f"no helper can run here: {error.reason}") from None
            except NoHelper:
                if image is None:
                    remove_helpers(client)
                raise
        return cls(client, id)

    @contextmanager
    def read(self, volume: str, *, deadline: float | None = None) -> Iterator[HelperReading]:
        with self._reading(volume, "volume", deadline) as reading:
            yield reading

    @contextmanager
    def read_staged(self, volume: str) -> Iterator[HelperReading]:
        with self._reading(volume, "staged", None) as reading:
            yield reading

    @contextmanager
    def _reading(self, volume: str, what: str, deadline: float | None) -> Iterator[HelperReading]:
        container.there(self.client, volume)
        helping = self._helping(volume, "read", what, deadline=deadline)
        try:
            yield HelperReading(helping)
        finally:
            helping.close()

    def stage(self, volume: str, feed: Feed) -> None:
        self._must_be_free(volume)
        helping = self._helping(volume, "stage", writes=True)  # has begun, or has left nothing
        try:
            try:
                written(helping, feed)
            finally:
                helping.close()
        except BaseException:
            with to_the_end():
                self.roll_back(volume)
            raise

    def _helping(
        self, volume: str, script: str, *words: str, writes: bool = False,
        deadline: float | None = None,
    ) -> Helping:  # fmt: skip
        """A helper with a stream: through our FIFO if the engine has it, else through docker."""
        mounts = [mount_of(self.client, volume, container.VOLUME, read_only=not writes)]
        helper = Helper(self.client, self.image, volume, mounts, writes=writes)
        channel = Channel(boot()) if self._fifo else None
        try:
            return Helping(helper, channel, script, *words, writes=writes, deadline=deadline)
        except (DockerFailed, NoHelper, NoSuchFolder) as error:
            if channel is None or channel.folder not in str(error):
                raise
            self._fifo = False  # the folder is not there: the engine is on another machine
            return self._helping(volume, script, *words, writes=writes, deadline=deadline)

    def commit(self, volume: str) -> None:
        self._write(volume, "commit")

    def roll_back(self, volume: str) -> None:
        self._write(volume, "roll-back")

    def _write(self, volume: str, script: str) -> None:
        self._must_be_free(volume)
        self._helper(volume, writes=True).run(script)

    def state(self, volume: str) -> State:
        container.there(self.client, volume)
        said = self._helper(volume).run("state").text.strip()
        return _STATES.get(said, "committing")

    def copy(self, source: str, target: str, *, staged: bool, owners: Owners = SAME) -> None:
        if source == target:
            raise InvalidArgument(f"{source} cannot be copied onto itself")
        container.there(self.client, source)
        self._must_be_free(target)
        mounts: list[VolumeMount | Bind] = [
            mount_of(self.client, source, container.SOURCE, read_only=True),
            mount_of(self.client, target, container.VOLUME, read_only=False),
        ]
        self._copy(target, mounts, staged, owners)

    def copy_from_folder(
        self, folder: str, volume: str, *, staged: bool, owners: Owners = SAME
    ) -> None:
        self._must_be_free(volume)
        mounts: list[VolumeMount | Bind] = [
            Bind(_absolute(folder), container.SOURCE, read_only=True),
            mount_of(self.client, volume, container.VOLUME, read_only=False),
        ]
        self._copy(volume, mounts, staged, owners)

    def copy_to_folder(self, volume: str, folder: str, *, owners: Owners = SAME) -> None:
        container.there(self.client, volume)
        mounts: list[VolumeMount | Bind] = [
            mount_of(self.client, volume, container.SOURCE, read_only=True),
            Bind(_absolute(folder), container.VOLUME),
        ]
        self._copy(folder, mounts, False, owners)

    def _copy(
        self, target: str, mounts: Sequence[VolumeMount | Bind], staged: bool, owners: Owners
    ) -> None:
        helper = Helper(self.client, self.image, target, mounts, writes=True)
        try:
            helper.run("copy", "staged" if staged else "straight", *_for_tar(owners))
        except _NOT_BEGUN:
            raise
        except BaseException:
            if staged:
                with to_the_end():
                    self.roll_back(target)
            raise

    def digest(self, volume: str, *, staged: bool = False) -> str:
        container.there(self.client, volume)
        said = self._helper(volume).run("digest", "staged" if staged else "volume")
        return said.text.split()[0]

    def usage(self, volume: str) -> Usage:
        container.there(self.client, volume)
        # may be written to, or nobody could tell whether it may; nothing is
        lines = self._helper(volume, writes=True).run("usage").lines()
        told = {word: rest.split() for word, _, rest in (line.partition(" ") for line in lines)}
        return Usage(
            entries=int(told["entries"][0]),
            bytes=int(told["bytes"][0]),
            free=int(told["free"][0]) if told.get("free", ["-"])[0].isdigit() else None,
            filesystem=" ".join(told["filesystem"]),
            read_only="ro" in ",".join(told.get("mounted", [])).split(","),
        )

    def _helper(self, volume: str, *, writes: bool = False) -> Helper:
        mount = mount_of(self.client, volume, container.VOLUME, read_only=not writes)
        return Helper(self.client, self.image, volume, [mount], writes=writes)

    def _must_be_free(self, volume: str) -> None:
        """It is there, and no other helper is at work in it."""
        container.there(self.client, volume)
        container.end_left(self.client, volume)


def _absolute(folder: str) -> str:
    if not folder.startswith("/"):
        raise InvalidArgument(f"{folder!r}: name a folder of the engine's machine, from / on")
    return folder


def _for_tar(owners: Owners) -> tuple[str, str, str, str]:
    """The words of copy.sh: two maps, and the one owner for all."""

    def table(ids: dict[int, int]) -> str:
        return "".join(f"+{old} x:{new}\n" for old, new in sorted(ids.items()))

    users, groups = (dict(ids) for ids in (owners.users, owners.groups))
    user, group = ("" if id is None else str(id) for id in (owners.user, owners.group))
    return (
        "" if user else table(users), "" if group else table(groups), user, group
    )  # fmt: skip
