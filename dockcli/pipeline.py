"""A docker call joined with other programs by plumbum: ``call.plumbum() | grep["ERROR"]``.

plumbum joins them by pipes of the operating system. Of all but the last it forgets the exit code
where both failed, and never reads the stderr: past 64 KiB of it such a pipeline stands still.
"""

from __future__ import annotations

import codecs
import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from plumbum.commands.base import BoundEnvCommand, Pipeline
from plumbum.commands.processes import ProcessExecutionError, ProcessTimedOut

from dockcli.completed import hidden, mask_url
from dockcli.secret import MASK, Secret

_TAIL = 65536  # bytes of a program's stderr that are kept
_CHUNK = 65536
_A_MOMENT = 1.0  # seconds for the last words of a program that has ended
_TEXT = "dockcli_utf_8"
"""The encoding by which plumbum makes texts of what programs write: UTF-8, of which no byte is
lost, where plumbum itself leaves out what is none."""


def _text_codec(name: str) -> codecs.CodecInfo | None:
    if name != _TEXT:
        return None

    def encode(text: str, errors: str = "") -> tuple[bytes, int]:
        return text.encode("utf-8", "surrogateescape"), len(text)

    def decode(data: Any, errors: str = "") -> tuple[str, int]:
        return bytes(data).decode("utf-8", "surrogateescape"), len(data)

    return codecs.CodecInfo(encode, decode, name=_TEXT)


codecs.register(_text_codec)


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
    """A docker call as a plumbum command. No form and no failure of it shows its secrets."""

    def __init__(
        self, command: Any, env: Mapping[str, str], cwd: str | None, secrets: Mapping[str, Secret]
    ) -> None:
        super().__init__(command, dict(env), cwd)
        self._secrets = dict(secrets)
        words = command.formulate()
        self.hidden: tuple[Secret, ...] = tuple(map(Secret, hidden(words, secrets.values())))
        """What must not be seen: its secrets, and the passwords of URLs in its words."""

    def __repr__(self) -> str:
        return f"DockerCommand({str(self)!r})"

    def __str__(self) -> str:
        return mask_url(super().__str__())

    def __or__(self, other: Any) -> Joined:
        return Joined(self, other)

    def _get_encoding(self) -> str:
        return _TEXT

    def popen(self, args: Any = (), cwd: Any = None, env: Any = None, **kwargs: Any) -> Any:
        told = {name: secret.reveal() for name, secret in self._secrets.items()}
        process = super().popen(args, cwd, {**told, **(env or {})}, **kwargs)
        return hushed(process, self.hidden)

    def run(self, args: Any = (), **kwargs: Any) -> Any:
        try:
            return super().run(args, **kwargs)
        except ProcessExecutionError as error:
            failed = error.with_traceback(None)  # its frames hold what the process has said
        raise failed


class Joined(Pipeline):
    """Programs of which the first is docker.

    ``run`` gives a `Ran` or raises PipelineFailed. As in plumbum every program must succeed, also
    one whose reader wants no more.
    """

    def __or__(self, other: Any) -> Joined:
        return Joined(self, other)

    def __str__(self) -> str:
        return mask_url(super().__str__())

    @property
    def hidden(self) -> tuple[Secret, ...]:
        """What must not be seen of the first: another may write what it has read of it."""
        first: Any = self.srccmd
        found: tuple[Secret, ...] = getattr(first, "hidden", ())
        return found

    def popen(self, args: Any = (), **kwargs: Any) -> Any:
        process: Any = super().popen(args, **kwargs)
        if (stderr := process.srcproc.stderr) is not None:
            process.srcproc.words = _Words(os.dup(stderr.fileno()))
            stderr.close()
        return hushed(process, self.hidden)

    def run(self, args: Any = (), **kwargs: Any) -> Ran:
        running: Any = self.bgrun(args, **kwargs)
        with running as process:
            try:
                result = Ran(process.run())
            except ProcessExecutionError as error:
                codes = _returncodes(process)
                said = _hide(_said_by(process, error), self.hidden)
                failed = PipelineFailed(error, codes, said)
            else:
                result.returncodes = _returncodes(process)
                return result
        raise failed


def hushed(process: Any, secrets: Iterable[Secret]) -> Any:
    """A process of plumbum's, whose failure will show none of *secrets*, and whose texts lose no
    byte."""
    verify, secrets = process.verify, tuple(secrets)

    def verified(*given: Any, **named: Any) -> None:
        failed: Exception
        try:
            verify(*given, **named)
        except ProcessExecutionError as error:
            failed = masked(error, secrets)
        except ProcessTimedOut as error:
            failed = ProcessTimedOut(error.args[0], _masked_words(error.argv))
        else:
            return
        raise failed

    process.verify = verified
    process.custom_encoding = _TEXT
    return process


def masked(error: ProcessExecutionError, secrets: Iterable[Secret]) -> ProcessExecutionError:
    """The same error without *secrets* in what the process has said, and in its words."""
    secrets = tuple(secrets)
    said = (_hide(str(text), secrets) for text in (error.stdout, error.stderr))
    return ProcessExecutionError(_masked_words(error.argv), error.retcode, *said)


def _masked_words(words: Iterable[object]) -> list[str]:
    return [mask_url(str(word)) for word in words]


def _hide(text: str, secrets: Iterable[Secret]) -> str:
    for secret in secrets:
        value = secret.reveal()
        text = text.replace(value, MASK)
        raw = ascii(value.encode("utf-8", "surrogateescape"))[2:-1]  # as plumbum shows bytes
        text = text.replace(raw, MASK)
    return text


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
        if hasattr(stage, "words") and _masked_words(stage.argv) == error.argv:
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
