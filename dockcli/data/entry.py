"""What a volume holds, as values: an entry for each name, and what the volume itself is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["file", "folder", "symlink", "hardlink", "fifo", "char", "block"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a volume and what it stands for.

    ``name`` is the path below the volume's root, without a slash at either end; "" is the root
    itself. Bytes that are no UTF-8 are surrogates in it, as `os.fsdecode` makes them. ``mode`` is
    the permission bits, 0 to 0o7777; ``mtime`` is in nanoseconds since 1970; ``size`` is a file's
    bytes, holes included. ``target`` is the text of a symlink, and the name of the entry that a
    hardlink is another name of. ``device`` is major and minor. ``xattrs`` are the extended
    attributes, by name. ``sha256`` is that of a file's bytes, holes read as zeros.
    """

    name: str
    kind: Kind
    mode: int = 0
    uid: int = 0
    gid: int = 0
    size: int = 0
    mtime: int = 0
    target: str = ""
    device: tuple[int, int] | None = None
    xattrs: Mapping[str, bytes] = field(default_factory=dict)
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What an archive says of the volume that it is of, before its entries.

    ``driver``, ``labels`` and ``options`` are the volume's own; ``made`` is when the backup was
    begun; ``dockcli`` and ``engine`` are versions. ``way`` is how the volume was read: by GNU tar
    in a ``helper``, or by docker ``cp``, which keeps less. ``labels`` and ``options`` are text by
    name.
    """

    volume: str
    driver: str = "local"
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    made: datetime | None = None
    dockcli: str = ""
    engine: str = ""
    way: Literal["helper", "cp"] = "helper"


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that an archive, or a volume that was read, holds.

    ``description`` is None for a tar of another tool. ``entries`` are in the order of the archive,
    the root first where it is in it. ``changed`` are the names of files that changed while they
    were read, ``skipped`` those that no archive can hold (sockets).
    """

    entries: tuple[Entry, ...]
    description: Description | None = None
    changed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The bytes of all files, each counted once."""
        return sum(entry.size for entry in self.entries if entry.kind == "file")

    def by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries}

    def as_json(self) -> dict[str, Any]:
        """What a command line prints of it with ``--json``, without the entries."""
        about = self.description
        return {
            "volume": about.volume if about else None,
            "made": about.made.isoformat() if about and about.made else None,
            "way": about.way if about else None,
            "entries": len(self.entries),
            "bytes": self.bytes,
            "changed": list(self.changed),
            "skipped": list(self.skipped),
        }
