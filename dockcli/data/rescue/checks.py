"""What is looked at before a rescue begins; nothing is changed by it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from dockcli.data.anew import is_podman
from dockcli.data.errors import VolumeInUse
from dockcli.data.rescue.errors import CannotBeRescued
from dockcli.data.users import users
from dockcli.errors import NoSuchVolume
from dockcli.files.place import Clock, Place
from dockcli.models.container import State
from dockcli.owner import current
from dockcli.scope import OWNER

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect
    from dockcli.models.volume import VolumeInspect

_KERNELS = ("/proc", "/sys", "/dev")
_DOCKERS = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
_SERVICE, _PROJECT = "com.docker.swarm.service.name", "com.docker.compose.project"
_SETTLED = (State.CREATED, State.EXITED, State.RUNNING)
_AT = "/dockcli-volume"
_NAMELESS = re.compile(r"[0-9a-f]{64}")


def checked_path(container: str, path: str) -> str:
    """*path*, where a volume can be mounted. Raises CannotBeRescued."""

    def no(reason: str) -> CannotBeRescued:
        return CannotBeRescued(container, path, reason)

    if not path.startswith("/"):
        raise no("give an absolute path of the container, such as /var/lib/data")
    plain = posixpath.normpath("/" + path.lstrip("/"))
    if plain != (path.rstrip("/") or "/") or "\0" in path:
        raise no(f"give it without `.`, `..` and double slashes: {plain}")
    if plain == "/":
        raise no("nothing is mounted over a container's whole file system: name a folder in it")
    if any(plain == at or plain.startswith(f"{at}/") for at in _KERNELS):
        raise no("it is a file system of the kernel's, gone with the container's processes")
    if plain == "/etc" or plain in _DOCKERS:
        raise no(
            "docker writes hosts, hostname and resolv.conf there for each container: name what is "
            "yours in it"
        )
    return plain


def check_container(told: ContainerInspect, path: str) -> None:
    """Raise CannotBeRescued where the container cannot be made anew, or *path* is no part of its
    writable layer."""

    def no(reason: str) -> CannotBeRescued:
        return CannotBeRescued(told.name, path, reason)

    host = told.raw.get("HostConfig") or {}
    if host.get("AutoRemove"):
        raise no(
            "it was made with --rm, so docker would remove it, and what is in it, once it is "
            f"stopped. Copy the folder while it runs: docker cp {told.name}:{path} ."
        )
    if service := told.labels.get(_SERVICE):
        raise no(
            f"it belongs to the service {service}, which would start another in its place: "
            f"docker service update --mount-add type=volume,source=VOLUME,target={path} {service}"
        )
    if told.state is State.PAUSED:
        raise no(f"it is paused, and docker stops no such container: docker unpause {told.name}")
    if told.state not in _SETTLED:
        raise no(f"it is {told.state.value}: stop it first (docker stop {told.name})")
    mounted = {one.destination for one in told.mounts} | set(host.get("Tmpfs") or ())
    for at in sorted(mounted, key=len, reverse=True):
        if path == at or path.startswith(f"{at.rstrip('/')}/"):
            raise no(f"it is not in the writable layer: {_what(told, at)} is mounted at {at}")


def check_folder(client: Docker, told: ContainerInspect, path: str) -> None:
    """Raise CannotBeRescued where *path* is no folder, or a link leads there."""
    place = Place(client, told.id, Clock(None))
    parts = path.strip("/").split("/")
    for many in range(1, len(parts) + 1):
        here = "/" + "/".join(parts[:many])
        member = place.look(here)
        if member is None:
            raise CannotBeRescued(told.name, path, f"there is no {here} in it")
        if member.issym():
            real = posixpath.join(posixpath.dirname(here), member.linkname)
            rest = "/".join(parts[many:])
            meant = posixpath.normpath(posixpath.join(real, rest))
            raise CannotBeRescued(
                told.name, path, f"{here} is a link to {member.linkname}: name {meant} itself"
            )
        if not member.isdir():
            raise CannotBeRescued(told.name, path, f"{here} is no folder, and a volume is one")


def check_volume(client: Docker, told: ContainerInspect, volume: str) -> VolumeInspect | None:
    """The volume, if it is there: empty, and nobody's. Raises VolumeInUse, CannotBeRescued."""
    try:
        there = client.volume.inspect(volume)
    except NoSuchVolume:
        return None
    if having := users(client, there.name):
        names = [one.name for one in having]
        raise VolumeInUse(volume, names, "name another one for what is rescued")
    if not _is_empty(client, told, there.name):
        raise CannotBeRescued(
            told.name,
            volume,
            f"the volume {volume} is there already, and is not empty: name another one",
        )
    return there


def notes(told: ContainerInspect, path: str, volume: str) -> list[str]:
    """What the user should know before it begins."""
    said = []
    nameless = [one for one in told.mounts if _NAMELESS.fullmatch(one.name)]
    if nameless:
        where = ", ".join(one.destination for one in nameless)
        said.append(f"what is at {where} has no name of its own: `rm -v` takes it along no more")
    if project := told.labels.get(_PROJECT):
        service = told.labels.get("com.docker.compose.service", "its service")
        said.append(
            f"the compose project {project} knows nothing of the new mount: add "
            f"`{volume}:{path}` to the volumes of {service} in its file, and {volume} as an "
            "external volume, or the next `up` makes the container without it"
        )
    return said


def _what(told: ContainerInspect, at: str) -> str:
    mount = next((one for one in told.mounts if one.destination == at), None)
    if mount is None or mount.type == "tmpfs":
        return "a tmpfs"
    return f"the volume {mount.name}" if mount.type == "volume" else f"{mount.source} of the host"


def _is_empty(client: Docker, told: ContainerInspect, volume: str) -> bool:
    """Looked at through a container that never starts."""
    import tarfile

    podman = is_podman(told.raw)
    mount = [f"type=volume,source={volume},target={_AT}{'' if podman else ',volume-nocopy'}"]
    own = {OWNER: str(current())}
    with (
        client.but(labels=own, strict=False).container.create(
            told.image_id, "true", entrypoint="true", mount=mount, network="none", pull="never"
        ) as looking,
        client.container.cp(f"{looking.id}:{_AT}", "-", stream=True) as archive,
    ):
        source: object = archive
        with tarfile.open(fileobj=source, mode="r|") as members:  # type: ignore[call-overload]
            return sum(1 for _, _ in zip(members, range(2), strict=False)) < 2
