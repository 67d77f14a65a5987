"""Writes the page of the last run: a table, what each row says, plots, how costs grow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.table import ratio, size, span
from benchmarks.why import WHY

TRIED = Path(__file__).parent / "tried.md"
"""A line for each thing that was tried, and what it did: written by hand."""


def reached(row: dict[str, Any]) -> bool | None:
    """Whether *row* is at or past what it is to reach; None where nothing is to be."""
    if row["key"].startswith("list ") and row["goal"].startswith("two processes"):
        return row["ways"]["dockcli"]["processes"] <= 2
    if row["target"] is None or row.get("ratio") is None:
        return None
    return row["ratio"]["median"] <= row["target"]


def write(found: dict[str, Any], path: Path) -> None:
    """Write the page to *path*, and its plots beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = found["rows"]
    parts = [_head(found), _table(rows), _missed(rows), _lost(rows), _plot(rows, path)]
    parts += [_growth(rows, path), _details(rows), TRIED.read_text(encoding="utf-8")]
    path.write_text("\n".join(parts), encoding="utf-8")


def _head(found: dict[str, Any]) -> str:
    machine = found["machine"]
    names = {"docker": "docker-py", "podman": "podman-py"}
    peers = ", ".join(f"{names.get(name, name)} {at}" for name, at in machine["peers"].items())
    return f"""# How fast dockcli is, beside others

Made by `make bench` on {machine["day"]}, in {found.get("runs", "one run")} of
{machine["minutes"]:.0f} minutes:
{machine["processors"]} processors with a load of {machine["load"]}, {machine["system"]},
Python {machine["python"]}, docker {machine["docker"]} on engine {machine["engine"]}, {peers}.

A number is dockcli's time by the other's, each round's two runs being next to each other: below 1,
dockcli is faster. It is the median of all rounds, with the quartiles behind it; of what takes long
the peers have one round or two. Machines here are shared: times differ from run to run, ratios far
less. All numbers are in
[`results.json`](../benchmarks/results.json).
{_short(found)}"""


def _short(found: dict[str, Any]) -> str:
    if found["scale"] >= 1:
        return ""
    return f"""
**A short run**, with {found["scale"]:g} times the usual rounds and less data: it shows where things
stand, and proves nothing. {found.get("note", "")}
"""


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "## What is to be reached",
        "",
        "| work | beside | dockcli's time by it | to reach | |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if (is_so := reached(row)) is None:
            continue
        if row["target"] is None:
            number, beside = f"{row['ways']['dockcli']['processes']} processes", "—"
        else:
            number, beside = ratio(row["ratio"]), " or ".join(row["base"])
        goal = row["goal"] if row["target"] is None else f"{row['goal']}: {row['target']:.3g}"
        lines.append(
            f"| {row['work']} | {beside} | {number} | {goal} | {'yes' if is_so else '**no**'} |"
        )
    return "\n".join([*lines, ""])


def _missed(rows: list[dict[str, Any]]) -> str:
    missed = [row for row in rows if reached(row) is False]
    if not missed:
        return ""
    lines = [f"- {row['work']}: {WHY.get(row['key'], 'not known yet.')}" for row in missed]
    return "\n".join(["## What is missed, and why", "", *lines, ""])


def _lost(rows: list[dict[str, Any]]) -> str:
    """Where another is faster, by how much, and why."""
    lines = ["## Where others are faster", ""]
    for row in rows:
        for name, way in row["ways"].items():
            known = name.startswith("dockcli") or "bare" in name or name == "50 µs"
            if known or way["ratio"] is None:
                continue
            if way["ratio"]["low"] > 1.0 and way["ratio"]["median"] > 1.02:
                lines.append(
                    f"- {row['work']}: {name}, {ratio(way['ratio'])}. {row['note']}".rstrip()
                )
    return "\n".join([*lines, ""])


def _plot(rows: list[dict[str, Any]], path: Path) -> str:
    bars = [
        (row["work"].replace("`", ""), row["ratio"], row["target"])
        for row in rows
        if row["target"] is not None and row.get("ratio")
    ]
    name = "performance-ratios.svg"
    (path.parent / name).write_text(plots.bars(bars), encoding="utf-8")
    return f"![dockcli's time by the other's, and what is to be reached]({name})\n"


def families(rows: list[dict[str, Any]]) -> dict[str, dict[str, list[tuple[int, float, float]]]]:
    """Of each family and way: size, seconds, bytes of memory (nan where that was not measured)."""
    found: dict[str, dict[str, list[tuple[int, float, float]]]] = {}
    for row in rows:
        if not row["size"]:
            continue
        for name, way in row["ways"].items():
            at = (row["size"], way["seconds"]["median"], way.get("memory", math.nan))
            found.setdefault(row["family"], {}).setdefault(name, []).append(at)
    return found


def exponent(points: list[tuple[int, float]]) -> float:
    """The slope of a line through the points' logarithms: 1 is linear, 2 is quadratic."""
    xs = [math.log(x) for x, _ in points]
    ys = [math.log(max(y, 1e-9)) for _, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum(
        (a - x) ** 2 for a in xs
    )


def _growth(rows: list[dict[str, Any]], path: Path) -> str:
    lines = [
        "## How the cost grows",
        "",
        "The exponent is fitted to all sizes, and to the last two alone, where what a process",
        "costs by itself weighs least: 1.00 is linear.",
        "",
        "| work | way | sizes | seconds | exponent | of the last two | memory over idle |",
        "|---|---|---|---|---|---|---|",
    ]
    plotted = []
    for family, ways in families(rows).items():
        for name, points in ways.items():
            if len(points) < 2:
                continue
            times = [(at, seconds) for at, seconds, _ in points]
            memory = [size(bytes) for _, _, bytes in points if not math.isnan(bytes)]
            lines.append(
                f"| {family} | {name} | {', '.join(f'{at:,}' for at, _ in times)} "
                f"| {', '.join(span(seconds) for _, seconds in times)} "
                f"| {exponent(times):.2f} | {exponent(times[-2:]):.2f} "
                f"| {', '.join(memory) or '—'} |"
            )
        name = f"performance-{''.join(c if c.isalnum() else '-' for c in family).strip('-')}.svg"
        curves = {way: [(at, s) for at, s, _ in points] for way, points in ways.items()}
        (path.parent / name).write_text(plots.growth(family, curves), encoding="utf-8")
        plotted.append(f"![{family}]({name})")
    return "\n".join([*lines, "", *plotted, ""])


def _details(rows: list[dict[str, Any]]) -> str:
    lines = [
        "## Every row",
        "",
        "| work | way | median time | dockcli's by it | docker processes | memory over idle |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        for number, (name, way) in enumerate(row["ways"].items()):
            lines.append(
                f"| {'' if number else row['work']} | {name} | {span(way['seconds']['median'])} "
                f"| {ratio(way['ratio']) if number else '1'} | {way['processes'] or '—'} "
                f"| {size(way['memory']) if 'memory' in way else '—'} |"
            )
    notes = [f"- {row['work']}: {row['note']}" for row in rows if row["note"]]
    return "\n".join([*lines, "", *dict.fromkeys(notes), ""])
