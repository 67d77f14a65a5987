"""What docker's commands and flags are called, in every release that a table was made from.

Nothing is read before the first question, and then one small index, not the tables: this is on
the way of every call. The index and `options.py` are generated from the tables, and those from
docker's own ``--help``; nobody writes a flag down by hand.
"""

# Without `from __future__ import annotations`: for a NamedTuple that costs half a millisecond.
import keyword
import os
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

INDEX = os.path.join(os.path.dirname(__file__), "docker-index.txt")

_INTEGERS = frozenset({"int", "int64", "uint", "uint16", "uint32", "uint64"})


class Flag(NamedTuple):
    """A flag of one command; *versions* are the releases that have it, the oldest first."""

    name: str
    type: str
    short: str | None
    versions: tuple[str, ...]

    @property
    def is_bool(self) -> bool:
        """Whether it is a switch, which takes no value."""
        return self.type == "bool"

    @property
    def is_int(self) -> bool:
        """Whether it takes a whole number; where it is a time, of seconds."""
        return self.type in _INTEGERS


def keyword_name(flag: str) -> str:
    """The Python keyword for a flag: ``volumes_from``, ``import_``."""
    name = flag.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def versions() -> tuple[str, ...]:
    """The docker releases that are known, the oldest first."""
    return _releases()[""]


@cache
def commands() -> Mapping[str, tuple[str, ...]]:
    """Every command under its canonical name, with the releases that have it."""
    return MappingProxyType({name: having for name, having in _releases().items() if name})


@cache
def _releases() -> dict[str, tuple[str, ...]]:
    """The releases of each command; ``""`` is docker itself."""
    headings = (line[1:].split("] ") for line in _index().splitlines() if line.startswith("["))
    return {name: tuple(releases.split()) for name, releases in headings}


def canonical(command: str) -> str:
    """The name of *command* within its group: ``container ls`` for ``ps`` or ``container list``.

    Raises KeyError for what no release knows.
    """
    index = _index()
    if f"\n[{command}] " in index:
        return command
    _, found, rest = index.partition(f"\n{command} = ")
    if not found:
        raise KeyError(f"no docker command {command!r} in the tables")
    return rest[: rest.index("\n")]


@cache
def flags(command: str) -> Mapping[str, Flag]:
    """The flags of *command* by Python keyword, of all releases together.

    ``""`` asks for docker's global flags. Raises KeyError for a command that no release knows.
    """
    _, _, rest = _index().partition(f"\n[{canonical(command)}] ")
    _, *lines = rest[: rest.index("\n\n")].splitlines()
    found = map(_flag, lines)
    return MappingProxyType({keyword_name(flag.name): flag for flag in found})


def _flag(line: str) -> Flag:
    name, type_, short, *releases = line.split()
    return Flag(name, type_, None if short == "-" else short, tuple(releases))


@cache
def _index() -> str:
    with open(INDEX, encoding="utf-8") as file:
        return file.read()
