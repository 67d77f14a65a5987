"""A container as a plumbum machine."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import weakref
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from plumbum.commands import BaseCommand, CommandNotFound
from plumbum.lib import ProcInfo
from plumbum.path.local import LocalPath

from dockcli.errors import InvalidArgument
from dockcli.machine import commands, transfer, words
from dockcli.machine.detached import Detached
from dockcli.machine.env import Env, Workdir
from dockcli.machine.files import Files
from dockcli.machine.live import STREAMS, Live
from dockcli.machine.paths import MachinePath
from dockcli.machine.reach import Reach
from dockcli.machine.session import Session, State

if TYPE_CHECKING:
    from dockcli.machine.shell import Answer

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # where none is said

_PROCESSES = r"""(for p in /proc/[0-9]*; do
  u= s=
  while read -r k v rest; do
    case $k in State:) s=$v ;; Uid:) u=$v ;; Name:) n=$v ;; esac
  done 2>/dev/null <"$p/status"
  test -n "$u" || continue
  printf '%%s %%s %%s [%%s]\0' "${p#/proc/}" "$u" "$s" "$n"
  cat "$p/cmdline" 2>/dev/null
  printf '\0'; printf %s
done; :)"""


class Machine(Files):
    """A running container as one of plumbum's remote machines, over one open shell in it::

        with docker.container.machine("web") as m:
            m["ls"]("-l")
            (m["cat"]["/var/log/x"] | m["grep"]["error"])()
            m.path("/home/number.txt").read()

    It is made by ``docker.container.machine``. A command costs what the shell needs to start it,
    not a `docker exec`. These open one of their own beside the shell: `popen`, `bgrun`, pipes with
    local commands, redirections to and from local files, and more than 48 KiB of data by ``<<``.

    ``cwd`` and ``env`` are the machine's, for all threads; threads share the shell, one command
    after the other. What a command leaves running should write to files, as `nohup` has it: what it
    writes while another command runs is among the output of that one.

    A container that has no more than a shell is enough for commands, `which`, ``env``, ``cwd``,
    pipes, ``<<``, and most of looking at paths; `MachinePath` tells what else needs which program.

    Commands raise plumbum's errors (ProcessExecutionError, CommandNotFound), CommandTimedOut, which
    is plumbum's ProcessTimedOut too, ShellEnded, and EngineLost; the next command then opens a new
    shell.
    """

    RemoteCommand = commands.Command
    env: Env
    _cwd: Workdir

    def __init__(
        self,
        reach: Reach,
        encoding: str | None = "utf-8",
        connect_timeout: float | None = 10.0,
    ) -> None:
        self._reach = reach
        self.container = reach.container
        self.uname = "Linux"
        self.custom_encoding: Any = encoding
        self.connect_timeout = connect_timeout
        self._python = None
        self._program_cache: Any = {}
        self._lives: weakref.WeakSet[Live] = weakref.WeakSet()
        self._further: weakref.WeakSet[Session] = weakref.WeakSet()
        self._session: Any = Session(reach, encoding, connect_timeout)
        told = self._session.told
        self._cwd = Workdir(self, told.cwd)
        self.env = Env(self, dict(told.env))
        self._session.follow(self.state)

    def __str__(self) -> str:
        return f"docker://{self.container}"

    def state(self) -> State:
        """Where its commands run now, and with which environment."""
        return State(str(self._cwd), self.env.snapshot())

    @property
    def cwd(self) -> Workdir:
        """Where its commands run."""
        return self._cwd

    def chdir(self, newdir: str) -> Workdir:
        """Go there; see `Workdir.chdir`."""
        line = f"(cd {words.quoted([self.path(newdir)])} && printf '%s/' \"$PWD\")"
        said = self._said(line, ["cd", str(newdir)])
        self._cwd = Workdir(self, os.fsdecode(said))
        return self._cwd

    def path(self, *parts: Any) -> MachinePath:
        """A path there, from the working directory on; a leading ``~`` is a home."""
        for part in parts:
            if isinstance(part, LocalPath):
                raise TypeError(f"{part!r} is a path on this side: a machine's is made of texts")
        given = [os.fsdecode(p) if isinstance(p, bytes) else str(p) for p in parts]
        path: MachinePath = MachinePath(self, str(self._cwd), *map(self.expanduser, given))
        return path

    def which(self, progname: str) -> MachinePath:
        """Where a program is, by ``env["PATH"]``; ``_`` in the name may stand for ``-`` or ``.``.
        Raises plumbum's CommandNotFound."""
        searched = self.env.snapshot().get("PATH") or _PATH
        key = (progname, searched)
        if key not in self._program_cache:
            names = dict.fromkeys([progname, *(progname.replace("_", c) for c in "-.")])
            folders = [folder for folder in searched.split(":") if folder]
            line = (
                f"(for n in {words.quoted(names)}; do for d in {words.quoted(folders)}; do "
                'if test -f "$d/$n" && test -x "$d/$n"; then '
                "printf '%s/' \"$d/$n\"; exit 0; fi; done; done; :)"
            )
            found = os.fsdecode(self._said(line, ["which", progname]))
            if not progname or not found:
                raise CommandNotFound(progname, list(self.env.path))
            self._program_cache[key] = MachinePath(self, found)
        program: MachinePath = self._program_cache[key]
        return program

    def line(
        self, command: BaseCommand, args: Sequence[Any], cwd: Any, env: Mapping[str, str]
    ) -> str | None:
        """*command* as a line of this machine's shell, if it can be one."""
        return commands.line(self, command, args, cwd, env)

    def ask(self, line: str, timeout: float | None, argv: list[str]) -> Answer:
        """Run a line of shell in ``cwd`` and with ``env``."""
        answer: Answer = self._session.ask(line, timeout, argv)
        return answer

    def __getitem__(self, cmd: Any) -> commands.Command:
        """The program *cmd*: a name that `which` finds, or a path."""
        found: Any = super().__getitem__(cmd)
        return cast("commands.Command", found)

    def command(self, *argv: object) -> Any:
        """The command of these words."""
        return self[words.word(argv[0])][argv[1:]]

    def session(self, isatty: bool = False, *, new_session: bool = False) -> Session:
        """A further shell of its own, which begins where the machine is: what it is told acts on
        what it is told next (``s.run("cd /tmp")``), and on nothing else."""
        if isatty:
            raise InvalidArgument("a session has no terminal: dockcli.terminal.Terminal has one")
        further = Session(
            self._reach, self.custom_encoding, self.connect_timeout, start=self.state()
        )
        self._further.add(further)
        return further

    def popen(self, args: Any, **kwargs: Any) -> Any:
        """Start a program with live streams, in a `docker exec` of its own.

        *args* are its words, or a line of shell. ``stdin``, ``stdout``, ``stderr`` are as
        `subprocess.Popen` takes them (a pipe unless given), ``cwd`` and ``env`` for it alone. As
        with any `docker exec`, `ps` on this side shows its words, and what the machine's ``env``
        has more than the container.
        """
        cwd, env = kwargs.pop("cwd", None), kwargs.pop("env", None) or {}
        if unknown := kwargs.keys() - STREAMS:
            raise InvalidArgument(
                f"{', '.join(sorted(unknown))}: a program in a container has none"
            )
        if isinstance(args, BaseCommand):
            args = commands.argv(args)
        given = [self._reach.shell, "-c", args] if isinstance(args, str) else args
        given = [words.word(one) for one in given]
        state = self.state()
        wanted = {**state.env, **{name: words.word(value) for name, value in env.items()}}
        where = state.cwd if cwd is None else str(self.path(cwd))
        steps = words.changes(self._session.told.env, wanted)
        steps += [f"cd {words.quoted([where])} || exit 126", f"exec {words.quoted(given)}"]
        live = Live(self._reach.start("\n".join(steps), **kwargs), given, self.custom_encoding)
        self._lives.add(live)
        return live

    def daemonic_popen(
        self,
        command: BaseCommand,
        cwd: str = ".",
        stdout: str | None = None,
        stderr: str | None = None,
        append: bool = True,
    ) -> Any:
        """Start a command that goes on when the machine is closed; its output goes to files there.
        It needs no ``nohup``."""
        inner = self.line(command, (), None, {})
        if inner is None:
            raise InvalidArgument(f"{command!r} is not of this machine alone")
        sign = ">>" if append else ">"
        out = words.quoted([stdout or "/dev/null"])
        err = "2>&1" if stderr in (None, "&1") else f"2{sign}{words.quoted([stderr])}"
        line = (
            f"(cd {words.quoted([self.path(cwd)])} && : {sign}{out} || exit 1\n"
            f"unset {words.TAG}; trap '' HUP\n"
            f"exec {words.quoted([self._reach.shell, '-c', inner])} "
            f"{sign}{out} {err} </dev/null &\n"
            "printf '%s' \"$!\")"
        )
        argv = ["nohup", *command.formulate(0)]
        return Detached(self, int(self._said(line, argv)), argv)

    def download(self, src: str, dst: str | os.PathLike[str]) -> None:
        """Copy a file or a folder from there; see `transfer.download`."""
        transfer.download(self, src, dst)

    def upload(self, src: str | os.PathLike[str], dst: str) -> None:
        """Copy a file or a folder to there; see `transfer.upload`."""
        transfer.upload(self, src, dst)

    @contextlib.contextmanager
    def tempdir(self) -> Generator[Any, None, None]:
        """A folder there that is removed at the end, in ``$TMPDIR`` or ``/tmp``. It needs
        ``mkdir`` and ``rm``."""
        folder = self.path(self.env.get("TMPDIR") or "/tmp", f"dockcli-{os.urandom(8).hex()}")  # noqa: S108
        folder.mkdir(mode=0o700, exist_ok=False)
        try:
            yield folder
        finally:
            folder.delete()

    def list_processes(self) -> Generator[ProcInfo, None, None]:
        """What runs there, by ``/proc`` and ``cat``: ``ps`` differs with each image."""
        mark = os.urandom(16).hex()
        said = self._said(_PROCESSES % mark, ["list_processes"])
        for entry in said.split(b"\0" + mark.encode())[:-1]:
            head, _, line = entry.partition(b"\0")
            pid, uid, stat, name = os.fsdecode(head).split(" ", 3)
            args = os.fsdecode(line.rstrip(b"\0").replace(b"\0", b" "))
            yield ProcInfo(int(pid), int(uid), stat, args or name)

    def expand(self, expr: str) -> str:
        """*expr* with its variables (``$HOME``, ``${HOME}``) and a leading ``~`` replaced; nothing
        of it is run."""
        env = self.env.snapshot()
        known = re.sub(
            r"\$(?:(\w+)|\{(\w+)\})",
            lambda found: env.get(found[1] or found[2], ""),
            expr,
            flags=re.ASCII,
        )
        return self.expanduser(known)

    def expanduser(self, expr: str) -> str:
        """*expr* with a leading ``~`` or ``~user`` replaced by that home, if there is one."""
        head, slash, rest = expr.partition("/")
        if not head.startswith("~"):
            return expr
        if head == "~" and "HOME" in self.env:
            return self.env["HOME"] + slash + rest
        line = (
            '(while IFS=: read -r n _ _ _ _ h _; do if test "$n" = '
            f"{shlex.quote(words.word(head[1:]))}; then printf '%s' \"$h\"; exit 0; fi; "
            "done </etc/passwd; :)"
        )
        home = os.fsdecode(self.answer(line).stdout)
        return home + slash + rest if home else expr

    def close(self) -> None:
        """Close the shell and its further sessions, and end all that `popen` has started and that
        still runs."""
        for live in list(getattr(self, "_lives", ())):
            live.close()
        for further in list(getattr(self, "_further", ())):
            further.close()
        super().close()
