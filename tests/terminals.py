"""A terminal of this process, at which nobody types."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def at_a_terminal(descriptors: Sequence[int] = (0,), columns: int = 80) -> Iterator[None]:
    """These of this process's *descriptors* are a terminal of so many *columns*."""
    ours, theirs = pty.openpty()
    kept = [os.dup(number) for number in descriptors]
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 5, columns, 0, 0))
    for number in descriptors:
        os.dup2(theirs, number)
    try:
        yield
    finally:
        for number, before in zip(descriptors, kept, strict=True):
            os.dup2(before, number)
        for number in (*kept, ours, theirs):
            os.close(number)
