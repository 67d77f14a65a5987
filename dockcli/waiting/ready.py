"""What a wait has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from dockcli.models.container import ContainerInspect, Port
    from dockcli.models.line import LogLine


@dataclass(frozen=True, slots=True)
class Ready:
    """A container for which all holds that was waited for; None for what was not.

    ``inspect`` is the container as it was last seen, ``seconds`` how long it took. ``line`` is the
    line of the log, and ``match`` what of it was looked for. ``port`` tells where the port is
    published (``host_port`` 0: it is not), ``proof`` how it is known that somebody listens there:
    ``"socket"``, by the container's own table of sockets, or ``"connection"``, by one that was not
    closed again: what `wait_for` does for an image that has no ``cat``.
    """

    inspect: ContainerInspect
    seconds: float
    line: LogLine | None = None
    match: re.Match[str] | re.Match[bytes] | None = None
    port: Port | None = None
    proof: str | None = None
    exit_code: int | None = None
