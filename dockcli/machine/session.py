"""A plumbum `ShellSession` over a `Shell`: text in and out, one command at a time, opened anew
after one that ended."""

from __future__ import annotations

import errno
import io
import threading
import time
from collections.abc import Callable, Container, Iterable
from typing import Any, NamedTuple

from plumbum.commands import BaseCommand
from plumbum.commands.processes import ProcessExecutionError, ProcessTimedOut
from plumbum.machines.base import PopenAddons
from plumbum.machines.session import ShellSession, ShellSessionError

from dockcli.completed import Completed
from dockcli.errors import DeadlineExceeded
from dockcli.machine import words
from dockcli.machine.reach import Reach
from dockcli.machine.shell import Answer, Late, Shell, Told
from dockcli.pipeline import masked
from dockcli.secret import Secret


class CommandTimedOut(DeadlineExceeded, ProcessTimedOut):
    """A command on a machine was not done within its ``timeout=``. It is ended in the container,
    with all that it had started. For plumbum it is a ProcessTimedOut.

    ``stdout`` and ``stderr`` (bytes) are what it had written.
    """

    advice = "Give a longer timeout="


class State(NamedTuple):
    """Where a shell is, and what it exports."""

    cwd: str
    env: dict[str, str]


class Done(PopenAddons):
    """A finished command, as far as it is like a `Popen`."""

    pid = None

    def __init__(self, argv: list[str], answer: Answer, encoding: str | None) -> None:
        self.argv = self.args = argv
        self.code = self.returncode = answer.returncode
        self.stdin = io.BytesIO()
        self.stdout, self.stderr = io.BytesIO(answer.stdout), io.BytesIO(answer.stderr)
        self.custom_encoding = encoding

    def poll(self) -> int:
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        return self.code

    def communicate(
        self, input: bytes | None = None, timeout: float | None = None
    ) -> tuple[bytes, bytes]:
        return self.stdout.read(), self.stderr.read()

    def kill(self) -> None:
        """Nothing is left to be ended."""

    terminate = kill

    def send_signal(self, sig: int) -> None:
        """Nothing is left to be sent a signal."""


def text(data: bytes, encoding: str | None) -> Any:
    """Output as its caller wants it: bytes that are no text become surrogates, so none is lost."""
    return data if encoding is None else data.decode(encoding, "surrogateescape")


def verified(
    argv: list[str],
    answer: Answer,
    retcode: int | Container[int] | None,
    encoding: str | None,
    secrets: Iterable[Secret],
) -> tuple[int, Any, Any]:
    """What plumbum answers with. Raises plumbum's ProcessExecutionError for another exit code, in
    which none of *secrets* is shown."""
    out, err = text(answer.stdout, encoding), text(answer.stderr, encoding)
    wanted: Any = retcode if hasattr(retcode, "__contains__") else (retcode,)
    if retcode is not None and answer.returncode not in wanted:
        raise masked(ProcessExecutionError(argv, answer.returncode, out, err), secrets)
    return answer.returncode, out, err


