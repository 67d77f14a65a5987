"""Where a call's stdout goes, and whose stdout comes in: files, and the streams of other calls."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

from dockcli.bytestream import ByteStream
from dockcli.errors import DeadlineExceeded, InvalidArgument
from dockcli.spool import room_in
from dockcli.value import Value

if TYPE_CHECKING:
    from dockcli.feed import Stdin, Stdout
    from dockcli.pipes import Sink

_A_WHILE = 0.5  # seconds for a call to say that it failed before its reader did
_PRIVATE = 0o600


class Output(Value):
    """A file that docker itself would write: for its owner's eyes only, whatever was there."""

    __slots__ = ("path",)

    path: str

    def __init__(self, path: str) -> None:
        self._set(path)

    def __fspath__(self) -> str:
        return self.path


@contextmanager
def taking(stdout: Stdout) -> Iterator[int | Sink | None]:
    """What takes the stdout of a process: a descriptor, or what is called with each chunk.

    A path is written beside and gets its name at the end, so that no half of it is ever there under
    that name; when the block is left by an error, nothing is. A device or a named pipe is written
    as it is. Raises InvalidArgument for what cannot be written.
    """
    if stdout is None:
        yield None
    elif isinstance(stdout, os.PathLike):
        path = os.path.realpath(os.fspath(stdout))
        mode = _PRIVATE if isinstance(stdout, Output) else None
        with _opened(path) if _is_special(path) else _draft(path, mode) as descriptor:
            yield descriptor
    elif isinstance(stdout, int):
        try:
            os.fstat(stdout)
        except OSError as error:
            raise InvalidArgument(f"stdout={stdout}: {error.strerror}") from None
        yield stdout
    else:
        number = _descriptor(stdout)
        yield _whole(stdout) if number is None else number


def _descriptor(file: IO[bytes]) -> int | None:
    """The descriptor of an open file, once what was written before is in it."""
    if getattr(file, "closed", False):
        raise InvalidArgument(f"stdout={file!r} is closed")
    inner = getattr(file, "raw", file)
    if isinstance(inner, io.IOBase) and not isinstance(inner, (io.RawIOBase, io.TextIOBase)):
        return None  # a compressed file: its descriptor is the packed one's
    try:
        file.flush()
        return file.fileno()
    except (OSError, AttributeError):  # io.BytesIO and the like
        if isinstance(file, io.TextIOBase):
            raise InvalidArgument(f"stdout= takes a file of bytes, not {file!r}") from None
        return None


def _whole(file: IO[bytes]) -> Sink:
    """What writes all of each chunk: an unbuffered file may take a part of it."""

    def write(chunk: bytes) -> None:
        left = memoryview(chunk)
        while left:
            written = file.write(left)
            left = left[len(left) if written is None else written :]

    return write


def _is_special(path: str) -> bool:
    """Whether there is something at *path* that no file may take the place of."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


@contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        # a named pipe that nobody reads is refused: else it would be waited for without a limit
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise InvalidArgument(f"{path!r} cannot be written: {error.strerror}") from None
    try:
        os.set_blocking(descriptor, True)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened(stdin: Stdin) -> Iterator[Stdin]:
    """What is read by a process: of a path its file, which is closed at the end.

    Raises InvalidArgument for a path that cannot be read.
    """
    if not isinstance(stdin, os.PathLike):
        yield stdin
        return
    try:
        file = open(stdin, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InvalidArgument(f"stdin={os.fspath(stdin)!r}: {error.strerror}") from None
    with file:
        yield file


@contextmanager
def _draft(path: str, mode: int | None) -> Iterator[int]:
    import tempfile

    folder, name = os.path.split(os.path.abspath(path))
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    except OSError as error:
        raise InvalidArgument(f"{path!r} cannot be written: {error.strerror}") from None
    try:
        try:
            yield descriptor
            with room_in(folder):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.chmod(draft, _mode(path) if mode is None else mode)
        os.replace(draft, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft)
        raise


def _mode(path: str) -> int:
    """The mode of the file that is there, or that a new one gets."""
    with suppress(FileNotFoundError):
        return os.stat(path).st_mode & 0o7777
    return _PRIVATE


@contextmanager
def upstream(stdin: Any) -> Iterator[None]:
    """See to the end of the call whose stream is a process's stdin: its failure is ours too.

    Raises InvalidArgument for one that cannot be handed over; it stays as it was.
    """
    if not isinstance(stdin, ByteStream):
        yield
        return
    try:
        stdin.fileno()
    except ValueError as error:
        raise InvalidArgument(f"stdin={stdin!r}: {error}") from None
    try:
        yield
        stdin.settle()
    except Exception as error:
        try:
            # a deadline leaves no time for one that has not failed by now
            stdin.settle(0.0 if isinstance(error, DeadlineExceeded) else _A_WHILE)
        except Exception as first:  # what failed first says why
            if first is not error:
                raise first from error
        raise
    finally:
        stdin.close()
