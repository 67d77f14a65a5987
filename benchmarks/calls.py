"""What dockcli adds to a docker process, measured beside the raw process in one run.

Prints ratios: machines differ and are noisy, so the two are run in turn and the medians compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from dockcli import Docker

ROUNDS = 30


def median_pair(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """The median seconds of each, run in turn."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for function, times in zip((one, other), seconds, strict=True):
            begun = time.perf_counter()
            function()
            times.append(time.perf_counter() - begun)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def show(what: str, ours: float, raw: float) -> None:
    print(f"{what:<44} {ours * 1000:8.1f} ms {raw * 1000:8.1f} ms   x{ours / raw:.2f}")


def main() -> None:
    docker = Docker()
    docker.version()
    environment = {**os.environ, **docker.env}

    def raw(*words: str) -> None:
        subprocess.run(["docker", *words], env=environment, capture_output=True, check=True)

    def python(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], env=environment, check=True)

    print(f"{'':<44} {'dockcli':>11} {'raw':>11}")
    show("docker version", *median_pair(docker.version, lambda: raw("version")))
    show(
        "docker volume ls",
        *median_pair(
            lambda: docker.volume.ls(filter={"name": "none-such"}),
            lambda: raw("volume", "ls", "--filter=name=none-such"),
        ),
    )
    show("import dockcli, over bare Python", *median_pair(python("import dockcli"), python("")))
    show(
        "from dockcli import docker, over bare Python",
        *median_pair(python("from dockcli import docker"), python("")),
    )


if __name__ == "__main__":
    main()
