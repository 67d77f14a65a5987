"""What dockcli's streams cost beside the raw docker process, measured in turn in one run.

Prints ratios of speed (1.00: as fast as docker alone) with their spread: machines are noisy, and
each pair runs one right after the other.

    python benchmarks/streams.py [MEBIBYTES OF LOG] [ROUNDS]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from dockcli import Docker
from dockcli.engine.base import provide

LINE = "0123456789" * 6 + "0123"
MEBIBYTE = 1 << 20


def timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def compare(what: str, ours: Callable[[], object], raw: Callable[[], object], rounds: int) -> None:
    """Print how fast *ours* is by *raw*, which run in turn, each first as often as the other."""
    ratios, mine, other = [], [], []
    for number in range(rounds):
        pair = (ours, raw) if number % 2 else (raw, ours)
        seconds = [timed(function) for function in pair]
        one, two = seconds if number % 2 else reversed(seconds)
        mine.append(one)
        other.append(two)
        ratios.append(two / one)
    print(
        f"{what:<52} x{statistics.median(ratios):.2f}"
        f"  ({min(ratios):.2f} to {max(ratios):.2f})"
        f"  {statistics.median(mine):6.2f} s for {statistics.median(other):6.2f} s",
        flush=True,
    )


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    docker = Docker()
    base = provide(docker, print).reference
    environment = {**os.environ, **docker.env}
    count = size * MEBIBYTE // (len(LINE) + 1)
    name = f"bench-{uuid.uuid4().hex[:8]}"

    def raw(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(
            ["docker", *words], env=environment, stdout=subprocess.DEVNULL, check=True
        )

    def piped(*words: str) -> None:
        """To a pipe that is read in large pieces and thrown away: the least that a reader does."""
        words = ("docker", *words)
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, bufsize=0) as process:
            assert process.stdout is not None
            while os.read(process.stdout.fileno(), 65536):
                pass

    def lines(**options: bool) -> None:
        found = 0
        for line in docker.logs(name, stream=True, **options):
            found += len(line.text) == len(LINE)
        assert found == count, found

    def read(open_: Callable[[], object]) -> None:
        with open_() as stream:  # type: ignore[attr-defined]
            while stream.read(65536):
                pass

    print(
        f"{count} lines of 65 bytes; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    docker.run(base, "sh", "-c", f"yes {LINE} | head -n {count}", name=name, detach=True)
    try:
        docker.wait(name)
        begun = resident()
        stamped = ("logs", "--timestamps", name)
        compare("logs(stream=True), by logs --timestamps >/dev/null", lines, raw(*stamped), rounds)
        compare("  by the same read from a pipe", lines, lambda: piped(*stamped), rounds)
        compare("  by logs without --timestamps", lines, raw("logs", name), rounds)
        compare(
            "logs(stream=True, timestamps=False), by logs",
            lambda: lines(timestamps=False),
            raw("logs", name),
            rounds,
        )
        print(f"memory grew by {(resident() - begun) / MEBIBYTE:.1f} MiB")
        command = (base, "head", "-c", f"{8 * size}m", "/dev/zero")
        zeros = ("run", "--rm", "--log-driver=none", *command)
        fast = docker.call.run(*command, rm=True, log_driver="none")
        compare(
            "run(…).open(), by run read from a pipe",
            lambda: read(fast.open),
            lambda: piped(*zeros),
            rounds,
        )
        compare(
            "save(stream=True), by save read from a pipe",
            lambda: read(lambda: docker.save(base, stream=True)),
            lambda: piped("save", base),
            rounds,
        )
    finally:
        docker.rm(name, force=True)


if __name__ == "__main__":
    main()
