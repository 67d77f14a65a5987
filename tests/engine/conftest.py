"""Tests on a real engine: whichever docker reaches, else the private one that runs.

Each test must leave the engine and this machine as it found them. A test that finds no engine is
skipped on a developer's machine and fails where DOCKCLI_TEST_ENGINE=required (`make test`, CI).
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dockcli
from dockcli import Docker
from dockcli.data.helper import way_for
from dockcli.data.helper.image import made_empty
from dockcli.engine.base import provide
from dockcli.errors import DockcliError
from tests.conftest import leave_out

REQUIRED = os.environ.get("DOCKCLI_TEST_ENGINE") == "required"
USER, PASSWORD = "me", "c4nary and a space"

_CONFIG = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {folder}/data
http:
  addr: 127.0.0.1:{port}
auth:
  htpasswd:
    realm: tests
    path: {folder}/users
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)
    if not config.getoption("--every-cli"):
        by_cli = by_each_cli(items)
        turns = {each[zlib.crc32(test.encode()) % len(each)] for test, each in by_cli.items()}
        others = [item for each in by_cli.values() for item in each if item not in turns]
        leave_out(config, items, others)


def by_each_cli(items: list[pytest.Item]) -> dict[str, list[pytest.Item]]:
    """Of what is done with volumes and of the recipes, each test by each CLI that it is for. It is
    many containers, on the same engine whichever CLI: one by each in turn is enough for every day,
    where the CLIs' own words are compared test by test."""
    folder, found = Path(__file__).parent, defaultdict(list)
    for item in items:
        cli = item.callspec.params.get("cli") if hasattr(item, "callspec") else None
        if cli and {folder / "data", folder / "recipes"} & set(item.path.parents):
            found[ascii(item.nodeid.replace(cli, "", 1))].append(item)
    return found


def missing(what: str) -> None:
    """What the machine lacks for a test: a failure where it must be there, else a skip."""
    if REQUIRED:
        pytest.fail(f"{what} is required here (DOCKCLI_TEST_ENGINE=required)", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def _engine_of_worker() -> Iterator[None]:
    """One of several workers starts an engine that no other one sees."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        yield
        return
    command = [sys.executable, "-m", "dockcli.cli", "engine"]
    subprocess.run([*command, "start"], check=True, stdin=subprocess.DEVNULL)
    yield
    subprocess.run([*command, "stop"], check=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def docker(_engine_of_worker: None) -> Docker:
    """The ready client, on an engine that answers."""
    client = Docker()
    try:
        client.version(deadline=20)
    except DockcliError as error:
        missing(f"a docker engine: {error}")
    return client


@pytest.fixture(scope="session")
def environment(docker: Docker) -> dict[str, str]:
    """The environment in which a program reaches the same engine."""
    packages = Path(dockcli.__file__).parent.parent  # a program may start anywhere
    path = os.pathsep.join(filter(None, [str(packages), os.environ.get("PYTHONPATH")]))
    private = {"DOCKER_HOST": docker.private} if docker.private else {}
    return {**os.environ, "PYTHONPATH": path, **private}


@pytest.fixture(scope="session")
def base(docker: Docker) -> str:
    """The recipes' base image."""
    return provide(docker, lambda text: None).reference


@pytest.fixture
def helper_image(docker: Docker, base: str) -> None:
    """The helpers' images stay on the engine for the next time, as the base image does."""
    way_for(docker)
    made_empty(docker)


def clis() -> list[str]:
    """Every docker CLI on PATH, by its absolute path: they print differently."""
    found: dict[Path, str] = {}
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = Path(folder, "docker")
        if path.is_absolute() and os.access(path, os.X_OK) and path.is_file():
            found.setdefault(path.resolve(), str(path))
    return list(found.values())


@pytest.fixture(scope="session")
def podman_environment() -> Iterator[dict[str, str]]:
    """podman with a storage, locks and networks of the tests' own, which no other session and no
    user sees, and with a runtime and limits that work inside containers and small machines too."""
    folder = Path(tempfile.mkdtemp(prefix="tests-podman-"))
    containers, storage = folder / "containers.conf", folder / "storage.conf"
    containers.write_text(
        '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        f'lock_type = "file"\ntmp_dir = "{folder}/tmp"\n'
        f'[network]\nnetwork_config_dir = "{folder}/networks"\n'
        '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n',
        encoding="utf-8",
    )
    storage.write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n',
        encoding="utf-8",
    )
    yield {"CONTAINERS_CONF": str(containers), "CONTAINERS_STORAGE_CONF": str(storage)}
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=clis(), ids=str)
def docker_cli(request: pytest.FixtureRequest) -> str:
    """The path of each docker CLI there is, without podman, which has no engine to be reached."""
    return str(request.param)


