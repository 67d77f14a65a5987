"""What the clients of one scope have in common: its id, what it has made and where, its guard."""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dockcli.child import to_the_end
from dockcli.errors import DockcliError, DockerFailed, InvalidArgument
from dockcli.owner import current, remove_folder, temporary_folder
from dockcli.runner import Job, LocalRunner
from dockcli.scope.aftermath import place_of
from dockcli.scope.traces import clear, marks, new_id
from dockcli.scope.watch import Guard

if TYPE_CHECKING:
    from dockcli.client import Docker

_NEW, _OPEN, _OVER = "new", "open", "over"
_SAID = {
    _NEW: "the scope has not begun: `with docker.scope() as s:` begins it",
    _OPEN: "the scope has begun already: each `with` needs a docker.scope() of its own",
    _OVER: "the scope has ended: nothing more is made in it",
}
_ENDED = "the scope has ended in the middle of it"


class Bond:
    """A scope, from its begin to its end, on whatever engines its clients talk to."""

    def __init__(self, *, keep: bool, guarded: bool) -> None:
        self.keep = keep
        self.id = new_id()
        self.labels = marks(self.id, keep=keep)
        self._guarded = guarded and not keep
        self._guard: Guard | None = None
        self._state, self._pid = _NEW, os.getpid()
        self._places: dict[str, tuple[Docker, set[str]]] = {}
        self._folders: list[str] = []
        self._numbers = itertools.count(1)
        self._busy: Counter[str] = Counter()
        self._given_up = False
        self._lock = threading.Lock()

    @property
    def is_another_s(self) -> bool:
        """Whether this is a fork's copy of another process's scope."""
        return os.getpid() != self._pid

    def begin(self, client: Docker) -> None:
        """Begin, with *client* as its own; the guard is there before anything is made."""
        self._must_be(_NEW)
        if self.is_another_s:
            raise InvalidArgument("the scope was made before this process was forked: make another")
        place = _place(client)
        if self._guarded and place is not None:
            self._guard = Guard(owner=str(current()), scope=self.id, place=place)
        self._places[_key(client, place)] = (client, set())
        self._state = _OPEN

    def makes(self, client: Docker, kind: str) -> None:
        """*client* is about to make something of that *kind*. Raises InvalidArgument at the end."""
        place = _place(client)
        key = _key(client, place)
        with self._lock:
            self._must_be(_OPEN)
            if key not in self._places:
                if self._guard is not None and place is not None:
                    self._guard.tell(place=place)
                self._places[key] = (client, set())
            self._places[key][1].add(kind)

    def number(self) -> str:
        """A number for an image."""
        return f"{self.id}-{next(self._numbers)}"

    def folder(self) -> Path:
        """A new temporary folder."""
        with self._lock:
            self._must_be(_OPEN)
            path = temporary_folder(kept=self.keep)
            self._folders.append(path)
        if self._guard is not None:
            self._guard.tell(folder=path)
        return Path(path)

    @contextmanager
    def making(self, client: Docker) -> Iterator[None]:
        """For as long as a call of *client* makes something, in whatever thread. Raises
        InvalidArgument at the end: what is begun before, the end knows of, and ends."""
        key = _key(client, _place(client))
        with self._lock:
            self._must_be(_OPEN)
            self._busy[key] += 1
        try:
            yield
        except DockerFailed as error:
            if self._state == _OVER and type(error) is DockerFailed:  # its last words say nothing
                raise DockerFailed(error.completed, _ENDED) from error
            raise
        finally:
            with self._lock:
                self._busy[key] -= 1

    def gave_up(self) -> None:
        """A call was given up: the engine may still make what it was about to."""
        self._given_up = True

    def end(self) -> list[Exception]:
        """Remove all that was made; the errors of what could not be removed.

        If this is interrupted in its turn, the guard does the rest.
        """
        with self._lock:
            self._must_be(_OPEN)
            self._state = _OVER
        if self.keep:
            return []
        try:
            with to_the_end():
                problems = self._removed()
        except BaseException:
            if self._guard is not None:
                self._guard.hand_over()
            raise
        self.dismiss()
        return problems

    def dismiss(self) -> None:
        """Send the guard home."""
        self._state = _OVER
        if self._guard is not None:
            self._guard.dismiss()

    def _removed(self) -> list[Exception]:
        problems: list[Exception] = []
        for key, (client, kinds) in self._places.items():
            interrupted = self._given_up or self._busy[key] > 0
            # A runner of the caller's own runs what nobody here can end: that is waited for.
            busy = partial(self._busy.__getitem__, key) if _place(client) is None else None
            try:
                problems += clear(client, self.id, interrupted=interrupted, kinds=kinds, busy=busy)
            except DockcliError as error:  # nothing can be listed: the engine does not answer
                problems.append(error)
        for folder in self._folders:
            try:
                remove_folder(folder)
            except OSError as error:
                problems.append(OSError(f"{folder} stays: {error}"))
        return problems

    def _must_be(self, state: str) -> None:
        if self._state != state:
            raise InvalidArgument(_SAID[self._state])


def _place(client: Docker) -> dict[str, object] | None:
    """How the guard reaches what *client* does; None where a runner of the caller's own does."""
    runner = client.runner
    if not isinstance(runner, LocalRunner):
        return None
    binary = runner.launch(Job(client.head[:1])).words[-1]
    return place_of(client, binary)


def _key(client: Docker, place: dict[str, object] | None) -> str:
    return json.dumps(place, sort_keys=True) if place else f"runner {id(client.runner)}"
