"""Writes an archive: the description, the volume's own tar as it comes, the manifest, the sum."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from dockcli.data.archive import own
from dockcli.data.archive.cipher import Encryption
from dockcli.data.archive.codec import packer
from dockcli.data.archive.errors import ArchiveError, HostileArchive
from dockcli.data.archive.feed import Feed
from dockcli.data.archive.headers import padding
from dockcli.data.archive.piped import Encrypting
from dockcli.data.archive.scan import digest, members, to_the_end
from dockcli.data.archive.vet import Vet, check_reserved
from dockcli.data.entry import Description, Entry, Manifest


class Writer:
    """Writes an archive of a volume to *out*, which has ``write(bytes)``; a context manager.

    *compression* is ``"zst"``, ``"gz"`` or ``"none"``, *level* the packer's own (3 and 6 if None).
    *progress* is told how many more bytes, not packed yet, have passed, each time. Nothing is
    written before the program that encrypts was found. Left without `finish` nothing keeps
    running, and what *out* has is no archive; *out* is never closed.

    Raises UnknownSuffix, CipherMissing, InvalidArgument.
    """

    def __init__(
        self,
        out: Any,
        description: Description,
        *,
        compression: str = "none",
        encryption: Encryption | None = None,
        level: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self._description, self._progress = description, progress
        self._cipher: Encrypting | None = None
        put: Callable[[bytes], object] = out.write
        if encryption is not None:
            self._cipher = Encrypting(encryption, out.write)
            put = self._cipher.write
        try:
            self._packer = packer(compression, put, level)
        except BaseException:
            if self._cipher is not None:
                self._cipher.stop()
            raise
        self._sum = hashlib.sha256()
        self._vet = Vet(trust=True, ours=True)
        self._entries: list[Entry] = []
        self._over = False
        try:
            self._pass(own.member(own.VOLUME, own.volume_json(description)))
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def write_from(self, stream: Any) -> list[Entry]:
        """Pass on the volume's tar, and say what is in it.

        *stream* has ``read(n)`` or ``readinto``. Raises DamagedArchive where it is cut off or no
        tar, HostileArchive for what no `Reader` would let through.
        """
        feed, new = Feed(stream, self._pass), []
        for member in members(feed):
            if member.ours:
                raise HostileArchive(member.name, "is a name that dockcli keeps for itself")
            self._vet.admit(member)
            check_reserved(member.name)
            new.append(member.entry(digest(feed, member) if member.kind == "file" else ""))
        to_the_end(feed)
        self._entries += new
        return new

    def finish(self, *, changed: Iterable[str] = (), skipped: Iterable[str] = ()) -> Manifest:
        """Write the manifest and the sum, and see that all has gone to ``out``.

        *changed* and *skipped* are names, as in `Manifest`. Raises CipherFailed.
        """
        if self._over:
            raise ArchiveError("the archive is finished already, or was given up")
        about = Manifest(tuple(self._entries), self._description, tuple(changed), tuple(skipped))
        lines = list(own.manifest_lines(about))
        size = sum(map(len, lines))
        self._pass(own.head(own.MANIFEST, size))
        for at in range(0, len(lines), 1000):
            self._pass(b"".join(lines[at : at + 1000]))
        self._pass(bytes(padding(size)))
        self._packer.last(own.tail(self._sum.hexdigest(), self._packer.end()))
        if self._cipher is not None:
            self._cipher.finish()
        self._stop()
        return about

    def _pass(self, data: bytes | memoryview) -> None:
        self._sum.update(data)
        self._packer.feed(memoryview(data))
        if self._progress is not None:
            self._progress(len(data))

    def _stop(self) -> None:
        if not self._over:
            self._over = True
            self._packer.stop()
            if self._cipher is not None:
                self._cipher.stop()
