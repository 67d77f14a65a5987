"""What goes into a child's stdin, and where its stdout goes: the kinds of each.

Files go by their descriptors, so that not a byte passes through Python. An iterator, or an object
that can be read but has no descriptor, is fed by a thread: it may take its time, and the child's
output is read all the while.
"""

from __future__ import annotations

import io
import os
import subprocess
import threading
from contextlib import suppress

from dockcli.errors import InvalidArgument
from dockcli.secret import Secret
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any, TypeAlias

    Stdin: TypeAlias = (
        str
        | bytes
        | Secret
        | os.PathLike[str]
        | IO[str]
        | IO[bytes]
        | Iterable[str]
        | Iterable[bytes]
        | None
    )
    Stdout: TypeAlias = IO[bytes] | int | os.PathLike[str] | None

_CHUNK = 65536
_FAREWELL = 0.2  # seconds for a feeder to notice that its child has gone


def is_stdin(given: object) -> bool:
    """Whether *given* can be a child's stdin."""
    kinds = (str, bytes, bytearray, memoryview, Secret, os.PathLike)
    return (
        given is None
        or isinstance(given, kinds)
        or hasattr(given, "read")
        or hasattr(given, "__iter__")
    ) and not isinstance(given, dict)


def is_stdout(given: object) -> bool:
    """Whether *given* can take a child's stdout."""
    if given is None or isinstance(given, os.PathLike) or hasattr(given, "write"):
        return True
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0


def source(stdin: Stdin) -> bytes | int | Iterator[Any] | None:
    """What the child's stdin is made of: bytes, a descriptor, or an iterator of chunks."""
    if isinstance(stdin, Secret):
        stdin = stdin.reveal()
    if stdin is None:
        return None
    if isinstance(stdin, bytes):
        return stdin
    if isinstance(stdin, (bytearray, memoryview)):
        return bytes(stdin)
    if isinstance(stdin, str):
        return stdin.encode("utf-8", "surrogateescape")
    if not is_stdin(stdin):
        raise InvalidArgument(f"stdin= takes bytes, a text, a file or an iterator, not {stdin!r}")
    readable: Any = stdin
    if not hasattr(readable, "read"):
        chunks: Iterator[Any] = iter(readable)
        return chunks
    if getattr(readable, "closed", False):
        raise InvalidArgument(f"stdin={stdin!r} is closed")
    descriptor = _descriptor(readable)
    if descriptor is None:
        return iter(lambda: readable.read(_CHUNK) or None, None)
    return descriptor


def _descriptor(file: Any) -> int | None:
    """The descriptor of an open file, put where its reader is; None where it has none of its own.

    That of a compressed file is the packed one's: what it reads is something else. Raises
    InvalidArgument for a text file whose reader is nowhere in its bytes.
    """
    inner = getattr(file, "buffer", file)
    inner = getattr(inner, "raw", inner)
    if isinstance(inner, io.IOBase) and not isinstance(inner, io.RawIOBase):
        return None
    try:
        descriptor: int = file.fileno()
    except (OSError, AttributeError):  # a file of Python's own making
        return None
    except ValueError as error:
        raise InvalidArgument(f"stdin={file!r}: {error}") from None
    if file.seekable():
        # Python reads ahead: put the descriptor where the reader of the object believes it is.
        try:
            os.lseek(descriptor, file.tell(), os.SEEK_SET)
        except (OSError, OverflowError):  # a text: between its bytes, or read by a loop
            raise InvalidArgument(
                f"stdin={file!r}: its place in its bytes is not known: open it as a binary file"
            ) from None
    return descriptor


def connection(what: bytes | int | Iterator[Any] | None) -> int:
    """What `subprocess` is to connect the child's stdin to."""
    if what is None:
        return subprocess.DEVNULL
    return what if isinstance(what, int) else subprocess.PIPE


class Feeder:
    """Writes an iterator's chunks to a child's stdin, in a thread, and closes it at their end.

    ``error`` is what the iterator itself raised.
    """

    def __init__(self, pipe: IO[bytes], chunks: Iterator[Any]) -> None:
        self.error: BaseException | None = None
        self.fed = 0  # bytes
        self._pipe, self._chunks = pipe, chunks
        self._over = False
        self._thread = threading.Thread(target=self._feed, name="dockcli-stdin", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The child has gone: nothing more is taken from the iterator once it has come back."""
        self._over = True
        self._thread.join(_FAREWELL)

    def _feed(self) -> None:
        try:
            for chunk in self._chunks:
                if self._over or not self._write(_as_bytes(chunk)):
                    return
        except BaseException as error:
            self.error = error
        finally:
            with suppress(OSError):
                self._pipe.close()
            close = getattr(self._chunks, "close", None)
            if close is not None:
                with suppress(Exception):
                    close()

    def _write(self, chunk: bytes) -> bool:
        """Write all of it; False where the child does not want the rest, which is its right."""
        left = memoryview(chunk)
        with suppress(BrokenPipeError):
            while left:
                written = self._pipe.write(left)
                self.fed += written
                left = left[written:]
        return not left


def _as_bytes(chunk: object) -> bytes:
    if isinstance(chunk, str):
        return chunk.encode("utf-8", "surrogateescape")
    if isinstance(chunk, (bytes, bytearray, memoryview)):
        return bytes(chunk)
    raise InvalidArgument(f"stdin= takes an iterator of bytes or text, not of {chunk!r}")
