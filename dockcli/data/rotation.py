"""Which archives of a pattern are kept, and how the others are removed.

Nothing is removed on trust: first one of those that are kept must verify, and the new one must not
be far smaller than the one before it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any

from dockcli.data.naming import Pattern
from dockcli.errors import InvalidArgument


@dataclass(frozen=True, slots=True)
class Keep:
    """The archives that are kept: the ``last`` ones, and the newest of each of the ``daily`` last
    days, ``weekly`` last weeks and ``monthly`` last months that have one.

    Days, ISO weeks and months are those of UTC, as the times in names are; one without an archive
    does not count. Raises InvalidArgument for a count below 1, and where none is given.
    """

    last: int | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None

    def __post_init__(self) -> None:
        counts = {one.name: getattr(self, one.name) for one in fields(self)}
        for name, count in counts.items():
            wrong = isinstance(count, bool) or not isinstance(count, int) or count < 1
            if count is not None and wrong:
                raise InvalidArgument(f"keep {name}={count!r}: it is a count of 1 or more")
        if not any(counts.values()):
            raise InvalidArgument(f"nothing would be kept: give one of {', '.join(counts)}")


@dataclass(frozen=True, slots=True)
class Archive:
    """A file with a name of the pattern. ``size`` is in bytes.

    ``file`` tells the file from another that gets its name: device, inode, and time in nanoseconds.
    """

    path: str
    time: datetime
    size: int
    file: tuple[int, int, int] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise InvalidArgument(f"{self.path!r}: its time has no time zone")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule says of archives, each newest first."""

    keep: tuple[Archive, ...]
    remove: tuple[Archive, ...]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation has done, each newest first.

    ``stopped`` says why nothing was removed although the rule asks for it; "" is a rotation that
    was done. ``failed`` has those that could not be removed, and why. ``kept`` is all that is
    meant to be there.
    """

    kept: tuple[Archive, ...]
    removed: tuple[Archive, ...] = ()
    stopped: str = ""
    failed: tuple[tuple[Archive, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What a command line prints of it with ``--json``."""
        return {
            "kept": [one.path for one in self.kept],
            "removed": [one.path for one in self.removed],
            "freed": sum(one.size for one in self.removed),
            "stopped": self.stopped,
            "failed": {one.path: why for one, why in self.failed},
        }


def plan(archives: Sequence[Archive], keep: Keep) -> Plan:
    """What *keep* says of *archives*, in whatever order they are."""
    newest_first = sorted(archives, key=lambda one: (one.time, one.path), reverse=True)
    kept: set[Archive] = set()
    for count, period in (
        (keep.last, _itself),
        (keep.daily, _day),
        (keep.weekly, _week),
        (keep.monthly, _month),
    ):
        kept.update(_newest_of_each(newest_first, period)[: count or 0])
    return Plan(
        tuple(one for one in newest_first if one in kept),
        tuple(one for one in newest_first if one not in kept),
    )


def listed(pattern: Pattern) -> list[Archive]:
    """The archives of *pattern*, oldest first: regular files that this user owns, nothing else.

    Raises InvalidArgument as `Pattern.matching` does.
    """
    found = []
    for path, when in pattern.matching():
        try:
            status = os.lstat(path)
        except OSError:  # it has just gone
            continue
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
            found.append(Archive(path, when, status.st_size, _file(status)))
    return found


