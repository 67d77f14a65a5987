"""What is waited for: the keywords of `wait_for`, checked."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from pathlib import PurePath

_PORT = re.compile(r"([0-9]{1,5})(?:/(tcp|udp))?")
_CODES = range(1 << 32)  # Windows has such large ones

DEADLINE = 60.0
"""The seconds that a wait may take unless it is told otherwise."""


class Conditions(TypedDict, total=False):
    """The keywords of `wait_for`."""

    log: str | bytes | re.Pattern[str] | re.Pattern[bytes] | None
    port: int | str | None
    healthy: bool | None
    exit: bool | int | Collection[int] | None
    file: str | PurePath | None
    deadline: float | timedelta | None


class Wanted:
    """The conditions that were given; ``names`` has the keyword of each as it was written."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        known = Conditions.__optional_keys__ - {"deadline"}
        if strange := sorted(given.keys() - known):
            raise InvalidArgument(f"{strange[0]}= is nothing to wait for: {_choice()}")
        self.names: dict[str, str] = {
            name: f"{name}={_shown(value)}"
            for name, value in given.items()
            if value is not None and not (name == "healthy" and value is False)
        }
        if not self.names:
            raise InvalidArgument(f"there is nothing to wait for: {_choice()}")
        self.log: re.Pattern[str] | re.Pattern[bytes] | None = _pattern(given.get("log"))
        self.port: int
        self.protocol: str
        self.port, self.protocol = _port(given.get("port"))
        self.codes: Collection[int] | None = _codes(given.get("exit"))
        self.file: str = _file(given.get("file"))
        if not isinstance(given.get("healthy"), (bool, type(None))):
            raise InvalidArgument(f"healthy= is True or False, not {given['healthy']!r}")

    def order(self) -> list[str]:
        """The conditions in the order in which they are waited for.

        A container that ends has its files at the end, and nothing else.
        """
        order = ("log", "port", "healthy", "file", "exit")
        if "exit" in self.names:
            order = ("log", "port", "healthy", "exit", "file")
        return [name for name in order if name in self.names]


def _choice() -> str:
    return "give log=, port=, healthy=True, exit= or file="


def _shown(value: object) -> str:
    return repr(value.pattern) if isinstance(value, re.Pattern) else repr(value)


def _pattern(given: Any) -> re.Pattern[str] | re.Pattern[bytes] | None:
    if given is None or isinstance(given, re.Pattern):
        return given
    if not isinstance(given, (str, bytes)):
        raise InvalidArgument(f"log= is a regular expression, not {given!r}")
    try:
        compiled: re.Pattern[Any] = re.compile(given)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidArgument(f"log={given!r} is no regular expression: {error}") from None
    return compiled


def _port(given: object) -> tuple[int, str]:
    """The container's own port and its protocol; (0, "") for none."""
    if given is None:
        return 0, ""
    found = None
    if isinstance(given, (int, str)) and not isinstance(given, bool):
        found = _PORT.fullmatch(str(given))
    if found is None or not 1 <= int(found[1]) <= 65535:
        raise InvalidArgument(
            f"port={given!r} is none of the container's: give a number from 1 to 65535, or '53/udp'"
        )
    return int(found[1]), found[2] or "tcp"


def _codes(given: Any) -> Collection[int] | None:
    """The exit codes that are wanted."""
    if given is None:
        return None
    if given is True:
        return _CODES
    codes: Any = given
    if isinstance(given, int):
        codes = (given,)
    elif isinstance(given, Iterable) and not isinstance(given, (range, str, bytes)):
        codes = tuple(given)
    if given is False or not isinstance(codes, (range, tuple)) or not _are_codes(codes):
        raise InvalidArgument(
            f"exit={given!r}: give True for any end, a code such as 0, or several of them"
        )
    return codes


def _are_codes(codes: range | tuple[Any, ...]) -> bool:
    """Whether there is one, and all are what a program can end with."""
    ends = codes if isinstance(codes, tuple) else (*codes[:1], *codes[-1:])
    return bool(codes) and all(type(one) is int and one in _CODES for one in ends)


def _file(given: object) -> str:
    """An absolute path in the container; "" for none."""
    if given is None:
        return ""
    path = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(path, str) or not path.startswith("/") or "\0" in path:
        raise InvalidArgument(f"file={given!r}: give an absolute path of the container")
    return path
