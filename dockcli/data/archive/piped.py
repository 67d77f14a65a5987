"""A program with bytes going in at one side and coming out at the other."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any

from dockcli.child import end_group
from dockcli.data.archive.cipher import Encryption, Words
from dockcli.data.archive.errors import CipherFailed, CipherMissing, WrongKey
from dockcli.spool import room_in

_CHUNK = 1 << 18
_SHOWN = 500  # characters of what the program says
_FAREWELL = 5.0  # seconds for the thread to see that the program has gone
_KEY = (
    "no identity matched",
    "no secret key",
    "bad session key",
    "bad passphrase",
    "incorrect passphrase",
    "no passphrase given",
)


class _Piped:
    """*program*, and a thread that moves the bytes of its far side."""

    def __init__(self, program: str, how: Words) -> None:
        self._program = program
        self._error: BaseException | None = None
        self._over = False
        with room_in():
            self._stderr: IO[bytes] = TemporaryFile(prefix="dockcli-")  # noqa: SIM115 - see `stop`
        try:
            with how as (words, inherited):
                self._child = subprocess.Popen(
                    words,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._stderr,
                    pass_fds=inherited,
                    bufsize=0,
                    start_new_session=True,
                    env={**os.environ, "LC_ALL": "C"},
                )
        except OSError:
            self._stderr.close()
            raise CipherMissing(program) from None
        except BaseException:
            self._stderr.close()
            raise
        self._in: Any = self._child.stdin
        self._out: Any = self._child.stdout
        self._thread = threading.Thread(target=self._move, name="dockcli-cipher", daemon=True)
        self._thread.start()

    def _move(self) -> None:
        try:
            self._carry()
        except BaseException as error:
            self._error = error
            end_group(self._child, os.killpg)  # our side of it hears of it then

    def _carry(self) -> None:
        raise NotImplementedError  # each direction has its own

    def _wait(self) -> None:
        """See that the program ended well. Raises CipherFailed, WrongKey, or what the other side
        raised."""
        code = self._child.wait()
        self._thread.join()
        if self._error is not None:
            raise self._error
        if code:
            raise self._failure()

    def _failure(self) -> CipherFailed:
        self._stderr.seek(0)
        said = self._stderr.read(1 << 16).decode("utf-8", "replace").strip()
        kind = WrongKey if any(one in said.lower() for one in _KEY) else CipherFailed
        return kind(self._program, said[:_SHOWN])

    def stop(self) -> None:
        """End the program if it still runs; nothing of it is left."""
        self._over = True
        end_group(self._child, os.killpg)
        with suppress(OSError):
            self._in.close()
        self._thread.join(_FAREWELL)
        self._out.close()
        self._stderr.close()


class Encrypting(_Piped):
    """Write to it, then `finish`: what it makes of that goes to *put*.

    What *put* raises is raised here. Raises CipherMissing, CipherFailed.
    """

    def __init__(self, encryption: Encryption, put: Callable[[bytes], object]) -> None:
        self._put = put
        super().__init__(encryption.program, encryption.encrypting())

    def _carry(self) -> None:
        while data := self._out.read(_CHUNK):
            self._put(data)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[self._in.write(left) :]
        except BrokenPipeError:
            self._wait()
            raise CipherFailed(self._program, "it ended before it had all") from None

    def finish(self) -> None:
        with suppress(BrokenPipeError):
            self._in.close()
        self._wait()


class Decrypting(_Piped):
    """Read from it: what it makes of that which *read* gives.

    At the end it is known that the program found all in order. What *read* raises is raised here.
    Raises CipherMissing, CipherFailed, WrongKey.
    """

    def __init__(self, encryption: Encryption, read: Callable[[int], bytes]) -> None:
        self._source = read
        super().__init__(encryption.program, encryption.decrypting())

    def _carry(self) -> None:
        try:
            while not self._over and (data := self._source(_CHUNK)):
                left = memoryview(data)
                while left:
                    left = left[self._in.write(left) :]
        except BrokenPipeError:
            pass  # its exit code says why it wants no more
        finally:
            with suppress(OSError):
                self._in.close()

    def read(self, size: int) -> bytes:
        data: bytes = self._out.read(size)
        if not data:
            self._wait()
        return data
