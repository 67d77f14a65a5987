"""One program on a pseudo-terminal, from start to end; nothing of it is left afterwards.

sh makes the terminal, forks, and moves the bytes in threads of its own. What it leaves to be done,
and this room does: a signal that comes while it forks loses no child, the program finds signals as
on any terminal, a grandchild that holds the terminal delays nothing, the group is ended.
"""

from __future__ import annotations

import fcntl
import os
import queue
import select
import signal
import struct
import termios
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from dockcli.errors import BinaryNotFound, InvalidArgument

if TYPE_CHECKING:
    from types import FrameType

    from dockcli.runner import Launch

_GRACE = 0.3  # seconds between asking a program to end and ending it
_LINGER = 0.25  # seconds for output that a grandchild still holds open once the program has ended
_CHUNK = 65536
_GONE = (ProcessLookupError, PermissionError)  # macOS answers EPERM for a group of zombies
_LATER = {
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGALRM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
    signal.SIGCONT,
}
_forking = threading.Lock()


class Pseudo:
    """*launch* on a terminal; ``receive(text)`` gets what it writes, in a thread of sh's, each byte
    as a character. *named* is what a log calls it."""

    def __init__(self, launch: Launch, receive: Callable[[str], None], named: str) -> None:
        self._launch, self._receive, self._named = launch, receive, named
        self._keys = _Keys()
        self._running: Any = None
        self._process: Any = None
        self._exit: int | None = None
        self._settling = threading.Lock()
        self._poll = select.poll()

    def start(self, rows: int, columns: int) -> None:
        """Start it, in a window of that size. Raises BinaryNotFound, InvalidArgument.

        After any other exception, which a signal may have raised, `end` ends what has started.
        """
        _refuse(self._launch)
        with _signals_later() as mask, _forking, warnings.catch_warnings():
            # sh reads in threads, so a second terminal is always forked beside threads. What its
            # child does before it becomes the program takes no lock.
            warnings.filterwarnings("ignore", ".*multi-threaded", DeprecationWarning)
            self._running = self._start(rows, columns, mask)
            self._process = self._running.process
            with suppress(AttributeError):  # sh would read it byte by byte: 50 kB/s
                self._process._stdout_stream.bufsize = _CHUNK
                self._poll.register(self._process._stdout_stream.stream, select.POLLIN)

    @property
    def started(self) -> bool:
        return self._running is not None

    @property
    def pid(self) -> int:
        return int(self._running.pid)

    def write(self, data: bytes) -> None:
        """Type *data*, some time soon, in one write."""
        self._keys.put(data)

    def taken(self) -> bool:
        """Whether the program has read all that was typed, or has ended."""
        return self.ended() is not None or (self._keys.passed and not self._unread())

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size; the system tells the program (SIGWINCH)."""
        with self._its_end() as terminal:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def tell_size_again(self) -> None:
        """Have docker's client tell the engine the size once more, now that the program runs.

        It does so by itself before the engine has started an exec, fails, tries some ten times
        within half a second and gives up: on a busy engine the program keeps 0 rows. By a signal
        and not by another size, so that a program which knows its size hears nothing.
        """
        with suppress(*_GONE):  # under sudo it is not ours to be told
            os.killpg(self.pid, signal.SIGWINCH)

    def has_more(self) -> bool:
        """Whether more output is there to be read now. Asked by the thread that reads it."""
        return bool(self._poll.poll(0))

    def ended(self) -> int | None:
        """The exit code, negative for a signal's; None while it runs. Once it is known all output
        has been received, and sh's threads have gone."""
        if self._exit is None and self._process is not None and not self._running.is_alive():
            with self._settling:
                if self._exit is None:
                    self._exit = self._settled()
        return self._exit

    def end(self, signals: Sequence[int] = (signal.SIGHUP, signal.SIGKILL)) -> None:
        """End the program's group, as closing a window does it: with the first signal, and after
        a moment the next."""
        if self._running is None:
            return
        try:
            for number in signals[:-1]:
                self._signal(number)
                patience = time.monotonic() + _GRACE
                while self.ended() is None and time.monotonic() < patience:
                    time.sleep(0.005)
        finally:  # also when a second Ctrl-C ends the patience
            if self._exit is None:
                self._signal(signals[-1])
                patience = time.monotonic() + _GRACE
                while self.ended() is None and time.monotonic() < patience:
                    time.sleep(0.005)

    # --- how

    def _signal(self, number: int) -> None:
        if self._exit is None:
            with suppress(*_GONE):
                self._launch.end(self.pid, number)

    def _settled(self) -> int:
        """Wait for sh to go; what holds the terminal still is ended, or left to itself."""
        process = self._process
        with suppress(AttributeError):  # sh waits 2 s for a grandchild that holds the terminal
            process._output_thread.join(_LINGER)
            if process._output_thread.is_alive():
                with suppress(*_GONE):  # the number is its group's as long as one is in it
                    self._launch.end(self.pid, signal.SIGKILL)
                process._output_thread.join(_LINGER / 5)
            process._stop_output_event.set()
            self._unblock_typing(process)
        code: int = process.wait()
        return code

    def _unblock_typing(self, process: Any) -> None:
        """Throw away what nobody reads: sh would wait for it, if somebody holds the terminal."""
        with suppress(queue.Empty):
            while True:
                self._keys.get_nowait()
        process._quit_threads.set()
        for _ in range(40):
            process._input_thread.join(0.02)
            if not process._input_thread.is_alive():
                return
            with suppress(OSError, termios.error), self._its_end() as terminal:
                termios.tcflush(terminal, termios.TCIFLUSH)

    def _unread(self) -> int:
        try:
            with self._its_end() as terminal:
                answer = fcntl.ioctl(terminal, termios.FIONREAD, struct.pack("i", 0))
        except OSError:  # it has ended
            return 0
        return int(struct.unpack("i", answer)[0])

    @contextmanager
    def _its_end(self) -> Iterator[int]:
        terminal = os.open(self._process.ctty, os.O_RDWR | os.O_NOCTTY)
        try:
            yield terminal
        finally:
            os.close(terminal)

    def _start(self, rows: int, columns: int, mask: set[Any]) -> Any:
        import sh

        launch, named = self._launch, self._named
        program, *words = (os.fsencode(word).decode("latin-1") for word in launch.words)
        try:
            return sh.Command(program)(
                *words,
                _in=self._keys,
                _out=self._receive,
                _tty_in=True,
                _tty_out=True,
                _unify_ttys=True,
                _tty_size=(rows, columns),
                _in_bufsize=0,
                _out_bufsize=0,
                _no_out=True,
                _no_pipe=True,
                _encoding="latin-1",  # each byte is a character, so that none is lost
                _env=dict(launch.env),
                _cwd=launch.cwd,
                _preexec_fn=lambda: _as_on_a_terminal(mask),
                _bg=True,
                _bg_exc=False,
                _log_msg=lambda *_: named,
            )
        except (sh.CommandNotFound, sh.ForkException) as error:
            _sweep(error)
            reason = str(error).strip().rpartition("\n")[2]
            raise BinaryNotFound(f"{launch.words[0]} cannot be started: {reason}") from None


