"""Many questions to the engine by one docker process: ``docker system dial-stdio``.

Where the command line has one process for each container (``docker diff``), or rounds what the
engine tells exactly (``docker system df``), this asks the engine's API through docker itself, so
that it goes wherever the client's calls go. podman has no such command.
"""

from __future__ import annotations

import io
import json
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dockcli.errors import DockcliError

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from dockcli.client import Docker

# The engine gives up on an answer once it sees the end of what the client says. It reads 4,096
# bytes at a time, and one more while it works: so more than that follows behind the last question.
_PADDING = 32768


def ask(client: Docker, paths: Sequence[str], deadline: float | None = None) -> list[Any] | None:
    """What the engine answers to a GET of each path, read from JSON: an empty list where it says
    null, and None for what it refuses.

    None for all where it cannot be asked so: podman, a docker before 18.09, a proxy that allows
    nothing but its own. Source: ``docker system dial-stdio``.
    """
    said = "".join(f"GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n" for path in paths)
    pad = "".join(f"X-Pad: {'.' * 1000}\r\n" for _ in range(_PADDING // 1000))
    bye = f"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n{pad}\r\n"
    stdin = (said + bye).encode("ascii")
    try:
        done = client.system.dial_stdio(stdin=stdin, deadline=deadline)
        return _answers(done.stdout, len(paths))
    except (DockcliError, HTTPException, ValueError):
        return None


def changes(id: str) -> str:
    """The path for what ``docker diff`` tells: a list of Path and Kind (0 changed, 1 added, 2
    deleted)."""
    return f"/containers/{quote(id, safe='')}/changes"


VOLUME_SIZES = "/system/df?type=volume"
"""The path for sizes of volumes in bytes; an engine before 23.0 tells those of all else too."""


class _Said:
    """What was said on a connection, as HTTPResponse wants it."""

    def __init__(self, said: bytes) -> None:
        self._file = _Open(said)

    def makefile(self, mode: str) -> io.BytesIO:
        return self._file


class _Open(io.BytesIO):
    """Each answer closes the file that it is read from, and the next one is still in it."""

    def close(self) -> None:
        pass


def _answers(said: bytes, count: int) -> list[Any]:
    connection = _Said(said)
    found = []
    for _ in range(count):
        answer = HTTPResponse(_as_socket(connection), method="GET")
        answer.begin()
        body = answer.read()
        found.append((json.loads(body) or []) if answer.status == 200 else None)
    return found


def _as_socket(connection: Any) -> socket.socket:
    made: socket.socket = connection
    return made
