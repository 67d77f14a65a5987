"""Who but this user and root may change or read a file, by owner, mode and access list."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

READ, WRITE = 4, 2
_MOST_LINKS = 40  # as the kernel has it
_ACL = "system.posix_acl_access"
_USER, _GROUP_OF_FILE, _GROUP, _MASK = 2, 4, 8, 16  # the tags of entries in an access list


@dataclass(frozen=True, slots=True)
class Door:
    """A file or folder that is open to others. ``who`` are they, ``remedy`` closes it.

    ``empty``: a group in which nobody else is, as far as this machine knows.
    """

    path: str
    who: str
    remedy: str
    empty: bool = False


def changeable(path: str) -> list[Door]:
    """What lets others change *path*: itself, or a folder or link on the way to it.

    In a sticky folder everybody may add, but not replace what is another's.
    """
    found: dict[str, list[Door]] = {}
    for step in _way(path):
        with suppress(OSError):
            about = os.lstat(step)
            sticky = stat.S_ISDIR(about.st_mode) and about.st_mode & stat.S_ISVTX
            found[step] = [*_owned(step, about), *([] if sticky else open_to(step, WRITE))]
    return [door for doors in found.values() for door in doors]


def fillable(folder: str) -> list[Door]:
    """What lets others put a new file into *folder*."""
    with suppress(OSError):
        if os.stat(folder).st_mode & stat.S_ISVTX:
            return [*open_to(folder, WRITE), *changeable(folder)]
    return changeable(folder)


def readable(path: str) -> list[Door]:
    """What lets others read *path*."""
    return open_to(path, READ)


def shut_off(path: str) -> str:
    """A folder on the way to *path* that others cannot pass through; "" where there is none."""
    for step in _way(os.path.dirname(path)):
        with suppress(OSError):
            about = os.lstat(step)
            if stat.S_ISDIR(about.st_mode) and not about.st_mode & (stat.S_IXGRP | stat.S_IXOTH):
                return step
    return ""


def open_to(path: str, right: int) -> list[Door]:
    """The doors that the mode and the access list of *path* itself open; a link has neither."""
    try:
        about = os.lstat(path)
    except OSError:
        return []
    if stat.S_ISLNK(about.st_mode):
        return []
    letter, doors = {READ: "r", WRITE: "w"}[right], []
    if about.st_mode & right:
        doors.append(Door(path, "everybody", command(f"chmod o-{letter}", path)))
    for kind, number in _granted(path, about, right):
        if kind == "user":
            if not _trusted(number):
                remedy = command(f"setfacl --remove=user:{number}", path)
                doors.append(Door(path, f"the user {user(number)}", remedy))
            continue
        doors += _of_group(path, number, command(f"chmod g-{letter}", path))
    return doors


def _of_group(path: str, gid: int, remedy: str) -> list[Door]:
    others = members(gid)
    if gid == 0 or (not others and gid == os.getegid()):
        return []
    named = f" ({', '.join(others)})" if others else ", in which nobody else is"
    return [Door(path, f"the group {group(gid)}{named}", remedy, empty=not others)]


def _owned(path: str, about: os.stat_result) -> list[Door]:
    """The door that its owner has, where that is another user."""
    if _trusted(about.st_uid):
        return []
    remedy = command("chown --no-dereference root", path)
    return [Door(path, f"its owner {user(about.st_uid)}", remedy)]


def _granted(path: str, about: os.stat_result, right: int) -> list[tuple[str, int]]:
    """The groups and users to whom the mode or the access list gives *right*."""
    entries = _access_list(path)
    mask = next((rights for tag, rights, _ in entries if tag == _MASK), 7)
    granted: list[tuple[str, int]] = []
    for tag, rights, number in entries:
        if rights & mask & right and tag in (_USER, _GROUP, _GROUP_OF_FILE):
            kind = "user" if tag == _USER else "group"
            granted.append((kind, about.st_gid if tag == _GROUP_OF_FILE else number))
    # without a list the mode's middle is the group's, with one it is the mask
    return granted if entries else [("group", about.st_gid)] * bool(about.st_mode >> 3 & right)


def _access_list(path: str) -> list[tuple[int, int, int]]:
    """Tag, rights and number of each entry; none where the system or the file has no list."""
    try:
        raw = os.getxattr(path, _ACL, follow_symlinks=False)
    except (OSError, AttributeError):  # macOS has lists of its own, which are not read
        return []
    return list(struct.iter_unpack("<HHI", raw[4:]))


def _way(path: str) -> Iterator[str]:
    """Every folder, link and file that the kernel passes on the way to *path*, itself at last."""
    left = [part for part in reversed(path.split("/")) if part]
    here, links = "/", 0
    yield here
    while left:
        part = left.pop()
        if part == "..":
            here = os.path.dirname(here)
        if part in (".", ".."):
            continue
        step = os.path.join(here, part)
        yield step
        try:
            target = os.readlink(step)
        except OSError:
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            return
        left += [part for part in reversed(target.split("/")) if part]
        here = "/" if target.startswith("/") else here


def _trusted(uid: int) -> bool:
    return uid in (0, os.geteuid()) or _from_outside(uid)


def _from_outside(uid: int) -> bool:
    """Whether *uid* is what a user namespace shows for everybody that it does not know, above all
    for root outside, who owns the system's files."""
    with suppress(OSError, ValueError):
        with open("/proc/sys/kernel/overflowuid", encoding="ascii") as file:
            if int(file.read()) != uid:
                return False
        with open("/proc/self/uid_map", encoding="ascii") as file:
            return sum(int(line.split()[2]) for line in file) < 2**32 - 1
    return False


def command(words: str, path: str) -> str:
    """*words* for *path*, by sudo where it is not this user's."""
    try:
        owned = os.geteuid() in (0, os.lstat(path).st_uid)
    except OSError:
        owned = True
    own = owned and not (words.startswith("chown") and os.geteuid() != 0)
    return f"{'' if own else 'sudo '}{words} {shlex.quote(path)}"


def user(uid: int) -> str:
    """Its name, or its number where it has none here."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group(gid: int) -> str:
    """Its name, or its number where it has none here."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def members(gid: int) -> list[str]:
    """Who is in a group, but for root and this user, as far as this machine knows."""
    found = {one.pw_name for one in pwd.getpwall() if one.pw_gid == gid}
    found |= set(listed(group(gid)))
    return sorted(found - {"root", user(os.geteuid())})


def listed(name: str) -> list[str]:
    """Who is in a group because it lists them, and not by their account."""
    try:
        return grp.getgrnam(name).gr_mem
    except KeyError:
        return []
