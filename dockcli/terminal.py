r"""A conversation with a program on a pseudo-terminal: keys go in, a screen comes out.

::

    call = docker.call.container.exec("web", "/bin/sh", interactive=True, tty=True)
    with Terminal(call) as shell:
        shell.see(r"[#$]\Z")
        shell.send("vi notes.txt" + ENTER)

sh makes the terminal and moves the bytes, pyte keeps the screen and answers what programs ask of a
terminal, such as where its cursor is. sh forks: keep terminals out of worker threads.
"""

from __future__ import annotations

import fcntl
import os
import queue
import re
import signal
import struct
import termios
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli.completed import Completed
from dockcli.errors import BinaryNotFound, InvalidArgument, NotSeen, ProgramEnded
from dockcli.failure import failure
from dockcli.secret import MASK

if TYPE_CHECKING:
    from types import TracebackType

    from dockcli.call import Call
    from dockcli.runner import Launch

T = TypeVar("T")

ENTER = "\r"
ESCAPE = "\x1b"
CTRL_C = "\x03"
CTRL_D = "\x04"

DEADLINE = 10.0
"""How long is waited, in seconds, where nothing else is said."""

_GRACE = 0.3  # seconds between asking a program to end and ending it
_LINGER = 0.25  # seconds for output that a grandchild still holds open once the program has ended
_TICK = 0.05  # seconds between looks at a program that writes nothing
_CHUNK = 65536
_KEPT = 1 << 20  # bytes of output, the last ones
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_forking = threading.Lock()


