"""The ladder to an engine, with programs on PATH that only pretend."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import state
from dockcli.engine import advice, apt, private, programs, provide
from dockcli.engine.provide import Provided, ensure
from dockcli.errors import EngineFailed, NoEngine

NO_ENGINE = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
DENIED = (
    "permission denied while trying to connect to the Docker daemon socket at "
    "unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied"
)
HOST = "unix:///the/private/one"


class Pretended:
    """A machine with the programs that a test gives it, and no others."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        self.calls.touch()
        self._os_release = folder / "os-release"
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        monkeypatch.setattr(programs, "_SYSTEM_FOLDERS", ())
        monkeypatch.setattr(apt, "_OS_RELEASE", str(self._os_release))
        monkeypatch.setattr(state, "private_host", lambda: None)
        monkeypatch.setattr(private, "start", lambda note: self.started(note))
        self.user(0)
        self.system('ID=debian\nVERSION_ID="12"')

    def user(self, number: int) -> None:
        self._monkeypatch.setattr(os, "geteuid", lambda: number)

    def system(self, os_release: str) -> None:
        self._os_release.write_text(f"NAME=whatever\n{os_release}\n")

    def program(self, name: str, script: str = "") -> Path:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $@" >>{self.calls}\n{script}\n')
        path.chmod(0o755)
        return path

    def docker(self, complaint: str = NO_ENGINE) -> None:
        self.program("docker", f"echo '{complaint}' >&2; exit 1")

    def ran(self, name: str) -> list[str]:
        lines = self.calls.read_text().splitlines()
        return [line for line in lines if line.startswith(f"{name} ")]

    def started(self, note: Callable[[str], None]) -> private.Private:
        with self.calls.open("a") as calls:
            calls.write("start \n")
        return private.Private(HOST, 1, "dockcli0", "", "", "", answers=True, new=True)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretended:
    return Pretended(tmp_path, monkeypatch)


@pytest.fixture
def said() -> list[str]:
    return []


def test_the_engine_that_docker_reaches_is_used_as_it_is(machine, said, monkeypatch):
    machine.program("docker", "echo 28.2.2")
    machine.program("dockerd")
    monkeypatch.setattr(state, "private_host", lambda: HOST)
    assert ensure(said.append) == Provided("reached", None)
    assert (said, machine.ran("start")) == ([], [])
    assert machine.ran("docker") == ["docker version --format {{.Server.Version}}"]


def test_a_private_one_that_runs_is_next(machine, said, monkeypatch):
    machine.docker()
    machine.user(1000)
    monkeypatch.setattr(state, "private_host", lambda: HOST)
    assert ensure(said.append) == Provided("private", HOST)


def test_root_with_dockerd_starts_one(machine, said):
    machine.docker()
    machine.program("dockerd")
    machine.program("ip")
    assert ensure(said.append) == Provided("started", HOST)
    assert said == [f"docker reaches no engine: {NO_ENGINE}"]


def test_apt_is_announced_before_it_runs(machine):
    machine.docker()
    moments = []
    machine.program("apt-get", f'echo "$DEBIAN_FRONTEND"; read x; >{machine.bin}/done')
    provided = ensure(lambda text: moments.append((text, (machine.bin / "done").exists())))
    assert provided == Provided("installed", HOST)
    assert moments[0] == ("installing with apt-get: docker.io, iptables, iproute2", False)
    options = "apt-get -q -o DPkg::Lock::Timeout=120"
    assert machine.ran("apt-get") == [
        f"{options} update",
        f"{options} install --yes --no-install-recommends docker.io iptables iproute2",
    ]
    log = Path(state.state_folder(), "engine", "install.log").read_text()
    assert log.count("noninteractive\n") == 2


@pytest.mark.parametrize(
    ("present", "packages"),
    [
        (["dockerd"], "iproute2"),
        (["ip"], "docker.io iptables"),
    ],
)
def test_only_what_is_missing_is_installed(present, packages, machine, said):
    machine.docker()
    machine.program("apt-get")
    for name in present:
        machine.program(name)
    ensure(said.append)
    assert machine.ran("apt-get")[-1].endswith(f"--no-install-recommends {packages}")


def test_a_service_that_the_package_starts_is_used(machine, said):
    docker = machine.program("docker", "")
    docker.rename(machine.bin / "docker.new")
    machine.program("docker.new", "echo 20.10.24")
    move = f"/bin/mv {machine.bin}/docker.new {machine.bin}/docker"
    machine.program("apt-get", f'case "$*" in *install*) {move};; esac')
    assert ensure(said.append) == Provided("installed", None)
    assert machine.ran("start") == []


