"""Who made something: this process, named so that anyone can tell later whether it is gone.

What dockcli makes for a time carries its owner in a label. It may be removed by others only when
the owner is *provably* dead: on this machine, since an earlier start of the machine or with a
process number that nobody or another process has now. About another machine nothing can be proven.
"""

from __future__ import annotations

import errno
import functools
import os
import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from typing import NamedTuple

from dockcli import mountinfo
from dockcli.errors import NoRoom
from dockcli.spool import room_in

_SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"
_PATIENCE = 10.0  # seconds for a program of the system to answer
_FOLDER = re.compile(r"dockcli-(kept-)?(\w+)-(\w+)-(\d+)-(\w+)-\w+")


class Owner(NamedTuple):
    """A process: its machine, that machine's start, its process space, number and start."""

    machine: str
    boot: str
    space: str
    pid: int
    start: str

    def __str__(self) -> str:
        return "/".join(map(str, self))

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """The owner that a label names; None for a text that is none."""
        parts = text.split("/")
        if len(parts) != len(cls._fields) or not parts[3].isdigit():
            return None
        machine, boot, space, pid, start = parts
        return cls(machine, boot, space, int(pid), start)

    def is_dead(self) -> bool:
        """Whether this process is provably gone."""
        here = current()
        if self.machine != here.machine:
            return False
        if self.boot != here.boot:
            return True
        return self.space == here.space and _is_gone(self.pid, self.start)


@functools.cache
def _of(pid: int) -> Owner:
    return Owner(_machine(), _boot(), _space(), pid, _start_of(pid) or "")


def current() -> Owner:
    """This process."""
    return _of(os.getpid())


def temporary_folder(*, kept: bool = False) -> str:
    """A new folder for this process alone, named so that a later one can tell whose it was, and
    whether it was *kept* on purpose."""
    here = current()
    start = f"dockcli-{'kept-' if kept else ''}{here.boot[:8]}"
    with room_in():
        return tempfile.mkdtemp(prefix=f"{start}-{here.space}-{here.pid}-{here.start}-")


def remove_folder(path: str | os.PathLike[str]) -> None:
    """Remove a folder and all that is in it, closed folders too. Raises OSError for what another
    user has put there, and, with nothing removed, where something is mounted in it."""
    if mounted := _mounted_in(os.fspath(path)):
        raise OSError(errno.EBUSY, "something is mounted there, which is not ours", mounted)
    with suppress(OSError):
        shutil.rmtree(path)
    if not os.path.lexists(path):
        return
    os.chmod(path, 0o700)
    for folder, names, _ in os.walk(path):
        for name in (os.path.join(folder, one) for one in names):
            if not os.path.islink(name):
                with suppress(OSError):
                    os.chmod(name, 0o700)
    shutil.rmtree(path)


def _mounted_in(folder: str) -> str | None:
    """The first place at or below *folder* where something is mounted: another's files."""
    try:
        return next(iter(mountinfo.below([os.path.realpath(folder)])), None)
    except FileNotFoundError:
        return next((one for one, _, _ in os.walk(folder) if os.path.ismount(one)), None)


def remove_dead_folders(*, kept: bool = False) -> list[str]:
    """Remove the temporary folders of processes that are gone; their paths.

    Those that were kept on purpose stay, but for *kept*.
    """
    here, root, removed = current(), tempfile.gettempdir(), []
    for name in os.listdir(root):
        match = _FOLDER.fullmatch(name)
        path = os.path.join(root, name)
        if match is None or not _mine(path):
            continue
        was_kept, boot, space, pid, start = match.groups()
        if was_kept and not kept:
            continue
        same_boot = boot == here.boot[:8]
        if same_boot and (space != here.space or not _is_gone(int(pid), start)):
            continue
        with suppress(OSError):
            remove_folder(path)
            removed.append(path)
    return removed


def _mine(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == os.getuid()
    except OSError:
        return False


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError, PermissionError):
        return ""
    except OSError as error:  # no descriptor left: a living owner must not look dead
        raise NoRoom(path, error.strerror or str(error), error.errno) from None


def asked(name: str, *words: str) -> str:
    """What a program of the system answers, "" where it does not; the way on macOS, which has no
    /proc. Never that of a folder that anybody has put into PATH."""
    program = shutil.which(name, path=_SYSTEM)
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *words],
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC0"},  # a time is the same for whoever asks
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return os.fsdecode(done.stdout).strip()


def _word(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _machine() -> str:
    return _word(socket.gethostname()) + (_read("/etc/machine-id")[:12] or _hardware())


def _hardware() -> str:
    import uuid

    return f"{uuid.getnode():x}"


def _boot() -> str:
    return _word(
        _read("/proc/sys/kernel/random/boot_id") or asked("sysctl", "-n", "kern.bootsessionuuid")
    )


def _space() -> str:
    try:
        return _word(os.readlink("/proc/self/ns/pid"))
    except OSError:
        return "pid0"


def _is_gone(pid: int, start: str) -> bool:
    """Whether nobody has that number now, or a process that began at another time than *start*."""
    began = _start_of(pid)
    return began is not None and began != start


def _start_of(pid: int) -> str | None:
    """When a process began, in whatever unit the system counts; "" when it is gone or a zombie,
    None where it is there and the system does not tell: /proc may hide what is another user's."""
    stat = _read(f"/proc/{pid}/stat")
    if stat:
        fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
        return "" if fields[0] in "ZX" else fields[19]
    if not _is_there(pid):
        return ""
    if os.path.isdir("/proc/self"):
        return None
    return _word(asked("ps", "-o", "lstart=", "-p", str(pid))) or None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no system has numbers that large
        return False
    except PermissionError:
        pass  # another user's
    return True
