"""What dockcli adds to one docker process."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Row, Way
from benchmarks.stage import Stage

_ROUNDS, _PEERS = 100, 30  # beside the raw process, whose limit is near, and beside the peers
_GOAL = "≤ 1.05 × the raw process"
_WHY = (
    "docker-py, and testcontainers by it, asks the engine itself and starts no process; "
    "docker's own contexts, plugins and configuration it does not have."
)


def rows(stage: Stage) -> Iterator[Row]:
    docker, raw, py, whales = stage.docker, stage.raw, stage.py, stage.whales
    docker.version()
    yield Row(
        "call version",
        "one call: `version`",
        [
            Way("dockcli", docker.version),
            Way("raw process", lambda: raw("version", "--format={{json .}}")),
            Way("python-on-whales", whales.version, rounds=_PEERS),
            Way("docker-py", py.version, rounds=_PEERS),
        ],
        base=("raw process",),
        target=1.05,
        goal=_GOAL,
        rounds=_ROUNDS,
        note=_WHY,
    )
    with stage.box() as box:
        container, kept = py.containers.get(box), whales.container.inspect(box)
        from testcontainers.core.container import DockerContainer

        wrapped = DockerContainer(stage.base)
        wrapped._container = container
        yield Row(
            "call inspect",
            "one call: `inspect`",
            [
                Way("dockcli", lambda: docker.container.inspect(box)),
                Way("raw process", lambda: raw("container", "inspect", box)),
                Way("python-on-whales", lambda: whales.container.inspect(box).name, rounds=_PEERS),
                Way("docker-py", lambda: py.containers.get(box).name, rounds=_PEERS),
            ],
            base=("raw process",),
            target=1.05,
            goal=_GOAL,
            rounds=_ROUNDS,
            note=_WHY,
        )
        yield Row(
            "call exec",
            "one call: `exec`",
            [
                Way("dockcli", lambda: docker.exec(box, "true")),
                Way("raw process", lambda: raw("exec", box, "true")),
                Way("python-on-whales", lambda: kept.execute(["true"]), rounds=_PEERS),
                Way("docker-py", lambda: container.exec_run(["true"]), rounds=_PEERS),
                Way("testcontainers", lambda: wrapped.exec(["true"]), rounds=_PEERS),
            ],
            base=("raw process",),
            target=1.05,
            goal=_GOAL,
            rounds=_ROUNDS,
            note=_WHY,
        )
