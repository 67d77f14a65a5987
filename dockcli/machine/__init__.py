"""A container as a plumbum machine: many commands over one open shell in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dockcli.machine.machine import Machine
from dockcli.machine.paths import MachinePath
from dockcli.machine.reach import Reach
from dockcli.machine.session import CommandTimedOut, Session

if TYPE_CHECKING:
    from dockcli.client import Docker

__all__ = ["CommandTimedOut", "Machine", "MachinePath", "Session", "open_machine"]


def open_machine(
    client: Docker,
    container: str,
    options: Mapping[str, Any],
    *,
    shell: str,
    encoding: str | None,
    connect_timeout: float | None,
) -> Machine:
    """Open a shell in *container* with these options of `docker exec`."""
    return Machine(Reach(client, container, shell, options), encoding, connect_timeout)
