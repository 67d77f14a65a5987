"""The name of an archive as a pattern with time: ``data-%Y-%m-%dT%H-%M-%S.tar.zst``.

Times in names are UTC: a name is never given twice when clocks go back, none is missing when they
go forward, and the names of two machines can be compared.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from dockcli.errors import InvalidArgument

# All of a fixed width and in digits: no language of a machine's, nothing that reads two ways.
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2, "j": 3}
_TOKEN = re.compile(r"%(.?)", re.DOTALL)
_KNOWN = "%Y, %m, %d, %H, %M, %S, %y, %j, and %% for a percent sign"
_WHOLE_DATES = ({"Y", "m", "d"}, {"y", "m", "d"}, {"Y", "j"}, {"y", "j"})
_FINER = (("M", "H"), ("S", "M"))  # the one says nothing without the other
_TRIES = 1000  # seconds that are looked at for a free name


class NameTaken(InvalidArgument):
    """The name that an archive is to get is another file's; nothing has been written."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path whose file name may hold the time, by strftime's ``%Y %m %d %H %M %S %y %j``.

    ``folder`` is "" for the working directory, else it ends with "/"; it is taken as it is.
    ``name`` has the pattern. ``%y`` is a year from 2000 to 2099. Made by `parse`.
    """

    folder: str
    name: str

    @classmethod
    def parse(cls, path: str | os.PathLike[str]) -> Pattern:
        """The pattern that *path* is; without a ``%`` in its file name it is a plain one.

        Raises InvalidArgument for a token that is not known, for times that leave the day open
        (``%d`` alone, minutes without hours), for a time in the name of a folder, and for a path
        that names no file.
        """
        text = os.fspath(path)
        cut = text.rfind("/") + 1
        folder, name = text[:cut], text[cut:]
        if name in ("", ".", "..") or "\0" in text:
            raise InvalidArgument(f"{text!r} does not name a file for an archive")
        if _tokens(folder) & set(_WIDTHS) and not os.path.isdir(folder):
            raise InvalidArgument(
                f"{text!r}: there is no folder {folder!r}; a time is put into the file's name only"
            )
        _check(name)
        return cls(folder, name)

    @property
    def timed(self) -> bool:
        """Whether the name holds a time, and so differs from one backup to the next."""
        return bool(_tokens(self.name) - {"%"})

    def at(self, when: datetime) -> str:
        """The path of an archive of that time, whether there is such a file or not.

        Raises InvalidArgument for a time without a zone, and for a year that ``%y`` cannot say.
        """
        return self.folder + self._named(_utc(when))

    def free(self, when: datetime) -> str:
        """The path for a new archive of that time, which nothing there has.

        A pattern with seconds goes on to the next second that is free; for any other pattern, and
        after 1000 seconds, NameTaken is raised. Another process may take the name meanwhile: link
        the finished file to it, and ask again on FileExistsError.
        """
        tries = _TRIES if "S" in _tokens(self.name) else 1
        for seconds in range(tries):
            path = self.at(when + timedelta(seconds=seconds))
            if not os.path.lexists(path):
                return path
        raise NameTaken(
            f"{self.at(when)!r} is there already; remove or rename it"
            + (", or let the name tell the second: %Y-%m-%dT%H-%M-%S" if tries == 1 else "")
        )

    def matching(self, folder: str | os.PathLike[str] | None = None) -> list[tuple[str, datetime]]:
        """What has a name of this pattern in its folder, or in *folder*: paths and times in UTC,
        oldest first.

        What is there need not be an archive, nor a file. Raises InvalidArgument for a plain
        pattern, and for a folder that cannot be read.
        """
        if not self.timed:
            raise InvalidArgument(f"{self.name!r} holds no time: it is the name of one archive")
        where = self.folder if folder is None else os.path.join(os.fspath(folder), "")
        try:
            names = os.listdir(where or ".")
        except OSError as error:
            raise InvalidArgument(f"the folder {where!r}: {error.strerror}") from None
        timed = ((where + name, self._time(name)) for name in names)
        found = [(path, when) for path, when in timed if when is not None]
        return sorted(found, key=lambda one: (one[1], one[0]))

    def _named(self, when: datetime) -> str:
        date = {"Y": when.year, "y": when.year - 2000, "m": when.month, "d": when.day}
        clock = {"H": when.hour, "M": when.minute, "S": when.second}
        values = {**date, "j": when.timetuple().tm_yday, **clock}
        if "y" in _tokens(self.name) and not 0 <= values["y"] <= 99:
            raise InvalidArgument(f"%y is a year from 2000 to 2099, not {when.year}; take %Y")
        return _TOKEN.sub(
            lambda token: "%" if token[1] == "%" else f"{values[token[1]]:0{_WIDTHS[token[1]]}d}",
            self.name,
        )

    def _time(self, name: str) -> datetime | None:
        """The time that *name* says; None for a name that is not of this pattern."""
        match = re.fullmatch(_expression(self.name), name, re.DOTALL)
        if match is None:
            return None
        said = {token: int(digits) for token, digits in match.groupdict().items()}
        try:
            when = _day(said) + timedelta(
                hours=said.get("H", 0), minutes=said.get("M", 0), seconds=said.get("S", 0)
            )
            # 2024-02-31, 25 hours, a %j of another day: such a name was never given.
            return when if self._named(when) == name else None
        except (ValueError, OverflowError):
            return None


def _tokens(text: str) -> set[str]:
    return set(_TOKEN.findall(text))


def _check(name: str) -> None:
    tokens = _tokens(name)
    for token in sorted(tokens - {"%", *_WIDTHS}):
        raise InvalidArgument(f"{name!r}: %{token} is not known in a name; known are {_KNOWN}")
    times = tokens - {"%"}
    if times and not any(date <= times for date in _WHOLE_DATES):
        raise InvalidArgument(f"{name!r} leaves the day open: give %Y, %m and %d, or %Y and %j")
    for finer, coarser in _FINER:
        if finer in times and coarser not in times:
            raise InvalidArgument(f"{name!r} has %{finer} without %{coarser}")


def _expression(name: str) -> str:
    parts, seen, at = [], set(), 0
    for token in _TOKEN.finditer(name):
        parts.append(re.escape(name[at : token.start()]))
        at, letter = token.end(), token[1]
        if letter == "%":
            parts.append("%")
        elif letter in seen:
            parts.append(f"(?P={letter})")
        else:
            parts.append(f"(?P<{letter}>[0-9]{{{_WIDTHS[letter]}}})")
            seen.add(letter)
    return "".join(parts) + re.escape(name[at:])


def _day(said: dict[str, int]) -> datetime:
    year = said["Y"] if "Y" in said else 2000 + said["y"]
    if "m" in said and "d" in said:
        return datetime(year, said["m"], said["d"], tzinfo=timezone.utc)
    return datetime(year, 1, 1, tzinfo=timezone.utc) + timedelta(days=said["j"] - 1)


def _utc(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise InvalidArgument(f"{when.isoformat()} has no time zone; names are in UTC")
    return when.astimezone(timezone.utc)
