"""``python -m dockcli.recipes``: list the recipes, or play all of them."""

from __future__ import annotations

from typing import Any

import click

from dockcli.command import OK, run
from dockcli.recipes.catalogue import recipes
from dockcli.recipes.command import Session, options


@click.command()
@click.option("--all", "play_all", is_flag=True, help="Play all of them, in the document's order.")
@options(shares=True)
def command(play_all: bool, **given: Any) -> int:
    """List the recipes; with --all play them, one after the other."""
    if not play_all:
        used = [name for name, value in given.items() if value and name != "docker"]
        if used:
            raise click.UsageError(f"--{used[0].replace('_', '-')} goes with --all")
        for recipe in recipes():
            print(f"{recipe.name:<18} {recipe.section}. {recipe.title}")
        return OK
    with Session(**given) as session:
        return session.all(recipes())


run(command, "python -m dockcli.recipes")
