"""A wheel is the same byte for byte whoever builds it, and the lock pins what is depended on."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PROJECT = (TOP / "pyproject.toml").read_text(encoding="utf-8")
LOCK = (TOP / "requirements-dev.lock").read_text(encoding="utf-8")
BOUND = re.compile(r'^ +"([A-Za-z0-9-]+)(?:\[\w+\])?>=([0-9.]+)",$', re.MULTILINE)
PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)",
    re.MULTILINE,
)


def copied(folder: Path, *, mode: int, time: int) -> Path:
    """The project as somebody else may have checked it out, at another time."""
    junk = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", "dist", "build")
    shutil.copytree(TOP, folder, ignore=junk)
    for path in sorted(folder.rglob("*"), reverse=True):
        runs = 0o111 if path.is_dir() or path.stat().st_mode & 0o100 else 0
        path.chmod((0o666 | runs) & mode | 0o600)
        os.utime(path, (time, time))
    return folder


def built(folder: Path, kind: str, umask: str, **environment: str) -> bytes:
    """The wheel or source archive that is built there."""
    script = f'umask {umask} && exec "$0" -m hatchling build -t {kind}'
    env = {k: v for k, v in os.environ.items() if k not in ("SOURCE_DATE_EPOCH", "PYTHONPATH")}
    subprocess.run(
        ["sh", "-c", script, sys.executable],
        cwd=folder,
        env={**env, **environment},
        check=True,
        capture_output=True,
    )
    (archive,) = (folder / "dist").iterdir()
    return archive.read_bytes()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_is_built_twice_is_the_same(tmp_path: Path, kind: str) -> None:
    one = copied(tmp_path / "one", mode=0o777, time=1_000_000_000)
    two = copied(tmp_path / "another folder" / "two", mode=0o711, time=1_700_000_000)
    (two / "dockcli" / "__pycache__").mkdir()
    (two / "dockcli" / "__pycache__" / "left.cpython-310.pyc").write_bytes(b"left")
    first = built(one, kind, "000", TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")
    second = built(two, kind, "077", TZ="Asia/Seoul", LC_ALL="C.UTF-8", PYTHONHASHSEED="2")
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()
    (two / "dockcli" / "state.py").write_text("# another\n", encoding="utf-8")
    shutil.rmtree(two / "dist")
    assert built(two, kind, "077") != first


def test_a_wheel_has_all_of_the_package_and_nothing_else(tmp_path: Path) -> None:
    folder = copied(tmp_path / "one", mode=0o755, time=1_700_000_000)
    built(folder, "wheel", "022")
    (wheel,) = (folder / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {path for path in (TOP / "dockcli").rglob("*") if path.is_file()}
    ours = {str(path.relative_to(TOP)) for path in package if path.suffix != ".pyc"}
    assert names == {*ours, "dockcli/recipes/files/Dockerfile.random"}


def test_the_lock_pins_every_dependency_above_its_bound() -> None:
    pins: dict[str, list[str]] = {}
    for name, version, _ in PIN.findall(LOCK):
        pins.setdefault(name, []).append(version)
    # Peers are measured beside dockcli, which is not developed with them.
    bounds = BOUND.findall(re.sub(r"\nbench = \[.*?\]", "", PROJECT, flags=re.DOTALL))
    assert len(bounds) > 10
    for name, bound in bounds:
        assert pins.get(name), f"{name} is not in requirements-dev.lock"
        assert all(numbers(version) >= numbers(bound) for version in pins[name])


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def test_the_lock_pins_bytes_and_names_no_place_to_get_them() -> None:
    assert "".join(match.group() for match in PIN.finditer(LOCK)) == LOCK
    assert "//" not in LOCK


def test_every_dependency_has_a_lower_bound() -> None:
    listed = re.findall(r"^(?:dependencies|dev) = \[\n((?:  .*\n)+?)\]", PROJECT, re.MULTILINE)
    assert len(listed) == 2
    lines = [line for part in listed for line in part.splitlines()]
    assert [line for line in lines if not BOUND.fullmatch(line)] == []
