"""Paths in a container: plumbum's `RemotePath`, for names of any bytes.

Looking (``exists``, ``is_dir``, ``list``, ``glob``, ``walk``, ``access``) is done by the shell
itself. Programs are needed only for what no shell can do: ``cat`` (read), ``stat``, ``rm``, ``mv``,
``cp``, ``mkdir``, ``rmdir``, ``ln``, ``touch``, ``chmod``, ``chown``.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, cast

from plumbum.path.remote import RemotePath

from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    import builtins

    from typing_extensions import Self

    from dockcli.machine.machine import Machine


class MachinePath(RemotePath):
    """A path on a machine. As for local paths, links are followed by ``exists``, ``is_dir``,
    ``is_file`` and ``stat``, and not by ``is_symlink``, ``lstat``, ``delete`` and ``walk``."""

    __slots__ = ()
    remote: Any  # a Machine

    def __new__(cls, remote: Machine, *parts: Any) -> Self:
        texts = [os.fsdecode(part) if isinstance(part, bytes) else str(part) for part in parts]
        if any("\0" in text for text in texts):
            raise InvalidArgument(f"{texts!r}: no path can have a NUL in it")
        if texts and not texts[0].startswith("/"):  # plumbum takes a backslash for a root
            texts.insert(0, str(remote.cwd))
        return super().__new__(cls, remote, *texts)

    @property
    def _machine(self) -> Machine:
        machine: Machine = self.remote
        return machine

    def _form(self, *parts: Any) -> MachinePath:
        return MachinePath(self.remote, *parts)

    def join(self, *parts: Any) -> MachinePath:
        return MachinePath(self.remote, self, *parts)

    @property
    def dirname(self) -> MachinePath:
        return MachinePath(self.remote, str(self).rpartition("/")[0] or "/")

    def with_name(self, name: str) -> MachinePath:
        return self.dirname.join(name)

    def with_suffix(self, suffix: str, depth: int | None = 1) -> MachinePath:
        return self._form(super().with_suffix(suffix, depth))

    def exists(self) -> bool:
        return self._machine.test("-e", self)

    def is_dir(self) -> bool:
        return self._machine.test("-d", self)

    def is_file(self) -> bool:
        return self._machine.test("-f", self)

    def is_symlink(self) -> bool:
        return self._machine.test("-L", self)

    def access(self, mode: int | str = 0) -> bool:
        """Whether the machine's user may do that: ``"r"``, ``"w"``, ``"x"`` or `os.R_OK` and so on.
        Without any, whether it is there."""
        flags = self._access_mode_to_flags(mode)
        asked = {os.R_OK: "-r", os.W_OK: "-w", os.X_OK: "-x"}
        return self._machine.test("-e", self) and all(
            self._machine.test(test, self) for bit, test in asked.items() if flags & bit
        )

    def lstat(self) -> Any:
        """As `stat`, but of a link itself."""
        found = self._machine._path_lstat(self)
        if found is None:
            self._missing()
        return found

    def stat(self) -> Any:
        """What the file system tells of it; times in whole seconds. Raises FileNotFoundError."""
        found = self._machine._path_stat(self)
        if found is None:
            self._missing()
        return found

    def _missing(self) -> NoReturn:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))

    def list(self) -> builtins.list[Any]:
        """What is in the folder, in the order of the shell; of no folder, nothing."""
        if not self.is_dir():
            return []
        return [self.join("./" + name) for name in self._machine._path_listdir(self)]

    def iterdir(self) -> Iterable[Any]:
        return iter(self.list())

    def glob(self, pattern: Any) -> builtins.list[Any]:
        """The paths below it that match: ``*``, ``?``, ``[…]``, and ``**`` for any depth."""

        def matches(one: str) -> Any:
            return [self._form(match) for match in self._machine._path_glob(str(self), one)]

        found: Any = self._glob(pattern, matches)
        return cast("builtins.list[Any]", found)

    def walk(
        self,
        filter: Callable[[Any], bool] = lambda _: True,
        dir_filter: Callable[[Any], bool] = lambda _: True,
    ) -> Generator[Any, None, None]:
        """All that is below it, folders before what is in them; links are not gone through."""
        for path in self.list():
            if filter(path):
                yield path
            if dir_filter(path) and path.is_dir() and not path.is_symlink():
                yield from path.walk(filter, dir_filter)

    def delete(self) -> None:
        """Remove it, a folder with all that is in it; what is not there is no error."""
        self._machine._path_delete(self)

    def unlink(self) -> None:
        """Remove this file or link; what is not there is no error. Raises IsADirectoryError."""
        if self.is_dir() and not self.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self))
        self._machine._path_unlink(self)

    def rmdir(self) -> None:
        """Remove it if it is an empty folder, by ``rmdir``."""
        if not self.is_dir() or self.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self))
        self._machine.tell("rmdir", self)

    def mkdir(self, mode: int | None = None, parents: bool = True, exist_ok: bool = True) -> None:
        """Make the folder; *mode* is its permissions. Raises FileExistsError."""
        if not exist_ok and (self.exists() or self.is_symlink()):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self))
        if exist_ok and self.is_dir():
            return
        if parents:
            self._machine._path_mkdir(self.dirname)
        self._machine._path_mkdir(self, mode, minus_p=False)

    def copy(self, dst: Any, override: bool | None = False) -> MachinePath:
        """Copy it, a folder with all that is in it. What is there already is replaced with
        ``override=True`` only; else TypeError, as of plumbum."""
        to = self._mine(dst)
        if override:
            to.delete()
        elif to.exists():
            raise TypeError("Override not specified and dst exists")
        copy: MachinePath = self._machine._path_copy(self, to)
        return copy

    def move(self, dst: Any) -> MachinePath:
        moved: MachinePath = self._machine._path_move(self, self._mine(dst))
        return moved

    def link(self, dst: Any) -> None:
        """Make *dst* another name of this file."""
        self._machine._path_link(self, self._mine(dst), False)

    def symlink(self, dst: Any) -> None:
        """Make *dst* a link to this path."""
        self._machine._path_link(self, self._mine(dst), True)

    def _mine(self, dst: Any) -> MachinePath:
        if isinstance(dst, RemotePath) and dst.remote is not self.remote:
            raise TypeError("dst points to a different remote machine")
        if not isinstance(dst, str):
            raise TypeError(f"dst is a text or a path on the same machine, not {dst!r}")
        return self._form(dst)

    def read(self, encoding: str | None = None) -> str | bytes:
        """Its bytes; with *encoding* its text, in which bytes that are none become surrogates."""
        data = self._machine._path_read(self)
        return data if encoding is None else data.decode(encoding, "surrogateescape")

    def read_bytes(self) -> bytes:
        return self._machine._path_read(self)

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        return self.read_bytes().decode(encoding or "utf-8", errors or "surrogateescape")

    def write(self, data: str | bytes, encoding: str | None = None) -> None:
        if isinstance(data, str):
            data = data.encode(encoding or "utf-8", "surrogateescape")
        self._machine._path_write(self, data)

    def write_bytes(self, data: bytes) -> int:
        self._machine._path_write(self, data)
        return len(data)

    def write_text(
        self,
        data: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> int:
        if newline:
            data = data.replace("\n", newline)
        self._machine._path_write(
            self, data.encode(encoding or "utf-8", errors or "surrogateescape")
        )
        return len(data)

    def open(self, mode: str = "r", bufsize: int = -1, *, encoding: str | None = None) -> Any:
        """Open it to be read (``r``), written (``w``) or added to (``a``), as text or bytes
        (``b``). It is read whole at once, and written when it is closed."""
        kind, binary = mode.replace("b", "").replace("t", ""), "b" in mode
        if kind not in ("r", "w", "a"):
            raise InvalidArgument(f"mode={mode!r}: a file on a machine is opened with r, w or a")
        data: io.BytesIO = (
            io.BytesIO(self.read_bytes()) if kind == "r" else _Written(self, append=kind == "a")
        )
        if binary:
            return data
        return io.TextIOWrapper(data, encoding or "utf-8", "surrogateescape", newline="")

    def as_uri(self, scheme: str = "docker") -> str:
        from urllib.request import pathname2url

        path = pathname2url(os.fsencode(str(self)).decode("latin-1"))
        return f"{scheme}://{self._machine.container}{path}"


class _Written(io.BytesIO):
    """What is to be a file once it is closed."""

    def __init__(self, path: MachinePath, *, append: bool) -> None:
        super().__init__()
        self._path, self._append = path, append
        try:  # as any `open` does, so that errors come now
            path.remote.write(path, b"", append=append)
        except BaseException:
            super().close()  # else its finalizer would write it once more
            raise

    def close(self) -> None:
        if not self.closed:
            data = self.getvalue()
            super().close()
            self._path.remote.write(self._path, data, append=self._append)
