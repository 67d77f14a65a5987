"""What plumbum's paths ask of their machine, told to the machine's shell."""

from __future__ import annotations

import fnmatch
import os
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plumbum.commands.processes import ProcessExecutionError
from plumbum.machines.remote import BaseRemoteMachine
from plumbum.path.remote import RemoteStatRes

from dockcli.errors import InvalidArgument
from dockcli.machine import words
from dockcli.machine.session import verified

if TYPE_CHECKING:
    from dockcli.machine.reach import Reach
    from dockcli.machine.shell import Answer

_FORMAT = "%F,%f,%i,%d,%h,%u,%g,%s,%X,%Y,%Z"

# Prints the names in a folder, each with a NUL behind it; a shell's own, for what `ls` prints of a
# name with a newline nobody can read.
_LIST = r"""(cd %s && test -r . || exit 2
for n in * .*; do
  case $n in .|..) continue ;; esac
  if test -e "./$n" || test -L "./$n"; then printf '%%s\0' "$n"; fi
done; :)"""

_WALK = r"""(walk() {
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if test -L "$e"; then printf '%%s\0' "$e"
    elif test -e "$e"; then printf '%%s\0' "$e"; if test -d "$e"; then walk "$e"; fi
    fi
  done
}
walk %s; :)"""

_MATCHES = r"""(for e in %s; do
  case $e in */.|*/..) continue ;; esac
  if test -e "$e" || test -L "$e"; then printf '%%s\0' "$e"; fi
done; :)"""


