"""Ways to do the same work, measured in turns: a busy machine is so for all of them."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import memory

_started = 0


def _counting(start: Any) -> Any:
    """Not by an audit hook, which slows each frozen value that is made."""

    def counted(self: Any, *given: Any, **more: Any) -> Any:
        global _started
        _started += 1
        return start(self, *given, **more)

    return counted


subprocess.Popen.__init__ = _counting(subprocess.Popen.__init__)  # type: ignore[method-assign]


@dataclass
class Way:
    """One way to do a row's work.

    *before* is done first and not measured. *times* is how many pieces of work one run does, where
    the ways do different numbers. *rounds*: no more than so many. *script* does the same in a
    process of its own, whose memory is measured; *idle* is that process with nothing done.
    """

    name: str
    run: Callable[[], object]
    before: Callable[[], object] = lambda: None
    times: float = 1
    rounds: int = 1_000
    script: str = ""
    idle: str = ""


@dataclass
class Row:
    """Work that is done in several *ways*, dockcli's first.

    The ratio is dockcli's time by that of *base* (the best of several), each less that of *over*,
    and *target* the most that it may be. *goal* is the issue's word for it. *family* and *size*
    join rows that do the same at several sizes.
    """

    key: str
    work: str
    ways: Sequence[Way]
    base: tuple[str, ...] = ()
    target: float | None = None
    goal: str = ""
    over: str = ""
    rounds: int = 10
    family: str = ""
    size: int = 0
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def run(row: Row, *, scale: float) -> dict[str, Any]:
    """Measure *row*, with *scale* times its rounds: a plain object for the results."""
    seconds: dict[str, list[float | None]] = {way.name: [] for way in row.ways}
    gc.collect()
    gc.freeze()  # no script has all the peers loaded, for the collector to look at time and again
    processes: dict[str, int] = {}
    for number in range(max(2, round(row.rounds * scale))):
        at = number % len(row.ways)
        order = [*row.ways[at:], *row.ways[:at]]
        for way in order if number % 2 else order[::-1]:
            if number >= way.rounds:
                seconds[way.name].append(None)
                continue
            spent, processes[way.name] = _timed(way)
            seconds[way.name].append(spent)
    found: dict[str, Any] = {
        "key": row.key,
        "work": row.work,
        "goal": row.goal,
        "target": row.target,
        "base": list(row.base),
        "family": row.family,
        "size": row.size,
        "note": row.note,
        "facts": row.facts,
        "ways": {
            name: {
                "seconds": _spread([one for one in each if one is not None]),
                "processes": processes[name],
                "ratio": _spread(_ratios(row, seconds, row.ways[0].name, (name,))),
            }
            for name, each in seconds.items()
        },
    }
    if row.base:
        found["ratio"] = _spread(_ratios(row, seconds, row.ways[0].name, row.base))
    for way in row.ways:
        if way.script:
            found["ways"][way.name]["memory"] = memory.peak(way.script) - memory.peak(way.idle)
    return found


def _timed(way: Way) -> tuple[float, int]:
    way.before()
    gc.collect()
    begun, at = _started, time.perf_counter()
    way.run()
    spent = time.perf_counter() - at
    return spent / way.times, _started - begun


def _ratios(
    row: Row, seconds: dict[str, list[float | None]], ours: str, theirs: tuple[str, ...]
) -> list[float]:
    """dockcli's time by theirs, of each round in which both ran."""
    found = []
    for number, mine in enumerate(seconds[ours]):
        others = [seconds[name][number] for name in theirs]
        over = seconds[row.over][number] if row.over else 0.0
        if mine is None or over is None or None in others:
            continue
        other = min(one for one in others if one is not None) - over
        if other > 0:
            found.append((mine - over) / other)
    return found


def _spread(values: list[float]) -> dict[str, float] | None:
    """The median and the quartiles."""
    if not values:
        return None
    several = values if len(values) > 1 else values * 2
    low, _, high = statistics.quantiles(several, n=4, method="inclusive")
    return {"median": statistics.median(values), "low": low, "high": high, "rounds": len(values)}


def child(code: str, environment: dict[str, str]) -> Callable[[], object]:
    """A Python process that does *code*."""
    words = [sys.executable, "-c", code]
    return lambda: subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL)
