"""The ``dockcli`` command: an engine for a machine that has none, and cleaning up."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from dockcli import owner, scope
from dockcli.client import Docker
from dockcli.command import FAILED, NO_ENGINE, OK, client_for, note, run, which_docker
from dockcli.engine.base import STAND_IN, provide


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run ``dockcli`` as the program that this process is."""
    run(dockcli, "dockcli", arguments)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dockcli", prog_name="dockcli")
def dockcli() -> None:
    """The real docker command line, from Python."""


@dockcli.group()
def engine() -> None:
    """A private engine for a machine where docker reaches none."""


@engine.command()
def start() -> int:
    """Make sure of an engine, and print its address.

    The one that docker reaches already is used as it is. Else, as root, a private one is started;
    where dockerd is missing, Debian's and Ubuntu's packages are installed first.
    """
    from dockcli.engine.provide import ensure

    provided = ensure(note)
    note(
        "docker reaches an engine: it is used as it is"
        if provided.host is None
        else "the private engine runs; dockcli and its recipes find it by themselves"
    )
    print(provided.host or _reached())
    return OK


def _reached() -> str:
    """The address of the engine that docker reaches by itself."""
    ask = ("context", "inspect", "--format={{.Endpoints.docker.Host}}")
    return Docker().raw(*ask).text.strip()


@engine.command()
def stop() -> int:
    """Stop the private engine. Its images stay for the next start."""
    from dockcli.engine import private

    private.stop(note)
    return OK


@engine.command()
def status() -> int:
    """Say which engine there is; exit code 3 where there is none."""
    from dockcli.engine import private, provide

    answer, own = provide.reaches("docker"), private.status()
    if answer.version:
        print(f"docker reaches: engine {answer.version} at {_reached()}")
    else:
        print(f"docker reaches no engine: {answer.complaint or 'there is no docker'}")
    if own:
        state = "answers" if own.answers else "does not answer"
        print(f"private engine: {state} at {own.host} (pid {own.pid}, {own.bridge} {own.subnet})")
        print(f"  images and volumes: {own.data_root}; log: {own.log}")
    else:
        print("private engine: does not run")
    return OK if answer.version or (own and own.answers) else NO_ENGINE


@engine.command()
@click.option("--lines", default=100, show_default=True, help="How many lines, from the end.")
def logs(lines: int) -> int:
    """Print the private engine's log."""
    from dockcli.engine import private

    try:
        with open(private.log_path(), encoding="utf-8", errors="replace") as file:
            sys.stdout.writelines(file.readlines()[-lines:])
    except FileNotFoundError:
        note("no private engine was ever started here: there is no log")
        return FAILED
    return OK


@engine.command()
@which_docker
def base(**which: Any) -> int:
    """Make sure of the recipes' base image, and print its reference."""
    image = provide(client_for(**which), note)
    note(f"base image: {image.reference} ({image.origin})")
    print(image.reference)
    return OK


@dockcli.command()
@click.option("--images", is_flag=True, help="Remove the stand-in for the base image too.")
@click.option("--dry-run", is_flag=True, help="List what would be removed, remove nothing.")
@which_docker
def clean(images: bool, dry_run: bool, **which: Any) -> int:
    """Remove what dockcli made and its owner, being dead, cannot remove any more."""
    client = client_for(**which)
    left = [made for made in scope.labelled(client) if scope.is_left_over(made)]
    stand_in = [STAND_IN] if images and client.images(STAND_IN) else []
    for kind, name in [*((m.kind, m.name) for m in left), *(("image", one) for one in stand_in)]:
        print(f"{kind} {name}")
    if dry_run:
        return OK
    problems = scope.reclaim(client, kept=True)
    owner.remove_dead_folders()
    for one in stand_in:
        client.image.rm(one)
    for problem in problems:
        note(problem)
    return FAILED if problems else OK


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


if __name__ == "__main__":
    main()
