"""A recipe that is killed, ended or interrupted at any moment leaves nothing for good, and never
takes what is another's with it (T10, P8)."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.recipes.catalogue import recipes
from tests.engine.decoys import Decoys

CALLS = {
    "isolation": 63,
    "writable_layer": 57,
    "image_layers": 64,
    "copy_on_write": 82,
    "bind_mount_shell": 33,
    "volumes_from": 53,
    "volume_instruction": 83,
    "volume_lifecycle": 57,
    "bind_mount": 41,
    "volume_vs_bind": 73,
    "filesystem": 63,
}
"""How many docker calls each recipe makes; a few more or less where docker is asked once more."""

OTHERS = [name for name in CALLS if name != "isolation"]
PARTS = 8  # of each recipe, at whose ends it is ended

INT, TERM, KILL = signal.SIGINT, signal.SIGTERM, signal.SIGKILL
CODES = {INT: 130, TERM: 143, KILL: -KILL}
SIGNALS = (KILL, INT, TERM)


@pytest.fixture(scope="module")
def decoys(docker: Docker, base: str) -> Iterator[Decoys]:
    """What is not the recipes', though it looks like it."""
    found = recipes()
    made = Decoys(
        *(docker, base, f"decoys-{uuid.uuid4().hex[:6]}"),
        containers=[name for one in found for name in one.containers],
        volumes=[name for one in found for name in one.volumes],
        tags=[name for one in found for name in one.tags],
    )
    yield made
    made.remove()


@pytest.fixture(autouse=True)
def decoys_survive(decoys: Decoys) -> Iterator[None]:
    before = decoys.state()
    with decoys.one_more():
        yield
    assert decoys.state() == before


def assert_one_more_run_puts_it_right(play: Any, recipe: str = "isolation") -> None:
    """And the leak check looks a few seconds later that nothing is left."""
    played = play("--json", recipe=recipe)
    assert played.code == 0, played.stderr
    assert False not in played.claims.values()


def end_after_call(
    k: int,
    number: signal.Signals,
    front: Any,
    play: Any,
    recipe: str = "isolation",
    after: float = 0,
) -> None:
    """End the recipe right after its *k*-th docker process began, or in the middle of that."""
    kill = f"kill -{int(number)} $PPID"
    if after:  # by one whom nobody ends with the call
        kill = (
            f"setsid sh -c 'sleep {after}; kill -{int(number)} '$PPID >/dev/null 2>&1 </dev/null &"
        )
    fake = front(f"[ $n = {k} ] && {kill}")
    played = play(env=fake.environment, recipe=recipe)
    assert len(fake.calls) >= k
    assert played.code == CODES[number], played.stderr
    if number is KILL:
        assert_one_more_run_puts_it_right(play, recipe)
    else:
        assert "Traceback" not in played.stderr
        assert "has been removed" in played.complaint


@pytest.mark.parametrize(
    "recipe", ["isolation", *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)]
)
def test_each_call_is_tested_and_none_that_there_is_not(
    recipe: str, docker: Docker, base: str, front: Any, play: Any
) -> None:
    fake = front()
    assert play(env=fake.environment, recipe=recipe).code == 0
    assert CALLS[recipe] - 5 <= len(fake.calls) <= CALLS[recipe] + 5


