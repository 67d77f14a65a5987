"""Of a scope whose owner is killed nothing is left within ten seconds, and nothing else is touched
(T10, T11, P8)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.scope import labelled
from tests.engine.conftest import Front, missing, socket_of

Unique = Callable[[str], str]

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")

WITHIN = 10.0
"""Seconds after the owner's end, on a machine that has nothing else to do."""

LAST = 26
"""No victim makes more docker calls than that, from the first that makes something: a test below
holds it."""

# What is killed: it has made one of each kind, and waits. Its words: binary, base, stem, and more.
VICTIM = """
import json, os, sys, time
from dockcli import Docker
binary, base, stem, more, given = sys.argv[1:]
environment = dict(word.split("=", 1) for word in more.split())
with Docker(binary, env=environment, **json.loads(given)).scope() as s:
    guard = s._bond._guard._process.pid
    print("begun", s.id, guard, flush=True)
    s.volume.create(stem + "-v")
    s.network.create(stem + "-n")
    web = s.run(
        base, "sleep", "60", name=stem + "-c", detach=True, network=stem + "-n",
        volume=[stem + "-v:/v", stem + "-w:/w", "/anonymous"],
    )
    s.build("-", tag=stem + "-built", stdin="FROM " + base + "\\nENV a=b\\n")
    s.commit(web, stem + "-committed")
    folder = s.temporary_folder()
    (folder / "file").write_text("x")
    if "FORK=1" in more and os.fork() == 0:
        os.closerange(0, 3)
        time.sleep(60)
        os._exit(0)
    if "CLOSE=1" in more:
        os.closerange(3, 1000)
    print("made", folder, flush=True)
    if "END=1" not in more:
        sys.stdin.read()
"""


class Victim:
    """A process with a scope, in a session of its own."""

    guard = 0

    def __init__(
        self,
        cli: Docker,
        base: str,
        stem: str,
        *more: str,
        made: list[Victim],
        binary: str = "",
        **reached: Any,
    ) -> None:
        around = {**os.environ, **reached.pop("around", {})}
        environment = {**cli.env, **dict(word.split("=", 1) for word in more)}
        given = " ".join(f"{name}={value}" for name, value in environment.items())
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                VICTIM,
                binary or cli.binary,
                base,
                stem,
                given,
                json.dumps(reached),
            ],
            env=around,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        made.append(self)
        self.pid = self._process.pid
        self.scope, guard = self._told("begun")
        self.guard = int(guard)

    def _told(self, what: str) -> list[str]:
        assert self._process.stdout is not None
        first, *words = self._process.stdout.readline().decode().split() or ["nothing"]
        assert first == what
        return words

    def has_made(self) -> Path:
        (folder,) = self._told("made")
        return Path(folder)

    def wait(self) -> None:
        self._process.wait(60)

    def end(self) -> int:
        """By itself: it has nothing more to do."""
        self._process.communicate(timeout=60)
        return self._process.returncode

    def clear(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.communicate()
        wait_until(lambda: not lives(self.guard))


@pytest.fixture
def victim(unique: Unique) -> Iterator[Callable[..., Victim]]:
    made: list[Victim] = []

    def make(cli: Docker, base: str, *more: str, **options: Any) -> Victim:
        return Victim(cli, base, unique("x"), *more, made=made, **options)

    yield make
    for one in made:
        one.clear()


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.1)


