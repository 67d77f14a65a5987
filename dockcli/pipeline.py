"""A docker call joined with other programs by plumbum: ``call.plumbum() | grep["ERROR"]``.

plumbum joins them by pipes of the operating system. Of all but the last it forgets the exit code
where both failed, and never reads the stderr: past 64 KiB of it such a pipeline stands still.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from plumbum.commands.base import BoundEnvCommand, Pipeline
from plumbum.commands.processes import ProcessExecutionError

_TAIL = 65536  # bytes of a program's stderr that are kept
_CHUNK = 65536
_A_MOMENT = 1.0  # seconds for the last words of a program that has ended


class Ran(tuple[int, str, str]):
    """Exit code, stdout and stderr, as plumbum's ``run`` gives them.

    ``returncodes`` has the exit code of each program, from the first on.
    """

    returncodes: tuple[int, ...]


class PipelineFailed(ProcessExecutionError):
    """A program of a pipeline has failed: ``argv``, ``retcode`` and ``stderr`` are its own.

    ``returncodes`` has the exit code of each program, from the first on.
    """

    def __init__(self, error: ProcessExecutionError, codes: tuple[int, ...], stderr: str) -> None:
        said = f"exit codes {' | '.join(map(str, codes))}"
        super().__init__(error.argv, error.retcode, error.stdout, stderr, said)
        self.returncodes: tuple[int, ...] = codes

    def __reduce__(self) -> Any:
        return type(self), (
            ProcessExecutionError(self.argv, self.retcode, self.stdout, self.stderr),
            self.returncodes,
            self.stderr,
        )


class DockerCommand(BoundEnvCommand):
    """A docker call as a plumbum command."""

    def __init__(self, command: Any, env: Mapping[str, str], cwd: str | None) -> None:
        super().__init__(command, dict(env), cwd)

    def __or__(self, other: Any) -> Joined:
        return Joined(self, other)


class Joined(Pipeline):
    """Programs of which the first is docker.

    ``run`` gives a `Ran` or raises PipelineFailed. As in plumbum every program must succeed, also
    one whose reader wants no more.
    """

    def __or__(self, other: Any) -> Joined:
        return Joined(self, other)

    def popen(self, args: Any = (), **kwargs: Any) -> Any:
        process: Any = super().popen(args, **kwargs)
        if (stderr := process.srcproc.stderr) is not None:
            process.srcproc.words = _Words(os.dup(stderr.fileno()))
            stderr.close()
        return process

    def run(self, args: Any = (), **kwargs: Any) -> Ran:
        running: Any = self.bgrun(args, **kwargs)
        with running as process:
            try:
                result = Ran(process.run())
            except ProcessExecutionError as error:
                codes = _returncodes(process)
                raise PipelineFailed(error, codes, _said_by(process, error)) from None
            result.returncodes = _returncodes(process)
            return result


def _stages(process: Any) -> list[Any]:
    """The processes of a pipeline, from the first on."""
    found = [process]
    while (source := getattr(found[0], "srcproc", None)) is not None:
        found.insert(0, source)
    return found


def _returncodes(process: Any) -> tuple[int, ...]:
    """Each exit code; plumbum writes its own mixture over that of its object, not over the true."""
    return tuple(getattr(one, "_proc", one).returncode for one in _stages(process))


def _said_by(process: Any, error: Any) -> str:
    """The stderr of the program that *error* is about."""
    for stage in _stages(process):
        if hasattr(stage, "words") and stage.argv == error.argv:
            return str(stage.words)
    return str(error.stderr)


class _Words:
    """Reads what a program says on its stderr."""

    def __init__(self, descriptor: int) -> None:
        self._said = b""
        self._thread = threading.Thread(
            target=self._listen, args=(descriptor,), name="dockcli-stderr", daemon=True
        )
        self._thread.start()

    def _listen(self, descriptor: int) -> None:
        try:
            while chunk := os.read(descriptor, _CHUNK):
                self._said = (self._said + chunk)[-_TAIL:]
        finally:
            os.close(descriptor)

    def __str__(self) -> str:
        self._thread.join(_A_MOMENT)
        return self._said.decode("utf-8", "backslashreplace")
