"""Finds and removes labelled images: children before parents, and by no name but dockcli's own."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from dockcli.errors import CallError, DockerFailed, NoSuchObject
from dockcli.meter import is_podman
from dockcli.models.image import with_algorithm
from dockcli.scope.labels import CONTAINER, NUMBER, OWNER, TAG

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.image import ImageInspect

_LAST = datetime.max.replace(tzinfo=timezone.utc)
_REGISTRIES = ("docker.io/library/", "docker.io/", "localhost/")  # which one engine or other adds


def labelled_images(client: Docker, *, deadline: float) -> list[ImageInspect]:
    """The images that carry an owner's label of their own, and not one of the container that
    somebody has committed; the oldest first, for the engine gives them in an order that changes
    from one answer to the next.

    Of those with one number all but the first were built on it, and may be anybody's. podman labels
    what each step of a build makes: there it is all up to the first with one of our tags.
    """
    found = client.image.ls(all=True, filter={"label": OWNER}, deadline=deadline)
    images = [
        image
        for image in sorted(found, key=_age)
        if NUMBER in image.labels or CONTAINER not in image.labels
    ]
    alike: dict[str, list[ImageInspect]] = {}
    for image in images:
        alike.setdefault(image.labels.get(NUMBER, image.id), []).append(image)
    steps = is_podman(client.binary)
    own = {
        image.id for group in alike.values() for image in (_built(group) if steps else group[:1])
    }
    held = _held(images, own)
    return [image for image in images if image.id in own and image.id not in held]


def _held(images: Sequence[ImageInspect], own: Collection[str]) -> set[str]:
    """Those of which nothing can be removed: somebody's tag is all that one has, or is on an image
    that was built on it."""
    parents = {image.id: with_algorithm(image.parent) for image in images}
    held: set[str] = set()
    for image in images:
        if image.id not in own or len(ours := our_tags(image)) == len(image.tags):
            continue
        if not ours:
            held.add(image.id)
        above = parents[image.id]
        while above in parents and above not in held:
            held.add(above)
            above = parents[above]
    return held


def _built(images: Sequence[ImageInspect]) -> Sequence[ImageInspect]:
    """Those that a build of podman has made, of *images* with its number, the oldest first."""
    named = [place for place, image in enumerate(images) if our_tags(image)]
    if named:
        return images[: named[0] + 1]
    return list(itertools.takewhile(lambda image: not image.tags, images))


def our_tags(image: ImageInspect) -> list[str]:
    """The tags of *image* that dockcli gave it, as the engine spells them."""
    label = image.labels.get(NUMBER)
    names = image.labels.get(TAG, "").split() if label is None else label.split()[1:]
    ours = set(map(_spelled, names))
    return [tag for tag in image.tags if _spelled(tag) in ours]


def remove_images(client: Docker, ids: Collection[str], *, deadline: float) -> list[CallError]:
    """Remove the images *ids*; the errors of those that stay.

    One with a tag that is not dockcli's loses ours, and stays without an error.
    """
    problems: list[CallError] = []
    tried: set[str] = set()
    while True:
        left = [image for image in labelled_images(client, deadline=deadline) if image.id in ids]
        parents = {with_algorithm(image.parent) for image in left}
        removable = [one for one in left if one.id not in parents and one.id not in tried]
        if not removable:
            return problems
        for image in removable:
            tried.add(image.id)
            try:
                if names := _names(image):
                    client.image.rm(*names, deadline=deadline)
            except NoSuchObject:
                pass
            except CallError as error:
                problems.append(_named(error, image))


def _names(image: ImageInspect) -> list[str]:
    """By what *image* is removed: its id, which no other image can have meanwhile, once no other
    tag is left; only our tags, where somebody has given it another."""
    ours = our_tags(image)
    if len(ours) < len(image.tags):
        return ours
    return [*ours[1:], image.id]


def _named(error: CallError, image: ImageInspect) -> CallError:
    """*error* with the tag that a person knows *image* by."""
    if not isinstance(error, DockerFailed) or not (ours := our_tags(image)):
        return error
    return type(error)(error.completed, f"{ours[0]}: {error.reason}")


def _age(image: ImageInspect) -> tuple[int, datetime, str]:
    return len(image.layers), image.created or _LAST, image.id


def _spelled(name: str) -> str:
    """A tag in one spelling: without a registry that an engine has added, with its version."""
    for registry in _REGISTRIES:
        name = name.removeprefix(registry)
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
