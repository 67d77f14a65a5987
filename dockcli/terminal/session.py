"""What a terminal and its program have said to each other, and how a docker call on it is left.

sh's threads know this and not the `Terminal`: so one that is dropped can be noticed, and its
program ended.
"""

from __future__ import annotations

import atexit
import signal
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dockcli.abandoned import end_exec, marked, warn_if_unknown
from dockcli.call import IdFile
from dockcli.receipt import Receipt, stop
from dockcli.terminal.pseudo import Pseudo
from dockcli.terminal.screen import Screen

if TYPE_CHECKING:
    from dockcli.call import Call

_KEPT = 1 << 20  # bytes of output, the last ones
_BATCH = 1 << 18  # bytes that the screen is shown at once, of a program that goes on writing
_AS_A_WINDOW = (signal.SIGHUP, signal.SIGKILL)
_SILENTLY = (signal.SIGKILL,)  # any other docker would pass on to the container's program
_WAY_OUT = b"read escape sequence"


def command_of(call: Call[Any]) -> str:
    """Which command *call* is, such as ``container exec``; "" for one passed through unchecked."""
    return call.needs.command if call.needs else ""


class Session:
    """*call* running on a terminal. Its state is read and changed under ``changed``, a condition
    that is notified of output."""

    def __init__(self, call: Call[Any], rows: int, columns: int) -> None:
        self.call = call
        self.begun = self.last = time.monotonic()
        self.changed = threading.Condition()
        self.screen = Screen(rows, columns, self._answer)
        self.received = 0  # bytes
        self.expired = False  # the call's own deadline has ended it
        self.leaving = False  # nothing but detach keys is typed any more
        self.tee: Callable[[bytes], None] | None = None
        self.left = ""  # what became of what it had started, if it was not left by itself
        self._kept = bytearray()
        self._unshown = bytearray()
        self._ending = threading.RLock()
        self._settled = False
        self._told_size = False
        self._pseudo: Pseudo | None = None
        self._exec = marked(call) if command_of(call) == "container exec" else None
        if call.start is not None and call.id_file is None:  # the surest way to its container
            call = call.replace(id_file=IdFile("cidfile"))
        self._receipt = Receipt(call)
        self._alarm: threading.Timer | None = None
        _running.add(self)

    def start(self, rows: int, columns: int) -> None:
        """Start it. Whatever prevents that, nothing is left."""
        try:
            self._start(rows, columns)
        except BaseException:
            self.end()
            raise

    @property
    def over(self) -> bool:
        """Whether nothing is left to be ended."""
        return self._settled

    @property
    def pseudo(self) -> Pseudo:
        assert self._pseudo is not None
        return self._pseudo

    def ended(self) -> int | None:
        """The exit code, once the program has ended and all of its output is here."""
        code = self.pseudo.ended()
        if code is not None and not self._settled:
            self.end()
        return code

    def end(self) -> None:
        """End the program, if it has not ended, and what it has started in a container. Nothing
        is left on this machine."""
        with self._ending:
            if self._settled:
                return
            try:
                if self._pseudo is not None and self._pseudo.started:
                    self._end(self._pseudo)
            finally:
                self._settled = True
                self._receipt.__exit__()
                self._call_off()

    def leave(self) -> None:
        """End docker's client alone: what runs in the container goes on."""
        with self._ending:
            self._exec, self._settled = None, True
            try:
                self.pseudo.end(_SILENTLY)
            finally:
                self._receipt.__exit__()
                self._call_off()

    @property
    def detached(self) -> bool:
        """Whether docker's client says that it was left by its detach keys."""
        commands = ("container exec", "container attach", "container start")
        return (
            command_of(self.call) in commands
            and self.pseudo.ended() == 1
            and self.output().rstrip().endswith(_WAY_OUT)
        )

    def output(self) -> bytes:
        with self.changed:
            return bytes(self._kept[-_KEPT:])

    def output_since(self, place: int) -> tuple[int, bytes]:
        """The output that is kept from byte *place* on, and which byte its first one is."""
        with self.changed:
            dropped = self.received - len(self._kept)
            return max(place, dropped), bytes(self._kept[max(0, place - dropped) :])

    def seen(self) -> Screen:
        """The screen with all that has come; to be looked at under ``changed``."""
        if self._unshown:
            data, self._unshown = bytes(self._unshown), bytearray()
            self.screen.feed(data)
        return self.screen

    # --- how

    def _start(self, rows: int, columns: int) -> None:
        call = self.call
        self._receipt.__enter__()
        words = self._exec.words if self._exec else self._receipt.words
        launch = call.client.launch(call, words=words)
        self.begun = self.last = time.monotonic()
        self._pseudo = Pseudo(launch, self._receive, f"terminal of {call}")
        self._pseudo.start(rows, columns)
        if call.deadline is not None:
            self._alarm = threading.Timer(call.deadline, self._expire)
            self._alarm.daemon = True
            self._alarm.start()

    def _end(self, pseudo: Pseudo) -> None:
        running = pseudo.ended() is None
        if running:
            attached = command_of(self.call) in ("container attach", "container start")
            pseudo.end(_SILENTLY if attached else _AS_A_WINDOW)
        code = pseudo.ended()
        if running or (code is not None and code < 0):
            self._end_what_it_started()

    def _receive(self, text: str) -> None:
        """Take what the program has written; called in sh's thread."""
        chunk = text.encode("latin-1")
        with self.changed:
            self.last = time.monotonic()
            self.received += len(chunk)
            self._kept += chunk
            if len(self._kept) > 2 * _KEPT:
                del self._kept[:-_KEPT]
            self._unshown += chunk
            pseudo = self._pseudo
            if len(self._unshown) >= _BATCH or pseudo is None or not pseudo.has_more():
                self.seen()
            self.changed.notify_all()
        if (tee := self.tee) is not None:
            tee(chunk)
        if not self._told_size and pseudo is not None and pseudo.started:
            self._told_size = True
            pseudo.tell_size_again()

    def _answer(self, text: str) -> None:
        """Tell the program what it has asked of its terminal, unless a real one does."""
        if self.tee is None and self._pseudo is not None and not self.leaving:
            self._pseudo.write(text.encode())

    def _end_what_it_started(self) -> None:
        call, its = self.call, self._exec
        if its is not None:
            self.left = end_exec(call.client, its.container, its.mark, user=its.user)
        elif call.start is not None:
            self.left = stop(call, self._receipt)
        warn_if_unknown(call, self.left)

    def _expire(self) -> None:
        if self.pseudo.ended() is None:
            self.expired = True
            self.end()
            with self.changed:
                self.changed.notify_all()

    def _call_off(self) -> None:
        alarm = self._alarm
        if alarm is not None:
            alarm.cancel()
            if alarm is not threading.current_thread():
                with suppress(RuntimeError):
                    alarm.join(1)


_running: weakref.WeakSet[Session] = weakref.WeakSet()


def abandon(session: Session) -> None:
    """End the program of a terminal that was dropped.

    In a thread of its own, for it may have been dropped anywhere: in the midst of what this needs.
    """
    if not session.over:
        threading.Thread(target=session.end, name=f"end of {session.call}").start()


@atexit.register
def _at_exit() -> None:
    for session in list(_running):
        session.end()
