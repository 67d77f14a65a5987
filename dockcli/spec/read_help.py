"""Read every command and flag of an installed docker CLI from its ``--help``, into a table.

    python -m dockcli.spec.read_help --docker /usr/bin/docker

writes ``docker-VERSION.json`` beside this file. A new docker release is one run of this script,
one of ``dockcli.spec.read_source`` on its source, and one of ``dockcli.spec.write_options``. Given
a podman, it writes what of docker's commands and flags that has not, and what it has more: this is
to be run again when docker's tables have changed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dockcli.spec.tables import (
    HERE,
    CommandEntry,
    FlagEntry,
    Table,
    load,
    merged,
    of_docker,
    path_of,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Words = tuple[str, ...]

# With an engine in reach docker hides what that engine cannot do.
NO_ENGINE = "unix:///nonexistent/docker.sock"

_HEADING = re.compile(r"([A-Z][A-Za-z ]*):$")
_FLAG = re.compile(
    r" {2}(?:-(?P<short>\w), | {4})--(?P<name>[\w.-]+)(?: (?P<type>\S+))?(?: {2,}(?P<help>\S.*))?$"
)
# A plugin is listed with a star: its commands are its own, not docker's.
_COMMAND = re.compile(r" {2}(?P<name>[\w-]+)(?P<plugin>\*)? {2,}\S")
_DEFAULT = re.compile(r' ?\(default (?P<value>"[^"]*"|[^\s()]+)\)$')

# A top-level command whose namesake in one of these groups is the same command.
_SHORTHANDS_OF = ("container", "image", "system")
# What podman says of a value's type is often a word of its help text: only these are types.
_PODMAN_TYPES = frozenset(
    {"bool", "duration", "float", "int", "string", "stringArray", "strings", "uint"}
)
# The same command under another name, where `--help` lists no full names (before docker 23).
_RENAMED = {
    "images": "image ls",
    "ps": "container ls",
    "rmi": "image rm",
    "builder build": "image build",
}


class Help(NamedTuple):
    """What one ``--help`` says."""

    usage: str
    summary: str
    aliases: list[str]
    flags: dict[str, FlagEntry]
    subcommands: list[str]


def parse(text: str) -> Help:
    """Read the text that ``docker COMMAND --help`` prints, in the layout of any release."""
    usage, _, body = text.strip().partition("\n\n")
    summary, _, _ = body.partition("\n\n")
    sections = _sections(body)
    return Help(
        usage=_usage(usage),
        summary=_joined(summary),
        aliases=[alias for line in sections.get("Aliases", ()) for alias in _listed(line)],
        flags=_flags(sections.get("Options", sections.get("Global Options", ()))),
        subcommands=[
            match["name"]
            for heading, lines in sections.items()
            if heading.endswith("Commands")
            for match in map(_COMMAND.match, lines)
            if match and not match["plugin"]
        ],
    )


def _usage(paragraph: str) -> str:
    """The usage line without its label; two lines where a command has two forms (``cp``)."""
    lines = paragraph.removeprefix("Usage:").splitlines()
    return "\n".join(line.strip() for line in lines)


def _sections(body: str) -> dict[str, list[str]]:
    """The indented lines below each heading; other text at the margin ends a section."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in body.splitlines():
        if heading := _HEADING.match(line):
            lines = sections.setdefault(heading[1], [])
        elif line.startswith(" "):
            lines.append(line)
        elif line:
            lines = []
    return sections


def _flags(lines: Iterable[str]) -> dict[str, FlagEntry]:
    flags: dict[str, FlagEntry] = {}
    for start, *wrapped in _paragraphs(lines):
        match = _FLAG.match(start)
        if match is None:
            raise ValueError(f"not the line of a flag: {start!r}")
        if match["name"] != "help":
            text = _joined(" ".join([match["help"] or "", *wrapped]))
            flags[match["name"]] = _flag(match["type"], text, match["short"])
    return flags


def _paragraphs(lines: Iterable[str]) -> Iterator[list[str]]:
    """Each flag's own line, with the lines that its help is wrapped into."""
    paragraph: list[str] = []
    for line in lines:
        if _FLAG.match(line) and paragraph:
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _flag(type_: str | None, text: str, short: str | None) -> FlagEntry:
    """One flag; docker leaves out the type of a switch, and prints a default behind the help."""
    flag: FlagEntry = {"type": type_ or "bool", "help": _DEFAULT.sub("", text)}
    if short:
        flag["short"] = short
    if default := _DEFAULT.search(text):
        flag["default"] = default["value"].strip('"')
    return flag


def _joined(text: str) -> str:
    return " ".join(text.split())


def _listed(line: str) -> list[str]:
    return [item.strip() for item in line.split(",")]


def read(docker: str) -> Table:
    """The table of the CLI at the path *docker*."""
    version = read_version(docker)
    with tempfile.TemporaryDirectory() as config:
        commands = _without_twins(dict(_walk(_Docker(docker, config))))
    origin = f"by dockcli/spec/read_help.py from `docker --help`, docker {version}"
    return {
        "generated": f"{origin}; not to be edited",
        "version": version,
        "commands": dict(sorted(commands.items())),
    }


def read_version(docker: str) -> str:
    """``28.2.2``, without what a distribution adds to it (``+dfsg1``)."""
    arguments = [docker, "--version"]
    answer = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    match = re.search(r"version (\d+\.\d+\.\d+)", answer)
    if match is None:
        raise ValueError(f"{docker} --version names no version: {answer!r}")
    return match[1]


