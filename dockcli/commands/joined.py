"""How the lists of a swarm are read: docker's rows, and what an inspect tells of each of them.

The rows alone are cut and rounded (``Running 3 seconds ago``), and some of what they tell is in no
inspect (how many tasks of a service run).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dockcli.commands.answers import refuse_long, remaining
from dockcli.commands.top import TopGroup
from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.commands.group import Group
    from dockcli.models.fields import Fields
    from dockcli.models.task import Task

_CUT = 12  # docker's lists cut an id to so many characters


def joined(
    inspect: Callable[..., Call[list[Any]]], options: Mapping[str, Any]
) -> Callable[[Completed], list[Any]]:
    """A model for each row: what *inspect* tells, by one process for all, and the row.

    What is removed between the two is left out, as if the list had been asked for a moment later.
    """

    def read(completed: Completed) -> list[Any]:
        from dockcli.models.fields import Fields, json_rows

        rows = [Fields(raw) for raw in json_rows(completed)]
        ids = [_id(completed, row) for row in rows]
        refuse_long(completed, ids)
        left = remaining(options, completed)
        there = inspect(*dict.fromkeys(ids), missing_ok=True, deadline=left).run() if ids else []
        known = {key: one for one in there for key in (one.id[:_CUT], one.id)}
        return [known[one].listed(row) for one, row in zip(ids, rows, strict=True) if one in known]

    return read


def tasks(group: Group[Any], options: Mapping[str, Any]) -> Callable[[Completed], list[Task]]:
    """The tasks of the rows that `service ps`, `node ps` and `stack ps` print."""
    from dockcli.models.task import Task

    top = group.client.call.group(TopGroup)

    def inspect(*ids: str, **own: Any) -> Call[list[Task]]:
        return top._inspection(list(ids), {"type": "task", **own}, Task.parse)

    return joined(inspect, options)


def _id(completed: Completed, row: Fields) -> str:
    found = row.text("ID")
    if not re.fullmatch(r"[A-Za-z0-9]+", found):
        raise UnreadableOutput(completed, "a row without an id")
    return found
