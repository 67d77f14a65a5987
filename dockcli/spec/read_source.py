"""Add to a table what only the source tells: hidden names, least APIs, how many operands.

    python -m dockcli.spec.read_source --source CHECKOUT --release 28.2.2

reads a checkout of docker/cli, or with ``--release compose-5.5.0`` of that plugin, into the table
of that release, which ``read_help`` or ``read_reference`` has made before. What no help shows is
marked ``"from": "source"``; running it again gives the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dockcli.spec import release
from dockcli.spec.go import Source, SourceCommand, SourceFlag
from dockcli.spec.tables import (
    GLOBALS,
    HERE,
    CommandEntry,
    FlagEntry,
    Table,
    operand_words,
    path_of,
    render,
    usage_arity,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Where each plugin's function is that adds its commands: the directory, the function.
_ROOTS = {
    "buildx": ("commands", "addCommands"),
    "compose": ("cmd/compose", "RootCommand"),
}
# The same of docker, whose packages register their commands themselves since release 29.
_ADDED = ("cli/command/commands", "AddCommands")

# The stub of a plugin's command: `docker bake` is `docker buildx bake`, in buildx's table.
_STUBS = frozenset({"bake"})

# An experiment of `build` that docker has given up; on every verb the name is dockcli's own.
LEFT_OUT = frozenset({"stream"})


class Found(NamedTuple):
    """A command of the source, with the flags and marks of its groups."""

    command: SourceCommand
    flags: dict[str, SourceFlag]
    api: str
    hidden: bool


def read(checkout: Path, release: str) -> dict[str, Found]:
    """Every command of the *checkout* of docker or a plugin, by its whole name."""
    program = release.rpartition("-")[0]
    source = Source.of(checkout)
    if program:
        return dict(_walk(source.below(*_ROOTS[program]), (program,)))
    tops = source.registered() or source.below(*_ADDED)
    return {name: found for name, found in _walk(tops, ()) if name not in _STUBS}


def _walk(
    commands: Iterable[SourceCommand],
    words: tuple[str, ...],
    above: Found | None = None,
) -> Iterator[tuple[str, Found]]:
    """Each command that does something: a group only where its usage names more than a command."""
    for command in commands:
        found = Found(
            command,
            {**(above.flags if above else {}), **command.flags},
            max(command.api, above.api if above else "", key=release),
            command.hidden or (above is not None and above.hidden),
        )
        names = (*words, command.name)
        if not command.below or _does_something(command):
            yield " ".join(names), found
        inherited = found if command.persistent else found._replace(flags={})
        yield from _walk(command.below, names, inherited)


def _does_something(group: SourceCommand) -> bool:
    return "|COMMAND" in group.usage or (bool(group.flags) and not group.persistent)


def overlaid(table: Table, found: dict[str, Found]) -> Table:
    """*table* with what the source says beside what help shows.

    Pages of a plugin's that tell of a command which it has no more are left out.
    """
    commands = _as_shown(table)
    if "-" in table["version"]:
        commands = {
            name: entry
            for name, entry in commands.items()
            if name in found or name in GLOBALS or "same_as" in entry
        }
    for name, command in found.items():
        if "same_as" not in commands.get(name, {}):
            commands[name] = _overlaid(name, commands.get(name), command)
    return {**table, "commands": dict(sorted(commands.items()))}


def unfound(table: Table, found: dict[str, Found]) -> list[str]:
    """What help shows in *table*, and the source does not: what was not read in one of them.

    But for what cobra adds by itself, and a plugin's global flags, which all its commands take.
    """
    program = table["version"].rpartition("-")[0]
    everywhere = table["commands"][program]["flags"] if program else {}
    return [
        f"{name} --{flag}"
        for name, entry in _as_shown(table).items()
        if name not in GLOBALS and not name.startswith("completion ")
        for flag in entry.get("flags", {}).keys() - everywhere.keys()
        if name not in found or flag not in found[name].flags
    ]


def _as_shown(table: Table) -> dict[str, CommandEntry]:
    """The commands of *table* without what an earlier reading of the source has added."""
    return {
        name: {
            **entry,
            "flags": {
                flag: found for flag, found in entry["flags"].items() if found.get("from") is None
            },
        }
        if "flags" in entry
        else entry
        for name, entry in table["commands"].items()
        if entry.get("from") is None
    }


def _overlaid(name: str, shown: CommandEntry | None, found: Found) -> CommandEntry:
    command = found.command
    usage = " ".join(["docker", *name.split()[:-1], command.usage])
    entry: CommandEntry = {"usage": usage, "help": command.help}
    if shown is None:
        entry |= {"hidden": True, "from": "source"}
    else:
        entry |= shown
        entry["usage"] = shown["usage"] or usage
    if command.aliases and "aliases" not in entry:
        group = usage.removesuffix(command.usage)
        entry["aliases"] = [f"{group}{alias}" for alias in (command.name, *command.aliases)]
    if found.hidden:
        entry["hidden"] = True
    least, most = command.arity or (usage_arity(operand_words(usage))[0], None)
    entry["args"] = (least, most)
    if not command.interspersed:
        entry["interspersed"] = False
    if found.api:
        entry["api"] = found.api
    if command.deprecated:
        entry["deprecated"] = command.deprecated
    entry["flags"] = _overlaid_flags(shown["flags"] if shown else {}, found.flags)
    return entry


def _overlaid_flags(
    shown: dict[str, FlagEntry], found: dict[str, SourceFlag]
) -> dict[str, FlagEntry]:
    flags: dict[str, FlagEntry] = {}
    for name in sorted(shown.keys() | found.keys()):
        source = found.get(name)
        if name in LEFT_OUT:
            continue
        flags[name] = entry = shown[name] if name in shown else _hidden(found[name])
        if source and source.api:
            entry["api"] = source.api
        if source and source.deprecated:
            entry["deprecated"] = source.deprecated
    return flags


def _hidden(flag: SourceFlag) -> FlagEntry:
    """A flag that help does not show: it is hidden, or for another system or engine."""
    help_ = " ".join(flag.help.split())
    entry: FlagEntry = {"type": flag.type, "help": help_, "hidden": True, "from": "source"}
    if flag.short:
        entry["short"] = flag.short
    return entry


def main() -> None:
    """Read one checkout, and write the table anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--source", type=Path, required=True, help="the checkout to read")
    parser.add_argument("--release", required=True, help="28.2.2, or compose-5.5.0")
    parser.add_argument("--output", type=Path, default=HERE, help="the directory of the tables")
    arguments = parser.parse_args()
    path = path_of(arguments.release, arguments.output)
    table: Table = json.loads(path.read_text(encoding="utf-8"))
    found = read(arguments.source, arguments.release)
    table = overlaid(table, found)
    if missed := unfound(table, found):
        sys.exit(f"the source does not have what help shows: {', '.join(missed)}")
    path.write_text(render(table), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
