"""One process of the soak: its threads share one client and one container; then what is left of it.

    python -m tests.soak.worker '{"name": …, "binary": …, "base": …, "threads": …, "seconds": …}'

Prints one JSON object: how many calls of each kind, the errors, the memory, what was left.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import logging
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from dockcli import Container, Docker
from tests.soak.work import PATIENCE, SLEEPS, Hand, kinds

WARM = 0.25
"""The part of the time after which memory is to stay as it is: all has been done once by then."""

ENOUGH = 20  # errors, of which the first ones tell


def resident() -> int:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def of_this_process() -> dict[str, Any]:
    """What calls in threads may not change for good."""
    signals = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
    return {
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "signals": [str(signal.getsignal(number)) for number in signals],
        "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "umask": Path("/proc/self/status").read_text().partition("Umask:")[2].split()[0],
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "tasks": len(os.listdir("/proc/self/task")),
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "files": sorted(os.listdir(tempfile.gettempdir())),
    }


def children() -> list[int]:
    """The processes that this one has started and not seen the end of, and what is left of them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.append(int(path.parent.name))
    return found


class Heard(logging.Handler):
    """Keeps which programs may still run: whoever leaves a stream early is told by a warning."""

    def __init__(self, unknown: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._unknown = unknown

    def emit(self, record: logging.LogRecord) -> None:
        self._unknown.append(record.getMessage())


class Soak:
    """The threads of this process, at work until the time is over."""

    def __init__(self, name: str, docker: Docker, box: Container, base: str) -> None:
        self.calls: Counter[str] = Counter()
        self.errors: list[str] = []
        self.unknown: list[str] = []
        self._shared = (docker, box, base)
        self._name = name
        self._lock = threading.Lock()
        self._over = threading.Event()
        logging.getLogger("dockcli").addHandler(Heard(self.unknown))

    def work(self, number: int) -> None:
        name = f"{self._name}-{number}"
        folder, chance = f"/crowd/{number}", random.Random(name)
        docker, box, base = self._shared
        hand = Hand(name, docker, box, base, folder, chance, self.unknown)
        docker.exec(box, "mkdir", "-p", folder, deadline=PATIENCE)
        for kind in kinds(chance):
            if self._over.is_set():
                return
            try:
                kind(hand)
            except BaseException:
                self._failed(f"{name}: {kind.__name__}\n{traceback.format_exc()}")
            with self._lock:
                self.calls[kind.__name__] += 1

    def _failed(self, how: str) -> None:
        with self._lock:
            self.errors.append(how)
        if len(self.errors) >= ENOUGH:
            self._over.set()

    def run(self, threads: int, seconds: float) -> dict[str, int]:
        """Have *threads* at work for *seconds*; the memory when warm, at the end, at most."""
        hands = [threading.Thread(target=self.work, args=(number,)) for number in range(threads)]
        begun = time.monotonic()
        for hand in hands:
            hand.start()
        memory: list[tuple[float, int]] = []
        while not self._over.wait(min(1, seconds / 20)):
            memory.append((time.monotonic() - begun, resident()))
            if memory[-1][0] > seconds:
                self._over.set()
        for hand in hands:
            hand.join()
        warm = [size for when, size in memory if when > seconds * WARM] or [resident()]
        gc.collect()
        return {"warm": warm[0], "end": resident(), "most": max(warm)}


def left(before: dict[str, Any]) -> dict[str, Any]:
    """What is otherwise than *before*: nothing, once the last threads have gone."""
    until = time.monotonic() + 15
    while True:
        now = of_this_process()
        found = {name: now[name] for name in now if now[name] != before[name]}
        if orphans := children():
            found["children"] = orphans
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def still_in(box: Container, unknown: list[str]) -> list[str]:
    """The programs in the shared container that outlived the calls that had started them, but for
    those of which is *unknown* whether they did."""
    until = time.monotonic() + 60
    while True:
        # ps itself is not there: docker asks from outside
        found = [one.command for one in box.top(deadline=PATIENCE)]
        extra = [
            command
            for command in (Counter(found) - Counter([" ".join(SLEEPS), *unknown])).elements()
            if not any(command.split()[-1] in one for one in unknown)
        ]
        if not extra or time.monotonic() > until:
            return sorted(extra)
        time.sleep(0.2)


def main(name: str, binary: str, base: str, threads: int, seconds: float) -> dict[str, Any]:
    """Do the work, and tell what came of it."""
    faulthandler.dump_traceback_later(seconds + 3 * PATIENCE, exit=True)
    docker = Docker(binary)
    docker.version(deadline=PATIENCE)
    before = of_this_process()
    with docker.run(base, *SLEEPS, detach=True, name=f"{name}-box", deadline=PATIENCE) as box:
        soak = Soak(name, docker, box, base)
        memory = soak.run(threads, seconds)
        programs = still_in(box, soak.unknown)
    names = [one for one in soak.unknown if re.fullmatch(rf"{name}-[0-9-]+", one)]
    docker.container.rm(*names, force=True, missing_ok=True, deadline=PATIENCE) if names else None
    remains = left(before)
    faulthandler.cancel_dump_traceback_later()
    return {
        "calls": dict(soak.calls),
        "errors": soak.errors,
        "unknown": len(soak.unknown),
        "memory": memory,
        "left": {**remains, **({"programs": programs} if programs else {})},
    }


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))
