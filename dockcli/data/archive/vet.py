"""Which members are let through: none that would reach out of the volume, or be more than data."""

from __future__ import annotations

from dockcli.data.archive.errors import HostileArchive
from dockcli.data.archive.headers import raw
from dockcli.data.archive.member import Member

RESERVED = ".dockcli-restore"  # where a restore has its things, at the volume's root
OURS = ".dockcli-archive"  # members of an archive that are no part of the volume

_LONGEST_NAME, _LONGEST_PATH = 255, 4096
_ROOT = ""


def normal(name: str) -> str:
    """*name* without empty and ``.`` components, nor a slash at either end."""
    if name.startswith("./") and "//" not in name and "/./" not in name and name[-1] not in "/.":
        return name[2:]
    return "/".join(part for part in name.split("/") if part not in ("", "."))


class Vet:
    """Looks at the members of one archive, in their order.

    *ours*: the archive is of dockcli, where no name comes twice and setuid programs are as they
    were in the volume. *trust*: devices are let through, and setuid programs of other tools too.
    """

    def __init__(self, *, trust: bool, ours: bool) -> None:
        self._trust, self._ours = trust, ours
        self._kinds: dict[str, str] = {}

    def admit(self, member: Member) -> None:
        """Make *member*'s name normal; remember it. Raises HostileArchive."""
        member.name = self._inside(member.name, member.name, "has a name")
        if member.kind == "hardlink":
            member.target = self._inside(member.target, member.name, "is a hard link to a name")
        self._check_parents(member.name)
        self._check_kind(member)
        self._check_twice(member)
        self._kinds[member.name] = member.kind

    def _inside(self, name: str, member: str, what: str) -> str:
        """The normal form of *name*, if that leads nowhere but into the volume."""
        if name.startswith("/"):
            raise HostileArchive(member, f"{what} that is absolute: {name[:200]!r}")
        if ".." in name and ".." in name.split("/"):
            raise HostileArchive(member, f"{what} that leads upwards: {name[:200]!r}")
        found = normal(name)
        if not name:
            raise HostileArchive(member, f"{what} that is empty")
        if len(found) * 4 > _LONGEST_NAME:  # no character is longer than 4 bytes
            self._check_length(found, member, what)
        return found

    def _check_length(self, name: str, member: str, what: str) -> None:
        in_bytes = raw(name)
        if len(in_bytes) > _LONGEST_PATH or any(
            len(part) > _LONGEST_NAME for part in in_bytes.split(b"/")
        ):
            raise HostileArchive(member, f"{what} that is too long for any file system")

    def _check_parents(self, name: str) -> None:
        """Every folder above must be one; those that the archive does not name are taken to be."""
        end = name.rfind("/")
        while end > 0:
            parent = name[:end]
            kind = self._kinds.get(parent)
            if kind == "folder":
                return
            if kind not in (None, "implied"):
                raise HostileArchive(name, f"would be put below {parent!r}, which is a {kind}")
            self._kinds[parent] = "implied"
            end = parent.rfind("/")

    def _check_kind(self, member: Member) -> None:
        if member.kind in ("char", "block") and not self._trust:
            raise HostileArchive(
                member.name, "is a device, let through by trust=True (--trust) only"
            )
        if not (self._ours or self._trust):
            self._check_rights(member)
        if member.kind == "hardlink":
            self._check_target(member)
        if member.kind == "symlink":
            self._check_symlink(member)
        if member.name == _ROOT and member.kind != "folder":
            raise HostileArchive(member.name, f"would be a {member.kind}")

    def _check_rights(self, member: Member) -> None:
        """A program that runs with other rights than those of whoever runs it."""
        if member.mode & 0o6000 and member.kind in ("file", "hardlink"):
            what = "would run as another user (setuid or setgid)"
        elif "security.capability" in member.xattrs:
            what = "would run with rights of its own (capabilities)"
        else:
            return
        raise HostileArchive(member.name, f"{what}, let through by trust=True (--trust) only")

    def _check_symlink(self, member: Member) -> None:
        if not member.target or len(member.target) > _LONGEST_PATH:
            raise HostileArchive(member.name, "is a symbolic link to what can be no path")

    def _check_target(self, member: Member) -> None:
        """A hard link leads to a file that came before; in a volume also to a link or a fifo."""
        kind = self._kinds.get(member.target)
        fine = kind in ("file", "hardlink")
        if not fine and not (self._ours and kind in ("symlink", "fifo", "char", "block")):
            raise HostileArchive(
                member.name,
                f"is a hard link to {member.target[:200]!r}, which is no file before it",
            )

    def _check_twice(self, member: Member) -> None:
        before = self._kinds.get(member.name)
        if before is None or (before == member.kind == "folder" and not self._ours):
            return
        if not (before == "implied" and member.kind == "folder"):
            raise HostileArchive(member.name, f"comes twice in it, first as a {before}")


def check_reserved(name: str) -> None:
    """Raises HostileArchive for a name in a volume that a restore needs for itself."""
    if name == RESERVED or name.startswith(f"{RESERVED}/"):
        raise HostileArchive(name, "has a name that dockcli keeps for its restores")
