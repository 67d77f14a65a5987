"""Moments, as docker writes them."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?\s*(Z|[+-]\d\d:?\d\d)?(?: [A-Z]{3,5})?"
)


def moment(text: str) -> datetime | None:
    """docker's RFC 3339 with nanoseconds, and podman's Go form, cut to microseconds."""
    match = None if text.startswith("0001-") else _TIME.match(text)
    if match is None:
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
