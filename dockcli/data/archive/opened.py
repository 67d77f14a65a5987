"""An archive as a stream of plain bytes, whatever it is encrypted and packed with."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, Any

from dockcli.data.archive.cipher import Encryption
from dockcli.data.archive.errors import WrongKey
from dockcli.data.archive.feed import reader
from dockcli.data.archive.piped import Decrypting
from dockcli.data.archive.unpack import Unpacked
from dockcli.errors import InvalidArgument

_ENCRYPTED = {
    b"age-encryption.org/": "age",
    b"-----BEGIN AGE ": "age",
    b"-----BEGIN PGP ": "gpg",
}
_HOW = {"age": "Age(identity=…)", "gpg": "Gpg(…)"}


class Opened:
    """The bytes of *source*, a path or what has ``read(n)``, decrypted and unpacked.

    ``plain`` gives them, and `again` from the start, where *source* is a path; nothing of a file of
    the caller's is closed. Raises InvalidArgument, CipherMissing, CipherFailed, WrongKey.
    """

    plain: Unpacked

    def __init__(self, source: Any, encryption: Encryption | None) -> None:
        self._encryption = encryption
        self._cipher: Decrypting | None = None
        self._file: IO[bytes] | None = None
        self.by_path = isinstance(source, (str, os.PathLike))
        if self.by_path:
            try:
                self._file = open(source, "rb", buffering=0)  # noqa: SIM115 - see `close`
            except OSError as error:
                raise InvalidArgument(f"{os.fspath(source)!r}: {error.strerror}") from None
        self._read = reader(self._file or source)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        read: Callable[[int], bytes] = self._read
        if self._encryption is not None:
            self._cipher = Decrypting(self._encryption, read)
            read = self._cipher.read
        self.plain = Unpacked(read)
        program = _encrypted_by(self.plain.head)
        if program and self._encryption is None:
            raise WrongKey(program, f"it is encrypted: give encryption={_HOW[program]}")

    def again(self) -> None:
        """Begin anew, if ``by_path``."""
        assert self._file is not None
        if self._cipher is not None:
            self._cipher.stop()
        self._file.seek(0)
        self._begin()

    def close(self) -> None:
        if self._cipher is not None:
            self._cipher.stop()
        if self._file is not None:
            self._file.close()


def _encrypted_by(head: bytes) -> str:
    for magic, program in _ENCRYPTED.items():
        if head.startswith(magic[: len(head)]) and len(head) >= 6:
            return program
    # The first packet of OpenPGP: a session key, for a public key or for a passphrase.
    first = head[0] if head else 0
    tag = first & 0x3F if first & 0x40 else first >> 2 & 0x0F
    return "gpg" if first & 0x80 and tag in (1, 3) else ""
