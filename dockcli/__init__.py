"""dockcli drives the real ``docker`` command and gives its answers back as typed Python.

::

    from dockcli import docker

    docker.container.run("alpine:3.20", "echo", "hello", rm=True).text
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; importing typing costs more than all this

if TYPE_CHECKING:
    from typing import Any

    from dockcli import errors
    from dockcli.aio.client import AsyncDocker
    from dockcli.bytestream import ByteStream
    from dockcli.call import Call
    from dockcli.client import Docker, docker
    from dockcli.completed import Completed
    from dockcli.models.line import LogLine
    from dockcli.models.progress import Progress
    from dockcli.mounts import Bind, ImageMount, Port, Tmpfs, VolumeMount
    from dockcli.objects import Container, Image, Network, Volume
    from dockcli.scope import Scope
    from dockcli.secret import Secret
    from dockcli.stream import Stream
    from dockcli.terminal import Terminal
    from dockcli.translation import translate
    from dockcli.waiting import wait_for

__version__ = "0.1.0"

__all__ = [
    "AsyncDocker",
    "Bind",
    "ByteStream",
    "Call",
    "Completed",
    "Container",
    "Docker",
    "Image",
    "ImageMount",
    "LogLine",
    "Network",
    "Port",
    "Progress",
    "Scope",
    "Secret",
    "Stream",
    "Terminal",
    "Tmpfs",
    "Volume",
    "VolumeMount",
    "docker",
    "errors",
    "translate",
    "wait_for",
]

# Where each public name lives: loaded when it is first asked for, so that importing is cheap.
_HOMES = {
    "AsyncDocker": "aio.client",
    "Bind": "mounts",
    "ByteStream": "bytestream",
    "Call": "call",
    "Completed": "completed",
    "Container": "objects",
    "Docker": "client",
    "Image": "objects",
    "ImageMount": "mounts",
    "LogLine": "models.line",
    "Network": "objects",
    "Port": "mounts",
    "Progress": "models.progress",
    "Scope": "scope",
    "Secret": "secret",
    "Stream": "stream",
    "Terminal": "terminal",
    "Tmpfs": "mounts",
    "Volume": "objects",
    "VolumeMount": "mounts",
    "docker": "client",
    "translate": "translation",
    "wait_for": "waiting",
}


def __getattr__(name: str) -> Any:
    # `importlib` itself takes longer to load than most of what is loaded here.
    if name == "errors":
        return __import__("dockcli.errors", fromlist=[name])
    if name not in _HOMES:
        raise AttributeError(f"module 'dockcli' has no attribute {name!r}")
    value = getattr(__import__(f"dockcli.{_HOMES[name]}", fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
