"""No shell is involved on this side; what one in a container is given is written down (P3)."""

from __future__ import annotations

import ast
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dockcli
from dockcli import Docker
from dockcli.data.helper.container import Helper
from dockcli.data.rescue import fill
from dockcli.errors import DockcliError
from dockcli.recipes.room import Names, Refused
from tests.unit.replay import Replay

HOUSE = Path(dockcli.__file__).parent
SOURCES = sorted(HOUSE.rglob("*.py"))
COOKBOOK = sorted((HOUSE.parent / "recipes").glob("*.py"))
FORBIDDEN = {
    "os.system",
    "os.popen",
    "os.spawnlp",
    "os.spawnvp",
    "os.execlp",
    "os.execvp",
    "pty.spawn",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
    "sh.sh",
    "sh.bash",
}
SHELLS = {"sh", "bash", "/bin/sh", "/bin/bash", "ash", "dash"}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name in *tree* is ever set to; a parameter is set to anything."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                values.setdefault(dotted(target), []).append(node.value)
        elif isinstance(node, ast.arg):
            values.setdefault(node.arg, []).append(ast.Name("anything"))
    return values


def is_written_down(node: ast.expr, values: dict[str, list[ast.expr]]) -> bool:
    """Whether a text is in the source as it is, under a constant's name or another."""
    if isinstance(node, ast.Constant) or dotted(node).rpartition(".")[2].isupper():
        return True
    known = values.get(dotted(node), [])
    return bool(known) and all(isinstance(one, ast.Constant) for one in known)


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def shells(tree: ast.AST, *, makes_containers: bool = False) -> Iterator[str]:
    """What in *tree* would start a shell, or hand one a text that is made at run time.

    The words of docker's ``run``, ``create`` and ``exec`` are for a shell over there. With
    *makes_containers* they may stand in a variable too.
    """
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.asname: a.name for a in node.names if a.asname}

    def real(node: ast.expr) -> str:
        head, dot, tail = dotted(node).partition(".")
        return names.get(head, head) + dot + tail

    scopes = {id(node): tree for node in ast.walk(tree)}
    for function in ast.walk(tree):  # the outer ones come first
        if isinstance(function, ast.FunctionDef):
            scopes |= {id(node): function for node in ast.walk(function)}
    over_there: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and real(node) in FORBIDDEN:
            yield real(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("machine"):
            over_there |= set(node.keywords)  # they name the shell in the container
        if node in over_there:
            continue
        if isinstance(node, ast.keyword) and node.arg == "shell" and not is_false(node.value):
            yield "shell="
        words = [] if makes_containers else getattr(node, "elts", [])
        if isinstance(node, ast.Call):
            owner, _, verb = real(node.func).rpartition(".")
            if verb in {"run", "create", "exec"} and owner != "subprocess":
                continue
            words = node.args
        for shell, option, script in zip(words, words[1:], words[2:], strict=False):
            is_shell = isinstance(shell, ast.Constant) and shell.value in SHELLS
            takes_text = isinstance(option, ast.Constant) and "c" in str(option.value)
            if is_shell and takes_text and not is_written_down(script, assigned(scopes[id(node)])):
                yield f"{ast.unparse(shell)} -c {ast.unparse(script)}"


@pytest.mark.parametrize("path", [*SOURCES, *COOKBOOK], ids=lambda path: path.name)
def test_no_module_starts_a_shell(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(shells(tree, makes_containers="recipes" in path.parts)) == []


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(x, shell=True)",
        "subprocess.Popen(x, shell=flag)",
        "os.system('ls')",
        "from os import popen as p; p('ls')",
        "from os import system; system('ls')",
        "import subprocess as s; s.getoutput('ls')",
        "subprocess.run(['sh', '-c', f'echo {name}'])",
        "subprocess.run(['sh', '-ec', 'echo ' + name])",
        "Popen(['/bin/sh', '-c', script])",
        "def f(script): return Popen(['/bin/sh', '-c', script])",
        "script = 'x' + y; Popen(['/bin/sh', '-c', script])",
        "from subprocess import run; run(['sh', '-c', f'echo {name}'])",
        "stage.host('sh', '-c', script)",
        "x = ['bash', '-c', 'echo %s' % name]",
    ],
)
def test_the_scan_finds(code: str) -> None:
    assert list(shells(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(x, shell=False)",
        "subprocess.run(['sh', '-c', 'echo \"$1\"', 'sh', name])",
        "subprocess.run(['sh', '-c', SCRIPT, 'sh', name])",
        "client.run('alpine', 'sh', '-c', f'echo {LARGE}')",
        "exec(container, 'sh', '-c', f'echo {LARGE}')",
        "script = 'echo \"$1\"'; stage.host('sh', '-c', script, 'sh', name)",
        "os.killpg(1, 2)",
    ],
)
def test_the_scan_lets_pass(code: str) -> None:
    assert not list(shells(ast.parse(code)))


