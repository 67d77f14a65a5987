"""The tables of docker's command line: their form, and what they say together.

One file for each release of docker, of its plugins, and of podman. They are made by `read_help`
from an installed CLI, by `read_reference` from reference pages, and `read_source` adds what only
the source tells. For the scripts and the tests: a running program reads the small index made from
the tables (`dockcli.spec`), not the tables.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from dockcli.spec import PLUGINS, Flag, Operands, keyword_name, release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent

# The keys that hold the global flags of a program, and are no commands.
GLOBALS = frozenset({"", *PLUGINS})


class _Flag(TypedDict):
    type: str
    help: str


# By the functional syntax, because `from` is a keyword.
_FromSource = TypedDict("_FromSource", {"from": Literal["source"]}, total=False)


class FlagEntry(_Flag, _FromSource, total=False):
    """A flag, as ``--help`` shows it; *short* and *default* only where it shows them.

    From the source: *api* is the least engine API that it needs, *deprecated* what docker says
    then; what is *hidden* is accepted, but no help shows it.
    """

    short: str
    default: str
    api: str
    hidden: bool
    deprecated: str


class CommandEntry(_FromSource, total=False):
    """A command: either all but *same_as*, or *same_as* alone (``run`` is ``container run``).

    From the source: *args* is the least and the greatest number of operands (None: any number);
    *interspersed* is false where a flag behind the first operand is not docker's. In a table of
    podman, *lacks* are the flags of docker's that it refuses.
    """

    usage: str
    help: str
    aliases: list[str]
    args: tuple[int, int | None]
    interspersed: bool
    api: str
    hidden: bool
    deprecated: str
    flags: dict[str, FlagEntry]
    lacks: list[str]
    same_as: str


class _Table(TypedDict):
    generated: str
    version: str
    commands: dict[str, CommandEntry]


class Table(_Table, total=False):
    """All commands of one release; the key ``""`` holds docker's own global flags.

    *version* is docker's, ``28.2.2``, or another program's with its name, ``compose-5.5.0``. A
    table of podman has only what differs; there, *lacks* are docker's commands that it has not.
    """

    lacks: list[str]


class Command(NamedTuple):
    """A command over all releases: which have it, and each flag that any of them has."""

    versions: tuple[str, ...]
    flags: dict[str, Flag]
    operands: Operands = Operands(0, None, True, "")
    api: str = ""
    hidden: bool = False


def load(directory: Path = HERE) -> list[Table]:
    """Every table: docker's, the oldest release first, then those of podman and the plugins."""
    tables: list[Table] = [
        json.loads(path.read_text(encoding="utf-8"))
        for program in ("docker", "podman", *PLUGINS)
        for path in directory.glob(f"{program}-*.json")
    ]
    return sorted(tables, key=_release)


def path_of(version: str, directory: Path = HERE) -> Path:
    """The file of the table for *version*."""
    return directory / f"{version if '-' in version else f'docker-{version}'}.json"


def _release(table: Table) -> tuple[str, tuple[int, ...]]:
    program, _, version = table["version"].rpartition("-")
    order = {"": "0", "podman": "1"}.get(program, program)
    return order, release(version)


def of_docker(tables: list[Table]) -> list[Table]:
    """Those of *tables* that are of docker itself."""
    return [table for table in tables if "-" not in table["version"]]


def _of_podman(tables: list[Table]) -> list[Table]:
    return [table for table in tables if table["version"].startswith("podman-")]


def expanded(table: Table) -> dict[str, CommandEntry]:
    """Every command that does something, shorthands in full: neither groups nor docker itself."""
    commands = table["commands"]
    return {
        name: commands[entry.get("same_as", name)]
        for name, entry in commands.items()
        if name not in GLOBALS
    }


def count(table: Table) -> tuple[int, int]:
    """How many commands, and how many flags they have together, of those that help shows.

    Without the global flags.
    """
    commands = [entry for entry in expanded(table).values() if not entry.get("hidden")]
    flags = [flag for entry in commands for flag in entry["flags"].values()]
    return len(commands), sum(not flag.get("hidden") for flag in flags)


