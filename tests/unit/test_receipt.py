"""A `run` that is given up leaves no container of its own running, and touches no other's."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dockcli import Call, Docker
from dockcli.errors import (
    BinaryNotFound,
    CommandNotFound,
    ContainerFailed,
    DeadlineExceeded,
    DockerFailed,
    InvalidArgument,
    NameConflict,
)
from dockcli.receipt import LONG, SHORT
from tests.unit.fake import FakeDocker, Step

pytestmark = pytest.mark.usefixtures("temporary")

DEADLINE = 0.3
ID = "0123456789abcdef" * 4
HANG = ("sleep", 60)

GIVEN_UP = ["container run", "container inspect", "system info"]


def moment(ago: float = 0) -> str:
    return (datetime.now(timezone.utc) - timedelta(seconds=ago)).isoformat()


def says(answer: object) -> Step:
    return ("write", 1, json.dumps(answer).encode())


def container(*, age: float, **state: Any) -> Step:
    """What `inspect` says of a container that was made *age* seconds ago."""
    return says([{"Id": ID, "Name": "/web", "Created": moment(age), "State": state}])


@pytest.fixture
def engine(fake_docker: FakeDocker) -> FakeDocker:
    """A docker whose `run` hangs before it writes an id; its engine has just made *web*."""
    fake_docker.will(HANG, when="container run")
    fake_docker.will(container(age=0), when="container inspect")
    fake_docker.will(says({"ID": "x", "SystemTime": moment()}), when="system info")
    return fake_docker


@pytest.fixture
def writes_id(engine: FakeDocker) -> FakeDocker:
    """The same, but the id is written."""
    engine.will(("cidfile", ID), HANG, when="container run")
    return engine


def given_up(call: Call[Any], slack: float = 2) -> DeadlineExceeded:
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded) as info:
        call.run()
    assert time.monotonic() - begun < DEADLINE + slack
    return info.value


def run(**options: Any) -> Call[Any]:
    return Docker().call.run("alpine", "sleep", "60", deadline=DEADLINE, **options)


def test_a_named_container_that_was_just_made_is_stopped(engine: FakeDocker) -> None:
    error = given_up(run(name="web"))
    assert engine.commands == [*GIVEN_UP, "container stop"]
    assert engine.calls[0].words[-4:] == ["--name=web", "alpine", "sleep", "60"]
    assert engine.calls[1].words[-1] == "web"
    assert engine.calls[-1].words == ["container", "stop", "-t", "0", ID]
    assert error.reason == f"not done within {DEADLINE:g} s; its container web was stopped"
    assert error.deadline == DEADLINE


def test_with_rm_it_is_removed_too(engine: FakeDocker) -> None:
    error = given_up(run(name="web", rm=True))
    assert engine.commands == [*GIVEN_UP, "container stop", "container rm"]
    assert engine.calls[-1].words == ["container", "rm", "--force", "--volumes", ID]
    assert "its container web was removed" in str(error)


def test_docker_may_remove_it_first(engine: FakeDocker) -> None:
    said = f"Error response from daemon: No such container: {ID}".encode()
    engine.will(("write", 2, said), ("exit", 1), when="container rm")
    assert "its container web was removed" in str(given_up(run(name="web", rm=True)))


def test_one_that_docker_removes_already_is_waited_for(
    engine: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockcli.receipt._STOP", 1.0)
    said = f"Error response from daemon: removal of container {ID} is already in progress"
    engine.will(("write", 2, said.encode()), ("exit", 1), when="container rm")
    error = given_up(run(name="web", rm=True))  # which the engine tells of to the end
    assert "its container web is being removed" in error.reason
    assert engine.commands.count("container inspect") > 2


@pytest.mark.parametrize("options", [{}, {"detach": True}, {"rm": False}])
def test_a_container_without_name_is_stopped_by_its_id(
    writes_id: FakeDocker, options: dict[str, Any]
) -> None:
    error = given_up(run(**options))
    assert writes_id.commands == ["container run", "container stop"]
    (word,) = [word for word in writes_id.calls[0].words if word.startswith("--cidfile=")]
    assert os.path.isabs(word.partition("=")[2])
    assert writes_id.calls[-1].words[-1] == ID
    assert "--cidfile" not in " ".join(error.argv)
    assert f"its container {ID[:12]} was stopped" in error.reason


def test_a_container_that_was_not_made_yet_is_no_ones(engine: FakeDocker) -> None:
    error = given_up(run())
    assert engine.commands == ["container run"]
    assert "it had not made its container yet" in error.reason


@pytest.mark.parametrize("age", [2, 60, 1e6])
def test_an_older_container_of_that_name_is_left_alone(engine: FakeDocker, age: float) -> None:
    engine.will(container(age=age), when="container inspect")
    error = given_up(run(name="web", rm=True))
    assert engine.commands == GIVEN_UP
    assert "it had not made its container yet" in error.reason


def test_age_is_told_by_the_engines_own_clock(engine: FakeDocker) -> None:
    engine.will(container(age=3600), when="container inspect")
    engine.will(says({"SystemTime": moment(3600)}), when="system info")
    given_up(run(name="web"))
    assert engine.commands[-1] == "container stop"
    engine.will(container(age=3600), when="container inspect")
    engine.will(says({"SystemTime": moment(0)}), when="system info")
    given_up(run(name="web"))
    assert engine.commands[-1] == "system info"


def test_an_engine_without_a_clock_has_this_machines(engine: FakeDocker) -> None:
    engine.will(container(age=-0.2), when="container inspect")  # as the call will have begun
    engine.will(says({}), when="system info")
    given_up(run(name="web"))
    assert engine.commands[-1] == "container stop"


@pytest.mark.parametrize("created", [None, "", "yesterday", "0001-01-01T00:00:00Z"])
def test_a_container_of_unknown_age_is_left_alone(engine: FakeDocker, created: object) -> None:
    engine.will(says([{"Id": ID, "Created": created}]), when="container inspect")
    given_up(run(name="web"))
    assert engine.commands == GIVEN_UP


def test_a_cidfile_of_ones_own_is_used_and_kept(writes_id: FakeDocker, tmp_path: Path) -> None:
    path = tmp_path / "id"
    given_up(run(cidfile=path))
    words = [word for word in writes_id.calls[0].words if "cidfile" in word]
    assert words == [f"--cidfile={path}"]
    assert writes_id.calls[-1].words == ["container", "stop", "-t", "0", ID]
    assert path.read_text() == ID


def test_a_relative_cidfile_is_the_clients(writes_id: FakeDocker, tmp_path: Path) -> None:
    docker = Docker(cwd=tmp_path)
    given_up(docker.call.run("alpine", cidfile="id", deadline=DEADLINE))
    assert writes_id.commands == ["container run", "container stop"]
    assert (tmp_path / "id").read_text() == ID


def test_a_cidfile_that_was_there_before_is_never_believed(
    engine: FakeDocker, tmp_path: Path
) -> None:
    path = tmp_path / "id"
    path.write_text("f" * 64)
    error = given_up(run(cidfile=path))
    assert engine.commands == ["container run"]
    assert "it had not made its container yet" in error.reason
    assert path.read_text() == "f" * 64


@pytest.mark.parametrize("options", [{"name": "web"}, {"name": "web", "rm": True}, {}])
def test_an_engine_that_hangs_does_not_hang_the_call(
    fake_docker: FakeDocker, options: dict[str, Any]
) -> None:
    fake_docker.will(("ignore", signal.SIGTERM), HANG)
    error = given_up(run(**options))
    assert ("is not known (DeadlineExceeded)" in error.reason) == ("name" in options)


def test_how_long_a_stop_may_take_is_limited(
    writes_id: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockcli.receipt._STOP", 0.5)
    writes_id.will(HANG, when="container stop")
    error = given_up(run())
    assert f"{ID[:12]} still runs is not known (DeadlineExceeded)" in error.reason


@pytest.mark.parametrize("when", ["container inspect", "system info", "container stop"])
@pytest.mark.parametrize("said", [b"Error response from daemon: boom\n", b"\xff\0{"])
def test_an_engine_that_fails_meanwhile_does_not_hide_the_deadline(
    engine: FakeDocker, when: str, said: bytes
) -> None:
    engine.will(("write", 2, said), ("exit", 1), when=when)
    assert "is not known (DockerFailed)" in given_up(run(name="web")).reason


def test_a_container_that_is_gone_by_then_is_said_to_be(engine: FakeDocker) -> None:
    said = b"Error response from daemon: No such container: web\n"
    engine.will(("write", 2, said), ("exit", 1), when="container inspect")
    assert "its container is gone" in given_up(run(name="web")).reason


def interrupted(engine: FakeDocker, **options: Any) -> None:
    """A `run` that a signal interrupts as soon as docker has marked that it is ready."""

    def press() -> None:
        engine.marked("ready")
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        Docker().run("alpine", **options)
    presser.join()


@pytest.mark.parametrize(("options", "id_first"), [({"name": "web"}, False), ({}, True)])
def test_an_interrupted_run_is_stopped_too(
    engine: FakeDocker, options: dict[str, Any], id_first: bool
) -> None:
    written = [("cidfile", ID)] if id_first else []
    engine.will(*written, ("mark", "ready"), HANG, when="container run")
    interrupted(engine, **options)
    assert engine.commands[-1] == "container stop"
    assert engine.calls[-1].words[-1] == ID


def test_of_an_interrupted_run_a_busy_engine_is_asked_longer(engine: FakeDocker) -> None:
    engine.will(("mark", "ready"), HANG, when="container run")
    slow = (SHORT + LONG) / 2
    engine.will(("sleep", slow), container(age=0), when="container inspect")
    interrupted(engine, name="web")
    assert engine.commands[-1] == "container stop"


@pytest.mark.parametrize(
    "build",
    [
        lambda docker: docker.call.exec("web", "id", deadline=DEADLINE),
        lambda docker: docker.call.create("alpine", name="web", deadline=DEADLINE),
        lambda docker: docker.call.start("web", deadline=DEADLINE),
        lambda docker: docker.call.build(".", deadline=DEADLINE),
        lambda docker: docker.call.raw("run", "alpine", deadline=DEADLINE),
    ],
)
def test_other_commands_stop_nothing(
    fake_docker: FakeDocker, build: Callable[[Docker], Call[Any]]
) -> None:
    fake_docker.will(HANG)
    given_up(build(Docker()), slack=1)
    assert not [call for call in fake_docker.calls if {b"stop", b"rm"} & set(call.argv)]


def test_a_run_that_never_began_stops_nothing(
    engine: FakeDocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(InvalidArgument):
        Docker(cwd=tmp_path / "none").run("alpine", name="web")
    with pytest.raises(InvalidArgument):
        Docker().run("alpine", "a" * 5_000_000, name="web")
    monkeypatch.setenv("PATH", "/none")
    with pytest.raises(BinaryNotFound):
        Docker().run("alpine", name="web")
    assert not engine.calls


def test_a_run_that_ended_stops_nothing(engine: FakeDocker) -> None:
    engine.will(("cidfile", ID), ("write", 1, b"hi"), when="container run")
    assert Docker().run("alpine").stdout == b"hi"
    engine.will(("cidfile", ID), ("exit", 3), when="container run")
    with pytest.raises(ContainerFailed):
        Docker().run("alpine")
    assert engine.commands == ["container run", "container run"]


def mimic(engine: FakeDocker, code: int, **state: Any) -> None:
    """A program that ends with the very words and a code of docker's."""
    said = b'docker: Error response from daemon: exec: "x": executable file not found in $PATH.\n'
    engine.will(("cidfile", ID), ("write", 2, said), ("exit", code), when="container run")
    engine.will(container(age=0, ExitCode=code, **state), when="container inspect")


