"""What looks like what is to go, and stays: at the end of a scope, when a scope begins and reclaims
what the dead left, and by ``dockcli clean`` (T11). All twelve, on volumes, networks, containers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from dockcli import Docker
from dockcli.errors import CleanupFailed
from dockcli.owner import current
from dockcli.scope import KEEP, OWNER, SCOPE, reclaim
from tests.engine.conftest import Front

Labels: TypeAlias = dict[str, str]
Objects: TypeAlias = list[tuple[str, str]]

HERE = current()
DEAD = str(HERE._replace(start="1"))
ELSEWHERE = str(HERE._replace(machine="elsewhere", boot="earlier", pid=1, start="1"))
OURS: Labels = {OWNER: DEAD, SCOPE: "0123456789ab"}
KINDS = ("volume", "network", "container")
SLEEP = ("sleep", "100000")


def flags(labels: Labels) -> list[str]:
    """In two words each: a docker client with a dead owner's label in one is ended when seen."""
    return [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]


def make(docker: Docker, base: str, name: str, labels: Labels) -> Objects:
    """One of each kind."""
    docker.raw("volume", "create", *flags(labels), name)
    docker.raw("network", "create", *flags(labels), name)
    volume, named = ("--volume", f"{name}:/v"), ("--name", name)
    docker.raw("container", "create", *flags(labels), *named, *volume, base, "true")
    return [(kind, name) for kind in KINDS]


def there(docker: Docker, kind: str, name: str) -> bool:
    return docker.raw(kind, "inspect", name, check=False).returncode == 0


# --- the three that remove: each makes ours, and says how many could not be removed


def end_of_a_scope(front: Front, base: str, name: str, meanwhile: Callable[[], object]) -> int:
    try:
        with Docker(front.path).scope() as s:
            s.volume.create(name)
            s.network.create(name)
            s.create(base, "true", name=name, volume=f"{name}:/v")
            meanwhile()
    except CleanupFailed as error:
        return len(error.causes)
    return 0


def by_reclaim(front: Front, base: str, name: str, meanwhile: Callable[[], object]) -> int:
    make(Docker(), base, name, OURS)
    meanwhile()
    return len(reclaim(Docker(front.path)))


