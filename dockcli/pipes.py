"""The pipes of one child: what it writes goes into sinks, what it reads comes from its stdin.

Bytes move when `Pipes.move` or `Pipes.take` is called, so a caller who calls neither slows the
child, and nothing piles up here.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import time
from contextlib import suppress

from dockcli import feed
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeAlias

    from dockcli.sips import Sips

    Sink: TypeAlias = Callable[[bytes], Any]

CHUNK = 65536
"""The bytes that are read at once, which is what a pipe can hold."""
WIDE = 1 << 18
"""The same of a pipe that many go through: as many as a processor keeps near itself."""
_SET_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)


class Pipes:
    """The pipes to and from *process*, which *selector* waits for.

    *sinks* take what its stdout and stderr say, None for one that is not ours; *terminal* is our
    end of the one that is its stdout. All are closed by `close`.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: bytes | int | Iterator[Any] | None,
        sinks: Sequence[Sink | None],
        selector: Any,
        terminal: int | None = None,
    ) -> None:
        self.heard = 0
        """The bytes that it has written to its stdout, where that is a pipe."""
        self.wanted = len(stdin) if isinstance(stdin, bytes) else None
        """The bytes that it is given, where that is known beforehand."""
        self.feeder: feed.Feeder | None = None
        """What writes an iterator's chunks to its stdin."""
        self._process, self._selector, self._terminal = process, selector, terminal
        self._stdout = None if process.stdout is None else process.stdout.fileno()
        self._left = memoryview(stdin if isinstance(stdin, bytes) else b"")
        self._dry = True  # whether the pipe that is read by `take` was emptied by the last read
        self._taken = 0  # bytes of it since it was
        self._released: list[int] = []
        ends = (terminal if terminal is not None else self._stdout, process.stderr)
        self._sinks = {
            end if isinstance(end, int) else end.fileno(): sink
            for end, sink in zip(ends, sinks, strict=True)
            if end is not None and sink is not None
        }
        for pipe in self._sinks:
            os.set_blocking(pipe, False)
            selector.register(pipe, selectors.EVENT_READ)
        if isinstance(stdin, bytes):
            assert process.stdin is not None
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        elif process.stdin is not None:
            assert stdin is not None
            assert not isinstance(stdin, int)
            self.feeder = feed.Feeder(process.stdin, stdin)

    def fileno(self) -> int:
        """What can be read when something would move, for one who waits for many."""
        number: int = self._selector.fileno()
        return number

    @property
    def reading(self) -> bool:
        """Whether someone still holds the other end of the child's output."""
        return bool(self._sinks)

    @property
    def ends(self) -> list[int]:
        """Our ends of the pipes that are read."""
        return list(self._sinks)

    @property
    def moving(self) -> bool:
        """Whether there is anything left to be moved here, either way."""
        return bool(self._selector.get_map())

    @property
    def fed(self) -> int | None:
        """The bytes that were written to the child's stdin; None where it has a file's."""
        if self.feeder is not None:
            return self.feeder.fed
        return None if self.wanted is None else self.wanted - len(self._left)

    @property
    def error(self) -> BaseException | None:
        """What the iterator in stdin has raised."""
        return None if self.feeder is None else self.feeder.error

    def move(self, timeout: float, *, leave: int | None = None, sips: Sips | None = None) -> int:
        """Move what is ready within *timeout* seconds, but for what the pipe *leave* has; how many
        bytes were read. By *sips* what comes in small pieces is read some at a time."""
        if sips is not None:
            timeout -= self._sip(sips, timeout)
        read = 0
        for key, _ in self._selector.select(timeout):
            if key.fd == leave:
                continue
            if key.fileobj is self._process.stdin:
                self._write()
            else:
                read += self._read(key.fd)
        if sips is not None:
            sips.took(read)
        return read

    def take(self, pipe: int, buffer: Any, timeout: float, sips: Sips) -> int:
        """Read what one of the pipes has within *timeout* seconds right into *buffer*: how many
        bytes, 0 for none, or the end, which `move` sees to. *sips*: as there."""
        if pipe not in self._sinks:
            return 0
        if self._dry:
            self.move(timeout - self._sip(sips, timeout), leave=pipe)
        try:
            read = os.readv(pipe, [buffer])
        except BlockingIOError:
            self._dry = True
            return 0
        self._dry = read < len(buffer)
        self._taken += read
        if self._dry:
            sips.took(self._taken)
            self._taken = 0
        self.heard += read
        return read

    def _sip(self, sips: Sips, timeout: float) -> float:
        """Wait a moment for more, where that is worth it; how long that was."""
        seconds = min(sips.seconds, timeout)
        if not seconds or self._left:  # what goes in is not to wait
            return 0.0
        time.sleep(seconds)
        return seconds

    def widened(self) -> list[int]:
        """The child's stdout, which holds more from now on, so that it need not wait for each piece
        to be read; none where that is not ours."""
        pipes = [] if self._stdout is None else [self._stdout]
        for pipe in pipes:
            if _SET_SIZE is not None:
                with suppress(OSError):  # its user has as many as the system allows
                    fcntl.fcntl(pipe, _SET_SIZE, WIDE)
        return pipes

    def release(self, pipe: int) -> None:
        """Leave one of the child's pipes to another process, which may be there only when the child
        has ended: whoever leaves it closes it."""
        self._selector.unregister(pipe)
        del self._sinks[pipe]
        os.set_blocking(pipe, True)
        self._released.append(pipe)

    def close(self) -> None:
        """Close them; may be called once."""
        if self.feeder is not None:
            self.feeder.stop()
        self._selector.close()
        if self._terminal is not None:
            os.close(self._terminal)
        process = self._process
        others = [] if self.feeder is None else [process.stdin]
        if self._stdout in self._released:
            others.append(process.stdout)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None and pipe not in others:
                pipe.close()

    def _read(self, pipe: int) -> int:
        try:
            chunk = os.read(pipe, CHUNK)
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
        pipe = self._process.stdin
        assert pipe is not None
        try:
            self._left = self._left[os.write(pipe.fileno(), self._left[:CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the child does not want the rest, which is its right
            self._left = self._left[:0]
        if not self._left:
            self._selector.unregister(pipe)
            pipe.close()
