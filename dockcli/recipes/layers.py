"""The evidence of recipes: what a container's file system holds, and what in it is its own."""

from __future__ import annotations

import hashlib
import os
import tarfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect
    from dockcli.objects import Container
    from dockcli.recipes.stage import Stage


class Content(NamedTuple):
    """A whole file system: how many paths, and a digest of their names, modes and contents."""

    paths: int
    digest: str

    def __str__(self) -> str:
        return f"{self.paths} paths, {self.digest[:12]}"


def content(stage: Stage, container: Container) -> Content:
    """The whole content of a container, as ``docker export`` gives it. Times are left out."""
    path = os.path.join(stage.folder, "export.tar")
    stage.client.container.export(container, output=path)
    if not os.path.exists(path):  # a rehearsal exports nothing
        return Content(0, "")
    digest, paths = hashlib.sha256(), []
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            inside = hashlib.sha256(file.read()).hexdigest() if file else ""
            about = (member.name, member.type, member.mode, member.uid, member.gid, member.linkname)
            paths.append(repr((*about, inside)))
    os.unlink(path)
    for line in sorted(paths):
        digest.update(line.encode("utf-8", "surrogateescape"))
    return Content(len(paths), digest.hexdigest())


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
