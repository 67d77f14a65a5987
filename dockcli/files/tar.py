"""Tar archives: one made of a single file, and a given one looked at before docker gets it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from dockcli.files.given import Meta

    Archive: TypeAlias = (
        "bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes] | Iterable[bytes]"
    )

_BLOCK = 512
_CHUNK = 1 << 20
_FOLDER_MODE = 0o755

# How docker knows a compressed stream: it unpacks one silently, which an engine before 29.5.1 does
# with a program out of the container (CVE-2026-41567).
_COMPRESSED = {
    b"\x1f\x8b\x08": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}


def one_file(name: str, data: bytes | memoryview, meta: Meta) -> bytes:
    """An archive that holds the file *name* and the folders that stand before it in *name*, which
    get the same owner.

    Nothing else is in it, so docker touches nothing else. Each name begins with ``./``: docker
    would take an archive whose first name begins as compressed data does for compressed.
    """
    parts = name.split("/")
    folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
    blocks = [_header(folder, 0, meta._replace(mode=_FOLDER_MODE), b"5") for folder in folders]
    blocks.append(_header(name, len(data), meta, b"0"))
    padding = bytes(-len(data) % _BLOCK + 2 * _BLOCK)
    return b"".join([*blocks, data, padding])


def _header(name: str, size: int, meta: Meta, kind: bytes) -> bytes:
    from tarfile import PAX_FORMAT, TarInfo

    member = TarInfo(f"./{name}")
    member.type, member.size = kind, size
    member.mode, member.uid, member.gid, member.mtime = meta
    return member.tobuf(PAX_FORMAT, "utf-8", "surrogateescape")


@contextmanager
def plain(archive: Archive) -> Iterator[bytes | IO[bytes]]:
    """*archive* as docker's stdin can be: whole, uncompressed, and a file of the system's unless
    it was given as bytes. Raises InvalidArgument for any other, and for a file that is not there.

    What can be read only once goes into a temporary file first, so that it is known to be whole.
    """
    if isinstance(archive, (bytes, bytearray, memoryview)):
        data = bytes(archive)
        _look(io.BytesIO(data))
        yield data
    elif isinstance(archive, (str, os.PathLike)):
        try:
            file = open(archive, "rb")  # noqa: SIM115 - closed below
        except OSError as error:
            raise InvalidArgument(f"{os.fspath(archive)!r}: {error.strerror}") from None
        with file:
            _look(file)
            yield file
    elif (real := _real_file(archive)) is not None:
        _look(real)
        yield real
    else:
        from dockcli.spool import Spool

        with Spool() as spool:
            for chunk in _chunks(archive):
                spool.write(chunk)
            kept = spool.rewound()
            _look(kept)
            yield kept


def _real_file(archive: Any) -> IO[bytes] | None:
    """*archive*, if it is a file of the system's that can be read twice: not one that has a
    descriptor and gives other bytes than that, as `gzip.open` does."""
    if isinstance(getattr(archive, "raw", archive), io.FileIO) and archive.seekable():
        file: IO[bytes] = archive
        return file
    return None


def _chunks(archive: Any) -> Iterator[bytes]:
    source: Any = iter(archive) if hasattr(archive, "__iter__") else ()
    if hasattr(archive, "read"):
        source = iter(lambda: archive.read(_CHUNK), b"")
    elif not hasattr(archive, "__iter__"):
        raise InvalidArgument(
            f"an archive is given as bytes, a path, a file or an iterator of bytes, not {archive!r}"
        )
    for chunk in source:
        if not isinstance(chunk, (bytes, bytearray, memoryview)):
            raise InvalidArgument(
                f"an archive is read as bytes, and {archive!r} gives {chunk!r:.40}"
            )
        yield bytes(chunk)


def _look(file: IO[bytes]) -> None:
    """Refuse what docker would take for something else, or take a part of without a word."""
    import tarfile

    start = file.tell()
    head = file.read(8)
    file.seek(start)
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            raise InvalidArgument(
                f"the archive begins as {name} does, and docker would unpack it in a way that is "
                f"not safe everywhere (CVE-2026-41567): unpack it first, and give the plain tar"
            )
    try:
        archive: Any
        with tarfile.open(fileobj=file, mode="r:", errors="surrogateescape") as archive:
            while archive.next() is not None:
                archive.members.clear()  # it would keep them all
            end = archive.offset
    except (tarfile.TarError, OSError, ValueError) as error:
        raise InvalidArgument(f"this is no whole tar archive: {error}") from None
    file.seek(end)
    if file.read(_BLOCK) != bytes(_BLOCK):
        raise InvalidArgument(
            "the archive has no end: it was cut off, and docker would take what there is of it"
        )
    file.seek(start)