def merged(tables: list[Table]) -> dict[str, Command]:
    """Each command under its canonical name, of all *tables*; the newest one's types win.

    What podman has too says so in its versions, and its own flags of docker's commands are added.
    """
    podmans = _of_podman(tables)
    others = [table for table in tables if table not in podmans]
    names = {name for table in others for name, _ in _originals(table)}
    commands = {name: _merge(name, others) for name in sorted(names)}
    for podman in podmans:
        for name, command in commands.items():
            if name.partition(" ")[0] not in PLUGINS and name not in podman["lacks"]:
                commands[name] = _with_podman(command, name, podman)
    return commands


def _merge(name: str, tables: list[Table]) -> Command:
    having = {
        table["version"]: entry
        for table in tables
        for original, entry in _originals(table)
        if original == name
    }
    newest: dict[str, Flag] = {}
    for version, entry in having.items():
        for flag, found in entry["flags"].items():
            newest[flag] = _newer(flag, found, version, newest.get(flag))
    *_, last = having.values()
    return Command(
        tuple(having),
        _by_keyword(newest.values()),
        operands(last),
        next((entry["api"] for entry in reversed(having.values()) if "api" in entry), ""),
        last.get("hidden", False),
    )


def _newer(name: str, entry: FlagEntry, version: str, older: Flag | None) -> Flag:
    """The flag as *entry* has it; docker drops the mark of an API that every engine has by then."""
    return Flag(
        name,
        entry["type"],
        entry.get("short"),
        (*(older.versions if older else ()), version),
        entry.get("hidden", False),
        entry.get("api", older.api if older else ""),
    )


def _with_podman(command: Command, name: str, podman: Table) -> Command:
    """*command* with what podman says of it; a letter that docker uses stays docker's."""
    version = podman["version"]
    differs = podman["commands"].get(name, {"flags": {}, "lacks": []})
    flags = [
        flag if flag.name in differs["lacks"] else flag.replace(versions=(*flag.versions, version))
        for flag in command.flags.values()
    ]
    taken = {flag.short for flag in flags}
    own = [
        flag.replace(short=None) if flag.short in taken else flag
        for flag in (_newer(flag, entry, version, None) for flag, entry in differs["flags"].items())
    ]
    return command._replace(
        versions=(*command.versions, version), flags=_by_keyword([*flags, *own])
    )


def _by_keyword(flags: Iterable[Flag]) -> dict[str, Flag]:
    ordered = sorted(flags, key=lambda flag: flag.name)
    return {keyword_name(flag.name): flag for flag in ordered}


def _originals(table: Table) -> Iterator[tuple[str, CommandEntry]]:
    for name, entry in table["commands"].items():
        if "same_as" not in entry:
            yield name, entry


def operands(entry: CommandEntry) -> Operands:
    """What *entry* takes beside its flags: as the source checks it, else as its usage says."""
    words = operand_words(entry["usage"])
    least, most = entry.get("args") or usage_arity(words)
    return Operands(least, most, entry.get("interspersed", True), words)


def operand_words(usage: str) -> str:
    """``CONTAINER [CONTAINER...]`` of ``docker rm [OPTIONS] CONTAINER [CONTAINER...]``.

    Of two forms (``cp``) the first.
    """
    first = re.sub(r"^docker(?: [a-z][a-z-]*)*(?: OPTIONS)?|\s<\s.*", "", usage.partition("\n")[0])
    words = re.sub(r"\[OPTIONS?\]|\[flags\]|(?<!\S)--(?!\S)", "", first)
    return " ".join(words.split())


def usage_arity(words: str) -> tuple[int, int | None]:
    """The least and the greatest number of operands that the words of a usage line ask for."""
    text = re.sub(r"\s*\|\s*", "|", words)
    least, most, depth = 0, 0, 0
    # A bracket within a word belongs to it: REPOSITORY[:TAG].
    for bracket, word in re.findall(r"(?<!\w)(\[)|((?:[^\s\[\]]|(?<=\w)\[[^\]]*\])+)|\]", text):
        depth += bool(bracket)
        least += bool(word) and not depth
        most += bool(word)
        depth -= not (bracket or word)
    return least, None if "..." in text else most


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
    head = [f"{_json(key)}: {_json(value)}" for key, value in table.items() if key != "commands"]
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


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
