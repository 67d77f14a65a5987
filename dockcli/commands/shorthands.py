"""The shorthands, which are the groups' own functions: ``docker.run is docker.container.run``.

A type checker reads `shorthands.pyi`, which has their types: here none of the groups is loaded
before it is needed.
"""

from __future__ import annotations

from dockcli.commands.group import Face, Mode, loading
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Shorthand:
    """A verb of a group that is loaded when the verb is first asked for."""

    def __init__(self, group: str, verb: str = "") -> None:
        """*verb* is its name in the *group*, where it has another there."""
        self._group, self._verb = group, verb
        self._found: Any = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._verb = self._verb or name

    @loading
    def __get__(self, face: Any, owner: type) -> Any:
        if self._found is None:
            name = f"{self._group.title()}Group"
            module = __import__(f"dockcli.commands.{self._group}", fromlist=[name])
            self._found = getattr(getattr(module, name), self._verb)
        return self._found if face is None else self._found.__get__(face, owner)


class Shorthands(Face[Mode]):
    """What stands for a group's verb on the client itself."""

    attach = Shorthand("container")
    commit = Shorthand("container")
    cp = Shorthand("container")
    create = Shorthand("container")
    diff = Shorthand("container")
    exec = Shorthand("container")
    export = Shorthand("container")
    kill = Shorthand("container")
    logs = Shorthand("container")
    pause = Shorthand("container")
    port = Shorthand("container")
    ps = Shorthand("container", "ls")
    rename = Shorthand("container")
    restart = Shorthand("container")
    rm = Shorthand("container")
    run = Shorthand("container")
    start = Shorthand("container")
    stats = Shorthand("container")
    stop = Shorthand("container")
    top = Shorthand("container")
    unpause = Shorthand("container")
    update = Shorthand("container")
    wait = Shorthand("container")
    build = Shorthand("image")
    history = Shorthand("image")
    images = Shorthand("image", "ls")
    import_ = Shorthand("image")
    load = Shorthand("image")
    pull = Shorthand("image")
    push = Shorthand("image")
    rmi = Shorthand("image", "rm")
    save = Shorthand("image")
    tag = Shorthand("image")
    events = Shorthand("system")
    info = Shorthand("system")
    inspect = Shorthand("top")
    login = Shorthand("top")
    logout = Shorthand("top")
    search = Shorthand("top")
    version = Shorthand("top")
    raw = Shorthand("top")
