"""Events, as ``docker system events`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from dockcli.models.fields import Fields
from dockcli.models.times import moment

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on the engine: an ``action`` (``start``, ``exec_create: ls``) on the
    object ``id`` of this ``type``.

    ``time`` is cut to microseconds; ``time_nano`` has all of it, in nanoseconds since 1970.
    """

    type: str
    action: str
    id: str
    time: datetime | None
    time_nano: int
    attributes: Mapping[str, str]
    scope: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Event:
        top = Fields(raw)
        actor = top.inner("Actor")
        nano = top.number("timeNano")
        return cls(
            type=top.text("Type"),
            action=top.text("Action", "status", "Status"),
            id=actor.text("ID") or top.text("id", "ID", "Name"),
            time=_moment(nano) if nano else moment(top.text("Time")),
            time_nano=nano,
            attributes=actor.mapping("Attributes") or top.mapping("Attributes"),
            scope=top.text("scope"),
            raw=raw,
        )


def _moment(nano: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=nano // 1000)
    except OverflowError:
        return None
