"""Installs an engine from the distribution's own packages (Debian, Ubuntu and their like)."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence

from dockcli import state
from dockcli.engine import daemon, layout, programs
from dockcli.errors import EngineFailed

_OS_RELEASE = "/etc/os-release"
_LIKE = {"debian", "ubuntu"}
# On a machine that has just come up, the unattended upgrade may hold the lock for a while.
_APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120")


def available() -> bool:
    """Whether this is a Debian or one of its like, with apt-get."""
    return bool(_LIKE & distribution()) and programs.find("apt-get") is not None


def distribution() -> set[str]:
    """What this system calls itself and what it says to be like, by /etc/os-release."""
    try:
        with open(_OS_RELEASE, encoding="utf-8") as file:
            values = re.findall(r"""^ID(?:_LIKE)?=["']?([^"'\n]*)""", file.read(), re.MULTILINE)
    except OSError:
        return set()
    return set(" ".join(values).split())


def missing() -> list[str]:
    """The packages that this machine lacks to run a private engine."""
    packages = [] if programs.find("dockerd") else ["docker.io", "iptables"]
    if programs.find("ip") is None:
        packages.append("iproute2")
    return packages


def install(packages: Sequence[str], note: Callable[[str], None]) -> None:
    """Install *packages*, said by *note* before it begins. EngineFailed has the end of the log."""
    note(f"installing with apt-get: {', '.join(packages)}")
    log = layout.here().install_log
    state.make_folder(os.path.dirname(log), 0o711)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "ab") as output:
        for words in (
            [*_APT, "update"],
            [*_APT, "install", "--yes", "--no-install-recommends", *packages],
        ):
            output.write(f"+ {' '.join(words)}\n".encode())
            output.flush()
            _run(words, output.fileno(), log)


def _run(words: list[str], output: int, log: str) -> None:
    done = subprocess.run(
        [programs.need(words[0]), *words[1:]],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": programs.search_path(), "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    if done.returncode:
        end = daemon.tail(log)
        raise EngineFailed(
            f"`{' '.join(words)}` failed with exit code {done.returncode}; its log is {log}", end
        )
