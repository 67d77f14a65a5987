"""Every command of docker's is a verb, and takes every flag: counted from the table, and from the
help of the docker that is installed."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

import pytest

from dockcli import Call, Docker, spec
from dockcli.commands import shorthands
from dockcli.commands.shorthands import Shorthand
from dockcli.spec import tables
from dockcli.spec.read_help import read
from tests.unit.verbs import POSITIONALS, found

DOCKER = Docker()

# A Secret or a text given here goes by stdin, never by a word that every user of the machine sees.
BY_STDIN = {("login", "password")}


def table_of(version: str) -> dict[str, tables.CommandEntry]:
    (table,) = [one for one in tables.load() if one["version"] == version]
    return tables.expanded(table)


def shown(entry: tables.CommandEntry) -> dict[str, tables.FlagEntry]:
    """The flags that help shows."""
    return {name: flag for name, flag in entry["flags"].items() if not flag.get("hidden")}


def verb_of(command: str) -> Any:
    """The verb, found as a user writes it: ``docker.call.container.run``."""
    if command == "buildx history inspect attachment":  # beside `inspect`, which is a verb
        return DOCKER.call.buildx.history.inspect_attachment
    here: Any = DOCKER.call
    for word in command.split():
        here = getattr(here, spec.keyword_name(word))
    return here


def value_for(type_: str) -> Any:
    number = type_.startswith(("int", "uint"))
    return {"bool": True, "duration": "1s"}.get(type_, 1 if number else "x")


def accepts(command: str, flag: str, type_: str) -> bool:
    """Whether the verb takes the flag, and sends it in its own word."""
    shape = POSITIONALS[spec.canonical(command)]
    operands = (*shape.valid, *(("true",) if shape.rest else ()))
    call = verb_of(command)(*operands, **{spec.keyword_name(flag): value_for(type_)})
    assert isinstance(call, Call)
    return any(word == f"--{flag}" or word.startswith(f"--{flag}=") for word in call.argv)


def test_every_command_and_flag_of_the_table_by_number() -> None:
    entries = table_of("28.2.2")
    commands = [name for name, entry in entries.items() if not entry.get("hidden")]
    refused = [
        f"{name} --{flag}"
        for name in commands
        for flag, entry in shown(entries[name]).items()
        if (name, flag) not in BY_STDIN and not accepts(name, flag, entry["type"])
    ]
    assert refused == []
    flags = sum(len(shown(entries[name])) for name in commands)
    assert (len(commands), flags) == (168, 1107)


@pytest.mark.parametrize("command", [name for name in spec.commands() if name in POSITIONALS])
def test_every_flag_of_every_release_is_taken(command: str) -> None:
    for flag in spec.flags(command).values():
        assert (command, flag.name) in BY_STDIN or accepts(command, flag.name, flag.type), flag.name


def test_every_command_of_every_release_is_a_verb() -> None:
    missing = [name for name in spec.commands() if name not in found()]
    assert missing == ["buildx debug"]  # a group, which takes flags of its own when it is called
    assert DOCKER.call.buildx.debug(invoke="sh").build(".").argv[3] == "--invoke=sh"
    assert sorted(POSITIONALS) == sorted(found())


@pytest.mark.parametrize("docker", sorted({shutil.which("docker"), "/usr/bin/docker"} - {None}))
def test_every_command_and_flag_of_the_installed_docker_s_help(docker: str) -> None:
    try:
        table = read(docker)
    except OSError:
        pytest.skip("no such docker here")
    entries = tables.expanded(table)
    assert len(entries) > 100
    for name, entry in entries.items():
        for flag, about in entry["flags"].items():
            assert (name, flag) in BY_STDIN or accepts(name, flag, about["type"]), (name, flag)


def test_a_shorthand_is_its_group_s_verb() -> None:
    assert DOCKER.top is DOCKER.container.top
    assert DOCKER.stop is DOCKER.container.stop
    for name in spec.commands():
        group, _, verb = name.partition(" ")
        if group in ("container", "image") and spec_is_shorthand(verb, name):
            short = getattr(DOCKER, spec.keyword_name(verb))
            assert short is getattr(getattr(DOCKER, group), spec.keyword_name(verb))


def test_a_shorthand_has_the_type_of_its_verb() -> None:
    stub = ast.parse(Path(shorthands.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    typed = {
        node.targets[0].id: ast.unparse(node.value)
        for node in ast.walk(stub)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    members = vars(shorthands.Shorthands)
    assert typed.keys() == {name for name in members if isinstance(members[name], Shorthand)}
    for name, verb in typed.items():
        found: Any = getattr(Docker, name)
        assert f"{found._group.__name__}.{found._name}" == verb


def spec_is_shorthand(verb: str, name: str) -> bool:
    try:
        return spec.canonical(verb) == name
    except KeyError:
        return False
