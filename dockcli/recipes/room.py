"""Whether there is room for a recipe: its names are free, its folder can be written, its base image
has a shell. Asked before anything is changed."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from dockcli import scope
from dockcli.errors import (
    CommandNotStarted,
    ContainerFailed,
    DockcliError,
    NoSuchContainer,
    NoSuchImage,
    NoSuchVolume,
    Refused,
)
from dockcli.owner import Owner
from dockcli.recipes.layers import bind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockcli.client import Docker

_PREFIX = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


class Names:
    """The document's names, with the user's prefix in front of each."""

    def __init__(self, prefix: str | None) -> None:
        if prefix is not None and (not _PREFIX.fullmatch(prefix) or len(prefix) > 64):
            raise Refused(
                f"--prefix {prefix!r} cannot begin a name of docker's: use a-z, 0-9 and, "
                "between them, '.', '_' or '-'"
            )
        self._prefix = prefix

    def __call__(self, name: str) -> str:
        return f"{self._prefix}-{name}" if self._prefix else name


def refuse_taken(
    client: Docker,
    *,
    containers: Iterable[str] = (),
    tags: Iterable[str] = (),
    volumes: Iterable[str] = (),
) -> list[str]:
    """Refuse when a name is another's; the names that dead runs of dockcli have left taken."""
    left = []
    taken = [*_containers(client, containers), *_images(client, tags), *_volumes(client, volumes)]
    for name, labels in taken:
        owner = Owner.parse(labels.get(scope.OWNER, ""))
        if owner is None:
            raise Refused(f"{name} is there already, and dockcli did not make it: {_ADVICE}")
        if not owner.is_dead():
            raise Refused(
                f"{name} belongs to another run of dockcli that may still go on: {_ADVICE}"
            )
        left.append(name.split(" ")[-1])
    return left


_ADVICE = "remove or rename it, or choose other names with --prefix NAME"


def _containers(client: Docker, names: Iterable[str]) -> list[tuple[str, Mapping[str, str]]]:
    found = []
    for name in names:
        with suppress(NoSuchContainer):
            one = client.container.inspect(name)
            if one.name == name:  # docker also takes the beginning of an id for a name
                found.append((f"the container {name}", one.labels))
    return found


def _images(client: Docker, tags: Iterable[str]) -> list[tuple[str, Mapping[str, str]]]:
    found = []
    for tag in tags:
        with suppress(NoSuchImage):
            one = client.image.inspect(tag)
            found.append((f"the image {tag}", one.labels))
    return found


def _volumes(client: Docker, names: Iterable[str]) -> list[tuple[str, Mapping[str, str]]]:
    found = []
    for name in names:
        with suppress(NoSuchVolume):
            found.append((f"the volume {name}", client.volume.inspect(name).labels))
    return found


def refuse_without_shell(client: Docker, reference: str) -> None:
    """Refuse a base image in which /bin/sh cannot be run."""
    try:
        client.container.run(reference, "-c", "exit 0", entrypoint="/bin/sh", rm=True)
    except (CommandNotStarted, ContainerFailed):
        raise Refused(
            f"the base image {reference} has no /bin/sh that runs here: "
            "choose another with --base IMAGE"
        ) from None


def refuse_unwritable(folder: str, files: Sequence[str]) -> None:
    """Refuse a folder in which *files* cannot be made anew; make it if it is not there."""
    made = _make(folder)
    try:
        for name in files:
            if os.path.lexists(os.path.join(folder, name)):
                raise Refused(
                    f"{os.path.join(folder, name)} is there already: "
                    "remove it, or choose another folder with --output DIR"
                )
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        _unmake(made)
        raise Refused(f"{folder} cannot be written: {error.strerror}") from None
    except Refused:
        _unmake(made)
        raise


def take_back(client: Docker, image: str, folder: str) -> list[str]:
    """Remove *folder*'s files of other users through a container; what went wrong.

    What root or another user of a container made there, this user may not be able to delete.
    """
    others = [os.path.join("/folder", path) for path in _of_others(folder)]
    if not others:
        return []
    try:
        client.container.run(
            image,
            *("-rf", *others),
            entrypoint="rm",
            user="0",
            mount=bind(folder, "/folder"),
            rm=True,
        )
    except DockcliError as error:
        return [f"{folder} has files of other users: {error}"]
    return []


def _of_others(top: str) -> list[str]:
    """The highest paths below *top*, from there, that are another user's; root may delete all."""
    me, found = os.getuid(), []
    for folder, folders, files in os.walk(top) if me != 0 else ():
        for name in [*folders, *files]:
            path = os.path.join(folder, name)
            if os.lstat(path).st_uid != me:
                found.append(os.path.relpath(path, top))
                if name in folders:
                    folders.remove(name)
    return found


def _make(folder: str) -> list[str]:
    """Make *folder* and those above it that are missing; which were made, the highest first."""
    missing: list[str] = []
    path = folder
    while not os.path.lexists(path):
        missing.insert(0, path)
        path = os.path.dirname(path) or "."
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        _unmake(missing)
        raise Refused(f"{folder} cannot be made: {error.strerror}") from None
    return missing


def _unmake(folders: list[str]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):
            os.rmdir(folder)
