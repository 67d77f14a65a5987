"""The evidence of recipes: what a container's file system holds, and what in it is its own."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
import shutil
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli.spool import room_in

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect
    from dockcli.objects import Container
    from dockcli.recipes.stage import Stage
    from dockcli.spec.values import ImageRef


class Content(NamedTuple):
    """A whole file system: how many paths, and a digest of their names, modes and contents."""

    paths: int
    digest: str

    def __str__(self) -> str:
        return f"{self.paths} paths, {self.digest[:12]}"


def content(stage: Stage, container: Container, folder: str) -> Content:
    """The whole content of a container, as ``docker export`` gives it. Times are left out.

    An export leaves out what is mounted: *folder* is read by ``docker cp`` too, which does not.
    """
    path, copy = os.path.join(stage.folder, "export.tar"), os.path.join(stage.folder, "copy")
    stage.client.container.export(container, output=path)
    with room_in(stage.folder):  # podman copies nothing of a mount itself, but what is in it
        os.makedirs(copy, exist_ok=True)
    stage.client.container.cp(f"{container}:{folder}/.", copy)
    if not os.path.exists(path):  # a rehearsal exports nothing
        return Content(0, "")
    digest, paths = hashlib.sha256(), _in_archive(path)
    os.unlink(path)
    for line in [*sorted(paths), *sorted(_in_folder(copy))]:
        digest.update(line.encode("utf-8", "surrogateescape"))
    shutil.rmtree(copy)
    return Content(len(paths), digest.hexdigest())


def _in_archive(path: str) -> list[str]:
    """A line for each path in a tar archive."""
    lines = []
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            inside = hashlib.sha256(file.read()).hexdigest() if file else ""
            about = (member.name, member.type, member.mode, member.uid, member.gid, member.linkname)
            lines.append(repr((*about, inside)))
    return lines


def _in_folder(path: str) -> list[str]:
    """A line for each regular file below *path*."""
    lines = []
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)
            if os.path.isfile(file) and not os.path.islink(file):
                with open(file, "rb") as opened:
                    inside = hashlib.sha256(opened.read()).hexdigest()
                lines.append(repr((os.path.relpath(file, path), inside)))
    return lines


def read(stage: Stage, container: str, path: str) -> str:
    """A file of a container that does not run, by ``docker cp``."""
    target = os.path.join(stage.folder, "read")
    stage.client.container.cp(f"{container}:{path}", target)
    if not os.path.exists(target):
        return ""
    with open(target, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    os.unlink(target)
    return text


def in_own_layer(container: ContainerInspect, path: str) -> str | None:
    """A file as it lies in the container's writable layer on this machine's disk.

    None where that disk is not this machine's (Docker Desktop, SSH, rootless) or not to be read.
    """
    if not container.upper_dir:
        return None
    try:
        with open(container.upper_dir + path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return None


def same_machine(stage: Stage) -> bool:
    """Whether the engine mounts this machine's folders: a token written here is read in there.

    Not so with an engine elsewhere, or with Docker Desktop for a folder that it does not share.
    """
    folder, token = os.path.join(stage.folder, "probe"), secrets.token_hex(16)
    if not os.path.isdir(folder):
        with room_in(stage.folder):
            os.mkdir(folder, 0o755)
    stage.write(os.path.join(folder, "token"), token)
    # --mount, since -v would make the folder on the other machine
    call = stage.docker.container.run(
        stage.base, "cat", "/probe/token", mount=bind(folder, "/probe"), rm=True, check=False
    )
    return call.run().text == token or stage.wishes.dry_run


def bind(source: str, target: str, *more: str) -> str:
    """A bind mount as ``--mount`` takes it: CSV, so that a path may hold any character."""
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(
        ["type=bind", f"source={source}", f"target={target}", *more]
    )
    return row.getvalue()


def own_paths(container: ContainerInspect) -> list[str] | None:
    """What lies at the top of the container's writable layer on this machine's disk.

    None where that disk is not this machine's, or not to be read, or the layer is not there.
    """
    if not container.upper_dir:
        return None
    try:
        return sorted(os.listdir(container.upper_dir))
    except OSError:
        return None


def image_dirs(container: ContainerInspect) -> tuple[str, ...]:
    """The lower directories that are the image's, the highest first.

    docker puts one of the container's own (``…-init``) above them, for what it mounts over.
    """
    return tuple(one for one in container.lower_dirs if not one.endswith("-init/diff"))


def idle(stage: Stage, image: ImageRef, **options: Any) -> Container:
    """Create a container that does nothing once it is started, and ends at once when told to."""
    create = stage.client.container.create
    return create(image, "sleep", "3600", stop_signal="KILL", **options)


def no_file_layers(container: ContainerInspect) -> str:
    """Why the engine's storage cannot show layers that are made of files; "" where it can."""
    driver = container.raw.get("GraphDriver")
    name = str(driver.get("Name")) if isinstance(driver, dict) else ""
    return _OTHER_STORAGE.get(name, "")


BY_DOCKER = "by what docker reports alone: the engine's disk is not to be read from here"
"""Where the evidence does not come from the engine's disk."""

_OTHER_STORAGE = {
    "vfs": "the engine's storage driver vfs copies the whole image for each container",
    **dict.fromkeys(
        ("btrfs", "zfs", "devicemapper"),
        "the engine's storage driver shares and copies blocks, not files",
    ),
}
