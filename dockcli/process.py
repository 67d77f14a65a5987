"""One child process from start to end, and nothing of it left afterwards.

What wrappers of `subprocess` get wrong and this room owns: the child has a session of its own and
is ended as a group; a grandchild that holds the pipes open delays nothing; at the deadline what was
written so far is kept; raw bytes only.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

from dockcli import child, feed
from dockcli.typed import TYPE_CHECKING
from dockcli.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    Sink: TypeAlias = Callable[[bytes], Any]

_LINGER = 0.25  # seconds for output that a grandchild still holds open once the child has ended
TICK = 0.05  # seconds between looks at the child while its pipes are quiet
_CHUNK = 65536
_SMALL = 2048  # bytes; docker writes each line of a log by itself
_SOON = 0.001  # seconds
_SIP = 0.0002  # seconds that more of such have to come, so that nobody is woken for each of them
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
    end: child.End = os.killpg,
) -> Outcome:
    """Run *words* (the program as an absolute path) to their end, or until *deadline* seconds.

    *stdout* is a descriptor, or what takes each chunk; without it the outcome has it all. Raises
    `child.Unstartable`. Whatever ends the wait, an exception of the
    caller's too, ends the group first.
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
            while running.turn():
                pass
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
        stdin: bytes | int | Iterator[Any] | None,
        pipes: Mapping[int, Sink],
        limits: Limits,
        end: child.End,
        begun: float,
        selector: Any,
        terminal: int | None = None,
    ) -> None:
        self.process = process
        self.begun = begun
        self.seconds = 0.0
        self._end = end
        self._terminal = terminal
        self._limits = limits
        self._lost = child.given_up.get()
        self._last = begun
        self.heard = 0
        """The bytes that it has written to its stdout, where that is a pipe."""
        self.wanted = len(stdin) if isinstance(stdin, bytes) else None
        """The bytes that it is given, where that is known beforehand."""
        self._stdout = None if process.stdout is None else process.stdout.fileno()
        self._linger: float | None = None
        self._looked = begun
        self._drips = False  # whether what comes is small, and comes one after the other
        self._dry = True  # whether the pipe that is read by `take` was emptied by the last read
        self._legacy = 2 * _LAST_WORDS
        self._sinks = dict(pipes)
        self._left = memoryview(stdin if isinstance(stdin, bytes) else b"")
        self._selector = selector
        self._feeder: feed.Feeder | None = None
        self._closed = threading.Lock()  # held once it is closed
        for pipe in self._sinks:
            os.set_blocking(pipe, False)
            self._selector.register(pipe, selectors.EVENT_READ)
        if isinstance(stdin, bytes):
            assert process.stdin is not None
            os.set_blocking(process.stdin.fileno(), False)
            self._selector.register(process.stdin, selectors.EVENT_WRITE)
        elif process.stdin is not None:
            assert stdin is not None
            assert not isinstance(stdin, int)
            self._feeder = feed.Feeder(process.stdin, stdin)

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
            pipes = (process.stdout, process.stderr)
            ours = [None if pipe is None else pipe.fileno() for pipe in pipes]
            if terminal is not None:
                ours[0] = terminal[0]
            heard = {
                pipe: sink
                for pipe, sink in zip(ours, sinks, strict=True)
                if pipe is not None and sink is not None
            }
            at = ours[0] if terminal else None
            return cls(process, stdin, heard, limits, end, begun, selector, at)
        except BaseException:
            child.end_group(process, end)
            selector.close()
            raise

    def fileno(self) -> int:
        """What can be read when a `turn` would move something, for one who waits for many."""
        number: int = self._selector.fileno()
        return number

    @property
    def due(self) -> bool:
        """Whether a `turn` has something to see to although nothing moves: an end, or a limit."""
        now, limits = time.monotonic(), self._limits
        return (
            (limits.deadline is not None and now >= self.begun + limits.deadline)
            or (limits.silence is not None and now >= self._last + limits.silence)
            or (self._feeder is not None and self._feeder.error is not None)
            or child.has_ended(self.process)
        )

    def turn(self, timeout: float = TICK, *, sips: bool = False) -> bool:
        """Move what is ready within *timeout* seconds; False once the child has ended and its
        output is read. Raises `Late`, `GivenUp`, and what the iterator in stdin raised.

        *sips*: where one small piece comes after the other, it waits a moment for some more.
        """
        now = time.monotonic()
        if self._linger is None:
            timeout = min(timeout, self._patience(now))
        if not self.reading:
            return not self._wait(timeout)
        if self._linger is None and now >= self._looked + TICK:
            self._looked = now
            if child.has_ended(self.process):
                self._linger = now + _LINGER
        if self._drips and sips and timeout > 0:
            time.sleep(_SIP)
        moved = self.move(timeout)
        if moved:
            self._last = time.monotonic()
        self._drips = 0 < moved < _SMALL and self._last < now + _SOON
        if self._linger is None:
            return True
        # No pipe holds so much: what comes beyond is another's, who goes on writing.
        self._legacy -= moved
        longer = _LINGER if moved else 0  # while bytes come
        return self._legacy > 0 and now < self._linger + longer

    def take(self, pipe: int, buffer: Any) -> int:
        """Read what comes next from one of the child's pipes right into *buffer*: 0 where `turn` is
        to be called, as nothing comes, or nobody has looked at the child for a while. Raises as
        that does."""
        if pipe not in self._sinks or self._linger is not None or self._limits.silence is not None:
            return 0
        now = time.monotonic()
        left = self._patience(now)
        if now >= self._looked + TICK:
            return 0
        if self._dry:
            self.move(left, leave=pipe)
        try:
            read = os.readv(pipe, [buffer])
        except BlockingIOError:
            self._dry = True
            return 0
        self._dry = read < len(buffer)
        self.heard += read
        return read

    def _patience(self, now: float) -> float:
        """The seconds until a limit."""
        if self._lost is not None and self._lost.is_set():
            raise child.GivenUp
        if self._feeder is not None and self._feeder.error is not None:
            raise self._feeder.error
        left, deadline, silence = TICK, self._limits.deadline, self._limits.silence
        if deadline is not None:
            left = min(left, self.begun + deadline - now)
            if left <= 0:
                raise Late(silent=False)
        if silence is not None:
            left = min(left, self._last + silence - now)
            if left <= 0:
                if self.move(0):  # it had spoken, and nobody had listened
                    self._last = now
                    return 0
                raise Late(silent=True)
        return left

    def move(self, timeout: float, leave: int | None = None) -> int:
        """Move what is ready within *timeout* seconds, but for what the pipe *leave* has; how many
        bytes were read."""
        read = 0
        for key, _ in self._selector.select(timeout):
            if key.fd == leave:
                continue
            if key.fileobj is self.process.stdin:
                self._write()
            else:
                read += self._read(key.fd)
        return read

    def _read(self, pipe: int) -> int:
        try:
            chunk = os.read(pipe, _CHUNK)
        except BlockingIOError:
            return 0
        except OSError:  # a pseudo-terminal whose other end is closed
            chunk = b""
        if not chunk:
            if self._sinks.pop(pipe, None) is not None:  # else another thread ends it just now
                self._selector.unregister(pipe)
            return 0
        if pipe == self._stdout:
            self.heard += len(chunk)
        if (sink := self._sinks.get(pipe)) is not None:
            sink(chunk)
        return len(chunk)

    def _write(self) -> None:
        pipe = self.process.stdin
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

    def release(self, pipe: int) -> None:
        """Leave one of the child's pipes to another process."""
        self._selector.unregister(pipe)
        del self._sinks[pipe]
        os.set_blocking(pipe, True)

    @property
    def fed(self) -> int | None:
        """The bytes that were written to the child's stdin; None where it has a file's."""
        if self._feeder is not None:
            return self._feeder.fed
        return None if self.wanted is None else self.wanted - len(self._left)

    @property
    def reading(self) -> bool:
        """Whether someone still holds the other end of the child's output."""
        return bool(self._sinks)

    def _wait(self, timeout: float) -> bool:
        """Wait for a child that has closed its output; it may still want its input."""
        if self._selector.get_map():
            self.move(timeout)
            return child.has_ended(self.process)
        if self._lost is None and self._limits == Limits() and self._feeder is None:
            self.process.wait()
            return True
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)
        return self.process.returncode is not None

    def reap(self) -> int:
        """The exit code of the child that has ended; helpers in its group end now."""
        if self.reading:  # a helper in the child's group outlived it
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
            heard = self.move(timeout) if left > 0 else 0
            left -= heard
            return heard

        try:
            child.end_group(self.process, self._end, last_words if listen else None)
        finally:
            self.seconds = time.monotonic() - self.begun
            if self._feeder is not None:
                self._feeder.stop()
            self._selector.close()
            if self._terminal is not None:
                os.close(self._terminal)
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                if pipe is not None and (self._feeder is None or pipe is not self.process.stdin):
                    pipe.close()
