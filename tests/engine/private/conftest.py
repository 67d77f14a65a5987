"""Engines of our own, each test's in a network namespace of its own.

So a test sees every interface and rule that it makes, and whatever engine the machine has, with
its own docker0 and rules, sees none of them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from dockcli.engine import layout, private, programs
from dockcli.errors import EngineFailed

REQUIRED = os.environ.get("DOCKCLI_TEST_ENGINE") == "required"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET; os.unshare and os.setns came with Python 3.12


class Traces(NamedTuple):
    """What an engine below a folder has on this machine."""

    processes: list[str]
    mounts: list[str]
    links: list[str]
    rules: list[str]
    run_folders: list[str]


class Engine:
    """A docker command line on one engine."""

    def __init__(self, host: str) -> None:
        self.host = host

    def __call__(self, *words: str) -> str:
        done = self.attempt(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "--host", self.host, *words], capture_output=True, text=True, timeout=60
        )

    def add_image(self, tree: Path) -> None:
        self("import", "--change", 'CMD ["/bin/sh"]', str(tree), "tiny")

    def serve(self, text: str) -> int:
        """A container that answers with *text* by HTTP, and the port of this machine for it."""
        serve = f"mkdir /www; echo {text} >/www/index.html; exec httpd -f -p 80 -h /www"
        name = f"web-{text}"
        self(
            *("run", "--detach", "--stop-timeout=1", f"--name={name}", "--publish=127.0.0.1::80"),
            *("tiny", "sh", "-c", serve),
        )
        return int(self("port", name, "80/tcp").rpartition(":")[2])


def told(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def rules() -> list[str]:
    """iptables-save without its comments and counters."""
    lines = told("iptables-save").splitlines()
    return [line.partition(" [")[0] for line in lines if line.startswith(("*", ":", "-"))]


def traces_of(folder: Path) -> Traces:
    run = layout.here().run  # others' engines have theirs there too
    run_folders = [run] if run.startswith("/run/") and os.path.exists(run) else []
    mine = [str(folder), *run_folders]
    processes = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if any(root in words for root in mine) and path.parent.name != str(os.getpid()):
                processes.append(words)
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return Traces(
        processes=processes,
        mounts=[line for line in mounts if any(root in line for root in mine)],
        links=sorted(line.split()[1] for line in told("ip", "-o", "link").splitlines()),
        rules=[line for line in rules() if line.startswith("-A")],
        run_folders=run_folders,
    )


@pytest.fixture
def on() -> type[Engine]:
    """A docker command line on the engine at a host."""
    return Engine


@pytest.fixture
def rules_now() -> Callable[[], list[str]]:
    return rules


@pytest.fixture
def own_network() -> Iterator[None]:
    """Put this test, and all that it starts, into a network namespace of its own."""
    if os.geteuid() != 0 or any(not programs.find(name) for name in ("dockerd", "docker", "ip")):
        what = "root, dockerd, docker and ip"
        if REQUIRED:
            pytest.fail(f"{what} are required here (DOCKCLI_TEST_ENGINE=required)", pytrace=False)
        pytest.skip(f"needs {what}")
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        assert libc.unshare(NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
        told("ip", "link", "set", "lo", "up")
        # As on a machine that had no engine yet; otherwise it would be inherited.
        told("sysctl", "--write", "net.ipv4.ip_forward=0")
        yield
    finally:
        assert libc.setns(before, NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
        os.close(before)


@pytest.fixture
def state_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state home with a short path; pytest's own are longer than a socket's may be."""
    folder = Path(tempfile.mkdtemp(prefix="dk-", dir="/tmp"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(state_home: Path) -> Path:
    """Where the private engine keeps its things."""
    return state_home / "dockcli" / "engine"


@pytest.fixture
def traces(own_network: None, state_home: Path) -> Iterator[Callable[[], Traces]]:
    """What there is of the engine; in the end there must be as much as in the beginning."""
    before = traces_of(state_home)
    yield lambda: traces_of(state_home)
    with suppress(EngineFailed):
        private.stop(lambda text: None)
    assert traces_of(state_home) == before


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def start(traces: Callable[[], Traces], notes: list[str]) -> Callable[[], private.Private]:
    return lambda: private.start(notes.append)


@pytest.fixture
def stop(traces: Callable[[], Traces], notes: list[str]) -> Callable[[], bool]:
    return lambda: private.stop(notes.append)


@pytest.fixture
def engine(start: Callable[[], private.Private], tree: Path) -> Engine:
    """A private engine that runs and has an image, `tiny`."""
    engine = Engine(start().host)
    engine.add_image(tree)
    return engine


@pytest.fixture
def other(own_network: None, tree: Path) -> Iterator[Engine]:
    """Another engine as a distribution starts it: with docker0 and rules of its own."""
    folder = Path(tempfile.mkdtemp(prefix="dk-other-", dir="/tmp"))
    host = f"unix://{folder}/docker.sock"
    with open(folder / "log", "wb") as log:
        daemon = subprocess.Popen(
            [
                *(str(programs.find("dockerd")), f"--data-root={folder}/data"),
                *(f"--exec-root={folder}/exec", f"--pidfile={folder}/pid", f"--host={host}"),
                *(f"--config-file={folder}/daemon.json", "--containerd-namespace=dk-other"),
            ],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    engine = Engine(host)
    try:
        (folder / "daemon.json").write_text("{}")
        until = time.monotonic() + 30
        while engine.attempt("version").returncode and time.monotonic() < until:
            time.sleep(0.1)
        engine.add_image(tree)
        yield engine
    finally:
        daemon.terminate()
        daemon.wait(60)
        for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
            if (point := line.split()[4]).startswith(str(folder)):
                told("umount", "--lazy", point)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system for containers, as a tar: Debian's static busybox."""
    folder = tmp_path_factory.mktemp("busybox")
    fetched = subprocess.run(
        ["apt-get", "download", "busybox-static"], cwd=folder, capture_output=True, text=True
    )
    if fetched.returncode != 0:
        if REQUIRED:
            pytest.fail(fetched.stderr)
        pytest.skip("busybox-static cannot be fetched")
    told("dpkg-deb", "--extract", str(next(folder.glob("*.deb"))), str(folder / "deb"))
    root = folder / "root"
    for name in ("bin", "tmp", "etc"):
        (root / name).mkdir(parents=True)
    busybox = next(folder.glob("deb/**/bin/busybox"))
    busybox.rename(root / "bin" / "busybox")
    for applet in told(str(root / "bin" / "busybox"), "--list").split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    told("tar", "--create", "--file", str(folder / "tree.tar"), "--directory", str(root), ".")
    return folder / "tree.tar"


@pytest.fixture
def elsewhere(own_network: None) -> Callable[[str], subprocess.Popen[str]]:
    """Run Python code in another process, as another command would."""

    def run(code: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    return run
