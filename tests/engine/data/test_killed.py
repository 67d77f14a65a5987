"""A signal at every docker call of what is done with volumes: what is interrupted leaves the old
state or the new one itself, and of what is killed the next command finds either, or brings it to
one."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from dockcli import Docker
from dockcli.data import arrival, undertaking
from dockcli.errors import NoSuchVolume
from tests import trees

Make = Callable[..., str]
Folder = Callable[[str], bytes]

_DOCKER = """\
#!/bin/sh
COUNT=@count REAL=@real
[ -z "$KILL_AT" ] && exec "$REAL" "$@"
# The real docker; before its call number $KILL_AT, or a moment after that has begun, its caller
# gets the signal $KILL_BY.
count=$(($(cat "$COUNT") + 1))
echo "$count" >"$COUNT"
if [ "$count" = "$KILL_AT" ]; then
    if [ "$KILL_AFTER" = 0 ]; then kill -"$KILL_BY" $PPID; exit 1; fi
    caller=$PPID
    (sleep "$KILL_AFTER"; kill -"$KILL_BY" "$caller") >/dev/null 2>&1 </dev/null &
fi
exec "$REAL" "$@"
"""


_LATE = """\
#!/bin/sh
# The real docker; the one that is to put in its place what was restored comes late, and its caller
# is killed before.
case "$KILL $*" in yes*dockcli-commit*)
    kill -9 $PPID
    sleep 1
    : >@begun
