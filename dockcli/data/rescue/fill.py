"""How a folder of a stopped container gets into a volume, and the proof that all of it is there.

The engine itself joins the container's layers once more, in a volume of the kind overlay that
cannot be written: from there GNU cp copies in a helper that has nothing but the two. So owners,
modes, extended attributes, times to the nanosecond, hard links and holes are kept, and a sum over
both trees says so. Where that cannot be done, docker fills the volume from an image of the
container, as it does for every new volume, which keeps less.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli.data.anew import is_podman
from dockcli.data.rescue.errors import RescueFailed
from dockcli.errors import ContainerFailed, DockerFailed
from dockcli.mounts import VolumeMount
from dockcli.owner import current
from dockcli.scope import OWNER

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect

_OLD, _NEW = "/dockcli-old", "/dockcli-new"
_LONGEST = 4000  # bytes of options that a mount takes, less a little
_RIGHTS = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP"]
_UNLIKE = 3  # the exit code of the script that has found a difference
_LOSES = (
    "parts of a second of times",
    "holes in sparse files",
    "times of folders",
    "extended attributes but for capabilities",
)


class Filled(NamedTuple):
    """How a volume was filled: ``way`` is "helper" or "copy"; what that ``loses``; if ``empty``."""

    way: str
    loses: tuple[str, ...]
    empty: bool


class Names(NamedTuple):
    """What a rescue calls what it makes for a time; the *token* makes them nobody else's."""

    token: str
    container: str

    @property
    def helper(self) -> str:
        """The helper's container, and the volume of joined layers."""
        return f"dockcli-rescue-{self.token}"

    @property
    def new(self) -> str:
        return f"{self.container}.rescue-{self.token}"

    @property
    def old(self) -> str:
        return f"{self.container}.before-rescue-{self.token}"

    @property
    def image(self) -> str:
        word = re.sub(r"[^a-z0-9]+", "-", self.container.lower()).strip("-")
        return f"dockcli-rescue/{word or 'container'}:{self.token}"


def joined_layers(told: ContainerInspect) -> dict[str, str] | None:
    """The options of a volume that shows the whole file system of a stopped container; None where
    its engine keeps it otherwise, or in more layers than one mount can be told of."""
    if not told.upper_dir or (told.raw.get("GraphDriver") or {}).get("Name") not in (
        "overlay",
        "overlay2",
    ):
        return None
    folders = (told.upper_dir, *told.lower_dirs)
    option = f"lowerdir={':'.join(folders)}"
    if len(option) > _LONGEST or any(c in option for c in ",\\ "):
        return None
    return {"type": "overlay", "device": "overlay", "o": option}


def fill(client: Docker, told: ContainerInspect, path: str, volume: str, names: Names) -> Filled:
    """Copy the folder *path* of the stopped container into the empty *volume*.

    Raises RescueFailed where what has arrived is not what was there.
    """
    from dockcli.data.helper.errors import NoHelper
    from dockcli.data.helper.image import made

    layers = joined_layers(told)
    if layers is not None:
        try:
            image, _ = made(client)
        except NoHelper:
            pass
        else:
            filled = _copied(client, told, path, volume, names, layers, image)
            if filled is not None:
                return filled
    return _copied_up(client, told, path, volume, names)


def helper(
    client: Docker, image: str, name: str, mounts: list[VolumeMount], script: str, *words: str
) -> str:
    """What a script of this room prints, in a container that has just *mounts*."""
    text = (Path(__file__).parent / script).read_text(encoding="utf-8")
    done = client.but(labels={OWNER: str(current())}, strict=False).container.run(
        image,
        *("-c", text, script, *words),
        entrypoint="sh",
        name=name,
        rm=True,
        log_driver="none",
        network="none",
        read_only=True,
        user="0:0",
        security_opt=["no-new-privileges"],
        cap_drop=["ALL"],
        cap_add=_RIGHTS,
        mount=mounts,
        pull="never",
    )
    return str(done.text)


