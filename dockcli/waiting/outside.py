"""Who listens in a container, seen from outside: for images in which no program can be asked."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dockcli.errors import DockcliError, InvalidArgument
from dockcli.models.fields import Fields
from dockcli.waiting import sockets

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect, Port
    from dockcli.waiting.watched import Watched

_HERE = "127.0.0.1"
_CONNECTING = 1.0  # seconds
_KEPT = 0.25  # seconds in which docker's proxy closes a connection that nobody takes inside


def table(seen: ContainerInspect, protocol: str) -> bytes:
    """The container's table of sockets from this machine's ``/proc``, b"" where its processes are
    not of this machine, or not to be looked at."""
    process = Path("/proc", str(Fields(seen.raw).inner("State").number("Pid")))
    try:
        if seen.id not in (process / "cgroup").read_text(encoding="utf-8"):
            return b""  # another machine's number
        names = (path.removeprefix("/proc/") for path in sockets.TABLES[protocol])
        return b"".join(
            (process / name).read_bytes() for name in names if (process / name).exists()
        )
    except OSError:
        return b""


def is_kept(host: str, port: int, patience: float | None) -> bool:
    """Whether a connection to *port* of *host* is made, and not closed again at once."""
    timeout = _CONNECTING if patience is None else min(_CONNECTING, patience)
    try:
        made = socket.create_connection((host, port), timeout)
    except OSError:
        return False
    with made:
        made.settimeout(_KEPT)
        try:
            return made.recv(1) != b""
        except TimeoutError:
            return True
        except OSError:
            return False


def reached(watched: Watched, port: Port) -> str:
    """The host on which the published *port* is reached from here, "" where that is not known."""
    ip = port.host_ip
    host = _engine(watched)
    if ip in ("", "0.0.0.0", "::"):  # noqa: S104 - read, not listened on
        return host
    return ip if host == _HERE or not ip.startswith("127.") else ""


def _engine(watched: Watched) -> str:
    """The host of the engine, "" where that is not known."""
    client = watched.client
    if client.private is not None or watched.is_podman:
        return _HERE
    ask = client.call.raw("context", "inspect", "--format={{.Endpoints.docker.Host}}")
    with suppress(DockcliError):
        address = urlsplit(watched.timed(ask).run().text.strip())
        return _HERE if address.scheme in ("unix", "npipe") else address.hostname or ""
    return ""


def refuse_the_unseeable(port: Port, host: str) -> None:
    """Raise InvalidArgument for a *port* of which nothing can be known."""
    if port.protocol != "tcp":
        why = "and a connection proves nothing with UDP"
    elif not port.host_port:
        why = "and it is not published: publish it"
    elif not host:
        why = "and from here it is not known where it is published"
    else:
        return
    raise InvalidArgument(
        f"port={port.container_port}: the image has no `cat` that could tell who listens, {why}, "
        "or wait for log= or file="
    )
