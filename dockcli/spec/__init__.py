"""What docker's commands and flags are called, in every release that a table was made from.

Nothing is read before the first question, and then one small index, not the tables: this is on
the way of every call. The index and `options.py` are generated from the tables, and those from
docker's own ``--help``; nobody writes a flag down by hand.
"""

from __future__ import annotations

import keyword
import os
from functools import cache
from types import MappingProxyType

from dockcli.typed import TYPE_CHECKING
from dockcli.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

INDEX = os.path.join(os.path.dirname(__file__), "docker-index.txt")

# The plugins whose commands are known; each one's name is also the key of its global flags.
PLUGINS = ("buildx", "compose")

# The keywords of every verb that are no flags of docker's.
_OURS = frozenset({"check", "deadline", "missing_ok", "stdin"})

_INTEGERS = frozenset({"int", "int64", "uint", "uint16", "uint32", "uint64"})


class Flag(Value):
    """A flag of one command; *versions* are the releases that accept it, the oldest first.

    A release of another program than docker has its name before it: ``podman-4.3.1``. What is
    *hidden* no help shows, at least since docker's newest release: ``--net``. *api* is the least
    engine API that it needs (``1.42``), or ``""``.
    """

    __slots__ = ("name", "type", "short", "versions", "hidden", "api")  # noqa: RUF023

    name: str
    type: str
    short: str | None
    versions: tuple[str, ...]
    hidden: bool
    api: str

    def __init__(
        self,
        name: str,
        type: str,
        short: str | None,
        versions: tuple[str, ...],
        hidden: bool = False,
        api: str = "",
    ) -> None:
        self._set(name, type, short, versions, hidden, api)

    @property
    def is_bool(self) -> bool:
        """Whether it is a switch, which takes no value."""
        return self.type == "bool"

    @property
    def is_int(self) -> bool:
        """Whether it takes a whole number; where it is a time, of seconds."""
        return self.type in _INTEGERS

    @property
    def is_podmans(self) -> bool:
        """Whether only podman has it."""
        return all(release.startswith("podman-") for release in self.versions)


class Operands(Value):
    """How many words a command takes beside its flags: from *least* to *most* (None: any number).

    *interspersed* is false where a flag behind the first of them is not docker's (``run``).
    *words* are docker's own: ``CONTAINER [CONTAINER...]``.
    """

    __slots__ = ("least", "most", "interspersed", "words")  # noqa: RUF023 - as __init__ has them

    least: int
    most: int | None
    interspersed: bool
    words: str

    def __init__(self, least: int, most: int | None, interspersed: bool, words: str) -> None:
        self._set(least, most, interspersed, words)


def keyword_name(flag: str) -> str:
    """The Python keyword for a flag: ``volumes_from``, ``import_``, ``check_`` beside our own."""
    name = flag.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) or name in _OURS else name


def release(version: str) -> tuple[int, ...]:
    """``28.2.2``, or an API's ``1.42``, to be compared; ``()`` for ``""``."""
    return tuple(map(int, version.split("."))) if version else ()


@cache
def versions() -> tuple[str, ...]:
    """The docker releases that are known, the oldest first."""
    return tuple(one for one in _releases() if "-" not in one)


@cache
def commands() -> Mapping[str, tuple[str, ...]]:
    """Every command under its canonical name, with the releases that have it.

    Those of docker's plugins begin with the plugin's name: ``compose up``.
    """
    headings = (line[1:].split("] ", 1) for line in _index().splitlines() if line.startswith("["))
    having = {name: _decoded(rest.partition(" ")[0]) for name, rest in headings}
    return MappingProxyType({name: having[name] for name in having if name not in ("", *PLUGINS)})


@cache
def operands(command: str) -> Operands:
    """What *command* takes beside its flags, in its newest release.

    Raises KeyError for a command that no release knows.
    """
    _, least, most, order, _, _, words = _heading(command)
    return Operands(int(least), None if most == "*" else int(most), order == "any", words)


def releases(command: str) -> tuple[str, ...]:
    """The releases that have *command*, the oldest first, podman's behind docker's.

    Raises KeyError for a command that no release knows.
    """
    return _decoded(_heading(command)[0])


def api(command: str) -> str:
    """The least engine API that *command* needs (``1.42``), or ``""``.

    Raises KeyError for a command that no release knows.
    """
    needed = _heading(command)[4]
    return "" if needed == "-" else needed


def is_hidden(command: str) -> bool:
    """Whether docker runs *command*, but no help lists it: ``system dial-stdio``.

    Raises KeyError for a command that no release knows.
    """
    return _heading(command)[5] == "hidden"


@cache
def _heading(command: str) -> list[str]:
    return _block(command).partition("\n")[0].split(" ", 6)


def _block(command: str) -> str:
    """The index's lines for *command*, from behind its name on."""
    index = _index()
    start = index.find(f"\n[{command}] ")
    if start < 0:
        command = canonical(command)
        start = index.index(f"\n[{command}] ")
    return index[start + len(command) + 4 : index.index("\n\n", start)]


@cache
def _releases() -> tuple[str, ...]:
    """Every release, in the order of the letters that stand for them in the index."""
    _, _, rest = _index().partition("\nreleases: ")
    return tuple(rest[: rest.index("\n")].split())


@cache
def _decoded(letters: str) -> tuple[str, ...]:
    releases = _releases()
    return tuple(releases[ord(letter) - ord("a")] for letter in letters)


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
def other_names() -> Mapping[str, str]:
    """The canonical name for each shorthand and alias: ``ps``, ``container list``."""
    names = (line.split(" = ") for line in _index().splitlines() if " = " in line)
    return MappingProxyType(dict(names))


@cache
def flags(command: str) -> Mapping[str, Flag]:
    """The flags of *command* by Python keyword, of all releases together.

    ``""`` asks for docker's global flags, ``"compose"`` and ``"buildx"`` for those of the plugin.
    Raises KeyError for a command that no release knows.
    """
    _, *lines = _block(command).splitlines()
    found = map(_flag, lines)
    return MappingProxyType({keyword_name(flag.name): flag for flag in found})


def _flag(line: str) -> Flag:
    name, type_, short, letters, hidden, needed = line.split(" ")
    return Flag(
        name,
        type_,
        None if short == "-" else short,
        _decoded(letters),
        hidden == "hidden",
        "" if needed == "-" else needed,
    )


@cache
def _index() -> str:
    with open(INDEX, encoding="utf-8") as file:
        return file.read()
