"""Which engine the ready client talks to."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockcli import Completed, Docker, state
from dockcli.runner import Job
from tests.unit.fake import FakeDocker


@pytest.fixture
def private(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a private engine that runs, as far as its record and socket tell."""
    folder = tmp_path_factory.mktemp("s")  # short: a socket's path has 107 bytes at the most
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    record = Path(state.record_path())
    record.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "d"))
        listening.listen()
        host = f"unix://{folder / 'd'}"
        record.write_text(json.dumps({"host": host}), encoding="utf-8")
        yield host


class Recorder:
    """A runner that runs nothing."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Completed:
        self.jobs.append(job)
        return Completed(job.argv, 0, b"", b"", 0.0)


def hosts(fake: FakeDocker) -> list[str]:
    """The engine that each call was sent to, "" for docker's own choice."""
    return [os.fsdecode(call.env.get("DOCKER_HOST", b"")) for call in fake.calls]


def test_the_private_engine_stands_in_where_docker_reaches_none(
    fake_docker: FakeDocker, private: str
) -> None:
    fake_docker.will(("exit", 1), when="version")
    client = Docker()
    client.raw("ps")
    client.raw("ps")
    assert fake_docker.commands == ["version", "ps", "ps"]  # asked once
    assert hosts(fake_docker) == ["", private, private]
    assert client.private == private


def test_an_engine_that_docker_reaches_comes_first(fake_docker: FakeDocker, private: str) -> None:
    client = Docker()
    client.raw("ps")
    assert hosts(fake_docker) == ["", ""]
    assert client.private is None


@pytest.mark.parametrize("given", [{"host": "tcp://127.0.0.1:1"}, {"context": "prod"}])
def test_an_engine_that_is_named_is_never_replaced(
    fake_docker: FakeDocker, private: str, given: dict[str, str]
) -> None:
    fake_docker.will(("exit", 1), when="version")
    Docker(**given).raw("ps")  # type: ignore[arg-type]
    assert hosts(fake_docker) == [""]


@pytest.mark.parametrize(
    "named",
    [{"DOCKER_HOST": "tcp://127.0.0.1:1"}, {"DOCKER_CONTEXT": "prod"}, {"DOCKER_CONFIG": "prod"}],
    ids=lambda named: next(iter(named)),
)
@pytest.mark.parametrize("given", [False, True], ids=["of the process", "given"])
def test_an_engine_that_docker_was_told_of_is_never_replaced(
    fake_docker: FakeDocker,
    private: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: dict[str, str],
    given: bool,
) -> None:
    """What is meant for one engine must not reach another because the first does not answer."""
    settings = tmp_path / "prod" / "config.json"
    settings.parent.mkdir()
    settings.write_text('{"currentContext": "prod"}', encoding="utf-8")
    named = {name: text.replace("prod", str(settings.parent)) for name, text in named.items()}
    fake_docker.will(("exit", 1), when="version")
    if not given:
        for name, text in named.items():
            monkeypatch.setenv(name, text)
    Docker(env=named if given else None).raw("ps")
    assert hosts(fake_docker) == [named.get("DOCKER_HOST", "")]


@pytest.mark.parametrize("text", ["{}", '{"currentContext": "default"}', "[]", "no json"])
def test_settings_that_name_no_engine_keep_the_private_one(
    fake_docker: FakeDocker, private: str, tmp_path: Path, text: str
) -> None:
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    fake_docker.will(("exit", 1), when="version")
    Docker(config=tmp_path).raw("ps")
    assert hosts(fake_docker) == ["", private]


def test_without_a_private_engine_nothing_is_asked(fake_docker: FakeDocker) -> None:
    Docker().raw("ps")
    assert fake_docker.commands == ["ps"]


def test_a_runner_that_is_given_stays(fake_docker: FakeDocker, private: str) -> None:
    fake_docker.will(("exit", 1), when="version")
    mine, other = Recorder(), Recorder()
    Docker(runner=mine).raw("ps")
    Docker().but(runner=other).raw("ps")
    assert (len(mine.jobs), len(other.jobs)) == (1, 1)
    assert fake_docker.calls == []


def test_a_copy_knows_what_was_settled(fake_docker: FakeDocker, private: str) -> None:
    fake_docker.will(("exit", 1), when="version")
    client = Docker()
    client.raw("ps")
    client.but(labels={"a": "b"}).raw("ps")
    assert fake_docker.commands == ["version", "ps", "ps"]
    assert hosts(fake_docker) == ["", private, private]
