"""This machine's disk, where the engine is this machine's: what folders hold, what lies under them.

Everything here only looks, for a limited time, and says None rather than half of the truth.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dockcli import mountinfo

if TYPE_CHECKING:
    from dockcli.models.system import Info

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2"),
        *("afs", "beegfs", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs"),
        *("fuse.rclone", "fuse.gcsfuse", "fuse.blobfuse2", "fuse.davfs"),
    }
)
"""File systems whose data is on other machines, as the kernel calls them."""

MEMORY = frozenset({"tmpfs", "ramfs"})


class Counted(NamedTuple):
    """What a folder holds: bytes, and how many names are no folders."""

    size: int
    files: int


class TooMuch(Exception):
    """The time is up; nothing was counted."""


class Clock:
    """The seconds that may be spent on counting, all folders together."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def check(self) -> None:
        """Raises TooMuch."""
        if time.monotonic() > self.until:
            raise TooMuch


class Disk:
    """The disk of the engine's machine, if that is this one.

    ``here`` is whether it is. An engine elsewhere may have folders of the same names, so this rests
    on what two machines hardly share: name, kernel, bytes of memory, and the engine's root folder.
    That also tells a container which was given the engine's socket from the machine itself.
    """

    def __init__(self, info: Info, seconds: float) -> None:
        host = info.raw.get("host")  # podman's
        inner = host if isinstance(host, dict) else {}
        kernel = info.raw.get("KernelVersion") or inner.get("kernel")
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        ours = (os.uname().nodename, os.uname().release, memory)
        self.here: bool = ours == (info.name, kernel, info.memory) and os.path.isdir(info.root)
        self._clock = Clock(seconds)
        self._mounts: list[tuple[str, str]] | None = None
        self._counted: dict[str, Counted | None] = {}

    def count(self, path: str) -> Counted | None:
        """What is in a folder, or a file, of the engine's machine; hard links count once, what is
        mounted in it does not.

        None where that is not this machine, may not be read, or takes too long.
        """
        if not self.here or not path:
            return None
        if path not in self._counted:  # many containers may have the same folder
            self._counted[path] = self._count(path)
        return self._counted[path]

    def files(self, folder: str) -> list[tuple[str, os.stat_result]] | None:
        """All that is no folder in a folder: paths below it that begin with a slash, and what the
        file system says of each. None as with `count`."""
        if not self.here or not folder:
            return None
        try:
            device = os.stat(folder).st_dev
            return [(path[len(folder) :], about) for path, about in self._below(folder, device)]
        except (OSError, TooMuch):
            return None

    def filesystem(self, path: str) -> str:
        """The type of the file system that a path is on, as the kernel calls it; "" where that is
        not known. It never touches the path, which may be on a share that hangs."""
        if not self.here or not path.startswith("/"):
            return ""
        if self._mounts is None:
            self._mounts = _mounts()
        under = [(point, kind) for point, kind in self._mounts if _holds(point, path)]
        # of several at one place the last one is seen
        return (
            max(enumerate(under), key=lambda one: (len(one[1][0]), one[0]))[1][1] if under else ""
        )

    def _count(self, path: str) -> Counted | None:
        try:
            top = os.stat(path)
            if not stat.S_ISDIR(top.st_mode):
                return Counted(top.st_size, 1)
            size = files = 0
            seen: set[int] = set()
            for _, about in self._below(path, top.st_dev):
                files += 1
                if about.st_nlink == 1 or about.st_ino not in seen:
                    size += about.st_size
                if about.st_nlink > 1:
                    seen.add(about.st_ino)
        except (OSError, TooMuch):
            return None
        return Counted(size, files)

    def _below(self, folder: str, device: int) -> Iterator[tuple[str, os.stat_result]]:
        left = [folder]
        while left:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    self._clock.check()
                    try:
                        about = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:  # a container goes on while we look
                        continue
                    if not stat.S_ISDIR(about.st_mode):
                        yield entry.path, about
                    elif about.st_dev == device:
                        left.append(entry.path)


def _holds(point: str, path: str) -> bool:
    return point == "/" or path == point or path.startswith(f"{point}/")


def _mounts() -> list[tuple[str, str]]:
    """Mount points and types of this machine's file systems; nothing where it does not tell."""
    try:
        return mountinfo.table()
    except OSError:
        return []
