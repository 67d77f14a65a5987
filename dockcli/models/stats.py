"""What containers use, as ``docker container stats`` and ``docker container top`` tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.models.fields import Fields, whole
from dockcli.models.human import percent, size, sizes


@dataclass(frozen=True, slots=True)
class ContainerStats:
    """What a container uses at the moment: all 0 for one that does not run.

    ``cpu_percent`` is of one processor, so that 200.0 is two of them. Sizes are in bytes, rounded
    by docker to three or four figures; ``net_in``, ``net_out``, ``block_read`` and
    ``block_written`` are counted since the container started.
    """

    id: str
    name: str
    cpu_percent: float
    memory: int
    memory_limit: int
    memory_percent: float
    net_in: int
    net_out: int
    block_read: int
    block_written: int
    pids: int
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "container"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ContainerStats:
        row = Fields(raw)
        memory, limit = sizes(row.text("MemUsage", "mem_usage"))
        net_in, net_out = sizes(row.text("NetIO", "net_io"))
        block_read, block_written = sizes(row.text("BlockIO", "block_io"))
        return cls(
            id=row.text("ID", "id", "Container"),
            name=row.text("Name", "name"),
            cpu_percent=percent(row.text("CPUPerc", "cpu_percent")),
            memory=memory,
            memory_limit=limit,
            memory_percent=percent(row.text("MemPerc", "mem_percent")),
            net_in=net_in,
            net_out=net_out,
            block_read=block_read,
            block_written=block_written,
            pids=size(row.text("PIDs", "pids")) or 0,
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Process:
    """A process in a container.

    ``pid`` is its number on the engine's machine (podman: in the container), 0 where no such column
    was asked for; ``user`` and ``command`` are "" then. ``raw`` has each column by its title.
    """

    pid: int
    user: str
    command: str
    raw: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, str]) -> Process:
        row = Fields(raw)
        return cls(
            pid=whole(row.text("PID")) or 0,
            user=row.text("USER", "UID"),
            command=row.text("CMD", "COMMAND", "ARGS"),
            raw=raw,
        )


def processes(completed: Completed) -> list[Process]:
    """The table that ``docker top`` prints, its only form: titles, then a process a line.

    Only the last column may hold spaces: the engine itself cuts the lines of ps in this way.
    """
    head, *table = [line for line in completed.lines() if line.strip()] or [""]
    titles = head.split()
    if not titles:
        raise UnreadableOutput(completed, "no titles of columns")
    cells = [line.split(None, len(titles) - 1) for line in table]
    if any(len(row) != len(titles) for row in cells):
        raise UnreadableOutput(completed, f"not {len(titles)} columns in each line")
    return [
        Process.parse({title: cell.strip() for title, cell in zip(titles, row, strict=True)})
        for row in cells
    ]
