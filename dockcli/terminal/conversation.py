"""The terminal that a caller holds: sends keys, waits for what comes, hands it to a person."""

from __future__ import annotations

import re
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, overload

from dockcli.completed import Completed
from dockcli.errors import DockcliError, InvalidArgument, NotSeen, ProgramEnded
from dockcli.failure import failure
from dockcli.secret import MASK
from dockcli.terminal.detaching import detach_keys
from dockcli.terminal.keys import ESCAPE, sent_for
from dockcli.terminal.screen import Cursor
from dockcli.terminal.session import Session, abandon, command_of

if TYPE_CHECKING:
    from types import TracebackType

    from dockcli.call import Call

T = TypeVar("T")
Patterns: TypeAlias = "list[str] | tuple[str, ...]"

DEADLINE = 10.0
"""How long is waited, in seconds, where nothing else is said."""

_TICK = 0.05  # seconds between looks at a program that writes nothing
_AFTER_ESCAPE = 0.1  # seconds after which a program takes escape for a key, not for a sequence
_BETWEEN_KEYS = 0.05  # seconds, and until it was read: podman heeds only keys that come singly
_HEEDS = 3.0  # seconds for a client to heed them


class Found(NamedTuple):
    """Which of several patterns was found first: its place among them, from 0, and the match."""

    which: int
    match: re.Match[str]


