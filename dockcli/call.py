"""A docker call as a value: what will run, how its answer is read, what in it is secret.

A verb builds one and does nothing else; a client runs it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from dockcli.completed import Completed, mask_url
from dockcli.secret import MASK, Secret
from dockcli.value import Value

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.runner import Stdin

T = TypeVar("T")


class Speaker(NamedTuple):
    """Whose words the stderr of a command holds, and which exit codes are docker's own.

    *program*: not docker's alone. *own_codes*: None for a command that never ends with another's.
    """

    program: bool = False
    own_codes: frozenset[int] | None = None


DOCKER = Speaker()
QUOTING = Speaker(True)  # docker, with what a program has written before its own last line
RUN = Speaker(True, frozenset({125, 126, 127}))
EXEC = Speaker(True, frozenset({1, 125, 126, 127, 255}))
START = Speaker(True, frozenset({1, 125, 126, 127}))


class Start(NamedTuple):
    """What is known of the container that a `run` makes: needed to stop it if the call is given up.

    *name* is the one asked for; *rm*: it is to be removed, not only stopped.
    """

    name: str | None = None
    rm: bool = False


class IdFile(NamedTuple):
    """A file that docker writes the id of what it makes to.

    *flag* names it to docker; *path* is the caller's own, None for one of dockcli's that is gone
    after the call.
    """

    flag: str
    path: str | None = None


class Call(Value, Generic[T]):
    """One docker command, ready to run.

    ``argv`` is a tuple from ``"docker"`` on; ``str()`` is the line to paste into a shell (with
    secrets masked: set their variables first). ``deadline`` is in seconds.

    ``parse`` reads the answer, and the id that docker wrote to ``id_file`` (else ""). ``salvage``
    reads what an `inspect` found before it failed.
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
    ) -> None:
        self._set(
            argv=argv,
            client=client,
            parse=parse,
            flags_at=flags_at,
            speaker=speaker,
            deadline=deadline,
            stdin=stdin,
            check=check,
            secrets=dict(secrets or {}),
            start=start,
            id_file=id_file,
            salvage=salvage,
        )

    def run(self) -> T:
        """Run it and read the answer. Raises what `dockcli.errors` lists."""
        return self.client.execute(self)

    def plumbum(self) -> Any:
        """The same as a plumbum command, to be joined with other programs:
        ``docker.call.container.logs("web").plumbum() | grep["ERROR"]``."""
        return self.client.plumbum(self)

    def with_flag(self, flag: str) -> tuple[str, ...]:
        """``argv`` with one more flag in front of the others."""
        return (*self.argv[: self.flags_at], flag, *self.argv[self.flags_at :])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and other._meaning() == self._meaning()

    def __hash__(self) -> int:
        return hash(self.argv)

    def _meaning(self) -> tuple[Any, ...]:
        """What docker would be told, and how: not by whom, nor how the answer is read."""
        return self.argv, self.deadline, self.stdin, self.check, self.secrets

    def __repr__(self) -> str:
        return f"Call({str(self)!r})"

    def __str__(self) -> str:
        environment = [f"{name}='{MASK}'" for name in self.secrets]
        keep = [f"--preserve-env={','.join(self.secrets)}"] if self.secrets else []
        sudo = ["sudo", *keep] if self.client.sudo else []
        words = [shlex.quote(mask_url(word)) for word in self.argv]
        return " ".join([*environment, *sudo, *words])
