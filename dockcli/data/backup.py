"""A volume into an archive: written beside, on the disk, then under its name; never half of one."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from dockcli.data import refusals, undertaking
from dockcli.data.arrival import metered, settle
from dockcli.data.entry import Description, Manifest
from dockcli.data.errors import InTheWay, RotationStopped
from dockcli.data.helper.container import there as must
from dockcli.data.users import quiet
from dockcli.errors import DockcliError, InvalidArgument, NoRoom

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.archive import Encryption
    from dockcli.data.helper import Way
    from dockcli.data.naming import Pattern
    from dockcli.data.progress import VolumeProgress
    from dockcli.data.rotation import Keep, Rotation


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made.

    ``archive`` is its path, None for one that was written to an open file. ``bytes`` are those of
    the archive. ``unchanged``: the volume was as in the archive before, and ``archive`` is that
    one. ``stopped`` are the containers that were stopped or paused meanwhile. ``loses`` says what
    the way that the volume was read by cannot keep.
    """

    volume: str
    archive: str | None
    bytes: int
    manifest: Manifest
    unchanged: bool = False
    stopped: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    rotation: Rotation | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return {
            **self.manifest.as_json(),
            "volume": self.volume,
            "archive": self.archive,
            "archive_bytes": self.bytes,
            "unchanged": self.unchanged,
            "stopped": list(self.stopped),
            "loses": list(self.loses),
            "rotation": self.rotation.as_json() if self.rotation else None,
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a backup is to be made."""

    pause: bool = False
    stop: bool = False
    compression: str | None = None
    level: int | None = None
    encryption: Encryption | None = None
    overwrite: bool = False
    keep: Keep | None = None
    fall: float = 0.5
    skip_unchanged: bool = False
    way: Literal["helper", "cp"] | None = None
    image: str | None = None
    on_progress: Callable[[VolumeProgress], None] | None = None


def backup(
    client: Docker, volume: str, archive: str | os.PathLike[str] | BinaryIO, wanted: Wanted
) -> BackedUp:
    """See `VolumeGroup.backup`."""
    from dockcli.data.helper import way_for

    if not isinstance(archive, (str, os.PathLike)):
        return _to_file(client, volume, archive, wanted)
    from dockcli.data.archive import compression_of
    from dockcli.data.naming import Pattern

    path = os.path.abspath(os.fspath(archive))
    pattern = Pattern.parse(path)
    compression, cipher = compression_of(path)
    refusals.refuse_cipher(cipher, wanted.encryption)
    refusals.refuse_unreadable(wanted)
    if not 0 <= wanted.fall <= 1:
        raise InvalidArgument(f"fall={wanted.fall!r}: it is a part, from 0 to 1")
    if wanted.keep and not pattern.timed:
        raise InvalidArgument(
            f"{path}: what is to be kept of older backups is told by a name with their time in it, "
            "such as data-%Y-%m-%dT%H-%M-%S.tar.zst"
        )
    made = datetime.now(timezone.utc)
    # what a link leads to is replaced, not the link
    final = pattern.free(made) if pattern.timed else os.path.realpath(path)
    refusals.refuse_folder(final)
    settle(client, volume)
    must(client, volume)
    refusals.refuse_other(final, volume, wanted)
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    wanted = replace(wanted, compression=wanted.compression or compression)
    before = _before(pattern, final)
    with _beside(client, final, volume) as (part, file):
        with _named(final):
            result = _write(client, volume, file, wanted, way, made)
            file.flush()
        os.fsync(file.fileno())
        result = replace(result, archive=final, bytes=file.tell())
        if wanted.skip_unchanged and before and _same(before, result.manifest, wanted):
            return replace(result, archive=before, bytes=os.path.getsize(before), unchanged=True)
        if not pattern.timed:
            os.replace(part, final)
        else:
            _link(part, final)
            os.unlink(part)
        undertaking.sync_folder(os.path.dirname(final))
    if wanted.keep:
        result = _rotated(result, pattern, wanted, final)
    return result


def recover(client: Docker, facts: Mapping[str, Any]) -> str:
    """Remove the archive that was only half written."""
    from dockcli.data.helper import reclaim_helpers

    with suppress(FileNotFoundError):
        os.unlink(facts["part"])
    reclaim_helpers(client)
    return f"a half written backup of {facts['volume']} is removed: {facts['part']}"


def _to_file(client: Docker, volume: str, file: BinaryIO, wanted: Wanted) -> BackedUp:
    from dockcli.data.helper import way_for

    if not hasattr(file, "write") or isinstance(file, io.TextIOBase):
        raise InvalidArgument(f"an archive is written to a path or a binary file, not to {file!r}")
    if wanted.keep or wanted.skip_unchanged:
        raise InvalidArgument("rotation and skip_unchanged= need an archive with a name")
    settle(client, volume)
    must(client, volume)
    way = way_for(client, image=wanted.image, wanted=wanted.way)
    counted = _Counted(file)
    wanted = replace(wanted, compression=wanted.compression or "none")
    made = datetime.now(timezone.utc)
    result = _write(client, volume, counted, wanted, way, made)
    file.flush()
    return replace(result, bytes=counted.count)


def _write(
    client: Docker, volume: str, out: Any, wanted: Wanted, way: Way, made: datetime
) -> BackedUp:
    """Write the archive; the containers that were kept still go on as soon as all is read."""
    from dockcli.data.archive import Writer

    about = describe(client, volume, way, made)
    meter = metered(wanted.on_progress, lambda: way.usage(volume).bytes)
    with Writer(
        out,
        about,
        compression=wanted.compression or "none",
        encryption=wanted.encryption,
        level=wanted.level,
        progress=meter.add if meter else None,
    ) as writer:
        with (
            quiet(client, volume, pause=wanted.pause, stop=wanted.stop) as stopped,
            way.read(volume) as reading,
        ):
            writer.write_from(reading.stream)
            changed, skipped = reading.finish()
        manifest = writer.finish(changed=changed, skipped=skipped)
    if meter:
        meter.close()
    return BackedUp(volume, None, 0, manifest, stopped=stopped, loses=way.loses)


def describe(client: Docker, volume: str, way: Way, made: datetime) -> Description:
    """What an archive says of *volume*."""
    import dockcli

    found = must(client, volume)
    return Description(
        volume=volume,
        driver=found.driver,
        labels=dict(found.labels),
        options=dict(found.options),
        made=made,
        dockcli=dockcli.__version__,
        engine=client.version().server,
        way=way.name,
    )


@contextmanager
def _beside(client: Docker, final: str, volume: str) -> Iterator[tuple[str, BinaryIO]]:
    """A file beside *final* that is gone afterwards, unless it has got another name."""
    folder, name = os.path.split(final)
    part = os.path.join(folder, f".{name[:200]}.{os.urandom(6).hex()}.part")
    with undertaking.begin(client, "backup", volume=volume, part=part):
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            _named(final),
            open(opened, "wb") as file,
        ):  # it is written to its end when it is closed
            yield part, file
        with suppress(FileNotFoundError):
            os.unlink(part)


def _link(part: str, final: str) -> None:
    """Give it its name, never over another that has just been made."""
    try:
        os.link(part, final)
    except FileExistsError:
        raise InTheWay(final, "was made by another in this moment") from None


@contextmanager
def _named(path: str) -> Iterator[None]:
    """An error of the system says which file it is about."""
    try:
        yield
    except DockcliError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            folder = os.path.dirname(path)
            raise NoRoom(folder, os.strerror(error.errno), error.errno) from error
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), path) from error


class _Counted:
    """A file that tells how much was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.count = file, 0

    def write(self, data: bytes) -> int:
        view = memoryview(data).cast("B")
        while view:  # an unbuffered file, or a pipe, may take a part
            taken = self._file.write(view)
            taken = len(view) if taken is None else taken
            self.count += taken
            view = view[taken:]
        return len(data)


def _rotated(result: BackedUp, pattern: Pattern, wanted: Wanted, new: str) -> BackedUp:
    from dockcli.data.rotation import rotate

    def verifies(path: str) -> bool:
        return _verified(path, wanted) is not None

    def others(path: str) -> bool:
        about = refusals.told_by(path, wanted)
        return about is not None and about.volume != result.volume

    assert wanted.keep is not None
    rotation = rotate(
        *(pattern, wanted.keep), verifies=verifies, new=new, fall=wanted.fall, others=others
    )
    result = replace(result, rotation=rotation)
    if rotation.stopped:
        raise RotationStopped(rotation.stopped, result)
    return result


def _verified(path: str, wanted: Wanted) -> Manifest | None:
    """What an older archive holds; None where it is not whole."""
    from dockcli.data.archive import ArchiveError, verify

    try:
        return verify(path, encryption=wanted.encryption)
    except (ArchiveError, OSError):
        return None


def _same(before: str, manifest: Manifest, wanted: Wanted) -> bool:
    """Whether *before* is a whole archive of the same tree."""
    from dockcli.data.difference import compare

    if manifest.changed:
        return False
    held = _verified(before, wanted)
    return held is not None and compare(held, manifest).same and _about(held) == _about(manifest)


def _about(manifest: Manifest) -> tuple[Any, ...]:
    about = manifest.description
    return (about.volume, about.driver, about.labels, about.options) if about else ()


def _before(pattern: Pattern, final: str) -> str | None:
    """The archive before this one."""
    if not pattern.timed:
        return final if os.path.exists(final) else None
    found = pattern.matching()
    return found[-1][0] if found else None
