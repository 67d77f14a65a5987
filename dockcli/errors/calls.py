"""The errors of a docker process: it has not ended in time, or not well, or its answer is odd.

Only those that the way of every call needs: the others are in `said` and `waits`.
"""

from __future__ import annotations

import errno

from dockcli.completed import Completed
from dockcli.errors.base import DockcliError
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import ClassVar

_LONGEST_LINE = 500


class CallError(DockcliError):
    """A docker process that did not give what was asked for.

    ``completed`` is the whole result, and its parts are attributes of the error too: ``argv``,
    ``returncode``, ``stdout`` and ``stderr`` (bytes), ``seconds``. ``reason`` is what went wrong
    in one line.
    """

    advice: ClassVar[str] = ""

    def __init__(self, completed: Completed, reason: str = "") -> None:
        super().__init__(completed, reason)
        self.completed = completed
        self.reason = reason or _last_words(completed)

    @property
    def argv(self) -> tuple[str, ...]:
        return self.completed.argv

    @property
    def returncode(self) -> int:
        return self.completed.returncode

    @property
    def stdout(self) -> bytes:
        return self.completed.stdout

    @property
    def stderr(self) -> bytes:
        return self.completed.stderr

    @property
    def seconds(self) -> float:
        return self.completed.seconds

    def __str__(self) -> str:
        said = f"`{_command(self.argv)}`: {printable(self.reason)}"
        end = "" if said.endswith((".", "?", "!")) else "."
        return f"{said}{end} {self.advice}" if self.advice else said


class DeadlineExceeded(CallError, TimeoutError):
    """The call did not end in time. Its process group is gone; what it wrote until then is here.

    ``deadline`` is in seconds. What became of the container that a `run` had started by then is
    said in ``reason``.
    """

    advice = "Give a longer deadline=, or find out what it waits for with `docker events`"

    def __init__(
        self, completed: Completed, deadline: float | None = None, reason: str = ""
    ) -> None:
        super().__init__(completed, reason or f"not done within {deadline:g} s")
        self.args = (completed, deadline, reason)
        self.errno, self.strerror = errno.ETIMEDOUT, self.reason  # as every TimeoutError has them
        self.deadline = deadline


class Silent(DeadlineExceeded):
    """The call said nothing for so long; else it is as DeadlineExceeded. ``deadline`` is that of
    ``silence=``, in seconds."""

    advice = "Give a longer silence=, or find out what it waits for with `docker events`"

    def __init__(
        self, completed: Completed, deadline: float | None = None, reason: str = ""
    ) -> None:
        super().__init__(completed, deadline, reason or f"nothing was said for {deadline:g} s")
        self.args = (completed, deadline, reason)


class UnreadableOutput(CallError):
    """docker said yes, but its answer cannot be read; ``stdout`` has the text."""

    advice = "Please report it with the output of `docker version`"

    def __str__(self) -> str:
        return f"{super().__str__()} (its answer begins {self.stdout[:200]!r})"


class DockerFailed(CallError):
    """docker itself refused or failed."""

    advice = "Where docker's message does not tell enough, the engine's log may"

    def __str__(self) -> str:
        said = super().__str__()
        return f"{said} (exit code {self.returncode})" if self.returncode else said


class EngineUnreachable(DockerFailed):
    """The docker command works, but no engine answers it."""

    advice = "Start it, or type `dockcli engine start`"


class EngineLost(EngineUnreachable):
    """The engine, or the connection to it, was lost in the middle of the call.

    Whether it has done what was asked is not known. What became of the container that a `run` had
    started, or of the program of an `exec`, is said in ``reason`` where dockcli looked after it.
    """

    advice = "Look what it has done before you ask again"


class NoSuchObject(DockerFailed):
    """What the call names is not there. ``found`` holds the others that it named and that are."""

    found: tuple[object, ...] = ()


class NoSuchContainer(NoSuchObject):
    advice = "`docker container ls --all` lists those that are there"


class NameConflict(DockerFailed):
    advice = "Choose another name, or remove or rename what has it"


Difference = tuple[str, "str | None", "str | None"]


class ContainerFailed(CallError):
    """The command ran in the container, and ended with a code other than 0.

    The code is the command's own. ``check=False`` gives the result instead of this error.
    """

    advice = "Give check=False to have the result instead of this error"

    def __str__(self) -> str:
        code = self.returncode
        return (
            f"`{_command(self.argv)}`: exit code {code} of the container's command"
            + (f": {printable(_last_words(self.completed))}" if self.stderr else "")
            + f". {self.advice}"
        )


def _last_words(completed: Completed) -> str:
    lines = [line.strip() for line in completed.error_text.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit code {completed.returncode}"


def _command(argv: tuple[str, ...]) -> str:
    """The line to paste into a shell."""
    from shlex import join

    return printable(join(argv))


def printable(text: str) -> str:
    """*text* with what no terminal can show, or what would act on one, made visible."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )
