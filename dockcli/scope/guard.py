"""The guard of a scope: waits until its owner is gone, and removes then what the scope has made.

A program of its own, started as ``python -I -S -B guard.py FD PID`` by the process PID. Until its
owner is gone it holds nothing but the read end of a pipe, and has loaded next to nothing. By that
pipe comes a line of JSON for each thing to know, and the last word of an owner that needs no guard.
"""

import os
import select
import signal
import sys
import time

END, REMOVE = b"end\n", b"remove\n"
"""The last words: there is nothing left to do; do it now, though your owner lives."""

_TICK = 1.0  # seconds between looks whether the owner lives, while a fork of it holds the pipe
_MOMENT, _MOMENTS = 0.02, 150  # seconds between looks at an owner that is about to be gone


def main(pipe: int, owner: int) -> None:
    """Wait for the end of *owner*, or its last word, and do what is to be done then."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP", "SIGTTIN", "SIGTTOU"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    heard = listen(pipe, owner)
    os.close(pipe)
    lines = heard.splitlines(keepends=True)
    if lines and lines[-1] != END:
        remove(lines, owner)


def listen(pipe: int, owner: int) -> bytes:
    """All that comes by the pipe, until its end, a last word, or the end of the owner."""
    heard = b""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while True:
        if poll.poll(_TICK * 1000):
            piece = os.read(pipe, 65536)
            heard += piece
            if not piece or heard.endswith((b"\n" + END, b"\n" + REMOVE)):
                return heard
        elif os.getppid() != owner:
            return heard


def remove(lines: list[bytes], owner: int) -> None:
    """Load dockcli, and remove what the scope has made, once the owner is provably dead."""
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from dockcli.scope.aftermath import Aftermath

    aftermath = Aftermath(line for line in lines if line.startswith(b"{") and line.endswith(b"\n"))
    if lines[-1] != REMOVE:
        moments = 0
        while not aftermath.is_due():  # it has closed its end, or is still ending
            moments += 1
            slow = moments > (5 if os.getppid() == owner else _MOMENTS)
            time.sleep(_TICK if slow else _MOMENT)
    aftermath.clear()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
