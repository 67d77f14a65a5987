"""Encryption by the programs ``age`` and ``gpg``, which stand in the pipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dockcli.data.archive.errors import CipherMissing
from dockcli.errors import InvalidArgument
from dockcli.secret import MASK, Secret

_GPG = ("--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode=loopback", "--no-symkey-cache")

Words: TypeAlias = "AbstractContextManager[tuple[list[str], tuple[int, ...]]]"


class Encryption(Protocol):
    """How an archive is encrypted, or decrypted: `Age` or `Gpg`.

    ``encrypting`` and ``decrypting`` give the words of a program that does so from its stdin to its
    stdout, and the descriptors that it is to inherit; what they need is gone when they are left.
    They raise CipherMissing, and InvalidArgument where a key is missing.
    """

    @property
    def program(self) -> str: ...
    def encrypting(self) -> Words: ...
    def decrypting(self) -> Words: ...


@dataclass(frozen=True, slots=True)
class Age:
    """Encryption by ``age``.

    ``recipients`` are public keys (``age1…``, ``ssh-ed25519 …``), ``recipients_file`` the path of a
    file of them; one is needed to write. ``identity`` is the path of the private key, to read.
    """

    recipients: tuple[str, ...] = ()
    recipients_file: str | os.PathLike[str] | None = None
    identity: str | os.PathLike[str] | None = None

    @property
    def program(self) -> str:
        return "age"

    @contextmanager
    def encrypting(self) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        words = [found("age"), "--encrypt"]
        words += [f"--recipient={_words(one)}" for one in self.recipients]
        if self.recipients_file is not None:
            words.append(f"--recipients-file={_a_file(self.recipients_file, 'recipients_file')}")
        if len(words) == 2:
            raise InvalidArgument(
                "Age(…) needs recipients= (--recipient) to write with, or recipients_file="
            )
        yield words, ()

    @contextmanager
    def decrypting(self) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        if self.identity is None:
            raise InvalidArgument(
                "Age(…) needs identity= (--identity) to read with: a private key's path"
            )
        identity = _a_file(self.identity, "identity")
        yield [found("age"), "--decrypt", f"--identity={identity}"], ()


@dataclass(frozen=True, slots=True)
class Gpg:
    """Encryption by ``gpg``: for ``recipients``, whose public keys are in the keyring, or by the
    ``passphrase``, which gpg is told through a pipe. It opens the private key too, if that has one.
    """

    recipients: tuple[str, ...] = ()
    passphrase: Secret | str | None = None

    @property
    def program(self) -> str:
        return "gpg"

    def __repr__(self) -> str:
        passphrase = MASK if self.passphrase else None
        return f"Gpg(recipients={self.recipients!r}, passphrase={passphrase})"

    @contextmanager
    def encrypting(self) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        words = [found("gpg"), *_GPG, "--compress-algo=none"]  # what goes in is packed already
        if self.recipients:
            # Without the second, gpg would ask servers for a key that is not in the keyring.
            words += ["--trust-model=always", "--no-auto-key-locate", "--encrypt"]
            words += [f"--recipient={_words(one)}" for one in self.recipients]
            yield words, ()
        elif self.passphrase is None:
            raise InvalidArgument("Gpg(…) needs recipients= or passphrase= to write with")
        else:
            with self._told() as descriptor:
                words += [f"--passphrase-fd={descriptor}", "--cipher-algo=AES256", "--symmetric"]
                yield words, (descriptor,)

    @contextmanager
    def decrypting(self) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        words = [found("gpg"), *_GPG]
        if self.passphrase is None:
            yield [*words, "--decrypt"], ()
        else:
            with self._told() as descriptor:
                yield [*words, f"--passphrase-fd={descriptor}", "--decrypt"], (descriptor,)

    @contextmanager
    def _told(self) -> Iterator[int]:
        """A descriptor that gives the passphrase."""
        given = self.passphrase
        text = given.reveal() if isinstance(given, Secret) else str(given)
        line = text.encode("utf-8", "surrogateescape")
        if not line or b"\n" in line or b"\0" in line or len(line) > 255:
            raise InvalidArgument("passphrase= is one line of 1 to 255 bytes, as gpg takes it")
        reading, writing = os.pipe()
        try:
            os.write(writing, line + b"\n")
        finally:
            os.close(writing)
        try:
            yield reading
        finally:
            os.close(reading)


def found(program: str) -> str:
    """The path of *program*; never one in the working folder. Raises CipherMissing."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, program)
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise CipherMissing(program)


def _words(recipient: str) -> str:
    if not isinstance(recipient, str) or not recipient.strip() or "\0" in recipient:
        raise InvalidArgument(f"recipients= takes names of keys, not {recipient!r}")
    return recipient


def _a_file(path: str | os.PathLike[str], what: str) -> str:
    found = os.fspath(path)
    if not os.path.isfile(found):
        raise InvalidArgument(f"{what}={found!r} is no file")
    return found
