"""A program that goes on by itself in the container."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

from plumbum.machines.base import PopenAddons

from dockcli.machine import words

if TYPE_CHECKING:
    from dockcli.machine.machine import Machine

_TICK = 0.05  # seconds between looks at whether it still runs

# Whether process $1 runs. One that has ended stays as a zombie where nobody asks how it ended, as
# under a first process that is no init.
_RUNS = r"""(while read -r k v rest; do
  case $k in State:) test "$v" != Z; exit ;; esac
done 2>/dev/null </proc/%d/status; exit 1)"""


class Detached(PopenAddons):
    """A program that runs on without its machine. ``pid`` is its number in the container. Nobody
    is told how it ends: ``returncode`` is 0 once it has."""

    stdin = stdout = stderr = None

    def __init__(self, machine: Machine, pid: int, argv: list[str]) -> None:
        self._machine, self.pid = machine, pid
        self.argv = self.args = argv
        self.custom_encoding = machine.custom_encoding
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """0 once it has ended, else None."""
        if self.returncode is None and self._machine.answer(_RUNS % self.pid).returncode != 0:
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired, and leaves it running."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until is not None and time.monotonic() >= until:
                raise subprocess.TimeoutExpired(self.argv, timeout or 0)
            time.sleep(_TICK)
        return 0

    def communicate(self) -> tuple[bytes, bytes]:
        """Wait for its end; what it writes is in its files."""
        self.wait()
        return b"", b""

    def send_signal(self, sig: int) -> None:
        """Send it a signal; one that has ended is no error."""
        name = signal.Signals(sig).name.removeprefix("SIG")
        self._machine.answer(f"kill -{words.quoted([name])} {self.pid}")

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)