class Terminal:
    """*call* on a terminal of its own: ``with Terminal(call) as terminal: …``.

    It starts there, or at its first use. Leaving the block ends the program, if it has not ended
    by itself, as closing a window does; so does dropping the terminal, and the call's own
    ``deadline=``, which is for the whole conversation. Of an `exec` all that it has started in the
    container is ended too (where that has a shell), of a `run` the container is stopped, of an
    `attach` docker's client alone. Each wait has a ``deadline=`` in seconds.

    What is typed is echoed only by programs that do so themselves, as shells and docker do.
    """

    def __init__(self, call: Call[Any], *, rows: int = 24, columns: int = 80) -> None:
        if call.stdin is not None:
            raise InvalidArgument("stdin= and a terminal: what goes in is what is sent to it")
        _check_size(rows, columns)
        if command_of(call) == "container attach":  # which a verb attaches without, for want of it
            flags = [word for word in call.argv if word != "--no-stdin"]
            call = call.replace(argv=tuple(flags))
        self.call = call
        self.rows, self.columns = rows, columns
        self._read_to = 0  # up to which byte of the output `expect` has gone
        self._starting = threading.Lock()
        self._begun: Session | None = None
        self._closed = False
        self._left = False

    def __enter__(self) -> Terminal:
        self._session  # noqa: B018 - to start it
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
        """Type *keys*, byte for byte. Raises ProgramEnded, or what docker failed with, when nobody
        is there; InvalidArgument for an `exec` or `run` that takes no keys."""
        session = self._alive("keys were sent")
        self._refuse_without_stdin()
        data = keys.encode("utf-8", "surrogateescape") if isinstance(keys, str) else keys
        session.last = time.monotonic()
        session.pseudo.write(data)

    def key(self, *names: str) -> None:
        """Press keys by their names: ``key("escape", ":", "q", "enter")``, ``key("ctrl-c")``,
        ``key("up")``, ``key("shift-f5")``; a moment passes after escape. Raises InvalidArgument
        for one that is none, before any is pressed; else as `send`."""
        session = self._session
        with session.changed:
            application = session.seen().application
        for data in [sent_for(name, application=application) for name in names]:
            self.send(data)
            if data == ESCAPE.encode():
                time.sleep(_AFTER_ESCAPE)

    def resize(self, rows: int, columns: int) -> None:
        """Give the window another size; the program is told, as a window's would be."""
        _check_size(rows, columns)
        session = self._alive("the window was resized")
        with session.changed:
            session.seen().resize(rows, columns)
            self.rows, self.columns = rows, columns
        session.pseudo.resize(rows, columns)

    # --- what comes out

    @property
    def screen(self) -> str:
        """What is on the screen: its lines, without the blanks at their ends and below the last."""
        session = self._begun
        if session is None:
            return ""
        with session.changed:
            return self._masked(session.seen().text)

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is: row and column, from 0."""
        session = self._session
        with session.changed:
            return session.seen().cursor

    @property
    def output(self) -> bytes:
        """The bytes that the program has written; of more than 1 MiB the last."""
        return self._begun.output() if self._begun else b""

    @overload
    def see(self, pattern: str, *, deadline: float = DEADLINE) -> re.Match[str]: ...

    @overload
    def see(self, pattern: Patterns, *, deadline: float = DEADLINE) -> Found: ...

    def see(self, pattern: str | Patterns, *, deadline: float = DEADLINE) -> re.Match[str] | Found:
        """Wait until the regular expression *pattern* is on the screen; ``^`` and ``$`` are those
        of each line. Of several, the first that is there, as `Found`. Raises NotSeen, and when the
        program ends first, ProgramEnded or what docker failed with."""
        sought = _Sought(pattern)
        return sought.answer(self.until(sought.find, f"{sought} on the screen", deadline=deadline))

    def until(
        self, holds: Callable[[str], T | None], what: str, *, deadline: float = DEADLINE
    ) -> T:
        """Wait until *holds* of the screen gives something true; *what* that is, for the error."""
        return self._wait(lambda: holds(self.screen) or None, what, deadline)

    @overload
    def expect(self, pattern: str, *, deadline: float = DEADLINE) -> re.Match[str]: ...

    @overload
    def expect(self, pattern: Patterns, *, deadline: float = DEADLINE) -> Found: ...

    def expect(
        self, pattern: str | Patterns, *, deadline: float = DEADLINE
    ) -> re.Match[str] | Found:
        """Wait until *pattern* is in the output, after where the last `expect` found its own.

        Of several, the one that is found first in it, as `Found`. The output is as the program
        wrote it: line ends, colours and all. Raises as `see`.
        """
        sought = _Sought(pattern)
        session = self._session

        def found() -> Found | None:
            start, data = session.output_since(self._read_to)
            text = data.decode("utf-8", "surrogateescape")
            answer = sought.find(text)
            if answer:
                passed = text[: answer.match.end()].encode("utf-8", "surrogateescape")
                self._read_to = start + len(passed)
            return answer

        return sought.answer(self._wait(found, f"{sought} in the output", deadline))

    def quiet(self, seconds: float = 0.2, *, deadline: float = DEADLINE) -> None:
        """Wait until the program has written nothing for *seconds*, since keys were sent too.
        Raises as `see`."""
        session = self._session
        self._wait(
            lambda: time.monotonic() - session.last >= seconds or None,
            f"{seconds:g} s of quiet",
            deadline,
        )

    # --- the end

    def wait(self, *, deadline: float = DEADLINE) -> int:
        """Wait until the program has ended; its exit code. Raises NotSeen."""
        session = self._session
        return self._wait(lambda: self._exit(session), "the program's end", deadline)

    @property
    def returncode(self) -> int | None:
        """The exit code, None while the program runs; negative where a signal ended docker's
        client. After `detach` it is docker's own and says nothing of the program."""
        return self._exit(self._begun) if self._begun else None

    @property
    def detached(self) -> bool:
        """Whether it was left by docker's detach keys: the program runs on in its container."""
        return self._left or (self._begun is not None and self._begun.detached)

    def detach(self, *, deadline: float = DEADLINE) -> None:
        """Leave by docker's detach keys: its client ends, and what runs in the container goes on.

        They are those of the call's ``detach_keys=``, else of the user's docker configuration,
        else ctrl-p ctrl-q. A client that does not heed them, as podman's `exec`, is ended itself.
        Raises InvalidArgument for a call that cannot be left.
        """
        keys = detach_keys(self.call)
        session = self._alive("it was left")
        limit = time.monotonic() + deadline
        session.leaving = True
        try:
            for key in keys:  # each after what was typed before, and answers to the program
                self._pass_on(session, limit)
                session.pseudo.write(key)
            self._pass_on(session, limit)
            limit = min(limit, time.monotonic() + _HEEDS)
            while session.pseudo.ended() is None and time.monotonic() < limit:
                time.sleep(_TICK / 5)
        finally:
            session.leave()
        self._left = True

    def interact(self) -> int:
        """Hand the program to the person at this process's own terminal, until it ends or is left
        by docker's detach keys: its exit code, as `wait` gives it.

        All keys go to the program, Ctrl-C too, and the window's size goes with the window. That
        terminal is as it was after any ending; a signal that ends this process ends the program
        first. Raises InvalidArgument where stdin or stdout is no terminal, or in a thread.
        """
        from dockcli.terminal.person import Person

        self._refuse_without_stdin()
        with Person() as person:
            if self._begun is None:  # all that it writes is for the person, from the first byte on
                self.rows, self.columns = person.window() or (self.rows, self.columns)
                session = self._begin(person.show)
            else:
                session = self._alive("it was handed over")
            person.talk(session, self.resize)
        code = self._exit(session)
        if code is None or session.expired:
            raise self._ended("the person left")
        return code

    def completed(self) -> Completed:
        """All of it as the result of a process, -1 for the exit code of one that still runs."""
        code, seconds = self.returncode, 0.0
        if self._begun:
            seconds = time.monotonic() - self._begun.begun
        code = -1 if code is None else code
        done = Completed(self.call.argv, code, self.output, b"", seconds)
        return done.masked(self.call.secrets.values())

    def close(self) -> None:
        """End the program, if it has not ended. Nothing of it is left on this machine."""
        self._closed = True
        if self._begun is not None:
            self._begun.end()

    # --- how

    @property
    def _session(self) -> Session:
        """What goes on; it begins now if it has not begun."""
        return self._begun or self._begin()

    def _begin(self, tee: Callable[[bytes], None] | None = None) -> Session:
        with self._starting:
            if self._begun is None:
                if self._closed:
                    raise InvalidArgument(f"the terminal of `{self.call}` is closed")
                session = Session(self.call, self.rows, self.columns)
                session.tee = tee
                weakref.finalize(self, abandon, session).atexit = False
                session.start(self.rows, self.columns)
                self._begun = session
            return self._begun

    def _exit(self, session: Session) -> int | None:
        return session.ended()

    def _alive(self, what: str) -> Session:
        session = self._session
        if self._exit(session) is not None:
            raise self._ended(what)
        return session

    def _pass_on(self, session: Session, limit: float) -> None:
        """Wait until the program has read what was typed, and a moment more."""
        time.sleep(_BETWEEN_KEYS)
        while not session.pseudo.taken() and time.monotonic() < limit:
            time.sleep(_TICK / 5)

    def _refuse_without_stdin(self) -> None:
        if command_of(self.call) in ("container exec", "container run"):
            flags = self.call.argv[self.call.flags_at :]
            if not any(word.startswith("--interactive") for word in flags):
                raise InvalidArgument(
                    f"`{self.call}` takes no keys: give it interactive=True, and tty=True"
                )

    def _masked(self, text: str) -> str:
        for secret in self.call.secrets.values():
            text = text.replace(secret.reveal(), MASK) if secret.reveal() else text
        return text

    def _wait(self, found: Callable[[], T | None], what: str, deadline: float) -> T:
        """Wait until *found* gives something, which is looked for once more after the end."""
        session = self._session
        limit = time.monotonic() + deadline
        while True:
            ended, received = self._exit(session) is not None, session.received
            begun = time.monotonic()
            answer = found()
            now = time.monotonic()
            if answer is not None and not session.expired:
                return answer
            if ended:
                raise self._ended(what)
            if now >= limit:
                raise self._not_seen(what, deadline)
            # Longer for the program to write than for the search: else it would wait for us.
            pause = min(3 * (now - begun), limit - now)
            if pause > 0.001:
                time.sleep(pause)
            with session.changed:
                if session.received == received:
                    session.changed.wait(min(limit - now, _TICK))

    def _ended(self, what: str) -> DockcliError:
        session = self._session
        completed = self.completed()
        if session.expired:
            return self._not_seen(what, self.call.deadline or 0, "; it was ended, for that")
        if self.detached:
            return ProgramEnded(completed, f"was left before {what}", self.screen)
        if completed.returncode != 0 and self.call.check and not self._closed:
            said = completed.stdout.replace(b"\r\n", b"\n")  # a terminal has one stream for both
            docker = Completed(completed.argv, completed.returncode, b"", said, completed.seconds)
            return failure(docker, self.call.speaker)
        return ProgramEnded(completed, f"ended before {what}", self.screen)

    def _not_seen(self, what: str, deadline: float, more: str = "") -> NotSeen:
        last = self.screen.rpartition("\n")[2]
        reason = f"no {what} within {deadline:g} s; the last line there is {last!r}"
        if more:
            was_all = f"{deadline:g} s were for the whole of it"
            reason = f"no {what}: {was_all}; the last line there was {last!r}"
            reason += f"; {self._session.left}" if self._session.left else ""
        return NotSeen(self.completed(), deadline, reason, self.screen)


