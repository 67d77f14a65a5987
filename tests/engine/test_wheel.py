"""What is installed from a wheel runs as the checkout does, in an empty environment."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker

TOP = Path(__file__).parents[2]
Shell = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment with nothing in it but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, TOP], check=True)
    venv.create(folder / "venv", with_pip=True)
    program = folder / "venv" / "bin"
    (wheel,) = folder.glob("dockcli-*.whl")
    pip = [program / "python", *pip[1:]]
    subprocess.run([*pip, "install", wheel], check=True)
    return program


def test_the_recipe_runs_from_a_wheel_in_any_folder(
    installed: Path, docker: Docker, base: str, shell: Shell, tmp_path: Path
) -> None:
    words = ("-m", "dockcli.recipes.isolation", "--json", "--prefix", "wheel")
    done = shell(str(installed / "python"), *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["ok"] is True
    assert list(tmp_path.iterdir()) == []


def test_the_command_is_installed(installed: Path, docker: Docker, shell: Shell) -> None:
    assert shell(str(installed / "dockcli"), "engine", "status").returncode == 0
    assert b"dockcli, version" in shell(str(installed / "dockcli"), "--version").stdout
