"""One child process from start to end, and nothing of it left afterwards.

What wrappers of `subprocess` get wrong and this room owns: the child has a session of its own and
is ended as a group; a grandchild that holds the pipes open delays nothing; at the deadline what was
written so far is kept.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

from dockcli import child, feed
from dockcli.pipes import Pipes
from dockcli.typed import TYPE_CHECKING
from dockcli.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from dockcli.pipes import Sink
    from dockcli.sips import Sips

_LINGER = 0.25  # seconds for output that a grandchild still holds open once the child has ended
TICK = 0.05  # seconds between looks at the child while its pipes are quiet
_LAST_WORDS = 1 << 20  # bytes that are read from a child once it is to end


class Outcome(Value):
    """How a child ended: *returncode* is None when a limit ended it; *silent*: that for silence."""

    __slots__ = ("returncode", "stdout", "stderr", "seconds", "silent")  # noqa: RUF023

    returncode: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    silent: bool

    def __init__(
        self,
        returncode: int | None,
        stdout: bytes,
        stderr: bytes,
        seconds: float,
        silent: bool = False,
    ) -> None:
        self._set(returncode, stdout, stderr, seconds, silent)

    def __repr__(self) -> str:  # a traceback with local variables would show the output
        return f"Outcome({self.returncode}, {self.seconds:.3f} s)"


class Late(Exception):
    """A limit of time is over; *silent*: the one for silence."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__()
        self.silent = silent


class Limits(Value):
    """How long a child may take, and how long it may say nothing, in seconds."""

    __slots__ = ("deadline", "silence")

    deadline: float | None
    silence: float | None

    def __init__(self, deadline: float | None = None, silence: float | None = None) -> None:
        self._set(deadline, silence)


def run(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    stdin: bytes | int | Iterator[Any] | None = None,
    stdout: int | Sink | None = None,
    deadline: float | None = None,
    silence: float | None = None,
    look: Callable[[list[bytes]], object] | None = None,
    end: child.End = os.killpg,
) -> Outcome:
    """Run *words* (the program as an absolute path) to their end, or until *deadline* seconds.

    *stdout* is a descriptor, or what takes each chunk; without it the outcome has it all, and
    *look* is called with the chunks that there are whenever there may be more: at first with none,
    once it has been started. Raises `child.Unstartable`. Whatever ends the wait, an exception of
    the caller's too, ends the group first.
    """
    chunks: tuple[list[bytes], list[bytes]] = ([], [])
    sinks: list[Sink | None] = [
        None if isinstance(stdout, int) else stdout or chunks[0].append,
        chunks[1].append,
    ]
    limits = Limits(deadline, silence)
    running = Running.start(
        words,
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout if isinstance(stdout, int) else None,
        sinks=sinks,
        limits=limits,
        end=end,
    )
    code, silent = None, False
    try:
        try:
            more = True
            while more:
                if look is not None:
                    look(chunks[0])
                more = running.turn()
            code = running.reap()
        except Late as late:
            silent = late.silent
            running.give_up(listen=True)
    finally:
        running.give_up()
    out, err = (b"".join(part) for part in chunks)
    return Outcome(code, out, err, running.seconds, silent)


@contextmanager
def terminal(rows: int = 50, columns: int = 400) -> Iterator[tuple[int, int]]:
    """A pseudo-terminal that nobody looks at, so wide that nothing is cut: its two ends, ours and
    the child's. Ours is closed by whoever got it."""
    import fcntl
    import pty
    import struct
    import termios

    try:
        ours, theirs = pty.openpty()
    except OSError as reason:
        raise child.Unstartable(reason) from None
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        yield ours, theirs
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)


