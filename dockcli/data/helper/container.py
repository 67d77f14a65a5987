"""The container of a helper: one script, one volume, the least rights that keep owners."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockcli.child import to_the_end
from dockcli.completed import Completed
from dockcli.data.helper import errors
from dockcli.data.helper.image import LABEL
from dockcli.errors import (
    CallError,
    CommandNotStarted,
    ContainerFailed,
    DockcliError,
    InvalidArgument,
)
from dockcli.meter import is_podman
from dockcli.mounts import Bind, Tmpfs, VolumeMount
from dockcli.owner import Owner, current
from dockcli.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockcli.call import Call
    from dockcli.client import Docker
    from dockcli.models.volume import VolumeInspect

VOLUME, SOURCE = "/dockcli-volume", "/dockcli-source"
VOLUME_LABEL = "dockcli.helper.volume"
OWNER_LABEL = "dockcli.helper.owner"

# CAP_DAC_READ_SEARCH would do to read, but lets a program out of its container (open_by_handle_at);
# what a read-only mount does not let be written, CAP_DAC_OVERRIDE does not either.
READING = ("DAC_OVERRIDE",)
WRITING = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP")

_CODES: dict[int, type[errors.VolumeError]] = {
    20: errors.ReservedName,
    21: errors.VolumeUnfinished,
    22: errors.VolumeNotEmpty,
    23: errors.NothingStaged,
    24: errors.VolumeDisturbed,
    25: errors.VolumeUnfinished,
    26: errors.NotAFolderThere,
    30: errors.VolumeUnreadable,
    31: errors.VolumeUnwritable,
}
_NOT_THERE = 32
_FULL = re.compile(r"No space left on device|Disk quota exceeded|Wrote only \d+ of \d+ bytes")
_NO_FOLDER = re.compile(  # docker's words, and podman's
    r"bind source path does not exist: (/[^\n]*?)\.?$|statfs (/[^\n]*?): no such file", re.M
)
_READ_ONLY = re.compile(r"[Rr]ead-only file system")  # podman's own words are small
_SHOWN = 5  # lines of what the tools have said
_PATIENCE = 60.0  # seconds for an engine to remove a container


def there(client: Docker, volume: str) -> VolumeInspect:
    """The volume, which must be there: mounting a missing one would make it.

    Raises NoSuchVolume, InvalidArgument for podman's abbreviations.
    """
    found = client.volume.inspect(volume)
    if found.name != volume:
        raise InvalidArgument(f"no volume is called {volume!r}: do you mean {found.name!r}?")
    return found


def mount_of(client: Docker, volume: str, target: str, *, read_only: bool) -> VolumeMount:
    """*volume* at *target*, with nothing put into it of what the image has there."""
    # podman has no such option of --mount; the image has nothing there that it could copy
    return VolumeMount(volume, target, read_only=read_only, nocopy=not is_podman(client.binary))


class Helper:
    """A helper that is to run *script* on *volume* (or a folder), with *mounts*."""

    def __init__(
        self,
        client: Docker,
        image: str,
        volume: str,
        mounts: Sequence[VolumeMount | Bind],
        *,
        writes: bool = False,
    ) -> None:
        self.client, self.image, self.volume = client, image, volume
        self.name = f"dockcli-{os.urandom(8).hex()}"
        self._mounts, self._writes = mounts, writes
        self._podman = is_podman(client.binary)

    def call(
        self, script: str, *words: str, mounts: Iterable[Bind] = (), **options: Any
    ) -> Call[Completed]:
        """The call that runs it."""
        me = str(current())
        # podman's `rm --volumes`, which is what is done with all that a dead owner has left, and
        # its `run --rm` take a volume along that was made without a name
        labels = {} if self._podman else {OWNER: me}
        return self.client.call.container.run(
            self.image,
            *("-c", _text(script), f"dockcli-{script}", *words),
            entrypoint="sh",
            name=self.name,
            rm=not self._podman,
            log_driver="none",
            network="none",
            read_only=True,
            user="0:0",
            security_opt=["no-new-privileges"],
            cap_drop=["ALL"],
            cap_add=list(WRITING if self._writes else READING),
            label={**labels, LABEL: "run", OWNER_LABEL: me, VOLUME_LABEL: self.volume},
            mount=[*self._mounts, *mounts, Tmpfs("/dockcli-scratch", size="16m", mode=0o700)],
            pull="never",
            **options,
        )

    def run(self, script: str, *words: str, **options: Any) -> Completed:
        """Run it to its end. Raises what `told` makes of its failure."""
        try:
            done = self.call(script, *words, **options).run()
        except BaseException as error:
            self.clear(error)
            raise self.told(error) from None
        self.clear()
        return done

    def clear(self, error: BaseException | None = None) -> None:
        """See that its container is gone once it has run, with *error* if it has failed."""
        if self._podman or not (error is None or isinstance(error, ContainerFailed)):
            self.remove()

    def remove(self) -> None:
        """Remove its container, should it be there still: never with a volume of it."""
        with to_the_end(), suppress(DockcliError):
            if self._podman:  # whose `rm --force` gives it ten seconds to end by itself
                self.client.raw("container", "stop", "-t", "0", self.name, deadline=_PATIENCE)
            self.client.container.rm(self.name, force=True, deadline=_PATIENCE)

    def told(self, error: BaseException) -> BaseException:
        """*error* as it is to be raised: what a script has failed with says what is wrong with the
        volume."""
        if isinstance(error, CommandNotStarted):
            return errors.NoHelper(f"no helper can run in {self.image}: {error.reason}")
        if isinstance(error, CallError) and not isinstance(error, ContainerFailed):
            if found := _NO_FOLDER.search(error.reason):
                return errors.NoSuchFolder(found[1] or found[2])
            return _without_script(error)
        if not isinstance(error, ContainerFailed):
            return error
        said = error.stderr.decode("utf-8", "replace")
        reason = "; ".join(_important(said))
        if error.returncode == _NOT_THERE:
            return errors.NoHelper(f"no helper can run in {self.image}: {reason}")
        kind = _CODES.get(error.returncode)
        if kind is None:
            reason = reason or f"the helper was ended with code {error.returncode}"
            kind = errors.VolumeUnwritable if self._writes else errors.VolumeUnreadable
        if kind is errors.VolumeUnwritable:
            if _FULL.search(said):
                kind = errors.VolumeFull
            elif _READ_ONLY.search(said):
                kind = errors.VolumeReadOnly
        return kind(self.volume, reason)


def _without_script(error: CallError) -> CallError:
    """The same error without a script of some pages in the command that it shows."""
    done = error.completed
    shown = tuple("…" if "\n" in word else word for word in done.argv)
    error.completed = Completed(shown, done.returncode, done.stdout, done.stderr, done.seconds)
    error.args = (error.completed, *error.args[1:])
    return error


def _important(said: str) -> list[str]:
    """The last lines of what the tools have said, without tar's own summary."""
    lines = [line.removeprefix("dockcli: ").strip() for line in said.splitlines()]
    told = [line for line in lines if line and "Exiting with failure status" not in line]
    return told[-_SHOWN:]


