"""The committed tables: what they hold, and that the installed CLI still says the same."""

from __future__ import annotations

import os
import shutil

import pytest

from dockcli.spec import tables
from dockcli.spec.read_help import read, read_version

TABLES = {table["version"]: table for table in tables.load()}


def _dockers() -> dict[str, str]:
    """Each docker of PATH whose version has a table, with that version."""
    found = (shutil.which("docker", path=directory) for directory in os.get_exec_path())
    versions = {path: read_version(path) for path in {os.path.realpath(p) for p in found if p}}
    return {path: version for path, version in versions.items() if version in TABLES}


def test_oldest_release_comes_first() -> None:
    assert list(TABLES) == ["20.10.24", "28.2.2"]


@pytest.mark.parametrize(
    ("version", "commands", "flags"), [("20.10.24", 166, 1052), ("28.2.2", 168, 1107)]
)
def test_counts(version: str, commands: int, flags: int) -> None:
    """Commands that do something, shorthands among them; flags without --help and global ones."""
    assert tables.count(TABLES[version]) == (commands, flags)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_global_flags_are_apart(table: tables.Table) -> None:
    assert len(table["commands"][""]["flags"]) == 11
    assert "" not in tables.expanded(table)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_command_is_stored_twice(table: tables.Table) -> None:
    commands = table["commands"]
    originals = {name: entry["same_as"] for name, entry in commands.items() if "same_as" in entry}
    assert len(originals) == 36
    assert originals["run"] == "container run"
    assert originals["ps"] == "container ls"
    assert originals["images"] == "image ls"
    assert originals["rmi"] == "image rm"
    assert originals["info"] == "system info"
    assert originals["builder build"] == "image build"
    assert not originals.keys() & {"inspect", "version", "login", "logout", "search"}
    assert all("flags" in commands[original] for original in originals.values())


def test_shorthands_are_expanded() -> None:
    commands = tables.expanded(TABLES["28.2.2"])
    assert commands["run"] == commands["container run"]
    assert commands["run"]["flags"]["detach"]["short"] == "d"


def test_both_builders_flags_of_docker_20() -> None:
    flags = TABLES["20.10.24"]["commands"]["image build"]["flags"]
    assert {"memory", "squash", "secret", "ssh", "output"} <= flags.keys()


@pytest.mark.parametrize("version", TABLES)
def test_committed_text_is_what_is_rendered(version: str) -> None:
    text = (tables.HERE / f"docker-{version}.json").read_text(encoding="utf-8")
    assert text == tables.render(TABLES[version])
    assert "generated" in text.partition("\n")[0]


def _table(version: str, **flags: tables.FlagEntry) -> tables.Table:
    entry: tables.CommandEntry = {"usage": "", "help": "", "flags": flags}
    return {"generated": "", "version": version, "commands": {"x": entry}}


def test_newest_release_wins_and_each_flag_knows_its_releases() -> None:
    old = _table("1.0.0", a={"type": "int", "help": ""}, gone={"type": "bool", "help": ""})
    new = _table("2.0.0", a={"type": "list", "help": "", "short": "A"})
    command = tables.merged([old, new])["x"]
    assert command.versions == ("1.0.0", "2.0.0")
    assert command.flags["a"] == ("a", "list", "A", ("1.0.0", "2.0.0"))
    assert command.flags["gone"].versions == ("1.0.0",)


def test_the_installed_clis_have_what_the_tables_say_and_nothing_else() -> None:
    dockers = _dockers()
    if not dockers:
        pytest.skip("no docker with a table on PATH")
    for path, version in dockers.items():
        installed, table = _surface(read(path)), _surface(TABLES[version])
        assert not installed - table, f"{path} has what the table has not"
        assert not table - installed, f"the table has what {path} has not"


def _surface(table: tables.Table) -> set[tuple[str, ...]]:
    """Commands and flags as a set, to be compared; a build may word its help differently."""
    commands = table["commands"]
    names = {("command", name, entry.get("same_as", "")) for name, entry in commands.items()}
    return names | {
        ("flag", name, flag, entry["type"], entry.get("short", ""))
        for name, command in commands.items()
        for flag, entry in command.get("flags", {}).items()
    }
