"""Commands of a machine: plumbum's, run over the machine's open shell wherever that can be."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plumbum.commands.base import (
    AppendingStdoutRedirection,
    BaseCommand,
    BoundCommand,
    BoundEnvCommand,
    Pipeline,
    StderrRedirection,
    StdinDataRedirection,
    StdinRedirection,
    StdoutRedirection,
)
from plumbum.machines.remote import RemoteCommand

from dockcli.completed import Completed
from dockcli.machine import words
from dockcli.machine.session import CommandTimedOut, text, verified

if TYPE_CHECKING:
    from dockcli.machine.machine import Machine


class Here(BaseCommand):
    """What all commands of a machine have: what is made of them is a machine's too, and they run
    over its shell."""

    __slots__ = ()

    def __getitem__(self, args: Any) -> Any:
        return super().__getitem__(args)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As `run`, but for what it wrote alone."""
        return self.run(args, **kwargs)[1]

    def bgrun(self, args: Sequence[Any] = (), **kwargs: Any) -> Any:
        """Start it for a ``with`` block; see plumbum's."""
        return super().bgrun(args, **kwargs)

    def nohup(
        self,
        cwd: str = ".",
        stdout: str = "nohup.out",
        stderr: str | None = None,
        append: bool = True,
    ) -> Any:
        """Start it, to go on when the machine is closed; see `Machine.daemonic_popen`."""
        return super().nohup(cwd, stdout, stderr, append)

    def bound_command(self, *args: Any) -> Any:
        if not args:
            return self
        inner, before = (self.cmd, self.args) if isinstance(self, BoundCommand) else (self, [])
        return Bound(inner, [*before, *args])

    def with_env(self, **env: str) -> Any:
        return BoundEnv(self, env=env) if env else self

    setenv = with_env

    def with_cwd(self, path: Any) -> Any:
        return BoundEnv(self, cwd=path) if path else self

    def __or__(self, other: BaseCommand) -> Any:
        return Piped(self, other)

    def __gt__(self, file: Any) -> Any:
        return ToFile(self, file)

    def __rshift__(self, file: Any) -> Any:
        return AppendingToFile(self, file)

    def __ge__(self, file: Any) -> Any:
        return ErrorsToFile(self, file)

    def __lt__(self, file: Any) -> Any:
        return FromFile(self, file)

    def __lshift__(self, data: Any) -> Any:
        return FromData(self, data)

    def run(self, args: Sequence[Any] = (), **kwargs: Any) -> Any:
        """Run it: its exit code, and what it wrote as text.

        ``retcode=`` is the exit code that is expected, several of them, or None for any;
        ``timeout=`` is in seconds; what else `popen` takes. Bytes that are no text become
        surrogates; with ``encoding=None`` of the machine the output is bytes.

        Raises plumbum's ProcessExecutionError, CommandTimedOut, ShellEnded, EngineLost.
        """
        retcode = kwargs.pop("retcode", 0)
        timeout = kwargs.pop("timeout", None)
        machine: Any = self.machine
        if kwargs.keys() <= {"cwd", "env"}:
            line = machine.line(self, args, kwargs.get("cwd"), kwargs.get("env") or {})
            if line is not None:
                shown = _shown(self, args)
                answer = machine.ask(line, timeout, shown)
                secrets = machine._reach.secrets
                return verified(shown, answer, retcode, self._get_encoding(), secrets)
        return _run_apart(self, args, retcode, timeout, kwargs)


class Command(Here, RemoteCommand):
    """A program on a machine."""

    __slots__ = ()

    def popen(self, args: Sequence[Any] | str = (), **kwargs: Any) -> Any:
        """Start it with live streams, by a `docker exec` of its own; see `Machine.popen`."""
        return self.remote.popen(argv(self, [args] if isinstance(args, str) else args), **kwargs)


class Bound(Here, BoundCommand):
    __slots__ = ()


class BoundEnv(Here, BoundEnvCommand):
    __slots__ = ()


class Piped(Here, Pipeline):
    __slots__ = ()


class ToFile(Here, StdoutRedirection):
    __slots__ = ()


class AppendingToFile(Here, AppendingStdoutRedirection):
    __slots__ = ()


class ErrorsToFile(Here, StderrRedirection):
    __slots__ = ()


class FromFile(Here, StdinRedirection):
    __slots__ = ()


class FromData(Here, StdinDataRedirection):
    __slots__ = ()


