"""Read the commands of what is not installed here from the reference pages of its repository.

    python -m dockcli.spec.read_reference --source CHECKOUT --release 29.7.2

reads a checkout of docker/cli, or with ``--release buildx-0.36.1`` of that plugin, and writes the
table of that release beside this file; then run ``read_source`` on the same. Docker's and buildx's
pages are Markdown, with a table of options; compose's are YAML.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dockcli.spec import PLUGINS
from dockcli.spec.tables import (
    HERE,
    CommandEntry,
    FlagEntry,
    Table,
    path_of,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Where the pages lie: docker's, with those of its plugin for `trust`, and the plugins'.
_PAGES = (
    "docs/reference/commandline/*.md",
    "cmd/docker-trust/docs/reference/*.md",
    "docs/reference/buildx*.md",
    "docs/reference/docker_compose*.yaml",
)
# `docker bake` runs buildx's command.
_STUB = "bake"

# Docker's own page leaves out what its help shows.
_NOT_ON_THE_PAGE: FlagEntry = {
    "type": "bool",
    "help": "Print version information and quit",
    "short": "v",
}

# What a help text calls a type, where the pages have pflag's own name for it.
_SHOWN = {"int64": "int", "uint64": "uint", "float64": "float", "stringSlice": "strings"}

# What pflag leaves out of a help text.
_ZEROS = frozenset({"", "0", "0s", "false", "[]"})

_ROW = re.compile(r"(?<!\\)\|")
_NAME = re.compile(r"`--?([\w.-]+)`")


class Page(NamedTuple):
    """What the page of one command says; *group* where it only names those below it."""

    entry: CommandEntry
    group: bool


def parse_markdown(text: str) -> Page:
    """Read a page of docker's or buildx's."""
    head, _, generated = text.partition("<!---MARKER_GEN_START-->")
    generated, _, _ = generated.partition("<!---MARKER_GEN_END-->")
    usage = re.search(r"^```text\n(.*?)\n```", head, re.MULTILINE | re.DOTALL)
    summary, *sections = re.split(r"^### ", generated, flags=re.MULTILINE)
    by_name = dict(section.split("\n", 1) for section in sections)
    entry: CommandEntry = {
        "usage": usage[1] if usage else "",
        "help": " ".join(summary.split()),
    }
    if aliases := re.findall(r"`(.*?)`", by_name.get("Aliases", "")):
        entry["aliases"] = aliases
    flags = dict(_rows(by_name.get("Options", "")))
    entry["flags"] = {name: flag for name, flag in flags.items() if name != "help"}
    return Page(entry, "Subcommands" in by_name and "|COMMAND" not in entry["usage"])


def _rows(table: str) -> Iterator[tuple[str, FlagEntry]]:
    for line in table.splitlines():
        if "`--" in line.partition("` |")[0] + "`":
            _, names, type_, default, text, _ = map(str.strip, _ROW.split(line))
            *short, name = _NAME.findall(names)
            text = text.replace("\\|", "|").replace("<br>", " ")
            yield name, _flag(type_.strip("`"), text, default.strip("`"), "".join(short))


def parse_yaml(text: str) -> Page:
    """Read a page of compose's: of YAML just what its generator writes."""
    scalars = dict(re.findall(r"^(\w+): ?(.*(?:\n +.*)*)", text, re.MULTILINE))
    entry: CommandEntry = {
        "usage": "\n".join(map(str.strip, scalars.get("usage", "").removeprefix("|-").split("\n"))),
        "help": _scalar(scalars["short"]),
    }
    entry["usage"] = entry["usage"].strip()
    if scalars.get("hidden") == "true":
        entry["hidden"] = True
    entry["flags"] = {
        name: flag
        for key in ("options", "inherited_options")
        for name, flag in _items(scalars.get(key, ""))
    }
    return Page(entry, "cname" in scalars)


