"""Where in an archive of another tool the volume is."""

from __future__ import annotations

from collections.abc import Iterable

from dockcli.data.archive.errors import AmbiguousArchive, HostileArchive
from dockcli.data.archive.member import Member
from dockcli.data.archive.vet import normal

BACKUP = "backup"  # offen/docker-volume-backup has each volume in a folder below it


def may_be_of_offen(first: str) -> bool:
    """Whether an archive whose first member is *first* may have volumes below ``backup/``."""
    return normal(first).partition("/")[0] == BACKUP


def volume_below(names: Iterable[tuple[str, bool]]) -> str:
    """The folder that is the volume, by the *names* of all members and whether each is a folder:
    the only one below ``backup/``, else "", which is all that there is.

    Raises AmbiguousArchive where there are several.
    """
    volumes: dict[str, None] = {}
    for name, is_folder in names:
        parts = normal(name).split("/", 2)
        if parts[0] != BACKUP or (len(parts) == 2 and not is_folder):
            return ""
        if len(parts) > 1:
            volumes["/".join(parts[:2])] = None
    if len(volumes) > 1:
        raise AmbiguousArchive(tuple(volumes))
    return next(iter(volumes), "")


def is_below(member: Member, folder: str) -> bool:
    """Whether *member* is in *folder*, or *folder* itself; if so its names become those that it has
    there. Raises HostileArchive for a hard link that leads out of *folder*."""
    if not folder:
        return True
    inside = f"{folder}/"
    if member.name != folder and not member.name.startswith(inside):
        return False
    if member.kind == "hardlink":
        if not member.target.startswith(inside):
            raise HostileArchive(
                member.name, f"is a hard link to {member.target!r}, which is not in {folder!r}"
            )
        member.target = member.target.removeprefix(inside)
    member.name = member.name.removeprefix(folder).removeprefix("/")
    return True
