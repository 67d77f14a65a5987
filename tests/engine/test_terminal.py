"""Terminals on a real engine: sh, vi, top and a REPL in containers; what is left of them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Bind, Docker
from dockcli.errors import NoSuchContainer, NotSeen
from dockcli.terminal import Terminal

PROMPT = "[#$] "
Unique = Callable[[str], str]
PATIENCE = 30.0


@pytest.fixture
def web(cli: Docker, cli_base: str, unique: Unique) -> Iterator[str]:
    """A container whose program waits."""
    name = unique("web")
    cli.container.run(cli_base, "sleep", "600", name=name, detach=True)
    yield name
    cli.container.rm(name, force=True)


@pytest.fixture
def mine(docker: Docker, base: str, unique: Unique, tmp_path: Path) -> Iterator[str]:
    """The same on the docker that is first on PATH, with a folder of this machine at /host."""
    name = unique("mine")
    bind = Bind(str(tmp_path), "/host")
    docker.container.run(base, "sleep", "600", name=name, detach=True, mount=[bind])
    yield name
    docker.container.rm(name, force=True)


def shell(client: Docker, container: str, *, deadline: float | None = None) -> Terminal:
    call = client.call.container.exec(
        container, "sh", interactive=True, tty=True, deadline=deadline
    )
    return call.terminal()


def programs(client: Docker, container: str) -> list[str]:
    """What runs in *container*, but for its own program and the dead, which nobody buries there."""
    said = client.container.exec(container, "ps", "-o", "stat,args").lines()[1:]
    lines = [line.split(maxsplit=1) for line in said]
    own = ("sleep 600", "ps -o stat,args")
    return [args for stat, args in lines if args.strip() not in own and not stat.startswith("Z")]


def becomes(terminal: Terminal, size: str) -> None:
    """Ask for the size until it is *size*: docker is told by a signal, and tells the engine."""
    for _ in range(100):
        terminal.send("stty size\n")
        if terminal.expect(r"^(\d+ \d+|stty: .*)\r$", deadline=PATIENCE).group(1) == size:
            return
        time.sleep(0.1)
    pytest.fail(f"the container was not told {size}")


# --- programs


def test_a_shell_is_talked_to_and_its_window_grows(cli: Docker, web: str) -> None:
    with shell(cli, web) as terminal:
        terminal.expect(PROMPT, deadline=PATIENCE)
        becomes(terminal, "24 80")
        terminal.resize(33, 101)
        becomes(terminal, "33 101")
        waits = "echo it waits; while :; do sleep 0.1; done"
        terminal.send(f"sh -c 'trap \"echo it is told; exit\" WINCH; {waits}'\n")
        terminal.expect("^it waits")
        terminal.resize(20, 60)
        terminal.expect("^it is told")
        terminal.send("exit 7\n")
        assert terminal.wait() == 7


def test_vi_writes_a_file_that_is_read_on_the_host(
    docker: Docker, mine: str, tmp_path: Path
) -> None:
    with shell(docker, mine) as terminal:
        terminal.expect(PROMPT, deadline=PATIENCE)
        terminal.send("vi /host/notes.txt\n")
        terminal.see(r"^- /host/notes.txt")
        assert terminal.cursor == (0, 0)
        terminal.send("ifirst")
        terminal.key("enter")
        terminal.send("볼륨 third")
        terminal.see("third")
        terminal.key("escape")
        terminal.key("up", "home")
        terminal.send("Osecond")
        terminal.key("escape", ":", "w", "q", "enter")
        terminal.send("exit\n")  # a prompt may have come twice: again when the size became known
        assert terminal.wait(deadline=PATIENCE) == 0
    assert (tmp_path / "notes.txt").read_text() == "second\nfirst\n볼륨 third\n"


def test_top_is_watched_and_left(docker: Docker, mine: str) -> None:
    with docker.call.container.exec(mine, "top", interactive=True, tty=True).terminal() as top:
        top.see(r"PID +PPID", deadline=PATIENCE)
        assert re.search(r"^ +1 +0 root", top.screen, re.MULTILINE)
        top.key("q")
        assert top.wait() == 0


def test_a_repl_is_asked(docker: Docker, mine: str) -> None:
    with docker.call.container.exec(mine, "bc", interactive=True, tty=True).terminal() as bc:
        bc.send("6 * 7\n")
        assert bc.expect(r"^(\d+)\r$", deadline=PATIENCE)[1] == "42"
        bc.send("x = 10; x ^ 20\n")
        assert bc.expect(r"^(\d+)\r$")[1] == "1" + 20 * "0"
        bc.key("ctrl-d")
        assert bc.wait() == 0


def test_every_byte_passes_both_ways(docker: Docker, mine: str) -> None:
    """T7, through docker and its engine, in a raw terminal."""
    call = docker.call.container.exec(
        mine, "sh", "-c", "stty raw -echo; echo ready; head -c 256", interactive=True, tty=True
    )
    with call.terminal() as terminal:
        terminal.expect("ready\n", deadline=PATIENCE)
        # docker's client takes its detach keys, ctrl-p and what follows, out of the stream
        data = bytes(range(0x10)) + bytes(range(0x11, 256)) + b"x"
        terminal.send(data)
        assert terminal.wait() == 0
    assert terminal.output.endswith(b"ready\n" + data)


def test_what_is_not_there_is_docker_s_own_error(cli: Docker, unique: Unique) -> None:
    with shell(cli, unique("none")) as terminal, pytest.raises(NoSuchContainer):
        terminal.expect(PROMPT, deadline=PATIENCE)


# --- how they are left


def test_an_exec_that_is_left_early_ends_in_the_container(cli: Docker, web: str) -> None:
    with shell(cli, web) as terminal:
        terminal.expect(PROMPT, deadline=PATIENCE)
        terminal.send("trap '' HUP TERM; (trap '' HUP; exec sleep 71) & sleep 72\n")
        terminal.quiet(0.5)
        assert len(programs(cli, web)) >= 3
    assert programs(cli, web) == []
    assert cli.container.inspect(web).running


def test_also_one_of_another_user(cli: Docker, web: str) -> None:
    call = cli.call.container.exec(
        web, "sh", "-c", "echo ready; sleep 71", interactive=True, tty=True, user="1234"
    )
    with call.terminal() as terminal:
        terminal.expect("ready", deadline=PATIENCE)
    assert programs(cli, web) == []


def test_the_deadline_ends_an_exec_in_the_container(docker: Docker, mine: str) -> None:
    with shell(docker, mine, deadline=3) as terminal:
        terminal.expect(PROMPT, deadline=PATIENCE)
        terminal.send("trap '' HUP TERM INT; sleep 71\n")
        with pytest.raises(NotSeen, match="what it had started in"):
            terminal.see("never", deadline=60)
    assert programs(docker, mine) == []


def test_one_that_is_dropped_ends_in_the_container(docker: Docker, mine: str) -> None:
    terminal = shell(docker, mine)
    terminal.expect(PROMPT, deadline=PATIENCE)
    del terminal
    until = time.monotonic() + 5
    while programs(docker, mine) and time.monotonic() < until:
        time.sleep(0.1)
    assert programs(docker, mine) == []


def test_another_exec_is_left_alone(docker: Docker, mine: str) -> None:
    with shell(docker, mine) as other:
        other.expect(PROMPT, deadline=PATIENCE)
        with shell(docker, mine) as terminal:
            terminal.expect(PROMPT, deadline=PATIENCE)
        other.send("echo still $((40 + 2))\n")
        other.expect("still 42")


def test_ctrl_c_in_a_wait_leaves_nothing(
    docker: Docker, mine: str, environment: dict[str, str]
) -> None:
    program = (
        "import sys\nfrom dockcli import docker\n"
        "call = docker.call.container.exec(sys.argv[1], 'sh', interactive=True, tty=True)\n"
        "with call.terminal() as terminal:\n"
        "    terminal.expect('[#$] ', deadline=30)\n"
        "    terminal.send('sleep 71\\n')\n"
        "    print('ready', flush=True)\n"
        "    terminal.expect('never', deadline=60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, mine],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as python:
        assert python.stdout is not None
        assert python.stdout.readline() == b"ready\n"
        python.send_signal(signal.SIGINT)
        _, stderr = python.communicate(timeout=20)
    assert stderr.strip().endswith(b"KeyboardInterrupt")
    assert b"Exception in thread" not in stderr
    assert programs(docker, mine) == []


def test_an_attach_that_is_left_early_leaves_the_container(
    cli: Docker, cli_base: str, unique: Unique
) -> None:
    name = unique("box")
    cli.container.run(cli_base, "sh", name=name, detach=True, tty=True, interactive=True)
    try:
        with cli.call.container.attach(name).terminal() as terminal:
            terminal.send("echo $((40 + 2))\n")
            terminal.expect("^42", deadline=PATIENCE)
        assert cli.container.inspect(name).running
    finally:
        cli.container.rm(name, force=True)


def test_a_run_that_is_left_early_is_stopped(cli: Docker, cli_base: str, unique: Unique) -> None:
    name = unique("box")
    call = cli.call.container.run(cli_base, "sh", name=name, tty=True, interactive=True, rm=True)
    with call.terminal() as terminal:
        terminal.expect(PROMPT, deadline=PATIENCE)
        assert cli.container.inspect(name).running
    with pytest.raises(NoSuchContainer):
        cli.container.inspect(name)


# --- detach


@pytest.mark.parametrize("keys", [None, "ctrl-e,e,x"])
def test_detach_leaves_the_program_running(
    cli: Docker, cli_base: str, unique: Unique, keys: str | None
) -> None:
    name = unique("box")
    call = cli.call.container.run(
        cli_base, "sh", name=name, tty=True, interactive=True, detach_keys=keys
    )
    try:
        with call.terminal() as terminal:
            terminal.expect(PROMPT, deadline=PATIENCE)
            terminal.detach()
            assert (terminal.detached, terminal.wait()) == (True, 0)
        assert cli.container.inspect(name).running
        with cli.call.container.attach(name, detach_keys=keys).terminal() as terminal:
            terminal.send("echo $((40 + 2))\n")
            terminal.expect("^42", deadline=PATIENCE)
            terminal.detach()
            assert terminal.detached
        assert cli.container.inspect(name).running
        call = cli.call.container.exec(name, "sh", tty=True, interactive=True, detach_keys=keys)
        with call.terminal() as terminal:
            terminal.expect(PROMPT, deadline=PATIENCE)
            terminal.send("exec sleep 71\n")
            terminal.quiet()
            terminal.detach()
            assert terminal.detached
        assert "sleep 71" in [args.strip() for args in programs(cli, name)]
    finally:
        cli.container.rm(name, force=True)


# --- a person


def test_a_person_has_a_shell(docker: Docker, mine: str, environment: dict[str, str]) -> None:
    """On a terminal of the test's own: keys, the window's size, Ctrl-C, and the way out."""
    program = (
        "import sys\nfrom dockcli import docker\n"
        "call = docker.call.container.exec(sys.argv[1], 'sh', interactive=True, tty=True)\n"
        "terminal = call.terminal()\n"
        "print('code', terminal.interact(), terminal.detached)\n"
    )
    client = Docker(sys.executable, env={k: v for k, v in environment.items() if k != "PATH"})
    with client.call.raw("-c", program, mine).terminal(rows=31, columns=99) as person:
        person.expect(PROMPT, deadline=PATIENCE)
        person.quiet(1.5)  # docker tells the engine the size a moment after the start
        person.send("stty size; sleep 72\n")
        person.expect(r"^31 99\r$")
        person.resize(32, 100)
        person.quiet(1.0)
        person.key("ctrl-c")
        person.expect(PROMPT)
        person.send("stty size\n")
        person.expect(r"^32 100\r$")
        person.send("exec sleep 71\n")
        person.quiet()
        for key in ("ctrl-p", "ctrl-q"):
            person.key(key)
        person.expect("code 1 True", deadline=PATIENCE)
        assert person.wait() == 0
    assert programs(docker, mine) == ["sleep 71"]
