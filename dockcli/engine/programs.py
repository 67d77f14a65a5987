"""The system's own programs: found also where the PATH of a plain ``su`` does not lead."""

from __future__ import annotations

import os
import subprocess

from dockcli.errors import BinaryNotFound, EngineFailed, NoEngine
from dockcli.runner import find_program

_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")
_SECONDS = 30
_PACKAGES = {"ip": "iproute2", "umount": "mount", "dockerd": "docker.io"}


def search_path() -> str:
    """PATH, followed by the folders where administration programs are."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join([*folders, *(f for f in _SYSTEM_FOLDERS if f not in folders)])


def find(name: str) -> str | None:
    """The absolute path of program *name*, or None."""
    try:
        return find_program(name, search_path())
    except BinaryNotFound:
        return None


def need(name: str) -> str:
    """The absolute path of program *name*; without it, NoEngine says how to get it."""
    found = find(name)
    if found is None:
        package = _PACKAGES.get(name, name)
        raise NoEngine(
            f"the program `{name}` is missing, and a private engine needs it: "
            f"apt-get install --yes {package}"
        )
    return found


def run(name: str, *arguments: str) -> str:
    """What ``name arguments…`` prints; EngineFailed with its own words where it fails."""
    try:
        done = subprocess.run(
            [need(name), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        raise EngineFailed(f"`{name} {' '.join(arguments)}` took more than {_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().replace("\n", "; ")
        raise EngineFailed(
            f"`{name} {' '.join(arguments)}` failed: {said or f'exit code {done.returncode}'}"
        )
    return done.stdout.decode(errors="surrogateescape")
