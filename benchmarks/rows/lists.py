"""Lists of what there is, with what one wants to know of each."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.measure import Row, Way
from benchmarks.stage import LABEL, Stage

_SIZES = (10, 50, 100, 1_000)
_SETUP = "from dockcli import docker; docker.version()"
_SCRIPT = """
for one in docker.container.ls(all=True, filter={{"label": "{label}"}}):
    one.name, one.state, one.mounts, one.labels
"""
_PY_SETUP = "import docker; client = docker.from_env(timeout=600); client.version()"
_PY_SCRIPT = """
for one in client.containers.list(all=True, filters={{"label": "{label}"}}):
    one.name, one.status, one.attrs["Mounts"], one.labels
"""


def containers(stage: Stage) -> Iterator[Row]:
    label = f"{LABEL}=list"
    ids: list[str] = []

    def ours() -> None:
        found = stage.docker.container.ls(all=True, filter={"label": label})
        _all(ids, [(c.name, c.state, c.mounts, c.labels) for c in found])

    def pys() -> None:
        found = stage.py.containers.list(all=True, filters={"label": label})
        _all(ids, [(c.name, c.status, c.attrs["Mounts"], c.labels) for c in found])

    def sparse() -> None:
        found = stage.py.containers.list(all=True, filters={"label": label}, sparse=True)
        _all(ids, [(c.attrs["Names"], c.attrs["State"], c.attrs["Mounts"]) for c in found])

    def whales() -> None:
        found = stage.whales.container.list(all=True, filters=[("label", label)])
        _all(ids, [(c.name, c.state, c.mounts, c.config.labels) for c in found])

    def raw() -> None:
        listed = stage.raw("ps", "--all", "--quiet", f"--filter=label={label}")
        stage.raw("container", "inspect", *listed.decode().split())

    try:
        for size in _SIZES:
            ids += stage.create(size - len(ids), labels={LABEL: "list"})
            process_each = Way("python-on-whales", whales, rounds=2 if size <= 100 else 1)
            yield Row(
                f"list {size}",
                f"list {size:,} containers with name, state, mounts, labels",
                [
                    Way(
                        "dockcli",
                        ours,
                        script=_SETUP + _SCRIPT.format(label=label),
                        idle=_SETUP,
                    ),
                    Way(
                        "docker-py",
                        pys,
                        script=_PY_SETUP + _PY_SCRIPT.format(label=label),
                        idle=_PY_SETUP,
                    ),
                    Way("docker-py, sparse", sparse),
                    Way("ps -q, inspect", raw),
                    *([] if stage.short and size > 100 else [process_each]),
                ],
                base=("docker-py",),
                target=1.1 if size in (50, 1_000) else None,
                goal="≤ docker-py × 1.1" if size == 50 else "no slower growth than docker-py's",
                rounds=12 if size <= 100 else 4,
                family="list containers",
                size=size,
                note="docker-py asks for each by itself, python-on-whales by a process each; "
                '"sparse" is one request that knows less of each.',
            )
    finally:
        stage.remove(ids)


def _all(ids: list[str], found: list[Any]) -> None:
    assert len(found) == len(ids), f"{len(found)} of {len(ids)}"


def others(stage: Stage) -> Iterator[Row]:
    """Volumes, images and networks."""
    label, many = {LABEL: "list"}, 50
    filters = {"label": f"{LABEL}=list"}
    docker, py, whales = stage.docker, stage.py, stage.whales
    with ExitStack() as gone:
        for number in range(many):
            volume = py.volumes.create(stage.name(f"v{number}"), labels=label)
            gone.callback(volume.remove)
            image = py.api.import_image_from_data(
                _tar(number), stage.name("image"), changes=[f"LABEL {LABEL}=list"]
            )
            gone.callback(py.api.remove_image, _id(image))
        for number in range(20):
            network = py.networks.create(stage.name("net"), labels=label, ipam=_pool(number))
            gone.callback(network.remove)
        kinds: dict[str, tuple[int, list[tuple[str, Callable[[], Any]]]]] = {
            "volumes": (
                many,
                [
                    ("dockcli", lambda: docker.volume.ls(filter=filters)),
                    ("docker-py", lambda: py.volumes.list(filters=filters)),
                    (
                        "python-on-whales",
                        lambda: [v.driver for v in whales.volume.list(filters=[_pair(filters)])],
                    ),
                ],
            ),
            "images": (
                many,
                [
                    ("dockcli", lambda: docker.image.ls(filter=filters)),
                    ("docker-py", lambda: py.images.list(filters=filters)),
                    (
                        "python-on-whales",
                        lambda: [i.size for i in whales.image.list(filters=[_pair(filters)])],
                    ),
                ],
            ),
            "networks": (
                20,
                [
                    ("dockcli", lambda: docker.network.ls(filter=filters)),
                    (
                        "docker-py",
                        lambda: py.networks.list(filters=filters, greedy=True),
                    ),
                    (
                        "python-on-whales",
                        lambda: [n.driver for n in whales.network.list(filters=[_pair(filters)])],
                    ),
                ],
            ),
        }
        for kind, (size, ways) in kinds.items():
            for name, run in ways:
                assert len(run()) == size, (kind, name, len(run()))
            yield Row(
                f"list {kind}",
                f"list {size} {kind} with all that `inspect` tells",
                [Way(name, run, rounds=2 if "whales" in name else 99) for name, run in ways],
                base=("docker-py",),
                goal="two processes at most, whatever N",
                rounds=12,
                note="docker-py lists volumes and images by one request that knows less of each.",
            )


def _pair(filters: dict[str, str]) -> tuple[str, str]:
    ((name, value),) = filters.items()
    return name, value


def _tar(number: int) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        member = tarfile.TarInfo("number")
        member.size = len(text := str(number).encode())
        tar.addfile(member, io.BytesIO(text))
    return data.getvalue()


def _id(answer: str) -> str:
    import json

    return str(json.loads(answer.strip().splitlines()[-1])["status"])


def _pool(number: int) -> Any:
    from docker.types import IPAMConfig, IPAMPool

    return IPAMConfig(pool_configs=[IPAMPool(subnet=f"10.213.{number}.0/24")])
