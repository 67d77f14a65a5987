"""How far docker is: readers of what it prints, and what shows it.

::

    with shown() as on_progress:
        for one in reader("pull").feed(chunk):
            on_progress(one)

A reader takes bytes as they come and gives `Progress` objects: never an exception, and the same
ones however the bytes are cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.models.progress import Progress
    from dockcli.progress.counted import Counted
    from dockcli.progress.show import bars, lines, shown, silent

__all__ = ["Counted", "Reader", "bars", "lines", "reader", "shown", "silent"]

_HOMES = {"Counted": "counted", "bars": "show", "lines": "show", "shown": "show", "silent": "show"}


class Reader(Protocol):
    """Something that reads what docker prints."""

    def feed(self, data: bytes) -> list[Progress]:
        """What *data* tells."""
        ...

    def close(self) -> list[Progress]:
        """What is left at the end."""
        ...


def reader(verb: str) -> Reader:
    """The reader of what ``docker pull``, ``push``, ``load`` or ``build`` prints, a new one for
    each call.

    The first three print bytes on a terminal alone; a BuildKit is to print ``--progress=plain`` or
    ``rawjson``. Raises InvalidArgument for another verb.
    """
    if verb in ("pull", "push", "load"):
        from dockcli.progress.layers import Layers

        return Layers(verb)
    if verb == "build":
        from dockcli.progress.builds import Builds

        return Builds()
    raise InvalidArgument(f"{verb!r} prints no progress; pull, push, load and build do")


def __getattr__(name: str) -> object:
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'dockcli.progress' has no attribute {name!r}")
    return getattr(importlib.import_module(f"dockcli.progress.{_HOMES[name]}"), name)
