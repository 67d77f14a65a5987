"""The way where no helper can run: ``docker cp`` with a container that is never started."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

from dockcli.child import to_the_end
from dockcli.data.helper import container, errors, tars
from dockcli.data.helper.image import LABEL, made_empty
from dockcli.data.helper.way import SAME, Feed, Owners, Read, State, Usage
from dockcli.errors import DockcliError, DockerFailed, InvalidArgument, NoSuchObject, ReadOnlyPath
from dockcli.meter import is_podman
from dockcli.mounts import Bind
from dockcli.owner import current
from dockcli.scope import OWNER
from dockcli.spool import Spool

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.mounts import VolumeMount

_MARK = ".dockcli-restore/state"
_MAGIC = b"dockcli restore 1\n"
_NO_WAY_BACK = "docker cp cannot remove what it has put there: remove the volume, and make it again"


class CpReading:
    """What docker cp writes of a volume."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def finish(self) -> Read:
        while self.stream.read(1 << 20):
            pass
        return Read()


class CpWay:
    """Reads and writes with ``docker cp``; see `Way`.

    It can neither move nor remove what is in a volume. So `stage` takes only an empty one, keeps
    the tar in a temporary file until `feed` has given all of it, and then writes it where it is to
    be: `commit` has nothing more to do, and `roll_back` cannot take it back.
    """

    name: Literal["helper", "cp"] = "cp"
    loses: tuple[str, ...] = (
        "extended attributes and ACLs",
        "the parts of a second of times",
        "the holes of sparse files",
        "setuid and setgid bits on the way back",
        "the owner, mode and times of the root folder",
        "which sockets there were",
        "symlinks that lead out of the volume, which it refuses",
    )

    def __init__(self, client: Docker) -> None:
        self.client = client
        self._image = made_empty(client)
        if is_podman(client.binary):
            self.loses = (*self.loses, "owners, on the way back")
        self._staged: set[str] = set()

    @contextmanager
    def read(self, volume: str, *, deadline: float | None = None) -> Iterator[CpReading]:
        with self._mounted(volume) as name:
            if self._mark(name) is not None:
                raise errors.VolumeUnfinished(volume)
            with self._opened(name, deadline) as stream:
                yield CpReading(self._in_our_form(stream))

    @contextmanager
    def read_staged(self, volume: str) -> Iterator[CpReading]:
        self._must_be_staged(volume)
        with self.read(volume) as reading:
            yield reading

    def stage(self, volume: str, feed: Feed) -> None:
        with Spool() as spool:
            if not self.usage(volume).empty:
                raise errors.VolumeNotEmpty(
                    volume, "without a helper nothing in it can be moved out of the way"
                )
            feed(spool.write)
            file = spool.rewound()
            if name := tars.leading_out(file):
                raise errors.VolumeUnwritable(
                    volume, f"docker cp takes no symlink that leads out of it: {name}"
                )
            file.seek(0)
            with self._mounted(volume, read_only=False) as name:
                self._write(volume, name, file)
        self._staged.add(volume)

    def commit(self, volume: str) -> None:
        self._must_be_staged(volume)
        self._staged.discard(volume)

    def roll_back(self, volume: str) -> None:
        if volume in self._staged or self.state(volume) != "clean":
            raise errors.VolumeUnwritable(volume, _NO_WAY_BACK)

    def state(self, volume: str) -> State:
        with self._mounted(volume) as name:
            mark = self._mark(name)
        if mark is None:
            return "clean"
        return "staged" if mark in ("staging", "staged", "undone") else "committing"

    def copy(self, source: str, target: str, *, staged: bool, owners: Owners = SAME) -> None:
        if source == target:
            raise InvalidArgument(f"{source} cannot be copied onto itself")
        with self.read(source) as reading:
            self._take(reading.stream, target, owners, staged=staged)

    def copy_from_folder(
        self, folder: str, volume: str, *, staged: bool, owners: Owners = SAME
    ) -> None:
        with (
            self._container(folder, Bind(folder, container.VOLUME, read_only=True)) as name,
            self._opened(name) as stream,
        ):
            self._take(stream, volume, owners, staged=staged)

    def copy_to_folder(self, volume: str, folder: str, *, owners: Owners = SAME) -> None:
        with self._container(folder, Bind(folder, container.VOLUME)) as name:
            with self._opened(name) as there:
                if tars.counted(there)[0]:
                    raise errors.VolumeNotEmpty(folder)
            with self.read(volume) as reading, Spool() as spool:
                for chunk in tars.as_way(reading.stream, owners.of):
                    spool.write(chunk)
                self._write(folder, name, spool.rewound())

    def digest(self, volume: str, *, staged: bool = False) -> str:
        if staged:
            self._must_be_staged(volume)
        with self.read(volume) as reading:
            return tars.digest(reading.stream)

    def usage(self, volume: str) -> Usage:
        with self.read(volume) as reading:
            return Usage(*tars.counted(reading.stream))

    def _take(self, stream: Any, volume: str, owners: Owners, *, staged: bool) -> None:
        def feed(write: Any) -> None:
            for chunk in tars.as_way(stream, owners.of):
                write(chunk)

        self.stage(volume, feed)
        if not staged:
            self.commit(volume)

    def _in_our_form(self, stream: Any) -> Any:
        """docker's own bytes are in it already."""
        if not is_podman(self.client.binary):
            return stream
        return tars.Chunks(tars.as_way(stream, lambda user, group: (user, group)))

    def _must_be_staged(self, volume: str) -> None:
        if volume not in self._staged:
            raise errors.NothingStaged(volume)

    @contextmanager
    def _mounted(self, volume: str, *, read_only: bool = True) -> Iterator[str]:
        found = container.there(self.client, volume)
        if is_podman(self.client.binary) and found.options:
            raise errors.VolumeUnreadable(
                volume, "podman mounts a volume that has options only for a container that runs"
            )
        mount = container.mount_of(self.client, volume, container.VOLUME, read_only=read_only)
        with self._container(volume, mount) as name:
            yield name

    @contextmanager
    def _container(self, volume: str, mount: VolumeMount | Bind) -> Iterator[str]:
        """A container that is never started, with that one mount; its name."""
        name, me = f"dockcli-{os.urandom(8).hex()}", str(current())
        owner = {} if is_podman(self.client.binary) else {OWNER: me}
        mine = {LABEL: "run", container.OWNER_LABEL: me, container.VOLUME_LABEL: volume}
        try:
            self.client.container.create(
                self._image, "none", name=name, mount=[mount], network="none", pull="never",
                log_driver="none", label={**owner, **mine},
            )  # fmt: skip
            yield name
        finally:
            with to_the_end(), suppress(DockcliError):
                self.client.container.rm(name, force=True, deadline=60)

    @contextmanager
    def _opened(self, name: str, deadline: float | None = None) -> Iterator[Any]:
        call = self.client.call.container.cp(f"{name}:{container.VOLUME}/.", "-", deadline=deadline)
        with call.open() as stream:
            yield stream

    def _mark(self, name: str) -> str | None:
        """How far a helper's restore has come, None where there is none."""
        try:
            said = self.client.call.container.cp(f"{name}:{container.VOLUME}/{_MARK}", "-").run()
        except NoSuchObject:
            return None
        for _, content in tars.members(io.BytesIO(said.stdout)):
            text = b"".join(content)
            if text.startswith(_MAGIC):
                return text.split(b"\n")[1].decode("ascii", "replace")
        return None

    def _write(self, volume: str, name: str, file: Any) -> None:
        try:
            self.client.container.cp("-", f"{name}:{container.VOLUME}", archive=True, stdin=file)
        except ReadOnlyPath as error:
            raise errors.VolumeReadOnly(volume, error.reason) from None
        except DockerFailed as error:
            said = error.stderr.decode("utf-8", "replace")
            if "no space left on device" in said or "disk quota exceeded" in said:
                raise errors.VolumeFull(volume, f"{error.reason}; {_NO_WAY_BACK}") from None
            if "read-only file system" in said:
                raise errors.VolumeReadOnly(volume, error.reason) from None
            raise
