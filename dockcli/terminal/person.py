"""The person's own terminal, handed to a program: raw while it has it, and then as it was."""

from __future__ import annotations

import os
import selectors
import signal
import termios
import threading
import tty
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from dockcli.terminal.session import Session

_KEYS, _DISPLAY = 0, 1  # stdin and stdout, whatever Python's objects for them are
_TICK = 0.05  # seconds between looks at the program
_WAITING = 1 << 16  # bytes for the display, after which the program waits for it
_AT_ONCE = 1024  # bytes that a terminal which can take any takes without delay
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
_ALL = {*_ENDING, signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP}


class _Struck(BaseException):
    """A signal would end this process."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Person:
    """``with Person() as person: person.talk(session, resize)``; the terminal is raw only while
    they talk. Raises InvalidArgument where there is nobody, before anything is changed."""

    def __init__(self) -> None:
        for number, name in ((_KEYS, "stdin"), (_DISPLAY, "stdout")):
            if not os.isatty(number):
                raise InvalidArgument(
                    f"interact() is for a person, and {name} is no terminal: "
                    "use send() and expect()"
                )
        if threading.current_thread() is not threading.main_thread():
            raise InvalidArgument("interact() needs the main thread, which gets the signals")
        self._came: set[int] = set()
        self._handlers: dict[int, Any] = {}
        self._display = _Display(self._wake)

    def __enter__(self) -> Person:
        self._before = termios.tcgetattr(_KEYS)
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        self._watch()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unwatch()
        self._display.close()
        os.close(self._woken)
        os.close(self._waker)
        if isinstance(error, _Struck):
            signal.raise_signal(error.number)  # as if it came now, when all has been put back

    def talk(self, session: Session, resize: Callable[[int, int], None]) -> None:
        """Move keys and bytes until the program has ended, or the person has gone."""
        try:
            greeting = b""
            with session.changed:
                if session.tee is None:
                    greeting = session.seen().painting() if session.received else b""
                    session.tee = self.show
            self._raw()
            self._fit(resize)
            _write(greeting)
            self._move(session, resize)
        except _Struck:
            self._restore(session)
            session.end()
            raise
        finally:
            self._restore(session)

    def show(self, chunk: bytes) -> None:
        """Have *chunk* shown, some time soon; called in sh's thread."""
        self._display.show(chunk)

    def window(self) -> tuple[int, int] | None:
        """The rows and columns of the person's window; None where they are not known."""
        columns, rows = os.get_terminal_size(_DISPLAY)
        return (rows, columns) if rows and columns else None

    # --- how

    def _move(self, session: Session, resize: Callable[[int, int], None]) -> None:
        selector = selectors.DefaultSelector()
        selector.register(_KEYS, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        try:
            while True:
                ended = session.ended() is not None
                if self._display.waiting and not selector.get_map().get(_DISPLAY):
                    selector.register(_DISPLAY, selectors.EVENT_WRITE)
                if ended and not self._display.waiting:
                    return
                for key, _ in selector.select(_TICK):
                    if key.fd == _KEYS and not self._pass_keys(session):
                        session.end()
                        return
                    if key.fd == _DISPLAY and not self._display.move():
                        selector.unregister(_DISPLAY)
                self._heed(resize)
        finally:
            selector.close()

    def _pass_keys(self, session: Session) -> bool:
        """Pass on what was typed; False when the person's terminal has gone."""
        try:
            keys = os.read(_KEYS, _AT_ONCE)
        except OSError:
            return False
        if keys and session.pseudo.ended() is None:
            session.pseudo.write(keys)
        return bool(keys)

    def _heed(self, resize: Callable[[int, int], None]) -> None:
        """Do what signals have asked for."""
        with suppress(BlockingIOError):
            os.read(self._woken, _AT_ONCE)
        if signal.SIGTSTP in self._came:
            self._came.discard(signal.SIGTSTP)
            termios.tcsetattr(_KEYS, termios.TCSANOW, self._before)
            os.kill(os.getpid(), signal.SIGSTOP)
            self._came.add(signal.SIGCONT)
        if signal.SIGCONT in self._came:
            self._raw()
        if self._came & {signal.SIGWINCH, signal.SIGCONT}:
            self._came.clear()
            self._fit(resize)

    def _raw(self) -> None:
        tty.setraw(_KEYS, termios.TCSANOW)  # and what was typed already is the program's

    def _fit(self, resize: Callable[[int, int], None]) -> None:
        from dockcli.errors import CallError

        with suppress(CallError, OSError):  # it has ended just now, which is seen next
            if window := self.window():
                resize(*window)

    def _restore(self, session: Session) -> None:
        """Put the person's terminal back; a second signal comes after that."""
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)
        try:
            session.tee = None
            self._display.close()
            with suppress(OSError, termios.error):  # it has gone
                termios.tcsetattr(_KEYS, termios.TCSANOW, self._before)
                with session.changed:
                    undoing = session.seen().undoing()
                _write(undoing)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _watch(self) -> None:
        """Have signals that would end this process at once put the terminal back first."""
        for number in _ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, _strike)
        for number in (signal.SIGWINCH, signal.SIGCONT):
            self._handlers[number] = signal.signal(number, self._note)
        if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
            self._handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._note)

    def _unwatch(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came.add(number)
        self._wake()
        handler = self._handlers.get(number)
        if callable(handler):
            handler(number, frame)

    def _wake(self) -> None:
        with suppress(OSError):  # full: it is awake
            os.write(self._waker, b".")


def _strike(number: int, frame: FrameType | None) -> None:
    raise _Struck(number)


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(_DISPLAY, data[:_AT_ONCE]) :]


class _Display:
    """What waits to be shown: sh's thread brings it, and waits when it is much."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._changed = threading.Condition()
        self._data = bytearray()
        self._open = True

    def show(self, chunk: bytes) -> None:
        with self._changed:
            while self._open and len(self._data) > _WAITING:
                self._changed.wait()
            self._data += chunk if self._open else b""
        self._wake()

    @property
    def waiting(self) -> bool:
        return bool(self._data)

    def move(self) -> bool:
        """Show some of it; whether there is more."""
        with self._changed:
            written = os.write(_DISPLAY, self._data[:_AT_ONCE])
            del self._data[:written]
            self._changed.notify_all()
            return bool(self._data)

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._data.clear()
            self._changed.notify_all()
