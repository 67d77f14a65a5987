"""Files and folders to and from a machine, byte for byte; in the container ``cat``, ``mkdir``,
``chmod``, ``ln`` (there) and ``stat``, ``readlink`` (back) are needed.

Kept are contents, permissions, names of any bytes, empty folders, and links in a folder as links.
What is named itself is gone through if it is a link. Owners and times are new. As of `scp`, what
goes to a folder that is there goes into it, and a file that is there is replaced. Anything but
files, folders and links is refused before anything is copied.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumbum.path.local import LocalPath
from plumbum.path.remote import RemotePath

from dockcli.errors import InvalidArgument
from dockcli.machine import words

if TYPE_CHECKING:
    from dockcli.machine.machine import Machine
    from dockcli.machine.paths import MachinePath

_SMALL = 1 << 20  # bytes of a file that is read over the machine's shell; more goes by itself

_TREE = r"""(walk() {
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if test -L "$e"; then printf 'l%%s\0' "$e"
    elif test -d "$e"; then printf 'd%%s\0' "$e"; test -r "$e" && walk "$e" || exit 2
    elif test -f "$e"; then printf 'f%%s\0' "$e"
    elif test -e "$e"; then printf 'o%%s\0' "$e"
    fi
  done; :
}
walk %s)"""


class _Entry(NamedTuple):
    kind: str  # f, d, l, or o for any other
    name: str  # below the folder that is copied


def upload(machine: Machine, src: str | os.PathLike[str], dst: str | RemotePath) -> None:
    """Copy the file or folder *src* of this side to *dst* on the machine.

    Raises FileNotFoundError, InvalidArgument, plumbum's ProcessExecutionError.
    """
    if isinstance(src, RemotePath) or isinstance(dst, LocalPath):
        raise TypeError(f"upload takes a path of this side, then one of the machine: {src}, {dst}")
    _same(machine, dst)
    source = os.path.abspath(os.fspath(src))
    mode = os.stat(source).st_mode
    target = machine.path(dst)
    if target.is_dir():
        target = target.join(os.path.basename(source))
    if not stat.S_ISDIR(mode):
        _refuse_others([_Entry("f" if stat.S_ISREG(mode) else "o", source)])
        _put(machine, source, target)
        return
    entries = [*_entries(source)]
    _refuse_others(entries)
    folders = [(source, target)]
    target.mkdir()
    for kind, name in entries:
        here, there = os.path.join(source, name), target.join(name)
        if kind == "d":
            there.mkdir()
            folders.append((here, there))
        elif kind == "l":
            machine.tell("ln", "-sfn", "--", os.readlink(here), there)
        else:
            _put(machine, here, there)
    for here, there in reversed(folders):  # last, for a folder may be closed to its own owner
        there.chmod(stat.S_IMODE(os.stat(here).st_mode) & 0o777)


def _entries(folder: str) -> Iterator[_Entry]:
    def fail(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=fail):
        for name in [*folders, *files]:
            path = os.path.join(place, name)
            mode = os.lstat(path).st_mode
            kinds = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l"}
            yield _Entry(kinds.get(stat.S_IFMT(mode), "o"), os.path.relpath(path, folder))


def _put(machine: Machine, here: str, there: MachinePath) -> None:
    with open(here, "rb") as file:
        told = os.fstat(file.fileno())
        if told.st_size <= words.SMALL:
            machine.write(there, file.read())
        else:
            machine.pour(there, file)
    there.chmod(stat.S_IMODE(told.st_mode) & 0o777)


def download(machine: Machine, src: str | RemotePath, dst: str | os.PathLike[str]) -> None:
    """Copy the file or folder *src* of the machine to *dst* on this side.

    What the container says its names are is not trusted: nothing is written outside of *dst*, and
    through no link that is in it. Raises FileNotFoundError, InvalidArgument, ProcessExecutionError.
    """
    if isinstance(dst, RemotePath) or isinstance(src, LocalPath):
        raise TypeError(
            f"download takes a path of the machine, then one of this side: {src}, {dst}"
        )
    _same(machine, src)
    source = machine.path(src)
    target = os.path.abspath(os.fspath(dst))
    if os.path.isdir(target):
        target = os.path.join(target, source.name or "root")
    if not source.is_dir():
        source.stat()
        _refuse_others([_Entry("f" if source.is_file() else "o", str(source))])
        _get(machine, source, target)
        return
    entries = _tree(machine, source)
    _refuse_others(entries)
    _folder(target)
    modes = {target: source.stat().st_mode}
    for kind, name in entries:
        there, here = source.join(name), os.path.join(target, name)
        if kind == "d":
            _folder(here)
            modes[here] = there.stat().st_mode
        elif kind == "f":
            _get(machine, there, here, os.O_NOFOLLOW)
    for kind, name in entries:  # now that nothing is written through them any more
        if kind == "l":
            to = machine.tell("readlink", source.join(name)).removesuffix(b"\n")
            _link(os.fsdecode(to), os.path.join(target, name))
    for here, mode in reversed(modes.items()):
        os.chmod(here, mode & 0o777)


def _tree(machine: Machine, source: MachinePath) -> list[_Entry]:
    """What is in the folder, folders before what they hold. Raises InvalidArgument for names that
    no honest shell tells."""
    prefix = str(source).rstrip("/")
    said = machine.names(_TREE % words.quoted([prefix]), "walk", source)
    entries = [_Entry(one[0], one[1 + len(prefix) + 1 :]) for one in said]
    folders = {""}
    for kind, name in entries:
        folder, _, last = name.rpartition("/")
        if folder not in folders or last in ("", ".", ".."):
            raise InvalidArgument(f"{name!r} is no name in {source}: nothing was copied")
        if kind == "d":
            folders.add(name)
    return entries


def _get(machine: Machine, there: MachinePath, here: str, flags: int = 0) -> None:
    told = there.stat()
    mode = told.st_mode & 0o777
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | flags
    small = there.read_bytes() if told.st_size <= _SMALL else None
    with open(os.open(here, how, mode | 0o600), "wb") as file:
        if small is not None:
            file.write(small)
        else:
            (machine.command("cat", there) > file)()
        os.fchmod(file.fileno(), mode)


def _folder(path: str) -> None:
    if os.path.islink(path) or (os.path.lexists(path) and not os.path.isdir(path)):
        raise InvalidArgument(f"{path} is in the way of a folder")
    os.makedirs(path, exist_ok=True)
    os.chmod(path, os.stat(path).st_mode | 0o700)


def _link(to: str, path: str) -> None:
    if os.path.islink(path):
        os.unlink(path)
    os.symlink(to, path)


def _same(machine: Machine, path: object) -> None:
    if isinstance(path, RemotePath) and path.remote is not machine:
        raise TypeError(f"{path!r} is of another machine")


def _refuse_others(entries: list[_Entry]) -> None:
    others = [name for kind, name in entries if kind == "o"]
    if others:
        raise InvalidArgument(
            f"{', '.join(others[:3])}: neither a file nor a folder nor a link; nothing was copied"
        )
