"""A helper at work with a stream to or from it, and what tar tells of what it read."""

from __future__ import annotations

import io
import os
import re
import select
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dockcli.data.helper.channel import Channel, widen
from dockcli.data.helper.container import Helper
from dockcli.data.helper.way import Read
from dockcli.data.helper.work import Work

if TYPE_CHECKING:
    from dockcli.completed import Completed

_LOOK = 200  # milliseconds between looks at the helper while its stream is quiet
_CHUNK = 1 << 20
_TOLD = re.compile(
    r'tar: "(?P<name>(?:[^"\\]|\\.)*)": (?:'
    r"(?P<skipped>socket ignored)"
    r"|(?P<changed>file changed as we read it|File removed before we read it"
    r"|File shrank by \d+ bytes; padding with zeros))"
)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Helping:
    """A helper with a stream, begun. ``here`` says whether that goes through the FIFO.

    ``take`` is the descriptor that its bytes come from; ``give`` what bytes for it go to, where
    *writes*. Both are closed by `close`, which ends a helper that is still at work.
    """

    def __init__(
        self, helper: Helper, channel: Channel | None, script: str, *words: str, writes: bool,
        deadline: float | None = None,
    ) -> None:  # fmt: skip
        self.helper = helper
        self._channel = channel
        self._open: set[int] = set()
        self._closed = self._left_alone = False
        fifo = self._kept(channel.open(os.O_RDWR if writes else os.O_RDONLY)) if channel else None
        said, out = os.pipe()
        self._open |= {said, out}
        inner, self.give = os.pipe() if writes else (-1, -1)
        self._open |= {inner, self.give} - {-1}
        for pipe in (said, self.give):
            if pipe != -1:
                widen(pipe)

        def ended() -> None:  # so that the other ends learn of it
            self._close(out)
            self._close(inner)

        options: dict[str, Any] = {"deadline": deadline} if deadline is not None else {}
        if writes:
            options |= {"interactive": True, "stdin": open(inner, "rb", 0, closefd=False)}  # noqa: SIM115
        call = helper.call(
            script,
            *(channel.arguments if channel else ("", "")),
            *words,
            mounts=[channel.mount] if channel else [],
            stdout=out,
            **options,
        )
        self.work = Work(call, ended)
        try:
            self.here = self._first_line(said) == b"fifo"
            self.take = said
            if self.here:
                assert channel is not None
                assert fifo is not None
                self.take = fifo
                if writes:
                    self._close(self.give)
                    self.give = self._kept(channel.open(os.O_WRONLY))
                    self._close(fifo)  # which reads it too: the helper's end would not be noticed
        except BaseException:
            self.close()
            raise

    def _kept(self, descriptor: int) -> int:
        self._open.add(descriptor)
        return descriptor

    def _close(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.discard(descriptor)
            os.close(descriptor)

    def _first_line(self, pipe: int) -> bytes:
        """Which way the bytes go. Raises what the helper has failed with before it could say it."""
        line = b""
        while not line.endswith(b"\n"):
            self.wait(pipe, select.POLLIN)
            byte = os.read(pipe, 1)
            if not byte:
                self.result()
                raise self.helper.told(RuntimeError(f"the helper said {line!r} and no more"))
            line += byte
        return line.strip()

    def wait(self, descriptor: int, event: int) -> None:
        """Wait until it can be read or written, or its other end has gone."""
        poll = select.poll()
        poll.register(descriptor, event)
        while not poll.poll(_LOOK):
            self.work.check()
            if self.work.failed and not self._left_alone:
                self._left_alone = True  # docker has gone, and its container holds the other end
                self.helper.remove()

    def result(self) -> Completed:
        """What the helper has said, once it has ended. Raises what it has failed with."""
        try:
            return self.work.result()
        except BaseException as error:
            self.helper.clear(error)
            raise self.helper.told(error) from None

    def done(self) -> None:
        """Nothing more comes for it."""
        self._close(self.give)

    def close(self) -> None:
        """End it if it is still at work; nothing of it is left."""
        if self._closed:
            return
        self._closed = True
        try:
            self.work.give_up()
        finally:
            for descriptor in list(self._open):
                self._close(descriptor)
            self.helper.clear()
            if self._channel is not None:
                self._channel.close()


class HelperReading(io.RawIOBase):
    """The tar that a helper writes; the stream is the reading itself."""

    def __init__(self, helping: Helping) -> None:
        self._helping = helping
        self._over: Completed | None = None

    @property
    def stream(self) -> HelperReading:
        return self

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._over is not None:
            return 0
        self._helping.wait(self._helping.take, select.POLLIN)
        size = os.readv(self._helping.take, [buffer])
        if not size:
            self._over = self._helping.result()
        return size

    def finish(self) -> Read:
        if self._over is None:
            while self.read(_CHUNK):
                pass
        assert self._over is not None
        return told(self._over.stderr)


def written(helping: Helping, feed: Callable[[Callable[[bytes], object]], None]) -> None:
    """Have *feed* write into the helper, to its end. Raises what it raises, or what the helper has
    failed with, which is why nothing could be written any more."""

    class Gone(Exception):
        pass

    os.set_blocking(helping.give, False)

    def write(chunk: bytes) -> int:
        left = memoryview(chunk).cast("B")
        while left:
            helping.wait(helping.give, select.POLLOUT)
            try:
                left = left[os.write(helping.give, left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Gone from None
        return len(chunk)

    with suppress(Gone):
        feed(write)
    helping.done()
    helping.result()


def told(said: bytes) -> Read:
    """What tar's own words tell of names below the root."""
    changed: dict[str, None] = {}
    skipped: dict[str, None] = {}
    for line in said.decode("utf-8", "surrogateescape").splitlines():
        match = _TOLD.fullmatch(line)
        if match is not None:
            (skipped if match["skipped"] else changed)[name_of(match["name"])] = None
    return Read(tuple(changed), tuple(skipped))


def name_of(quoted: str) -> str:
    """The name below the root that tar has quoted as C does, as `os.fsdecode` gives it."""

    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPED.get(code, code)

    text = _ESCAPE.sub(plain, os.fsencode(quoted), count=0)
    return os.fsdecode(text.removeprefix(b"./") if text != b"." else b"")
