"""A docker call as a value: what will run, how its answer is read, what in it is secret.

A verb builds one and does nothing else; a client runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockcli.completed import Completed, mask_url
from dockcli.secret import MASK, Secret
from dockcli.typed import TYPE_CHECKING, Generic, TypeVar, cast
from dockcli.value import Value

if TYPE_CHECKING:
    from typing import Any

    from dockcli.bytestream import ByteStream
    from dockcli.client import Docker
    from dockcli.feed import Stdin, Stdout
    from dockcli.models.progress import Progress
    from dockcli.reading import Live
    from dockcli.spec import Flag
    from dockcli.stream import Stream
    from dockcli.terminal import Terminal

T = TypeVar("T")

ANSWER, ITEMS, BYTES, TERMINAL = "answer", "items", "bytes", "terminal"


class Speaker(Value):
    """Whose words the stderr of a command holds, and which exit codes are docker's own.

    *program*: not docker's alone. *own_codes*: None for a command that never ends with another's.
    *own_words*: how messages begin that only a plugin of docker's has, a regular expression.
    """

    __slots__ = ("program", "own_codes", "own_words")  # noqa: RUF023 - as __init__ has them

    program: bool
    own_codes: frozenset[int] | None
    own_words: str

    def __init__(
        self,
        program: bool = False,
        own_codes: frozenset[int] | None = None,
        own_words: str = r"(?!)",
    ) -> None:
        self._set(program, own_codes, own_words)


DOCKER = Speaker()
QUOTING = Speaker(True)  # docker, with what a program has written before its own last line
RUN = Speaker(True, frozenset({125, 126, 127}))
EXEC = Speaker(True, frozenset({1, 125, 126, 127, 255}))
START = Speaker(True, frozenset({1, 125, 126, 127}))


class Start(Value):
    """What is known of the container that a `run` makes: needed to stop it if the call is given up.

    *name* is the one asked for; *rm*: it is to be removed, not only stopped.
    """

    __slots__ = ("name", "rm")

    name: str | None
    rm: bool

    def __init__(self, name: str | None = None, rm: bool = False) -> None:
        self._set(name, rm)


class IdFile(Value):
    """A file that docker writes the id of what it makes to.

    *flag* names it to docker; *path* is the caller's own, None for one of dockcli's that is gone
    after the call.
    """

    __slots__ = ("flag", "path")

    flag: str
    path: str | None

    def __init__(self, flag: str, path: str | None = None) -> None:
        self._set(flag, path)


class Needs(Value):
    """What a call asks of docker that an older or other one may lack.

    *meant* are the words for which docker makes a folder because the caller says so.
    """

    __slots__ = ("command", "flags", "meant")

    command: str
    flags: tuple[Flag, ...]
    meant: tuple[str, ...]

    def __init__(self, command: str, flags: tuple[Flag, ...], meant: tuple[str, ...] = ()) -> None:
        self._set(command, flags, meant)


class Call(Value, Generic[T]):
    """One docker command, ready to run.

    ``argv`` is a tuple from ``"docker"`` on; ``str()`` is the line to paste into a shell (with
    secrets masked: set their variables first). ``deadline`` is in seconds.

    ``parse`` reads the answer, and the id that docker wrote to ``id_file`` (else ""). ``salvage``
    reads what an `inspect` found before it failed; with ``missing_ok`` that is the answer.
    ``needs`` is checked before it runs.

    ``silence`` is for how many seconds docker may say nothing. ``form`` is what `run` gives: the
    ANSWER, or something live: ITEMS, BYTES or a TERMINAL. ``live`` is how its items are read.
    """

    __slots__ = (  # noqa: RUF023 - as __init__ has them
        "argv",
        "client",
        "parse",
        "flags_at",
        "speaker",
        "deadline",
        "stdin",
        "check",
        "secrets",
        "start",
        "id_file",
        "salvage",
        "missing_ok",
        "needs",
        "stdout",
        "silence",
        "live",
        "form",
        "on_progress",
    )

    argv: tuple[str, ...]
    client: Docker
    parse: Callable[[Completed, str], T]
    flags_at: int
    speaker: Speaker
    deadline: float | None
    stdin: Stdin
    check: bool
    secrets: Mapping[str, Secret]
    start: Start | None
    id_file: IdFile | None
    salvage: Callable[[Completed], tuple[object, ...]] | None
    missing_ok: bool
    needs: Needs | None
    stdout: Stdout
    silence: float | None
    live: Live | None
    form: str
    on_progress: Callable[[Progress], object] | None

    def __init__(
        self,
        argv: tuple[str, ...],
        client: Docker,
        parse: Callable[[Completed, str], T],
        flags_at: int = 1,
        speaker: Speaker = DOCKER,
        deadline: float | None = None,
        stdin: Stdin = None,
        check: bool = True,
        secrets: Mapping[str, Secret] | None = None,
        start: Start | None = None,
        id_file: IdFile | None = None,
        salvage: Callable[[Completed], tuple[object, ...]] | None = None,
        missing_ok: bool = False,
        needs: Needs | None = None,
        stdout: Stdout = None,
        silence: float | None = None,
        live: Live | None = None,
        form: str = ANSWER,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> None:
        self._set(
            argv,
            client,
            parse,
            flags_at,
            speaker,
            deadline,
            stdin,
            check,
            dict(secrets or {}),
            start,
            id_file,
            salvage,
            missing_ok,
            needs,
            stdout,
            silence,
            live,
            form,
            on_progress,
        )

    def run(self) -> T:
        """Run it and read the answer, or start what the call asks to be live.

        Raises what `dockcli.errors` lists.
        """
        if self.form == ANSWER:
            return self.client.execute(self)
        live: Any = {ITEMS: self.stream, BYTES: self.open, TERMINAL: self.terminal}[self.form]()
        return cast(T, live)

    def stream(self) -> Stream[Any]:
        """Start it, and take what it tells as it tells it: the items that ``stream=True`` of its
        verb gives, and for a verb that has none the lines that docker writes."""
        return self.client.stream(self)

    def open(self) -> ByteStream:
        """Start it, and read the bytes that it writes to stdout like a file."""
        return self.client.open(self)

    def plumbum(self) -> Any:
        """The same as a plumbum command, to be joined with other programs:
        ``docker.call.container.logs("web").plumbum() | grep["ERROR"]``."""
        return self.client.plumbum(self)

    def terminal(self, *, rows: int = 24, columns: int = 80) -> Terminal:
        """The same on a pseudo-terminal, to be talked to; it starts at its first use:
        ``with docker.call.container.exec("web", "sh", interactive=True, tty=True).terminal() …``"""
        return self.client.terminal(self, rows=rows, columns=columns)

    def with_flag(self, flag: str) -> tuple[str, ...]:
        """``argv`` with one more flag in front of the others."""
        return (*self.argv[: self.flags_at], flag, *self.argv[self.flags_at :])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and other._meaning() == self._meaning()

    def __hash__(self) -> int:
        return hash(self.argv)

    def _meaning(self) -> tuple[Any, ...]:
        """What docker would be told, and how: not by whom, nor how the answer is read."""
        return (
            *(self.argv, self.deadline, self.stdin, self.check, self.secrets),
            *(self.stdout, self.silence, self.form),
        )

    def __repr__(self) -> str:
        return f"Call({str(self)!r})"

    def __str__(self) -> str:
        from shlex import quote

        environment = [f"{name}='{MASK}'" for name in self.secrets]
        keep = [f"--preserve-env={','.join(self.secrets)}"] if self.secrets else []
        sudo = ["sudo", *keep] if self.client.sudo else []
        words = [quote(mask_url(word)) for word in self.argv]
        return " ".join([*environment, *sudo, *words])
