"""Where a path of a container leads: through links, and past what is mounted.

``docker cp`` sees the container's file system and its volumes, not what else is mounted while it
runs: a file put below a tmpfs, ``/dev``, ``/proc`` or ``/sys`` lies there unseen. podman's goes
into the running container, and follows links itself.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli import argv
from dockcli.completed import Completed
from dockcli.errors import (
    DockerFailed,
    NoSuchContainer,
    NoSuchObject,
    NoSuchPath,
    NotAFile,
    OutOfReach,
    ReadOnlyPath,
    UnreadableOutput,
)
from dockcli.files.stream import opened

if TYPE_CHECKING:
    from tarfile import TarFile, TarInfo
    from types import TracebackType

    from dockcli.call import Call
    from dockcli.client import Docker
    from dockcli.files.stream import Readable

_KERNEL = dict.fromkeys(("/dev", "/proc", "/sys"), "a file system of the kernel's")
_DOCKERS = {"/etc/hosts": "add_host=", "/etc/hostname": "hostname=", "/etc/resolv.conf": "dns="}
_MOST_LINKS = 40  # as many as the kernel follows
_NO_FILE = re.compile(
    r"Error: No such container:path: |Error response from daemon: Could not find the file "
)
_PATTERN = re.compile(r"([\\?\[\]])")  # what podman takes for a pattern of names
_CHUNK = 1 << 16
_A_MOMENT = 0.01  # seconds, less than any docker process takes


class Clock:
    """What is left of a deadline in seconds that is for several calls."""

    def __init__(self, deadline: object) -> None:
        from dockcli.commands.keywords import seconds

        self._end = None if deadline is None else time.monotonic() + seconds(deadline)

    @property
    def left(self) -> float | None:
        return None if self._end is None else max(self._end - time.monotonic(), _A_MOMENT)


class Found(NamedTuple):
    """A path without links in its end, and what is there; None for nothing."""

    path: str
    member: TarInfo | None


class Place:
    """A container, as it was when it was asked for."""

    def __init__(self, client: Docker, container: object, clock: Clock) -> None:
        self.client, self.clock = client, clock
        told = client.container.inspect(argv.container(container), deadline=clock.left)
        self.id: str = told.id
        self.is_podman = "OCIRuntime" in told.raw
        seen = {mount.destination for mount in told.mounts if mount.type != "tmpfs"}
        hiding = _podmans(told.raw, told.running) if self.is_podman else _dockers(told.raw)
        self._mounts = seen
        self._read_only = {one.destination for one in told.mounts if one.read_only}
        if self.is_podman and not told.running and _host(told.raw).get("ReadonlyRootfs"):
            self._read_only.add("/")
        self._hiding = {at: what for at, what in hiding.items() if at not in seen}

    # --- what docker cp can reach

    def refuse(self, path: str) -> None:
        """Raise OutOfReach where *path* lies in what docker cp passes by."""
        deepest = self._deepest_mount(path)
        if deepest in self._hiding:
            raise OutOfReach(
                f"{path} of the container {self.id[:12]} lies in {deepest}, "
                f"{self._hiding[deepest]}: `docker cp` does not reach it. While the container "
                f"runs, read or write it from inside: docker.container.exec(…, 'cat', {path!r})"
            )

    def refuse_to_change(self, path: str) -> None:
        """The same, and ReadOnlyPath, which podman does not hold to before a container runs."""
        self.refuse(path)
        if (self._deepest_mount(path) or "/") in self._read_only:
            raise ReadOnlyPath(self.said_yes(path), f"{path} is mounted read-only")

    def refuse_to_replace(self, path: str) -> None:
        """The same for a file that is to be put at *path*."""
        self.refuse_to_change(path)
        advice = "write it from inside, with docker.container.exec"
        if path in _DOCKERS:
            advice = f"`{_DOCKERS[path]}` of run and create says what docker writes there"
        if path in _DOCKERS or path in self._mounts:
            raise OutOfReach(
                f"{path} is mounted into the container {self.id[:12]}: `docker cp` cannot put a "
                f"file in its place; {advice}"
            )

    def _deepest_mount(self, path: str) -> str:
        above = [at for at in (*self._hiding, *self._mounts) if _is_in(path, at)]
        return max(above, key=len, default="")

    def has_tmpfs(self) -> bool:
        """Whether a link may well lead into what docker cp passes by, as /var/run does."""
        return not self.is_podman and not set(self._hiding) <= set(_KERNEL)

    # --- where a path leads

    def settled(self, path: str) -> str:
        """*path* without links above its end, looked at only where one may lead into a tmpfs."""
        self.refuse(path)
        folder, _, name = path.rpartition("/")
        if not name or not self.has_tmpfs():
            return path
        path = f"{self._walk(folder, every=True).path.rstrip('/')}/{name}"
        self.refuse(path)
        return path

    def real(self, path: str) -> Found:
        """Where *path* leads, and what is there. Raises OutOfReach, NotAFolder, and NotAFile for
        links in a circle."""
        self.refuse(path)
        found = self._walk(path, every=self.has_tmpfs())
        self.refuse(found.path)
        return found

    def look(self, path: str) -> TarInfo | None:
        """What is at *path* itself, None for nothing: the first header of its archive."""
        with suppress(NoSuchPath), self.opened(path) as archive:
            return self.member(archive, path)[0]
        return None

    def opened(self, path: str) -> Readable:
        """The archive of *path* as it comes."""
        return _Asked(opened(self.get(path)))

    def get(self, path: str) -> Call[Any]:
        if self.is_podman:
            if "*" in path:
                raise OutOfReach(f"{path}: podman copies nothing that has a `*` in its name")
            path = _PATTERN.sub(r"\\\1", path)
        return self.client.call.container.cp(f"{self.id}:{path}", "-", deadline=self.clock.left)

    def member(self, archive: Readable, path: str) -> tuple[TarInfo, TarFile]:
        """The first member of *archive*."""
        import tarfile

        source: Any = archive
        try:
            opened = tarfile.open(fileobj=source, mode="r|", errors="surrogateescape")  # noqa: SIM115
            member = next(iter(opened), None)
        except tarfile.TarError as error:
            raise UnreadableOutput(self.said_yes(path), f"no archive: {error}") from None
        if member is None:
            while archive.read(_CHUNK):  # to docker's own end, which may say why
                pass
            raise UnreadableOutput(
                self.said_yes(path),
                "an empty archive: docker has no words for a name that is not UTF-8",
            )
        return member, opened

    def said_yes(self, path: str) -> Completed:
        """A result of ours for an error about what docker gave without complaint."""
        return Completed(self.get(path).argv, 0, b"", b"", 0.0).masked()

    def _walk(self, path: str, *, every: bool) -> Found:
        """Follow the links in *path*: in its end, or in *every* part of it.

        docker follows those above the end by itself, but shortens ``link/..`` before it does.
        """
        todo, done, links = _parts(path), "", 0
        member: TarInfo | None = None
        missing = False
        while todo:
            part = todo.pop(0)
            if part == "..":
                done, member = done.rpartition("/")[0], None
                continue
            here = f"{done}/{part}"
            if every or not todo:
                member = None if missing else self.look(here)
                missing = member is None
            if member is None or not member.issym():
                done = here
                continue
            links += 1
            if links > _MOST_LINKS:
                raise NotAFile(self.said_yes(path), f"{path}: its links lead in a circle")
            target = _parts(member.linkname)
            if ".." in target and not every:
                return self._walk(path, every=True)
            todo = target + todo
            if member.linkname.startswith("/"):
                done = ""
            member = None
        return Found(done or "/", member)


class _Asked:
    """An archive of a path in a container that was there a moment ago.

    docker 20.10 does not say which of the two is missing; and a name may have newlines, which no
    message of docker's that is known by its lines does.
    """

    def __init__(self, archive: Readable) -> None:
        self._archive = archive

    def read(self, size: int = -1) -> bytes:
        try:
            return self._archive.read(size)
        except (NoSuchContainer, NoSuchPath):
            raise
        except DockerFailed as error:
            said = error.completed.error_text
            if isinstance(error, NoSuchObject) or _NO_FILE.match(said):
                raise NoSuchPath(error.completed, error.reason) from None
            raise

    def __enter__(self) -> _Asked:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.__exit__(kind, error, trace)


def _is_in(path: str, at: str) -> bool:
    return path == at or path.startswith(f"{at.rstrip('/')}/")


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _dockers(raw: Any) -> dict[str, str]:
    """What docker cp passes by, and what that is: it is there once the container runs."""
    tmpfs = [*_tmpfs(raw), *_mounted(raw)]
    return {**_KERNEL, **{at.rstrip("/") or "/": "a tmpfs" for at in tmpfs}}


def _podmans(raw: Any, running: bool) -> dict[str, str]:
    """The same of podman, which goes into a container that runs, and whose tmpfs takes up what was
    there before, unless it is told not to."""
    if running:
        return {}
    hidden = [at for at, how in _tmpfs(raw).items() if "tmpcopyup" not in str(how).split(",")]
    return {**_KERNEL, **dict.fromkeys(hidden, "a tmpfs")}


def _tmpfs(raw: Any) -> dict[str, Any]:
    return _host(raw).get("Tmpfs") or {}


def _host(raw: Any) -> dict[str, Any]:
    return raw.get("HostConfig") or {}


def _mounted(raw: Any) -> list[str]:
    mounts = raw.get("Mounts") or ()
    return [str(one.get("Destination")) for one in mounts if one.get("Type") == "tmpfs"]
