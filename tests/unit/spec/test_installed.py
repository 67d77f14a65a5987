"""The committed tables against the CLIs that are installed: what they show, take and refuse.

No engine is asked: docker has no engine to reach here, and podman is asked for help only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from dockcli.spec import tables
from dockcli.spec.read_help import NO_ENGINE, read, read_podman, read_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Ask = Callable[[Iterable[tuple[str, ...]]], Iterator[str]]

TABLES = {table["version"]: table for table in tables.load()}


def _installed() -> dict[str, str]:
    """Each docker of PATH, under its version."""
    found = (shutil.which("docker", path=directory) for directory in os.get_exec_path())
    return {read_version(path): path for path in {os.path.realpath(p) for p in found if p}}


INSTALLED = _installed()
each_cli = pytest.mark.parametrize("version", sorted(INSTALLED) or ["none"])


@pytest.fixture
def table(version: str) -> tables.Table:
    if version not in TABLES:
        pytest.skip(f"no table of docker {version}")
    return TABLES[version]


@pytest.fixture
def ask(version: str, tmp_path: Path) -> Ask:
    """Runs docker with each of some command lines, and gives what it says on stderr."""
    environment = {"DOCKER_HOST": NO_ENGINE, "DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)}

    def stderr(arguments: tuple[str, ...]) -> str:
        return subprocess.run(
            [INSTALLED[version], *arguments],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        ).stderr

    def run(lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
        with ThreadPoolExecutor(2) as pool:
            yield from pool.map(stderr, lines)

    return run


def _originals(table: tables.Table) -> dict[str, tables.CommandEntry]:
    commands = table["commands"].items()
    return {name: entry for name, entry in commands if name and "same_as" not in entry}


@each_cli
def test_help_shows_what_the_table_says_and_nothing_else(version: str, table: tables.Table) -> None:
    shown, known = _surface(read(INSTALLED[version])), _surface(table)
    assert not shown - known, f"{version} has what the table has not"
    assert not known - shown, f"the table has what {version} has not"


def _surface(table: tables.Table) -> set[tuple[str, ...]]:
    """What help shows as a set, to be compared; a build may word its help differently."""
    commands = {name: entry for name, entry in table["commands"].items() if "from" not in entry}
    names = {("command", name, entry.get("same_as", "")) for name, entry in commands.items()}
    return names | {
        ("flag", name, flag, entry["type"], entry.get("short", ""))
        for name, command in commands.items()
        for flag, entry in command.get("flags", {}).items()
        if "from" not in entry
    }


@each_cli
def test_with_an_engine_in_reach_help_may_show_less_but_never_more(
    version: str, table: tables.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    monkeypatch.setattr("dockcli.spec.read_help.NO_ENGINE", host)
    assert not _surface(read(INSTALLED[version])) - _surface(table)


@each_cli
def test_hidden_flags_are_taken(table: tables.Table, ask: Ask) -> None:
    lines = [
        (*name.split(), f"--{flag}=1")
        for name, entry in _originals(table).items()
        for flag, found in entry["flags"].items()
        if found.get("hidden")
    ]
    assert len(lines) > 10
    for line, answer in zip(lines, ask(lines), strict=True):
        assert "unknown flag" not in answer, line


@each_cli
def test_a_flag_that_the_table_has_not_is_refused(table: tables.Table, ask: Ask) -> None:
    """So that the test above would see a flag that docker does not take."""
    lines = [(*name.split(), "--net-alia=1") for name in ("container run", "volume create")]
    assert all("unknown flag: --net-alia" in answer for answer in ask(lines))


@each_cli
def test_hidden_commands_are_there(table: tables.Table, ask: Ask) -> None:
    hidden = [name for name, entry in _originals(table).items() if entry.get("hidden")]
    assert "system dial-stdio" in hidden
    lines = [(*name.split(), "--nothing-like-it") for name in hidden]
    for name, answer in zip(hidden, ask(lines), strict=True):
        assert f"docker {name}" in answer, answer


_REFUSED = re.compile(r"(requires|accepts) .*arg(ument|\(s\))")

# Docker wants to know the engine's system before it looks at the operands.
_NEEDS_AN_ENGINE = "only supported on a Docker daemon running on"


@each_cli
def test_too_few_and_too_many_operands_are_refused(table: tables.Table, ask: Ask) -> None:
    lines: dict[tuple[str, ...], str] = {}
    for name, entry in _originals(table).items():
        least, most = entry.get("args", (0, None))
        if least:
            lines[(*name.split(), *["x"] * (least - 1))] = name
        if most is not None:
            lines[(*name.split(), *["x"] * (most + 1))] = name
    assert len(lines) > 100
    for line, answer in zip(lines, ask(lines), strict=True):
        assert _REFUSED.search(answer) or _NEEDS_AN_ENGINE in answer, (line, answer)


@each_cli
def test_the_least_and_the_greatest_number_of_operands_are_taken(
    table: tables.Table, ask: Ask
) -> None:
    """But of those that ask a registry, or make keys, before they find that no engine is there."""
    lines = []
    for name, entry in _originals(table).items():
        if name.split()[0] not in {"completion", "login", "logout", "manifest", "trust"}:
            least, most = entry["args"]
            counts = {least, least + 5 if most is None else most}
            lines += [(*name.split(), *["x"] * count) for count in counts]
    assert len(lines) > 100
    for line, answer in zip(lines, ask(lines), strict=True):
        assert not _REFUSED.search(answer), (line, answer)


@each_cli
def test_flags_behind_an_operand_are_docker_s_where_the_table_says_so(
    table: tables.Table, ask: Ask
) -> None:
    commands = {
        name: entry
        for name, entry in _originals(table).items()
        if name.split()[0] in {"container", "network", "service", "volume"}
        and entry["args"] != (0, 0)
    }
    lines = [
        (*name.split(), *["x"] * max(1, entry["args"][0]), "--no-such-flag")
        for name, entry in commands.items()
    ]
    for (name, entry), answer in zip(commands.items(), ask(lines), strict=True):
        assert ("unknown flag" in answer) is entry.get("interspersed", True), (name, answer)


def test_podman_differs_from_docker_as_its_table_says() -> None:
    podman = shutil.which("podman")
    version = podman and f"podman-{read_version(podman)}"
    if not podman or version not in TABLES:
        pytest.skip("no podman with a table")
    found, table = read_podman(podman, list(TABLES.values())), TABLES[version]
    assert found["lacks"] == table["lacks"]
    assert _surface(found) == _surface(table)
    for name, entry in table["commands"].items():
        assert found["commands"][name]["lacks"] == entry["lacks"], name
