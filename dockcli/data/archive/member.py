"""A member of a tar: what its headers say, before its data has passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from dockcli.data.entry import Entry, Kind

Segments: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Member:
    """As an `Entry`; ``name`` is as in the archive until `Vet.admit` has seen it. ``ours`` says
    that it is none in the volume, but that of a member of dockcli's own.

    ``size`` is with holes, ``stored`` the bytes that follow in the archive. ``segments`` are offset
    and length of each piece of data in a file with holes, None where there are none.
    """

    name: str
    kind: Kind
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    target: str
    device: tuple[int, int] | None
    stored: int
    ours: bool = False
    xattrs: dict[str, bytes] = field(default_factory=dict)
    segments: Segments | None = None

    def entry(self, sha256: str) -> Entry:
        return Entry(
            self.name,
            self.kind,
            self.mode,
            self.uid,
            self.gid,
            self.size,
            self.mtime,
            self.target,
            self.device,
            self.xattrs,
            sha256,
        )