class _Docker:
    """A docker CLI that sees no engine, no configuration of the user and no terminal."""

    def __init__(self, path: str, config: str) -> None:
        self._path = path
        self._config = config

    def help(self, words: Words) -> Help:
        """The help of one command; of a ``build``, the flags of both builders.

        Each builder hides the other's flags. Where BuildKit is a plugin (since docker 23), it
        answers with the usage of a command of its own, or fails: those flags are not docker's.
        """
        legacy = parse(self._output(words, buildkit=False))
        if words[-1:] != ("build",):
            return legacy
        buildkit = parse(self._output(words, buildkit=True))
        if buildkit.usage != legacy.usage:
            return legacy
        return legacy._replace(flags=dict(sorted({**legacy.flags, **buildkit.flags}.items())))

    def _output(self, words: Words, *, buildkit: bool) -> str:
        environment = {
            "DOCKER_HOST": NO_ENGINE,
            "DOCKER_CONFIG": self._config,
            "DOCKER_BUILDKIT": str(int(buildkit)),
            "HOME": self._config,
        }
        answer = subprocess.run(
            [self._path, *words, "--help"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=not buildkit,
        )
        return answer.stdout.replace(self._config, "~/.docker")


def _walk(docker: _Docker) -> Iterator[tuple[str, CommandEntry]]:
    """Docker itself, with the global flags, and every command that has no commands below it."""
    level: list[Words] = [()]
    with ThreadPoolExecutor() as pool:
        while level:
            below: list[Words] = []
            for words, help_ in zip(level, pool.map(docker.help, level), strict=True):
                below += [(*words, subcommand) for subcommand in help_.subcommands]
                if not (words and help_.subcommands):
                    yield " ".join(words), _entry(words, help_)
            level = below


def _entry(words: Words, help_: Help) -> CommandEntry:
    entry: CommandEntry = {"usage": help_.usage, "help": help_.summary}
    if help_.aliases:
        entry["aliases"] = [_full_name(alias, words) for alias in help_.aliases]
    entry["flags"] = help_.flags
    return entry


def _full_name(alias: str, words: Words) -> str:
    """``docker volume list`` for the bare ``list`` that releases before 23 print."""
    return alias if " " in alias else " ".join(["docker", *words[:-1], alias])


def _without_twins(commands: dict[str, CommandEntry]) -> dict[str, CommandEntry]:
    """Each command once: what is only another name of it becomes ``{"same_as": …}``."""
    return {
        name: entry if (original := _original(name, commands)) == name else {"same_as": original}
        for name, entry in commands.items()
    }


def _original(name: str, commands: dict[str, CommandEntry]) -> str:
    """The name that docker lists first among the aliases, or that of the same help in a group."""
    entry = commands[name]
    if aliases := entry.get("aliases"):
        return aliases[0].removeprefix("docker ")
    for candidate in _candidates(name):
        twin = commands.get(candidate)
        if twin and (twin["help"], twin["flags"]) == (entry["help"], entry["flags"]):
            return candidate
    return name


def _candidates(name: str) -> list[str]:
    if name in _RENAMED:
        return [_RENAMED[name]]
    if " " in name:
        return []
    return [f"{group} {name}" for group in _SHORTHANDS_OF]


def read_podman(podman: str, tables: list[Table]) -> Table:
    """What podman has more or less than the docker *tables*, of the commands that docker has."""
    asked = _Podman(podman)
    commands = merged(of_docker(tables))
    with ThreadPoolExecutor() as pool:
        read = dict(zip(commands, pool.map(asked.flags, commands), strict=True))
        entries: dict[str, CommandEntry] = {}
        for name, flags in read.items():
            if flags is not None:
                dockers = {flag.name for flag in commands[name].flags.values()}
                doubtful = sorted(dockers - flags.keys())
                refused = pool.map(asked.refuses, [name] * len(doubtful), doubtful)
                entries[name] = {
                    "flags": {flag: flags[flag] for flag in sorted(flags.keys() - dockers)},
                    "lacks": [flag for flag, no in zip(doubtful, refused, strict=True) if no],
                }
    version = read_version(podman)
    origin = f"by dockcli/spec/read_help.py from `podman --help`, podman {version}"
    return {
        "generated": f"{origin}, only what differs from docker; not to be edited",
        "version": f"podman-{version}",
        "lacks": [name for name, flags in read.items() if flags is None],
        "commands": {name: entry for name, entry in entries.items() if any(entry.values())},
    }


class _Podman:
    """A podman CLI, asked for nothing but help."""

    def __init__(self, path: str) -> None:
        self._path = path

    def flags(self, command: str) -> dict[str, FlagEntry] | None:
        """The flags that help shows for a command of docker's; None where podman has it not.

        For a command that it does not know, podman prints the help of the group.
        """
        sections = _sections(self._help(command).stdout)
        if command and sections["Usage"][0].endswith("[command]"):
            return None
        flags = _flags(sections.get("Options", ()))
        for flag in flags.values():
            if flag["type"] not in _PODMAN_TYPES:
                flag["type"] = "string"
        return flags

    def refuses(self, command: str, flag: str) -> bool:
        """Whether podman does not know *flag*: it takes some that its help does not show."""
        return "unknown flag" in self._help(command, f"--{flag}=1").stderr

    def _help(self, command: str, *flags: str) -> subprocess.CompletedProcess[str]:
        arguments = [self._path, *command.split(), *flags, "--help"]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)


def main() -> None:
    """Read one CLI and write its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docker", required=True, help="the CLI to read, of docker or podman")
    parser.add_argument("--output", type=Path, default=HERE, help="the directory to write to")
    arguments = parser.parse_args()
    if Path(arguments.docker).name == "podman":
        table = read_podman(arguments.docker, load(arguments.output))
    else:
        table = read(arguments.docker)
    path = path_of(table["version"], arguments.output)
    path.write_text(render(table), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
