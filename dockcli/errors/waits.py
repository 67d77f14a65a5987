"""The errors of waiting: for a container, for what a terminal shows, for the shell of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli.completed import Completed
from dockcli.errors.calls import CallError, DeadlineExceeded, printable

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect
    from dockcli.models.line import LogLine

_SHOWN_LINES, _LONGEST_LINE = 10, 500


class NotSeen(DeadlineExceeded):
    """What was waited for on a terminal has not come in time; ``screen`` is what was there instead.

    ``stdout`` is all that the program had written. It still runs, until its terminal is closed.
    """

    advice = "Give a longer deadline=; the error's .screen is what was there instead"

    def __init__(
        self,
        completed: Completed,
        deadline: float | None = None,
        reason: str = "",
        screen: str = "",
    ) -> None:
        super().__init__(completed, deadline, reason)
        self.args = (completed, deadline, reason, screen)
        self.screen = screen


class ProgramEnded(CallError):
    """The program on a terminal has ended, and with it all that could be waited for.

    ``screen`` is the last that was there, ``stdout`` all that the program had written.
    """

    advice = "The error's .screen is the last that was there"

    def __init__(self, completed: Completed, reason: str = "", screen: str = "") -> None:
        super().__init__(completed, reason)
        self.args = (completed, reason, screen)
        self.screen = screen


class ShellEnded(CallError):
    """A command of a machine has ended the machine's shell (``exit``, ``kill -9 $PPID``), or the
    container has stopped. The machine's next command opens a new shell, as it does after the
    EngineLost of a command in whose middle the engine went.

    ``stdout`` and ``stderr`` are what the command had written, ``returncode`` is the shell's.
    """

    advice = "The next command opens a new shell, in the machine's cwd and with its env"


class NotReady(DeadlineExceeded):
    """Not all that `wait_for` waits for has come in time.

    ``missing`` are the conditions that have not held, as they were written (``port=80``). ``state``
    is the container as an inspect saw it then, ``log_lines`` the last that it wrote.
    """

    advice = "Give a longer deadline=; the error's .log_lines and .state tell what it does instead"

    def __init__(
        self,
        completed: Completed,
        deadline: float | None = None,
        reason: str = "",
        state: ContainerInspect | None = None,
        log_lines: tuple[LogLine, ...] = (),
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(completed, deadline, reason)
        self.args = (completed, deadline, reason, state, log_lines, missing)
        self.state = state
        self.log_lines = log_lines
        self.missing = missing

    def __str__(self) -> str:
        return super().__str__() + _last_of_the_log(self.log_lines)


class ContainerEnded(CallError):
    """The container has ended, or was removed, before all had come that `wait_for` waits for.

    ``exit_code`` is its own, None where it is not known. ``missing``, ``state`` and ``log_lines``
    are as in NotReady.
    """

    advice = "The error's .log_lines are the last that it wrote, .state has all that is known of it"

    def __init__(
        self,
        completed: Completed,
        reason: str = "",
        exit_code: int | None = None,
        state: ContainerInspect | None = None,
        log_lines: tuple[LogLine, ...] = (),
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(completed, reason)
        self.args = (completed, reason, exit_code, state, log_lines, missing)
        self.exit_code = exit_code
        self.state = state
        self.log_lines = log_lines
        self.missing = missing

    def __str__(self) -> str:
        return super().__str__() + _last_of_the_log(self.log_lines)


def _last_of_the_log(lines: tuple[LogLine, ...]) -> str:
    """The end of a log, for the end of a message."""
    if not lines:
        return ""
    shown = (f"\n  {printable(line.text[:_LONGEST_LINE])}" for line in lines[-_SHOWN_LINES:])
    return f". The last lines of its log:{''.join(shown)}"
