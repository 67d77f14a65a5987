"""Numbers as docker writes them for people: rounded, with a unit."""

from __future__ import annotations

import re

_SIZE = re.compile(r"([0-9]{1,40}(?:\.[0-9]{1,40})?) ?([kKMGTPEZY]?)(i?)B?")
_PERCENT = re.compile(r"([0-9]{1,40}(?:\.[0-9]{1,40})?) ?%")
_POWERS = {
    unit: float(power) for power, unit in enumerate(("", "k", "M", "G", "T", "P", "E", "Z", "Y"))
}


def size(text: str) -> int | None:
    """``1.2MiB``, ``376B``, ``2.14 GB`` or ``1984240`` in bytes, as near as the text is; None for
    what is no size, such as docker's ``--`` for one that it does not know."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    number, unit, binary = match.groups()
    factor: int = (1024 if binary else 1000) ** _POWERS[unit.replace("K", "k")]
    return round(float(number) * factor)


def sizes(text: str) -> tuple[int, int]:
    """The two of ``324KiB / 23.54GiB`` in bytes; 0 for one that docker does not know."""
    first, _, second = text.partition("/")
    return size(first) or 0, size(second) or 0


def percent(text: str) -> float:
    """``12.5%`` as 12.5; 0 for what docker does not know."""
    match = _PERCENT.fullmatch(text.strip())
    return float(match[1]) if match else 0.0
