"""How many bytes a call has moved so far, by its own streams; they do not pass through here.

A file is shared with the process that reads or writes it, its position too: that is the count. Of
a pipe that the process has from another, and of what docker moves between a container and a path,
the system's own count for the process is taken, where there is one (Linux), and marked approximate:
some bytes in it are none of the file's. Where nothing can be known, nothing is said: None.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from dockcli.models.progress import Progress
    from dockcli.process import Running

STDIN, STDOUT, READ, WRITTEN = "stdin", "stdout", "rchar", "wchar"
Moved: TypeAlias = Callable[[], "int | None"]


class Counts(NamedTuple):
    """What of a call is counted: STDIN, STDOUT, or what its process has READ or WRITTEN.

    *total* is in bytes, where it is known beforehand.
    """

    verb: str
    what: str
    total: int | None = None


class Meter:
    """Looks now and then how far a running call is."""

    def __init__(
        self, verb: str, moved: Moved, total: int | None = None, *, approximate: bool = False
    ) -> None:
        from dockcli.progress.counted import Counted

        self._counted = Counted(verb, total)
        self._moved, self._total, self._approximate = moved, total, approximate
        self._seen: int | None = None
        self._told = 0

    def look(self) -> list[Progress]:
        """A report if it is time for one."""
        self.note()
        return self._marked(self._counted.add(self._new()))

    def note(self) -> None:
        """Look, and report later: as long as there is a process, and its files are open."""
        moved = self._moved()
        if moved is not None:
            self._seen = max(self._seen or 0, moved)

    def close(self) -> list[Progress]:
        """The last report, of a call that has come to a good end; it looks no more."""
        if self._approximate and self._total is not None:
            self._seen = self._total  # all of it was copied, whatever else was
        return self._marked([*self._counted.add(self._new()), *self._counted.close()][-1:])

    def _new(self) -> int:
        new = (self._seen or 0) - self._told
        self._told += new
        return new

    def _marked(self, told: list[Progress]) -> list[Progress]:
        from dataclasses import replace  # which takes long to be loaded, and is needed only here

        if self._seen is None:
            return [replace(one, current=None) for one in told]
        return [replace(one, approximate=True) for one in told] if self._approximate else told


class Tally:
    """Tells *on_progress* of the bytes that are read here: called with the size of each piece."""

    def __init__(self, verb: str, on_progress: Callable[[Progress], Any]) -> None:
        from dockcli.progress.counted import Counted

        self._counted, self._on_progress = Counted(verb), on_progress

    def __call__(self, size: int) -> None:
        for one in self._counted.add(size):
            self._on_progress(one)

    def close(self) -> None:
        """All of them have been read."""
        for one in self._counted.close():
            self._on_progress(one)


class Marks(NamedTuple):
    """Where the files of a call stood before it began, None for what is none; *left* are the bytes
    to the end of its stdin."""

    stdin: int | None
    left: int | None
    stdout: int | None

    @classmethod
    def of(cls, stdin: Any, stdout: Any) -> Marks:
        """Those of what a process is about to be given."""
        at, size = _source(stdin)
        left = None if at is None or size is None else max(0, size - at)
        return cls(at, left, _begin(stdout) if isinstance(stdout, int) else None)


def is_podman(binary: str) -> bool:
    """Whether *binary* is podman, which moves its bytes through files and helpers of its own."""
    return os.path.basename(binary).startswith("podman")


def meter(
    counts: Counts, running: Running, stdin: Any, stdout: Any, marks: Marks, *, single: bool = True
) -> Meter:
    """What tells how far *running* is, which was given *stdin* and *stdout*.

    *single*: the process that was started moves the bytes itself, and once.
    """
    verb, what, total = counts
    if what == STDIN:
        if running.pipes.fed is not None:
            return Meter(verb, lambda: running.pipes.fed, running.pipes.wanted or total)
        if marks.stdin is not None:
            return Meter(verb, _since(stdin.fileno(), marks.stdin), marks.left)
        what = READ
    if what == STDOUT:
        if not isinstance(stdout, int):
            return Meter(verb, lambda: running.pipes.heard, total)
        if marks.stdout is not None:
            return Meter(verb, _since(stdout, marks.stdout), total)
        what = WRITTEN
    moved = by_system(running, what) if single else lambda: None
    return Meter(verb, moved, total, approximate=True)


def by_system(running: Running, what: str) -> Moved:
    """The system's count of the bytes that the process has read or written.

    None where it tells none: another system, or a process of another user's.
    """
    path = f"/proc/{running.process.pid}/io"

    def moved() -> int | None:
        if running.process.returncode is not None:
            return None  # its number may be another's by now
        try:
            with open(path, encoding="ascii") as file:
                counts = dict(line.split(": ") for line in file.read().splitlines())
            return int(counts[what])
        except (OSError, ValueError, KeyError):
            return None

    return moved


def _since(descriptor: int, begun: int) -> Moved:
    def moved() -> int | None:
        at = _position(descriptor)
        return None if at is None else max(0, at - begun)

    return moved


def _position(descriptor: int) -> int | None:
    """How far the file of *descriptor* has been read or written; None for what is no file."""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError:
        return None


def _source(stdin: Any) -> tuple[int | None, int | None]:
    """Where a file that is to be read stands, and its size; None for what is no file."""
    try:
        if not stdin.seekable() or _position(descriptor := stdin.fileno()) is None:
            return None, None
        at: int = stdin.tell()  # Python reads ahead; this is where the process is put
        return at, os.fstat(descriptor).st_size
    except (OSError, ValueError, AttributeError):
        return None, None


def _begin(descriptor: int) -> int | None:
    """Where a file will be written to."""
    at = _position(descriptor)
    if at is None or not fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
        return at
    return os.fstat(descriptor).st_size