esac
exec @real "$@"
"""


class End(NamedTuple):
    """How a program ends: by which signal, and how many seconds after its docker call has begun."""

    signal: signal.Signals
    after: str


class Killer:
    """Runs Python code, and ends it at its docker call of a number."""

    def __init__(self, folder: Path, real: str, environment: dict[str, str]) -> None:
        self.binary = folder / "docker"
        self._count = folder / "count"
        text = _DOCKER.replace("@count", shlex.quote(str(self._count)))
        self.binary.write_text(text.replace("@real", shlex.quote(real)))
        self.binary.chmod(0o755)
        self._environment = environment

    def run(self, code: str, *words: str, at: int, end: End) -> bool:
        """Whether it was ended; else it has come to its end without an error."""
        self._count.write_text("0")
        how = {"KILL_BY": str(end.signal.value), "KILL_AFTER": end.after}
        done = subprocess.run(
            [sys.executable, "-c", f"import sys\nfrom dockcli import Docker\n{code}", *words],
            env={**self._environment, "KILL_AT": str(at), **how},
            capture_output=True,
            timeout=120,
            check=False,
        )
        if end.signal is signal.SIGINT:
            assert undertaking.unfinished() == [], at  # it has cleaned up itself
        if done.returncode == -end.signal:
            return True
        assert done.returncode == 0, done.stderr.decode()
        return False


@pytest.fixture(scope="session")
def cli(docker: Docker) -> Docker:
    """One docker: the crash is its caller's."""
    return docker


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """That of a program which shares this test's state, and so its undertakings."""
    return {**environment, "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}


@pytest.fixture
def killer(docker: Docker, tmp_path: Path, environment: dict[str, str]) -> Killer:
    return Killer(tmp_path, str(shutil.which("docker")), environment)


@pytest.fixture
def user(docker: Docker, base: str, volume: Make) -> Iterator[tuple[str, str]]:
    """A volume, and the running container that has it."""
    name = volume("target")
    container = f"{name}-user"
    docker.run(base, "sleep", "600", name=container, detach=True, volume=[f"{name}:/data"])
    yield name, container
    docker.container.rm(container, force=True)


def recovered(docker: Docker) -> None:
    """What the next command does first."""
    done, problems = undertaking.recover_all()
    arrival.settle(docker)
    assert problems == []
    assert undertaking.unfinished() == [], done


def no_helper_is_left(docker: Docker) -> None:
    mine = {"label": "dockcli.helper"}
    for _ in range(50):
        if not docker.container.ls(all=True, filter=mine):
            return
        time.sleep(0.2)
    pytest.fail(str(docker.container.ls(all=True, filter=mine)))


ENDS = [
    pytest.param(
        End(by, after),
        id=f"{by.name}-{after}",
        marks=() if (by, after) == (signal.SIGKILL, "0") else pytest.mark.soak,
    )
    for by in (signal.SIGKILL, signal.SIGINT)
    for after in ("0", "0.15", "0.4", "0.8")
]


@pytest.mark.parametrize("end", ENDS)
def test_a_backup(
    docker: Docker,
    killer: Killer,
    user: tuple[str, str],
    folder: Folder,
    tmp_path: Path,
    end: End,
) -> None:
    name, container = user
    trees.build(folder(name), 21)
    archive = tmp_path / "data.tar"
    code = "Docker(sys.argv[1]).volume.backup(sys.argv[2], sys.argv[3], stop=True)"
    at, killed = 1, True
    while killed:
        killed = killer.run(code, str(killer.binary), name, str(archive), at=at, end=end)
        recovered(docker)
        assert docker.container.inspect(container).running, at
        assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
        if archive.exists():
            docker.volume.verify(archive)
        at += 1
    assert archive.exists()
    assert at > 5
    no_helper_is_left(docker)


def test_a_backup_in_the_middle_of_its_bytes(
    docker: Docker,
    volume: Make,
    folder: Folder,
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    name, archive = volume("big"), tmp_path / "data.tar"
    Path(os.fsdecode(folder(name)), "big").write_bytes(os.urandom(1 << 20) * 512)
    code = "import sys\nfrom dockcli import Docker\nDocker().volume.backup(*sys.argv[1:])"
    child = subprocess.Popen(
        [sys.executable, "-c", code, name, archive],
        env=environment,
    )

    def written() -> int:
        return sum(path.stat().st_size for path in tmp_path.iterdir() if path.suffix == ".part")

    until = time.monotonic() + 60
    while written() < 1 << 20 and time.monotonic() < until:
        assert child.poll() is None
    child.kill()
    child.wait()
    assert 1 << 20 <= written() < 512 << 20
    assert not archive.exists()
    recovered(docker)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    docker.volume.backup(name, archive)
    docker.volume.verify(archive)
    no_helper_is_left(docker)


@pytest.mark.parametrize("end", ENDS)
def test_a_restore_over_what_is_there(
    docker: Docker,
    killer: Killer,
    user: tuple[str, str],
    volume: Make,
    folder: Folder,
    tmp_path: Path,
    end: End,
) -> None:
    name, container = user
    source = volume("source")
    trees.build(folder(source), 22)
    trees.build(folder(name), 23)
    archive = tmp_path / "data.tar"
    docker.volume.backup(source, archive)
    old, new = trees.manifest(folder(name)), trees.manifest(folder(source))
    code = "Docker(sys.argv[1]).volume.restore(sys.argv[3], sys.argv[2], True, stop=True)"
    at, killed, seen = 1, True, set()
    while killed:
        killed = killer.run(code, str(killer.binary), name, str(archive), at=at, end=end)
        recovered(docker)
        now = trees.manifest(folder(name))
        assert now in (old, new), at
        seen.add("old" if now == old else "new")
        assert docker.container.inspect(container).running, at
        if now == new and killed:
            trees_again(docker, name, old, folder)
            break
        at += 1
    assert seen
    assert at > 6
    no_helper_is_left(docker)


def trees_again(docker: Docker, name: str, old: object, folder: Folder) -> None:
    """Nothing is left of the restore beside what it brought."""
    assert not any(entry.startswith(b".dockcli") for entry in os.listdir(folder(name)))


@pytest.mark.parametrize("end", ENDS)
def test_a_restore_into_a_new_one(
    docker: Docker,
    killer: Killer,
    volume: Make,
    folder: Folder,
    tmp_path: Path,
    end: End,
) -> None:
    source, name = volume("source"), volume("new", create=False)
    trees.build(folder(source), 24)
    archive = tmp_path / "data.tar"
    docker.volume.backup(source, archive)
    new = trees.manifest(folder(source))
    code = "Docker(sys.argv[1]).volume.restore(sys.argv[3], sys.argv[2])"
    at, killed = 1, True
    while killed:
        killed = killer.run(code, str(killer.binary), name, str(archive), at=at, end=end)
        recovered(docker)
        try:
            docker.volume.inspect(name)
        except NoSuchVolume:
            assert killed
        else:
            assert trees.manifest(folder(name)) == new, at
            docker.volume.rm(name)
        at += 1
    assert at > 5
    no_helper_is_left(docker)


@pytest.mark.parametrize("end", ENDS)
def test_a_move(
    docker: Docker,
    killer: Killer,
    volume: Make,
    folder: Folder,
    end: End,
) -> None:
    """To the same engine under another name: two clients, as between two engines."""
    source, name = volume("source"), volume("moved", create=False)
    trees.build(folder(source), 25)
    data = trees.manifest(folder(source))
    code = (
        "d = Docker(sys.argv[1])\n"
        "d.volume.migrate(sys.argv[2], to=Docker(sys.argv[1]), name=sys.argv[3], move=True)"
    )
    at, killed = 1, True
    while killed:
        killed = killer.run(code, str(killer.binary), source, name, at=at, end=end)
        recovered(docker)
        there = {one.name for one in docker.volume.ls(filter={"name": [source, name]})}
        assert there, at
        for one in there:
            assert trees.manifest(folder(one)) == data, (at, one)
        if source not in there:
            break
        if name in there:
            docker.volume.rm(name)
        at += 1
    assert at > 6
    no_helper_is_left(docker)


def test_a_client_that_goes_on_without_its_caller_begins_nothing_any_more(
    docker: Docker,
    volume: Make,
    folder: Folder,
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    source, name = volume("source"), volume("new", create=False)
    trees.build(folder(source), 27)
    archive, binary, begun = tmp_path / "data.tar", tmp_path / "docker", tmp_path / "begun"
    docker.volume.backup(source, archive)
    text = _LATE.replace("@begun", shlex.quote(str(begun)))
    binary.write_text(text.replace("@real", shlex.quote(str(shutil.which("docker")))))
    binary.chmod(0o755)
    code = (
        "import sys\nfrom dockcli import Docker\nDocker(sys.argv[1]).volume.restore(*sys.argv[2:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, binary, archive, name],
        env={**environment, "KILL": "yes"},
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    recovered(docker)
    time.sleep(1.5)
    assert not begun.exists()
    assert trees.manifest(folder(name)) == trees.manifest(folder(source))
    no_helper_is_left(docker)


def test_a_commit_that_went_on_without_its_caller_is_done(
    docker: Docker, volume: Make, folder: Folder
) -> None:
    name = volume()
    trees.build(folder(name), 26)
    before = trees.manifest(folder(name))
    facts = {"volume": name, "new": True, "created": True, "way": "helper", "image": None}
    assert "in its place" in arrival.recover(docker, {**facts, "step": "commit"})
    assert trees.manifest(folder(name)) == before
