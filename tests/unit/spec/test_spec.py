"""What the run time asks: flags and names of commands, over all releases."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dockcli import spec
from dockcli.spec import tables

BOTH = ("20.10.24", "28.2.2")


@pytest.mark.parametrize(
    ("flag", "name"),
    [("import", "import_"), ("volumes-from", "volumes_from"), ("env", "env"), ("is", "is_")],
)
def test_keyword_name(flag: str, name: str) -> None:
    assert spec.keyword_name(flag) == name


def test_versions() -> None:
    assert spec.versions() == BOTH


def test_a_flag_knows_itself() -> None:
    flag = spec.flags("container run")["volumes_from"]
    assert flag == spec.Flag("volumes-from", "list", None, BOTH)
    assert spec.flags("container run")["detach"].short == "d"


@pytest.mark.parametrize(
    ("command", "keyword", "versions"),
    [
        ("container run", "annotation", ("28.2.2",)),
        ("container run", "kernel_memory", BOTH),
        ("container run", "rm", BOTH),
        ("container stop", "time", ("20.10.24",)),
        ("container stop", "timeout", ("28.2.2",)),
        ("image build", "secret", ("20.10.24",)),
        ("volume update", "availability", ("28.2.2",)),
        ("", "host", BOTH),
    ],
)
def test_releases_that_have_a_flag(command: str, keyword: str, versions: tuple[str, ...]) -> None:
    assert spec.flags(command)[keyword].versions == versions


def test_kinds_of_value() -> None:
    flags = spec.flags("container run")
    assert flags["rm"].is_bool
    assert not flags["rm"].is_int
    assert flags["stop_timeout"].is_int
    assert not flags["stop_timeout"].is_bool
    assert not flags["health_interval"].is_int


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("run", "container run"),
        ("ps", "container ls"),
        ("images", "image ls"),
        ("rmi", "image rm"),
        ("container list", "container ls"),
        ("builder build", "image build"),
        ("stack up", "stack deploy"),
        ("container run", "container run"),
        ("inspect", "inspect"),
        ("", ""),
    ],
)
def test_canonical(command: str, name: str) -> None:
    assert spec.canonical(command) == name
    assert spec.flags(command) == spec.flags(name)


@pytest.mark.parametrize("command", ["container", "contain", "un", "ls", "run = container run"])
def test_no_command(command: str) -> None:
    with pytest.raises(KeyError, match="no docker command"):
        spec.canonical(command)
    with pytest.raises(KeyError, match="no docker command"):
        spec.flags(command)


def test_commands_with_their_releases() -> None:
    commands = spec.commands()
    assert commands["container run"] == BOTH
    assert commands["volume update"] == ("28.2.2",)
    assert not commands.keys() & {"run", "container", ""}


def test_the_index_says_what_the_tables_say() -> None:
    merged = tables.merged(tables.load())
    assert set(spec.commands()) == merged.keys() - {""}
    for name, command in merged.items():
        assert spec.flags(name) == command.flags, name


def test_answers_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        spec.flags("container run")["new"] = spec.Flag("new", "bool", None, ())  # type: ignore[index]


def test_importing_reads_nothing_and_a_question_needs_no_json() -> None:
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, arguments: opened.append(arguments[0])"
        " if event == 'open' else None)\n"
        "from dockcli import spec\n"
        "assert spec.INDEX not in opened, 'read at import'\n"
        "spec.flags('container run')\n"
        "spec.flags('volume ls')\n"
        "assert opened.count(spec.INDEX) == 1, 'not read exactly once'\n"
        "loaded = {'json', 'dataclasses', 'dockcli.spec.options', 'dockcli.spec.tables'}\n"
        "assert not loaded & set(sys.modules), loaded & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
