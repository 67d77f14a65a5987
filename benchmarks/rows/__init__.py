"""The rows of the comparison: each module makes what it needs, gives its rows, takes it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.measure import Row
from benchmarks.rows import (
    calls,
    lists,
    logs,
    machine,
    many,
    pure,
    recipe,
    starting,
    streams,
    volumes,
)
from benchmarks.stage import Stage

ALL: dict[str, Callable[[Stage], Iterator[Row]]] = {
    "starting": starting.rows,
    "calls": calls.rows,
    "pure": pure.rows,
    "machine": machine.rows,
    "lists": lists.containers,
    "others": lists.others,
    "many": many.rows,
    "streams": streams.rows,
    "logs": logs.rows,
    "volumes": volumes.rows,
    "recipe": recipe.rows,
}
