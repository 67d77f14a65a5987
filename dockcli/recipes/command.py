"""Recipes as programs: ``python -m dockcli.recipes.isolation``, or all with ``--all``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import click

from dockcli import ending, report
from dockcli.client import Docker
from dockcli.command import FAILED, OK, WHICH, client_for, note, run, which_docker
from dockcli.command import options as command_options
from dockcli.errors import CallError, EngineUnreachable
from dockcli.recipes import script
from dockcli.recipes.result import SCHEMA, Result, as_json
from dockcli.recipes.stage import Recipe, Stage, Wishes

_WISHES = ("prefix", "base", "output", "keep", "dry_run", "share", "demo_share")


def main(recipe: Recipe[Any]) -> NoReturn:
    """Run *recipe* as the program that this process is."""
    run(command(recipe), f"python -m dockcli.recipes.{recipe.name}")


def command(recipe: Recipe[Any]) -> click.Command:
    """The command line of *recipe*."""

    @click.command(help=f"{recipe.section}. {recipe.title}")
    @options(shares=recipe.shares)
    def play(**given: Any) -> int:
        with Session(**given) as session:
            return session.one(recipe)

    return play


def options(*, shares: bool) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The options that every recipe takes; *shares*: those for a network share too."""
    listed: list[Any] = [
        click.option(
            "--json", "as_object", is_flag=True, help="Print the result as a JSON object."
        ),
        click.option("--dry-run", is_flag=True, help="Print the commands, run nothing."),
        click.option("--script", is_flag=True, help="Print the run as a shell script."),
        click.option("--html", metavar="FILE", help="Keep the transcript as a page."),
        click.option("--svg", metavar="FILE", help="Keep the transcript as a picture."),
        click.option("--keep", is_flag=True, help="Leave all that is made to `dockcli clean`."),
        click.option("--prefix", metavar="NAME", help="Put NAME- in front of the names."),
        click.option("--base", metavar="IMAGE", help="Use IMAGE instead of alpine:3.20."),
        click.option("--output", metavar="DIR", help="Leave the document's files in DIR."),
        which_docker,
    ]
    if shares:
        listed += [
            click.option("--share", metavar="DIR", help="A folder that is on a network share."),
            click.option("--demo-share", is_flag=True, help="Make a network share for this run."),
        ]

    return command_options(*listed)


class Session:
    """One command line's worth of recipes: who shows them, and what is printed in the end."""

    def __init__(
        self,
        *,
        as_object: bool,
        script: bool,
        html: str | None,
        svg: str | None,
        **given: Any,
    ) -> None:
        if script and (as_object or given["dry_run"]):
            raise click.UsageError("--script prints a run: it goes without --json and --dry-run")
        self._client: Docker = client_for(**{name: given[name] for name in WHICH})
        wishes = {name: given[name] for name in _WISHES if name in given}
        self.wishes = Wishes(**wishes)
        self._as_object, self._script = as_object, script
        live = report.Silent() if as_object or script else report.report(sys.stdout)
        self._saved = report.Saved(html=html, svg=svg)
        self._shown = report.Both(live, self._saved) if html or svg else live

    def __enter__(self) -> Session:
        self._saved.refuse_unwritable()
        return self

    def __exit__(self, *error: object) -> None:
        self._saved.save()

    def one(self, recipe: Recipe[Any]) -> int:
        """Play *recipe*; the exit code."""
        stage = self._stage(recipe, self.wishes)
        try:
            result = self._play(stage, recipe)
        except EngineUnreachable:
            raise
        except CallError:
            if self._as_object and stage.result().steps:  # what there is, beside the line on stderr
                _print_json(as_json(stage.result(), ok=False))
            raise
        if self._script:
            print(script.script([result], [stage.folder]))
        elif self._as_object:
            _print_json(as_json(result))
        return OK if result.ok else FAILED

    def all(self, recipes: list[Recipe[Any]]) -> int:
        """Play *recipes* one after the other, then sum up; the exit code."""
        results, folders = [], []
        for recipe in recipes:
            output = self.wishes.output
            own = os.path.join(output, recipe.name) if output else None
            stage = self._stage(recipe, replace(self.wishes, output=own))
            results.append(self._play(stage, recipe))
            folders.append(stage.folder)
        ok = all(result.ok for result in results)
        if self._script:
            print(script.script(results, folders))
        elif self._as_object:
            _print_json({"schema": SCHEMA, "ok": ok, "recipes": [as_json(r) for r in results]})
        elif not self.wishes.dry_run:
            self._shown.summary(results)
        return OK if ok else FAILED

    def _stage(self, recipe: Recipe[Any], wishes: Wishes) -> Stage:
        return Stage(
            recipe, self._client, wishes, show=self._shown.step, note=note, shield=ending.shield
        )

    def _play(self, stage: Stage, recipe: Recipe[Any]) -> Result:
        with stage:  # what is refused there has not begun
            self._shown.begin(recipe.section, recipe.title)
            result: Result = recipe.play(stage)
        if not self.wishes.dry_run:
            self._shown.result(result)
        return result


def _print_json(value: object) -> None:
    report.write_json(json.dumps(value, ensure_ascii=False, indent=2))
