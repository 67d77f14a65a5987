"""``dockcli doctor``: its exit codes, what it prints where, and that it writes nothing."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

import dockcli
from tests.unit.doctor import healthy
from tests.unit.fake import FakeDocker

COMMAND = (sys.executable, "-m", "dockcli.cli", "doctor")


@pytest.fixture
def well(tmp_path: Path, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A docker on a machine where nothing is risky, but for its engine's socket if it has one."""
    monkeypatch.setenv("PATH", str(fake_docker.folder))
    monkeypatch.setenv("PYTHONPATH", str(Path(dockcli.__file__).parents[1]))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    for name in ("HOME", "XDG_STATE_HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    healthy(fake_docker)
    return fake_docker


def doctor(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        env={**os.environ, "FORCE_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def on_terminal(**environment: str) -> str:
    """What is shown on a terminal of 80 columns."""
    parent, child = pty.openpty()
    ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {**os.environ, "TERM": "xterm", **environment}
    process = subprocess.Popen([*COMMAND], env=env, stdin=child, stdout=child, stderr=child)
    os.close(child)
    shown = b""
    try:
        while chunk := os.read(parent, 65536):
            shown += chunk
    except OSError as error:
        assert error.errno == errno.EIO  # noqa: PT017 - the terminal's other end is closed
    os.close(parent)
    assert process.wait() == 1
    return shown.decode()


def test_exit_codes_tell_risky_from_not_seen(well: FakeDocker) -> None:
    assert doctor().returncode == 0
    assert doctor("--docker", "docker-of-nobody").returncode == 2
    assert doctor("--nonsense").returncode == 2
    assert doctor("--host", "tcp://server:2375").returncode == 1
    assert doctor("--host", "tcp://server:2375", "--docker", "docker-of-nobody").returncode == 1


def test_a_pipe_gets_lines_that_no_width_breaks(well: FakeDocker) -> None:
    host = f"tcp://{'server' * 30}:2375"
    done = doctor(DOCKER_HOST=host, COLUMNS="40")
    lines = done.stdout.splitlines()
    assert lines[0] == f"risk: tcp-without-tls: {host}"
    assert f"  -> export DOCKER_HOST=ssh://{'server' * 30}" in lines
    assert lines[-1].startswith("1 risk")
    assert (done.stderr, "\x1b" in done.stdout) == ("", False)


def test_json_has_every_finding(well: FakeDocker) -> None:
    done = doctor("--json", DOCKER_HOST="tcp://server:2375")
    told = json.loads(done.stdout)
    assert (told["risks"], told["unknowns"]) == (1, 0)
    assert set(told["findings"][0]) == {"id", "severity", "subject", "what", "why", "remedy"}
    assert told["findings"][0]["id"] == "tcp-without-tls"
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "NO_COLOR"])
def test_a_terminal_gets_a_table_that_fits(well: FakeDocker, colour: bool) -> None:
    plain = {} if colour else {"NO_COLOR": "1"}
    shown = on_terminal(DOCKER_HOST="tcp://server:2375", **plain)
    assert ("\x1b[1;31m" in shown) == colour
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines)) == 80
    assert any("\u2502 risk \u2502 tcp-without-tls tcp://server:2375" in line for line in lines)
    assert lines[-1] == "1 risk"


def test_a_terminal_gets_all_of_a_long_command(well: FakeDocker) -> None:
    shown = on_terminal(DOCKER_HOST=f"tcp://{'server' * 30}:2375", NO_COLOR="1")
    words = re.sub(r"\x1b\[[0-9;]*m|[\u2502\s]", "", shown)
    assert f"exportDOCKER_HOST=ssh://{'server' * 30}" in words


def test_names_do_not_control_the_terminal(well: FakeDocker) -> None:
    done = doctor(DOCKER_HOST="tcp://\x1b[31mserver\n:2375")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert r"\x1b[31mserver\n" in done.stdout


def test_nothing_is_written(well: FakeDocker, tmp_path: Path) -> None:
    settings = tmp_path / "HOME" / ".docker"
    settings.mkdir(mode=0o700)
    (settings / "config.json").write_text('{"credsStore": "none", "currentContext": "none"}')

    def tree() -> dict[str, tuple[int, ...]]:
        paths = [path for path in tmp_path.rglob("*") if well.folder not in path.parents]
        return {
            str(path): (about.st_mode, about.st_mtime_ns, about.st_ctime_ns, about.st_size)
            for path in paths
            for about in [path.lstat()]
        }

    before = tree()
    assert doctor().returncode in (0, 2)
    assert tree() == before


def test_it_is_listed(well: FakeDocker) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dockcli.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "doctor" in done.stdout
    assert "Exit codes: 0" in doctor("--help").stdout.replace("\n  ", " ")