def _copied(
    client: Docker,
    told: ContainerInspect,
    path: str,
    volume: str,
    names: Names,
    layers: Mapping[str, str],
    image: str,
) -> Filled | None:
    """None where the engine's kernel does not join the layers a second time."""
    plain = client.but(labels={OWNER: str(current())}, strict=False)
    nocopy = not is_podman(told.raw)
    mounts = [
        VolumeMount(names.helper, _OLD, read_only=True, nocopy=nocopy),
        VolumeMount(volume, _NEW, nocopy=nocopy),
    ]
    plain.volume.create(names.helper, opt=layers)
    try:
        if is_podman(told.raw):
            # the first to mount a volume there gives it an owner, which fails in one that cannot
            # be written; the next is let have it as it is
            plain.container.run(
                image, "-c", ":", entrypoint="sh", rm=True, mount=mounts[:1], check=False
            )
        said = helper(client, image, names.helper, mounts, "fill.sh", path)
    except ContainerFailed as error:
        reason = error.stderr.decode(errors="replace").strip() or f"exit code {error.returncode}"
        if error.returncode == _UNLIKE:
            reason = "what has arrived in the volume is not what was in the container"
        raise RescueFailed(told.name, path, reason) from error
    except DockerFailed:
        return None
    finally:
        plain.volume.rm(names.helper)
    return Filled("helper", (), said.strip() == "empty")


def _copied_up(
    client: Docker, told: ContainerInspect, path: str, volume: str, names: Names
) -> Filled:
    """docker copies what an image has where an empty volume is mounted: when a container of it is
    made, podman when it is got ready to start."""
    image = client.container.commit(told.id, names.image)
    own = client.but(labels={OWNER: str(current())}, strict=False)
    mount = [VolumeMount(volume, path)]
    with own.container.create(
        image.id, "true", entrypoint="true", name=names.helper, mount=mount, network="none"
    ) as filling:
        if is_podman(told.raw):
            client.raw("container", "init", filling.id)
        inside = [one.destination for one in told.mounts if one.destination.startswith(f"{path}/")]
        old = listing(client, told.id, path, without=inside)
        new = listing(client, filling.id, path, without=inside)
    if unlike := sorted(name for name in {*old, *new} if old.get(name) != new.get(name)):
        shown = ", ".join(repr(name) for name in unlike[:3])
        raise RescueFailed(told.name, path, f"in the volume is not what was there: {shown}")
    return Filled("copy", _LOSES, len(new) < 2)


def listing(
    client: Docker, container: str, path: str, *, without: Collection[str] = ()
) -> dict[str, tuple[Any, ...]]:
    """What ``docker cp`` has of *path*, by the name below it: kind, mode, owner, target, bytes."""
    hidden = {one.removeprefix(path).strip("/") for one in without}
    found: dict[str, tuple[Any, ...]] = {}
    root: str | None = None
    with client.container.cp(f"{container}:{path}", "-", stream=True) as stream:
        source: Any = stream
        try:
            with tarfile.open(fileobj=source, mode="r|", errors="surrogateescape") as archive:
                for one in archive:
                    if root is None:  # docker names the folder, podman a volume's root "/"
                        root = one.name.strip("/")
                    name = _below(root, one.name)
                    if any(name == at or name.startswith(f"{at}/") for at in hidden):
                        continue
                    file = archive.extractfile(one) if one.isreg() else None
                    digest = hashlib.sha256()
                    while file and (piece := file.read(1 << 20)):
                        digest.update(piece)
                    found[name] = (
                        *(one.type, one.mode, one.uid, one.gid, one.size),
                        _below(root, one.linkname) if one.islnk() else one.linkname,
                        digest.hexdigest(),
                    )
        except tarfile.TarError as error:
            raise RescueFailed(
                container, path, f"docker's copy of it is no archive: {error}"
            ) from None
    return found


def _below(root: str, name: str) -> str:
    return name.strip("/").removeprefix(root).strip("/")
