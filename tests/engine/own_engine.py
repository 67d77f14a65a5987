"""An engine of a test's own, in a network namespace of its own.

It has its own docker0, packet filter rules and docker_gwbridge, which no other engine of the
machine sees, and which are gone when it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dockcli.engine import daemon, processes, programs
from tests.engine.conftest import missing

NEEDED = ("dockerd", "ip", "unshare", "nsenter")


class OwnEngine:
    """A dockerd below *folder*, started and ended as often as one likes."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder, self._flags = folder, flags
        self.host = f"unix://{folder}/sock"
        # containerd wants letters and digits at the ends of each word
        self.namespace = re.sub(r"[^A-Za-z0-9]+", "-", folder.name).strip("-")

    def start(self) -> None:
        (self.folder / "daemon.json").write_text("{}", encoding="utf-8")
        words = (
            *("dockerd", f"--config-file={self.folder}/daemon.json", f"--host={self.host}"),
            *(f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec"),
            *(f"--pidfile={self.folder}/pid", f"--containerd-namespace={self.namespace}"),
            *(f"--containerd-plugins-namespace={self.namespace}-plugins", *self._flags),
        )
        # Not a child of the tests, which look whether they have left one.
        begin = 'ip link set lo up; "$@" </dev/null >>"$0" 2>&1 & echo $!'
        done = subprocess.run(
            ["unshare", "--net", "sh", "-c", begin, f"{self.folder}/log", *words],
            stdout=subprocess.PIPE,
            check=True,
            start_new_session=True,
            env={**os.environ, "PATH": programs.search_path()},
        )
        self.pid = int(done.stdout)
        until = time.monotonic() + 30
        while not daemon.answers(self.host):
            if not self.runs or time.monotonic() > until:
                raise AssertionError(daemon.tail(f"{self.folder}/log"))
            time.sleep(0.05)

    @property
    def runs(self) -> bool:
        return processes.look(self.pid) is not None

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        until = time.monotonic() + 60
        while self.runs:
            assert time.monotonic() < until, "the engine does not end"
            time.sleep(0.05)

    def kill(self, *, containers: bool = False) -> None:
        """End it as a crash does, with *containers* all that it runs too."""
        doomed = _below(self.namespace) if containers else []
        for pid in (self.pid, *doomed):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 30
        while self.runs or _named(f"{self.folder}/exec/containerd/containerd.toml"):
            assert time.monotonic() < until, "the engine does not end"
            time.sleep(0.02)
        # Where nobody reaps what was killed, its number looks as if it were still there.
        for left in ("pid", "exec/containerd/containerd.pid"):
            (self.folder / left).unlink(missing_ok=True)

    def pause(self) -> None:
        """Have it hang, until it is killed or goes on."""
        os.kill(self.pid, signal.SIGSTOP)

    def linked(self, other: OwnEngine, subnet: str) -> None:
        """Join the two namespaces by a cable: this end is *subnet*.1, the other *subnet*.2."""
        mine, others = str(self.pid), str(other.pid)
        veth = ("type", "veth", "peer", "name", "cable", "netns", others)
        subprocess.run(["ip", "link", "add", "cable", "netns", mine, *veth], check=True)
        for pid, address in ((mine, f"{subnet}.1/24"), (others, f"{subnet}.2/24")):
            inside = ("nsenter", f"--target={pid}", "--net")
            subprocess.run([*inside, "ip", "addr", "add", address, "dev", "cable"], check=True)
            subprocess.run([*inside, "ip", "link", "set", "cable", "up"], check=True)


def _named(text: str) -> list[int]:
    """The processes with *text* in their command line."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if text.encode() in one.read_bytes():
                found.append(int(one.parent.name))
    return found


def _below(name: str) -> list[int]:
    """The shims of an engine's containers, and all that runs in those."""
    parents: dict[int, list[int]] = {}
    for one in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(one.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(one.parent.name))
    found = _named(f"-namespace\0{name}\0")
    for pid in found:
        found += parents.get(pid, ())
    return found


@contextmanager
def own_engine(*flags: str, size: str = "") -> Iterator[OwnEngine]:
    """Start one, with more of dockerd's flags, and take away all of it at the end. With *size* its
    disk is as small as that."""
    if os.geteuid() != 0 or not all(map(programs.find, NEEDED)):
        missing(f"root, and {', '.join(NEEDED)}")
    folder = Path(tempfile.mkdtemp(prefix="dk-", dir="/tmp"))
    engine = OwnEngine(folder, *flags)
    try:
        if size:
            (folder / "data").mkdir()
            mount = ("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", f"{folder}/data")
            subprocess.run(mount, check=True)
        engine.start()
        yield engine
    finally:
        engine.stop()
        for pid in _below(engine.namespace):  # what a kill of its has left running
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
            if (point := line.split()[4]).startswith(f"{folder}/"):
                subprocess.run(["umount", "--lazy", point], check=True)
        shutil.rmtree(folder)
