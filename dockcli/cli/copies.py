"""``dockcli volume clone``, ``migrate``, ``diff``, ``from-bind`` and ``to-bind``."""

from __future__ import annotations

import os
from typing import Any

import click

from dockcli.cli import shared
from dockcli.cli.shared import AS_JSON, DECRYPTING, QUIET, READING, STILL
from dockcli.command import FAILED, OK, REFUSED, client_for, note, options, which_docker
from dockcli.errors import BinaryNotFound, DockcliError, EngineUnreachable, InvalidArgument

OWNERS = options(
    click.option("--chown", metavar="UID[:GID]", help="Who owns all of the copy."),
    click.option(
        "--map", metavar="OLD:NEW,…", help="Who owns the copy of whose; u: or g: for one."
    ),
)


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--overwrite", is_flag=True, help="Replace what an existing TARGET holds.")
@STILL
@READING
@AS_JSON
@which_docker
def clone(source: str, target: str, as_object: bool, **given: Any) -> int:
    """Copy the volume SOURCE into a new volume TARGET of the same engine, and compare them."""
    client, given = shared.client(given)
    result = client.volume.clone(source, target, **given)
    return shared.say(result, as_object, f"{target}: a copy of {source}, verified")


@click.command()
@click.argument("volume")
@click.option("--to-host", metavar="URL", help="The engine to move it to: unix://…, ssh://….")
@click.option("--to-context", metavar="NAME", help="The docker context of that engine.")
@click.option("--to-docker", metavar="BINARY", help="The docker, or podman, of that engine.")
@click.option("--name", metavar="NAME", help="Its name there, if not the same.")
@click.option("--move", is_flag=True, help="Remove it here once it has arrived and is verified.")
@click.option("--overwrite", is_flag=True, help="Replace what is in a volume of that name there.")
@STILL
@READING
@QUIET
@AS_JSON
@which_docker
def migrate(
    volume: str,
    to_host: str | None,
    to_context: str | None,
    to_docker: str | None,
    name: str | None,
    quiet: bool,
    as_object: bool,
    **given: Any,
) -> int:
    """Copy VOLUME to another engine, through one pipe, and compare what arrived."""
    if not (to_host or to_context or to_docker):
        raise InvalidArgument("say where to: --to-host, --to-context or --to-docker")
    other = client_for(to_docker or given["docker"], to_host, to_context, sudo=given["sudo"])
    client, given = shared.client(given)
    with shared.progress(f"migration of {volume}", quiet) as told:
        result = client.volume.migrate(volume, to=other, name=name, on_progress=told, **given)
    gone = "; it is removed here" if result.removed else ""
    return shared.say(result, as_object, f"{result.volume}: arrived and verified{gone}")


@click.command()
@click.argument("a")
@click.argument("b")
@DECRYPTING
@READING
@AS_JSON
@which_docker
def diff(
    a: str,
    b: str,
    identity: str | None,
    passphrase_file: str | None,
    as_object: bool,
    **given: Any,
) -> int:
    """Compare two volumes, or a volume and an archive, by path.

    The exit code is 0 where they are the same, 1 where they differ, 2 or more for an error.

    What has a slash or an archive's suffix is an archive: ./data.tar.zst; else it is a volume.
    """
    client, given = shared.client(given)
    encrypted = next((name for name in (a, b) if name.endswith((".age", ".gpg"))), "")
    how = shared.encryption(encrypted, identity=identity, passphrase_file=passphrase_file)
    try:
        result = client.volume.diff(a, b, encryption=how, **given)
    except (BinaryNotFound, EngineUnreachable, InvalidArgument):
        raise
    except DockcliError as error:
        note(f"dockcli: {error}")
        return REFUSED
    if as_object:
        shared.print_json(result.as_json())
    else:
        for line in result.lines():
            print(line)
    return OK if result.same else FAILED


@click.command("from-bind")
@click.argument("folder")
@click.argument("volume")
@OWNERS
@click.option("--overwrite", is_flag=True, help="Replace what an existing VOLUME holds.")
@click.option("--stop", is_flag=True, help="Stop the containers that have it meanwhile.")
@READING
@AS_JSON
@which_docker
def from_bind(folder: str, volume: str, as_object: bool, **given: Any) -> int:
    """Copy FOLDER of the engine's machine, such as a bind mount was, into VOLUME, a new one."""
    client, given = shared.client(given)
    result = client.volume.from_bind(os.path.abspath(folder), volume, **given)
    said = f"{volume}: what is in {result.folder}; owners: {result.owners}"
    return shared.say(result, as_object, said)


@click.command("to-bind")
@click.argument("volume")
@click.argument("folder")
@OWNERS
@STILL
@READING
@AS_JSON
@which_docker
def to_bind(volume: str, folder: str, as_object: bool, **given: Any) -> int:
    """Copy VOLUME into FOLDER, an empty one of the engine's machine."""
    client, given = shared.client(given)
    result = client.volume.to_bind(volume, os.path.abspath(folder), **given)
    said = f"{result.folder}: what is in {volume}; owners: {result.owners}"
    return shared.say(result, as_object, said)
