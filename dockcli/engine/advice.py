"""The one line for a person whose machine has no engine: what is missing, and what to type."""

from __future__ import annotations

import os
import sys

from dockcli import state
from dockcli.engine import apt, programs

_JOIN_GROUP = 'sudo usermod --append --groups docker "$USER" && newgrp docker'
# In the words of every docker client so far; those of ssh ("Permission denied (publickey)") differ.
_CLOSED_SOCKET = "permission denied while trying to connect"
_MANUAL = "see https://docs.docker.com/engine/install/"
_INSTALL = {
    "debian": "apt-get install --yes docker.io",
    "ubuntu": "apt-get install --yes docker.io",
    "fedora": "dnf install --assumeyes moby-engine",
    "arch": "pacman -S --noconfirm docker",
    "alpine": "apk add docker",
}


def line(complaint: str | None) -> str:
    """What to do where docker reaches no engine and none can be started here.

    *complaint* is what docker said, or None if there is no docker to say something.
    """
    if sys.platform == "darwin":
        return _on_macos(complaint)
    if complaint is not None and _CLOSED_SOCKET in complaint.lower():
        return f"the engine runs, but this user may not talk to it: {_JOIN_GROUP}"
    address = os.environ.get("DOCKER_HOST")
    if complaint is not None and address:
        return (
            f"the engine of DOCKER_HOST={address} does not answer ({complaint}): "
            "start it, or type `unset DOCKER_HOST`"
        )
    if complaint is not None and state.names_an_engine(os.environ):
        return (
            f"the engine of docker's context does not answer ({complaint}): start it, or type "
            "`docker context use default` (`unset DOCKER_CONTEXT`)"
        )
    if complaint is None or programs.find("dockerd") is None:
        return _missing(complaint)
    return f"docker is installed, but its engine does not run: {_start()}"


def _on_macos(complaint: str | None) -> str:
    if complaint is None:
        return (
            "there is no docker on this machine: brew install --cask docker && open -a Docker "
            "(or: brew install docker colima && colima start)"
        )
    return "docker's engine does not run: open -a Docker (or, with colima: colima start)"


def _missing(complaint: str | None) -> str:
    what = "no docker" if complaint is None else "no docker engine"
    names = apt.distribution()
    command = next((_INSTALL[name] for name in _INSTALL if name in names), None)
    if command is None:
        return f"there is {what} on this machine: {_MANUAL}"
    if os.geteuid() == 0:
        return f"there is {what} on this machine: {command}"
    return f"there is {what} on this machine: sudo {command} && {_JOIN_GROUP}"


def _start() -> str:
    if os.path.isdir("/run/systemd/system"):
        return "sudo systemctl start docker"
    return "sudo service docker start"
