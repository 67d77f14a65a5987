"""With more open files than `select` can tell apart all ways end in time and leave nothing (P6).

The soak has each of them five times, with sudo too.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockcli import Docker
from dockcli.call import Call
from dockcli.errors import DeadlineExceeded, NotSeen
from tests.unit.fake import FakeDocker
from tests.unit.test_deadline import (
    BEHAVIOURS,
    DEADLINE,
    _daemons_end,  # noqa: F401 - fixtures for each test here too
    _nothing_is_left_over,  # noqa: F401
    within,
)
from tests.unit.ways import WAYS

Makes = Callable[..., Docker]

OPEN = 1500
LATE = 3.0
"""Seconds beyond a deadline: one is promised, and a busy machine is given more."""
WITH_DEADLINES = [way for way in WAYS if way != "plumbum"]  # whose limits are its own


@pytest.fixture(scope="module", autouse=True)
def _many_files() -> Iterator[None]:
    """1,500 open files, and room for as many as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < OPEN + 500:
        pytest.skip("this system allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(OPEN)]
    assert max(files) > 1024
    yield
    for number in files:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ends_in_time(fake_docker: FakeDocker, client: Docker, behaviour: str, way: str) -> None:
    stdin = b"x" * 1_000_000 if "stdin" in behaviour and way != "terminal" else None
    fake_docker.will(*BEHAVIOURS[behaviour])
    call: Call[Any] = client.call.raw("logs", deadline=DEADLINE, stdin=stdin)
    with within(DEADLINE + LATE), pytest.raises((DeadlineExceeded, NotSeen)):
        WAYS[way](call)
    assert fake_docker.calls[-1].files == (0, 1, 2)
    for path in (fake_docker.folder / "calls").iterdir():
        path.unlink()


@pytest.mark.parametrize("way", WITH_DEADLINES)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_way_ends_at_its_deadline_whatever_docker_does(
    fake_docker: FakeDocker, client: Docker, behaviour: str, way: str
) -> None:
    ends_in_time(fake_docker, client, behaviour, way)


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(5))
@pytest.mark.parametrize("way", WITH_DEADLINES)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_and_does_so_each_time_with_sudo_too(
    fake_docker: FakeDocker, runs_on: Makes, behaviour: str, way: str, turn: int
) -> None:
    ends_in_time(fake_docker, runs_on(), behaviour, way)


def test_thousands_of_calls_leave_no_file_open(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b"x"))
    before = len(os.listdir("/dev/fd"))
    begun = time.monotonic()
    while time.monotonic() - begun < 2:
        for way in ("run", "stream", "bytes"):
            WAYS[way](client.call.raw("logs"))
    assert len(os.listdir("/dev/fd")) == before
