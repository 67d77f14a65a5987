"""A container once more: the plan of it, made of its inspect, and what the plan makes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dockcli import owner
from dockcli.data.anew import config as programs
from dockcli.data.anew import host as hosts
from dockcli.data.anew import mounts as mounting
from dockcli.data.anew.errors import CannotBeMadeAnew
from dockcli.data.anew.networks import Networks, has_own_hostname, networks
from dockcli.spool import room_in

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.mounts import VolumeMount
    from dockcli.objects import Container

Told = Mapping[str, Any]

_SECCOMP = "seccomp="


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make a container of *image*: the keywords and words of ``docker create``.

    ``baked`` are the keys of the container's ``Config`` that no option says: an image must have
    them (one that was committed from the container has).
    """

    image: str
    command: tuple[str, ...]
    options: Mapping[str, Any] = field(repr=False)
    networks: Networks
    baked: tuple[str, ...] = ()

    def with_mount(self, volume: str, path: str, *, nocopy: bool = False) -> Plan:
        """The same with a volume more."""
        more: VolumeMount = mounting.added(volume, path, nocopy=nocopy)
        return replace(
            self, options={**self.options, "mount": [*self.options.get("mount", ()), more]}
        )


def is_podman(told: Told) -> bool:
    """Whether it is podman that tells of a container."""
    return "OCIRuntime" in told


def plan(told: Told, image: Told, *, reference: str | None = None) -> Plan:
    """The plan to make the container of the inspect *told* once more.

    *image* is the inspect of the image that it is to be made of, *reference* that image's name.
    Raises CannotBeMadeAnew for what is known to have no option (``--link``, a pod).
    """
    podman = is_podman(told)
    name = str(told.get("Name", "")).removeprefix("/")
    if reasons := tuple(_refused(told)):
        raise CannotBeMadeAnew(name, reasons)
    own, inherited = told.get("Config") or {}, image.get("Config") or {}
    made = networks(told, podman=podman)
    options = {
        **hosts.options(told.get("HostConfig") or {}, podman=podman),
        **programs.options(own, inherited, id=str(told.get("Id", "")), podman=podman),
        **mounting.options(told),
        **made.options,
    }
    if not has_own_hostname(told.get("HostConfig") or {}):
        options.pop("hostname", None)
        options.pop("domainname", None)
    if str(options.get("network", "")).startswith("container:"):
        options.pop("expose", None)  # refused there
    return Plan(
        image=reference or str(own.get("Image")),
        command=tuple(programs.command(own, inherited)),
        options={keyword: value for keyword, value in options.items() if value != []},
        networks=made,
        baked=tuple(programs.baked(own, inherited)),
    )


def make(client: Docker, plan: Plan, name: str) -> Container:
    """Make the container of *plan*, in its networks, without starting it.

    Nothing is pulled, and the labels of *client* do not go onto it. If a network does not take it,
    it is removed again. Raises what ``docker create`` and ``docker network connect`` raise.
    """
    plain = client.but(labels={}, strict=False)
    with _profiles_as_files(plan.options) as options:
        made = plain.container.create(plan.image, *plan.command, name=name, pull="never", **options)
    try:
        if plan.networks.leave:
            plain.network.disconnect(plan.networks.leave, made)
        for one in plan.networks.more:
            plain.network.connect(one.network, made, **one.options)
    except BaseException:
        made.rm(force=True)
        raise
    return made


def _refused(told: Told) -> Iterator[str]:
    host = told.get("HostConfig") or {}
    networks = (told.get("NetworkSettings") or {}).get("Networks") or {}
    links = list(host.get("Links") or ())
    links += [link for one in networks.values() for link in one.get("Links") or ()]
    if links:
        yield f"it has links to other containers (--link): {', '.join(links)}"
    if told.get("Pod"):
        yield f"it is in the pod {told['Pod']}"
    if told.get("IsInfra"):
        yield "it holds a pod together"


@contextmanager
def _profiles_as_files(options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """An inspect has a seccomp profile's text; the option wants a file that has it."""
    given = list(options.get("security_opt", ()))
    if not any(one.startswith(f"{_SECCOMP}{{") for one in given):
        yield dict(options)
        return
    folder = owner.temporary_folder()
    try:
        path = os.path.join(folder, "seccomp.json")
        for at, one in enumerate(given):
            if one.startswith(f"{_SECCOMP}{{"):
                with room_in(), open(path, "w", encoding="utf-8") as file:
                    file.write(one.removeprefix(_SECCOMP))
                given[at] = f"{_SECCOMP}{path}"
        yield {**options, "security_opt": given}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
