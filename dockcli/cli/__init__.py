"""The ``dockcli`` command: volumes as data, an engine for a machine that has none, cleaning up."""

from __future__ import annotations

from typing import Any, NoReturn

import click

from dockcli import owner, scope
from dockcli.cli.data import data
from dockcli.cli.doctor import doctor
from dockcli.cli.engine import engine
from dockcli.cli.shared import AS_JSON, print_json
from dockcli.cli.volume import volume
from dockcli.client import Docker
from dockcli.command import FAILED, OK, client_for, note, run, which_docker
from dockcli.data import undertaking
from dockcli.data.helper import reclaim_helpers
from dockcli.engine.base import STAND_IN


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run ``dockcli`` as the program that this process is."""
    run(dockcli, "dockcli", arguments)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dockcli", prog_name="dockcli")
def dockcli() -> None:
    """The real docker command line, from Python."""


dockcli.add_command(data)
dockcli.add_command(doctor)
dockcli.add_command(engine)
dockcli.add_command(volume)


@dockcli.command()
@click.option("--images", is_flag=True, help="Remove the stand-in for the base image too.")
@click.option("--dry-run", is_flag=True, help="List what would be removed, remove nothing.")
@AS_JSON
@which_docker
def clean(images: bool, dry_run: bool, as_object: bool, **which: Any) -> int:
    """Remove what dockcli made and its owner, being dead, cannot remove any more.

    What was begun with a volume or a container and was killed in the middle is finished or undone.
    """
    client = client_for(**which)
    objects = [
        (made.kind, made.name) for made in scope.labelled(client) if scope.is_left_over(made)
    ]
    stand_in = [STAND_IN] if images and client.images(STAND_IN) else []
    objects += [("image", one) for one in stand_in]
    # It is told afterwards: that nobody reads it any more shall keep nothing.
    done, problems = (_unfinished(), []) if dry_run else _clean(client, stand_in)
    if as_object:
        listed = [{"kind": kind, "name": name} for kind, name in objects]
        print_json({"objects": listed, "undertakings": done, "problems": problems})
        return FAILED if problems else OK
    lines = [*(f"{kind} {name}" for kind, name in objects), *done]
    print(*(f"{line}\n" for line in lines), sep="", end="")
    for problem in problems:
        note(problem)
    return FAILED if problems else OK


def _unfinished() -> list[str]:
    """What was begun with a volume or a container, and would be finished or undone."""
    left = [one for one in undertaking.unfinished() if not one.runs]
    return [f"unfinished {one.kind} of {undertaking.subject(one.facts)}" for one in left]


def _clean(client: Docker, stand_in: list[str]) -> tuple[list[str], list[str]]:
    """Clean up; what became of the undertakings, and what has failed."""
    finished, problems = undertaking.recover_all()
    reclaim_helpers(client)
    problems = [*problems, *map(str, scope.reclaim(client, kept=True))]
    owner.remove_dead_folders(kept=True)
    for image in stand_in:
        client.image.rm(image)
    return list(finished), problems


@dockcli.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("line", nargs=-1, required=True, type=click.UNPROCESSED)
def translate(line: tuple[str, ...]) -> int:
    """Print the Python call for a docker command line.

    LINE is that command line, in one pair of quotes or as it would be typed, with or without
    `docker` in front. Nothing is run.
    """
    from dockcli.translation import python, substituted

    text = python(line[0] if len(line) == 1 else line)
    if len(line) == 1 and (parts := substituted(line[0])):
        note(f"a shell would have put something in the place of {', '.join(parts)}")
    print(text)
    return OK