@pytest.fixture(scope="session", params=[*clis(), "podman"], ids=str)
def cli(request: pytest.FixtureRequest, docker: Docker) -> Docker:
    """A client of each CLI there is: both dockers, and podman."""
    if request.param != "podman":
        return Docker(request.param)
    if shutil.which("podman") is None:
        missing("podman")
    return Docker("podman", env=request.getfixturevalue("podman_environment"))


@pytest.fixture(scope="session")
def cli_base(cli: Docker) -> str:
    """The base image on the engine of that CLI."""
    return provide(cli, lambda text: None).reference


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Names that nobody else has; a leaked object tells whose test it was."""
    test = "".join(c for c in request.node.originalname.lower() if c.isalnum())[-24:]
    stem = f"t{test}-{uuid.uuid4().hex[:6]}"
    return lambda name: f"{stem}-{name}"


@functools.cache
def socket_of(client: Docker) -> str | None:
    """The socket on which the engine listens here; None for an engine elsewhere."""
    ask = ("context", "inspect", "--format={{.Endpoints.docker.Host}}")
    said = client.raw(*ask, check=False)
    host = client.private or (said.text.strip() if said.returncode == 0 else "")
    return host.removeprefix("unix://") if host.startswith("unix://") else None


class Local(http.client.HTTPConnection):
    """HTTP over a socket of this machine."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


def objects_of_podman(folder: Path) -> dict[str, set[str]]:
    """The same of the tests' own podman, no engine that could be asked: from its storage."""

    def ids(kind: str) -> set[str]:
        listed = folder / "graph" / f"overlay-{kind}" / f"{kind}.json"
        return {one["id"] for one in json.loads(listed.read_bytes())} if listed.exists() else set()

    def names(within: str, pattern: str) -> set[str]:
        return {path.name for path in (folder / within).glob(pattern)}

    return {
        "containers": ids("containers"),
        "volumes": names("graph/volumes", "*/"),
        "networks": names("networks", "*.conflist"),
        "images": ids("images"),
    }


def objects(client: Docker) -> dict[str, set[str]]:
    """The ids of all that is on the engine: asked of itself, where a docker process for each kind
    before and after each test would take longer than the test."""
    if storage := client.env.get("CONTAINERS_STORAGE_CONF"):
        return objects_of_podman(Path(storage).parent)
    path = socket_of(client)
    if path is None:
        ask = client.raw
        return {
            "containers": set(ask("container", "ls", "-aq", "--no-trunc").lines()),
            "volumes": set(ask("volume", "ls", "-q").lines()),
            "networks": set(ask("network", "ls", "-q", "--no-trunc").lines()),
            "images": set(ask("image", "ls", "-aq", "--no-trunc").lines()),
        }
    engine = Local(path)

    def get(what: str) -> Any:
        engine.request("GET", what, headers={"Host": "docker"})
        return json.loads(engine.getresponse().read())

    try:
        return {
            "containers": {one["Id"] for one in get("/containers/json?all=true")},
            "volumes": {one["Name"] for one in get("/volumes")["Volumes"] or ()},
            "networks": {one["Id"] for one in get("/networks")},
            "images": {one["Id"] for one in get("/images/json?all=true")},
        }
    finally:
        engine.close()


