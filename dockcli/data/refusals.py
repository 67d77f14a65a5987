"""What is refused of an archive's name and place before a backup is begun."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dockcli.data.errors import InTheWay
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.data.archive import Encryption
    from dockcli.data.backup import Wanted
    from dockcli.data.entry import Description


def refuse_cipher(cipher: str, encryption: Encryption | None) -> None:
    """Refuse a suffix that says otherwise than ``encryption=``."""
    named = {"age": "Age", "gpg": "Gpg"}.get(cipher, "")
    given = type(encryption).__name__ if encryption else ""
    if named and not given:
        raise InvalidArgument(f"a name that ends in .{cipher} needs encryption={named}(…)")
    if given and named != given:
        raise InvalidArgument(
            f"what is encrypted by {given} has a name that ends in .{given.lower()}"
        )


def refuse_unreadable(wanted: Wanted) -> None:
    """Refuse what reads older archives, where there is no key to read with."""
    from dockcli.data.archive import Age

    reads = wanted.keep or wanted.skip_unchanged
    if reads and isinstance(wanted.encryption, Age) and wanted.encryption.identity is None:
        raise InvalidArgument(
            "keep= and skip_unchanged= verify archives: Age(…) needs identity= (--identity)"
        )


def refuse_folder(final: str) -> None:
    """Refuse a place where no file can be written."""
    folder = os.path.dirname(final)
    if not os.path.isdir(folder):
        raise InvalidArgument(f"{folder}: no such folder; nothing is made here but the archive")
    if os.path.isdir(final):
        raise InvalidArgument(f"{final} is a folder: give a file's name, such as data.tar.zst")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InvalidArgument(f"{folder}: nothing may be written there")


def told_by(path: str, wanted: Wanted) -> Description | None:
    """What an archive says of its volume; None where it says nothing that can be read."""
    from dockcli.data.archive import ArchiveError, open_archive

    try:
        with open_archive(path, encryption=wanted.encryption) as reader:
            return reader.description
    except (InvalidArgument, ArchiveError, OSError):
        return None


def refuse_other(final: str, volume: str, wanted: Wanted) -> None:
    """Refuse to replace a file that is no archive of the same volume."""
    from dockcli.data.archive import ArchiveError, open_archive

    if not os.path.lexists(final) or wanted.overwrite:
        return
    if not os.path.isfile(final):
        raise InTheWay(final, "is no file")
    try:
        with open_archive(final, encryption=wanted.encryption) as reader:
            about = reader.description
    except InvalidArgument:
        raise InTheWay(final, "cannot be read without its key to see whose it is") from None
    except (ArchiveError, OSError):
        raise InTheWay(final, "is no archive of dockcli's that can be read") from None
    if about is None or about.volume != volume:
        whose = f"of the volume {about.volume}" if about else "of another tool"
        raise InTheWay(final, f"is an archive {whose}")