def argv(command: Any, args: Sequence[Any] = ()) -> list[str]:
    """The words of a program with its arguments, each as it is to arrive: a command among the
    arguments (``m["env"][m["ls"]["-l"]]``) gives its own words."""
    if isinstance(command, BoundCommand):
        return argv(command.cmd, [*command.args, *args])
    given: list[str] = [words.word(command.executable)]
    for one in args:
        if isinstance(one, BaseCommand):
            given += argv(one)
        elif isinstance(one, (list, tuple)):
            given += map(words.word, one)
        elif one is not None:
            given.append(words.word(one))
    return given


def _shown(command: BaseCommand, args: Sequence[Any]) -> list[str]:
    """What an error tells of a command: its words, or of several the line that joins them."""
    while isinstance(command, BoundEnvCommand):
        command = command.cmd
    if isinstance(command, (BoundCommand, RemoteCommand)):
        return argv(command, args)
    return [str(one) for one in command.formulate(0, args)]


def line(
    machine: Machine,
    command: BaseCommand,
    args: Sequence[Any],
    cwd: Any,
    env: Mapping[str, str],
) -> str | None:
    """*command* as a line of the machine's shell; None for one that needs a process of its own."""
    if isinstance(command, BoundCommand):
        return line(machine, command.cmd, [*command.args, *args], cwd, env)
    if isinstance(command, BoundEnvCommand):
        inner = command.cwd if cwd is None else cwd
        return line(machine, command.cmd, args, inner, {**command.env, **env})
    if isinstance(command, RemoteCommand):
        return _simple(argv(command, args), cwd, env) if command.remote is machine else None
    if isinstance(command, Pipeline):
        left = line(machine, command.srccmd, args, cwd, env)
        right = line(machine, command.dstcmd, (), cwd, env)
        return None if left is None or right is None else _pipe(left, right)
    if isinstance(command, StdinDataRedirection):
        data = _data(command)
        inner = line(machine, command.cmd, args, cwd, env) if len(data) <= words.SMALL else None
        return f"{{ {words.printing(data)}; }} | {inner}" if inner and data else inner
    return None


def _data(command: StdinDataRedirection) -> bytes:
    if isinstance(command.data, str):
        return command.data.encode(command._get_encoding() or "utf-8", "surrogateescape")
    return bytes(command.data)


def _simple(argv: list[str], cwd: Any, env: Mapping[str, str]) -> str:
    said = words.quoted(argv)
    settings = [f"{words.variable(name)}={words.quoted([value])}" for name, value in env.items()]
    said = " ".join([*settings, said])
    return f"(cd {words.quoted([cwd])} && {said})" if cwd is not None else said


def _pipe(left: str, right: str) -> str:
    """Both joined, with the exit code of the last that failed: a plain pipe keeps only one."""
    return (
        "( { codes=$( { { {\n"
        f"{left}\n"
        "} 3>&- 4>&-; echo left=$? >&3; } | { {\n"
        f"{right}\n"
        '} >&4 3>&- 4>&-; echo right=$? >&3; }; } 3>&1 ); } 4>&1; eval "$codes"; '
        "[ $right = 0 ] || exit $right; exit $left )"
    )


def _run_apart(
    command: BaseCommand, args: Sequence[Any], retcode: Any, timeout: float | None, kwargs: Any
) -> tuple[int, Any, Any]:
    """Run it as processes of its own: what they write and how they end is theirs alone."""
    running: Any = command.popen(args, **kwargs)
    stages = [running]
    while hasattr(stages[-1], "srcproc"):
        stages.append(stages[-1].srcproc)
    unread = [_Drained(stage.stderr) for stage in stages[1:] if stage.stderr is not None]
    try:
        out, err = running.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as late:
        completed = Completed(
            tuple(_shown(command, args)), -1, late.stdout or b"", late.stderr or b"", timeout or 0
        )
        machine: Any = command.machine
        raise CommandTimedOut(completed.masked(machine._reach.secrets), timeout) from None
    finally:
        for stage in stages:
            if stage.poll() is None:
                stage.kill()
        for stage in reversed(stages):  # plumbum has each wait for the one before it
            with contextlib.suppress(subprocess.TimeoutExpired):
                stage.wait(timeout=0.3)
        for one in unread:
            one.join()
        for stage in stages:
            _close(stage)
    encoding = command._get_encoding()
    out, err = text(out or b"", encoding), text(err or b"", encoding)
    running.verify(retcode, timeout, out, err)
    return running.returncode, out, err


class _Drained(threading.Thread):
    """Reads what an earlier part of a pipe says, so that it never waits for a reader."""

    def __init__(self, pipe: Any) -> None:
        super().__init__(name="dockcli-machine-stderr", daemon=True)
        self._pipe = pipe
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self._pipe.read(65536):
                pass


def _close(stage: Any) -> None:
    for pipe in (stage.stdin, stage.stdout, stage.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError):
                pipe.close()
