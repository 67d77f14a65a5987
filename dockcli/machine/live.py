"""A program in the container with live streams: a `docker exec` of its own."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

from plumbum.commands.processes import ProcessExecutionError, iter_lines
from plumbum.machines.base import PopenAddons

from dockcli.machine.reach import Child
from dockcli.pipeline import masked

STREAMS = frozenset({"stdin", "stdout", "stderr", "bufsize"})


class Live(PopenAddons):
    """A `Popen` whose process is in the container: what is sent a signal is the program there, with
    all that it has started. It is ended when this object is dropped, and when its machine closes.
    """

    def __init__(self, child: Child, argv: list[str], encoding: str | None) -> None:
        self._child = child
        self._proc: Any = child.process
        self.argv = self.args = argv
        self.custom_encoding = encoding

    def iter_lines(self, *args: Any, **kwargs: Any) -> Any:
        """What it writes, line by line as it comes; see plumbum's."""
        running: Any = self
        return iter_lines(running, *args, **kwargs)

    def __iter__(self) -> Any:
        return self.iter_lines()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_proc", "srcproc", "run"):
            raise AttributeError(name)
        return getattr(self._proc, name)

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._settled(self._proc.poll())

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired, and leaves it running."""
        # not self._proc.wait: plumbum puts a function there that calls this one
        code = subprocess.Popen.wait(self._proc, timeout)
        self._settled(code)
        return code

    def communicate(
        self, input: bytes | None = None, timeout: float | None = None
    ) -> tuple[Any, Any]:
        """Send *input*, read all, and wait for its end."""
        said: tuple[Any, Any] = self._proc.communicate(input, timeout)
        self._settled(self._proc.returncode)
        return said

    def verify(self, *given: Any, **named: Any) -> None:
        """Raise plumbum's error where it has not ended as expected; no secret is shown in it."""
        try:
            super().verify(*given, **named)
        except ProcessExecutionError as error:
            failed = masked(error, self._child.reach.secrets)
        else:
            return
        raise failed

    def kill(self) -> None:
        """End it, with all that it has started, and docker's process."""
        self._child.interrupt()

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, sig: int) -> None:
        """Send it a signal, and all that it has started."""
        self._child.signal(signal.Signals(sig).name.removeprefix("SIG"))

    def close(self) -> None:
        """End it if it still runs, and close its streams."""
        self._child.end()

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _settled(self, code: int | None) -> int | None:
        if code is None:
            return None
        self._child.settle(code)
        return code
