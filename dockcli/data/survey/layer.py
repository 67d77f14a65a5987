"""What is in a container's writable layer, gathered into the few paths worth showing."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

_MOST = 12  # paths that a layer is shown as

# What engines make themselves, for what they mount over it.
_MADE = frozenset(
    {
        *("/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"),
        *("/run/.containerenv", "/run/notify", "/dev/console", "/sbin/docker-init"),
        *("/etc", "/run", "/dev", "/proc", "/sys"),
    }
)


class Held(NamedTuple):
    """A path of the layer: a file, or a folder with how many files are in it, and their bytes."""

    path: str
    files: int
    size: int | None


class Name(NamedTuple):
    """A file of the layer, or what may be one; None where its size is not known."""

    path: str
    size: int | None


def on_disk(files: Iterable[tuple[str, os.stat_result]], mounts: Collection[str]) -> list[Name]:
    """The files that lie in the layer's own folder.

    What overlay writes down for a deleted file is none, and what is hidden by a mount is the
    empty file or folder that the engine made to mount on.
    """
    found = []
    for path, about in files:
        whiteout = stat.S_ISCHR(about.st_mode) and about.st_rdev == 0
        if whiteout or os.path.basename(path).startswith(".wh."):
            continue
        made = path in _MADE and (not about.st_size or stat.S_ISLNK(about.st_mode))
        if not made and not _covered(path, mounts):
            found.append(Name(path, about.st_size))
    return found


def in_diff(
    present: Collection[str], deleted: Collection[str], mounts: Collection[str]
) -> list[Name]:
    """What ``docker diff`` tells as changed or added, without what must be a folder.

    docker does not tell files from folders: one in which nothing else differs passes for a file.
    """
    folders = {parent for path in (*present, *deleted) for parent in _parents(path)}
    return [
        Name(path, None)
        for path in present
        if path not in folders and path not in _MADE and not _covered(path, mounts)
    ]


def _covered(path: str, mounts: Collection[str]) -> bool:
    return path in mounts or any(parent in mounts for parent in _parents(path))


def _parents(path: str) -> Iterable[str]:
    while (path := os.path.dirname(path)) not in ("/", ""):
        yield path


@dataclass(slots=True)
class _Folder:
    path: str
    files: int = 0
    size: int | None = 0
    own: list[Name] = field(default_factory=list)
    inner: dict[str, _Folder] = field(default_factory=dict)

    def add(self, name: Name) -> None:
        self.files += 1
        known = self.size is not None and name.size is not None
        self.size = (self.size or 0) + (name.size or 0) if known else None

    def split(self) -> list[_Folder]:
        """Its inner folders, and its own files as if each were one."""
        files = [_Folder(name.path, 1, name.size, [name]) for name in self.own]
        return [*self.inner.values(), *files]

    def held(self) -> Held:
        """The one file's path where there is but one."""
        at = self
        while at.files == 1 and not at.own:
            (at,) = at.inner.values()
        return Held(at.own[0].path if at.files == 1 else at.path, self.files, self.size)


def gathered(names: Iterable[Name], most: int = _MOST) -> list[Held]:
    """*names* in at most about *most* paths, in the order of the paths.

    A folder stands for all below it as soon as it has files of its own, and a folder with nothing
    but one folder for that one: ``/var/lib/app``, not ``/var``. What is at the root is always told
    apart, if it is not too much.
    """
    root = _tree(names)
    if not root.files:
        return []
    shown = root.split() if len(root.own) + len(root.inner) <= most else _without(root)
    while True:
        can = [one for one in shown if one.inner and not one.own]
        can = [one for one in can if len(shown) - 1 + len(one.inner) <= most]
        if not can:
            return sorted(one.held() for one in shown)
        widest = max(can, key=lambda one: (one.files, one.path))
        shown.remove(widest)
        shown += widest.inner.values()


def _without(root: _Folder) -> list[_Folder]:
    """The root's folders, and one path for all of its own files."""
    loose = _Folder("/", own=root.own)
    for name in root.own:
        loose.add(name)
    return [*root.inner.values(), *([loose] if loose.own else [])]


def _tree(names: Iterable[Name]) -> _Folder:
    root = _Folder("/")
    for name in names:
        root.add(name)
        at = root
        *folders, _ = name.path.strip("/").split("/")
        for folder in folders:
            path = f"{at.path.rstrip('/')}/{folder}"
            at = at.inner.setdefault(folder, _Folder(path))
            at.add(name)
        at.own.append(name)
    return root