class Files(BaseRemoteMachine):
    """The part of a machine that its paths stand on."""

    _reach: Reach
    _session: Any

    def answer(self, line: str) -> Answer:
        """Run a line of shell: its answer, whatever the exit code."""
        answer: Answer = self._session.ask(line, None, [line])
        return answer

    def test(self, operator: str, path: str) -> bool:
        """What the shell's own ``test`` says of *path*."""
        return self.answer(f"test {operator} {words.quoted([path])}").returncode == 0

    def tell(self, *command: object) -> bytes:
        """Run a program of the container's: what it wrote. Raises ProcessExecutionError."""
        return self._said(words.quoted(command), [words.word(one) for one in command])

    def _said(self, line: str, argv: list[str]) -> bytes:
        answer: Answer = self._session.ask(line, None, argv)
        verified(argv, answer, 0, "utf-8", self._reach.secrets)
        return answer.stdout

    def names(self, line: str, what: str, path: str) -> list[str]:
        """What a line of shell prints with a NUL behind each."""
        said = self._said(line, [what, str(path)])
        return [os.fsdecode(name) for name in said.split(b"\0")[:-1]]

    def _path_listdir(self, fn: str) -> list[str]:
        return self.names(_LIST % words.quoted([fn]), "list", fn)

    def _path_glob(self, fn: str, pattern: str) -> list[str]:
        pattern = words.word(pattern)
        segments = pattern.split("/")
        folder = fn.rstrip("/")
        if "**" not in segments:
            sought = f"{shlex.quote(folder)}/{_for_shell(pattern)}"
            return sorted(self.names(_MATCHES % sought, "glob", fn))
        found = self.names(_WALK % shlex.quote(folder), "walk", fn)
        return sorted(
            path for path in found if _matches(path[len(folder) + 1 :].split("/"), segments)
        )

    def _path_stat(self, fn: str) -> RemoteStatRes | None:
        return self._stat(fn, "-L")

    def _path_lstat(self, fn: str) -> RemoteStatRes | None:
        return self._stat(fn)

    def _stat(self, fn: str, *flags: str) -> RemoteStatRes | None:
        links = () if flags else ("-L",)
        command = ["stat", *flags, "-c", _FORMAT, str(fn)]
        answer = self.answer(words.quoted(command))
        if answer.returncode == 1 and not any(self.test(one, fn) for one in ("-e", *links)):
            return None
        _, said, _ = verified(command, answer, 0, "utf-8", self._reach.secrets)
        numbers: Any
        kind, mode, *numbers = said.strip().split(",")
        numbers = (int(mode, 16), *map(int, numbers))
        told = RemoteStatRes(numbers)
        told.text_mode = kind.lower()
        return told

    def _path_getuid(self, fn: str) -> list[str]:
        return self._owner(fn, "%u,%U")

    def _path_getgid(self, fn: str) -> list[str]:
        return self._owner(fn, "%g,%G")

    def _owner(self, fn: str, form: str) -> list[str]:
        return self.tell("stat", "-L", "-c", form, fn).decode("utf-8", "replace").strip().split(",")

    def _path_delete(self, fn: str) -> None:
        self.tell("rm", "-rf", fn)

    def _path_unlink(self, fn: str) -> None:
        self.tell("rm", "-f", fn)

    def _path_move(self, src: str, dst: str) -> Any:
        self.tell("mv", src, dst)
        return self.path(dst)

    def _path_copy(self, src: str, dst: str) -> Any:
        self.tell("cp", "-r", src, dst)
        return self.path(dst)

    def _path_mkdir(self, fn: str, mode: int | None = None, minus_p: bool = True) -> None:
        given = [] if mode is None else ["-m", f"{mode:o}"]
        self.tell("mkdir", *(["-p"] if minus_p else []), *given, fn)

    def _path_chmod(self, mode: int, fn: str) -> None:
        self.tell("chmod", f"{mode:o}", fn)

    def _path_touch(self, path: str) -> None:
        self.tell("touch", path)

    def _path_chown(
        self, fn: str, owner: int | str | None, group: int | str | None, recursive: bool
    ) -> None:
        if owner is None and group is None:
            return
        who = f"{'' if owner is None else owner}{'' if group is None else f':{group}'}"
        if who.startswith("-"):
            raise InvalidArgument(f"{who!r} is neither a user nor a group")
        self.tell("chown", *(["-R"] if recursive else []), who, fn)

    def _path_link(self, src: str, dst: str, symlink: bool) -> None:
        self.tell("ln", *(["-s"] if symlink else []), src, dst)

    def _path_read(self, fn: str) -> bytes:
        return self.tell("cat", fn)

    def _path_write(self, fn: str, data: bytes | str) -> None:
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        self.write(fn, data)

    def write(self, fn: str, data: bytes, *, append: bool = False) -> None:
        """Write *data* to the file. Up to 48 KiB the shell does it alone; more goes by ``cat``
        through a `docker exec` of its own."""
        sign = ">>" if append else ">"
        if len(data) <= words.SMALL:
            printing = words.printing(data) if data else ":"
            self._said(f"{{ {printing}; }} {sign}{words.quoted([fn])}", ["write", str(fn)])
        else:
            self.pour(fn, data, sign)

    def pour(self, fn: str, source: Any, sign: str = ">") -> None:
        """Write the bytes or the open file *source* by ``cat``."""
        done = self._reach.run(f"cat {sign}{words.quoted([fn])}", stdin=source)
        if done.returncode != 0:
            raise ProcessExecutionError(["write", str(fn)], done.returncode, "", done.error_text)


def _for_shell(pattern: str) -> str:
    """A pattern with all in quotes but for what makes it one."""
    return "".join(c if c in "*?[]-!/" else shlex.quote(c) for c in pattern)


def _matches(parts: list[str], segments: list[str]) -> bool:
    """Whether the parts of a path match; as of `glob`, no wildcard stands for a leading dot."""
    if not segments:
        return not parts
    if segments[0] == "**":
        if len(segments) == 1:
            return bool(parts) and not any(part.startswith(".") for part in parts)
        return any(_matches(parts[skip:], segments[1:]) for skip in _visible(parts))
    if not parts or not fnmatch.fnmatchcase(parts[0], segments[0]):
        return False
    if parts[0].startswith(".") and not segments[0].startswith("."):
        return False
    return _matches(parts[1:], segments[1:])


def _visible(parts: list[str]) -> Iterator[int]:
    """How many parts ``**`` may stand for: none, or folders that are not hidden."""
    for count in range(len(parts)):
        yield count
        if parts[count].startswith("."):
            return