def time_of(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def assert_all_is_gone(client: Docker, one: Victim, folder: Path | None = None) -> None:
    """And the guard too, once it has looked whether something comes late."""
    wait_until(lambda: labelled(client, one.scope) == [])
    wait_until(lambda: not lives(one.guard) and not (folder and folder.exists()))
    assert labelled(client, one.scope) == []


@pytest.fixture
def decoys(docker: Docker, base: str, unique: Unique) -> Iterator[Callable[[], object]]:
    """Other people's, of like names, and of a scope that lives; the function tells their state."""
    names = [f"{unique('x')}-v-2", f"x{unique('x')}-v", unique("x")]
    for name in names:
        docker.volume.create(name)
        docker.create(base, "true", name=name, volume=f"{name}:/v")
        docker.tag(base, name)
    with docker.scope(guard=False) as other:
        other.volume.create(unique("other"))
        other.create(base, "true", name=unique("other"))
        other.commit(unique("other"), unique("other"))
        names.append(unique("other"))
        kinds = ("volume", "container", "image")
        yield lambda: [docker.raw(kind, "inspect", *names).stdout for kind in kinds]
    docker.rm(*names[:3])
    docker.volume.rm(*names[:3])
    docker.rmi(*names[:3])


def test_all_is_gone_within_ten_seconds(
    cli: Docker, cli_base: str, victim: Callable[..., Victim]
) -> None:
    one = victim(cli, cli_base)
    folder = one.has_made()
    assert len(labelled(cli, one.scope)) >= 6
    cost = time_of(lambda: cli.version())
    os.kill(one.pid, signal.SIGKILL)
    wait_until(lambda: labelled(cli, one.scope) == [], WITHIN + 50 * cost)
    assert_all_is_gone(cli, one, folder)


SUDO = """#!/bin/sh
echo "$@" >>{log}
while [ "$1" != -- ]; do shift; done
shift
exec env -i PATH="$PATH" "$@"
"""


@pytest.fixture
def reached(docker: Docker, tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """The arguments of a client that reaches the engine in that way, and in no other: for its
    process there is no private engine that would stand in."""
    if (socket := socket_of(docker)) is None:
        missing("an engine with a socket on this machine")
    host, config = f"unix://{socket}", tmp_path / "config"

    def context() -> str:
        client = Docker(config=config, host=host)
        client.context.create("there", docker={"host": host})
        return str(config)

    def given(way: str) -> dict[str, Any]:
        around = {"XDG_STATE_HOME": str(tmp_path / "state"), "DOCKER_HOST": ""}
        if way == "host=":
            return {"host": host, "around": {**around, "DOCKER_HOST": "tcp://127.0.0.1:1"}}
        if way == "env=":
            return {"more": [f"DOCKER_HOST={host}"], "around": around}
        if way == "context=":
            return {"context": "there", "more": [f"DOCKER_CONFIG={context()}"], "around": around}
        if way == "config=":
            (Path(context()) / "config.json").write_text('{"currentContext": "there"}')
            return {"config": str(config), "around": around}
        folder = tmp_path / "sudo"
        folder.mkdir()
        (folder / "sudo").write_text(SUDO.format(log=tmp_path / "asked"))
        (folder / "sudo").chmod(0o755)
        around["PATH"] = os.pathsep.join([str(folder), os.environ["PATH"]])
        return {"host": host, "sudo": True, "around": around}

    return given


@pytest.mark.parametrize("way", ["host=", "env=", "context=", "config=", "sudo=True"])
def test_the_guard_reaches_what_its_owner_reached(
    way: str, docker: Docker, base: str, decoys: Any, reached: Any, victim: Any, tmp_path: Path
) -> None:
    before = decoys()
    given = reached(way)
    plain = Docker()  # which has not found the engine by itself, and so says nothing of it
    one = victim(plain, base, *given.pop("more", ()), **given)
    folder = one.has_made()
    assert len(labelled(docker, one.scope)) >= 6
    os.kill(one.pid, signal.SIGKILL)
    assert_all_is_gone(docker, one, folder)
    assert decoys() == before
    if way == "sudo=True":
        assert "container rm --force" in (tmp_path / "asked").read_text()


@pytest.mark.parametrize("more", ["FORK=1", "CLOSE=1"])
def test_whoever_holds_or_has_closed_the_pipe(
    more: str, docker: Docker, base: str, victim: Callable[..., Victim]
) -> None:
    """A fork that lives on holds it; a program that closes all that it has open still lives."""
    one = victim(docker, base, more)
    folder = one.has_made()
    time.sleep(2.5)
    assert lives(one.guard)
    assert len(labelled(docker, one.scope)) >= 6
    os.kill(one.pid, signal.SIGKILL)
    assert_all_is_gone(docker, one, folder)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_and_to_the_guard(
    number: signal.Signals, docker: Docker, base: str, victim: Callable[..., Victim]
) -> None:
    """As a terminal sends that is closed, and a supervisor to all that it has started."""
    one = victim(docker, base)
    folder = one.has_made()
    os.kill(one.guard, number)
    os.killpg(one.pid, number)
    one.wait()
    assert_all_is_gone(docker, one, folder)


def test_the_guard_holds_one_pipe_and_is_alone(
    docker: Docker, base: str, victim: Callable[..., Victim]
) -> None:
    one = victim(docker, base, "SECRET=c4nary")
    one.has_made()
    proc = Path(f"/proc/{one.guard}")
    files = [os.readlink(path) for path in sorted((proc / "fd").iterdir())]
    assert files[:3] == ["/dev/null"] * 3
    assert [name.partition(":")[0] for name in files[3:]] == ["pipe"]
    assert (proc / "cwd").readlink() == Path("/")
    assert os.getsid(one.guard) == os.getpgid(one.guard) == one.guard
    assert b"c4nary" not in (proc / "cmdline").read_bytes()
    assert one.scope.encode() not in (proc / "cmdline").read_bytes()
    assert one.end() == 0
    assert not lives(one.guard)


def test_the_next_scope_removes_what_the_guard_could_not(
    docker: Docker, base: str, decoys: Any, victim: Callable[..., Victim]
) -> None:
    before = decoys()
    one = victim(docker, base)
    folder = one.has_made()
    os.kill(one.guard, signal.SIGKILL)
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    assert len(labelled(docker, one.scope)) >= 6
    with docker.scope():
        assert labelled(docker, one.scope) == []
    assert not folder.exists()
    assert decoys() == before


def test_clean_tells_and_removes_what_the_guard_could_not(
    docker: Docker, base: str, victim: Callable[..., Victim], shell: Any
) -> None:
    one = victim(docker, base)
    one.has_made()
    os.kill(one.guard, signal.SIGKILL)
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    clean = (sys.executable, "-m", "dockcli.cli", "clean", "--json")
    listed = json.loads(shell(*clean, "--dry-run").stdout)
    kinds = [made["kind"] for made in listed["objects"]]
    assert {"container", "network", "volume", "image"} == set(kinds)
    assert len(labelled(docker, one.scope)) >= 6
    assert json.loads(shell(*clean).stdout) == listed
    assert labelled(docker, one.scope) == []
    assert json.loads(shell(*clean).stdout)["objects"] == []


# --- at any moment

MOMENTS = {
    "before": "kill -9 $PPID",
    "after": '{real} "$@"; code=$?; kill -9 $PPID; exit $code',
    "within": '{real} "$@" & sleep 0.02; kill -9 $PPID; wait; exit 0',
}


def kill_at(
    k: int, moment: str, docker: Docker, base: str, front: Callable[..., Front], victim: Any
) -> None:
    """Kill it before, after, or within its *k*-th docker call."""
    calls = "$(sed -n '/^volume create/,$p' ${0%/*}/calls | wc -l)"
    do = MOMENTS[moment].replace("{real}", "$0.real")
    fake = front(f'if [ "{calls}" = {k} ]; then {do}; fi')
    os.symlink(fake.real, f"{fake.path}.real")
    one = victim(docker, base, "END=1", binary=fake.path)
    one.wait()
    assert_all_is_gone(docker, one)


@pytest.mark.parametrize(("k", "moment"), [(k, list(MOMENTS)[k % 3]) for k in range(1, LAST, 4)])
def test_killed_at_some_calls(
    k: int, moment: str, docker: Docker, base: str, decoys: Any, front: Any, victim: Any
) -> None:
    before = decoys()
    kill_at(k, moment, docker, base, front, victim)
    assert decoys() == before


@pytest.mark.soak
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("k", range(1, LAST))
def test_killed_at_every_call(
    k: int, moment: str, docker: Docker, base: str, decoys: Any, front: Any, victim: Any
) -> None:
    before = decoys()
    kill_at(k, moment, docker, base, front, victim)
    assert decoys() == before


def test_no_call_comes_after_the_last_one_tested(
    docker: Docker, base: str, front: Any, victim: Callable[..., Victim]
) -> None:
    fake = front()
    one = victim(docker, base, "END=1", binary=fake.path)
    assert one.end() == 0
    (first, *_) = [n for n, call in enumerate(fake.calls) if call.startswith("volume create")]
    assert LAST - 4 <= len(fake.calls) - first <= LAST