@pytest.mark.parametrize("options", [{}, {"name": "web"}])
def test_the_engine_knows_better_than_the_words_whose_failure_it_was(
    engine: FakeDocker, options: dict[str, Any]
) -> None:
    mimic(engine, 127, StartedAt=moment(), Error="")
    with pytest.raises(ContainerFailed):
        Docker().run("alpine", **options)
    mimic(engine, 127, StartedAt="0001-01-01T00:00:00Z", Error="exec failed")
    with pytest.raises(DockerFailed):
        Docker().run("alpine", **options)
    mimic(engine, 127, StartedAt=moment(), Error="exec failed")
    with pytest.raises(DockerFailed):
        Docker().run("alpine", **options)
    said = b"Error response from daemon: No such container: web\n"
    engine.will(("write", 2, said), ("exit", 1), when="container inspect")
    with pytest.raises(DockerFailed):
        Docker().run("alpine", **options)


def test_an_engine_that_is_busy_is_waited_for_as_long_as_there_is_time(
    engine: FakeDocker,
) -> None:
    mimic(engine, 127)
    ran = container(age=0, ExitCode=127, StartedAt=moment(), Error="")
    engine.will(("sleep", SHORT + 0.5), ran, when="container inspect")
    with pytest.raises(ContainerFailed):
        Docker().run("alpine")
    with pytest.raises(ContainerFailed):
        Docker().run("alpine", deadline=30)
    engine.will(("sleep", 5), ran, when="container inspect")
    begun = time.monotonic()
    with pytest.raises(DockerFailed):
        Docker().run("alpine", deadline=1)
    assert time.monotonic() - begun < 4


