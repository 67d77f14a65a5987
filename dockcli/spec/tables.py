"""The tables that `dockcli.spec.read_help` makes: their form, and what they say together.

For the scripts and the tests. A running program reads the small index made from the tables
(`dockcli.spec`), not the tables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from dockcli.spec import Flag, keyword_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent


class _Flag(TypedDict):
    type: str
    help: str


class FlagEntry(_Flag, total=False):
    """A flag, as ``--help`` shows it; *short* and *default* only where it shows them."""

    short: str
    default: str


class CommandEntry(TypedDict, total=False):
    """A command: either all but *same_as*, or *same_as* alone (``run`` is ``container run``)."""

    usage: str
    help: str
    aliases: list[str]
    flags: dict[str, FlagEntry]
    same_as: str


class Table(TypedDict):
    """All commands of one release of the CLI; the key ``""`` holds docker's own global flags."""

    generated: str
    version: str
    commands: dict[str, CommandEntry]


class Command(NamedTuple):
    """A command over all releases: which have it, and each flag that any of them has."""

    versions: tuple[str, ...]
    flags: dict[str, Flag]


def load(directory: Path = HERE) -> list[Table]:
    """Every table of docker, the oldest release first."""
    tables: list[Table] = [
        json.loads(path.read_text(encoding="utf-8")) for path in directory.glob("docker-*.json")
    ]
    return sorted(tables, key=_release)


def _release(table: Table) -> tuple[int, ...]:
    return tuple(map(int, table["version"].split(".")))


def expanded(table: Table) -> dict[str, CommandEntry]:
    """Every command that does something, shorthands in full: neither groups nor docker itself."""
    commands = table["commands"]
    return {name: commands[entry.get("same_as", name)] for name, entry in commands.items() if name}


def count(table: Table) -> tuple[int, int]:
    """How many commands, and how many flags they have together; without docker's global flags."""
    commands = expanded(table)
    return len(commands), sum(len(entry["flags"]) for entry in commands.values())


def merged(tables: list[Table]) -> dict[str, Command]:
    """Each command under its canonical name, of all *tables*; the newest one's types win."""
    names = {name for table in tables for name, _ in _originals(table)}
    return {name: _merge(name, tables) for name in sorted(names)}


def _merge(name: str, tables: list[Table]) -> Command:
    having = {
        table["version"]: entry
        for table in tables
        for original, entry in _originals(table)
        if original == name
    }
    versions: dict[str, tuple[str, ...]] = {}
    newest: dict[str, FlagEntry] = {}
    for version, entry in having.items():
        for flag in entry["flags"]:
            versions[flag] = (*versions.get(flag, ()), version)
        newest |= entry["flags"]
    flags = {
        keyword_name(flag): Flag(flag, entry["type"], entry.get("short"), versions[flag])
        for flag, entry in sorted(newest.items())
    }
    return Command(tuple(having), flags)


def _originals(table: Table) -> Iterator[tuple[str, CommandEntry]]:
    for name, entry in table["commands"].items():
        if "same_as" not in entry:
            yield name, entry


def other_names(tables: list[Table]) -> dict[str, str]:
    """The canonical name for each shorthand and alias: ``ps``, ``container list``."""
    names: dict[str, str] = {}
    for table in tables:
        for name, entry in table["commands"].items():
            original = entry.get("same_as", name)
            aliases = (alias.removeprefix("docker ") for alias in entry.get("aliases", ()))
            names |= {alias: original for alias in (name, *aliases) if alias != original}
    return dict(sorted(names.items()))


def render(table: Table) -> str:
    """The table as text, one flag a line, so that a release's changes read well in a diff."""
    head = [f'"generated": {_json(table["generated"])}', f'"version": {_json(table["version"])}']
    commands = ",\n".join(
        f"{_json(name)}: {_rendered(entry)}" for name, entry in table["commands"].items()
    )
    return "{" + ",\n".join(head) + ',\n"commands": {\n' + commands + "\n}}\n"


def _rendered(entry: CommandEntry) -> str:
    if not entry.get("flags"):
        return _json(entry)
    flags = ",\n".join(f"  {_json(name)}: {_json(flag)}" for name, flag in entry["flags"].items())
    rest = _json({key: value for key, value in entry.items() if key != "flags"})
    return f'{rest[:-1]}, "flags": {{\n{flags}\n}}}}'


def _json(value: str | Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
