"""``dockcli data``: what would be lost of a container, and how it is kept."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from dockcli.cli import shared
from dockcli.cli.shared import AS_JSON, QUIET
from dockcli.command import FAILED, OK, client_for, note, which_docker

_ONE_LINE = 10_000  # columns: in a pipe a line is a line


class _Group(click.Group):
    """Its first word is a command if one is called so, else a container."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "show", self.commands["show"], args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args[:1] in (["-h"], ["--help"]) or (args and args[0] in self.commands):
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, ["show", *args])


@click.group(cls=_Group)
def data() -> None:
    """What would be lost: dockcli data [CONTAINER]… shows it, dockcli data rescue keeps it.

    The options of the first are those of `dockcli data show`: --json, --html, --fail-if-at-risk.
    """
    shared.recover()


@data.command()
@click.argument("container", nargs=-1)
@click.option("--fail-if-at-risk", is_flag=True, help="Exit code 1 where `rm -v` destroys data.")
@click.option("--html", metavar="FILE", help="Keep it as a page.")
@AS_JSON
@which_docker
def show(
    container: tuple[str, ...],
    fail_if_at_risk: bool,
    html: str | None,
    as_object: bool,
    **which: Any,
) -> int:
    """Every path where CONTAINER, or each on the engine, keeps data, and what destroys it."""
    if html is not None:
        shared.must_have_folder(os.path.abspath(html))
    from dockcli.data.survey import survey
    from dockcli.data.survey.show import page, tree

    found = survey(client_for(**which), *container)
    if html is not None:
        with open(html, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(page(found))
    if as_object:
        shared.print_json(found.as_json())
    else:
        from rich.console import Console

        wide = None if sys.stdout.isatty() else _ONE_LINE
        Console(file=sys.stdout, width=wide).print(tree(found))
    if fail_if_at_risk and found.at_risk:
        count = len(found.at_risk)
        note(f"{count} {'path is' if count == 1 else 'paths are'} lost with `docker rm -v`")
        return FAILED
    return OK


@data.command()
@click.argument("container")
@click.argument("path")
@click.argument("volume")
@click.option("--keep-old", is_flag=True, help="Leave the old container, stopped, beside it.")
@QUIET
@AS_JSON
@which_docker
def rescue(
    container: str,
    path: str,
    volume: str,
    keep_old: bool,
    quiet: bool,
    as_object: bool,
    **which: Any,
) -> int:
    """Move the folder PATH of CONTAINER into VOLUME; make it anew with that mounted.

    Everything else of the container stays as it was. The old one goes once the new one runs, and
    comes back if anything fails.
    """
    told = None if quiet else note
    result = client_for(**which).container.rescue(
        container, path, volume, keep_old=keep_old, progress=told
    )
    if as_object:
        shared.print_json(result.as_json())
    else:
        print(str(result))
    return OK
