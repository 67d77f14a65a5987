"""What all rows share: the engine, which is left as it was found, and the peers' clients."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker as docker_py
import python_on_whales

from benchmarks import memory
from dockcli import Docker
from dockcli.data.helper.image import remove_helpers
from dockcli.engine import private
from dockcli.engine.base import provide
from dockcli.engine.provide import ensure
from dockcli.runner import find_program

LABEL = "dockcli.benchmark"


class Stage:
    """The engine and how each contestant reaches it."""

    def __init__(self, folder: Path, host: str | None, *, short: bool = False) -> None:
        """*short*: what takes minutes is done with less."""
        self.folder, self.short = folder, short
        self.environment = {**os.environ, "TESTCONTAINERS_RYUK_DISABLED": "true"}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody is to compile each time
        if host is not None:
            self.environment["DOCKER_HOST"] = host
        os.environ.update(self.environment)
        memory.ENVIRONMENT.update(self.environment)
        self.program = find_program("docker", os.environ["PATH"])
        self.docker = Docker()
        self.base = ""
        self.py: Any = docker_py.from_env(timeout=600)
        self.whales: Any = python_on_whales.docker

    def provide(self) -> None:
        """Make sure of the image that all containers are made of."""
        self.base = provide(self.docker, print).reference

    def name(self, what: str) -> str:
        return f"bench-{what}-{uuid.uuid4().hex[:6]}"

    def raw(self, *words: str) -> bytes:
        """The docker process and no more: what a caller of `subprocess` would write."""
        done = subprocess.run(
            [self.program, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            env=self.environment,
        )
        return done.stdout

    @contextmanager
    def box(self, *words: str) -> Iterator[str]:
        """The id of a container that runs *words*, or sleeps; gone afterwards."""
        words = words or ("sleep", "1000000")
        made = self.docker.run(self.base, *words, detach=True, label={LABEL: "box"}, init=True)
        try:
            yield made.id
        finally:
            self.docker.rm(made.id, force=True)

    def create(self, many: int, *, labels: Mapping[str, str], start: bool = False) -> list[str]:
        """The ids of *many* new containers, each with a volume and some labels."""

        def one(number: int) -> str:
            made = self.py.api.create_container(
                self.base,
                ["sleep", "1000000"],
                labels={**labels, "number": str(number), "app": "bench", "stage": "test"},
                host_config=self.py.api.create_host_config(
                    binds=["/tmp:/data:ro"], tmpfs={"/run": ""}, init=True
                ),
            )["Id"]
            if start:
                self.py.api.start(made)
            return str(made)

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(one, range(many)))

    def remove(self, ids: list[str]) -> None:
        def one(id: str) -> None:
            with suppress(docker_py.errors.NotFound):
                self.py.api.remove_container(id, force=True)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, ids))


@contextmanager
def opened(*, short: bool = False) -> Iterator[Stage]:
    """A stage on the engine that docker reaches, else on a private one that goes again."""
    with tempfile.TemporaryDirectory(prefix="dockcli-bench-") as folder:
        provided = ensure(print)
        try:
            stage = Stage(Path(folder), provided.host, short=short)
            before = _things(stage)
            stage.provide()
            try:
                yield stage
            finally:
                remove_helpers(stage.docker)
                if stage.base not in before["images"]:
                    stage.docker.image.rm(stage.base)
            left = {kind: names - before[kind] for kind, names in _things(stage).items()}
            if any(left.values()):
                raise RuntimeError(f"left behind: {left}")
        finally:
            if provided.how in ("started", "installed"):
                private.stop(print)


def _things(stage: Stage) -> dict[str, set[str]]:
    def listed(*words: str) -> set[str]:
        return set(stage.raw(*words).decode().split())

    return {
        "containers": listed("ps", "--all", "--quiet", "--no-trunc"),
        "volumes": listed("volume", "ls", "--quiet"),
        "networks": listed("network", "ls", "--quiet"),
        "images": listed("images", "--format={{.Repository}}:{{.Tag}}"),
    }
