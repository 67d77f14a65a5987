"""``python -m dockcli.recipes``: list the recipes, or play some or all of them."""

from __future__ import annotations

import difflib
from typing import Any

import click

from dockcli.command import OK, run
from dockcli.recipes.catalogue import NAMES, recipe, recipes
from dockcli.recipes.command import Session, options


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "play_all", is_flag=True, help="Play all of them.")
@options(shares=True)
def command(names: tuple[str, ...], play_all: bool, **given: Any) -> int:
    """List the recipes; play those that are named, or with --all all of them."""
    for name in names:
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, n=1) or NAMES
            raise click.UsageError(f"there is no recipe {name!r}; there is {', '.join(near)}")
    if not names and not play_all:
        used = [name for name, value in given.items() if value and name != "docker"]
        if used:
            option = {"as_object": "json"}.get(used[0], used[0]).replace("_", "-")
            raise click.UsageError(f"--{option} goes with --all, or with the name of a recipe")
        for one in recipes():
            print(f"{one.name:<18} {one.title} ({one.section})")
        return OK
    with Session(**given) as session:
        return session.all(recipes() if play_all else [recipe(name) for name in names])


run(command, "python -m dockcli.recipes")
