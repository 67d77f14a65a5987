"""The helper image: this machine's own GNU tools in an image made on the spot, nothing pulled.

It is kept on the engine for the next time, under a name that says what is in it, and is taken only
with a label that says the same.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import platform
import re
import sys
import tarfile
from typing import TYPE_CHECKING

from dockcli import process
from dockcli.data.helper.errors import NoHelper
from dockcli.errors import DockcliError, DockerFailed, NoSuchImage
from dockcli.runner import find_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockcli.client import Docker

LABEL = "dockcli.helper"
REPOSITORY = "dockcli-helper"

_TOOLS = (
    *("sh", "tar", "find", "xargs", "sha256sum", "chmod", "touch", "stat", "sync"),
    *("cat", "cp", "df", "du", "mkdir", "mv", "rm", "rmdir", "wc"),
)
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armv6l": "arm", "i686": "386"}
_LIBRARY = re.compile(r"(?:.* => )?(/\S+) \(0x[0-9a-f]+\)")
_SECONDS = 10.0
_ELSEWHERE = "give image= one with GNU tar and sh, such as debian:stable-slim"


def made(client: Docker) -> tuple[str, bool]:
    """The helper image on the client's engine, by its id, and whether it was made just now.

    Raises NoHelper where this machine's tools cannot be used, EngineUnreachable, DockerFailed.
    Source: ``docker import``.
    """
    _must_fit(client)
    archive, digest = _packed()
    return _imported(client, f"{REPOSITORY}:{digest[:12]}", digest, archive)


def made_empty(client: Docker) -> str:
    """An image with nothing in it, by its id, for containers that never start."""
    archive = bytes(2 * tarfile.BLOCKSIZE)
    return _imported(client, f"{REPOSITORY}:empty", "empty", archive)[0]


def remove_helpers(client: Docker) -> list[str]:
    """Remove the images that were made for helpers; what could not be removed, and why.

    The containers of helpers have none of them any more, but for those of a process that still
    runs: docker keeps the image then. Source: ``docker image rm``.
    """
    problems = []
    for image in client.image.ls(all=True, filter={"label": LABEL}):
        names = [tag for tag in image.tags if _is_ours(tag)]
        try:
            client.image.rm(*(names or [image.id]))
        except NoSuchImage:
            continue
        except DockerFailed as error:
            problems.append(str(error))
    return problems


def _is_ours(tag: str) -> bool:
    return tag.removeprefix("localhost/").startswith(f"{REPOSITORY}:")


def _imported(client: Docker, name: str, content: str, archive: bytes) -> tuple[str, bool]:
    """By its id: a name may be another's the next moment."""
    try:
        there = client.image.inspect(name)
        if there.labels.get(LABEL) == content:
            return there.id, False
    except NoSuchImage:
        pass
    image = client.but(labels={}).image.import_(  # it stays, and is everybody's
        "-", name, change=[f"LABEL {LABEL}={content}"], stdin=archive, message="dockcli: a helper"
    )
    return image.id, True


def _must_fit(client: Docker) -> None:
    """Raise NoHelper unless what runs on this machine runs on the engine's."""
    if sys.platform != "linux":
        raise NoHelper(f"the tools of this machine ({sys.platform}) run on no engine; {_ELSEWHERE}")
    version = client.version()
    here, there = _MACHINES.get(platform.machine(), platform.machine()), version.architecture
    if here != there:
        raise NoHelper(f"the engine is {there}, this machine's tools are {here}; {_ELSEWHERE}")


@functools.cache
def _packed() -> tuple[bytes, str]:
    """The tools and what they load, as a tar, and its SHA-256."""
    programs = {tool: _program(tool) for tool in _TOOLS}
    for tool in ("tar", "cp", "find"):
        if "GNU" not in _told(programs[tool], "--version").partition("\n")[0]:
            raise NoHelper(
                f"{programs[tool]} is not GNU's: install GNU tar, coreutils and findutils, "
                f"or {_ELSEWHERE}"
            )
    files = {f"bin/{tool}": os.path.realpath(path) for tool, path in programs.items()}
    files |= {path.lstrip("/"): path for path in _libraries(set(files.values()))}
    archive = _tar(files)
    return archive, hashlib.sha256(archive).hexdigest()


def _program(name: str) -> str:
    path = os.pathsep.join(filter(None, [os.environ.get("PATH"), "/usr/bin", "/bin"]))
    try:
        return find_program(name, path)
    except DockcliError as error:
        raise NoHelper(f"{error}; or {_ELSEWHERE}") from None


def _libraries(programs: Iterable[str]) -> set[str]:
    """All that the loader takes for *programs*, itself too; nothing for those without libraries."""
    said = _told(_program("ldd"), *sorted(programs), check=False)
    return {match[1] for line in said.splitlines() if (match := _LIBRARY.fullmatch(line.strip()))}


def _told(*words: str, check: bool = True) -> str:
    env = {**os.environ, "LC_ALL": "C"}
    done = process.run(list(words), env=env, deadline=_SECONDS)
    if check and done.returncode != 0:
        raise NoHelper(f"`{' '.join(words)}` fails here; {_ELSEWHERE}")
    return done.stdout.decode(errors="replace")


def _tar(files: dict[str, str]) -> bytes:
    """The same bytes for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        folders = {"/".join(name.split("/")[:depth]) for name in files for depth in (1, 2, 3, 4)}
        for folder in sorted(folders - files.keys()):
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(member)
        for name, path in sorted(files.items()):
            with open(path, "rb") as file:
                content = file.read()
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o755, len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
