"""An engine of a test's own, in a network namespace of its own.

It has its own docker0, packet filter rules and docker_gwbridge, which no other engine of the
machine sees, and which are gone when it ends.
"""

from __future__ import annotations

import os
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/sock"

    def start(self) -> None:
        (self.folder / "daemon.json").write_text("{}", encoding="utf-8")
        words = (
            *("dockerd", f"--config-file={self.folder}/daemon.json", f"--host={self.host}"),
            *(f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec"),
            *(f"--pidfile={self.folder}/pid", f"--containerd-namespace={self.folder.name}"),
            f"--containerd-plugins-namespace={self.folder.name}-plugins",
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

    def linked(self, other: OwnEngine, subnet: str) -> None:
        """Join the two namespaces by a cable: this end is *subnet*.1, the other *subnet*.2."""
        mine, others = str(self.pid), str(other.pid)
        veth = ("type", "veth", "peer", "name", "cable", "netns", others)
        subprocess.run(["ip", "link", "add", "cable", "netns", mine, *veth], check=True)
        for pid, address in ((mine, f"{subnet}.1/24"), (others, f"{subnet}.2/24")):
            inside = ("nsenter", f"--target={pid}", "--net")
            subprocess.run([*inside, "ip", "addr", "add", address, "dev", "cable"], check=True)
            subprocess.run([*inside, "ip", "link", "set", "cable", "up"], check=True)


@contextmanager
def own_engine() -> Iterator[OwnEngine]:
    """Start one, and take away all of it at the end."""
    if os.geteuid() != 0 or not all(map(programs.find, NEEDED)):
        missing(f"root, and {', '.join(NEEDED)}")
    folder = Path(tempfile.mkdtemp(prefix="dk-", dir="/tmp"))
    engine = OwnEngine(folder)
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()
        for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
            if (point := line.split()[4]).startswith(f"{folder}/"):
                subprocess.run(["umount", "--lazy", point], check=True)
        shutil.rmtree(folder)
