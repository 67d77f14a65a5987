"""Everything that dockcli raises.

::

    DockcliError
    ├── InvalidArgument (ValueError)      refused before anything ran
    │   └── UnknownFlag (TypeError)       docker has no such flag on this command
    ├── BinaryNotFound                    no docker (or sudo) to run
    ├── Refused                           a recipe that did not begin: something is in its way
    ├── NoEngine                          no engine, and nothing here that could start one
    ├── EngineFailed                      the private engine would not start
    └── CallError                         docker ran; has the whole result
        ├── DeadlineExceeded (TimeoutError)
        │   └── NotSeen                   what was waited for on a terminal has not come
        ├── ProgramEnded                  and cannot come any more
        ├── UnreadableOutput              docker's answer is not what was asked for
        ├── DockerFailed                  docker itself says no
        │   ├── EngineUnreachable
        │   │   └── PermissionDenied      the engine is there, this user may not talk to it
        │   ├── NoSuchObject
        │   │   └── NoSuchContainer, NoSuchImage, NoSuchVolume, NoSuchNetwork, NoSuchPath
        │   ├── NameConflict              the name is another object's
        │   ├── InUse                     somebody still needs what was to be removed
        │   ├── UnsupportedFlag           this docker is too old or too new for the flag
        │   └── CommandNotStarted         the container is there, its command is not
        │       ├── CommandNotExecutable  126
        │       └── CommandNotFound       127
        └── ContainerFailed               docker did its part, the container's command failed
            └── ContainerKilled           by a signal (128 + its number)

Every error can be pickled and copied, and shows its command with the secrets masked: a Secret that
the output repeats is masked there too.
"""

from __future__ import annotations

import errno
import shlex
from typing import TYPE_CHECKING, ClassVar

from dockcli.completed import Completed

if TYPE_CHECKING:
    import signal


class DockcliError(Exception):
    """The base of all that dockcli raises."""


class InvalidArgument(DockcliError, ValueError):
    """A value that docker would refuse or misread; nothing has been run."""


class UnknownFlag(InvalidArgument, TypeError):
    """A keyword that is no flag of this command; nothing has been run."""


class BinaryNotFound(DockcliError):
    """The program is not there, or cannot be run."""


class NoEngine(DockcliError):
    """No engine is reached, and none can be started here; the message says what to type."""


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
        said = f"`{_printable(shlex.join(self.argv))}`: {_printable(self.reason)}"
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


class PermissionDenied(EngineUnreachable):
    """An engine is there, but this user may not talk to it."""

    advice = "Use Docker(sudo=True), or join the group: sudo usermod -aG docker $USER"


class NoSuchObject(DockerFailed):
    """What the call names is not there. ``found`` holds the others that it named and that are."""

    found: tuple[object, ...] = ()


class NoSuchContainer(NoSuchObject):
    advice = "`docker container ls --all` lists those that are there"


class NoSuchImage(NoSuchObject):
    advice = "`docker image ls` lists those that are there; `docker pull` fetches one"


class NoSuchVolume(NoSuchObject):
    advice = "`docker volume ls` lists those that are there"


class NoSuchNetwork(NoSuchObject):
    advice = "`docker network ls` lists those that are there"


class NoSuchPath(NoSuchObject):
    advice = "Look with `docker container export NAME | tar t` for what the container holds"


class NameConflict(DockerFailed):
    advice = "Choose another name, or remove or rename what has it"


class InUse(DockerFailed):
    advice = "Stop or remove what uses it first"


class UnsupportedFlag(DockerFailed):
    advice = "Leave the flag out, or use a docker that has it"


class CommandNotStarted(DockerFailed):
    """The container is there, but the command could not be started in it."""


class CommandNotExecutable(CommandNotStarted):
    """The command is there, but cannot be executed (126)."""

    advice = "Make it executable, or name its interpreter"


class CommandNotFound(CommandNotStarted):
    """No such command in the container (127)."""

    advice = "Look with `docker run --rm --entrypoint ls IMAGE /bin` for what the image has"


class ContainerFailed(CallError):
    """The command ran in the container, and ended with a code other than 0.

    The code is the command's own. ``check=False`` gives the result instead of this error.
    """

    advice = "Give check=False to have the result instead of this error"

    def __str__(self) -> str:
        code = self.returncode
        return (
            f"`{_printable(shlex.join(self.argv))}`: exit code {code} of the container's command"
            + (f": {_printable(_last_words(self.completed))}" if self.stderr else "")
            + f". {self.advice}"
        )


class ContainerKilled(ContainerFailed):
    """The command in the container was ended by a signal, or says so (128 + its number)."""

    @property
    def signal(self) -> signal.Signals:
        import signal

        return signal.Signals(self.returncode - 128)


def _last_words(completed: Completed) -> str:
    lines = [line.strip() for line in completed.error_text.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit code {completed.returncode}"


def _printable(text: str) -> str:
    """*text* with what no terminal can show, or what would act on one, made visible."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )
