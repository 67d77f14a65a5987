"""What goes on in a project of ``docker compose``: its processes, events and ports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.models.fields import Fields, whole


@dataclass(frozen=True, slots=True)
class ComposeProcess:
    """A process in a project's container.

    ``replica`` is the container's number within its service, 0 where Compose does not tell.
    ``columns`` are all that Compose shows, by their titles.
    """

    service: str
    container: str
    replica: int
    pid: int
    command: str
    columns: Mapping[str, str]


def processes(completed: Completed) -> list[ComposeProcess]:
    """The tables that ``docker compose top`` prints: it has no other form.

    Newer releases print one for all, older ones a container's name and a table for each.
    """
    found: list[ComposeProcess] = []
    for block in re.split(r"\n\s*\n", completed.text.replace("\r\n", "\n")):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        named = "PID" not in lines[0].split()
        container, table = (lines[0].strip(), lines[1:]) if named else ("", lines)
        if not table or "PID" not in table[0].split():
            raise UnreadableOutput(completed, "no table of processes")
        found += [_process(container, row) for row in _cells(table)]
    return found


def _cells(table: list[str]) -> Iterator[dict[str, str]]:
    """The rows below a heading: each cell begins where its title does, the last one goes on."""
    titles = [(match[0], match.start()) for match in re.finditer(r"\S+", table[0])]
    ends: list[int | None] = [*(start for _, start in titles[1:]), None]
    for line in table[1:]:
        yield {
            title: line[start:end].strip() for (title, start), end in zip(titles, ends, strict=True)
        }


def _process(container: str, columns: dict[str, str]) -> ComposeProcess:
    return ComposeProcess(
        service=columns.get("SERVICE", ""),
        container=container,
        replica=whole(columns.get("#", "")) or 0,
        pid=whole(columns["PID"]) or 0,
        command=columns.get("CMD") or columns.get("COMMAND", ""),
        columns=columns,
    )


@dataclass(frozen=True, slots=True)
class ComposeEvent:
    """Something that happened to a project's container; ``id`` is the container's."""

    time: datetime | None
    type: str
    action: str
    id: str
    service: str
    attributes: Mapping[str, str]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ComposeEvent:
        top = Fields(raw)
        return cls(
            time=top.time("time"),
            type=top.text("type"),
            action=top.text("action"),
            id=top.text("id"),
            service=top.text("service"),
            attributes=top.mapping("attributes"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service's port is published (port 0: it is not)."""

    host_ip: str
    host_port: int


def address(completed: Completed) -> Address:
    """``0.0.0.0:8080``, ``[::]:8080``, and the ``:8080`` of releases that leave the rest out."""
    match = re.fullmatch(r"\[?([0-9A-Fa-f.:]*?)\]?:([0-9]{1,5})", completed.text.strip())
    if match is None:
        raise UnreadableOutput(completed, "no HOST:PORT")
    return Address(match[1], int(match[2]))
