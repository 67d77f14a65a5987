"""The owner's end of a scope's guard: starts it, tells it what to know, sends it home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from dockcli.errors import DockcliError
from dockcli.scope import guard

_ADVICE = "docker.scope(guard=False) does without: then the next scope removes what a kill leaves"


class Guard:
    """A process that removes what a scope has made once this one is gone, however it ends.

    Nothing waits for it: it is at work before anything can be made.
    """

    def __init__(self, **about: Any) -> None:
        """Start it, with *about* to know. Raises DockcliError where there is no Python for it."""
        self._lock = threading.Lock()
        program = os.path.abspath(guard.__file__)
        if not sys.executable or not os.path.isfile(program):
            raise DockcliError(f"there is no Python that could run {program}; {_ADVICE}")
        theirs, self._pipe = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", program, str(theirs), str(os.getpid())],
                pass_fds=[theirs],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._pipe)
            raise DockcliError(f"{sys.executable} cannot be started: {error}; {_ADVICE}") from None
        finally:
            os.close(theirs)
        self._is = os.fstat(self._pipe)
        self.tell(**about)

    def tell(self, **what: Any) -> None:
        """Have it know one thing more."""
        self._send(json.dumps(what).encode() + b"\n")

    def dismiss(self) -> None:
        """Send it home: nothing is left to do. It is gone when this returns."""
        self._send(guard.END)
        self._close()
        self._process.kill()
        self._process.wait()

    def hand_over(self) -> None:
        """Have it remove all there is now; nobody waits for it."""
        self._send(guard.REMOVE)
        self._close()

    def _send(self, text: bytes) -> None:
        with self._lock, suppress(OSError):  # it may have been killed
            if self._is_ours():
                os.set_blocking(self._pipe, True)
                while text:
                    text = text[os.write(self._pipe, text) :]

    def _close(self) -> None:
        with self._lock, suppress(OSError):
            if self._is_ours():
                os.close(self._pipe)
            self._pipe = -1

    def _is_ours(self) -> bool:
        """Whether the number still means the pipe: a program may have closed all that it has, and
        opened something else by the same number."""
        return self._pipe >= 0 and os.path.samestat(self._is, os.fstat(self._pipe))
