"""The base image: the document's alpine, or what stands in for it where it cannot be had.

Local, else pulled, else a stand-in made of Debian's static busybox, under a name of its own: a
``FROM alpine:3.20`` of the user's must never get it. What it was is always said.
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockcli import owner, process, state
from dockcli.errors import (
    CallError,
    DeadlineExceeded,
    DockcliError,
    DockerFailed,
    EngineUnreachable,
    NoSuchImage,
    Refused,
)
from dockcli.runner import find_program

if TYPE_CHECKING:
    from dockcli.client import Docker

ALPINE = "alpine:3.20"
STAND_IN = "dockcli-stand-in:busybox"
LABEL = "dockcli.stand-in"

_PULL_SECONDS = 20.0
_FETCH_SECONDS = 120.0
_ARCHITECTURES = {"amd64": "amd64", "arm64": "arm64", "armhf": "arm", "i386": "386"}


class NoBaseImage(Refused):
    """No image to build on, and none can be made here; the message says what to type."""


@dataclass(frozen=True, slots=True)
class BaseImage:
    """The image that the document's ``alpine`` stands for; *origin*: local, pulled or stand-in."""

    reference: str
    origin: str


def provide(client: Docker, note: Callable[[str], None], wanted: str | None = None) -> BaseImage:
    """The base image on the client's engine, made sure of; *wanted* instead of alpine if given.

    Raises NoBaseImage, EngineUnreachable.
    """
    reference = wanted or ALPINE
    image = _local(client, reference)
    if image is not None:
        return image
    note(f"{reference} is not on this engine: pulling it")
    reason = _pull(client, reference)
    if reason is None:
        return BaseImage(reference, "pulled")
    if wanted is not None:
        raise NoBaseImage(f"{wanted} is not on this engine, and pulling it failed: {reason}")
    with _one_at_a_time():
        stand_in = _local(client, STAND_IN)
        if stand_in is None:
            note(f"pulling failed ({reason}): making a stand-in of Debian's busybox, {STAND_IN}")
            stand_in = _make_stand_in(client)
    return stand_in


def _local(client: Docker, reference: str) -> BaseImage | None:
    try:
        image = client.image.inspect(reference)
    except NoSuchImage:
        return None
    return BaseImage(reference, "stand-in" if LABEL in image.labels else "local")


def _pull(client: Docker, reference: str) -> str | None:
    """Pull, and say why it failed if it did."""
    try:
        client.image.pull(reference, quiet=True, deadline=_PULL_SECONDS)
    except EngineUnreachable:
        raise
    except (DockerFailed, DeadlineExceeded) as error:
        return error.reason
    return None


def _make_stand_in(client: Docker) -> BaseImage:
    folder = owner.temporary_folder()
    try:
        busybox = _fetch_busybox(client, folder)
        client.but(labels={}).image.import_(  # it stays, and is everybody's
            "-",
            STAND_IN,
            change=['CMD ["/bin/sh"]', f"LABEL {LABEL}={ALPINE}"],
            message="dockcli: Debian's static busybox, in place of " + ALPINE,
            stdin=_tree(busybox),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return BaseImage(STAND_IN, "stand-in")


def _fetch_busybox(client: Docker, folder: str) -> str:
    """Debian's static busybox, fetched and unpacked in *folder*; nothing is installed."""
    advice = f"fetch an image where there is a registry (`docker pull {ALPINE}`), or give --base"
    try:
        here = _told(folder, "dpkg", "--print-architecture").strip()
        engine = client.version().architecture
        if _ARCHITECTURES.get(here, here) != engine:
            raise NoBaseImage(
                f"no base image: the engine is {engine}, this machine's busybox is {here}; {advice}"
            )
        try:
            _told(folder, "apt-get", "download", "busybox-static")
        except NoBaseImage:
            if os.getuid() != 0:
                raise
            _told(folder, "apt-get", "update")  # a machine that was never asked has no lists
            _told(folder, "apt-get", "download", "busybox-static")
        package = next(name for name in os.listdir(folder) if name.endswith(".deb"))
        _told(folder, "dpkg-deb", "--extract", package, "root")
    except DockcliError as error:
        if isinstance(error, CallError) or "no base image" in str(error):
            raise
        raise NoBaseImage(
            f"no base image: no {ALPINE}, and no stand-in ({error}); {advice}"
        ) from None
    return next(
        path
        for path in (f"{folder}/root/bin/busybox", f"{folder}/root/usr/bin/busybox")
        if os.path.exists(path)
    )


def _told(folder: str, *words: str) -> str:
    """What a program of the system prints; raises NoBaseImage with what it says when it fails."""
    program = find_program(words[0], os.environ.get("PATH"))
    done = process.run(
        [program, *words[1:]],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
        cwd=folder,
        deadline=_FETCH_SECONDS,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoBaseImage(f"{' '.join(words)}: {said[-1] if said else 'not done in time'}")
    return done.stdout.decode(errors="replace")


def _tree(busybox: str) -> bytes:
    """A root file system around *busybox*, as a tar: the same bytes for the same busybox."""
    applets = _told(os.path.dirname(busybox), busybox, "--list").split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in (
            "bin",
            "dev",
            "etc",
            "home",
            "proc",
            "root",
            "run",
            "sbin",
            "sys",
            "usr",
            "var",
        ):
            _add(tar, name, tarfile.DIRTYPE)
        _add(tar, "tmp", tarfile.DIRTYPE, mode=0o1777)
        with open(busybox, "rb") as file:
            _add(tar, "bin/busybox", tarfile.REGTYPE, file.read())
        for applet in sorted(set(applets) - {"busybox"}):
            _add(tar, f"bin/{applet}", tarfile.SYMTYPE, link="busybox")
        _add(tar, "etc/passwd", tarfile.REGTYPE, b"root:x:0:0:root:/root:/bin/sh\n", mode=0o644)
        _add(tar, "etc/group", tarfile.REGTYPE, b"root:x:0:\n", mode=0o644)
        release = b'ID=dockcli-stand-in\nPRETTY_NAME="dockcli stand-in (Debian busybox)"\n'
        _add(tar, "etc/os-release", tarfile.REGTYPE, release, mode=0o644)
    return buffer.getvalue()


def _add(
    tar: tarfile.TarFile,
    name: str,
    kind: bytes,
    content: bytes = b"",
    *,
    mode: int = 0o755,
    link: str = "",
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.size, member.linkname = kind, mode, len(content), link
    tar.addfile(member, io.BytesIO(content))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two that make the stand-in at once would leave one of the two without its name."""
    state.make_folder(state.state_folder(), 0o711)
    path = os.path.join(state.state_folder(), "base.lock")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
