"""Who leaves an `exec` or a `run` early is not kept by an engine that hangs, nor fooled by one that
is only busy."""

from __future__ import annotations

import json

import pytest

from dockcli import Docker
from tests.unit.fake import FakeDocker, Step

READY = ("write", 1, b"ready\n")
TOLD = [{"Id": "a" * 64, "State": {"Status": "running", "Running": True}}]
RUNS: Step = ("write", 1, json.dumps(TOLD).encode())
HANG = ("sleep", 60)


@pytest.fixture
def client(fake_docker: FakeDocker) -> Docker:
    fake_docker.will(READY, ("sleep", 1), when="container exec")
    return Docker()


def leave_early(client: Docker, **options: float) -> None:
    with client.exec("web", "sleep", "60", stream=True, **options) as lines:  # type: ignore[arg-type]
        next(lines)


def test_a_busy_engine_is_waited_for(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("sleep", 2.5), RUNS, when="container inspect")
    leave_early(client, deadline=60)
    assert fake_docker.commands[:3] == ["container exec", "container inspect", "container exec"]


def test_one_that_hangs_is_not_and_it_is_said(
    client: Docker,
    fake_docker: FakeDocker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("dockcli.execution._BUSY", 1.0)
    fake_docker.will(HANG, when="container inspect")
    leave_early(client)
    assert fake_docker.commands == ["container exec", "container inspect"]
    assert "still runs is not known (DeadlineExceeded)" in caplog.text


def test_a_limit_is_kept_also_then(client: Docker, fake_docker: FakeDocker) -> None:
    """With what is left of it, and two seconds at least, the engine has to do."""
    fake_docker.will(("sleep", 4), RUNS, when="container inspect")
    leave_early(client, deadline=1)
    assert fake_docker.commands == ["container exec", "container inspect"]
