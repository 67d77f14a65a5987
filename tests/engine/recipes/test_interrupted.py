"""A recipe that is killed, ended or interrupted at any moment leaves nothing for good, and never
takes what is another's with it (T10, P8)."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker

LAST = 60
"""No run makes more docker calls than that: the test below holds it."""

INT, TERM, KILL = signal.SIGINT, signal.SIGTERM, signal.SIGKILL
CODES = {INT: 130, TERM: 143, KILL: -KILL}
SIGNALS = (KILL, INT, TERM)


@pytest.fixture(scope="module")
def decoys(docker: Docker, base: str) -> Iterator[Callable[[], dict[str, bytes]]]:
    """What is not the recipe's, though it looks like it; the function tells its state."""
    other = {"dockcli.owner": "elsewhere/1/2/3/4", "dockcli.scope": "1"}
    mine = {"dockcli.recipe": "isolation", "dockcli.tag": "random"}
    names = {"container": ["random", "random11", "xrandom1"], "volume": ["random1", "random2"]}
    docker.image.tag(base, "random:mine")
    for name in names["container"]:
        docker.container.create(base, "true", name=name, label=other if name == "random" else mine)
    for name in names["volume"]:
        docker.volume.create(name, label=other if name == "random1" else mine)
    images = {"image": ["random:mine", base]}
    yield lambda: {
        name: docker.raw(kind, "inspect", name).stdout
        for kind, found in {**names, **images}.items()
        for name in found
    }
    docker.container.rm(*names["container"])
    docker.volume.rm(*names["volume"])
    docker.image.rm("random:mine")


@pytest.fixture(autouse=True)
def decoys_survive(decoys: Callable[[], dict[str, bytes]]) -> Iterator[None]:
    before = decoys()
    yield
    assert decoys() == before


def assert_one_more_run_puts_it_right(play: Any) -> None:
    """And the leak check looks a few seconds later that nothing is left."""
    played = play("--json")
    assert played.code == 0, played.stderr
    assert set(played.claims.values()) == {True}


def end_after_call(k: int, number: signal.Signals, front: Any, play: Any) -> None:
    """End the recipe right after its *k*-th docker process began."""
    fake = front(f"[ $n = {k} ] && kill -{int(number)} $PPID")
    played = play(env=fake.environment)
    if len(fake.calls) < k:
        assert played.code == 0
        return
    assert played.code == CODES[number], played.stderr
    if number is KILL:
        assert_one_more_run_puts_it_right(play)
    else:
        assert "Traceback" not in played.stderr
        assert "has been removed" in played.complaint


def test_no_call_comes_after_the_last_one_tested(
    docker: Docker, base: str, front: Any, play: Any
) -> None:
    fake = front()
    assert play(env=fake.environment).code == 0
    assert LAST - 12 < len(fake.calls) <= LAST


@pytest.mark.parametrize(
    ("k", "number"),
    [(k, SIGNALS[k // 4 % 3]) for k in range(2, LAST, 4)],
    ids=lambda value: getattr(value, "name", value),
)
def test_ended_after_some_calls(
    k: int, number: signal.Signals, docker: Docker, base: str, front: Any, play: Any
) -> None:
    end_after_call(k, number, front, play)


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("k", range(1, LAST))
def test_ended_after_every_call(
    k: int, number: signal.Signals, docker: Docker, base: str, front: Any, play: Any
) -> None:
    end_after_call(k, number, front, play)


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
