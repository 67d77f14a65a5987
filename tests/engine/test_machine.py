"""Machines in real containers: with the shell of busybox, of dash, and by each CLI."""

from __future__ import annotations

import functools
import gc
import io
import os
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plumbum import local

from dockcli import Container, Docker
from dockcli.errors import DockerFailed, InvalidArgument, NoShell, NoSuchContainer, ShellEnded
from dockcli.machine import CommandTimedOut, Machine
from tests import machine_contract as contract
from tests.engine.conftest import missing

# What the cases of the contract run there, beside the shell.
PROGRAMS = (
    *("sh", "cat", "chmod", "chown", "cp", "echo", "env", "false", "grep", "kill", "ln", "mkdir"),
    *("mkfifo", "mv", "printf", "pwd", "readlink", "rm", "rmdir", "sleep", "stat", "touch", "true"),
    *("wc", "head"),
)


@pytest.fixture(scope="module")
def dash_image(docker: Docker) -> Iterator[str]:
    """An image of dash and GNU's programs, as of Debian: those of this machine."""
    if shutil.which("dash") is None:
        missing("dash")
    files: set[str] = set()
    for program in ("dash", *PROGRAMS[1:]):
        found = shutil.which(program)
        if found is None:
            missing(f"{program}, for an image with dash")
        files.add(str(found))
    told = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    libraries = {word for word in told.split() if word.startswith("/") and not word.endswith(":")}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in ("tmp", "root", "etc"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o777
            tar.addfile(folder)
        for path in sorted(files):
            tar.add(os.path.realpath(path), f"bin/{os.path.basename(path)}")
        for path in sorted(libraries):
            tar.add(os.path.realpath(path), path.lstrip("/"))
        shell = tarfile.TarInfo("bin/sh")
        shell.type, shell.linkname = tarfile.SYMTYPE, "dash"
        tar.addfile(shell)
        passwd = b"root:x:0:0:root:/root:/bin/sh\n"
        entry = tarfile.TarInfo("etc/passwd")
        entry.size = len(passwd)
        tar.addfile(entry, io.BytesIO(passwd))
    name = f"dockcli-test-dash:{os.getpid()}"
    docker.image.import_("-", name, stdin=packed.getvalue())
    yield name
    docker.image.rm(name)


@pytest.fixture
def box(docker: Docker, base: str, unique: Callable[[str], str]) -> Iterator[Container]:
    """A container with busybox that waits."""
    with docker.run(base, "sleep", "100000", detach=True, name=unique("box"), init=True) as one:
        yield one


@pytest.fixture
def machine(box: Container) -> Iterator[Machine]:
    with box.machine() as m:
        yield m


@pytest.mark.parametrize("case", contract.CASES, ids=contract.names())
def test_with_busybox(case: contract.Case, docker: Docker, machine: Machine) -> None:
    contract.check(case, machine)


@pytest.mark.parametrize("case", contract.CASES, ids=contract.names())
def test_with_dash(
    case: contract.Case, docker: Docker, dash_image: str, unique: Callable[[str], str]
) -> None:
    waits = docker.run(dash_image, "sleep", "100000", detach=True, name=unique("dash"))
    with waits as container, container.machine() as m:
        contract.check(case, m)


def test_each_cli_opens_one(cli: Docker, cli_base: str, unique: Callable[[str], str]) -> None:
    waits = cli.run(cli_base, "sleep", "100000", detach=True, name=unique("box"))
    with waits as container:
        with container.machine(env={"X": "a b"}, workdir="/etc") as m:
            assert m["sh"]("-c", "pwd; echo $X") == "/etc\na b\n"
            for case in ("words_arrive_as_they_are", "names_of_any_bytes_are_paths"):
                contract.check(next(c for c in contract.CASES if c.__name__ == case), m)
            with pytest.raises(ShellEnded):
                m["sh"]("-c", "kill -9 $PPID")
            with pytest.raises(CommandTimedOut):
                m["sleep"](1000, timeout=0.3)
            assert m["pwd"]() == "/etc\n"
        with pytest.raises(NoShell, match="shell="):
            container.machine(shell="/no/such/shell")
    with pytest.raises(NoSuchContainer):
        cli.container.machine(unique("nobody"))


def test_ten_thousand_commands(docker: Docker, machine: Machine) -> None:
    contract.ten_thousand_commands(machine)


def test_fifty_mebibytes_both_ways(docker: Docker, machine: Machine) -> None:
    contract.fifty_mebibytes(machine)


def test_the_options_of_exec(docker: Docker, box: Container) -> None:
    with docker.container.machine(box, user="65534:65534", workdir="/tmp", env={"A": "\n'x"}) as m:
        assert m["id"]("-u") == "65534\n"
        assert str(m.cwd) == "/tmp"
        assert m.env["A"] == "\n'x"
        assert m["sh"]("-c", 'printf %s "$A"') == "\n'x"
        assert m.popen(["id", "-u"]).communicate()[0] == b"65534\n"
        with pytest.raises(CommandTimedOut):
            m["sleep"](7777, timeout=0.2)
        assert contract.gone(m, "7777")
        locked = m.path("/root/locked")
        with pytest.raises(OSError, match="denied"):
            locked.write("x")
    senseless: Any
    for senseless in ({"detach": True}, {"tty": True}, {"stdin": "x"}, {"deadline": 1}):
        with pytest.raises(InvalidArgument, match="takes no such option"):
            docker.container.machine(box, **senseless)
    with pytest.raises(InvalidArgument, match="no call"):
        docker.call.container.machine(box)


def test_a_container_that_does_not_run(
    docker: Docker, base: str, unique: Callable[[str], str]
) -> None:
    with docker.create(base, "true", name=unique("made")) as made, pytest.raises(DockerFailed):
        made.machine()


def test_a_container_without_a_shell_says_so(
    docker: Docker, unique: Callable[[str], str], box: Container
) -> None:
    program = box.exec("cat", "/proc/1/root/bin/busybox").stdout
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("sleep")  # busybox under one name is that program, and no other
        entry.size, entry.mode = len(program), 0o755
        tar.addfile(entry, io.BytesIO(program))
    name = unique("bare")
    with docker.image.import_("-", name, stdin=packed.getvalue()):
        waits = docker.run(name, "/sleep", "100000", detach=True, name=unique("bare-box"))
        with waits as container, pytest.raises(NoShell, match="Name one that it has with shell="):
            container.machine()


def test_a_container_that_stops(docker: Docker, base: str, unique: Callable[[str], str]) -> None:
    waits = docker.run(base, "sleep", "100000", detach=True, name=unique("box"))
    with waits as container, container.machine() as m:
        assert m["echo"]("on") == "on\n"
        threading.Timer(0.3, container.kill).start()
        with pytest.raises(ShellEnded):
            m["sleep"](100)
        with pytest.raises(DockerFailed):
            m["echo"]("off")
        container.start()
        assert m["echo"]("again") == "again\n"


def inside(docker: Docker, box: Container) -> list[str]:
    """What runs in the container, but for its first process, as the engine tells."""
    return [one.command for one in box.top() if "100000" not in one.command]


def all_gone(docker: Docker, box: Container, patience: float = 3.0) -> bool:
    until = time.monotonic() + patience
    while left := inside(docker, box):
        assert time.monotonic() < until, left
        time.sleep(0.1)
    return True


def test_a_timeout_is_kept_within_a_second(docker: Docker, machine: Machine) -> None:
    for script in ("exec sleep 5555", "trap '' TERM; while :; do sleep 5555; done"):
        begun = time.monotonic()
        with pytest.raises(CommandTimedOut):
            machine["sh"]["-c", script].run(timeout=0.5)
        assert time.monotonic() - begun < 1.5
        assert contract.gone(machine, "5555")


@pytest.mark.parametrize("ending", ["close", "drop", "error", "busy", "idle program"])
def test_no_ending_leaves_anything(docker: Docker, box: Container, ending: str) -> None:
    m = box.machine()
    live = m.popen(["sleep", "5555"])
    contract.wait_until(lambda: any("5555" in one for one in inside(docker, box)))
    if ending == "close":
        m.close()
    elif ending == "error":
        with pytest.raises(KeyError), m:
            raise KeyError
    elif ending == "busy":
        failures: list[BaseException] = []
        call = functools.partial(m["sleep"], 6666)
        other = threading.Thread(target=attempt, args=(call, failures))
        del call
        other.start()
        contract.wait_until(lambda: any("6666" in one for one in inside(docker, box)))
        m.close()
        other.join(5)
        assert not other.is_alive()
        assert [type(error) for error in failures] == [ShellEnded]
    del live
    if ending == "idle program":
        gc.collect()
        contract.wait_until(lambda: not any("5555" in one for one in inside(docker, box)))
        m.close()
    del m
    gc.collect()
    assert all_gone(docker, box)


def attempt(call: Callable[[], object], failures: list[BaseException]) -> None:
    try:
        call()
    except BaseException as error:
        failures.append(error)


_PROGRAM = """
import sys
from dockcli import docker
m = docker.container.machine(sys.argv[1])
live = m.popen(["sleep", "5555"])
print(m["echo"]("ready"), end="", flush=True)
{}
"""


@pytest.mark.parametrize(
    ("then", "signalled"),
    [("m['sleep'](6666)", True), ("pass", False), ("import os; m.session(); 1 / 0", False)],
    ids=["ctrl-c", "end", "error"],
)
def test_no_end_of_the_program_leaves_anything(
    docker: Docker, box: Container, environment: dict[str, str], then: str, signalled: bool
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(then), box.id],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        if signalled:
            contract.wait_until(lambda: any("6666" in one for one in inside(docker, box)))
            program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=10)
    assert all_gone(docker, box)
    assert (b"KeyboardInterrupt" in said) is signalled