class Machine:
    """What there is on the engine and of this process; two of them tell what a test left."""

    def __init__(self, client: Docker) -> None:
        self.left = {
            **objects(client),
            "threads": {thread.name for thread in threading.enumerate()},
            "files": {path.name for path in Path(tempfile.gettempdir()).glob("dockcli-*")},
            "descriptors": set(os.listdir("/proc/self/fd"))
            if Path("/proc/self/fd").exists()
            else set(),
        }

    def more_than(self, before: Machine) -> dict[str, set[str]]:
        more = {kind: now - before.left[kind] for kind, now in self.left.items()}
        return {kind: names for kind, names in more.items() if names}


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the engine and this process before and after each test (T12)."""
    if "docker" not in request.fixturenames and "cli" not in request.fixturenames:
        yield
        return
    name = "cli" if "cli" in request.fixturenames else "docker"
    client: Docker = request.getfixturevalue(name)
    for fixture in (
        "base",
        "cli_base",
        "helper_image",
    ):  # these images stay on the engine, as a pulled one would
        if fixture in request.fixturenames:
            request.getfixturevalue(fixture)
    before = Machine(client)
    yield
    until = time.monotonic() + 5
    while (left := Machine(client).more_than(before)) and time.monotonic() < until:
        time.sleep(0.2)  # docker removes a container a moment after it says so
    assert not left, f"the test left behind: {left}"
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def shell(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a program as a user would, on the same engine."""

    def run(
        *words: str, timeout: float = 120, **more: object
    ) -> subprocess.CompletedProcess[bytes]:
        options = {"env": environment, "capture_output": True, "stdin": subprocess.DEVNULL, **more}
        return subprocess.run(words, timeout=timeout, check=False, **options)  # type: ignore[call-overload, no-any-return]

    return run


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry on loopback, without TLS, that wants a password; its address."""
    for program in ("docker-registry", "htpasswd"):
        if shutil.which(program) is None:
            missing(program)
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    users = subprocess.run(
        ["htpasswd", "-niB", USER], input=PASSWORD.encode(), capture_output=True, check=True
    )
    (folder / "users").write_bytes(users.stdout)
    (folder / "config.yml").write_text(_CONFIG.format(folder=folder, port=port), encoding="utf-8")
    # Through a shell that is gone at once: each test looks whether it has left a child.
    start = "docker-registry serve config.yml >log 2>&1 </dev/null & echo $!"
    shell = subprocess.run(["sh", "-c", start], cwd=folder, stdout=subprocess.PIPE, check=True)
    try:
        until = time.monotonic() + 10
        while not answers(port) and time.monotonic() < until:
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        os.kill(int(shell.stdout), signal.SIGTERM)


class Front:
    """A ``docker`` of the test's own, first on PATH: it counts its calls, does what *script* says
    (in sh; ``$n`` is the number of the call, ``$*`` its words), then becomes the real one."""

    def __init__(self, folder: Path, script: str, real: str, environment: dict[str, str]) -> None:
        folder.mkdir()
        self._calls = folder / "calls"
        self._calls.touch()
        program = folder / "docker"
        program.write_text(
            f"#!/bin/sh\nprintf '%s ' \"$@\" | tr '\\n' ' ' >>{self._calls}\necho >>{self._calls}\n"
            f'n=$(wc -l <{self._calls})\n{script}\nexec {real} "$@"\n',
            encoding="utf-8",
        )
        program.chmod(0o755)
        path = os.pathsep.join([str(folder), environment.get("PATH", "")])
        self.environment = {**environment, "PATH": path}
        self.path, self.real = str(program), real

    @property
    def calls(self) -> list[str]:
        return [line.strip() for line in self._calls.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def front(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Front]:
    """Put a docker with a script of its own in front of the real one."""
    return lambda script="": Front(tmp_path / "front", script, clis()[0], environment)
