"""``dockcli volume``: what docker has no command for: backup, restore, clone, snapshot, …"""

from __future__ import annotations

from typing import Any

import click

from dockcli.cli import archives, copies, shared, snapshots
from dockcli.cli.shared import AS_JSON, DECRYPTING, QUIET, READING, STDIO, STILL
from dockcli.command import FAILED, OK, note, which_docker
from dockcli.errors import InvalidArgument


@click.group()
def volume() -> None:
    """Volumes as data: back them up, bring them back, copy and compare them."""
    shared.recover()


for command in (
    archives.verify,
    archives.ls,
    archives.extract,
    copies.clone,
    copies.migrate,
    copies.diff,
    copies.from_bind,
    copies.to_bind,
    snapshots.snapshot,
    snapshots.snapshots,
    snapshots.restore_snapshot,
    snapshots.remove_snapshot,
    snapshots.anonymous,
    snapshots.give_name,
):
    volume.add_command(command)


@volume.command()
@click.argument("volume")
@click.argument("archive")
@STILL
@click.option("--compression", type=click.Choice(["none", "gz", "zst"]), help="For a pipe.")
@click.option("--level", type=int, help="How hard to compress.")
@click.option("--recipient", multiple=True, metavar="KEY", help="Encrypt for KEY (.age, .gpg).")
@click.option("--passphrase-file", metavar="FILE", help="Encrypt by the passphrase in FILE (.gpg).")
@click.option("--identity", metavar="FILE", help="age's key, to verify older archives with.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is no archive of VOLUME.")
@click.option("--keep-last", type=click.IntRange(1), metavar="N", help="Keep the N newest.")
@click.option("--keep-daily", type=click.IntRange(1), metavar="N", help="One a day, for N days.")
@click.option("--keep-weekly", type=click.IntRange(1), metavar="N", help="One a week.")
@click.option("--keep-monthly", type=click.IntRange(1), metavar="N", help="One a month.")
@click.option(
    "--fall",
    type=click.FloatRange(0, 1),
    default=0.5,
    metavar="PART",
    help="Remove none if the size falls below this part of what it was; 0 for any fall.",
)
@click.option("--skip-unchanged", is_flag=True, help="Make none where nothing has changed.")
@READING
@QUIET
@AS_JSON
@which_docker
def backup(
    volume: str,
    archive: str,
    recipient: tuple[str, ...],
    passphrase_file: str | None,
    identity: str | None,
    quiet: bool,
    as_object: bool,
    **given: Any,
) -> int:
    """Write all that is in VOLUME into ARCHIVE, or to stdout for -.

    The name says how: .tar, .tar.gz, .tar.zst; .age or .gpg behind it encrypts. It may hold the
    time, as data-%Y-%m-%dT%H-%M-%S.tar.zst; then --keep-… removes older ones.
    """
    from dockcli.data.errors import RotationStopped

    client, given = shared.client(given)
    given["keep"] = _keep(given)
    given["encryption"] = shared.encryption(
        archive, passphrase_file=passphrase_file, recipients=recipient, identity=identity
    )
    to = shared.sink() if archive == STDIO else archive
    stopped = ""
    with shared.progress(f"backup of {volume}", quiet) as told:
        try:
            result = client.volume.backup(volume, to, on_progress=told, **given)
        except RotationStopped as error:
            result, stopped = error.result, str(error)
    for name in result.manifest.changed:
        note(f"changed while it was read: {shared.visible(name)}")
    for name in result.manifest.skipped:
        note(f"not in the archive, for it is a socket: {shared.visible(name)}")
    shared.say_losses(result.loses)
    if archive == STDIO:
        note(_backed_up(result))
    elif as_object:
        shared.print_json(result.as_json())
    else:
        print(_backed_up(result))
    if stopped:
        note(stopped)
        return FAILED
    return OK


@volume.command()
@click.argument("archive")
@click.argument("volume")
@click.option("--overwrite", is_flag=True, help="Replace what an existing VOLUME holds.")
@click.option("--stop", is_flag=True, help="Stop the containers that have it meanwhile.")
@click.option("--path", metavar="FOLDER", help="Which folder of another tool's tar it is.")
@click.option("--trust", is_flag=True, help="Take devices and set-user-id files too.")
@click.option("--driver", metavar="NAME", help="The new volume's driver, not the archive's.")
@click.option("--label", "-l", multiple=True, metavar="KEY=VALUE", help="Instead of the archive's.")
@click.option("--opt", "-o", multiple=True, metavar="KEY=VALUE", help="Instead of the archive's.")
@DECRYPTING
@READING
@QUIET
@AS_JSON
@which_docker
def restore(
    archive: str,
    volume: str,
    label: tuple[str, ...],
    opt: tuple[str, ...],
    identity: str | None,
    passphrase_file: str | None,
    quiet: bool,
    as_object: bool,
    **given: Any,
) -> int:
    """Put what is in ARCHIVE, or stdin for -, into VOLUME, a new one unless --overwrite is said.

    All of it is verified before anything of the volume changes, and file by file afterwards.
    """
    client, given = shared.client(given)
    given["encryption"] = shared.encryption(
        archive, identity=identity, passphrase_file=passphrase_file
    )
    given["labels"] = _pairs("--label", label)
    given["options"] = _pairs("--opt", opt)
    with shared.progress(f"restore of {volume}", quiet) as told:
        result = client.volume.restore(shared.source(archive), volume, on_progress=told, **given)
    said = f"{result.volume}: {shared.holds(result.manifest)}, all verified"
    return shared.say(result, as_object, said)


def _keep(given: dict[str, Any]) -> Any:
    from dockcli.data.rotation import Keep

    counts = {unit: given.pop(f"keep_{unit}") for unit in ("last", "daily", "weekly", "monthly")}
    return Keep(**counts) if any(counts.values()) else None


def _pairs(option: str, words: tuple[str, ...]) -> dict[str, str] | None:
    if not words:
        return None
    pairs = [word.partition("=") for word in words]
    if wrong := [name for name, _, _ in pairs if not name]:
        raise InvalidArgument(f"{option} {wrong[0]}: it is KEY=VALUE")
    return {name: value for name, _, value in pairs}


def _backed_up(result: Any) -> str:
    if result.unchanged:
        return f"{result.archive}: {result.volume} has not changed since"
    removed = len(result.rotation.removed) if result.rotation else 0
    older = f"; {removed} older removed" if removed else ""
    where = result.archive or "stdout"
    size = shared.amount(result.bytes)
    return f"{where}: {shared.holds(result.manifest)} of {result.volume} in {size}{older}"
