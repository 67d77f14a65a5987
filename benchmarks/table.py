"""Measured rows as text."""

from __future__ import annotations

from typing import Any


def span(seconds: float) -> str:
    for unit, many in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= many:
            return f"{seconds / many:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def ratio(spread: dict[str, float] | None) -> str:
    """The median, and the quartiles behind it."""
    if spread is None:
        return "—"
    return f"{_number(spread['median'])} ({_number(spread['low'])}–{_number(spread['high'])})"


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def size(count: float) -> str:
    return f"{count / (1 << 20):+.1f} MiB"


def line(row: dict[str, Any]) -> str:
    """One row for a terminal."""
    base = " or ".join(row["base"]) or "—"
    target = "" if row["target"] is None else f" ≤ {row['target']:.3g}"
    head = f"{row['work']}: x{ratio(row.get('ratio'))} of {base}{target}"
    ways = []
    for name, way in row["ways"].items():
        more = f", {size(way['memory'])}" if "memory" in way else ""
        ways.append(
            f"    {name:<24} {span(way['seconds']['median']):>9}  dockcli's by it "
            f"{ratio(way['ratio'])}, {way['processes']} processes{more}"
        )
    return "\n".join([head, *ways])
