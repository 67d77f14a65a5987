"""The rules of the house: who may import whom, what importing costs, what is written down where."""

from __future__ import annotations

import ast
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dockcli
from dockcli import spec
from dockcli.commands.keywords import OWN_KEYWORDS
from tests.unit.verbs import POSITIONALS, found

HOUSE = Path(dockcli.__file__).parent

# From the cellar to the roof; on the last floor everybody may visit everybody.
FLOORS = (
    "typed",
    "value",
    "secret",
    "state",
    "ending",
    "completed",
    "errors",
    "spool",
    "spec",
    "argv",
    "mounts",
    "child",
    "feed",
    "sips",
    "pipes",
    "process",
    "pipeline",
    "runner",
    "mountinfo",
    "owner",
    "call",
    "ahead",
    "failure",
    "models",
    "progress",
    "meter",
    "reading",
    "stream",
    "bytestream",
    "paths",
    "waiting",
    "commands",
    "versions",
    "receipt",
    "abandoned",
    "lost",
    "crossed",
    "execution",
    "files",
    "objects",
    "strict",
    "terminal",
    "client",
    "scope",
    "machine",
    "aio",
    "translation",
    "engine",
    "data",
    "doctor",
)
ROOF = {"recipes", "report", "command", "cli"}

ALLOWED = {
    ("completed", "errors"),  # `Completed.json` raises one; an error holds a `Completed`
    ("commands", "terminal"),  # in the types of verbs, which only a checker reads
    ("commands", "data"),  # its verbs load it when they run
    ("commands", "machine"),  # a verb opens one, and loads it then
    ("commands", "aio"),  # signatures.py, which nothing loads but type checkers
    ("client", "scope"),  # a method begins one, and loads it then
    ("commands", "objects"),  # verbs answer with handles, which load nothing themselves
}


def level(room: str) -> int:
    return len(FLOORS) if room in ROOF else FLOORS.index(room)


def rooms() -> list[str]:
    names = {path.relative_to(HOUSE).parts[0] for path in HOUSE.rglob("*.py")}
    return sorted(name.removesuffix(".py") for name in names - {"__init__.py"})


class Imports(ast.NodeVisitor):
    """The rooms that a module imports, anywhere but for the type checker."""

    def __init__(self) -> None:
        self.rooms: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test).rpartition(".")[2] != "TYPE_CHECKING":
            self.generic_visit(node)
        for other in node.orelse:
            self.visit(other)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert not node.level, "imports are absolute here"
        if node.module == "dockcli":
            for alias in node.names:
                self._add(f"dockcli.{alias.name}")
        else:
            self._add(node.module or "")

    def _add(self, name: str) -> None:
        house, _, rest = name.partition(".")
        if house == "dockcli" and rest:
            self.rooms.add(rest.partition(".")[0])


def imports(room: str) -> set[str]:
    paths = [HOUSE / f"{room}.py", *(HOUSE / room).rglob("*.py")]
    visitor = Imports()
    for path in filter(Path.exists, paths):
        visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
    return visitor.rooms - {room}


def test_every_room_has_its_place() -> None:
    assert sorted({*FLOORS, *ROOF}) == rooms()


@pytest.mark.parametrize("room", rooms())
def test_a_lower_room_never_imports_an_upper_one(room: str) -> None:
    upper = {other for other in imports(room) if level(other) > level(room)}
    assert upper - {other for low, other in ALLOWED if low == room} == set()


def test_no_exception_is_made_for_what_is_not_there() -> None:
    assert {(low, high) for low, high in ALLOWED if high not in imports(low)} == set()


def python(code: str, *options: str, **environment: str) -> str:
    """What a new Python prints; it finds this house wherever the test was started."""
    paths = [str(HOUSE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, *options, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import dockcli",
        "from dockcli import docker",
        "from dockcli import docker; docker.call.container.run('alpine', env={'A': 'b'})",
    ],
)
def test_importing_loads_none_of_the_big_libraries(code: str) -> None:
    loaded = python(f"{code}\nimport sys; print(*sys.modules)").split()
    assert "dockcli" in loaded
    assert not {"sh", "plumbum", "rich", "click", "json", "asyncio"} & set(loaded)


def test_importing_costs_at_most_twenty_milliseconds(tmp_path: Path) -> None:
    def seconds(code: str) -> float:
        begun = time.perf_counter()
        python(code, PYTHONPYCACHEPREFIX=str(tmp_path))
        return time.perf_counter() - begun

    seconds("import dockcli")  # compiles
    pairs = [(seconds("pass"), seconds("import dockcli")) for _ in range(15)]
    bare, importing = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert importing - bare <= 0.020


def test_all_public_names_are_listed_in_order_and_are_there() -> None:
    assert dockcli.__all__ == sorted(dockcli.__all__)
    assert set(dockcli.__all__) == {*dockcli._HOMES, "errors"}
    for name in dockcli.__all__:
        assert getattr(dockcli, name) is not None
        assert name in dir(dockcli)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = dockcli.nonsense
    assert not hasattr(dockcli, "_nonsense")


def test_the_listed_names_are_those_that_the_type_checker_sees() -> None:
    tree = ast.parse((HOUSE / "__init__.py").read_text(encoding="utf-8"))
    (checked,) = [node for node in tree.body if isinstance(node, ast.If)]
    names = {
        alias.name
        for node in checked.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("dockcli")
        for alias in node.names
    }
    assert names == set(dockcli.__all__)


def test_importing_all_names_at_once() -> None:
    assert python("from dockcli import *; print(docker, Secret.__name__)").startswith("Docker(")


def test_our_own_keywords_are_no_flags_of_dockers() -> None:
    for command in ("", *spec.commands()):
        assert not set(OWN_KEYWORDS) & set(spec.flags(command))


@pytest.mark.parametrize("command", POSITIONALS)
def test_the_documentation_of_a_verb_names_its_command(command: str) -> None:
    text = found()[command].__doc__ or ""
    assert f"``docker {command}``" in text
    assert "https://docs.docker.com/reference/cli/docker/" in text
    assert text.splitlines()[0].endswith(".")  # what a completion shows is a whole sentence
    assert "Raises" in text


def test_the_command_of_a_verb_is_dockers() -> None:
    assert set(POSITIONALS) <= set(spec.commands())


def test_generated_files_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dockcli.spec.write_options", "--check"],
        cwd=HOUSE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE))
)
def test_no_module_writes_to_the_terminal_or_leaves_a_default_to_be_changed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
            assert not any(isinstance(one, (ast.List, ast.Dict, ast.Set)) for one in defaults)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            seen_by_people = path.parts[-2] in {"spec", "recipes", "cli"} or path.stem in {
                *("command", "report"),
            }
            assert node.func.id != "print" or seen_by_people
