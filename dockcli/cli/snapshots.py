"""``dockcli volume snapshot`` and what is done with snapshots; ``anonymous`` and ``name``."""

from __future__ import annotations

from typing import Any

import click

from dockcli.cli import shared
from dockcli.cli.shared import AS_JSON, READING, STILL
from dockcli.command import OK, which_docker


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
    return shared.say(result, as_object, f"{volume}: as in the snapshot {name}, verified")


@click.command("remove-snapshot")
@click.argument("volume")
@click.argument("name")
@which_docker
def remove_snapshot(volume: str, name: str, **given: Any) -> int:
    """Remove the snapshot NAME of VOLUME."""
    client, _ = shared.client(given)
    print(client.volume.remove_snapshot(volume, name).volume)
    return OK


@click.command()
@click.argument("volume", nargs=-1)
@AS_JSON
@which_docker
def anonymous(volume: tuple[str, ...], as_object: bool, **given: Any) -> int:
    """Tell where volumes without a name came from, and what is in them; or VOLUMEs, if named."""
    client, _ = shared.client(given)
    found = client.volume.origins(*volume)
    if as_object:
        shared.print_json([one.as_json() for one in found])
        return OK
    for one in found:
        print(one.volume)
        holders = [(one.containers, "has"), (one.gone, "had")]
        for who, word in holders:
            for holder in who:
                where = f" at {holder.path}" if holder.path else ""
                print(f"  {holder.name} {word} it{where}")
        if one.image:
            print(f"  image: {one.image}")
        if one.entries is not None:
            names = ", ".join(map(shared.visible, one.entries)) or "nothing"
            print(f"  holds: {names}")
        if one.note:
            print(f"  {one.note}")
    return OK


@click.command("name")
@click.argument("volume")
@click.argument("name")
@click.option("--move", is_flag=True, help="Remove VOLUME once the two were compared.")
@STILL
@READING
@AS_JSON
@which_docker
def give_name(volume: str, name: str, as_object: bool, **given: Any) -> int:
    """Copy VOLUME, an anonymous one, into a new volume NAME, by which it can be used again."""
    client, given = shared.client(given)
    result = client.volume.give_name(volume, name, **given)
    return shared.say(result, as_object, f"{name}: what is in {volume}, verified")
