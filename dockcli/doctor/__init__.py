"""What is risky in how docker is set up here. It changes nothing, and writes nothing.

Files, modes and the environment are read; docker is asked what it is, and by ``docker version`` and
``docker info`` what the engine is, each with a deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dockcli.doctor.finding import SEVERITIES, Finding, Severity

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.doctor.setup import Setup

__all__ = ["SEVERITIES", "Finding", "Severity", "examine"]

_NOT_TO_BE_RUN = ("program-writable", "plugin-writable")


def examine(client: Docker | None = None) -> list[Finding]:
    """Everything about *client*'s setup that is risky, unknown or good to know, the worst first.

    Without *client* it is that of ``docker``, the ready one. Nothing is raised for what is missing:
    no docker and no engine are findings too, and ``unknown``. Where others may have changed docker
    or one of its plugins, docker is not run. It takes at most about a minute, where an engine does
    not answer, and 0.2 s where one does. Sources: the files themselves, ``docker --version``,
    ``docker version``, ``docker info``.
    """
    from dockcli.client import docker
    from dockcli.doctor.setup import Setup

    order = list(SEVERITIES)
    found = dict.fromkeys(_all(Setup(docker if client is None else client)))
    return sorted(found, key=lambda one: order.index(one.severity))


def _all(setup: Setup) -> Iterator[Finding]:
    from dockcli.doctor.endpoints import endpoints
    from dockcli.doctor.engine import engine, not_asked
    from dockcli.doctor.places import places
    from dockcli.doctor.programs import programs
    from dockcli.doctor.settings import settings

    yield from endpoints(setup)
    about = list(programs(setup))
    yield from about
    yield from settings(setup)
    yield from places(setup)
    if any(one.id == "docker-missing" for one in about):
        return
    if any(one.severity == "risk" and one.id in _NOT_TO_BE_RUN for one in about):
        yield not_asked(setup)
    else:
        yield from engine(setup)
