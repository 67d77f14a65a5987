"""Plots as SVG text, made by hand: nothing is needed to make or to review them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#a16207", "#be185d", "#475569")
_STYLE = "font-family:sans-serif;font-size:12px;background:#fff"
_LINE = 22


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" style="{_STYLE}">'
    )
    return "\n".join(
        [head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>\n"]
    )


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#111") -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {at}>{escape(text)}</text>"


def bars(rows: Sequence[tuple[str, Mapping[str, float], float]]) -> str:
    """Each row's ratio by its target: at or left of the line, it is reached."""
    left, wide = 340, 420
    height = _LINE * len(rows) + 50
    low, high = math.log(0.05), math.log(5)

    def x(value: float) -> float:
        at = (math.log(min(max(value, 0.05), 5)) - low) / (high - low)
        return left + wide * at

    parts = [
        _text(left, 16, "dockcli's ratio by what is to be reached (left of the line: reached)"),
        f'<line x1="{x(1):.1f}" x2="{x(1):.1f}" y1="24" y2="{height - 20}" stroke="#111"/>',
        *(
            _text(x(one), height - 6, f"{one:g}", "middle")
            for one in (0.05, 0.1, 0.2, 0.5, 1, 2, 5)
        ),
    ]
    for number, (work, spread, target) in enumerate(rows):
        y = 40 + number * _LINE
        low_, middle, high_ = (x(spread[one] / target) for one in ("low", "median", "high"))
        colour = "#0b6e99" if spread["median"] <= target else "#c2410c"
        parts += [
            _text(left - 8, y + 4, work if len(work) < 56 else f"{work[:54]}…", "end"),
            f'<line x1="{low_:.1f}" x2="{high_:.1f}" y1="{y}" y2="{y}" '
            f'stroke="{colour}" stroke-width="3"/>',
            f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{colour}"/>',
        ]
    return _svg(left + wide + 20, height, parts)


def growth(title: str, curves: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """Seconds by size, both by their logarithms: a slope of 1 is linear."""
    left, top, wide, high = 60, 30, 420, 260
    points = [point for curve in curves.values() for point in curve]
    xs, ys = [math.log10(x) for x, _ in points], [math.log10(y) for _, y in points]
    x0, x1 = math.floor(min(xs)), math.ceil(max(xs))
    y0, y1 = math.floor(min(ys)), math.ceil(max(ys))

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            left + wide * (math.log10(x) - x0) / ((x1 - x0) or 1),
            top + high * (y1 - math.log10(y)) / ((y1 - y0) or 1),
        )

    parts = [_text(left, 18, f"{title}: seconds")]
    for power in range(x0, x1 + 1):
        x, _ = at(10**power, 10**y0)
        parts += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + high}" stroke="#ddd"/>',
            _text(x, top + high + 16, f"{10**power:,}", "middle"),
        ]
    for power in range(y0, y1 + 1):
        _, y = at(10**x0, 10**power)
        parts += [
            f'<line x1="{left}" x2="{left + wide}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
            _text(left - 6, y + 4, f"{10.0**power:g}", "end"),
        ]
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        drawn = [at(*point) for point in curve]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in drawn]
        y = top + 14 + number * 18
        parts.append(_text(left + wide + 12, y, name, colour=colour))
    return _svg(left + wide + 190, top + high + 30, parts)
