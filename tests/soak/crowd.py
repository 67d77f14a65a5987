"""Several processes of the soak at once, and what came of all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.soak.work import KINDS, PATIENCE

GROWTH = 32
"""MiB by which a process may be bigger in the end than when it was warm."""


@dataclass
class Crowd:
    """What processes with so many *threads* each did in *seconds*, and what was wrong with it."""

    threads: Sequence[int]
    seconds: float
    calls: Counter[str] = field(default_factory=Counter)
    memory: list[dict[str, int]] = field(default_factory=list)
    unknown: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(
        self, clis: Sequence[str], base: str, environment: dict[str, str], folder: Path
    ) -> Crowd:
        """Have them at work; each of *clis* in turn, with temporary files and state in *folder*."""
        stem = f"soak-{uuid.uuid4().hex[:6]}"
        begun = [
            self._begin(
                {
                    "name": f"{stem}-{number}",
                    "binary": clis[number % len(clis)],
                    "base": base,
                    "threads": self.threads[number],
                    "seconds": self.seconds,
                },
                environment,
                folder / str(number),
            )
            for number in range(len(self.threads))
        ]
        until = time.monotonic() + self.seconds + 4 * PATIENCE
        for number, process in enumerate(begun):
            try:
                stdout, stderr = process.communicate(timeout=max(1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                stdout, stderr = process.communicate()
            self._ended(number, process.returncode, stdout, stderr)
        self._look_around(folder)
        return self

    def _begin(
        self, told: dict[str, Any], environment: dict[str, str], folder: Path
    ) -> subprocess.Popen[str]:
        folder.mkdir()
        state = folder.parent / "state"  # of all of them: what one undertakes, the others see
        return subprocess.Popen(
            [sys.executable, "-m", "tests.soak.worker", json.dumps(told)],
            env={**environment, "TMPDIR": str(folder), "XDG_STATE_HOME": str(state)},
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _ended(self, number: int, code: int, stdout: str, stderr: str) -> None:
        """Take over what one process tells at its end."""
        if code or stderr:
            self.wrong.append(f"process {number} ended with {code}:\n{stderr}")
        if code:
            return
        told: dict[str, Any] = json.loads(stdout)
        self.calls.update(told["calls"])
        self.memory.append(told["memory"])
        self.wrong += told["errors"]
        self.unknown += told["unknown"]
        if told["left"]:
            self.wrong.append(f"process {number}, left: {told['left']}")
        grown = told["memory"]["end"] - told["memory"]["warm"]
        if grown > GROWTH:
            self.wrong.append(f"process {number} has grown by {grown} MiB")

    def _look_around(self, folder: Path) -> None:
        """Nothing of theirs runs on, whoever its parent is by now; and each kind has been done."""
        if records := sorted((folder / "state").glob("dockcli/undertakings/*")):
            self.wrong.append(f"not finished: {records}")
        mark = f"TMPDIR={folder}/".encode()
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (path / "environ").read_bytes():
                    words = (path / "cmdline").read_bytes().replace(b"\0", b" ")
                    self.wrong.append(f"still runs: {os.fsdecode(words)}")
        if never := sorted({kind.__name__ for kind in KINDS} - set(self.calls)):
            self.wrong.append(f"never done: {never}")