def by_clean(front: Front, base: str, name: str, meanwhile: Callable[[], object]) -> int:
    make(Docker(), base, name, OURS)
    meanwhile()
    done = subprocess.run(
        [sys.executable, "-m", "dockcli.cli", "clean"],
        env=front.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (1 if done.stderr else 0)
    return len(done.stderr.splitlines())


WAYS = {"scope": end_of_a_scope, "reclaim": by_reclaim, "clean": by_clean}
by_each_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
def mine(docker: Docker, unique: Callable[[str], str]) -> Iterator[str]:
    """The name of what is to go."""
    yield unique("mine")
    for kind in ("container", "network", "volume"):
        if there(docker, kind, unique("mine")):
            docker.raw(kind, "rm", unique("mine"))


# --- what is only like it


NAMED: dict[str, Callable[[str], list[str]]] = {
    "its name is the prefix": lambda mine: [f"{mine}-more", f"{mine}0"],
    "its name is the suffix": lambda mine: [f"x{mine}", f"more-{mine}"],
    "its name is within, or within its name": lambda mine: [f"x{mine}x", mine[:-1], mine[1:]],
}
LABELLED: dict[str, dict[str, Labels]] = {
    "the same label, another value": {way: {OWNER: f"{DEAD}/1", SCOPE: "0"} for way in WAYS},
    "no label": {way: {} for way in WAYS},
    "another scope, its owner lives": {
        way: {OWNER: str(HERE), SCOPE: "ba9876543210"} for way in WAYS
    },
    "another machine's": {way: {**OURS, OWNER: ELSEWHERE} for way in WAYS},
    "kept": {
        "scope": {**OURS, KEEP: "true"},
        "reclaim": {**OURS, KEEP: "true"},
        "clean": {OWNER: str(HERE), SCOPE: "0123456789ab", KEEP: "true"},
    },
}


@pytest.fixture
def decoys(docker: Docker) -> Iterator[Objects]:
    made: Objects = []
    yield made
    for kind in ("container", "network", "volume"):
        if names := [name for its, name in made if its == kind]:
            docker.raw(
                kind, "rm", *(("--force", "--volumes") if kind == "container" else ()), *names
            )


def state(docker: Docker, decoys: Objects) -> list[object]:
    """All that the engine tells of them; in an order that it does not change."""
    told = [docker.raw(kind, "inspect", name).json() for kind, name in decoys]
    for one in told:
        one[0].get("Mounts", []).sort(key=lambda mount: mount["Destination"])
    return told


def assert_they_stay(
    way: str, docker: Docker, base: str, front: Front, mine: str, decoys: Objects, failing: int = 0
) -> None:
    before: list[object] = []
    stay = WAYS[way](front, base, mine, lambda: before.extend(state(docker, decoys)))
    assert state(docker, decoys) == before
    assert before
    assert stay == failing


def assert_gone(docker: Docker, mine: str, *kinds: str) -> None:
    assert not [kind for kind in kinds or KINDS if there(docker, kind, mine)]


@by_each_way
@pytest.mark.parametrize("like", NAMED)
def test_a_name_like_it(
    like: str,
    way: str,
    docker: Docker,
    base: str,
    front: Callable[..., Front],
    mine: str,
    decoys: Objects,
) -> None:
    for name in NAMED[like](mine):
        decoys += make(docker, base, name, {})
    assert_they_stay(way, docker, base, front(), mine, decoys)
    assert_gone(docker, mine)


@by_each_way
@pytest.mark.parametrize("like", LABELLED)
def test_labels_like_its(
    like: str,
    way: str,
    docker: Docker,
    base: str,
    front: Callable[..., Front],
    mine: str,
    decoys: Objects,
    unique: Callable[[str], str],
) -> None:
    decoys += make(docker, base, unique("other"), LABELLED[like][way])
    assert_they_stay(way, docker, base, front(), mine, decoys)
    assert_gone(docker, mine)


@by_each_way
def test_an_anonymous_volume_of_another_s(
    way: str,
    docker: Docker,
    base: str,
    front: Callable[..., Front],
    mine: str,
    decoys: Objects,
    unique: Callable[[str], str],
) -> None:
    """Held by a container, and by none; ours goes with our container."""
    other = docker.create(base, "true", name=unique("other"), volume="/anonymous")
    held = next(mount.name for mount in other.inspect().mounts if mount.name)
    decoys += [("container", unique("other")), ("volume", docker.volume.create().name)]
    before = state(docker, [("volume", held)])
    assert_they_stay(way, docker, base, front(), mine, decoys)
    assert state(docker, [("volume", held)]) == before
    assert_gone(docker, mine)


# --- what somebody needs, or makes meanwhile


@by_each_way
def test_what_another_s_running_container_uses(
    way: str,
    docker: Docker,
    base: str,
    front: Callable[..., Front],
    mine: str,
    decoys: Objects,
    unique: Callable[[str], str],
) -> None:
    """It is not forced: volume and network stay, the container is not disturbed, and it is told."""
    before: list[object] = []

    def use() -> None:
        name, volume = unique("user"), f"{mine}:/v"
        docker.run(base, *SLEEP, name=name, volume=volume, network=mine, detach=True)
        decoys.extend([("container", name), ("volume", mine)])
        before.extend(state(docker, decoys))

    assert WAYS[way](front(), base, mine, use) == 2
    assert state(docker, decoys) == before
    assert there(docker, "network", mine)
    assert_gone(docker, mine, "container")
    docker.rm(unique("user"), force=True)
    decoys.clear()


@by_each_way
def test_what_another_s_stopped_container_holds(
    way: str,
    docker: Docker,
    base: str,
    front: Callable[..., Front],
    mine: str,
    decoys: Objects,
    unique: Callable[[str], str],
) -> None:
    before: list[object] = []

    def hold() -> None:
        docker.run(base, "true", name=unique("holder"), volume=f"{mine}:/v")
        decoys.extend([("container", unique("holder")), ("volume", mine)])
        before.extend(state(docker, decoys))

    assert WAYS[way](front(), base, mine, hold) == 1
    assert state(docker, decoys) == before
    assert_gone(docker, mine, "container", "network")
    docker.rm(unique("holder"))
    decoys.clear()


@by_each_way
def test_what_is_made_a_second_after_the_removal_has_begun(
    way: str,
    docker: Docker,
    base: str,
    front: Callable[..., Front],
    mine: str,
    decoys: Objects,
    unique: Callable[[str], str],
) -> None:
    """Where all is listed at once even if it had the very labels of what goes."""
    name = unique("later")
    labels = {} if way == "scope" else OURS
    words = " ".join(flags(labels))
    create = "; ".join(f"$0.real {kind} create {words} {name}" for kind in ("volume", "network"))
    create += f"; $0.real container create {words} --name {name} --volume {name}:/v {base} true"
    late = front(f'case "$*" in "container rm "*) sleep 1; ({create}) >/dev/null;; esac')
    os.symlink(late.real, f"{late.path}.real")
    assert WAYS[way](late, base, mine, lambda: None) == 0
    decoys += [(kind, name) for kind in KINDS if there(docker, kind, name)]
    assert [kind for kind, _ in decoys] == list(KINDS)
    assert_gone(docker, mine)
