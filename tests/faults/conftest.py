"""Faults: each ends in a typed error in time, and leaves nothing of ours and all of the user's.

Not part of `make test`: `make faults` runs them, and writes `docs/faults.md` from what they saw.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.data.helper.image import LABEL
from dockcli.engine.base import provide
from dockcli.errors import DockcliError
from dockcli.owner import Owner, current
from tests.engine.conftest import Local, clis, objects
from tests.engine.own_engine import OwnEngine, own_engine
from tests.faults import table

ROWS = pytest.StashKey[list[table.Row]]()
VERSIONS = pytest.StashKey[table.Versions]()
OWNER = "dockcli.owner"
_ITS_OWN = ("bridge", "host", "none")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-table", help="write what the faults have done to this page")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    # where all tests are collected, the option is not known yet
    path = session.config.getoption("--faults-table", default=None)
    rows = session.config.stash.get(ROWS, [])
    if path and rows:
        table.write(session.config.rootpath / path, rows, session.config.stash[VERSIONS])


class Told:
    """What became of one call: its error, how long it took, and what was left."""

    def __init__(self, rows: list[table.Row], fault: str, during: str) -> None:
        self._rows, self._fault, self._during = rows, fault, during
        self.struck: float | None = None
        self.gets, self.seconds = "", 0.0
        self.error: BaseException | None = None

    def strike(self, *do: Callable[[], object]) -> None:
        """Let the fault happen, from now on counted."""
        for one in do:
            one()
        self.struck = time.monotonic()

    @contextmanager
    def fails(self, kind: type[BaseException], *, within: float) -> Iterator[None]:
        """The body ends with an error of *kind*, and at most *within* seconds after the fault."""
        begun = time.monotonic()
        with pytest.raises(kind) as raised:
            yield
        self.seconds = time.monotonic() - max(begun, self.struck or begun)
        self.error, self.gets = raised.value, table.told(raised.value)
        assert isinstance(raised.value, DockcliError), "not an error of ours"
        assert self.seconds < within, f"{self.seconds:.1f} s"

    def gives(self, text: str, seconds: float) -> None:
        """The call gave an answer all the same."""
        self.gets, self.seconds = text, seconds

    def left(self, text: str) -> None:
        row = table.Row(self._fault, self._during, self.gets, self.seconds, text)
        again = [one for one in self._rows if one.same(row)]  # of a test that is run again
        for one in again:
            self._rows.remove(one)
        self._rows.append(row)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str, str], Told]:
    """A row of the table: ``tell("the engine is killed", "build")``."""
    rows = request.config.stash[ROWS]
    return lambda fault, during: Told(rows, fault, during)


class Middle(threading.Thread):
    """Does something as soon as *condition* holds, while a call waits in the main thread."""

    def __init__(self, condition: Callable[[], bool], act: Callable[[], object]) -> None:
        super().__init__(name="middle", daemon=True)
        self._condition, self._act = condition, act
        self.error: BaseException | None = None

    def __enter__(self) -> Middle:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.join(30)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error

    def run(self) -> None:
        try:
            until = time.monotonic() + 25
            while not self._condition():
                assert time.monotonic() < until, "it never came to the middle"
                time.sleep(0.05)
            self._act()
        except BaseException as error:
            self.error = error


def after(seconds: float) -> Callable[[], bool]:
    """Holds from that many seconds after it was first asked."""
    begun: list[float] = []

    def condition() -> bool:
        begun.append(time.monotonic())
        return begun[-1] - begun[0] >= seconds

    return condition


class Engine:
    """An engine of the tests' own, and what its user has on it."""

    def __init__(self, own: OwnEngine) -> None:
        self.own, self.host = own, own.host
        self.client = Docker(host=own.host)
        self.base = provide(self.client, lambda text: None).reference
        self._decoys()
        self.before = self.objects()

    def _decoys(self) -> None:
        """As a user has them: stopped, in use, named like ours, labelled like ours but for one."""
        it, other = self.client, {"dockcli": "true", "dockcli.owners": "me"}
        it.volume.create("faults-data", label=other)
        it.network.create("faults-net", label=other)
        it.container.create(self.base, "true", name="faults", volume="faults-data:/d", label=other)
        it.image.tag(self.base, "faults:latest")

    def get(self, path: str) -> Any:
        """What the engine itself says."""
        connection = Local(self.host.removeprefix("unix://"))
        try:
            connection.request("GET", path, headers={"Host": "docker"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def running(self) -> int:
        return len(self.get("/containers/json"))

    def has_exec(self) -> bool:
        """Whether the program of an exec runs in a container."""
        for one in self.get("/containers/json"):
            for exec_id in self.get(f"/containers/{one['Id']}/json")["ExecIDs"] or ():
                if self.get(f"/exec/{exec_id}/json")["Running"]:
                    return True
        return False

    def restart(self) -> None:
        if not self.own.runs:
            self.own.start()

    def objects(self) -> dict[str, set[str]]:
        """All that is on it, but for its own networks, which are made anew at each start, and the
        helpers' images, which stay for the next time."""
        own = {one["Id"] for one in self.get("/networks") if one["Name"] in _ITS_OWN}
        images = self.get("/images/json?all=true")
        helpers = {one["Id"] for one in images if LABEL in (one["Labels"] or ())}
        found = objects(self.client)
        return {
            **found,
            "networks": found["networks"] - own,
            "images": found["images"] - helpers,
        }

    def more(self) -> str:
        """What there is now that was not before, in words."""
        now = self.objects()
        kinds = {kind: now[kind] - self.before[kind] for kind in now}
        counts = [(len(ids), kind) for kind, ids in kinds.items() if ids]
        return ", ".join(f"{n} {k if n > 1 else k.removesuffix('s')}" for n, k in counts)

    def emptied(self) -> None:
        """Take away all that was not there before."""
        now = self.objects()
        more = {kind: sorted(ids - self.before[kind]) for kind, ids in now.items()}
        it = self.client
        if more["containers"]:
            it.container.rm(*more["containers"], force=True, volumes=True)
        for verb, kind in ((it.volume.rm, "volumes"), (it.network.rm, "networks")):
            if more[kind]:
                verb(*more[kind])
        for _ in more["images"]:
            for image in more["images"]:
                it.raw("image", "rm", "--force", image, check=False)

    def gone(self) -> dict[str, set[str]]:
        now = self.objects()
        lost = {kind: ids - now[kind] for kind, ids in self.before.items()}
        return {kind: ids for kind, ids in lost.items() if ids}


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with own_engine() as own:
        server = Docker(host=own.host).version().server
        versions = [version_of(one, own.host) for one in clis()]
        request.config.stash[VERSIONS] = table.Versions(
            " and ".join(versions), server, platform.python_version()
        )
        yield Engine(own)


@functools.cache
def version_of(binary: str, host: str) -> str:
    return Docker(binary, host=host).version().client.partition("+")[0]


class Maker:
    """Makes things on an engine in the name of a process that can end: what it leaves is whose."""

    def __init__(self, engine: Engine, binary: str = "docker", **more: Any) -> None:
        self._process = subprocess.Popen(["sleep", "3600"], stdin=subprocess.DEVNULL)
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        machine, boot, space, *_ = current()
        start = stat.rpartition(")")[2].split()[19]
        self.owner = Owner(machine, boot, space, self._process.pid, start)
        self._engine = engine
        labels = {OWNER: str(self.owner), "dockcli.scope": "faults"}
        self.client = Docker(binary, labels=labels, **{"host": engine.host, **more})

    def dies(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def cleaned(self, *, unlabelled: str = "") -> str:
        """What is left, and that `dockcli clean` takes it away once its owner is dead; *unlabelled*
        is what takes away what docker itself has made without a label."""
        left = self._engine.more()
        self.dies()
        for _ in range(5):  # the engine may still finish what it was at
            subprocess.run(
                [sys.executable, "-m", "dockcli.cli", "clean", "--host", self._engine.host],
                check=True,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
            )
            if not self._engine.more():
                return f"{left}: its scope, or `dockcli clean`" if left else "nothing"
            if unlabelled:
                break
            time.sleep(0.5)
        if unlabelled:
            self._engine.emptied()
            return f"{left}: {unlabelled}"
        raise AssertionError(f"left on the engine: {self._engine.more()}")


BOTH = pytest.mark.parametrize("binary", clis(), ids=["new", "old"][: len(clis())])
"""With each docker CLI that is here: they say different things of the same fault."""


@pytest.fixture
def binary() -> str:
    """The first docker CLI on PATH, but for a test of BOTH."""
    return clis()[0]


@pytest.fixture
def engine(engines: Engine) -> Iterator[Engine]:
    """The tests' engine, which is well again afterwards, and has what the user had."""
    engines.restart()
    yield engines
    engines.restart()
    assert not engines.gone(), "the user's"
    left = engines.more()
    engines.emptied()  # the other tests are not to suffer from it
    assert not left


@pytest.fixture
def maker(engine: Engine) -> Iterator[Maker]:
    one = Maker(engine)
    yield one
    one.dies()


def ours() -> dict[str, set[str]]:
    """What there is of this process, apart from engines."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {
        "threads": {thread.name for thread in threading.enumerate()},
        "files": {path.name for path in Path(tempfile.gettempdir()).glob("dockcli-*")},
        "descriptors": set(os.listdir("/proc/self/fd")),
        "children": set(children),
    }


@pytest.fixture(autouse=True)
def nothing_of_ours_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: Engine
) -> Iterator[None]:
    """Compare this process before and after; undertakings with data are written down apart."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = ours()
    yield
    until = time.monotonic() + 5
    while True:
        left = {kind: now - before[kind] for kind, now in ours().items()}
        left = {kind: some for kind, some in left.items() if some}
        if not left or time.monotonic() > until:
            break
        time.sleep(0.1)
    assert not left, f"the test left behind: {left}"


def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of that size at *folder*."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},nr_inodes=64", "tmpfs", folder], check=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    yield from small_disk(tmp_path / "disk", "2m")
