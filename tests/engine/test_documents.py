"""Every Python block of the README runs, and every script of the cookbook."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker

TOP = Path(__file__).parents[2]
Shell = Callable[..., subprocess.CompletedProcess[bytes]]


def blocks(page: Path) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def test_the_readme_has_blocks_to_run() -> None:
    assert len(blocks(TOP / "README.md")) >= 4


@pytest.mark.parametrize("code", blocks(TOP / "README.md"))
def test_a_block_of_the_readme_runs(
    code: str, docker: Docker, base: str, helper_image: None, shell: Shell
) -> None:
    code = code.replace('"alpine:3.20"', repr(base))  # the machine may have a stand-in for it
    done = shell(sys.executable, "-c", code, cwd=TOP)
    assert done.returncode == 0, done.stderr.decode()
    for comment in re.findall(r"^print\(.*\)  +# (.*)$", code, re.M):
        said = comment.replace("alpine:3.20", base).replace(f"'{base}'", repr(base))
        assert said in done.stdout.decode()


SCRIPTS = sorted((TOP / "recipes").glob("*.py"))
SCRIPTS.remove(TOP / "recipes" / "ssh.py")  # it needs a server: recipes/test_cookbook.py has one


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_of_the_cookbook_runs(
    script: Path, docker: Docker, base: str, helper_image: None, shell: Shell
) -> None:
    done = shell(sys.executable, str(script), cwd="/")
    assert done.returncode == 0, done.stderr.decode()
    assert b"holds" in done.stdout
