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


def recover(client: Docker, facts: Facts) -> str:
    """Finish or undo the rescue of *facts*; what was done, in a line."""
    client = client.but(labels={}, strict=False)
    what = f"the rescue of {facts['path']} of the container {facts['container']}"
    if facts.get("confirmed"):
        finish(client, facts)
        return f"{what} was finished"
    undo(client, facts)
    return f"{what} was undone"


def finish(client: Docker, facts: Facts) -> None:
    """Take the old container away, or have it kept at rest."""
    _tidy(client, facts, image=not facts.get("image_stays"))
    with suppress(NoSuchContainer):
        if facts["keep_old"]:
            # else it would come up with its engine, beside the new one
            client.container.update(facts["old"], restart="no")
        else:
            client.container.rm(facts["old"])


def undo(client: Docker, facts: Facts) -> None:
    """Have the old container again as it was, under its name, running if it ran."""
    names = _names(facts)
    for one in (facts.get("new"), names.new):
        if one:
            with suppress(NoSuchContainer):
                client.container.rm(one, force=True)
    old = _old(client, facts)
    if old is not None:
        if old.name != facts["container"]:
            client.container.rename(facts["old"], facts["container"])
        if facts["running"] and not old.running:
            client.container.start(facts["old"])
    _tidy(client, facts, image=True)
    if facts.get("filled"):
        _empty(client, facts)


def _old(client: Docker, facts: Facts) -> ContainerInspect | None:
    """None where the user has removed it meanwhile."""
    try:
        return client.container.inspect(facts["old"])
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
    with suppress(NoSuchVolume):
        client.volume.rm(volume)
    if was is not None:
        labels = [f"{name}={text}" for name, text in was["labels"].items()]
        client.volume.create(volume, driver=was["driver"], label=labels)
