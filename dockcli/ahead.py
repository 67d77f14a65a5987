"""An answer that is read while docker is still ending, which takes it longer than the reading.

docker has written all of an `inspect` some milliseconds before it has ended; and a script that has
just begun has yet to load what reads it, while docker works.
"""

from __future__ import annotations

from contextlib import suppress

from dockcli.completed import Completed
from dockcli.typed import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

T = TypeVar("T")


class Document(Generic[T]):
    """Reads an answer that is one JSON text by *read*, which needs nothing else of it, and loads
    *modules* for that."""

    def __init__(self, read: Callable[[Completed], T], *modules: str) -> None:
        self._read, self._modules = read, ("json", *modules)

    def __call__(self, completed: Completed, id: str = "") -> T:
        return self._read(completed)

    def load(self) -> None:
        """Load what reads it."""
        for name in self._modules:
            __import__(name)


class Ahead(Generic[T]):
    """Reads an answer as *document* does, where it may before docker's end; *argv*: the call's."""

    def __init__(self, document: Document[T], argv: tuple[str, ...]) -> None:
        self._document, self._argv = document, argv
        self._loaded = self._tried = False
        self._stdout: bytes | None = None  # what the answer was read from
        self._answer: Any = None

    def look(self, chunks: list[bytes]) -> None:
        """See to what docker has said so far; *chunks* become one when they look whole.

        What goes wrong here does so again when docker has ended, and is told of then.
        """
        if self._tried:
            return
        with suppress(Exception):
            if not self._loaded:
                self._loaded = True
                self._document.load()
            if chunks and _look_whole(chunks):
                self._tried = True
                stdout = b"".join(chunks)
                chunks[:] = [stdout]
                self._answer = self._document(Completed(self._argv, 0, stdout, b"", 0.0))
                self._stdout = stdout

    def __call__(self, completed: Completed, id: str = "") -> T:
        """The answer, read anew unless it was from just what *completed* has."""
        if self._stdout is None or self._stdout != completed.stdout:
            return self._document(completed)
        answer: T = self._answer
        return answer


def _look_whole(chunks: list[bytes]) -> bool:
    """Whether they seem to be all of a JSON text, as docker writes it, the last line's end maybe by
    itself."""
    end = {b"[": b"\n]\n", b"{": b"}\n"}.get(chunks[0][:1])
    return end is not None and b"".join(chunk[-3:] for chunk in chunks[-2:]).endswith(end)
