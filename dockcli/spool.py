"""Temporary files that say in our own error that there is no room for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from dockcli.errors import DockcliError, NoRoom

PREFIX = "dockcli-"


@contextmanager
def room_in(folder: str | None = None) -> Iterator[None]:
    """What fails in here for want of room in *folder*, else in that for temporary files, raises
    NoRoom."""
    try:
        yield
    except DockcliError:  # some of them are errors of the system too
        raise
    except OSError as error:
        if folder is None:
            folder = tempfile.tempdir or os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - named
        raise NoRoom(folder, error.strerror or str(error), error.errno) from None


class Spool:
    """A nameless temporary file, as `tempfile.TemporaryFile` makes one. Raises NoRoom."""

    def __init__(self) -> None:
        with room_in():
            self._file: IO[bytes] = tempfile.TemporaryFile(prefix=PREFIX)  # noqa: SIM115 - `close`

    def write(self, data: Any) -> int:
        with room_in():
            return self._file.write(data)

    def rewound(self) -> IO[bytes]:
        """The file itself, at its beginning, with all that was written."""
        with room_in():
            self._file.flush()
            self._file.seek(0)
        return self._file

    def close(self) -> None:
        with suppress(
            OSError
        ):  # what could not be written is wanted no more; it is closed then too
            self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
