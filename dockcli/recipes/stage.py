"""Where a recipe plays: it sees that nothing is in the way, removes what killed runs left, lets the
recipe run its steps for real, and removes all that was made, whatever happens.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from dockcli import owner, scope
from dockcli.client import Docker
from dockcli.engine.base import ALPINE, BaseImage, provide
from dockcli.errors import DeadlineExceeded, DockcliError
from dockcli.recipes import room
from dockcli.recipes.rehearsal import Rehearsal
from dockcli.recipes.result import Engine, Result, Step
from dockcli.recipes.transcript import Transcript
from dockcli.spool import room_in

R = TypeVar("R", bound=Result)
R_co = TypeVar("R_co", bound=Result, covariant=True)


@dataclass(frozen=True, slots=True)
class Recipe(Generic[R_co]):
    """A section of the document: what it is called, which names it takes, how it is played.

    *containers*, *tags* and *volumes* are the document's names, *files* what it makes in the output
    folder; *builds*: it builds on the base image. *shares*: it takes a network share.
    """

    name: str
    title: str
    section: str
    play: Callable[[Stage], R_co]
    containers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    builds: bool = False
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for, beside which docker it is."""

    prefix: str | None = None
    base: str | None = None
    output: str | os.PathLike[str] | None = None
    keep: bool = False
    dry_run: bool = False
    share: str | os.PathLike[str] | None = None
    demo_share: bool = False


def _unseen(_: object) -> None:
    """Nobody watches."""


class Stage(AbstractContextManager["Stage"]):
    """One run of a recipe: ``with Stage(…) as stage: recipe.play(stage)``.

    ``docker`` builds calls for `Transcript.step`, ``client`` runs them; either way they are kept,
    and what they make is labelled. *show* is told each step as it happens, *note* what else a
    person should know; *shield* keeps signals away from the clean-up. ``later`` ends what must
    outlive the containers, once they are removed.
    """

    def __init__(
        self,
        recipe: Recipe[Any],
        client: Docker,
        wishes: Wishes,
        *,
        show: Callable[[Step], None] = _unseen,
        note: Callable[[str], None] = _unseen,
        shield: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.name = room.Names(wishes.prefix)
        self.base = ""
        self.wishes = wishes
        self._recipe, self._outer = recipe, client
        self.note, self._shield = note, shield
        self._engine: Engine | None = None
        self.later = ExitStack()
        if not wishes.dry_run and client.private:  # settled before the client is copied
            note(f"docker reaches no engine: using dockcli's own at {client.private}")
        self._traces = scope.Traces(client, recipe.name, keep=wishes.keep)
        runner = Rehearsal() if wishes.dry_run else self._traces.client.runner
        self.transcript = Transcript(runner, show, rehearsing=wishes.dry_run)
        self.client = self._traces.client.but(runner=self.transcript)
        self.docker = self.client.call
        self.step = self.transcript.step
        self.host = self.transcript.host
        self.claim = self.transcript.claim
        self.write = self.transcript.file

    def __enter__(self) -> Stage:
        self.folder = owner.temporary_folder()
        self.later.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.output = os.path.abspath(self.wishes.output or self.folder)
        try:
            self._prepare()
        except BaseException as error:
            self._clear(type(error))
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        problems = self._clear(kind)
        if problems and kind is None:
            raise DockcliError(f"not all could be removed: {'; '.join(problems)}")

    def _prepare(self) -> None:
        """Refuse what must be refused, remove what killed runs left, get the base image."""
        if self.wishes.dry_run:
            self.base = self.wishes.base or ALPINE
            return
        version = self._outer.version()
        recipe = self._recipe
        left = room.refuse_taken(
            self._outer,
            containers=map(self.name, recipe.containers),
            tags=map(self.name, recipe.tags),
            volumes=map(self.name, recipe.volumes),
        )
        if self.wishes.output is not None:
            room.refuse_unwritable(self.output, self._recipe.files)
        base = provide(self._outer, self.note, self.wishes.base)
        self.note(f"base image: {base.reference} ({base.origin})")
        self._engine = Engine(version.client, version.server, base)
        if self.wishes.base is not None:
            room.refuse_without_shell(self._traces.client, base.reference)
        scope.reclaim(self._outer, names=left)
        for folder in owner.remove_dead_folders():
            self._take_back(folder)
            shutil.rmtree(folder, ignore_errors=True)
        self.base = self._own_base(base.reference) if recipe.builds else base.reference

    def _own_base(self, reference: str) -> str:
        """The base image under this run's labels.

        Whatever a build leaves in its middle when it is killed inherits them, and can be told from
        the user's: docker itself labels only what a build ends with.
        """
        tag = f"dockcli-base:{self._traces.id}"
        client = self._traces.client
        container = client.container.create(reference, "true")
        client.container.commit(container, tag, change=[f'LABEL "{scope.TAG}"="{tag}"'])
        container.rm()
        return tag

    def _clear(self, kind: type[BaseException] | None) -> list[str]:
        """Remove all that was made; what could not be, and why. *kind* of error ended the run."""
        given_up = kind is not None and (
            issubclass(kind, DeadlineExceeded) or not issubclass(kind, Exception)
        )
        with self._shield(), self.later:
            if self._engine is None:
                return []
            problems = [] if self.wishes.keep else self._traces.remove(interrupted=given_up)
            made = (os.path.join(self.output, name) for name in self._recipe.files)
            problems += self._take_back(self.folder, *made)
            if not self.wishes.keep:
                scope.reclaim(self._outer)  # what a client of a killed run has finished meanwhile
            return problems

    def _take_back(self, *folders: str) -> list[str]:
        """Remove what containers left in *folders* and this user could not; what went wrong."""
        image = self._engine.base_image.reference if self._engine else ""
        client = self._traces.client
        return [said for one in folders for said in room.take_back(client, image, one)]

    def another(self, binary: str, env: Mapping[str, str] = MappingProxyType({})) -> Docker:
        """Another docker of this machine, or the same one with more in its environment.

        Its calls are kept and what they make is labelled, as with ``client``.
        """
        client = self._traces.client
        other = client.but(binary=binary, env={**client.env, **env}, runner=None)
        runner = Rehearsal() if self.wishes.dry_run else other.runner
        return other.but(runner=self.transcript.beside(runner, env))

    def context(self, *files: str) -> str:
        """A folder to build from, with *files* of the document in it."""
        folder = os.path.join(self.folder, "context")
        with room_in(self.folder):
            os.mkdir(folder)
        for name in files:
            self.write(os.path.join(folder, name), _document_file(name).decode())
        return folder

    def result(self, kind: Callable[..., R] = Result, **more: Any) -> R:  # type: ignore[assignment]
        """What has been seen so far, as the recipe's own *kind* of result with *more* in it."""
        return kind(
            recipe=self._recipe.name,
            title=self._recipe.title,
            section=self._recipe.section,
            engine=self._engine or Engine("", "", BaseImage("", "")),
            steps=tuple(self.transcript.steps),
            claims=tuple(self.transcript.claims),
            **more,
        )


def perform(recipe: Recipe[R_co], client: Docker, wishes: Wishes) -> R_co:
    """Play *recipe* once, unseen, and clean up."""
    with Stage(recipe, client, wishes) as stage:
        return recipe.play(stage)


def _document_file(name: str) -> bytes:
    """A file of the document: beside the recipes in a wheel, else at the top of the checkout."""
    installed = resources.files("dockcli.recipes") / "files" / name
    if installed.is_file():
        return installed.read_bytes()
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(top, name), "rb") as file:
        return file.read()