# What a shell in a container is given that is no constant: a script of a file, a constant with the
# document's own paths in it, or names that docker allows. Whoever adds one looks at what goes in.
GIVEN_TO_SHELLS = {
    "data/helper/container.py": {"_text(script)"},
    "data/rescue/fill.py": {"text"},
    "../recipes/scopes.py": {"ask"},
    "machine/files.py": {"form"},  # the form of stat's output
    "machine/machine.py": {"args", "inner"},  # a line of shell that the caller wrote
    "machine/reach.py": {"words.script(script)"},  # its words are quoted: the contract tests it
    "recipes/bind_mount.py": {"command", "f'echo kept > {HOST}/{name}'"},
    "recipes/bind_mount_shell.py": {"look"},
    "recipes/copy_on_write.py": {"script"},
    "recipes/filesystem.py": {"line"},
    "recipes/shell.py": {"f'{self._folder}vi {path}'"},
    "recipes/volume_instruction.py": {"command"},
    "recipes/volume_lifecycle.py": {"command"},
    "recipes/volume_vs_bind.py": {"script", "ask"},
    "recipes/volumes_from.py": {"f'{{ {command}; }} 2>&1 || :'"},
    "recipes/writable_layer.py": {
        "f'echo {name} >{NOTE}'",
        "f'{{ {steps}; }} 2>&1 || :'",
        "look",
    },
}


def flat(nodes: list[ast.expr]) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, ast.Starred) and isinstance(node.value, (ast.Tuple, ast.List)):
            yield from flat(node.value.elts)
        else:
            yield node


def is_constant(node: ast.expr) -> bool:
    """Whether a text is all in the source, with constants' names for parts of it."""
    if isinstance(node, ast.JoinedStr):
        parts = [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
        return all(is_constant(part) for part in parts)
    return isinstance(node, ast.Constant) or dotted(node).rpartition(".")[2].isupper()


def scripts(tree: ast.AST) -> set[str]:
    """What follows ``-c`` or the like anywhere in *tree*, unless it is constant."""
    found = set()
    for node in ast.walk(tree):
        given = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        words = list(flat(given))
        for option, script in itertools.pairwise(words):
            text = option.value if isinstance(option, ast.Constant) else ""
            if re.fullmatch("-[a-z]*c", str(text)) and not is_constant(script):
                found.add(ast.unparse(script))
    return found


@pytest.mark.parametrize("path", [*SOURCES, *COOKBOOK], ids=lambda path: path.name)
def test_what_a_shell_in_a_container_is_given_was_looked_at(path: Path) -> None:
    known = GIVEN_TO_SHELLS.get(os.path.relpath(path, HOUSE), set())
    assert scripts(ast.parse(path.read_text(encoding="utf-8"))) == known


@pytest.mark.parametrize(
    "code",
    [
        "run(image, 'sh', '-c', f'echo {name}')",
        "run(image, *('-c', 'echo ' + name), entrypoint='sh')",
        "words = ['-ec', script]",
    ],
)
def test_that_scan_finds(code: str) -> None:
    assert scripts(ast.parse(code))


METACHARACTERS = (
    *("$(id)", "`id`", "$HOME", "${HOME}", "$0", "$1", "$@", "$?", "$$", "\\", "\\n", "'", '"'),
    *("''", '""', "a'b", 'a"b', "a b", " ", "\t", "\n", "a\nid\n", "*", "?", "[a]", "{a,b}", "~"),
    *("~root", "#", "!", "!!", ";id", "|id", "||id", "&", "&&id", ">x", "<x", ">>x", "(id)", "%s"),
)


def test_there_are_forty_of_them() -> None:
    assert len(set(METACHARACTERS)) == len(METACHARACTERS) >= 40


@pytest.mark.parametrize(
    "script", sorted((HOUSE / "data" / "helper").glob("*.sh")), ids=lambda path: path.name
)
def test_a_helpers_shell_has_names_as_words_and_never_in_its_script(script: Path) -> None:
    helper = Helper(Docker(), "image", "data", [])
    for name in METACHARACTERS:
        argv = helper.call(script.stem, name, name).argv
        at = argv.index("-c")
        assert argv[at + 2 :] == (f"dockcli-{script.stem}", name, name)
        assert argv[at + 1].endswith(script.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", METACHARACTERS, ids=ascii)
def test_a_rescues_shell_has_the_folder_as_a_word(name: str) -> None:
    runner = Replay(code=1)
    with pytest.raises(DockcliError):
        fill.helper(Docker(runner=runner), "image", "name", [], "fill.sh", name)
    (job,) = runner.jobs
    text = (HOUSE / "data" / "rescue" / "fill.sh").read_text(encoding="utf-8")
    assert job.argv[-4:] == ("-c", text, "fill.sh", name)


@pytest.mark.parametrize("name", METACHARACTERS, ids=ascii)
def test_no_recipe_lets_it_into_a_name(name: str) -> None:
    for prefix in (name, f"a{name}", f"a-{name}", f"{name}a"):
        with pytest.raises(Refused):
            Names(prefix)
