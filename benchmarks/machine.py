"""What a command in a container costs: by an open machine, by plumbum's own session over the same
`docker exec`, and by a `docker exec` of its own. In turns, so that a busy machine is so for all.

    python benchmarks/machine.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from plumbum.machines.session import ShellSession

from dockcli import docker
from dockcli.engine.base import provide


def milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def main(rounds: int) -> None:
    docker.version()  # settles which engine it is
    base = provide(docker, lambda text: None).reference
    exec_ = docker.call.container.exec
    with (
        docker.run(base, "sleep", "100000", detach=True) as box,
        box.machine() as m,
        m.session() as session,
    ):
        own = exec_(box, "sh", interactive=True).plumbum()
        true, program, echo = m["true"], m["cat"]["/etc/hostname"], m["echo"]["x"]
        with ShellSession(own.popen()) as plumbums:
            ways: dict[str, Callable[[], object]] = {
                "machine, session: a builtin (true)": lambda: session.run("true"),
                "plumbum's session: a builtin (true)": lambda: plumbums.run("true"),
                'machine: a program, m["true"]()': true,
                "plumbum's session: a program (/bin/true)": lambda: plumbums.run("/bin/true"),
                'machine: m["echo"]("x")': echo,
                'machine: m["cat"]("/etc/hostname")': program,
                "machine: m.path(…).exists()": m.path("/etc/hostname").exists,
                "machine: a pipe of two": m["cat"]["/etc/hostname"] | m["cat"],
                "docker exec: a program (true)": lambda: box.exec("true"),
            }
            taken: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(rounds):
                for way, call in ways.items():
                    times = 1 if way.startswith("docker exec") else 10
                    taken[way] += [milliseconds(call) for _ in range(times)]
    for way, each in taken.items():
        low = statistics.quantiles(each, n=10)[0]
        print(f"{way:45} median {statistics.median(each):7.2f} ms   best tenth {low:7.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