def _items(options: str) -> Iterator[tuple[str, FlagEntry]]:
    for item in re.split(r"^    - ", options, flags=re.MULTILINE)[1:]:
        keys = dict(re.findall(r"^(?: {6})?(\w+): ?(.*(?:\n {8}.*)*)", item, re.MULTILINE))
        flag = _flag(
            keys["value_type"],
            _scalar(keys.get("description", "")),
            _scalar(keys.get("default_value", "")),
            _scalar(keys.get("shorthand", "")),
        )
        if keys["hidden"] == "true":
            flag["hidden"] = True
        yield _scalar(keys["option"]), flag


def _scalar(text: str) -> str:
    """One value of YAML on one line, without its quotes or its ``|``."""
    text = " ".join(re.sub(r"^\|-?\n", "", text).split())
    if text[:1] == text[-1:] and text[:1] in ("'", '"'):
        return text[1:-1].replace("''", "'")
    return text


def _flag(type_: str, text: str, default: str, short: str) -> FlagEntry:
    flag: FlagEntry = {"type": _SHOWN.get(type_, type_), "help": " ".join(text.split())}
    if short:
        flag["short"] = short
    if default not in _ZEROS:
        flag["default"] = default.replace("/root/", "~/")
    return flag


def read(checkout: Path, release: str) -> Table:
    """The table of *release*, from the pages in its *checkout*."""
    program = release.rpartition("-")[0]
    pages = {_name(path, program): _page(path) for path in _paths(checkout)}
    shared = pages[program].entry["flags"].keys()
    commands = {
        name: _as_docker_has_it(name, page.entry)
        for name, page in pages.items()
        if name == program or not page.group or (program and page.entry["flags"].keys() - shared)
    }
    if program:
        _own_names_only(commands)
    else:
        commands[""]["flags"]["version"] = _NOT_ON_THE_PAGE
    if program == "buildx":
        commands[_STUB] = {"same_as": "buildx bake"}
    else:
        commands.pop(_STUB, None)
    origin = f"by dockcli/spec/read_reference.py from the reference pages of {_origin(release)}"
    return {
        "generated": f"{origin}; not to be edited",
        "version": release,
        "commands": dict(sorted(commands.items())),
    }


def _paths(checkout: Path) -> Iterable[Path]:
    paths = [path for pattern in _PAGES for path in sorted(checkout.glob(pattern))]
    if not paths:
        raise FileNotFoundError(f"no reference pages in {checkout}")
    return [path for path in paths if path.stem != "index"]


def _name(path: Path, program: str) -> str:
    """``container ls`` for ``container_ls.md``; ``""`` for docker's own page."""
    words = path.stem.removeprefix("docker_").replace("_", " ")
    return "" if words == "docker" and not program else words


def _page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    return parse_yaml(text) if path.suffix == ".yaml" else parse_markdown(text)


def _as_docker_has_it(name: str, entry: CommandEntry) -> CommandEntry:
    """*entry*, or what it is another name of: the first of its aliases, as in a help text."""
    original = entry.get("aliases", [f"docker {name}"])[0].removeprefix("docker ")
    if original == name or name.partition(" ")[0] in PLUGINS:
        return entry
    return {"same_as": original}


def _own_names_only(commands: dict[str, CommandEntry]) -> None:
    """Drop the aliases: one page's are those of all commands with its flags.

    ``buildx dap build`` says that it is ``docker build``; `read_source` has the right ones.
    """
    for entry in commands.values():
        entry.pop("aliases", None)


def _origin(release: str) -> str:
    program, _, version = release.rpartition("-")
    return f"docker/{program or 'cli'}, release {version}"


def main() -> None:
    """Read one checkout and write its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--source", type=Path, required=True, help="the checkout to read")
    parser.add_argument("--release", required=True, help="29.7.2, or buildx-0.36.1")
    parser.add_argument("--output", type=Path, default=HERE, help="the directory to write to")
    arguments = parser.parse_args()
    table = read(arguments.source, arguments.release)
    path = path_of(arguments.release, arguments.output)
    path.write_text(render(table), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
