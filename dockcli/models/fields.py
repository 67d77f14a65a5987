"""Reads the fields of docker's JSON without ever failing on one.

docker adds, drops and respells fields from version to version, and podman has its own. A field that
is missing, null or of another type is the neutral value of its kind; the whole answer stays in the
model's ``raw``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?\s*(Z|[+-]\d\d:?\d\d)?(?: [A-Z]{3,5})?"
)


_MAPPING = (dict, Mapping)  # a dict is told at once, the other by a long look
_WHOLE = re.compile(r"[0-9]{1,18}")


class Fields:
    """A JSON object, read by type. Several names are tried in their order."""

    def __init__(self, raw: object) -> None:
        self.raw: Mapping[str, Any] = raw if isinstance(raw, _MAPPING) else {}

    def _get(self, kind: type | tuple[type, ...], names: tuple[str, ...]) -> Any:
        for name in names:
            value = self.raw.get(name)
            if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
                return value
        return None

    def text(self, *names: str) -> str:
        for name in names:  # what is read most, so by itself
            if isinstance(value := self.raw.get(name), str):
                return value
        return ""

    def number(self, *names: str) -> int:
        value = self._get(int, names)
        return value if value is not None else 0

    def flag(self, *names: str) -> bool:
        return bool(self._get(bool, names))

    def inner(self, *names: str) -> Fields:
        return Fields(self._get(_MAPPING, names))

    def texts(self, *names: str) -> tuple[str, ...]:
        return tuple(one for one in self._get(list, names) or () if isinstance(one, str))

    def objects(self, *names: str) -> tuple[Fields, ...]:
        return tuple(
            Fields(one) for one in self._get(list, names) or () if isinstance(one, _MAPPING)
        )

    def mapping(self, *names: str) -> dict[str, str]:
        """The pairs whose values are texts."""
        found = self._get(_MAPPING, names) or {}
        return {key: value for key, value in found.items() if isinstance(value, str)}

    def keys(self, *names: str) -> tuple[str, ...]:
        return tuple(self._get(_MAPPING, names) or ())

    def time(self, *names: str) -> datetime | None:
        """A moment with its zone; None where docker has none (it writes the year 1)."""
        return moment(self.text(*names))


def whole(text: str) -> int | None:
    """A number that docker writes as a text; None for what is none, or larger than any of its."""
    return int(text) if _WHOLE.fullmatch(text) else None


def moment(text: str) -> datetime | None:
    """docker's RFC 3339 with nanoseconds, and podman's Go form, cut to microseconds."""
    match = _TIME.match(text)
    if match is None or text.startswith("0001-"):
        return None
    day, clock, fraction, zone = match.groups()
    micro = (fraction or "0")[:6].ljust(6, "0")
    offset = "+00:00" if zone in (None, "Z") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        # not by strptime, which alone took a third of what reading an inspect does
        return datetime.fromisoformat(f"{day}T{clock}.{micro}{offset}")
    except ValueError:
        return None


def now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(timezone.utc)


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
