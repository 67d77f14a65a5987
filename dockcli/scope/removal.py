"""Finds what is labelled with an owner, and removes it: by exact id or name, and by that label.

Each removal begins with a list; what is made afterwards is not on it, and stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from dockcli.errors import CallError, NoSuchObject
from dockcli.meter import is_podman
from dockcli.owner import Owner
from dockcli.scope.images import labelled_images, our_tags, remove_images
from dockcli.scope.labels import CONTAINER, KEEP, OWNER, SCOPE, owner_of, scope_of
from dockcli.scope.orphans import end_orphans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect
    from dockcli.models.image import ImageInspect

KINDS = ("container", "network", "volume", "image")
"""What is removed, in this order."""

_DEADLINE = 60.0  # seconds for the engine to remove something
_LOOK_DEADLINE = 30.0  # seconds to say what there is
_PATIENCE, _LOOK = 10.0, 0.1  # seconds for what the engine removes already, and between looks


class Made(NamedTuple):
    """An object that carries an owner's label. ``kind`` is docker's word for it."""

    kind: str
    id: str
    name: str
    owner: Owner | None
    keep: bool
    scope: str = ""


def reclaim(client: Docker, *, kept: bool = False, names: Iterable[str] = ()) -> list[CallError]:
    """Remove what dead owners left; the errors of what could not be removed.

    What was kept on purpose stays, but for *names*, or with *kept*.
    """
    wanted = set(names)

    def may_go(made: Made) -> bool:
        return is_left_over(made) and (kept or not made.keep or _plain(made.name) in wanted)

    end_orphans(client)
    return remove(client, list(filter(may_go, labelled(client))))


def is_left_over(made: Made) -> bool:
    """Whether the owner of *made* is provably dead."""
    return made.owner is not None and made.owner.is_dead()


def labelled(
    client: Docker, scope: str | None = None, kinds: Collection[str] = KINDS
) -> list[Made]:
    """All of these *kinds* that an owner has made, in that *scope* if one is named, in the order in
    which it is removed."""
    mine = {"label": OWNER if scope is None else f"{SCOPE}={scope}"}
    made: list[Made] = []
    if "container" in kinds:
        containers = client.container.ls(all=True, filter=mine, deadline=_LOOK_DEADLINE)
        own = _not_inherited(client, containers)
        made += [_made("container", one.id, one.name, one.labels) for one in own]
    if "network" in kinds:
        networks = client.network.ls(filter=mine, deadline=_LOOK_DEADLINE)
        made += [_made("network", one.id, one.name, one.labels) for one in networks]
    if "volume" in kinds:
        volumes = client.volume.ls(filter=mine, deadline=_LOOK_DEADLINE)
        made += [_made("volume", one.name, one.name, one.labels) for one in volumes]
    if "image" in kinds:
        some = labelled_images(client, deadline=_LOOK_DEADLINE)
        images = [_made("image", one.id, _name(one), one.labels) for one in some]
        made += [one for one in images if scope in (None, one.scope)]
    return made


def remove(client: Docker, chosen: Sequence[Made]) -> list[CallError]:
    """Remove *chosen*: containers, then networks, volumes and images; the errors of what could not
    be removed."""
    problems: list[CallError] = []
    for kind, verb in _VERBS.items():
        if some := [made for made in chosen if made.kind == kind]:
            problems += verb(client, some)
    return problems


def _not_inherited(
    client: Docker, containers: Sequence[ContainerInspect]
) -> list[ContainerInspect]:
    """Those whose label is their own, and not of the image that somebody has committed of one."""
    images = {one.image_id for one in containers if CONTAINER in one.labels}
    if not images:
        return list(containers)
    there = client.image.inspect(*images, missing_ok=True, deadline=_LOOK_DEADLINE)
    numbers = {image.id: image.labels.get(CONTAINER) for image in there}
    return [
        one
        for one in containers
        if CONTAINER not in one.labels or one.labels[CONTAINER] != numbers.get(one.image_id)
    ]


def _made(kind: str, id: str, name: str, labels: Mapping[str, str]) -> Made:
    return Made(kind, id, name, owner_of(kind, labels), KEEP in labels, scope_of(kind, labels))


def _plain(name: str) -> str:
    """A name as it was asked for: of an image docker tells the tag too, podman a registry."""
    return name.removeprefix("localhost/").removesuffix(":latest")


def _name(image: ImageInspect) -> str:
    return next(iter(our_tags(image)), image.id)


def _remove_containers(client: Docker, chosen: Sequence[Made]) -> list[CallError]:
    ids = [made.id for made in chosen]
    if is_podman(client.binary):  # whose `rm --force` gives each ten seconds to end by itself
        with suppress(CallError):
            client.raw("container", "stop", "-t", "0", *ids, deadline=_DEADLINE)
    problems = _one_by_one(
        ids, lambda *some: client.container.rm(*some, force=True, volumes=True, deadline=_DEADLINE)
    )
    going = [one for one in problems if "is already in progress" in one.reason]
    if going:
        _wait_until_gone(client, ids)
    return [one for one in problems if one not in going]


def _wait_until_gone(client: Docker, ids: Sequence[str]) -> None:
    """Wait for containers that docker removes by itself: they still have their networks."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if not client.container.inspect(*ids, missing_ok=True, deadline=_DEADLINE):
            return
        time.sleep(_LOOK)


def _remove_networks(client: Docker, chosen: Sequence[Made]) -> list[CallError]:
    ids = [made.id for made in chosen]
    return _one_by_one(ids, lambda *some: client.network.rm(*some, deadline=_DEADLINE))


def _remove_volumes(client: Docker, chosen: Sequence[Made]) -> list[CallError]:
    """A volume has only its name: whether that is still the one is looked at right before."""
    marks = {made.name: (made.owner, made.scope) for made in chosen}

    def rm(*names: str) -> None:
        there = client.volume.inspect(*names, missing_ok=True, deadline=_DEADLINE)
        same = [one.name for one in there if _marks("volume", one.labels) == marks.get(one.name)]
        if same:
            client.volume.rm(*same, deadline=_DEADLINE)

    return _one_by_one(list(marks), rm)


def _marks(kind: str, labels: Mapping[str, str]) -> tuple[Owner | None, str]:
    return owner_of(kind, labels), scope_of(kind, labels)


def _remove_images(client: Docker, chosen: Sequence[Made]) -> list[CallError]:
    return remove_images(client, {made.id for made in chosen}, deadline=_DEADLINE)


_VERBS: dict[str, Callable[[Docker, Sequence[Made]], list[CallError]]] = {
    "container": _remove_containers,
    "network": _remove_networks,
    "volume": _remove_volumes,
    "image": _remove_images,
}


def _one_by_one(ids: Sequence[str], rm: Callable[..., object]) -> list[CallError]:
    """All at once; where docker refuses one, the rest still go. The errors of those that stay."""
    try:
        rm(*ids)
        return []
    except CallError:
        pass
    problems: list[CallError] = []
    for id in ids:
        try:
            rm(id)
        except NoSuchObject:
            continue
        except CallError as error:
            problems.append(error)
    return problems
