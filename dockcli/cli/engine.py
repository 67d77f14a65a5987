"""``dockcli engine``: a private engine for a machine where docker reaches none."""

from __future__ import annotations

import sys
from typing import Any

import click

from dockcli.client import Docker
from dockcli.command import FAILED, NO_ENGINE, OK, client_for, note, which_docker
from dockcli.engine.base import provide


@click.group()
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
