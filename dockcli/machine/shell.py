"""One shell in a container, and how a command is asked of it.

What it is told is a line; what it answers stands on each stream between two marks that are random
for each command, and which the line holds only in parts: so no output, no earlier mark and no
trace of the shell (``set -x``) can be taken for one. Between marks any bytes may stand.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from dockcli.errors import DeadlineExceeded, ShellEnded
from dockcli.machine import words

if TYPE_CHECKING:
    from dockcli.machine.reach import Reach

_CHUNK = 1 << 16
_ENDING = 3.0  # seconds for docker to tell how a shell that has closed its output ended


class Answer(NamedTuple):
    """What a command left: its exit code, and its output byte for byte."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Late(Exception):
    """The command was not done in time; *stdout* and *stderr* are what it wrote until then."""

    def __init__(self, stdout: bytes, stderr: bytes) -> None:
        super().__init__(stdout, stderr)
        self.stdout, self.stderr = stdout, stderr


class Told(NamedTuple):
    """What a shell has told of itself when it was opened."""

    pid: int
    cwd: str
    env: dict[str, str]


class Shell:
    """An open shell. It is ended by `close`, at its garbage collection, and by whatever goes wrong
    in `ask`: after an exception it is of no more use."""

    def __init__(self, reach: Reach, seconds: float | None) -> None:
        self._child = reach.start(bufsize=0)
        process = self._child.process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._in, self._out, self._err = (
            pipe.fileno() for pipe in (process.stdin, process.stdout, process.stderr)
        )
        self._poll = select.poll()
        for descriptor in (self._in, self._out, self._err):
            os.set_blocking(descriptor, False)
        for descriptor in (self._out, self._err):
            self._poll.register(descriptor, select.POLLIN)
        self._opened = self._usable = self._interrupted = False
        self.told = self._greet(seconds)

    def _greet(self, seconds: float | None) -> Told:
        # its own working directory, for PWD may be another's that was handed down
        line = "cd . && printf '%s %s\\n' \"$$\" \"$PWD\"; printf '\\0'; export -p"
        try:
            answer = self.ask(words.encoded(line), seconds)
        except Late as late:
            raise DeadlineExceeded(
                self._child.completed(late.stdout, late.stderr), seconds, "no shell has answered"
            ) from None
        first, _, exports = answer.stdout.partition(b"\0")
        pid, _, cwd = os.fsdecode(first).removesuffix("\n").partition(" ")
        env = words.exported(exports)
        for name in ("PWD", "OLDPWD", "SHLVL", "_", words.TAG):
            env.pop(name, None)
        self._opened = True
        return Told(int(pid), cwd, env)

    def ask(self, line: bytes, seconds: float | None = None) -> Answer:
        """Run *line* and wait for its end. Raises Late after *seconds*, ShellEnded, EngineLost, and
        at its opening what docker failed with."""
        mark = os.urandom(16).hex().encode()
        out, err = (_Part(b"dockcli-%s-begin\n" % mark, b"dockcli-%s-end " % mark) for _ in "12")
        begin = b"printf 'dockcli-%%s-begin\\n' %s" % mark
        end = b"printf 'dockcli-%%s-end %%s\\n' %s" % mark
        request = b'%s\n%s >&2\n{\n%s\n} </dev/null\n%s "$?"\n%s 0 >&2\n' % (
            *(begin, begin, line, end, end),
        )
        self._usable = False
        try:
            self._exchange(request, out, err, seconds)
        except BaseException:
            self.end()
            raise
        if self._interrupted:  # what the command seems to say is how it was ended
            self.end()
            completed = self._child.completed(out.taken(), err.taken())
            raise ShellEnded(completed, "the machine was closed while a command ran")
        self._usable = True
        return Answer(out.code, out.taken(), err.taken())

    def _exchange(self, request: bytes, out: _Part, err: _Part, seconds: float | None) -> None:
        until = None if seconds is None else time.monotonic() + seconds
        parts = {self._out: out, self._err: err}
        unsent = self._send(memoryview(request))
        if unsent:
            self._poll.register(self._in, select.POLLOUT)
        while not (out.done and err.done):
            wait = None if until is None else max(0.0, until - time.monotonic()) * 1000
            ready = self._poll.poll(wait)
            if not ready and wait is not None:
                raise Late(out.so_far(), err.so_far())
            for descriptor, _ in ready:
                if descriptor == self._in:
                    unsent = self._send(unsent)
                    if not unsent:
                        self._poll.unregister(self._in)
                    continue
                with suppress(BlockingIOError):
                    chunk = os.read(descriptor, _CHUNK)
                    if not chunk:
                        self._gone(parts)
                    parts[descriptor].feed(chunk)
            if until is not None and time.monotonic() >= until and not (out.done and err.done):
                raise Late(out.so_far(), err.so_far())  # also of what never stops writing

    def _send(self, request: memoryview) -> memoryview:
        try:
            return request[os.write(self._in, request) :]
        except BlockingIOError:
            return request
        except BrokenPipeError:  # the end of its output tells
            return request[:0]

    def _gone(self, parts: dict[int, _Part]) -> NoReturn:
        """The shell has closed its output: hear all that is left, and raise what has happened."""
        until = time.monotonic() + _ENDING
        process = self._child.process
        while process.poll() is None and time.monotonic() < until:
            self._hear(parts)
            time.sleep(0.005)
        self._hear(parts)
        completed = self._child.completed(*(part.so_far() for part in parts.values()))
        if not self._opened:
            raise self._child.reach.refusal(completed, self._child.call)
        raise self._child.reach.loss(completed, self._child.call) or ShellEnded(
            completed, f"the shell ended there (exit code {completed.returncode})"
        )

    def _hear(self, parts: dict[int, _Part]) -> None:
        for descriptor, part in parts.items():
            with suppress(BlockingIOError):
                while chunk := os.read(descriptor, _CHUNK):
                    part.feed(chunk)

    def end(self) -> None:
        """End it now, with all that runs in it."""
        self._usable = False
        self._child.end()

    def interrupt(self) -> None:
        """End what runs in it, for whoever waits for it in another thread."""
        self._interrupted = True
        self._child.interrupt()

    def close(self) -> None:
        """Let it end by itself: what a command has left running in the container stays."""
        if not self._usable:
            self.end()
            return
        self._usable = False
        self._child.leave()

    @property
    def alive(self) -> bool:
        return self._usable and self._child.process.poll() is None


class _Part:
    """One stream of an answer: what stands between its two marks."""

    __slots__ = ("_begin", "_begun", "_end", "_sought", "_text", "code", "done")

    def __init__(self, begin: bytes, end: bytes) -> None:
        self._begin, self._end = begin, end
        self._text = bytearray()
        self._begun = self.done = False
        self._sought = 0  # up to where there is no end
        self.code = -1

    def feed(self, chunk: bytes) -> None:
        text = self._text
        text += chunk
        if not self._begun:
            at = text.find(self._begin)
            if at < 0:  # what an earlier command had left running has written this
                del text[:-_CHUNK]
                return
            del text[: at + len(self._begin)]
            self._begun = True
        at = text.find(self._end, self._sought)
        if at < 0:
            self._sought = max(0, len(text) - len(self._end))
            return
        self._sought = at
        tail = text.find(b"\n", at)
        if tail >= 0:
            self.code = int(text[at + len(self._end) : tail])
            del text[at:]
            self.done = True

    def taken(self) -> bytes:
        return bytes(self._text)

    so_far = taken
