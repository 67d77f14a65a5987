"""Runs a command line and gives back one frozen result; it knows nothing of docker.

A `Runner` takes a `Job` and answers with a `Completed`, or raises `BinaryNotFound` or
`DeadlineExceeded`. `LocalRunner` is the one for this machine; a dry run, a recording or a remote
host is another class with the same method.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress

from dockcli import child, feed, process
from dockcli.completed import Completed
from dockcli.errors import BinaryNotFound, DeadlineExceeded, InvalidArgument, Refused, Silent
from dockcli.secret import Secret
from dockcli.typed import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from dockcli.feed import Stdin
    from dockcli.pipes import Sink


_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM})


class Job:
    """What to run: the words, and all that is not a word.

    ``argv`` is the command line as its caller knows it, ``words`` the one to run: it may have a
    flag more, for a file that docker writes an id to. ``stdout`` is a descriptor that takes it, or
    what is called with each chunk; without it the answer has it all, and ``look`` may be called
    with the chunks so far, as often as one likes. ``silence`` is for how many seconds the process
    may say nothing.
    """

    __slots__ = ("argv", "deadline", "look", "secrets", "silence", "stdin", "stdout", "words")

    def __init__(
        self,
        argv: tuple[str, ...],
        *,
        words: tuple[str, ...] | None = None,
        stdin: Stdin = None,
        stdout: int | Sink | None = None,
        deadline: float | None = None,
        silence: float | None = None,
        look: Callable[[list[bytes]], object] | None = None,
        secrets: Mapping[str, Secret] | None = None,
    ) -> None:
        self.argv: tuple[str, ...] = argv
        self.words: tuple[str, ...] = words or argv
        self.stdin: Stdin = stdin
        self.stdout: int | Sink | None = stdout
        self.deadline: float | None = deadline
        self.silence: float | None = silence
        self.look: Callable[[list[bytes]], object] | None = look
        self.secrets: Mapping[str, Secret] = secrets or {}

    @property
    def hidden(self) -> tuple[Secret, ...]:
        """All that must not be seen in what the process wrote."""
        return (*self.secrets.values(), *([self.stdin] if isinstance(self.stdin, Secret) else []))


class Environment(Mapping[str, str]):
    """That of a process. It may hold secrets, and a traceback can show what is in its frames: of a
    dict all, also of one with a `repr` of its own."""

    def __init__(self, *parts: Mapping[str, str]) -> None:
        self._variables: dict[str, str] = {}
        for part in parts:  # a later one says what an earlier one said otherwise
            self._variables.update(part)

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"<an environment of {len(self)} variables>"


class Launch:
    """What a job comes to on this machine: ``words`` from the program's absolute path on.

    ``end(group, signal)`` is how its process group is ended.
    """

    __slots__ = ("cwd", "end", "env", "words")

    def __init__(
        self,
        words: list[str],
        env: Environment,
        cwd: str | None,
        end: Callable[[int, int], None],
    ) -> None:
        self.words: list[str] = words
        self.env: Environment = env
        self.cwd: str | None = cwd
        self.end: Callable[[int, int], None] = end


class Runner(Protocol):
    """Whatever can run a `Job`."""

    def run(self, job: Job) -> Completed:
        """Run it to its end. Raises BinaryNotFound, DeadlineExceeded, InvalidArgument."""
        ...


class LocalRunner:
    """Runs on this machine: one process for each job, in a session of its own."""

    def __init__(
        self,
        binary: str,
        *,
        sudo: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self._name = binary
        self._sudo = sudo
        self._env = dict(env or {})
        self._cwd = cwd
        self._found: dict[str, str] = {}

    def run(self, job: Job) -> Completed:
        """Run *job*; its first word is a label, the program is the one resolved at first use."""
        launch = self.launch(job)
        with self._starting(job, launch):
            outcome = process.run(
                launch.words,
                env=launch.env,
                cwd=launch.cwd,
                stdin=feed.source(job.stdin),
                stdout=job.stdout,
                deadline=job.deadline,
                silence=job.silence,
                look=job.look,
                end=launch.end,
            )
        code = -1 if outcome.returncode is None else outcome.returncode
        completed = Completed(job.argv, code, outcome.stdout, outcome.stderr, outcome.seconds)
        if outcome.returncode is None:
            raise too_late(completed.masked(job.hidden), job, silent=outcome.silent)
        return completed

    def start(self, job: Job, sinks: Sequence[Sink]) -> process.Running:
        """Start *job*; *sinks* take what its stdout, if the job has none, and stderr say.

        Raises BinaryNotFound, InvalidArgument.
        """
        launch = self.launch(job)
        with self._starting(job, launch):
            return process.Running.start(
                launch.words,
                env=launch.env,
                cwd=launch.cwd,
                stdin=feed.source(job.stdin),
                stdout=job.stdout if isinstance(job.stdout, int) else None,
                sinks=[_to(job.stdout, sinks[0]), sinks[1]],
                limits=process.Limits(job.deadline, job.silence),
                end=launch.end,
            )

    def start_on_terminal(self, job: Job, sinks: Sequence[Sink]) -> process.Running:
        """The same with a terminal that nobody looks at for its stdout."""
        launch = self.launch(job)
        with self._starting(job, launch), process.terminal() as (ours, theirs):
            return process.Running.start(
                launch.words,
                env=Environment(launch.env, {"TERM": "xterm"}),
                cwd=launch.cwd,
                stdin=feed.source(job.stdin),
                sinks=sinks,
                terminal=(ours, theirs),
                limits=process.Limits(job.deadline, job.silence),
                end=launch.end,
            )

    @contextmanager
    def _starting(self, job: Job, launch: Launch) -> Iterator[None]:
        """Say in our own errors why a process cannot be started."""
        try:
            yield
        except child.Unstartable as error:
            reason = error.reason
            if isinstance(reason, ValueError):  # a word or name that no process can be given
                raise InvalidArgument(f"{job.argv[0]}: {reason}") from None
            raise self._unstartable(launch.words, reason) from None

    def launch(self, job: Job) -> Launch:
        """How *job* is started, for whoever starts it in a way of their own."""
        words = [*self._prefix(job), self._resolve(self._name), *job.words[1:]]
        env = Environment(
            os.environ, self._env, {name: one.reveal() for name, one in job.secrets.items()}
        )
        return Launch(words, env, self._cwd, self._end_as_root if self._sudo else os.killpg)

    def plumbum(self, job: Job) -> Any:
        """*job* as a plumbum command, for pipelines with other programs."""
        from plumbum import local

        from dockcli.pipeline import DockerCommand

        words = [*self._prefix(job), self._resolve(self._name), *job.words[1:]]
        return DockerCommand(local[words[0]][words[1:]], self._env, self._cwd, job.secrets)

    def _prefix(self, job: Job) -> list[str]:
        if not self._sudo:
            return []
        # sudo empties the environment; -n because nobody is there to type a password.
        keep = [f"--preserve-env={','.join(job.secrets)}"] if job.secrets else []
        return [self._resolve("sudo"), "-n", *keep, "--"]

    def _resolve(self, name: str) -> str:
        if name not in self._found:
            self._found[name] = find_program(name, self._env.get("PATH", os.environ.get("PATH")))
        return self._found[name]

    def _end_as_root(self, group: int, signal: int) -> None:
        """A process that sudo started is root's: only sudo may end it."""
        try:
            os.killpg(group, signal)
        except PermissionError:
            with suppress(BinaryNotFound, subprocess.TimeoutExpired):
                kill = [self._resolve("sudo"), "-n", find_program("kill", os.environ.get("PATH"))]
                subprocess.run(
                    [*kill, f"-{int(signal)}", "--", f"-{group}"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=0.3,  # of the second that a call may last beyond its deadline
                    check=False,
                )

    def _unstartable(self, words: list[str], error: OSError) -> Exception:
        if error.errno == 7:  # E2BIG
            return InvalidArgument(
                f"the command line is longer than this system allows ({error.strerror}): "
                "give large values by a file or by stdin="
            )
        if self._cwd is not None and error.filename == self._cwd:
            return InvalidArgument(f"cwd={self._cwd!r}: {error.strerror}")
        if error.errno in _EXHAUSTED:
            return Refused(
                f"{words[0]} cannot be started: {error.strerror}. Close files or end processes "
                "that are not needed, or raise the limit (`ulimit -a` shows it)"
            )
        return BinaryNotFound(f"{words[0]} cannot be started: {error.strerror}")


def find_program(name: str, path: str | None) -> str:
    """The absolute path of program *name*, by *path* (as PATH is written).

    Entries that are empty or relative are passed over: they would mean the working directory, and
    with it whatever the folder's owner put there.
    """
    if "\0" in name or not name:
        raise InvalidArgument(f"{name!r} is not the name of a program")
    if os.path.isabs(name):
        if _is_program(name):
            return name
        raise BinaryNotFound(f"{name} is no program that can be run here")
    if "/" in name:
        raise InvalidArgument(
            f"{name} depends on the working directory: give the name alone or its absolute path"
        )
    for folder in (path if path is not None else os.defpath).split(os.pathsep):
        if os.path.isabs(folder) and _is_program(os.path.join(folder, name)):
            return os.path.join(folder, name)
    advice = {
        "docker": "install it (https://docs.docker.com/engine/install/), "
        "or say where it is with Docker(binary=…) or --docker"
    }
    raise BinaryNotFound(f"no program {name} on PATH: {advice.get(name, 'install it')}")


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def too_late(completed: Completed, job: Job, *, silent: bool) -> DeadlineExceeded:
    """The error for a process that a limit of *job* has ended."""
    if silent:
        return Silent(completed, job.silence)
    return DeadlineExceeded(completed, job.deadline)


def _to(stdout: int | Sink | None, sink: Sink) -> Sink | None:
    if stdout is None:
        return sink
    return None if isinstance(stdout, int) else stdout


def log(completed: Completed, line: object) -> None:
    """Tell the logger ``dockcli`` of a finished run, if this program has set up logging at all."""
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("dockcli").debug(
            "%s: exit %d in %.3f s", line, completed.returncode, completed.seconds
        )
