"""The handle of a test on the docker that stands in for the real one."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Imported and not copied: so that it is compiled once, and not at each of its many starts.
_PROGRAM = f"""\
#!{os.path.realpath(sys.executable)} -IS
import sys
sys.path.append({str(Path(__file__).parent)!r})
import fake_program
fake_program.main()
"""

Step = tuple[Any, ...]


@dataclass(frozen=True)
class Seen:
    """One start of the fake: what it was given, in bytes, and what it found itself to be."""

    program: str
    argv: tuple[bytes, ...]
    env: dict[str, bytes]
    cwd: bytes
    files: tuple[int, ...]
    terminals: tuple[bool, bool, bool]
    pid: int
    group: int
    session: int
    stdin: bytes

    @property
    def words(self) -> list[str]:
        return [os.fsdecode(word) for word in self.argv]

    @property
    def command(self) -> str:
        return " ".join([word for word in self.words if not word.startswith("-")][:2])


class FakeDocker:
    """A folder with a ``docker`` (and, if wanted, a ``sudo``) that does what it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("calls", "pids"):
            (folder / name).mkdir(parents=True)
        self._script: dict[str, tuple[Step, ...]] = {"": ()}
        self.path = self.add("docker")
        self.will()

    def add(self, name: str) -> Path:
        """Put the program into the folder under *name* too."""
        path = self.folder / name
        path.write_text(_PROGRAM, encoding="utf-8")
        path.chmod(0o755)
        return path

    def will(self, *steps: Step, when: str = "") -> None:
        """Do *steps*, one after the other; *when* is a command (``"container run"``) or all."""
        self._script[when] = _plain(steps)
        part = self.folder / "script.part"
        part.write_text(repr(self._script), encoding="utf-8")
        part.replace(self.folder / "script")

    @property
    def calls(self) -> list[Seen]:
        """Every start so far, in order."""
        return [_seen(path) for path in sorted((self.folder / "calls").glob("*.json"))]

    @property
    def call(self) -> Seen:
        """The one start that there was."""
        (call,) = self.calls
        return call

    @property
    def commands(self) -> list[str]:
        """The commands of the calls, in order."""
        return [call.command for call in self.calls if call.program == "docker"]

    def marked(self, name: str, *, patience: float = 5.0) -> int:
        """The number of the process that said it is *name*."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for path in (self.folder / "pids").glob(f"{name}-*"):
                return int(path.name.rpartition("-")[2])
            time.sleep(0.005)
        raise AssertionError(f"the fake has no {name}")

    def started(self, *, patience: float = 5.0) -> Seen:
        """The first start, as soon as there is one."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if calls := self.calls:
                return calls[0]
            time.sleep(0.005)
        raise AssertionError("the fake was not started")


def _plain(step: Any) -> Any:
    """A step in words that its own repr() gives back: no members of enums."""
    if isinstance(step, (tuple, list)):
        return tuple(map(_plain, step))
    return int(step) if isinstance(step, int) else step


def _seen(path: Path) -> Seen:
    raw = json.loads(path.read_text(encoding="ascii"))
    written = path.with_suffix(".stdin")
    return Seen(
        program=raw["program"],
        argv=tuple(word.encode("latin-1") for word in raw["argv"]),
        env={name: value.encode("latin-1") for name, value in raw["env"].items()},
        cwd=raw["cwd"].encode("latin-1"),
        files=tuple(raw["files"]),
        terminals=tuple(raw["terminals"]),
        pid=raw["pid"],
        group=raw["group"],
        session=raw["session"],
        stdin=written.read_bytes() if written.exists() else b"",
    )


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return Path("/proc/self").is_dir() is False


def left_in(group: int, *, within: float = 1.0) -> list[int]:
    """The processes of a group, waiting a little for the system to see to those that end."""
    end = time.monotonic() + within
    while (members := _alive_in(group)) and time.monotonic() < end:
        time.sleep(0.005)
    return members


def _alive_in(group: int) -> list[int]:
    """Those that have not ended: an orphan's zombie is its adopter's affair."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return []
    members = [group] if not Path("/proc/self").is_dir() else []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group, *_ = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(its_group) == group and state not in "ZX":
            members.append(int(path.parent.name))
    return members


def is_gone(pid: int, *, within: float = 1.0) -> bool:
    """Whether a process has ended, waiting a little for the system to see to it."""
    end = time.monotonic() + within
    while is_alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
