"""What is never to be touched, though it looks like what is to go (T11).

Twelve ways to look like it: its name as prefix, as suffix and in the middle of another; its label
with another value; no label; the label of another session that lives, and of another machine;
volumes that a running container has, and that a stopped one holds; one without a name, held and not
held; and what is made while the removal is under way.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dockcli import Docker
from dockcli.owner import current
from dockcli.scope import OWNER, SCOPE

ELSEWHERE = "elsewhere/1/2/3/4"
SLEEPS = ("sleep", "100000")


def labels() -> list[dict[str, str]]:
    """Those of others: another value, none, a session that lives, another machine, other keys."""
    return [
        {SCOPE: "1", "dockcli.recipe": "isolation"},
        {},
        {OWNER: str(current()), SCOPE: "2"},
        {OWNER: ELSEWHERE, SCOPE: "1"},
        {"dockcli.owners": ELSEWHERE, "dockcli.helper.volume": "other"},
    ]


class Decoys:
    """All of them around the names that are given; `state` tells all that the engine tells."""

    def __init__(
        self,
        docker: Docker,
        base: str,
        stem: str,
        *,
        containers: Iterable[str] = (),
        volumes: Iterable[str] = (),
        tags: Iterable[str] = (),
    ) -> None:
        self._docker, self._base, self._stem = docker, base, stem
        self._made: list[tuple[str, str]] = []
        others = labels()
        for number, name in enumerate(alike(volumes)):
            self._volume(name, others[number % len(others)])
        for number, name in enumerate(alike(containers)):
            self._container(name, others[number % len(others)])
        for number, label in enumerate(others):
            self._volume(f"{stem}-volume{number}", label)
            self._container(f"{stem}-container{number}", label)
        for tag in dict.fromkeys(tags):
            self._tag(f"{tag}:mine")
            self._tag(f"x{tag}:latest")
        self._held()

    def _volume(self, name: str, label: dict[str, str]) -> None:
        self._docker.volume.create(name, label=label)
        self._made.append(("volume", name))

    def _container(self, name: str, label: dict[str, str], *words: str, **more: object) -> None:
        create = self._docker.run if more.get("detach") else self._docker.container.create
        create(self._base, *(words or ("true",)), name=name, label=label, **more)  # type: ignore[arg-type]
        self._made.append(("container", name))

    def _tag(self, name: str) -> None:
        self._docker.image.tag(self._base, name)
        self._made.append(("image", name))

    def _held(self) -> None:
        """Volumes that containers have, one that runs and one that does not, and one that none has;
        with and without a name."""
        used, kept = f"{self._stem}-used", f"{self._stem}-kept"
        self._volume(used, {})
        self._volume(kept, {})
        self._container(
            f"{self._stem}-user", {}, *SLEEPS, detach=True, volume=[f"{used}:/v", "/anonymous"]
        )
        self._container(f"{self._stem}-holder", {}, volume=[f"{kept}:/v", "/anonymous"])
        self._made.append(("volume", self._docker.volume.create().name))

    def _names(self, kind: str) -> list[str]:
        return [name for its, name in self._made if its == kind]

    def fill(self) -> None:
        """Put something in each volume, where they are on this machine."""
        for one in self._docker.volume.inspect(*self._names("volume")):
            with open(os.path.join(one.mountpoint, "mine"), "w", encoding="utf-8") as file:
                file.write(one.name)

    def state(self) -> dict[str, object]:
        """All that the engine tells of each, and what is in the volumes."""
        kinds = [kind for kind in ("container", "volume", "image") if self._names(kind)]
        told = {}
        for kind in kinds:
            told[kind] = self._docker.raw(kind, "inspect", *self._names(kind)).json()
        for one in told["container"]:  # in an order that changes from one answer to the next
            one["Mounts"].sort(key=lambda mount: mount["Destination"])
        folders = [one["Mountpoint"] for one in told["volume"]]
        return {**told, **{folder: b"".join(_content(folder)) for folder in folders}}

    @contextmanager
    def one_more(self, after: float = 1.0) -> Iterator[None]:
        """Something of another's that is made a moment after the block has begun, and stays."""
        label, name = {OWNER: ELSEWHERE, SCOPE: "1"}, f"{self._stem}-later"
        timer = threading.Timer(
            after, lambda: self._docker.volume.create(name, label=label, deadline=60)
        )
        timer.start()
        try:
            yield
        finally:
            timer.join()
            self._docker.volume.rm(name)  # and so it was there

    def remove(self) -> None:
        for kind in ("container", "image", "volume"):
            if names := self._names(kind):
                force = ("--force", "--volumes") if kind == "container" else ()
                self._docker.raw(kind, "rm", *force, *names)


def alike(names: Iterable[str]) -> list[str]:
    """Names that others begin with, end with, or have in their middle."""
    return [like for name in dict.fromkeys(names) for like in (f"{name}0", f"x{name}", f"x{name}0")]


def _content(folder: str) -> Iterator[bytes]:
    for path, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            status = os.lstat(os.path.join(path, name))
            with open(os.path.join(path, name), "rb") as file:
                yield f"{path}/{name} {status.st_mode:o} {status.st_mtime_ns}\n".encode()
                yield file.read()
