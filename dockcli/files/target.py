"""Where an archive goes on this machine."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from dockcli.errors import InvalidArgument
from dockcli.spool import room_in

if TYPE_CHECKING:
    from dockcli.files.stream import Readable

_CHUNK = 1 << 20
_WRITING = os.O_WRONLY | os.O_CLOEXEC


def copy(source: Readable, into: IO[bytes]) -> None:
    """All of *source*, a piece at a time."""
    while chunk := source.read(_CHUNK):
        into.write(chunk)


def whole_file(path: str | os.PathLike[str], source: Readable) -> None:
    """*source* as the file *path*, which has its name only once it is whole and on the disk.

    A device or a pipe is written to as it is. Raises InvalidArgument where no file can be made.
    """
    path = os.path.realpath(os.fspath(path))  # a link stays a link
    try:
        special = _is_special(path)
        part, descriptor = (path, os.open(path, _WRITING)) if special else _beside(path)
    except OSError as error:
        raise InvalidArgument(f"{path!r} cannot be written: {error.strerror}") from None
    try:
        with room_in(os.path.dirname(path)), open(descriptor, "wb") as file:
            copy(source, file)
            file.flush()
            if not special:
                os.fsync(descriptor)
        if not special:
            os.replace(part, path)
    except BaseException:
        if not special:
            with suppress(OSError):
                os.unlink(part)
        raise


def _is_special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "it is a folder", path)
    return not stat.S_ISREG(mode)


def _beside(path: str) -> tuple[str, int]:
    """A new file in the folder of *path*, with the permissions that *path* has or would get."""
    from secrets import token_hex

    part = f"{path}.{token_hex(4)}.part"
    descriptor = os.open(part, _WRITING | os.O_CREAT | os.O_EXCL, 0o666)
    with suppress(FileNotFoundError):
        os.fchmod(descriptor, stat.S_IMODE(os.stat(path).st_mode))
    return part, descriptor
