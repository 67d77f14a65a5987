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
    from dockcli.call import Call
    from dockcli.client import Docker, docker
    from dockcli.completed import Completed
    from dockcli.objects import Container, Image, Volume
    from dockcli.secret import Secret

__version__ = "0.1.0"

__all__ = [
    "Call",
    "Completed",
    "Container",
    "Docker",
    "Image",
    "Secret",
    "Volume",
    "docker",
    "errors",
]

# Where each public name lives: loaded when it is first asked for, so that importing is cheap.
_HOMES = {
    "Call": "call",
    "Completed": "completed",
    "Container": "objects",
    "Docker": "client",
    "Image": "objects",
    "Secret": "secret",
    "Volume": "objects",
    "docker": "client",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name == "errors":
        return importlib.import_module("dockcli.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'dockcli' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"dockcli.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