def test_a_command_that_is_not_there_is_said_to_be(engine: FakeDocker) -> None:
    said = (
        b"docker: Error response from daemon: failed to create task: OCI runtime create failed: "
        b'exec: "x": executable file not found in $PATH: unknown.\n'
    )
    engine.will(("cidfile", ID), ("write", 2, said), ("exit", 127), when="container run")
    engine.will(container(age=0, ExitCode=127, Error="x"), when="container inspect")
    with pytest.raises(CommandNotFound):
        Docker().run("alpine", "x")


def test_a_name_that_is_taken_is_another_containers(engine: FakeDocker) -> None:
    said = (
        b'docker: Error response from daemon: Conflict. The container name "/web" is already in '
        b'use by container "f00". You have to remove (or rename) that container.\n'
    )
    engine.will(("write", 2, said), ("exit", 125), when="container run")
    with pytest.raises(NameConflict):
        Docker().run("alpine", name="web")
    assert engine.commands == ["container run"]


def test_an_image_is_told_by_the_file_that_docker_writes(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    fake_docker.will(("cidfile", "sha256:01"), ("write", 1, b"Successfully built 99\n"))
    docker = Docker()
    assert docker.build(".").id == "sha256:01"
    assert docker.build(".", tag="shop", iidfile=tmp_path / "iid").id == "sha256:01"
    assert (tmp_path / "iid").read_text() == "sha256:01"
    fake_docker.will()
    assert docker.build(".", tag=["shop", "last"]).id == "last"


def test_no_file_is_left_by_calls_in_many_threads(engine: FakeDocker, temporary: Path) -> None:
    engine.will(("cidfile", ID), when="container run")
    threads = [threading.Thread(target=Docker().run, args=("alpine",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = {word for seen in engine.calls for word in seen.words if "--cidfile=" in word}
    assert len(files) == 8
    with contextlib.suppress(FileNotFoundError):
        assert list(temporary.iterdir()) == []