class _Keys(queue.Queue[bytes]):
    """What is typed, until sh has passed it on: it asks for more when it has."""

    passed = True

    def _put(self, item: bytes) -> None:  # where Queue holds its lock
        self.passed = False
        super()._put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> bytes:
        with self.mutex:
            self.passed = not self.queue
        return super().get(block, timeout)


def _as_on_a_terminal(mask: set[Any]) -> None:
    """Signals as a program finds them in a new window; sh has it ignore the window's end."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def _signals_later() -> Iterator[set[Any]]:
    """A signal that comes in here acts afterwards: in sh's midst it would lose the child.

    Blocked for this thread and those that sh makes; another thread may still be given it, and then
    its handler runs in the main one: there it is kept. Yields the mask that was.
    """
    came: list[int] = []

    def keep(number: int, frame: FrameType | None) -> None:
        came.append(number)

    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _LATER)
    handlers = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in _LATER:
                if callable(handler := signal.getsignal(number)):
                    handlers[number] = handler
                    signal.signal(number, keep)
        yield mask
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for late in came:
            signal.raise_signal(late)


def _refuse(launch: Launch) -> None:
    """Refuse what sh would only notice in the child."""
    if any("\0" in word for word in launch.words):
        raise InvalidArgument(f"{launch.words[0]}: embedded null character")
    if launch.cwd is not None and not os.path.isdir(launch.cwd):
        raise InvalidArgument(f"cwd={launch.cwd!r}: no such folder")


def _sweep(error: Exception) -> None:
    """Reap and close what sh leaves of a child that could not become the program."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    left = trace.tb_frame.f_locals if trace else {}
    process: Any = left.get("self")
    with suppress(AttributeError, ChildProcessError):
        os.waitpid(process.pid, 0)
    ends = [getattr(process, f"_{name}_parent_fd", None) for name in ("stdin", "stdout", "stderr")]
    for end in (*ends, left.get("session_pipe_read"), left.get("session_pipe_write")):
        if isinstance(end, int):
            os.close(end)
