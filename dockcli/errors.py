"""Everything that dockcli raises.

::

    DockcliError
    ├── InvalidArgument (ValueError)      refused before anything ran
    │   ├── UnknownFlag (TypeError)       docker has no such flag on this command
    │   ├── OutOfReach                    a mount hides that path from `docker cp`
    │   └── TooOld (Unsupported)          this docker, or its engine, has not what was asked for
    ├── PluginMissing (Unsupported)       docker buildx or docker compose is not installed
    ├── BinaryNotFound                    no docker (or sudo) to run
    ├── Refused                           a recipe that did not begin: something is in its way
    ├── CleanupFailed                     not all that a scope has made could be removed
    ├── NoRoom (OSError)                  this machine's disk is full where a file is needed
    ├── NoEngine                          no engine, and nothing here that could start one
    ├── EngineFailed                      the private engine would not start
    └── CallError                         docker ran; has the whole result
        ├── DeadlineExceeded (TimeoutError)
        │   ├── NotReady                  a container is not ready in time
        │   ├── NotSeen                   what was waited for on a terminal has not come
        │   └── Silent                    docker said nothing for as long as silence= allows
        ├── ProgramEnded                  and cannot come any more
        ├── ShellEnded                    a command of a machine has ended the machine's shell
        ├── ContainerEnded                the container has ended before it was ready
        ├── UnreadableOutput              docker's answer is not what was asked for
        ├── DockerFailed                  docker itself says no
        │   ├── EngineUnreachable
        │   │   ├── EngineLost            it was there when the call began
        │   │   └── PermissionDenied      the engine is there, this user may not talk to it
        │   ├── NoSuchObject
        │   │   └── NoSuchContainer, NoSuchImage, NoSuchVolume, NoSuchNetwork, NoSuchPath,
        │   │       NoSuchService, NoSuchNode, NoSuchSecret, NoSuchConfig, NoSuchStack,
        │   │       NoSuchPlugin, NoSuchContext, NoSuchManifest, NotSigned
        │   ├── NameConflict              the name is another object's
        │   │   └── VolumeDrift           the volume was there already, and is not as asked for
        │   ├── NotAFile                  a folder, or a device, where a file is meant
        │   ├── NotAFolder                a file where a folder is meant
        │   ├── ReadOnlyPath              nobody may write there
        │   ├── InUse                     somebody still needs what was to be removed
        │   ├── NotASwarmManager          only a manager of a swarm answers that
        │   ├── SwarmLocked               this manager waits for the key of its swarm
        │   ├── AuthenticationFailed      a registry wants other credentials
        │   ├── NotExperimental           the engine has it with its experimental features only
        │   ├── UnsupportedFlag           this docker is too old or too new for the flag
        │   └── CommandNotStarted         the container is there, its command is not
        │       ├── CommandNotExecutable  126
        │       ├── CommandNotFound       127
        │       └── NoShell               a machine needs a shell, and the container has none
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

    from dockcli.models.container import ContainerInspect
    from dockcli.models.line import LogLine


_SHOWN_LINES, _LONGEST_LINE = 10, 500


class DockcliError(Exception):
    """The base of all that dockcli raises."""


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


class Silent(DeadlineExceeded):
    """The call said nothing for so long; else it is as DeadlineExceeded. ``deadline`` is that of
    ``silence=``, in seconds."""

    advice = "Give a longer silence=, or find out what it waits for with `docker events`"

    def __init__(
        self, completed: Completed, deadline: float | None = None, reason: str = ""
    ) -> None:
        super().__init__(completed, deadline, reason or f"nothing was said for {deadline:g} s")
        self.args = (completed, deadline, reason)


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


class NoSuchService(NoSuchObject):
    advice = "`docker service ls` lists those that are there"


class NoSuchNode(NoSuchObject):
    advice = "`docker node ls` lists those that are there"


class NoSuchSecret(NoSuchObject):
    advice = "`docker secret ls` lists those that are there"


class NoSuchConfig(NoSuchObject):
    advice = "`docker config ls` lists those that are there"


class NoSuchStack(NoSuchObject):
    advice = "`docker stack ls` lists those that are there"


class NoSuchPlugin(NoSuchObject):
    advice = "`docker plugin ls` lists those that are there"


class NoSuchContext(NoSuchObject):
    advice = "`docker context ls` lists those that are there"


class NoSuchManifest(NoSuchObject):
    advice = "`docker manifest create` makes a list; an image has a manifest once it is pushed"


class NotSigned(NoSuchObject):
    """The image has no signature, or the server that keeps signatures is not reached."""

    advice = "`docker trust sign` signs an image"


class NoSuchPath(NoSuchObject):
    advice = "Look with `docker container export NAME | tar t` for what the container holds"


class NotAFile(DockerFailed):
    """A folder, a device, a pipe or a link in a circle, where a file is meant."""

    advice = "get_archive() has a folder with all that is in it"


class NotAFolder(DockerFailed):
    """Something else where a folder is meant."""

    advice = "Name a folder that is there"


class ReadOnlyPath(DockerFailed):
    """The container's file system, or what is mounted there, is read-only."""

    advice = "Write where a volume is mounted that may be written, or run it without read_only="