class Running:
    """A child that runs, and the pipes to and from it: bytes move when `turn` is called.

    So a caller who takes no turns slows the child, and nothing piles up here.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        pipes: Pipes,
        limits: Limits,
        end: child.End,
        begun: float,
    ) -> None:
        self.process = process
        self.pipes = pipes
        self.begun = begun
        self.seconds = 0.0
        self._end = end
        self._limits = limits
        self._lost = child.given_up.get()
        self._last = begun
        self._linger: float | None = None
        self._looked = begun
        self._legacy = 2 * _LAST_WORDS
        self._closed = threading.Lock()  # held once it is closed

    @classmethod
    def start(
        cls,
        words: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | None,
        stdin: bytes | int | Iterator[Any] | None,
        stdout: int | None = None,
        sinks: Sequence[Sink | None],
        terminal: tuple[int, int] | None = None,
        limits: Limits,
        end: child.End,
    ) -> Running:
        """Start *words*. *sinks* take what stdout and stderr say, None for one that is not ours.

        *stdout* is a descriptor for it instead of a pipe; *terminal* are both ends of one, ours is
        the child's from now on. Raises `child.Unstartable`.
        """
        begun = time.monotonic()
        if terminal is not None:
            stdout = terminal[1]
        try:  # before there is a child, for there may be no descriptor left
            selector = selectors.DefaultSelector()
        except OSError as reason:
            raise child.Unstartable(reason) from None
        try:
            process = child.start(
                words,
                env=env,
                cwd=cwd,
                stdin=feed.connection(stdin),
                stdout=subprocess.PIPE if stdout is None else stdout,
            )
        except BaseException:
            selector.close()
            raise
        try:
            ours = None if terminal is None else terminal[0]
            pipes = Pipes(process, stdin, sinks, selector, ours)
            return cls(process, pipes, limits, end, begun)
        except BaseException:
            child.end_group(process, end)
            selector.close()
            raise

    @property
    def due(self) -> bool:
        """Whether a `turn` has something to see to although nothing moves: an end, or a limit."""
        now, limits = time.monotonic(), self._limits
        return (
            (limits.deadline is not None and now >= self.begun + limits.deadline)
            or (limits.silence is not None and now >= self._last + limits.silence)
            or self.pipes.error is not None
            or child.has_ended(self.process)
        )

    def turn(self, timeout: float = TICK, *, sips: Sips | None = None) -> bool:
        """Move what is ready within *timeout* seconds; False once the child has ended and its
        output is read. Raises `Late`, `GivenUp`, and what the iterator in stdin raised.

        *sips*: as in `Pipes.move`.
        """
        now = time.monotonic()
        if self._linger is None:
            timeout = min(timeout, self._patience(now))
        if not self.pipes.reading:
            return not self._wait(timeout)
        if self._linger is None and now >= self._looked + TICK:
            self._looked = now
            if child.has_ended(self.process):
                self._linger = now + _LINGER
        moved = self.pipes.move(timeout, sips=sips)
        if moved:
            self._last = time.monotonic()
        if self._linger is None:
            return True
        # No pipe holds so much: what comes beyond is another's, who goes on writing.
        self._legacy -= moved
        longer = _LINGER if moved else 0  # while bytes come
        return self._legacy > 0 and now < self._linger + longer

    def take(self, pipe: int, buffer: Any, sips: Sips) -> int:
        """Read what comes next from one of the child's pipes right into *buffer*: 0 where `turn` is
        to be called, as nothing comes, or nobody has looked at the child for a while. Raises as
        that does. *sips*: as in `Pipes.move`."""
        if self._linger is not None or self._limits.silence is not None:
            return 0
        now = time.monotonic()
        left = self._patience(now)
        if now >= self._looked + TICK:
            return 0
        return self.pipes.take(pipe, buffer, left, sips)

    def _patience(self, now: float) -> float:
        """The seconds until a limit."""
        if self._lost is not None and self._lost.is_set():
            raise child.GivenUp
        if (error := self.pipes.error) is not None:
            raise error
        left, deadline, silence = TICK, self._limits.deadline, self._limits.silence
        if deadline is not None:
            left = min(left, self.begun + deadline - now)
            if left <= 0:
                raise Late(silent=False)
        if silence is not None:
            left = min(left, self._last + silence - now)
            if left <= 0:
                if self.pipes.move(0):  # it had spoken, and nobody had listened
                    self._last = now
                    return 0
                raise Late(silent=True)
        return left

    def _wait(self, timeout: float) -> bool:
        """Wait for a child that has closed its output; it may still want its input."""
        if self.pipes.moving:
            self.pipes.move(timeout)
            return child.has_ended(self.process)
        if self._lost is None and self._limits == Limits() and self.pipes.feeder is None:
            self.process.wait()
            return True
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)
        return self.process.returncode is not None

    def reap(self) -> int:
        """The exit code of the child that has ended; helpers in its group end now."""
        if self.pipes.reading:  # a helper in the child's group outlived it
            child.end_helpers(self.process, self._end)
        code = self.process.wait()
        self.give_up()
        return code

    def give_up(self, *, listen: bool = False) -> None:
        """End the child if it has not ended, with *listen* reading its last words; close the pipes.

        May be called any number of times.
        """
        if not self._closed.acquire(blocking=False):
            return
        self.seconds = time.monotonic() - self.begun
        left = _LAST_WORDS

        def last_words(timeout: float) -> int:
            nonlocal left
            heard = self.pipes.move(timeout) if left > 0 else 0
            left -= heard
            return heard

        try:
            child.end_group(self.process, self._end, last_words if listen else None)
        finally:
            self.seconds = time.monotonic() - self.begun
            self.pipes.close()
