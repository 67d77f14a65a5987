"""The keywords of what is done with volumes as data, for editors and type checkers; and how they
become what is wanted."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

from dockcli.errors import UnknownFlag

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from dockcli.data.archive import Encryption
    from dockcli.data.progress import VolumeProgress
    from dockcli.data.rotation import Keep

W = TypeVar("W", bound="DataclassInstance")


class Reading(TypedDict, total=False):
    """How a volume is read: ``way`` is ``"helper"`` (GNU tar in a container, all is kept) or
    ``"cp"`` (docker's own, which keeps less), by default the first that can be had; ``image`` is
    one with GNU tar for the helper, in the place of one that is made of this machine's."""

    way: Literal["helper", "cp"] | None
    image: str | None


class Quiet(TypedDict, total=False):
    """The running containers that have the volume are paused, or stopped, while it is read, and
    exactly these go on afterwards."""

    pause: bool
    stop: bool


class Watching(TypedDict, total=False):
    """``on_progress`` is called with a `VolumeProgress`, some ten times a second."""

    on_progress: Callable[[VolumeProgress], None] | None


class BackupOptions(Reading, Quiet, Watching, total=False):
    """See `VolumeGroup.backup`."""

    compression: Literal["none", "gz", "zst"] | None
    level: int | None
    encryption: Encryption | None
    overwrite: bool
    keep: Keep | None
    fall: float
    skip_unchanged: bool


class RestoreOptions(Reading, Watching, total=False):
    """See `VolumeGroup.restore`."""

    stop: bool
    path: str | None
    trust: bool
    driver: str | None
    labels: Mapping[str, str] | None
    options: Mapping[str, str] | None
    encryption: Encryption | None


class CopyOptions(Reading, Quiet, total=False):
    """See `VolumeGroup.clone`."""

    overwrite: bool
    labels: Mapping[str, str]
    keep_labels: bool


class MigrateOptions(CopyOptions, Watching, total=False):
    """See `VolumeGroup.migrate`."""


class SnapshotOptions(Reading, Quiet, total=False):
    """See `VolumeGroup.snapshot`."""


class FolderOptions(Reading, Quiet, total=False):
    """See `VolumeGroup.from_bind`."""

    chown: str | None
    map: str | None
    overwrite: bool


class NameOptions(Reading, Quiet, total=False):
    """See `VolumeGroup.give_name`."""

    labels: Mapping[str, str]


class DiffOptions(Reading, total=False):
    """See `VolumeGroup.diff`."""

    encryption: Encryption | None


def wanted(kind: type[W], options: Mapping[str, Any]) -> W:
    """*options* as a *kind*, a dataclass. Raises UnknownFlag with the nearest names."""
    known = {field.name for field in dataclasses.fields(kind)}
    for name in options.keys() - known:
        near = difflib.get_close_matches(name, known, 3)
        hint = (
            f"; did you mean {' or '.join(near)}?"
            if near
            else f"; it takes {', '.join(sorted(known))}"
        )
        raise UnknownFlag(f"{name}= is not known here{hint}")
    return kind(**options)
