"""Reads the fields of docker's JSON without ever failing on one.

docker adds, drops and respells fields from version to version, and podman has its own. A field that
is missing, null or of another type is the neutral value of its kind; the whole answer stays in the
model's ``raw``.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

_MAPPING = (dict, Mapping)  # a dict is told at once, the other by a long look
_LONGEST = 18  # digits of a whole number


class Fields:
    """A JSON object, read by type. Several names are tried in their order."""

    __slots__ = ("raw",)

    def __init__(self, raw: object) -> None:
        self.raw: Mapping[str, Any] = raw if isinstance(raw, _MAPPING) else {}

    def _get(self, kind: type | tuple[type, ...], names: tuple[str, ...]) -> Any:
        raw = self.raw
        for name in names:
            value = raw.get(name)
            if value is not None and isinstance(value, kind):  # of None an abstract class asks long
                return value
        return None

    def text(self, name: str, *others: str) -> str:
        value = self.raw.get(name)
        if isinstance(value, str):
            return value
        return self.text(*others) if others else ""

    def number(self, *names: str) -> int:
        for name in names:
            value = self.raw.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return 0

    def flag(self, *names: str) -> bool:
        return bool(self._get(bool, names))

    def inner(self, name: str, *others: str) -> Fields:
        value = self.raw.get(name)
        if value is not None and isinstance(value, _MAPPING):
            return Fields(value)
        return self.inner(*others) if others else Fields(None)

    def texts(self, *names: str) -> tuple[str, ...]:
        return tuple([one for one in self._get(list, names) or () if isinstance(one, str)])

    def objects(self, *names: str) -> tuple[Fields, ...]:
        found = self._get(list, names)
        return tuple([Fields(one) for one in found if isinstance(one, _MAPPING)]) if found else ()

    def mapping(self, *names: str) -> dict[str, str]:
        """The pairs whose values are texts."""
        found = self._get(_MAPPING, names) or {}
        return {key: value for key, value in found.items() if isinstance(value, str)}

    def keys(self, *names: str) -> tuple[str, ...]:
        return tuple(self._get(_MAPPING, names) or ())

    def time(self, *names: str) -> datetime | None:
        """A moment with its zone; None where docker has none (it writes the year 1)."""
        from dockcli.models.times import moment

        return moment(self.text(*names))


def whole(text: str) -> int | None:
    """A number that docker writes as a text; None for what is none, or larger than any of its."""
    plain = text.isascii() and text.isdigit() and len(text) <= _LONGEST
    return int(text) if plain else None


def json_object(completed: Completed) -> Mapping[str, Any]:
    """An answer that is one JSON object."""
    value = completed.json()
    if not isinstance(value, Mapping):
        raise UnreadableOutput(completed, "not a JSON object")
    return value


def json_objects(completed: Completed) -> list[Mapping[str, Any]]:
    """An answer that is a JSON array of objects, as `inspect` gives."""
    value = completed.json()
    if not isinstance(value, list) or not all(isinstance(one, _MAPPING) for one in value):
        raise UnreadableOutput(completed, "not a JSON array of objects")
    return value


def json_rows(completed: Completed) -> list[Mapping[str, Any]]:
    """An answer of one JSON object a line, as ``--format '{{json .}}'`` gives; podman gives an
    array."""
    import json

    if completed.stdout.lstrip().startswith(b"["):
        return json_objects(completed)
    found = []
    for line in completed.stdout.split(b"\n"):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UnreadableOutput(completed, f"not JSON on each line: {error}") from None
        if not isinstance(one, Mapping):
            raise UnreadableOutput(completed, "not a JSON object on each line")
        found.append(one)
    return found