ZEROS = ["head", "-c", str(1 << 30), "/dev/zero"]


def through_a_file(m: Machine) -> int:
    (m.command(*ZEROS) > os.devnull)()
    return 1 << 30


def through_a_pipe(m: Machine) -> int:
    return int((m.command(*ZEROS) | local["wc"]["-c"])())


def through_a_program(m: Machine) -> int:
    read = 0
    with m.popen(ZEROS) as live:
        while chunk := live.stdout.read(1 << 20):
            read += len(chunk)
    return read


@pytest.mark.timeout(600)  # docker itself needs a minute for it where others want the processors
@pytest.mark.parametrize("way", [through_a_file, through_a_pipe, through_a_program])
def test_a_gibibyte_passes_in_flat_memory(
    docker: Docker, machine: Machine, way: Callable[[Machine], int]
) -> None:
    machine["true"]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert way(machine) == 1 << 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


@pytest.mark.timeout(600)
def test_a_gibibyte_goes_there_in_flat_memory(
    docker: Docker, machine: Machine, tmp_path: Path
) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    machine.upload(big, "/tmp/big")
    assert machine.path("/tmp/big").stat().st_size == 1 << 30
    machine.download("/tmp/big", tmp_path / "back")
    assert (tmp_path / "back").stat().st_size == 1 << 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    machine.path("/tmp/big").delete()


def test_a_command_costs_far_less_than_an_exec(docker: Docker, box: Container) -> None:
    def seconds(call: Callable[[], Any]) -> float:
        begun = time.perf_counter()
        call()
        return time.perf_counter() - begun

    with box.machine() as m:
        echo = m["echo"]["x"]
        pairs = [(seconds(echo), seconds(lambda: box.exec("echo", "x"))) for _ in range(15)]
    ours, dockers = (sorted(column)[len(column) // 2] for column in zip(*pairs, strict=True))
    assert ours < dockers / 5
