"""The base of all errors, and those of what no docker process was run for, or not one alone."""

from __future__ import annotations


class DockcliError(Exception):
    """The base of all that dockcli raises."""

    __module__ = "dockcli.errors"

    def __init_subclass__(cls) -> None:
        if cls.__module__.startswith("dockcli.errors."):
            cls.__module__ = "dockcli.errors"  # whichever file it is in: there it is imported from


class InvalidArgument(DockcliError, ValueError):
    """A value that docker would refuse or misread; nothing has been run."""


class UnknownFlag(InvalidArgument, TypeError):
    """A keyword that is no flag of this command; nothing has been run."""


class OutOfReach(InvalidArgument):
    """A path of a container that ``docker cp`` cannot reach or replace, for something is mounted
    there; nothing has been changed."""


class Unsupported(DockcliError):
    """This docker, or the engine behind it, does not have what was asked for."""


class TooOld(InvalidArgument, Unsupported):
    """This docker, or its engine, is of a version without it; nothing has been run."""


class PluginMissing(Unsupported):
    """``docker buildx`` or ``docker compose`` is not installed; the message has the line for it."""


class BinaryNotFound(DockcliError):
    """The program is not there, or cannot be run."""


class NoEngine(DockcliError):
    """No engine is reached, and none can be started here; the message says what to type."""


class NoRoom(DockcliError, OSError):
    """This machine has no room for a file: its disk is full, it has no more inodes or descriptors.

    ``folder`` is where the file was to be, ``reason`` what the system says.
    """

    def __init__(self, folder: str, reason: str, errno: int | None = None) -> None:
        super().__init__(folder, reason, errno)
        self.folder, self.reason, self.errno = folder, reason, errno

    def __str__(self) -> str:
        return (
            f"no file can be written in {self.folder}: {self.reason}. "
            "Make room there, or name another folder (TMPDIR for temporary files)"
        )


class EngineFailed(DockcliError):
    """The private engine, or the installation of one, failed.

    ``log_tail`` is the end of the log that says why.
    """

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message, log_tail)
        self.log_tail = log_tail

    def __str__(self) -> str:
        return str(self.args[0])


class Refused(DockcliError):
    """A recipe or command that did not begin, for something is in its way. Nothing was changed."""


class CleanupFailed(DockcliError):
    """Not all that a scope has made could be removed; all the rest is.

    ``causes`` has an error for each thing that stays.
    """

    def __init__(self, causes: tuple[Exception, ...]) -> None:
        super().__init__(causes)
        self.causes = causes

    def __str__(self) -> str:
        said = "; ".join(str(cause).rstrip(".") for cause in self.causes)
        return (
            f"not all that was made in the scope could be removed: {said}. What stays is labelled: "
            "once this process has ended, `dockcli clean` removes it"
        )
