"""Machines on a docker that runs the command here: the protocol, on each shell that there is."""

from __future__ import annotations

import copy
import pickle
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plumbum.commands.processes import ProcessExecutionError

from dockcli import Docker, Secret
from dockcli.errors import DeadlineExceeded, EngineLost, InvalidArgument, NoShell, ShellEnded
from dockcli.machine import CommandTimedOut, Machine, words
from tests import machine_contract as contract

# What the real one would do with `container exec`, but here.
_DOCKER = r"""#!/bin/sh
stdin=/dev/null
while test "$1" != exec; do shift; done
shift
while :; do
  case $1 in
    --env=*) export "${1#--env=}" ;;
    --interactive) stdin= ;;
    --workdir=*) cd "${1#--workdir=}" || exit 126 ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
shift
test -z "$stdin" || exec <"$stdin"
command -v "$1" >/dev/null || {
  echo "OCI runtime exec failed: exec failed: unable to start container process: exec: \"$1\":" \
    'executable file not found in $PATH: unknown'
  exit 127
}
exec "$@"
"""

SHELLS = {
    "dash": ["dash"],
    "bash": ["bash", "--posix"],
    "busybox": ["busybox", "sh"],
}

HERE = [one for one in SHELLS.values() if shutil.which(one[0])]


@pytest.fixture(scope="module", params=[name for name in SHELLS if shutil.which(name)])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    """A docker whose containers are this machine, with that shell."""
    folder = tmp_path_factory.mktemp("docker")
    shell = folder / "shell"
    shell.write_text(f'#!/bin/sh\nexec {" ".join(SHELLS[request.param])} "$@"\n', encoding="utf-8")
    docker = folder / "docker"
    docker.write_text(_DOCKER, encoding="utf-8")
    for program in (shell, docker):
        program.chmod(0o755)
    return Docker(docker, host="unix:///nowhere")


@pytest.fixture
def machine(here: Docker) -> Iterator[Machine]:
    with here.container.machine("web", shell=str(Path(here.binary).with_name("shell"))) as m:
        yield m


@pytest.mark.parametrize("case", contract.CASES, ids=contract.names())
def test_a_machine(case: contract.Case, machine: Machine) -> None:
    contract.check(case, machine)


def test_output_as_bytes(here: Docker) -> None:
    shell = str(Path(here.binary).with_name("shell"))
    with here.container.machine("web", shell=shell, encoding=None) as m:
        assert m["printf"]("\\377a\\0") == b"\xffa\0"
        assert (m["cat"] << b"\xff")() == b"\xff"
        with m.session() as session:
            assert session.run("printf x; printf y >&2") == (0, b"x", b"y")


def test_errors_can_be_handed_on(machine: Machine) -> None:
    ends: dict[Any, str] = {
        CommandTimedOut: "sleep 9",
        ShellEnded: "kill -9 $PPID",
    }
    for error, script in ends.items():
        caught: Any
        with pytest.raises(error) as caught:
            machine["sh"]["-c", f"printf x; {script}"].run(timeout=0.5)
        for other in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
            assert type(other) is error
            assert str(other) == str(caught.value)
            assert other.stdout == b"x"


