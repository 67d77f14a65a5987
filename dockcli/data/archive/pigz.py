"""gzip by the program ``pigz``, where that is there: measured, it needs four fifths of the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dockcli.data.archive.cipher import found
from dockcli.data.archive.codec import Frames, Packed
from dockcli.data.archive.errors import CipherMissing
from dockcli.data.archive.piped import Encrypting


@dataclass(frozen=True, slots=True)
class _Program:
    """pigz as a program that stands in a pipe."""

    path: str
    level: int

    @property
    def program(self) -> str:
        return "pigz"

    @contextmanager
    def encrypting(self) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        yield [self.path, "--stdout", "--no-name", "--no-time", f"-{self.level}"], ()

    decrypting = encrypting


class Pigz(Frames):
    """As `Gzip`, in one member."""

    compression = "gz"

    def __init__(self, put: Callable[[bytes], object], path: str, level: int | None = None) -> None:
        super().__init__(put)
        self._pipe = Encrypting(_Program(path, 6 if level is None else level), self._put)

    def feed(self, data: memoryview) -> None:
        self._pipe.write(bytes(data))

    def end(self) -> Packed:
        self._pipe.finish()
        self._pipe.stop()
        return self._packed()

    def stop(self) -> None:
        self._pipe.stop()


def there() -> str | None:
    """The path of pigz, if there is one."""
    try:
        return found("pigz")
    except CipherMissing:
        return None
