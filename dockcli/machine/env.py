"""The environment and the working directory of a machine.

Both are kept here, and the machine's shell is brought to them before a command that needs it: so a
new shell has them too. They are the machine's, for all threads; one command alone has its own with
``with_env`` and ``with_cwd``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbum.machines.env import BaseEnv
from plumbum.machines.remote import RemoteEnv
from plumbum.path.remote import RemotePath, RemoteWorkdir

from dockcli.machine import words
from dockcli.machine.paths import MachinePath

if TYPE_CHECKING:
    from dockcli.machine.machine import Machine


class Env(RemoteEnv):
    """What the machine's commands find in their environment; a dict of texts.

    Raises InvalidArgument for a name that no shell takes, or a value with a NUL.
    """

    __slots__ = ("_joined",)
    _joined: str

    def __init__(self, machine: Machine, current: dict[str, str]) -> None:
        BaseEnv.__init__(self, machine.path, ":", _curr=current)
        self.remote = machine
        self._orig = dict(current)

    def __setitem__(self, name: str, value: str) -> None:
        BaseEnv.__setitem__(self, words.variable(name), words.word(value))

    def __delitem__(self, name: str) -> None:
        BaseEnv.__delitem__(self, name)

    def pop(self, name: str, *default: str) -> str | None:
        value: str | None = BaseEnv.pop(self, name, *default)
        return value

    def update(self, *args: Any, **kwargs: Any) -> None:
        new = dict(*args, **kwargs)
        checked = {words.variable(name): words.word(value) for name, value in new.items()}
        BaseEnv.update(self, checked)

    def getdelta(self) -> dict[str, str]:
        """What is other than the container's own; "" for what is no more there."""
        now = self.snapshot()
        changed = {name: value for name, value in now.items() if self._orig.get(name) != value}
        return {**changed, **{name: "" for name in self._orig if name not in now}}

    def getdict(self) -> dict[str, str]:
        return self.snapshot()

    def snapshot(self) -> dict[str, str]:
        """A copy of all of it, with what has been done to ``path``."""
        joined = self._path.join()
        if joined != self._joined:
            self._curr["PATH"] = self._joined = joined
        return dict(self._curr)

    def _update_path(self) -> None:
        self._path[:] = [self._path_factory(p) for p in self.get("PATH", "").split(":") if p]
        self._joined = self._path.join()


class Workdir(RemoteWorkdir, MachinePath):
    """Where the machine's commands run: a path that can be changed (``m.cwd.chdir("/tmp")``), or
    for a while (``with m.cwd("/tmp"): …``)."""

    __slots__ = ()

    def __new__(cls, machine: Machine, where: str) -> Workdir:
        made: Workdir = RemotePath.__new__(cls, machine, where)
        return made

    __hash__: Any = None

    def chdir(self, newdir: RemotePath | str) -> Workdir:
        """Go there. Raises plumbum's ProcessExecutionError, and stays, where that cannot be."""
        return self._machine.chdir(newdir)
