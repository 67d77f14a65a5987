"""``dockcli clean`` removes exactly what a provably dead owner left, and never asks (T11, T19)."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.engine.base import LABEL, STAND_IN, provide
from dockcli.owner import Owner, current
from dockcli.scope import OWNER, TAG, Traces

HERE = current()


@pytest.fixture
def clean(environment: dict[str, str]) -> Callable[..., list[str]]:
    """Run ``dockcli clean``; the lines that it prints."""

    def run(*options: str, **more: Any) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "dockcli.cli", "clean", *options],
            **{"env": environment, "stdin": subprocess.DEVNULL, **more},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        return sorted(done.stdout.decode().splitlines())

    return run


def owner(**different: Any) -> str:
    """The label of an owner like this process, but for some of its parts."""
    return str(HERE._replace(**different))


# What a process that is killed makes first: a container, a volume, and an image with its tag.
MAKE = """
import sys
from dockcli import Docker
from dockcli.scope import TAG, Traces
stem, base = sys.argv[1:]
client = Traces(Docker(), "test").client
client.volume.create(f"{stem}-volume")
client.container.create(base, "true", name=f"{stem}-container", volume=[f"{stem}-volume:/v"])
tag = f"{stem}-image"
client.image.build("-", tag=tag, label={TAG: tag}, stdin=f"FROM {base}\\nRUN echo {stem} >/mine\\n")
print("made", flush=True)
sys.stdin.read()
"""


class Victim:
    """Another process of dockcli's, that has made things and goes on until it is killed."""

    def __init__(self, stem: str, base: str, environment: dict[str, str]) -> None:
        self.stem = stem
        self.names = {kind: f"{stem}-{kind}" for kind in ("container", "volume", "image")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", MAKE, stem, base],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"made\n"

    def kill(self, *, reap: bool = True) -> None:
        self._process.kill()
        if not reap:
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:
            self.end()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def victim(
    docker: Docker, base: str, environment: dict[str, str], unique: Callable[[str], str]
) -> Iterator[Victim]:
    one = Victim(unique("v"), base, environment)
    yield one
    one.end()


def there(docker: Docker, kind: str, name: str) -> bool:
    return docker.raw(kind, "inspect", name, check=False).returncode == 0


# --- what a dead owner left


def test_what_a_dead_owner_left_is_removed_and_told(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    victim.kill()
    said = clean()
    assert f"container {victim.names['container']}" in said
    assert f"volume {victim.names['volume']}" in said
    assert f"image {victim.names['image']}:latest" in said
    for kind, name in victim.names.items():
        assert not there(docker, kind, name)
    assert clean() == []


def test_what_a_living_owner_has_stays(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    assert clean() == []
    for kind, name in victim.names.items():
        assert there(docker, kind, name)
    victim.kill()
    assert clean() != []


def test_a_zombie_is_dead(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    victim.kill(reap=False)
    assert clean() != []
    assert not there(docker, "container", victim.names["container"])


def test_a_dry_run_lists_and_removes_nothing(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    victim.kill()
    listed = clean("--dry-run")
    for kind, name in victim.names.items():
        assert there(docker, kind, name)
    assert clean() == listed


def test_it_never_asks(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    victim.kill()
    ours, its = pty.openpty()
    try:
        assert clean(stdin=its) != []
    finally:
        os.close(ours)
        os.close(its)


# --- decoys: whose owner is not provably dead, or who is nobody of dockcli's

DECOYS = {
    "no label": {},
    "another machine": {OWNER: owner(machine="elsewhere", boot="earlier", pid=1, start="1")},
    "a living process": {OWNER: owner()},
    "another process space": {OWNER: owner(space="pid1", pid=2**22 - 1, start="1")},
    "empty": {OWNER: ""},
    "garbage": {OWNER: "; rm -rf /"},
    "too few parts": {OWNER: "/".join(str(HERE).split("/")[:-1])},
    "too many parts": {OWNER: f"{HERE}/more"},
    "a pid that is none": {OWNER: str(HERE).replace(f"/{HERE.pid}/", "/-1/")},
    "another key": {"dockcli.owners": owner(start="1"), "x.dockcli.owner": owner(start="1")},
    "a recipe's other labels": {"dockcli.recipe": "isolation", "dockcli.scope": "1", TAG: "random"},
}


@pytest.fixture
def decoys(docker: Docker, base: str, unique: Callable[[str], str]) -> Iterator[Any]:
    """A container, a volume and an image for each decoy; the function tells their state."""
    made: list[tuple[str, str]] = []
    for number, labels in enumerate(DECOYS.values()):
        name = unique(f"d{number}")
        docker.volume.create(name, label=labels)
        docker.container.create(base, "true", name=name, label=labels, volume=[f"{name}:/v"])
        changes = [f'LABEL "{key}"="{value}"' for key, value in labels.items()]
        docker.container.commit(name, name, change=changes)
        made += [("container", name), ("image", name), ("volume", name)]
    yield lambda: {one: docker.raw(one[0], "inspect", one[1]).stdout for one in made}
    for kind in ("container", "image", "volume"):
        docker.raw(kind, "rm", *(name for its, name in made if its == kind))


def test_decoys_survive(
    docker: Docker, base: str, decoys: Any, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    before = decoys()
    victim.kill()
    assert len(clean()) >= 3
    assert not there(docker, "volume", victim.names["volume"])
    assert decoys() == before


def test_names_like_those_of_the_dead_survive(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]]
) -> None:
    """As prefix, suffix and substring, of each kind."""
    names = [f"{victim.stem}-container-1", f"x{victim.stem}-container", victim.stem]
    volumes = [f"{victim.stem}-volume-1", f"x{victim.stem}-volume", f"{victim.stem}-vol"]
    for name in names:
        docker.container.create(base, "true", name=name)
    for name in volumes:
        docker.volume.create(name)
    victim.kill()
    clean()
    assert [one.name for one in docker.container.inspect(*names)] == names
    assert [one.name for one in docker.volume.inspect(*volumes)] == volumes
    docker.container.rm(*names)
    docker.volume.rm(*volumes)


def test_a_stranger_s_container_keeps_our_image(
    docker: Docker, base: str, victim: Victim, environment: dict[str, str], unique: Any
) -> None:
    """It is told, not forced: the container is stopped, and its image is what it needs."""
    name = unique("stranger")
    docker.container.create(victim.names["image"], "true", name=name, label={OWNER: ""})
    victim.kill()
    words = [sys.executable, "-m", "dockcli.cli", "clean"]
    done = subprocess.run(words, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert victim.names["image"] in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert docker.container.inspect(name).name == name
    assert there(docker, "image", victim.names["image"])
    docker.container.rm(name)
    done = subprocess.run(words, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0


def test_a_user_s_own_tag_keeps_our_image(
    docker: Docker, base: str, victim: Victim, clean: Callable[..., list[str]], unique: Any
) -> None:
    extra = unique("extra")
    docker.image.tag(victim.names["image"], extra)
    victim.kill()
    clean()
    assert docker.image.inspect(extra).tags == (f"{extra}:latest",)
    assert not there(docker, "image", victim.names["image"])
    docker.image.rm(extra)


def test_a_user_s_volume_in_our_container_survives(
    docker: Docker, base: str, clean: Callable[..., list[str]], unique: Any
) -> None:
    """Removing a container takes the volumes that have no name with it, and no other."""
    name = unique("data")
    docker.volume.create(name)
    words = ("--label", f"{OWNER}={owner(start='1')}", "--volume", f"{name}:/v", base)
    docker.raw("container", "create", *words)
    assert len(clean()) == 1
    assert docker.volume.inspect(name).name == name
    docker.volume.rm(name)


# --- who is dead


@pytest.mark.parametrize(
    ("label", "dead"),
    [
        pytest.param(owner(boot="earlier"), True, id="an earlier start of this machine"),
        pytest.param(owner(boot="earlier", space="pid1"), True, id="earlier, another space"),
        pytest.param(owner(start="1"), True, id="its pid is another process now"),
        pytest.param(owner(pid=2**22 - 1, start="1"), True, id="nobody has its pid"),
        pytest.param(owner(), False, id="it lives"),
        pytest.param(owner(pid=1, start="1", space="pid1"), False, id="another process space"),
        pytest.param(owner(machine="m", boot="b"), False, id="another machine"),
    ],
)
def test_only_the_provably_dead_are_cleaned_after(
    label: str, dead: bool, docker: Docker, clean: Callable[..., list[str]], unique: Any
) -> None:
    assert Owner.parse(label) is not None
    name = unique("w")
    # In two words: a docker client with a dead owner's label in one is ended wherever it is seen.
    docker.raw("volume", "create", "--label", f"{OWNER}={label}", name)
    assert clean() == ([f"volume {name}"] if dead else [])
    assert there(docker, "volume", name) is not dead
    if not dead:
        docker.volume.rm(name)


def test_a_scope_that_lives_removes_its_own_alone(docker: Docker, base: str, unique: Any) -> None:
    mine, other = Traces(docker, "mine"), Traces(docker, "other")
    for scope in (mine, other):
        scope.client.volume.create(unique(scope.id))
        scope.client.container.create(base, "true")
    assert mine.remove() == []
    assert not there(docker, "volume", unique(mine.id))
    assert there(docker, "volume", unique(other.id))
    assert other.remove() == []


# --- what outlives a killed owner

HOLD = """
import sys
from dockcli import Docker
from dockcli.scope import Traces
Traces(Docker(), "test").client.container.run(sys.argv[1], "true", name=sys.argv[2])
"""


@contextmanager
def orphan(base: str, name: str, environment: dict[str, str]) -> Iterator[int]:
    """A docker client whose owner has been killed, and that goes on; its process id."""
    killed = subprocess.Popen([sys.executable, "-c", HOLD, base, name], env=environment)
    children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children")
    until = time.monotonic() + 20
    while not (pids := [int(pid) for pid in children.read_text().split() if runs(pid, name)]):
        assert time.monotonic() < until
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    yield pids[0]
    with suppress(ProcessLookupError):
        os.killpg(pids[0], signal.SIGKILL)


def runs(pid: object, name: str) -> bool:
    """Whether that process is the docker client that runs container *name*."""
    try:
        return f"--name={name}".encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for a child by /proc")
def test_docker_clients_that_outlive_their_owner_are_ended(
    docker: Docker, base: str, front: Any, clean: Callable[..., list[str]], unique: Any
) -> None:
    """Else they would finish what they do when nobody looks any more."""
    name = unique("held")
    slow = front(f'case "$*" in *--name={name}*) sleep 60;; esac')
    with orphan(base, name, slow.environment) as pid:
        assert runs(pid, name)
        assert clean() == []
        assert not runs(pid, name)
    assert not there(docker, "container", name)


def test_temporary_folders_of_the_dead_are_removed(
    docker: Docker, clean: Callable[..., list[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    boot = HERE.boot[:8]
    dead = [
        f"dockcli-{boot}-{HERE.space}-{HERE.pid}-1-abc",
        f"dockcli-earlier1-{HERE.space}-1-1-abc",
    ]
    alive = [
        f"dockcli-{boot}-{HERE.space}-{HERE.pid}-{HERE.start}-abc",
        f"dockcli-{boot}-pid1-1-1-abc",
        "dockcli-mine",
        f"xdockcli-{boot}-{HERE.space}-1-1-abc",
    ]
    for name in [*dead, *alive]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    clean(env={**environment, "TMPDIR": str(tmp_path)})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(alive)


# --- the stand-in


@pytest.fixture
def stand_in(docker: Docker) -> Iterator[str]:
    """A stand-in on the engine, put back afterwards if it was there."""
    there_before = there(docker, "image", STAND_IN)
    if not there_before:
        docker.image.import_("-", STAND_IN, change=[f"LABEL {LABEL}=x"], stdin=b"\0" * 1024)
    yield STAND_IN
    if there_before:
        provide(docker, lambda text: None)
    elif there(docker, "image", STAND_IN):
        docker.image.rm(STAND_IN)


def test_images_removes_the_stand_in_and_nothing_else_does(
    docker: Docker, stand_in: str, clean: Callable[..., list[str]], unique: Any
) -> None:
    docker.image.tag(stand_in, unique("keep"))  # so that the same image can be put back
    assert clean() == []
    assert clean("--images", "--dry-run") == [f"image {stand_in}"]
    assert there(docker, "image", stand_in)
    assert clean("--images") == [f"image {stand_in}"]
    assert not there(docker, "image", stand_in)
    assert clean("--images") == []
    docker.image.tag(unique("keep"), stand_in)
    docker.image.rm(unique("keep"))
