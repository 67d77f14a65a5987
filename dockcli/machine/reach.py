"""How a container is reached: `docker exec` with the machine's own options, and nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from dockcli.call import EXEC
from dockcli.child import ends_by_itself
from dockcli.completed import Completed
from dockcli.errors import (
    CallError,
    CommandNotStarted,
    DeadlineExceeded,
    DockcliError,
    EngineLost,
    EngineUnreachable,
    NoShell,
)
from dockcli.failure import failure
from dockcli.lost import lost
from dockcli.machine import words

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.client import Docker
    from dockcli.secret import Secret

_GRACE = 0.4  # seconds for docker to notice that what it ran in the container has ended
_MOMENT = 0.05  # the same where it is killed anyway: it may wait for a reader of what it has
_STARTING = 1.5  # seconds from the start of docker's process until what it runs must be there
_LOOK = 0.5  # seconds for one look through a container, which takes a tenth of one
_SWEEP = 5.0  # seconds for as many as it takes where docker does not answer


class Reach:
    """A container, and the options of `docker exec` with which it is entered."""

    def __init__(
        self, client: Docker, container: str, shell: str, options: Mapping[str, Any]
    ) -> None:
        self.client = client
        self.container = container
        self.shell = shell
        self._options = dict(options)
        call: Call[Any] = client.call.container.exec(container, shell, **self._options)
        self.secrets: tuple[Secret, ...] = tuple(call.secrets.values())

    def start(self, script: str | None = None, **streams: Any) -> Child:
        """Start a shell in the container, for *script* if there is one; its streams are as
        `subprocess.Popen` takes them."""
        command = [self.shell, *([] if script is None else ["-c", words.script(script)])]
        tag = os.urandom(16).hex()
        options: Any = {**self._options, "interactive": True}
        call: Call[Any] = self.client.call.container.exec(self.container, *command, **options)
        call = call.replace(argv=call.with_flag(f"--env={words.TAG}={tag}"))
        return Child(self, call, tag, **streams)

    def run(self, script: str, stdin: Any) -> Completed:
        """Run *script* to its end in a `docker exec` of its own, whatever it answers."""
        command = [self.shell, "-c", words.script(script)]
        options: Any = {**self._options, "check": False, "stdin": stdin}
        call: Call[Completed] = self.client.call.container.exec(self.container, *command, **options)
        return call.run()

    def signal(self, tag: str, name: str) -> bool | None:
        """Send the signal to all that has *tag* in its environment; whether there was any, None
        where docker does not tell in time."""
        mark = f"{words.TAG}={tag}"
        script = [self.shell, "-c", words.END_ALL, "dockcli", mark, name]
        options = {
            key: self._options[key] for key in ("user", "privileged") if key in self._options
        }
        try:
            with ends_by_itself():
                said = self.client.container.exec(
                    self.container, *script, deadline=_LOOK, check=False, **options
                )
        except DeadlineExceeded as late:  # docker at times tells of no end beside a flood of output
            return True if late.stdout else None
        except DockcliError:  # the container is gone, and with it all that ran in it
            return False
        return bool(said.stdout == b"found\n")

    def end(self, tag: str, begun: float) -> None:
        """End all that has *tag*, also what docker was told to start only a moment ago."""
        until = time.monotonic() + _SWEEP
        while not (found := self.signal(tag, "KILL")):
            if time.monotonic() > (until if found is None else begun + _STARTING):
                return
            time.sleep(_MOMENT)

    def refusal(self, completed: Completed, call: Call[Any]) -> CallError:
        """The error for a shell that did not start."""
        error = failure(completed, EXEC, call.secrets.values())
        if isinstance(error, CommandNotStarted):
            return NoShell(error.completed, error.reason)
        return error

    def loss(self, completed: Completed, call: Call[Any]) -> EngineUnreachable | None:
        """The error for a shell that ended because the engine, or the connection to it, was lost;
        None for one that has ended by itself."""
        if completed.returncode <= 0:
            return None
        error = failure(completed, EXEC, call.secrets.values())
        return error if isinstance(error, EngineLost) else lost(call, completed, error)


class Child:
    """One `docker exec` process, with what it runs in the container."""

    def __init__(
        self,
        reach: Reach,
        call: Call[Any],
        tag: str,
        *,
        stdin: IO[Any] | int | None = subprocess.PIPE,
        stdout: IO[Any] | int | None = subprocess.PIPE,
        stderr: IO[Any] | int | None = subprocess.PIPE,
        bufsize: int = -1,
    ) -> None:
        launch = reach.client.launch(call)
        self.reach, self.call, self.tag = reach, call, tag
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            launch.words,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=bufsize,
            cwd=launch.cwd,
            env=launch.env,
            start_new_session=True,
        )
        self._end_group = launch.end
        self._gone = threading.Event()
        self.end = weakref.finalize(
            self, _end, os.getpid(), self.process, self.begun, reach, tag, launch.end, self._gone
        )

    def leave(self) -> None:
        """Close its stdin, at which it ends by itself; what it has started may go on."""
        self.end.detach()
        if self.process.stdin is not None:
            self.process.stdin.close()
        _wait_or_kill(self.process, self._end_group, _GRACE)
        _close(self.process)

    def signal(self, name: str) -> None:
        """Send the signal ``name`` (as `kill` knows it) to all that runs for this child."""
        self.reach.signal(self.tag, name)

    def settle(self, code: int) -> None:
        """docker's process has ended with *code*. One that was ended itself, as by a closed pipe,
        has not ended what it ran in the container."""
        if not self._gone.is_set():
            self._gone.set()
            if code < 0:
                self.reach.end(self.tag, self.begun)

    def interrupt(self) -> None:
        """End it, but leave its pipes to the thread that reads them."""
        self.reach.end(self.tag, self.begun)
        with suppress(ProcessLookupError, PermissionError):
            if self.process.poll() is None:
                self._end_group(self.process.pid, signal.SIGKILL)

    def completed(self, stdout: bytes = b"", stderr: bytes = b"") -> Completed:
        code = self.process.returncode
        seconds = time.monotonic() - self.begun
        told = Completed(self.call.argv, -1 if code is None else code, stdout, stderr, seconds)
        return told.masked(self.call.secrets.values())

    def close(self) -> None:
        """Close our ends of its pipes."""
        _close(self.process)


def _end(
    owner: int,
    process: subprocess.Popen[bytes],
    begun: float,
    reach: Reach,
    tag: str,
    end: Callable[[int, int], None],
    gone: threading.Event,
) -> None:
    """End what runs in the container, then docker's process; once, by `Child.end` or at its
    garbage collection."""
    if os.getpid() != owner:  # a fork's copy of what is another process's
        return
    code = process.poll()
    try:
        if not gone.is_set() and (code is None or code < 0):
            reach.end(tag, begun)
    finally:
        if code is None:
            _wait_or_kill(process, end, _MOMENT)
        _close(process)


def _wait_or_kill(
    process: subprocess.Popen[bytes], end: Callable[[int, int], None], patience: float
) -> None:
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            end(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError, ValueError):  # unsent bytes for a process that is gone
                pipe.close()
