"""No shell is ever involved on this side (promise P3)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dockcli

SOURCES = sorted(Path(dockcli.__file__).parent.rglob("*.py"))
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


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
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