def rotate(
    pattern: Pattern,
    keep: Keep,
    *,
    verifies: Callable[[str], bool],
    new: str | os.PathLike[str],
    fall: float = 0.5,
    others: Callable[[str], bool] = lambda path: False,
) -> Rotation:
    """Remove what *keep* no longer keeps of *pattern*'s archives, after *new* has been written.

    ``verifies(path)`` says whether an archive is whole; it is asked of *new* first, then of the
    others that are kept, until one is. Nothing is removed if none is, or on a fall in size: *new*
    has less than *fall* of the bytes of the archive before it, or all that are kept have less than
    that part of one that would go (0 is any size). Archives that are dated after *new* are left
    alone and do not count: another backup has made them, or a clock that was wrong. Neither do
    those of which ``others(path)`` says that they are another volume's, which shares the pattern.
    What *verifies* raises goes on, with nothing removed.

    Raises InvalidArgument for a *new* that is no archive of *pattern*, a plain pattern, and a
    *fall* that is not from 0 to 1.
    """
    if not 0 <= fall <= 1:
        raise InvalidArgument(f"fall={fall!r}: it is a part, from 0 to 1")
    archives = listed(pattern)
    newest = next((one for one in archives if one.path == os.fspath(new)), None)
    if newest is None:
        raise InvalidArgument(
            f"{os.fspath(new)!r} is not a file of this user's with a name of"
            f" {pattern.folder + pattern.name!r}"
        )
    archives = [one for one in archives if one is newest or not others(one.path)]
    later = [one for one in archives if one.time > newest.time]
    planned = plan([one for one in archives if one.time <= newest.time], keep)
    kept = (*reversed(later), *planned.keep)
    if not planned.remove:
        return Rotation(kept)
    stopped = _fallen(newest, archives, planned, fall)
    stopped = stopped or _unverified(newest, planned.keep, verifies)
    if stopped:
        return Rotation(tuple(reversed(archives)), stopped=stopped)
    return _removed(kept, planned.remove)


def _fallen(new: Archive, archives: list[Archive], planned: Plan, fall: float) -> str:
    """What is suspicious about the sizes; "" for nothing."""
    before = [one for one in archives if one.time < new.time]
    if before and new.size < before[-1].size * fall:
        return _says_fallen(new, before[-1])
    # A fall that was not looked into is followed by archives that are as small as each other.
    biggest, left = max(planned.remove, key=_size), max(planned.keep, key=_size)
    return _says_fallen(left, biggest) if left.size < biggest.size * fall else ""


def _says_fallen(small: Archive, big: Archive) -> str:
    return (
        f"{small.path!r} has only {small.size} bytes, and {big.path!r} before it has {big.size};"
        " nothing was removed. If that is right, say fall=0 (--fall 0) once"
    )


def _unverified(new: Archive, kept: Sequence[Archive], verifies: Callable[[str], bool]) -> str:
    """Why none of *kept* can be relied on; "" as soon as one verifies."""
    candidates = [new, *(one for one in kept if one != new)]
    if any(verifies(one.path) for one in candidates):
        return ""
    return (
        f"none of the {len(candidates)} archives that would be kept verifies, {new.path!r} among"
        " them; nothing was removed"
    )


def _removed(kept: tuple[Archive, ...], remove: Sequence[Archive]) -> Rotation:
    removed, failed = [], []
    for one in reversed(remove):  # the oldest first: what is interrupted has kept the newer ones
        try:
            status = os.lstat(one.path)
            if (_file(status), status.st_size) != (one.file, one.size):
                failed.append((one, "it is another file by now, and was left alone"))
                continue
            os.unlink(one.path)
            removed.append(one)
        except FileNotFoundError:  # another rotation was faster
            continue
        except OSError as error:
            failed.append((one, error.strerror or str(error)))
    return Rotation(kept, tuple(reversed(removed)), failed=tuple(reversed(failed)))


def _file(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _size(one: Archive) -> int:
    return one.size


def _newest_of_each(
    newest_first: Sequence[Archive], period: Callable[[Archive], Hashable]
) -> list[Archive]:
    newest: dict[Hashable, Archive] = {}
    for one in newest_first:
        newest.setdefault(period(one), one)
    return list(newest.values())


def _itself(one: Archive) -> Hashable:
    return one.path


def _day(one: Archive) -> Hashable:
    return one.time.astimezone(timezone.utc).date()


def _week(one: Archive) -> Hashable:
    return one.time.astimezone(timezone.utc).isocalendar()[:2]


def _month(one: Archive) -> Hashable:
    return one.time.astimezone(timezone.utc).timetuple()[:2]