class Terminal:
    """*call* on a terminal of its own: ``with Terminal(call) as terminal: …``.

    Leaving the block ends the program, if it has not ended by itself, as closing a window would.
    What an `exec` or a `run` has started *in a container* does not end with docker's client:
    leave it by its own command (``exit``), and `wait`.

    Each wait has a ``deadline=`` in seconds; the call's own deadline is for the whole conversation.
    What is typed is echoed only by programs that do so themselves, as shells and docker do.
    """

    def __init__(self, call: Call[Any], *, rows: int = 24, columns: int = 80) -> None:
        if call.stdin is not None:
            raise InvalidArgument("stdin= and a terminal: what goes in is what is sent to it")
        self.call = call
        self.rows, self.columns = rows, columns
        self._begun = self._last = time.monotonic()
        self._keys: queue.Queue[bytes] = queue.Queue()
        self._screen, self._stream = self._new_screen()
        self._changed = threading.Condition()
        self._output = bytearray()
        self._dropped = 0  # bytes of output that are no longer kept
        self._read_to = 0  # up to where `expect` has gone
        self._running: Any = None
        self._exit: int | None = None

    def __enter__(self) -> Terminal:
        launch = self.call.client.launch(self.call)
        _refuse(launch)
        self._end = launch.end
        self._begun = self._last = time.monotonic()
        try:
            self._start(launch)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- what goes in

    def send(self, keys: str | bytes) -> None:
        """Type *keys*. Raises ProgramEnded, or what docker failed with, when nobody is there."""
        if self._has_ended():
            raise self._ended("keys were sent")
        self._keys.put(keys.encode("utf-8", "surrogateescape") if isinstance(keys, str) else keys)

    def resize(self, rows: int, columns: int) -> None:
        """Give the window another size; the program is told, as a window's would be."""
        if self._has_ended():
            raise self._ended("the window was resized")
        terminal = os.open(self._running.ctty, os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        finally:
            os.close(terminal)
        with self._changed:
            self.rows, self.columns = rows, columns
            self._screen.resize(rows, columns)

    # --- what comes out

    @property
    def screen(self) -> str:
        """What is on the screen: its lines, without the blanks at their ends and below the last."""
        with self._changed:
            return self._shown()

    @property
    def output(self) -> bytes:
        """The bytes that the program has written; of more than 1 MiB the last."""
        with self._changed:
            return bytes(self._output)

    def see(self, pattern: str, *, deadline: float = DEADLINE) -> re.Match[str]:
        """Wait until the regular expression *pattern* is on the screen; ``^`` and ``$`` are those
        of each line. Raises NotSeen, and when the program ends first, ProgramEnded or what docker
        failed with."""
        sought = re.compile(pattern, re.MULTILINE)
        return self.until(sought.search, f"{pattern!r} on the screen", deadline=deadline)

    def until(
        self, holds: Callable[[str], T | None], what: str, *, deadline: float = DEADLINE
    ) -> T:
        """Wait until *holds* of the screen gives something true; *what* that is, for the error."""
        return self._wait(lambda: holds(self._shown()) or None, what, deadline)

    def expect(self, pattern: str, *, deadline: float = DEADLINE) -> re.Match[str]:
        """Wait until *pattern* is in the output, after where the last `expect` found its own.

        The output is as the program wrote it: line ends, colours and all. Raises as `see`.
        """
        sought = re.compile(pattern, re.MULTILINE)

        def found() -> re.Match[str] | None:
            start = max(0, self._read_to - self._dropped)
            text = self._output[start:].decode("utf-8", "surrogateescape")
            match = sought.search(text)
            if match:
                passed = text[: match.end()].encode("utf-8", "surrogateescape")
                self._read_to = self._dropped + start + len(passed)
            return match

        return self._wait(found, f"{pattern!r} in the output", deadline)

    def quiet(self, seconds: float = 0.2, *, deadline: float = DEADLINE) -> None:
        """Wait until the program has written nothing for *seconds*. Raises as `see`."""
        self._wait(
            lambda: time.monotonic() - self._last >= seconds or None,
            f"{seconds:g} s of quiet",
            deadline,
        )

    def wait(self, *, deadline: float = DEADLINE) -> int:
        """Wait until the program has ended; its exit code. Raises NotSeen."""
        return self._wait(lambda: self._exit, "the program's end", deadline)

    def completed(self) -> Completed:
        """All of it as the result of a process, -1 for the exit code of one that still runs."""
        code = -1 if self._exit is None else self._exit
        seconds = time.monotonic() - self._begun
        done = Completed(self.call.argv, code, self.output, b"", seconds)
        return done.masked(self.call.secrets.values())

    def close(self) -> None:
        """End the program, if it has not ended. Nothing of it is left on this machine."""
        for number in (signal.SIGHUP, signal.SIGKILL):
            if self._running is None or self._has_ended():
                return
            with suppress(ProcessLookupError, PermissionError):
                self._end(self._running.pid, number)
            patience = time.monotonic() + _GRACE
            while not self._has_ended() and time.monotonic() < patience:
                time.sleep(0.005)

    # --- how

    def _start(self, launch: Launch) -> None:
        import sh

        program, *words = (os.fsencode(word).decode("latin-1") for word in launch.words)
        # A signal that came while sh forks would lose the child: it waits, for this thread, and
        # for those that sh makes, until the child is known. The child itself is spared that.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            with _forking, warnings.catch_warnings():
                # sh reads in threads, so a second terminal is always forked beside threads. What
                # its child does before it becomes the program takes no lock.
                warnings.filterwarnings("ignore", ".*multi-threaded", DeprecationWarning)
                self._running = sh.Command(program)(
                    *words,
                    _in=self._keys,
                    _out=self._receive,
                    _tty_in=True,
                    _tty_out=True,
                    _unify_ttys=True,
                    _tty_size=(self.rows, self.columns),
                    _in_bufsize=0,
                    _out_bufsize=0,
                    _no_out=True,
                    _no_pipe=True,
                    _encoding="latin-1",  # each byte is a character, so that none is lost
                    _env=launch.env,
                    _cwd=launch.cwd,
                    _preexec_fn=lambda: _set_mask(blocked),
                    _bg=True,
                    _bg_exc=False,
                    _log_msg=lambda *_: f"terminal of {self.call}",
                )
        except (sh.CommandNotFound, sh.ForkException) as error:
            _sweep(error)
            reason = str(error).strip().rpartition("\n")[2]
            raise BinaryNotFound(f"{launch.words[0]} cannot be started: {reason}") from None
        finally:
            _set_mask(blocked)
        with suppress(AttributeError):  # sh reads what is not to be buffered byte by byte: 50 kB/s
            self._running.process._stdout_stream.bufsize = _CHUNK

    def _new_screen(self) -> tuple[Any, Any]:
        """A screen whose answers go to the program, and the stream that feeds it."""
        import pyte

        screen: Any = pyte.Screen(self.columns, self.rows)
        screen.write_process_input = lambda answer: self._keys.put(answer.encode())
        for name in set(pyte.ByteStream.csi.values()):
            setattr(screen, name, _tolerant(getattr(screen, name)))
        return screen, pyte.ByteStream(screen)

    def _receive(self, text: str) -> None:
        """Take what the program has written; called in sh's thread."""
        chunk = text.encode("latin-1")
        with self._changed:
            self._last = time.monotonic()
            self._output += chunk
            if len(self._output) > 2 * _KEPT:
                self._dropped += len(self._output) - _KEPT
                del self._output[:-_KEPT]
            with suppress(Exception):  # the output has what a screen cannot show
                self._stream.feed(chunk)
            self._changed.notify_all()

    def _shown(self) -> str:
        text = "\n".join(line.rstrip() for line in self._screen.display).rstrip()
        for secret in self.call.secrets.values():
            text = text.replace(secret.reveal(), MASK) if secret.reveal() else text
        return text

    def _wait(self, found: Callable[[], T | None], what: str, deadline: float) -> T:
        """Wait until *found* gives something, which is looked for once more after the end."""
        limit = time.monotonic() + deadline
        if self.call.deadline is not None:
            limit = min(limit, self._begun + self.call.deadline)
        while True:
            ended, left = self._has_ended(), limit - time.monotonic()
            with self._changed:
                answer = found()
                if answer is not None:
                    return answer
                if not ended and left > 0:
                    self._changed.wait(min(left, _TICK))
            if ended:
                raise self._ended(what)
            if left <= 0:
                raise self._not_seen(what, deadline)

    def _has_ended(self) -> bool:
        """Whether the program has ended; if so, all that it wrote is here and sh has gone too."""
        if self._exit is None and not self._running.is_alive():
            process = self._running.process
            with suppress(AttributeError):  # sh waits 2 s for a grandchild that holds the terminal
                process._output_thread.join(_LINGER)
                process._stop_output_event.set()
            self._exit = process.wait()
        return self._exit is not None

    def _ended(self, what: str) -> Exception:
        completed = self.completed()
        if completed.returncode != 0 and self.call.check:
            said = completed.stdout.replace(b"\r\n", b"\n")  # a terminal has one stream for both
            docker = Completed(completed.argv, completed.returncode, b"", said, completed.seconds)
            return failure(docker, self.call.speaker)
        return ProgramEnded(completed, f"ended before {what}", self.screen)

    def _not_seen(self, what: str, deadline: float) -> NotSeen:
        last = self.screen.rpartition("\n")[2]
        reason = f"no {what} within {deadline:g} s; the last line there is {last!r}"
        return NotSeen(self.completed(), deadline, reason, self.screen)


def _tolerant(handler: Callable[..., None]) -> Callable[..., None]:
    """*handler* of an escape sequence that passes over the variants which pyte does not know."""

    def handle(*parameters: int, **private: bool) -> None:
        with suppress(TypeError):
            handler(*parameters, **private)

    return handle


def _set_mask(blocked: set[Any]) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


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
    process = left.get("self")
    with suppress(AttributeError, ChildProcessError):
        os.waitpid(process.pid, 0)  # type: ignore[union-attr]
    ends = [getattr(process, f"_{name}_parent_fd", None) for name in ("stdin", "stdout", "stderr")]
    for end in (*ends, left.get("session_pipe_read"), left.get("session_pipe_write")):
        if isinstance(end, int):
            os.close(end)
