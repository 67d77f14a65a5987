"""The archive of a volume: a tar that any tar can read, and that vouches for each of its bytes.

::

    .dockcli-archive/volume.json       the format's number, and what is known of the volume
    ./ …                               the volume, as GNU tar has it, byte for byte
    .dockcli-archive/manifest.jsonl    changed and skipped names, then an entry for each member
    .dockcli-archive/sum.json          the SHA-256 of all before it; what is packed, counted
    two blocks of zeros                and nothing behind them

Names of the volume begin with ``./``, those of dockcli's own members do not. A reader makes the
last member and the end anew from what it has seen, and they must be the very same bytes; where the
archive is packed they are in a last frame of their own (see `codec`). Nothing here runs docker.
"""

from dockcli.data.archive.cipher import Age, Encryption, Gpg
from dockcli.data.archive.codec import compression_of
from dockcli.data.archive.contents import extract, verify
from dockcli.data.archive.errors import (
    AmbiguousArchive,
    ArchiveError,
    CipherFailed,
    CipherMissing,
    DamagedArchive,
    HostileArchive,
    NewerArchive,
    NoSuchEntry,
    TooBig,
    UnknownSuffix,
    WrongKey,
)
from dockcli.data.archive.reader import Reader, open_archive
from dockcli.data.archive.scan import scan
from dockcli.data.archive.writer import Writer

__all__ = [
    "Age",
    "AmbiguousArchive",
    "ArchiveError",
    "CipherFailed",
    "CipherMissing",
    "DamagedArchive",
    "Encryption",
    "Gpg",
    "HostileArchive",
    "NewerArchive",
    "NoSuchEntry",
    "Reader",
    "TooBig",
    "UnknownSuffix",
    "Writer",
    "WrongKey",
    "compression_of",
    "extract",
    "open_archive",
    "scan",
    "verify",
]
