"""``dockcli volume verify``, ``ls``, ``extract``: archives, for which no docker is needed."""

from __future__ import annotations

import os
import stat
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from dockcli.cli import shared
from dockcli.cli.shared import AS_JSON, DECRYPTING, STDIO
from dockcli.client import Docker
from dockcli.command import OK
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.data.entry import Entry

_TYPES = {
    "file": stat.S_IFREG,
    "folder": stat.S_IFDIR,
    "symlink": stat.S_IFLNK,
    "hardlink": stat.S_IFREG,
    "fifo": stat.S_IFIFO,
    "char": stat.S_IFCHR,
    "block": stat.S_IFBLK,
}


PATH = click.option("--path", metavar="FOLDER", help="Which folder of another tool's tar it is.")


@click.command()
@click.argument("archive")
@PATH
@DECRYPTING
@AS_JSON
def verify(archive: str, path: str | None, as_object: bool, **key: Any) -> int:
    """Check every byte of ARCHIVE; exit code 1 where it is damaged. No docker is needed."""
    how = shared.encryption(archive, **key)
    manifest = Docker().volume.verify(shared.source(archive), encryption=how, path=path)
    if as_object:
        shared.print_json(manifest.as_json())
    else:
        whose = "verified" if manifest.description else "a tar of another tool: no sums to check"
        print(f"{archive}: {shared.holds(manifest)}, {whose}")
    return OK


@click.command()
@click.argument("archive")
@PATH
@DECRYPTING
@AS_JSON
def ls(archive: str, path: str | None, as_object: bool, **key: Any) -> int:
    """List what is in ARCHIVE, which is verified. No docker is needed."""
    how = shared.encryption(archive, **key)
    manifest = Docker().volume.verify(shared.source(archive), encryption=how, path=path)
    if as_object:
        listed = [_as_json(entry) for entry in manifest.entries]
        shared.print_json({**manifest.as_json(), "listing": listed})
        return OK
    width = max((len(str(entry.size)) for entry in manifest.entries), default=1)
    for entry in manifest.entries:
        print(_line(entry, width))
    return OK


@click.command()
@click.argument("archive")
@click.argument("name")
@click.option("--output", "-o", metavar="FILE", default=STDIO, help="Where to; stdout if not said.")
@PATH
@DECRYPTING
def extract(archive: str, name: str, output: str, path: str | None, **key: Any) -> int:
    """Take one file out of ARCHIVE; NAME is its path in the volume. No docker is needed."""
    how = shared.encryption(archive, **key)
    client, where = Docker(), shared.source(archive)
    if output == STDIO:
        client.volume.extract(where, name, shared.sink(), encryption=how, path=path)
        return OK
    where_to = os.path.abspath(output)
    shared.must_have_folder(where_to)
    beside = f"{where_to}.{os.urandom(4).hex()}.part"
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            client.volume.extract(where, name, file, encryption=how, path=path)
        try:
            os.link(beside, where_to)
        except FileExistsError:
            raise InvalidArgument(f"{output} is there already: choose another name") from None
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)
    return OK


def _line(entry: Entry, width: int) -> str:
    mode = stat.filemode(_TYPES[entry.kind] | entry.mode)
    when = datetime.fromtimestamp(entry.mtime // 10**9, timezone.utc)
    arrow = {"symlink": " -> ", "hardlink": " = "}.get(entry.kind, "")
    target = arrow and arrow + shared.visible(entry.target)
    name = shared.visible(entry.name) or "."
    owner = f"{entry.uid}:{entry.gid}"
    return f"{mode} {owner:>11} {entry.size:>{width}} {when:%Y-%m-%d %H:%M} {name}{target}"


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "mode": f"{entry.mode:04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        "size": entry.size,
        "mtime": entry.mtime,
        "target": entry.target,
        "xattrs": sorted(entry.xattrs),
        "sha256": entry.sha256,
    }