class _Sought:
    """One pattern or several, and what is answered for the one that is found."""

    def __init__(self, pattern: str | Patterns) -> None:
        self._one = isinstance(pattern, str)
        self._patterns = [pattern] if isinstance(pattern, str) else list(pattern)
        if not self._patterns:
            raise InvalidArgument("no pattern to wait for")
        try:
            self._sought = [re.compile(one, re.MULTILINE) for one in self._patterns]
        except re.error as error:
            raise InvalidArgument(f"{error.pattern!r} is no regular expression: {error}") from None

    def find(self, text: str) -> Found | None:
        """The first in *text*; of two that begin at one place, the first of the patterns."""
        matches = ((n, one.search(text)) for n, one in enumerate(self._sought))
        found = [Found(n, match) for n, match in matches if match]
        return min(found, key=lambda one: (one.match.start(), one.which), default=None)

    def answer(self, found: Found) -> re.Match[str] | Found:
        return found.match if self._one else found

    def __str__(self) -> str:
        return " or ".join(map(repr, self._patterns))


def _check_size(rows: int, columns: int) -> None:
    for name, size in (("rows", rows), ("columns", columns)):
        if isinstance(size, bool) or not isinstance(size, int) or not 0 < size < 1 << 16:
            raise InvalidArgument(f"{name}={size!r}: a window has from 1 to 65535 of them")
