"""What the commands about volumes as data have in common: options, and how an answer is printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from dockcli import report
from dockcli.client import Docker
from dockcli.command import OK, WHICH, client_for, note, options
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.data.archive import Encryption
    from dockcli.data.entry import Manifest
    from dockcli.data.progress import VolumeProgress

STDIO = "-"
AS_JSON = click.option("--json", "as_object", is_flag=True, help="Print the answer as JSON.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
READING = options(
    click.option(
        "--way",
        type=click.Choice(["helper", "cp"]),
        help="How a volume is read and written: by GNU tar in a container, or by docker cp.",
    ),
    click.option("--image", metavar="IMAGE", help="An image with GNU tar for the helper."),
)
STILL = options(
    click.option("--pause", is_flag=True, help="Pause the containers that have it meanwhile."),
    click.option("--stop", is_flag=True, help="Stop the containers that have it meanwhile."),
)
DECRYPTING = options(
    click.option("--identity", metavar="FILE", help="The key file of age."),
    click.option("--passphrase-file", metavar="FILE", help="A file with gpg's passphrase."),
)


def recover() -> None:
    """Finish or undo what an earlier command was killed in, and say so."""
    from dockcli.data import undertaking

    for line in chain(*undertaking.recover_all()):
        note(line)


def encryption(
    name: str,
    *,
    identity: str | None = None,
    passphrase_file: str | None = None,
    recipients: tuple[str, ...] = (),
) -> Encryption | None:
    """How an archive of that *name* is encrypted: its suffix says by which program, or its key."""
    from dockcli.data.archive import Age, Gpg

    suffix = name.rpartition(".")[2]
    if name == STDIO and (recipients or identity or passphrase_file):
        # a pipe has no suffix: the key says whose it is
        ages = identity or any(one.startswith(("age1", "ssh-")) for one in recipients)
        suffix = "age" if ages else "gpg"
    if suffix == "age":
        if passphrase_file:
            raise InvalidArgument("--passphrase-file is for gpg: age takes --recipient, --identity")
        return Age(recipients=recipients, identity=identity)
    if suffix == "gpg":
        if identity:
            raise InvalidArgument("--identity is for age: gpg has its keys in its own keyring")
        return Gpg(recipients=recipients, passphrase=_first_line(passphrase_file))
    if recipients or identity or passphrase_file:
        raise InvalidArgument(
            f"{name}: an archive that is encrypted has a name that ends in .age or .gpg"
        )
    return None


def must_have_folder(path: str) -> None:
    """Refuse a file's path of which the folder is not there, before anything is done."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise InvalidArgument(f"{folder}: no such folder")


def source(archive: str) -> Any:
    """What an archive is read from: a path, or stdin for ``-``."""
    if archive != STDIO:
        return archive
    if sys.stdin is None or sys.stdin.isatty():
        raise InvalidArgument("- reads the archive from stdin, which is a terminal: pipe it in")
    return sys.stdin.buffer


def sink() -> BinaryIO:
    """stdout, for an archive or a file that goes into a pipe."""
    if sys.stdout.isatty():
        raise InvalidArgument("- writes bytes to stdout, which is a terminal: pipe them away")
    return sys.stdout.buffer


@contextmanager
def progress(what: str, quiet: bool) -> Iterator[Callable[[VolumeProgress], None] | None]:
    """What shows how far a long copy is, on stderr."""
    if quiet:
        yield None
        return
    from dockcli.data.progress import shown

    with shown(what) as told:
        yield told


def print_json(value: object) -> None:
    """The answer of a command, for a program."""
    report.write_json(json.dumps(value, ensure_ascii=True, indent=2))


def say(result: Any, as_object: bool, said: str) -> int:
    """Print an answer: *said*, or the whole of it as JSON; the exit code."""
    say_losses(result.loses)
    if as_object:
        print_json(result.as_json())
    else:
        print(said)
    return OK


def say_losses(loses: tuple[str, ...]) -> None:
    """Tell what was not kept, which nobody should find out later."""
    if loses:
        note(f"docker cp may not keep: {', '.join(loses)}")


def client(given: dict[str, Any]) -> tuple[Docker, dict[str, Any]]:
    """The client that the options mean, and the other options."""
    which = {name: given[name] for name in WHICH}
    return client_for(**which), {k: v for k, v in given.items() if k not in WHICH}


def holds(manifest: Manifest) -> str:
    """How much is in an archive or a volume, for people."""
    count = len(manifest.entries)
    entries = "entry" if count == 1 else "entries"
    return f"{count} {entries}, {amount(manifest.bytes)}"


def amount(count: int) -> str:
    """A number of bytes for people."""
    size, units = float(count), ["B", "kB", "MB", "GB", "TB", "PB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.1f} {units[0]}" if units[0] != "B" else f"{count} B"


def visible(name: str) -> str:
    """A name from a volume, which may hold anything, on one line."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _first_line(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        with open(os.path.abspath(path), encoding="utf-8") as file:
            return file.readline().rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArgument(f"--passphrase-file {path}: {error}") from None
