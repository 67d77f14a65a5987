"""``dockcli volume clone``, ``migrate``, ``diff`` and the snapshots."""

from __future__ import annotations

from typing import Any

import click

from dockcli.cli import shared
from dockcli.cli.shared import AS_JSON, DECRYPTING, QUIET, READING, STILL
from dockcli.command import FAILED, OK, client_for, which_docker
from dockcli.errors import InvalidArgument


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
    return _moved(result, as_object, f"{target}: a copy of {source}, verified")


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
    with shared.progress(quiet) as told:
        result = client.volume.migrate(volume, to=other, name=name, on_progress=told, **given)
    gone = "; it is removed here" if result.removed else ""
    return _moved(result, as_object, f"{result.volume}: arrived and verified{gone}")


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
    """Compare two volumes, or a volume and an archive, by path; exit code 1 where they differ.

    What has a slash or an archive's suffix is an archive: ./data.tar.zst; else it is a volume.
    """
    client, given = shared.client(given)
    encrypted = next((name for name in (a, b) if name.endswith((".age", ".gpg"))), "")
    how = shared.encryption(encrypted, identity=identity, passphrase_file=passphrase_file)
    result = client.volume.diff(a, b, encryption=how, **given)
    if as_object:
        shared.print_json(result.as_json())
    else:
        for line in result.lines():
            print(line)
    return OK if result.same else FAILED


@click.command()
@click.argument("volume")
@click.argument("name")
@STILL
@READING
@AS_JSON
@which_docker
def snapshot(volume: str, name: str, as_object: bool, **given: Any) -> int:
    """Keep VOLUME as it is now under NAME, on the same engine."""
    client, given = shared.client(given)
    result = client.volume.snapshot(volume, name, **given)
    if as_object:
        shared.print_json(result.as_json())
    else:
        print(f"{name}: {volume} as it is now, in the volume {result.volume}")
    return OK


@click.command()
@click.argument("volume", required=False)
@AS_JSON
@which_docker
def snapshots(volume: str | None, as_object: bool, **given: Any) -> int:
    """List the snapshots of VOLUME, or of all volumes."""
    client, _ = shared.client(given)
    found = client.volume.snapshots(volume)
    if as_object:
        shared.print_json([one.as_json() for one in found])
        return OK
    for one in found:
        made = f"{one.made:%Y-%m-%d %H:%M:%S} UTC" if one.made else "?"
        print(f"{one.of}\t{one.name}\t{made}\t{one.volume}")
    return OK


@click.command("restore-snapshot")
@click.argument("volume")
@click.argument("name")
@click.option("--stop", is_flag=True, help="Stop the containers that have it meanwhile.")
@READING
@AS_JSON
@which_docker
def restore_snapshot(volume: str, name: str, as_object: bool, **given: Any) -> int:
    """Put what the snapshot NAME holds in the place of what VOLUME holds."""
    client, given = shared.client(given)
    result = client.volume.restore_snapshot(volume, name, **given)
    return _moved(result, as_object, f"{volume}: as in the snapshot {name}, verified")


@click.command("remove-snapshot")
@click.argument("volume")
@click.argument("name")
@which_docker
def remove_snapshot(volume: str, name: str, **given: Any) -> int:
    """Remove the snapshot NAME of VOLUME."""
    client, _ = shared.client(given)
    print(client.volume.remove_snapshot(volume, name).volume)
    return OK


def _moved(result: Any, as_object: bool, said: str) -> int:
    shared.say_losses(result.loses)
    if as_object:
        shared.print_json(result.as_json())
    else:
        print(said)
    return OK