class NameConflict(DockerFailed):
    advice = "Choose another name, or remove or rename what has it"


Difference = tuple[str, "str | None", "str | None"]


class VolumeDrift(NameConflict):
    """A volume of that name was there already, and is not as it was asked for. docker would say
    nothing; it has changed nothing.

    ``volume`` is its name. ``differences`` has a tuple for each: what differs (``driver``,
    ``opt type``, ``label owner``), what was asked for, and what is there; None for what is not.
    """

    def __init__(
        self, completed: Completed, volume: str = "", differences: tuple[Difference, ...] = ()
    ) -> None:
        said = ", ".join(
            f"its {what} is {_shown(there)}, not {_shown(asked)}"
            for what, asked, there in differences
        )
        super().__init__(completed, f"the volume {volume} was there already, and differs: {said}")
        self.args = (completed, volume, differences)
        self.volume = volume
        self.differences = differences


class InUse(DockerFailed):
    advice = "Stop or remove what uses it first"


class NotASwarmManager(DockerFailed):
    """This engine is in no swarm, or a worker in one: only a manager answers for a swarm."""

    advice = "`docker swarm init` makes a swarm of this engine; else ask a manager of the swarm"


class SwarmLocked(DockerFailed):
    """A manager that was started again, of a swarm that locks itself (``autolock=True``)."""

    advice = "Give docker.swarm.unlock(stdin=KEY) the key that another manager's unlock_key() has"


class AuthenticationFailed(DockerFailed):
    """A registry wants to know who asks, or refuses the name and password that it was given."""

    advice = "docker.login(SERVER, username=…, password=…) with what the registry knows"


class NotExperimental(DockerFailed, Unsupported):
    """The engine has this command, but only with its experimental features on."""

    advice = 'Put "experimental": true into the daemon.json of the engine, and start it again'


class UnsupportedFlag(DockerFailed, Unsupported):
    advice = "Leave the flag out, or use a docker that has it"


class CommandNotStarted(DockerFailed):
    """The container is there, but the command could not be started in it."""


class CommandNotExecutable(CommandNotStarted):
    """The command is there, but cannot be executed (126)."""

    advice = "Make it executable, or name its interpreter"


class CommandNotFound(CommandNotStarted):
    """No such command in the container (127)."""

    advice = "Look with `docker run --rm --entrypoint ls IMAGE /bin` for what the image has"


class NoShell(CommandNotStarted):
    """The container has no such shell, and a machine is a shell in it."""

    advice = (
        'Name one that it has with shell= ("/busybox/sh"); of an image without any, copy a static '
        "one in with docker.cp, or use docker.container.exec and docker.cp, which need none"
    )


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


def _last_of_the_log(lines: tuple[LogLine, ...]) -> str:
    """The end of a log, for the end of a message."""
    if not lines:
        return ""
    shown = (f"\n  {_printable(line.text[:_LONGEST_LINE])}" for line in lines[-_SHOWN_LINES:])
    return f". The last lines of its log:{''.join(shown)}"


def _shown(value: str | None) -> str:
    return "not set" if value is None else repr(value)


def _printable(text: str) -> str:
    """*text* with what no terminal can show, or what would act on one, made visible."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )
