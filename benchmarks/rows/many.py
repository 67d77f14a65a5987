"""One verb for many containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.measure import Row, Way
from benchmarks.stage import LABEL, Stage

_MANY, _STARTED = 50, 20
_GOAL = "one process, ≥ 0.95 × the raw single process"


def rows(stage: Stage) -> Iterator[Row]:
    docker, raw = stage.docker, stage.raw
    labels = {LABEL: "many"}
    ids: list[str] = []

    def created() -> None:
        ids[:] = stage.create(_MANY, labels=labels)

    def running() -> None:
        stage.remove(ids)
        ids[:] = stage.create(_MANY, labels=labels, start=True)

    def each(do: Callable[[str], object]) -> Callable[[], object]:
        return lambda: [do(id) for id in ids]

    try:
        created()
        yield Row(
            "inspect 50",
            "inspect 50 containers",
            [
                Way("dockcli", lambda: docker.container.inspect(*ids)),
                Way("raw process", lambda: raw("container", "inspect", *ids)),
                Way("docker-py", each(stage.py.containers.get), rounds=10),
                Way("python-on-whales", lambda: stage.whales.container.inspect(ids), rounds=10),
            ],
            base=("raw process",),
            target=1 / 0.95,
            goal=_GOAL,
            rounds=150,
        )
        stage.remove(ids)
        yield Row(
            "rm 50",
            "remove 50 containers",
            [
                Way("dockcli", lambda: docker.rm(*ids), created),
                Way("raw process", lambda: raw("container", "rm", *ids), created),
                Way("docker-py", each(stage.py.api.remove_container), created, rounds=2),
                Way("python-on-whales", lambda: stage.whales.remove(ids), created, rounds=2),
            ],
            base=("raw process",),
            target=1 / 0.95,
            goal=_GOAL,
            rounds=20,
        )
        yield Row(
            "stop 50",
            "stop 50 containers",
            [
                Way("dockcli", lambda: docker.stop(*ids), running),
                Way("raw process", lambda: raw("container", "stop", *ids), running),
                Way("docker-py", each(stage.py.api.stop), running, rounds=1),
                Way("python-on-whales", lambda: stage.whales.stop(ids), running, rounds=1),
            ],
            base=("raw process",),
            target=1 / 0.95,
            goal=_GOAL,
            rounds=5,
        )
    finally:
        stage.remove(ids)
    yield from _starts(stage)


def _starts(stage: Stage) -> Iterator[Row]:
    made: list[str] = []

    def cleared() -> None:
        stage.remove(made)
        made.clear()

    def pool(workers: int, start: Callable[[], str]) -> Callable[[], None]:
        def run() -> None:
            with ThreadPoolExecutor(workers) as threads:
                made.extend(threads.map(lambda _: start(), range(_STARTED)))

        return run

    words = ("sleep", "1000000")

    def ours() -> str:
        return stage.docker.run(stage.base, *words, detach=True, init=True).id

    def raw() -> str:
        return stage.raw("run", "--detach", "--init", stage.base, *words).decode().strip()

    def pys() -> str:
        made = stage.py.containers.run(stage.base, list(words), detach=True, init=True)
        return str(made.id)

    def whales() -> str:
        return stage.whales.run(stage.base, list(words), detach=True, init=True).id

    def tests() -> str:
        from testcontainers.core.container import DockerContainer

        box = DockerContainer(stage.base).with_command(list(words)).with_kwargs(init=True)
        return str(box.start().get_wrapped_container().id)

    pools = {f"raw, {workers} at once": pool(workers, raw) for workers in (2, 4)}
    try:
        yield Row(
            "start 20",
            "start 20 containers",
            [
                Way("dockcli", pool(4, ours), cleared),
                *(Way(name, run, cleared) for name, run in pools.items()),
                Way("raw, one by one", pool(1, raw), cleared, rounds=1),
                Way("docker-py", pool(4, pys), cleared, rounds=1),
                Way("python-on-whales", pool(4, whales), cleared, rounds=1),
                Way("testcontainers", pool(4, tests), cleared, rounds=1),
            ],
            base=tuple(pools),
            target=1.1,
            goal="≤ 1.1 × the best pool of raw processes",
            rounds=5,
            note="Those without a number have 4 at once.",
        )
    finally:
        cleared()