SHOWS = 'echo "<$TOKEN>"; echo "<$TOKEN>" >&2; '
FAILURES: dict[str, Callable[[Machine], object]] = {
    "the shell ends": lambda m: m["sh"]("-c", f"{SHOWS} kill -9 $PPID"),
    "a command fails": lambda m: m["sh"]("-c", f"{SHOWS} exit 3"),
    "a command is late": lambda m: m["sh"]["-c", f"{SHOWS} sleep 9"].run(timeout=0.5),
    "a pipeline fails": lambda m: (m["sh"]["-c", SHOWS] | m["sh"]["-c", "cat; exit 3"])(),
    "one with a file fails": lambda m: (m["sh"]["-c", f"{SHOWS} exit 3"] > "/dev/null")(),
    "one by itself fails": lambda m: m["sh"]["-c", f"{SHOWS} exit 3"].run(stdin=None),
    "a session's line fails": lambda m: m.session().run(f"{SHOWS} (exit 3)"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_secret_is_in_no_error(here: Docker, failure: str) -> None:
    shell = str(Path(here.binary).with_name("shell"))
    with here.container.machine("web", shell=shell, env={"TOKEN": Secret("hush-hush")}) as m:
        with pytest.raises((ShellEnded, CommandTimedOut, ProcessExecutionError)) as caught:
            FAILURES[failure](m)
        error: Any = caught.value
        assert "***" in str(error.stdout) + str(error.stderr)
        for shown in (str(error), repr(error), str(error.args), str(pickle.dumps(error)), repr(m)):
            assert "hush-hush" not in shown


def test_a_secret_is_no_word_of_a_command(here: Docker) -> None:
    shell = str(Path(here.binary).with_name("shell"))
    with here.container.machine("web", shell=shell) as m:
        for give in (
            lambda: m["echo"](Secret("hush-hush")),
            lambda: m["echo"]["a", Secret("hush-hush")]("b"),
            lambda: m["echo"].with_env(TOKEN=Secret("hush-hush"))(),
            lambda: m.env.update(TOKEN=Secret("hush-hush")),
        ):
            with pytest.raises(InvalidArgument, match="Secret") as caught:
                give()
            assert "hush-hush" not in str(caught.value)
        assert m["echo"]("on") == "on\n"


def test_a_shell_that_ends_with_its_engine(tmp_path: Path) -> None:
    """docker ends an exec with 255 then; so may a shell that ends by itself."""
    docker, gone = tmp_path / "docker", tmp_path / "gone"
    look = f"""case " $* " in *" version "*) test ! -e {gone} || {{
      echo Cannot connect to the Docker daemon at unix:///s. Is the docker daemon running? >&2
      exit 1; }}; echo 20.10.24; exit;; esac\n"""
    docker.write_text(_DOCKER.replace("stdin=/dev/null\n", look + "stdin=/dev/null\n", 1))
    docker.chmod(0o755)
    client = Docker(docker, host="unix:///nowhere")
    with client.container.machine("web") as m, m.session() as session:
        with pytest.raises(ShellEnded):
            session.run("echo said; exit 255")
        gone.touch()
        with pytest.raises(EngineLost, match="lost in the middle") as caught:
            session.run("echo said; exit 255")
        assert caught.value.stdout == b"said\n"
        with pytest.raises(ShellEnded):
            session.run("exit 3")
        assert session.run("echo new")[1] == "new\n"


def test_a_docker_that_cannot_open_a_shell(here: Docker) -> None:
    with pytest.raises(NoShell, match="no-such-shell"):
        here.container.machine("web", shell="no-such-shell")
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded, match="no shell has answered"):
        here.container.machine("web", shell="cat", connect_timeout=0.3)
    assert time.monotonic() - begun < 0.3 + contract.LATE


@pytest.mark.parametrize(
    "text", ["a", "a b", "it's", 'q"$x`y`\\', "x\ny=1\nexport Z=2'\x1b\\", "한\n", "\udcff", ""]
)
@pytest.mark.parametrize(
    "shell", [one for one in SHELLS.values() if shutil.which(one[0])], ids=" ".join
)
def test_what_a_shell_exports_is_read_as_it_is(shell: list[str], text: str) -> None:
    said = subprocess.run(
        [*shell, "-c", "export -p"],
        env={"FIRST": "1", "TEXT": text, "ZLAST": "2"},
        capture_output=True,
        check=True,
    ).stdout
    told = words.exported(said)
    assert {name: told[name] for name in ("FIRST", "TEXT", "ZLAST")} == {
        "FIRST": "1",
        "TEXT": text,
        "ZLAST": "2",
    }


def test_names_that_no_honest_shell_tells_write_nothing(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machine.tempdir() as folder:
        for name in ("../out", "sub/../../out", "not/told", "..", "."):
            lie = [f"f{folder}/{name}"]
            monkeypatch.setattr(Machine, "names", lambda *_, lie=lie: lie)
            with pytest.raises(InvalidArgument, match="nothing was copied"):
                machine.download(folder, tmp_path / "to")
    assert list(tmp_path.iterdir()) == []


def test_ten_thousand_commands(machine: Machine) -> None:
    contract.ten_thousand_commands(machine)


def test_fifty_mebibytes(machine: Machine) -> None:
    contract.fifty_mebibytes(machine)
