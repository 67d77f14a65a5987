"""Finds what is labelled with an owner, and removes it: by exact id or name, and by that label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dockcli.errors import DockerFailed, NoSuchObject
from dockcli.owner import Owner
from dockcli.scope.labels import KEEP, OWNER, TAG
from dockcli.scope.orphans import end_orphans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockcli.client import Docker
    from dockcli.models.image import ImageInspect

_PASSES = 8  # an image can be removed once its children are; a chain is this long at the most


class Made(NamedTuple):
    """An object that carries an owner's label. ``kind`` is docker's word for it."""

    kind: str
    id: str
    name: str
    owner: Owner | None
    keep: bool


def _plain(name: str) -> str:
    """A name as it was asked for: of an image docker tells the tag too, podman a registry."""
    return name.removeprefix("localhost/").removesuffix(":latest")


def reclaim(client: Docker, *, kept: bool = False, names: Iterable[str] = ()) -> list[str]:
    """Remove what dead owners left; what could not be removed, and why.

    What was kept on purpose stays, but for *names*, or with *kept*.
    """
    wanted = set(names)
    end_orphans()
    return remove(
        client,
        OWNER,
        lambda made: is_left_over(made) and (kept or not made.keep or _plain(made.name) in wanted),
    )


def is_left_over(made: Made) -> bool:
    """Whether the owner of *made* is provably dead."""
    return made.owner is not None and made.owner.is_dead()


def labelled(client: Docker, label: str = OWNER) -> list[Made]:
    """All containers, volumes and images on the engine that carry *label*, in this order."""
    mine = {"label": label}
    containers = client.container.ls(all=True, filter=mine)
    volumes = client.volume.ls(filter=mine)
    images = client.image.ls(all=True, filter=mine)
    return [
        *(_made("container", one.id, one.name, one.labels) for one in containers),
        *(_made("volume", one.name, one.name, one.labels) for one in volumes),
        *(_made("image", one.id, _our_tag(one) or one.id, one.labels) for one in images),
    ]


def remove(client: Docker, label: str, which: Callable[[Made], bool]) -> list[str]:
    """Remove what carries *label* and *which* means: containers, then volumes, then images."""
    chosen = [made for made in labelled(client, label) if which(made)]
    problems: list[str] = []
    for kind, verb in (("container", _remove_containers), ("volume", _remove_volumes)):
        ids = [made.id for made in chosen if made.kind == kind]
        if ids:
            problems += verb(client, ids)
    if any(made.kind == "image" for made in chosen):
        problems += _remove_images(client, {made.id for made in chosen if made.kind == "image"})
    return problems


def _made(kind: str, id: str, name: str, labels: Mapping[str, str]) -> Made:
    return Made(kind, id, name, Owner.parse(labels.get(OWNER, "")), KEEP in labels)


def _remove_containers(client: Docker, ids: Sequence[str]) -> list[str]:
    return _one_by_one(
        ids, lambda *some: client.container.rm(*some, force=True, volumes=True, deadline=60)
    )


def _remove_volumes(client: Docker, ids: Sequence[str]) -> list[str]:
    return _one_by_one(ids, lambda *some: client.volume.rm(*some, deadline=60))


def _one_by_one(ids: Sequence[str], rm: Callable[..., object]) -> list[str]:
    """All at once; where docker refuses one, the rest still go. What was not removed, and why."""
    try:
        rm(*ids)
        return []
    except DockerFailed:
        pass
    problems = []
    for id in ids:
        try:
            rm(id)
        except NoSuchObject:
            continue
        except DockerFailed as error:
            if "is already in progress" not in error.reason:
                problems.append(str(error))
    return problems


def _remove_images(client: Docker, ids: set[str]) -> list[str]:
    """Remove images, children before parents; a tag that is not dockcli's keeps its image."""
    problems: dict[str, str] = {}
    for _ in range(_PASSES):
        left = [
            image for image in client.image.ls(all=True, filter={"label": OWNER}) if image.id in ids
        ]
        parents = {image.parent for image in left}
        removable = [one for one in left if one.id not in parents and one.id not in problems]
        if not removable:
            break
        for image in removable:
            name = _our_tag(image) if image.tags else image.id
            if name is None:
                problems[image.id] = ""  # all its names are somebody else's
                continue
            try:
                client.image.rm(name, deadline=60)
            except NoSuchObject:
                pass
            except DockerFailed as error:
                problems[image.id] = str(error)
            if len(image.tags) > 1:
                problems.setdefault(image.id, "")
    return [problem for problem in problems.values() if problem]


def _our_tag(image: ImageInspect) -> str | None:
    """The tag that dockcli gave *image*; podman puts ``localhost/`` in front of it."""
    ours = image.labels.get(TAG, "")
    if not ours:
        return None
    full = ours if ":" in ours else f"{ours}:latest"
    return next((tag for tag in image.tags if tag in (full, f"localhost/{full}")), None)
