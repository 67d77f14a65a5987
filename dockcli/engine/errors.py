"""What the engine room raises."""

from __future__ import annotations


class NoEngine(Exception):
    """No engine is reached and none can be started here.

    The message is one line: what is missing, and what to type.
    """


class EngineFailed(Exception):
    """The private engine, or the installation of one, failed.

    The message is one line; ``log_tail`` is the end of the log that says why.
    """

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message, log_tail)
        self.log_tail = log_tail

    def __str__(self) -> str:
        return str(self.args[0])
