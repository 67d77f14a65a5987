"""One child process from start to end, and nothing of it left afterwards.

What wrappers of `subprocess` get wrong and this room owns: the child has a session of its own and
is ended as a group; a grandchild that holds the pipes open delays nothing; at the deadline what was
written so far is kept; raw bytes only.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO, NamedTuple

_GRACE = 0.3  # seconds between asking a process group to end and ending it
_LINGER = 0.25  # seconds for output that a grandchild still holds open once the child has ended
_TICK = 0.05  # seconds between looks at the child while its pipes are quiet
_CHUNK = 65536
_LAST_WORDS = 1 << 20  # bytes that are read from a child once it is to end
_GONE = (ProcessLookupError, PermissionError)  # macOS answers EPERM for a group of zombies


class Outcome(NamedTuple):
    """How a child ended: *returncode* is None when the deadline ended it."""

    returncode: int | None
    stdout: bytes
    stderr: bytes
    seconds: float

    def __repr__(self) -> str:  # a traceback with local variables would show the output
        return f"Outcome({self.returncode}, {self.seconds:.3f} s)"


def run(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    stdin: bytes | IO[bytes] | int | None = None,
    deadline: float | None = None,
    end: Callable[[int, int], None] = os.killpg,
) -> Outcome:
    """Run *words* (the program as an absolute path) to their end, or until *deadline* seconds.

    ``end(group, signal)`` is how a process group is ended. Raises OSError when the program cannot
    be started. Whatever ends the wait, an exception of the caller's too, ends the group first.
    """
    started = time.monotonic()
    child = subprocess.Popen(
        list(words),
        stdin=_source(stdin),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=dict(env),
        bufsize=0,
        start_new_session=True,
    )
    pump = _Pump(child, stdin if isinstance(stdin, bytes) else b"")
    try:
        limit = None if deadline is None else started + deadline
        ended = pump.until_exit(limit)
        if not ended:
            _end_group(child, end, pump)
        elif pump.reading and _can_name_group():
            with suppress(*_GONE):
                end(child.pid, signal.SIGKILL)  # a helper in the child's group outlived it
        return Outcome(child.wait() if ended else None, *pump.output(), time.monotonic() - started)
    except BaseException:
        _end_group(child, end, None)
        raise
    finally:
        pump.close()


def _source(stdin: bytes | IO[bytes] | int | None) -> IO[bytes] | int:
    if stdin is None:
        return subprocess.DEVNULL
    return subprocess.PIPE if isinstance(stdin, bytes) else stdin


class _Pump:
    """Moves bytes to and from the child's pipes without ever blocking on one of them."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: bytes) -> None:
        self._child = child
        self._left = memoryview(stdin)
        self._chunks: dict[IO[bytes], list[bytes]] = {}
        self._selector = selectors.DefaultSelector()
        for pipe in (child.stdout, child.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._chunks[pipe] = []
            self._selector.register(pipe, selectors.EVENT_READ)
        if child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
            self._selector.register(child.stdin, selectors.EVENT_WRITE)

    def until_exit(self, limit: float | None) -> bool:
        """Pump until the child has ended and its output is read: False when *limit* came first."""
        linger: float | None = None
        while True:
            now = time.monotonic()
            if limit is not None and now >= limit and linger is None:
                return False
            if not self.reading:
                if self._wait(None if limit is None else limit - now):
                    return True
                continue
            if linger is None and _has_ended(self._child):
                linger = now + _LINGER
            moved = self.move(_TICK if limit is None else min(_TICK, max(0.0, limit - now)))
            longer = _LINGER if moved else 0  # while bytes come
            if linger is not None and now >= linger + longer:
                return True

    def move(self, timeout: float) -> int:
        """Move what is ready within *timeout* seconds; how many bytes were read."""
        read = 0
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._child.stdin:
                self._write()
            else:
                read += self._read(key.fileobj)  # type: ignore[arg-type]
        return read

    def _read(self, pipe: IO[bytes]) -> int:
        chunk = pipe.read(_CHUNK)
        if chunk:
            self._chunks[pipe].append(chunk)
        elif chunk is not None:  # None: not ready after all; empty: the other end is closed
            self._selector.unregister(pipe)
        return len(chunk or b"")

    def _write(self) -> None:
        pipe = self._child.stdin
        assert pipe is not None
        try:
            self._left = self._left[os.write(pipe.fileno(), self._left[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the child does not want the rest, which is its right
            self._left = self._left[:0]
        if not self._left:
            self._selector.unregister(pipe)
            pipe.close()

    @property
    def reading(self) -> bool:
        """Whether someone still holds the other end of the child's output."""
        return any(key.fileobj in self._chunks for key in self._selector.get_map().values())

    def _wait(self, timeout: float | None) -> bool:
        """Wait for a child that has closed its output; it may still want its input."""
        try:
            if self._selector.get_map():
                self.move(_TICK)
                timeout = 0
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def output(self) -> tuple[bytes, bytes]:
        stdout, stderr = (b"".join(chunks) for chunks in self._chunks.values())
        return stdout, stderr

    def close(self) -> None:
        self._selector.close()
        for pipe in (self._child.stdin, *self._chunks):
            if pipe is not None:
                pipe.close()


def _can_name_group() -> bool:
    """Whether an ended child can be left unreaped, so that its group's number stays its own."""
    return hasattr(os, "waitid")


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether the child has ended, without reaping it where the system can tell.

    Unreaped, its process id cannot be given to another, so the group can still be named safely.
    """
    if child.returncode is not None:
        return True
    if not _can_name_group():
        return child.poll() is not None
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_group(
    child: subprocess.Popen[bytes], end: Callable[[int, int], None], pump: _Pump | None
) -> None:
    """Ask the child's group to end, then end it; reap the child, keep reading what it says."""
    if child.returncode is not None:
        return
    try:
        with suppress(*_GONE):
            end(child.pid, signal.SIGTERM)
        patience = time.monotonic() + _GRACE
        wanted = _LAST_WORDS if pump is not None else 0
        while not _has_ended(child) and time.monotonic() < patience:
            heard = pump.move(0.02) if pump is not None and wanted > 0 else 0
            wanted -= heard
            if not heard:
                time.sleep(0.005)
    finally:  # also when a second Ctrl-C ends the patience
        with suppress(*_GONE):
            end(child.pid, signal.SIGKILL)
        if pump is not None:
            pump.move(0)
        with suppress(subprocess.TimeoutExpired):  # in the kernel's hands: a dead file system
            child.wait(_GRACE)