class Session(ShellSession):
    """A shell in the container: ``session.run("cd /tmp; ls")``. What it is told acts on those that
    follow, as long as it lives; one that a command has ended is opened anew by the next.

    Threads may share one: their commands run one after the other.
    """

    __slots__ = (
        *("__weakref__", "_closed", "_open", "_patience"),
        *("_reach", "_start", "_state", "_wanted", "told"),
    )

    def __init__(
        self,
        reach: Reach,
        encoding: str | None,
        patience: float | None,
        start: State | None = None,
    ) -> None:
        """*start* is what a shell is brought to when it is opened; *patience* is how many seconds
        the opening may take."""
        self.proc = None
        self.host = reach.container
        self.custom_encoding = encoding
        self.isatty = False
        self._current = self._startup_result = None
        self._reach, self._patience = reach, patience
        self._wanted: Callable[[], State] | None = None
        self._start = start
        self._lock: Any = threading.Lock()
        self._closed = False
        self._open: Shell | None = None
        self._state = State("", {})
        self.told: Told = self._ready(None).told

    def follow(self, wanted: Callable[[], State]) -> None:
        """Before each command, be where *wanted* tells."""
        self._wanted = wanted

    # --- plumbum's face

    def run(
        self,
        cmd: str | BaseCommand,
        retcode: int | Container[int] | None = 0,
        timeout: float | None = None,
    ) -> tuple[int, Any, Any]:
        """Run a line of shell: its exit code and what it wrote. Raises ProcessExecutionError for
        another exit code than *retcode*, CommandTimedOut, ShellEnded, EngineLost."""
        argv, answer = self._run(cmd, timeout)
        secrets = self._reach.secrets
        return verified(argv, answer, retcode, self.custom_encoding, secrets)

    def popen(self, cmd: str | BaseCommand) -> Any:
        """Run a line of shell, and have its result as a `Popen` that has ended."""
        argv, answer = self._run(cmd, None)
        return Done(argv, answer, self.custom_encoding)

    def _run(self, cmd: str | BaseCommand, timeout: float | None) -> tuple[list[str], Answer]:
        line = " ".join(cmd.formulate(1)) if isinstance(cmd, BaseCommand) else words.word(cmd)
        # by eval: a line that is no whole one would else wait for the rest
        return [line], self.ask(f"eval {words.quoted([line])}", timeout, [line])

    def alive(self) -> bool:
        """Whether a shell is open; `run` opens one where not."""
        return self._open is not None and self._open.alive

    def close(self) -> None:
        """End the shell. A command that another thread waits for is ended too."""
        self._closed = True
        shell, self._open = self._open, None
        if shell is None:
            return
        if not self._lock.acquire(blocking=False):
            shell.interrupt()
            return
        try:
            shell.close()
        finally:
            self._lock.release()

    def __del__(self) -> None:
        """The shell's own finalizer ends it, without a lock."""

    # --- ours

    def ask(self, line: str, timeout: float | None, argv: list[str]) -> Answer:
        """Run *line* as it is: bytes out. *timeout* counts also the wait for other threads."""
        until = None if timeout is None else time.monotonic() + timeout
        begun = time.monotonic()
        request = words.encoded(line)
        if not self._lock.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
            raise self._late(argv, b"", b"", begun, timeout)
        try:
            return self._ready(until).ask(request, _left(until))
        except Late as late:
            raise self._late(argv, late.stdout, late.stderr, begun, timeout) from None
        finally:
            self._lock.release()

    def _late(
        self, argv: list[str], stdout: bytes, stderr: bytes, begun: float, timeout: float | None
    ) -> CommandTimedOut:
        spent = time.monotonic() - begun
        told = Completed(tuple(argv), -1, stdout, stderr, spent)
        return CommandTimedOut(told.masked(self._reach.secrets), timeout)

    def _ready(self, until: float | None) -> Shell:
        """An open shell in the state that is wanted."""
        if self._closed:
            raise ShellSessionError(f"the session on {self.host} is closed")
        shell, wanted = self._open, None
        if shell is None or not shell.alive:
            limits = [limit for limit in (_left(until), self._patience) if limit is not None]
            shell = Shell(self._reach, min(limits, default=None))
            self._open, self._state = shell, State(shell.told.cwd, shell.told.env)
            wanted = self._start
        if self._wanted is not None:
            wanted = self._wanted()
        if wanted is not None and wanted != self._state:
            self._bring(shell, wanted, until)
        return shell

    def _bring(self, shell: Shell, wanted: State, until: float | None) -> None:
        """Have the shell where it is wanted, with what it is to export."""
        lines = words.changes(self._state.env, wanted.env)
        lines.append(f"cd {words.quoted([wanted.cwd])}")
        answer = shell.ask(words.encoded("\n".join(lines)), _left(until))
        if answer.returncode != 0:
            self._state = State("", wanted.env)  # the next command is to try again
            said = answer.stderr.decode("utf-8", "replace").strip()
            raise FileNotFoundError(
                errno.ENOENT, f"the machine cannot go to its cwd ({said})", wanted.cwd
            )
        self._state = wanted


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())
