"""A recipe as a program: ``python -m dockcli.recipes.isolation``."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

import click

from dockcli import ending, report
from dockcli.command import FAILED, OK, client_for, note, run, which_docker
from dockcli.errors import CallError, EngineUnreachable
from dockcli.recipes.result import Result, as_json
from dockcli.recipes.stage import Recipe, Stage, Wishes


def main(recipe: Recipe[Any]) -> NoReturn:
    """Run *recipe* as the program that this process is."""
    run(command(recipe), f"python -m dockcli.recipes.{recipe.name}")


def command(recipe: Recipe[Any]) -> click.Command:
    """The command line of *recipe*."""

    @click.command(help=f"{recipe.section}. {recipe.title}")
    @click.option("--json", "as_object", is_flag=True, help="Print the result as one JSON object.")
    @click.option("--dry-run", is_flag=True, help="Print the commands, run nothing.")
    @click.option("--keep", is_flag=True, help="Leave what was made; `dockcli clean` removes it.")
    @click.option("--prefix", metavar="NAME", help="Put NAME- in front of the document's names.")
    @click.option("--base", metavar="IMAGE", help="Build on IMAGE instead of alpine:3.20.")
    @click.option("--output", metavar="DIR", help="Leave the files that it copies out in DIR.")
    @which_docker
    def play(as_object: bool, **options: Any) -> int:
        which = {name: options.pop(name) for name in ("docker", "host", "context", "sudo")}
        client = client_for(**which)
        shown = report.Silent() if as_object else report.report(sys.stdout)
        stage = Stage(
            recipe, client, Wishes(**options), show=shown.step, note=note, shield=ending.shield
        )
        return _play(recipe, stage, shown, as_object=as_object, dry_run=options["dry_run"])

    return play


def _play(
    recipe: Recipe[Any], stage: Stage, shown: report.Report, *, as_object: bool, dry_run: bool
) -> int:
    try:
        with stage:
            result: Result = recipe.play(stage)
    except EngineUnreachable:
        raise
    except CallError:
        if as_object and stage.result().steps:  # what there is of it, beside the line on stderr
            _print(stage.result(), ok=False)
        raise
    if as_object:
        _print(result, ok=None)
    elif not dry_run:
        shown.result(result)
    return OK if result.ok or dry_run else FAILED


def _print(result: Result, *, ok: bool | None) -> None:
    report.write_json(json.dumps(as_json(result, ok=ok), ensure_ascii=False, indent=2))