def test_a_docker_command_in_a_package_of_its_own_is_installed_too(machine, said):
    machine.program("ip")
    make = (
        f"printf '#!/bin/sh\\nexit 1\\n' >{machine.bin}/docker; /bin/chmod 755 {machine.bin}/docker"
    )
    machine.program("apt-get", f'case "$*" in *docker-cli*) {make};; esac')
    assert ensure(said.append) == Provided("installed", HOST)
    assert machine.ran("apt-get")[-1].endswith("docker-cli")


def test_a_failing_apt_shows_its_log(machine, said):
    machine.docker()
    machine.program("apt-get", "echo 'E: no route to the mirror' >&2; exit 100")
    with pytest.raises(EngineFailed, match="update` failed with exit code 100") as caught:
        ensure(said.append)
    assert "E: no route to the mirror" in caught.value.log_tail
    assert "\n" not in str(caught.value)
    assert machine.ran("start") == []


JOIN = 'sudo usermod --append --groups docker "$USER" && newgrp docker'
INSTALL = "sudo apt-get install --yes docker.io"


@pytest.mark.parametrize(
    ("complaint", "present", "line"),
    [
        (None, [], f"there is no docker on this machine: {INSTALL} && {JOIN}"),
        (NO_ENGINE, [], f"there is no docker engine on this machine: {INSTALL} && {JOIN}"),
        (NO_ENGINE, ["dockerd"], "docker is installed, but its engine does not run: sudo s"),
        (DENIED, ["dockerd"], f"the engine runs, but this user may not talk to it: {JOIN}"),
    ],
)
def test_one_line_says_what_to_type_without_root(complaint, present, line, machine, said):
    machine.user(1000)
    for name in present:
        machine.program(name)
    if complaint is not None:
        machine.docker(complaint)
    with pytest.raises(NoEngine) as caught:
        ensure(said.append)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert said == []


def test_an_engine_that_docker_host_names_is_named(machine, said, monkeypatch):
    machine.user(1000)
    machine.docker("error during connect: Permission denied (publickey).")
    monkeypatch.setenv("DOCKER_HOST", "ssh://far")
    with pytest.raises(NoEngine, match=r"DOCKER_HOST=ssh://far .*publickey.* `unset DOCKER_HOST`"):
        ensure(said.append)


@pytest.mark.parametrize(
    ("os_release", "line"),
    [
        ('ID="fedora"', "dnf install --assumeyes moby-engine"),
        ('ID=mint\nID_LIKE="ubuntu debian"', "apt-get install --yes docker.io"),
        ("ID=alpine", "apk add docker"),
        ("ID=unheard-of", "see https://docs.docker.com/engine/install/"),
    ],
)
def test_root_is_not_told_to_use_sudo(os_release, line, machine, said):
    machine.system(os_release)  # and no apt-get
    with pytest.raises(NoEngine) as caught:
        ensure(said.append)
    assert str(caught.value) == f"there is no docker on this machine: {line}"


@pytest.mark.parametrize(
    ("complaint", "line"), [(None, "brew install --cask docker"), (NO_ENGINE, "open -a Docker")]
)
def test_on_macos(complaint, line, machine, said, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    if complaint:
        machine.docker(complaint)
    with pytest.raises(NoEngine, match=line):
        ensure(said.append)
    assert machine.ran("start") == []


def test_a_docker_that_does_not_answer_in_time(machine, monkeypatch):
    monkeypatch.setattr(provide, "_SECONDS_TO_ANSWER", 0.2)
    machine.program("docker", "exec /bin/sleep 5")
    assert provide.reaches("docker") == provide.Answer(None, "no answer within 0.2 s")


def test_a_docker_that_cannot_be_run(machine):
    (machine.bin / "docker").write_bytes(b"\x7fELF but not really")
    (machine.bin / "docker").chmod(0o755)
    version, complaint = provide.reaches("docker")
    assert version is None
    assert "Exec format error" in str(complaint)


def test_a_start_without_root_or_programs_says_what_to_type(machine, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NoEngine, match="sudo dockcli engine start"):
        private.start(print)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoEngine, match=r"`dockerd` is missing.*apt-get install --yes docker\.io"):
        private.start(print)
    assert advice.line(None)
