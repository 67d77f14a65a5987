"""Brings a rescue to an end that was left in its middle: back to the old container, or, once the
new one was found good, on to it. Each step can be done again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dockcli.data.rescue.fill import Names, helper
from dockcli.errors import (
    NoSuchContainer,
    NoSuchImage,
    NoSuchVolume,
)
from dockcli.mounts import VolumeMount

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect

Facts = Mapping[str, Any]

LABEL = "dockcli.rescue"
"""The label of a volume that a rescue has made; it says which."""


def recover(client: Docker, facts: Facts) -> str:
    """Finish or undo the rescue of *facts*; what was done, in a line."""
    client = client.but(labels={}, strict=False)
    what = f"the rescue of {facts['path']} of the container {facts['container']}"
    if facts.get("confirmed"):
        finish(client, facts)
        return f"{what} was finished"
    if undo(client, facts):
        return f"{what} was undone"
    return f"{what} was left as it is, for the container that it began with is gone"


def finish(client: Docker, facts: Facts) -> None:
    """Take the old container away, or have it kept at rest; not where the new one is gone since."""
    _tidy(client, facts, image=not facts.get("image_stays"))
    if _there(client, facts["new"]) is None:
        return
    with suppress(NoSuchContainer):
        if facts["keep_old"]:
            # else it would come up with its engine, beside the new one
            client.container.update(facts["old"], restart="no")
        else:
            client.container.rm(facts["old"])


def undo(client: Docker, facts: Facts) -> bool:
    """Have the old container again as it was, under its name, running if it ran.

    Where the user has removed it meanwhile, what was made may be all there is, and stays: False.
    """
    names = _names(facts)
    old = _there(client, facts["old"])
    if old is None:
        _tidy(client, facts, image=False)
        return False
    for one in (facts.get("new"), names.new):
        if one:
            with suppress(NoSuchContainer):
                client.container.rm(one, force=True)
    if old.name != facts["container"]:
        client.container.rename(facts["old"], facts["container"])
    if facts["running"] and not old.running:
        client.container.start(facts["old"])
    _tidy(client, facts, image=True)
    if facts.get("filled"):
        _empty(client, facts)
    return True


def _there(client: Docker, id: str) -> ContainerInspect | None:
    try:
        return client.container.inspect(id)
    except NoSuchContainer:
        return None


def _names(facts: Facts) -> Names:
    return Names(facts["token"], facts["container"])


def _tidy(client: Docker, facts: Facts, *, image: bool) -> None:
    """Remove what was made for a time."""
    names = _names(facts)
    with suppress(NoSuchContainer):
        client.container.rm(names.helper, force=True, volumes=True)
    with suppress(NoSuchVolume):
        client.volume.rm(names.helper)
    if image:
        with suppress(NoSuchImage):
            client.image.rm(names.image)


def _empty(client: Docker, facts: Facts) -> None:
    """Take away what was put into the volume, with the volume if it was made for that."""
    was, volume = facts["volume_was"], facts["volume"]
    if was is not None and was["options"]:  # removing it would not remove what it stands for
        from dockcli.data.helper.image import made

        image, _ = made(client)
        nocopy = not facts["podman"]
        mounts = [VolumeMount(volume, "/dockcli-new", nocopy=nocopy)]
        helper(client, image, _names(facts).helper, mounts, "empty.sh")
        return
    try:
        there = client.volume.inspect(volume)
    except NoSuchVolume:
        there = None
    if there is not None and (was is not None or there.labels.get(LABEL) == facts["token"]):
        client.volume.rm(volume)
    if was is not None:
        labels = [f"{name}={text}" for name, text in was["labels"].items()]
        client.volume.create(volume, driver=was["driver"], label=labels)
