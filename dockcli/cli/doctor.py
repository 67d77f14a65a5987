"""``dockcli doctor``: what is risky in how docker is set up here."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from dockcli.cli import shared
from dockcli.cli.shared import AS_JSON, visible
from dockcli.command import FAILED, OK, REFUSED, client_for, which_docker
from dockcli.doctor import SEVERITIES, Finding, examine

_STYLES = {"risk": "bold red", "unknown": "yellow", "note": "cyan"}


@click.command()
@AS_JSON
@which_docker
def doctor(as_object: bool, **which: Any) -> int:
    """Say what is risky in how docker is set up here. Nothing is changed.

    Each finding tells what it is, why it matters, and the command that mends it.

    Exit codes: 0 nothing is risky; 1 something is; 2 nothing that could be looked at is, but
    something could not be (no docker, no engine), or usage.
    """
    found = examine(client_for(**which))
    count = Counter(one.severity for one in found)
    if as_object:
        amounts = {f"{severity}s": count[severity] for severity in SEVERITIES}
        shared.print_json({**amounts, "findings": [one.as_json() for one in found]})
    else:
        _show(found, count)
    return FAILED if count["risk"] else REFUSED if count["unknown"] else OK


def _show(found: Sequence[Finding], count: Counter[Any]) -> None:
    """A table on a terminal; in a pipe lines that no width breaks."""
    if found and sys.stdout.isatty():
        from rich.console import Console

        Console(file=sys.stdout).print(_table(found))
    elif found:
        for one in found:
            print(f"{one.severity}: {visible(one.id)}: {visible(one.subject)}")
            print(f"  {visible(one.what)}")
            print(f"  {visible(one.why)}")
            print(f"  -> {visible(one.remedy)}")
    print(_summary(count))


def _table(found: Sequence[Finding]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table("", "finding", show_lines=True)
    for one in found:
        style = _STYLES[one.severity]
        about = Text.assemble(
            (visible(one.id), style),
            f" {visible(one.subject)}\n{visible(one.what)}\n",
            (f"{visible(one.why)}\n", "dim"),
            ("-> ", style),
            (visible(one.remedy), "bold"),
        )
        about.overflow = "fold"
        table.add_row(Text(one.severity, style=style, no_wrap=True), about)
    return table


def _summary(count: Counter[Any]) -> str:
    risks = count["risk"]
    said = "nothing risky" if not risks else f"{risks} {'risk' if risks == 1 else 'risks'}"
    if count["unknown"]:
        said += f", {count['unknown']} could not be looked at"
    notes = count["note"]
    return f"{said}, {notes} {'note' if notes == 1 else 'notes'}" if notes else said
