"""Finds and removes labelled images: children before parents, and by no name but dockcli's own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from dockcli.errors import CallError, NoSuchObject
from dockcli.scope.labels import NUMBER, OWNER, TAG

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.image import ImageInspect

_PASSES = 8  # an image can be removed once its children are; a chain is this long at the most
_LAST = datetime.max.replace(tzinfo=timezone.utc)
_REGISTRIES = ("docker.io/library/", "docker.io/", "localhost/")  # which one engine or other adds


def labelled_images(client: Docker) -> list[ImageInspect]:
    """The images that carry an owner's label of their own.

    Of those with one number all but the first were built on it, and may be anybody's.
    """
    images = client.image.ls(all=True, filter={"label": OWNER})
    first: dict[str, ImageInspect] = {}
    for image in sorted(images, key=_age):
        first.setdefault(image.labels.get(NUMBER, image.id), image)
    own = {image.id for image in first.values()}
    return [image for image in images if image.id in own]


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
    problems: dict[str, CallError] = {}
    seen: set[str] = set()
    for _ in range(_PASSES):
        left = [image for image in labelled_images(client) if image.id in ids]
        parents = {image.parent for image in left}
        removable = [one for one in left if one.id not in parents and one.id not in seen]
        if not removable:
            break
        for image in removable:
            names = _names(image)
            try:
                if names:
                    client.image.rm(*names, deadline=deadline)
            except NoSuchObject:
                pass
            except CallError as error:
                problems[image.id] = error
            if len(image.tags) > 1 or image.id in problems or not names:
                seen.add(image.id)
    return list(problems.values())


def _names(image: ImageInspect) -> list[str]:
    """By what *image* is removed: its id, which no other image can have meanwhile, once no other
    tag is left; only our tags, where somebody has given it another."""
    ours = our_tags(image)
    if len(ours) < len(image.tags):
        return ours
    return [*ours[1:], image.id]


def _age(image: ImageInspect) -> tuple[int, datetime]:
    return len(image.layers), image.created or _LAST


def _spelled(name: str) -> str:
    """A tag in one spelling: without a registry that an engine has added, with its version."""
    for registry in _REGISTRIES:
        name = name.removeprefix(registry)
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
