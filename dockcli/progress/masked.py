"""Hides in what is told of a call what must not be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from dockcli.secret import MASK

if TYPE_CHECKING:
    from dockcli.models.progress import Progress


class _Reader(Protocol):
    def feed(self, stream: str, chunk: bytes) -> Iterable[Progress]: ...
    def close(self) -> Iterable[Progress]: ...


class Masked:
    """What *reader* tells, without the *hidden* texts, the longest of which comes first."""

    def __init__(self, reader: _Reader, hidden: Iterable[str]) -> None:
        self._reader, self._hidden = reader, tuple(hidden)

    def feed(self, stream: str, chunk: bytes) -> list[Progress]:
        """The items that are whole with *chunk*."""
        return [self._masked(one) for one in self._reader.feed(stream, chunk)]

    def close(self) -> list[Progress]:
        """The items that were not whole."""
        return [self._masked(one) for one in self._reader.close()]

    def _masked(self, one: Progress) -> Progress:
        text = self._text(one.text)
        raw = one.raw
        return replace(
            one,
            text=text,
            status=self._text(one.status),
            part=self._text(one.part),
            stage=self._text(one.stage),
            command=self._text(one.command),
            error=self._text(one.error),
            raw=self._text(raw) if isinstance(raw, str) else self._any(raw, text),
        )

    def _text(self, text: str) -> str:
        for hidden in self._hidden:
            text = text.replace(hidden, MASK)
        return text

    def _any(self, value: Any, text: str) -> Any:
        """Any value of JSON. Of what a program has written only the *text* that is told is left: a
        hidden one may be in two pieces there."""
        if isinstance(value, str):
            return self._decoded(self._text(value))
        if isinstance(value, Mapping):
            shown = {name: self._any(member, text) for name, member in value.items()}
            if text and "data" in shown:
                shown["data"] = _encoded(text)
            return shown
        if isinstance(value, (list, tuple)):
            return [self._any(member, text) for member in value]
        return value

    def _decoded(self, value: str) -> str:
        """Bytes are in base64 in JSON."""
        import base64

        try:
            text = base64.b64decode(value, validate=True).decode("utf-8", "surrogateescape")
        except ValueError:
            return value
        shown = self._text(text)
        return value if shown == text else _encoded(shown)


def _encoded(text: str) -> str:
    import base64

    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
