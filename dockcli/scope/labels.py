"""The labels of what is made for a time.

An image passes its labels on, to containers and to images that are built on it, which may be
anybody's. So a scope marks its images by the same keys with other values, and numbers them: a
container with an image's mark is not the scope's, nor is an image with the number of an older one.
A container has a number too: what anybody commits of it has the same, and so has what that is
made into.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockcli.owner import Owner

OWNER = "dockcli.owner"
SCOPE = "dockcli.scope"
KEEP = "dockcli.keep"
NUMBER = "~dockcli.image"
"""The label with an image's number, which none has but those that were built on it, and its tags
that are dockcli's: any other is the user's.

The classic builder takes a step for each label, by the alphabet. This one has to be the last: what
the steps before have made shall not look like the image.
"""
CONTAINER = "dockcli.container"
"""The label with a container's number: one whose image has the same got it from there."""
TAG = "dockcli.tag"
"""The same for the tag of a recipe's image."""

MARKS = frozenset({OWNER, SCOPE, KEEP})
"""What says that something is to be removed, and by whom."""
RESERVED = MARKS | {NUMBER, CONTAINER}
"""What a scope alone says of what it makes."""

_IMAGE = "/image"


def of_image(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that an image has where anything else has *labels*."""
    return {
        name: f"{value}{_IMAGE}" if name in (OWNER, SCOPE) else value
        for name, value in labels.items()
    }


def owner_of(kind: str, labels: Mapping[str, str]) -> Owner | None:
    """Who made a thing of that *kind* with these *labels*, None where they do not say."""
    text = labels.get(OWNER, "")
    return Owner.parse(text.removesuffix(_IMAGE) if kind == "image" else text)


def scope_of(kind: str, labels: Mapping[str, str]) -> str:
    """The scope that it was made in, "" where they do not say."""
    text = labels.get(SCOPE, "")
    return text.removesuffix(_IMAGE) if kind == "image" else text