@pytest.mark.parametrize(
    ("k", "number"),
    [(k, SIGNALS[k // 8 % 3]) for k in range(4, CALLS["isolation"] - 5, 8)],
    ids=lambda value: getattr(value, "name", value),
)
def test_ended_after_some_calls(
    k: int, number: signal.Signals, docker: Docker, base: str, front: Any, play: Any
) -> None:
    end_after_call(k, number, front, play)


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("k", range(1, CALLS["isolation"] - 5))
def test_ended_after_every_call(
    k: int, number: signal.Signals, docker: Docker, base: str, front: Any, play: Any
) -> None:
    end_after_call(k, number, front, play)


def at(recipe: str, part: int) -> int:
    """The call that ends a part of a recipe."""
    return max(2, (CALLS[recipe] - 5) * (part + 1) // PARTS)


@pytest.mark.parametrize(
    ("recipe", "part", "number"),
    [
        pytest.param(
            *(name, part, number),
            marks=() if (part + row) % PARTS == 3 and row % 3 == column else pytest.mark.soak,
            id=f"{name}-{part}-{number.name}",
        )
        for row, name in enumerate(OTHERS)
        for part in range(PARTS)
        for column, number in enumerate(SIGNALS)
    ],
)
def test_each_recipe_ended_at_the_end_of_each_part(
    recipe: str,
    part: int,
    number: signal.Signals,
    docker: Docker,
    base: str,
    front: Any,
    play: Any,
) -> None:
    end_after_call(at(recipe, part), number, front, play, recipe)


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("recipe", OTHERS)
def test_each_recipe_ended_in_the_middle_of_a_call(
    recipe: str, number: signal.Signals, docker: Docker, base: str, front: Any, play: Any
) -> None:
    end_after_call(at(recipe, PARTS // 2), number, front, play, recipe, 0.05)


def end_in_the_build(
    seconds: float, number: signal.Signals, front: Any, play: Any, folder: Path
) -> None:
    """End the recipe *seconds* after its build began."""
    begun = folder / "begun"
    fake = front(f'case "$*" in "image build "*) touch {begun};; esac')
    process = subprocess.Popen(
        [sys.executable, "-m", "dockcli.recipes.isolation"],
        env=fake.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while not begun.exists():
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == CODES[number], stderr
    assert b"Traceback" not in stderr
    if number is KILL:
        assert_one_more_run_puts_it_right(play)


@pytest.mark.parametrize(("at", "number"), [(0.1, TERM), (0.4, INT), (0.6, KILL)], ids=str)
def test_ended_in_the_middle_of_the_build(
    at: float,
    number: signal.Signals,
    docker: Docker,
    base: str,
    front: Any,
    play: Any,
    tmp_path: Path,
) -> None:
    end_in_the_build(at, number, front, play, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("seed", range(20))
def test_ended_at_any_moment_of_the_build(
    seed: int,
    number: signal.Signals,
    docker: Docker,
    base: str,
    front: Any,
    play: Any,
    tmp_path: Path,
) -> None:
    end_in_the_build(random.Random(seed).uniform(0, 1.5), number, front, play, tmp_path)


def test_ended_twice_still_cleans_up(docker: Docker, base: str, front: Any, play: Any) -> None:
    """Whoever is impatient presses Ctrl-C again; the clean-up goes on to its end."""
    fake = front(
        "[ $n = 22 ] && kill -INT $PPID\n"
        'case "$*" in "container rm --force "*|"image rm "*) kill -INT $PPID;; esac'
    )
    played = play(env=fake.environment)
    assert played.code == 130
    assert "has been removed" in played.complaint


def test_what_the_engine_finishes_late_is_removed_too(
    docker: Docker, base: str, front: Any, play: Any, tmp_path: Path
) -> None:
    """The end of a client is not the end of what the engine does for it: here something of this
    run's is made just after its last image has been removed."""
    late = f"sleep 0.3; exec {shutil.which('docker')} container create $(cat labels) {base} true"
    fake = front(
        f"cd {tmp_path}\n"
        'case "$*" in\n'
        '"image build "*)\n'
        '  for w; do case "$w" in --label=dockcli.*) echo "$w";; esac; done >labels\n'
        "  kill -TERM $PPID; exec sleep 60;;\n"
        '"image rm dockcli-base:"*)\n'
        f"  setsid sh -c '{late}' >/dev/null 2>&1 </dev/null &\n"
        "esac"
    )
    assert play(env=fake.environment).code == 143
    time.sleep(1)  # and nothing_is_left sees that it is not there


def test_two_at_once_do_not_disturb_each_other(
    docker: Docker, base: str, environment: dict[str, str], unique: Callable[[str], str]
) -> None:
    """Each cleans up at its end, while the other goes on."""
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "dockcli.recipes.isolation", "--prefix", unique(name)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name in ("a", "b")
    ]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
