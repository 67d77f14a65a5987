"""``with docker.scope() as s:``: what is made by ``s`` is gone at the end, however that comes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli.client import Docker
from dockcli.errors import CleanupFailed
from dockcli.owner import remove_dead_folders
from dockcli.scope.bond import Bond
from dockcli.scope.labels import MARKS, of_image
from dockcli.scope.making import kind_of, make_volumes, numbered, refuse_reserved
from dockcli.scope.removal import reclaim

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from dockcli.call import Call
    from dockcli.runner import Launch

T = TypeVar("T")

_NUMBERED = ("container", "image")


class Member(Docker):
    """A client that makes things in a scope."""

    def __init__(self, bond: Bond, arguments: Mapping[str, Any]) -> None:
        super().__init__(**arguments)
        self._bond = bond

    def _anew(self, arguments: Mapping[str, Any]) -> Docker:
        labels = arguments["labels"] or {}
        if any(labels.get(name) != self.labels.get(name) for name in MARKS):
            return Docker(**arguments)
        return Member(self._bond, arguments)

    def labels_for(self, command: str) -> Mapping[str, str]:
        return of_image(self.labels) if kind_of(command) == "image" else self.labels

    def checked(self, call: Call[T]) -> Call[T]:
        """*call* as it may run: what it makes is the scope's, the volumes that it mounts too."""
        call = super().checked(call)
        kind = kind_of(call.needs.command if call.needs else "")
        if kind is None:
            return call
        refuse_reserved(call, self.labels_for(call.needs.command if call.needs else ""))
        self._bond.makes(self, kind)
        if kind == "container":
            make_volumes(call)
        return numbered(call, kind, self._bond.number()) if kind in _NUMBERED else call

    def holding(self, call: Call[Any]) -> AbstractContextManager[object]:
        makes = call.needs is not None and kind_of(call.needs.command) is not None
        return self._bond.making(self) if makes else super().holding(call)

    def plumbum(self, call: Call[Any]) -> Any:
        self._bond.gave_up()  # nobody here sees how it ends
        return super().plumbum(call)

    def launch(self, call: Call[Any], *, words: tuple[str, ...] | None = None) -> Launch:
        self._bond.gave_up()
        return super().launch(call, words=words)

    def gave_up(self, call: Call[Any]) -> None:
        self._bond.gave_up()


class Scope(Member):
    """A client for a while: ``with docker.scope() as s:``.

    All that is made through it carries its labels and is removed at the end of the block:
    containers, with the volumes that have no name; then networks; volumes, also those that only
    ``volume=`` or ``mount=`` names; images that `build`, `commit` and `import_` made; and the
    folders of `temporary_folder`. Where one cannot be removed the rest is, and then CleanupFailed
    has all the causes; an error of the block itself comes before it. What a call that was given up
    has still made is looked for; one that another thread or task still waits for is ended, and
    fails there. A volume that was there before is not the scope's.

    When this process is killed its guard removes all of it within seconds: a small process that
    waits for nothing else (``guard=False`` does without). Where that was killed too, the next scope
    and ``dockcli clean`` remove what carries the label of an owner that is provably dead. With
    ``keep=True`` everything stays, labelled, until ``dockcli clean``.

    What can carry no label stays: images that were pulled or loaded, other names by `tag` (and the
    image that has one), what `raw`, `compose up` or `buildx bake` make, and what is a swarm's.
    docker keeps as its build cache what a killed build leaves in its middle.

    The engine is reached at the begin: it raises EngineUnreachable, BinaryNotFound. One scope may
    be used by several threads; those of other threads and processes, and scopes in a scope, each
    remove their own. Scopes in a process that was forked belong to the one that began them.
    ``s.but(…)`` makes things in the scope too, unless ``labels=`` leaves its labels out. A tag that
    somebody's image had is, as docker has it, the new image's once `build` has given it to that,
    and gone with it.
    """

    def __init__(self, client: Docker, *, keep: bool = False, guard: bool = True) -> None:
        bond = Bond(keep=keep, guarded=guard)
        arguments = client.arguments()
        labels = {name: text for name, text in client.labels.items() if name not in MARKS}
        super().__init__(bond, {**arguments, "labels": {**labels, **bond.labels}})
        self._takes_over(client)

    @property
    def id(self) -> str:
        """The value of its label ``dockcli.scope``."""
        return self._bond.id

    def temporary_folder(self) -> Path:
        """A new folder for this user alone (mode 0700), which is removed after the containers."""
        return self._bond.folder()

    def __enter__(self) -> Self:
        self._bond.begin(self)
        try:
            reclaim(self)
            remove_dead_folders()
        except BaseException:
            self.leave()
            raise
        return self

    def leave(self) -> None:
        """End it without a look at what it has made: nothing yet."""
        self._bond.dismiss()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bond.is_another_s:
            return
        problems = self._bond.end()
        if not problems:
            return
        failed = CleanupFailed(tuple(problems))
        if error is None:
            raise failed from problems[0]
        _tell_beside(error, failed)


def _tell_beside(error: BaseException, failed: CleanupFailed) -> None:
    """Tell of a removal that has failed with the error that comes before it."""
    if sys.version_info >= (3, 11):
        error.add_note(str(failed))
    last = error
    while (before := last.__cause__ or last.__context__) is not None:
        last = before
    last.__context__ = failed
