"""Many short commands in one container."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.measure import Row, Way
from benchmarks.stage import Stage

_MANY = 1_000


def rows(stage: Stage) -> Iterator[Row]:
    with stage.box() as box:
        container, kept = stage.py.containers.get(box), stage.whales.container.inspect(box)

        def times(many: int, do: Callable[[], object]) -> Callable[[], None]:
            def all_of_them() -> None:
                for _ in range(many):
                    do()

            return all_of_them

        def opened() -> None:
            """The machine is opened and closed in what is measured."""
            with stage.docker.container.machine(box) as machine, machine.session() as session:
                for _ in range(_MANY):
                    session.run("true")

        yield Row(
            "machine",
            "1,000 short commands in one container, each",
            [
                Way("dockcli", opened, times=_MANY),
                Way("docker exec", times(20, lambda: stage.raw("exec", box, "true")), times=20),
                Way("docker-py", times(20, lambda: container.exec_run(["true"])), times=20),
                Way("python-on-whales", times(20, lambda: kept.execute(["true"])), times=20),
                Way(
                    "dockcli, by exec", times(20, lambda: stage.docker.exec(box, "true")), times=20
                ),
            ],
            base=("docker exec", "docker-py"),
            target=1 / 50,
            goal="≥ 50 × faster than either",
            rounds=6,
            note="The others do 20, of which the time of one is taken; opening the machine counts.",
        )