def end_left(client: Docker, volume: str) -> None:
    """End what helpers of dead processes still do in *volume*, before something else is done there.

    Raises VolumeBusy while one of a living process is at work.
    """
    mine = {"label": [f"{LABEL}=run", f"{VOLUME_LABEL}={volume}"]}
    for one in client.container.ls(all=True, filter=mine):
        owner = Owner.parse(one.labels.get(OWNER_LABEL, ""))
        if owner is None or not owner.is_dead():
            raise errors.VolumeBusy(volume, f"container {one.name}")
        _end(client, one.id)


def reclaim_helpers(client: Docker) -> list[str]:
    """Remove the containers of helpers whose process is provably dead; their names."""
    left = []
    for one in client.container.ls(all=True, filter={"label": f"{LABEL}=run"}):
        owner = Owner.parse(one.labels.get(OWNER_LABEL, ""))
        if owner is not None and owner.is_dead():
            _end(client, one.id)
            left.append(one.name)
    return left


def _end(client: Docker, id: str) -> None:
    with suppress(DockcliError):
        client.raw("container", "stop", "-t", "0", id, deadline=_PATIENCE)
    with suppress(DockcliError):  # docker removes it itself
        client.container.rm(id, force=True, deadline=_PATIENCE)


@cache
def _text(script: str) -> str:
    """The text of a script, with what all have in common before it."""
    folder = Path(__file__).parent
    return "".join(
        (folder / f"{name}.sh").read_text(encoding="utf-8") for name in ("common", script)
    )
