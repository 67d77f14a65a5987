"""What a finished process left: its exit code and its output, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockcli.secret import MASK, Secret
from dockcli.typed import TYPE_CHECKING
from dockcli.value import Value

if TYPE_CHECKING:
    from typing import Any

_SHORTEST = 4  # characters of a line in a longer secret that give something away

# From "://" on: a pattern that begins with any word would look at a long one from each letter.
_USER_INFO = r"(://[^/\s:@]*:)([^/\s]+)@"


class Completed(Value):
    """A process that has ended.

    ``argv`` is the command line from ``"docker"`` on, ``returncode`` its exit code, ``stdout`` and
    ``stderr`` its output in bytes, ``seconds`` how long it ran.
    """

    __slots__ = ("argv", "returncode", "stdout", "stderr", "seconds")  # noqa: RUF023 - as __init__ has them

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    seconds: float

    def __init__(
        self, argv: tuple[str, ...], returncode: int, stdout: bytes, stderr: bytes, seconds: float
    ) -> None:
        self._set(argv, returncode, stdout, stderr, seconds)

    @property
    def text(self) -> str:
        """Stdout as text. Bytes that are not UTF-8 become surrogates, so that none is lost:
        ``text.encode("utf-8", "surrogateescape")`` is ``stdout`` again."""
        return self.stdout.decode("utf-8", "surrogateescape")

    @property
    def error_text(self) -> str:
        """Stderr as text, decoded as `text` is."""
        return self.stderr.decode("utf-8", "surrogateescape")

    def lines(self) -> list[str]:
        """The lines of stdout, without their ends."""
        return self.text.removesuffix("\n").split("\n") if self.stdout else []

    def json(self) -> Any:
        """Stdout read as JSON. Raises UnreadableOutput, which has the text."""
        import json

        try:
            return json.loads(self.stdout)
        except (ValueError, RecursionError) as error:
            from dockcli.errors import UnreadableOutput

            raise UnreadableOutput(self, f"not JSON: {error}") from None

    def masked(self, secrets: Iterable[Secret] = ()) -> Completed:
        """The same with each of *secrets* shown as ``***``, and each password of a URL in argv."""
        stdout, stderr = self.stdout, self.stderr
        for value in hidden(self.argv, secrets):
            raw = value.encode("utf-8", "surrogateescape")
            stdout = stdout.replace(raw, MASK.encode())
            stderr = stderr.replace(raw, MASK.encode())
        argv = tuple(mask_url(word) for word in self.argv)
        return self.replace(argv=argv, stdout=stdout, stderr=stderr)

    def __repr__(self) -> str:
        return (
            f"Completed(argv={tuple(map(mask_url, self.argv))!r}, returncode={self.returncode}, "
            f"stdout=<{len(self.stdout)} bytes>, stderr=<{len(self.stderr)} bytes>, "
            f"seconds={self.seconds:.3f})"
        )


def hidden(argv: Iterable[str], secrets: Iterable[Secret] = ()) -> list[str]:
    """What must not be seen of a call, the longest first: *secrets*, passwords in its URLs."""
    texts = {secret.reveal() for secret in secrets}
    texts |= {found[2] for word in argv for found in re.finditer(_USER_INFO, word)}
    texts |= {line for text in texts for line in _lines(text)}
    return sorted(filter(None, texts), key=len, reverse=True)


def _lines(text: str) -> list[str]:
    """The lines of a text of several: a builder puts something before each, a terminal ends each in
    another way."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if len(line) >= _SHORTEST] if len(lines) > 1 else []


def mask_url(word: str) -> str:
    """*word* with the password of any ``scheme://user:password@`` in it shown as ``***``."""
    return re.sub(_USER_INFO, rf"\g<1>{MASK}@", word)
