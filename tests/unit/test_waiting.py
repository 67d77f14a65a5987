"""Waiting: what is asked of docker, how often, and that nothing is left of it, on a fake docker."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Container, Docker, child, errors, wait_for
from dockcli.models.container import ContainerInspect
from dockcli.waiting import outside, sockets
from dockcli.waiting.wanted import Wanted
from dockcli.waiting.watched import Watched
from tests.unit.fake import FakeDocker, left_in

ID = "c" * 64
HANG = ("sleep", 60)
TABLE = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   2: 0B00007F:A3C5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   3: 0200FEA9:01BB 0300FEA9:D2A0 01 00000000:00000000 00:00000000 00000000     0\n"
    "  sl  local_address                         remote_address                        st\n"
    "   0: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 0:0\n"
    "   1: 00000000000000000000000001000000:0052 00000000000000000000000000000000:0000 0A 0:0\n"
    "   2: 0000000000000000FFFF00000100007F:0053 00000000000000000000000000000000:0000 0A 0:0\n"
    "   3: nonsense\n   4: 00000000:zz 0 0A 0\n"
)
UDP = (
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "  10: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0\n"
)


def inspect(state: str = "running", health: str = "", **more: Any) -> bytes:
    raw: dict[str, Any] = {
        "Id": ID,
        "Name": "/web",
        "Created": "2026-01-02T03:04:05.123456789Z",
        "State": {"Status": state, "ExitCode": more.pop("code", 0), "Pid": 1},
        "Config": {},
        "HostConfig": {"NetworkMode": "default", "LogConfig": {"Type": "json-file"}},
        "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}},
    }
    if health:
        raw["Config"]["Healthcheck"] = {"Test": ["CMD", "true"]}
        raw["State"]["Health"] = {"Status": health, "Log": []}
    raw.update(more)
    return json.dumps([raw]).encode()


class Engine:
    """A fake docker with one container, whose state a test can change while it is waited for."""

    def __init__(self, fake: FakeDocker, path: Path) -> None:
        self.fake, self._path = fake, path
        self.becomes()
        fake.will(HANG)
        fake.will(("copy", 1, str(path)), when="container inspect")

    def becomes(self, state: str = "running", health: str = "", **more: Any) -> None:
        part = self._path.with_suffix(".part")
        part.write_bytes(inspect(state, health, **more))
        part.replace(self._path)

    def says(self, command: str, *steps: Any) -> None:
        self.fake.will(*steps, when=command)

    @property
    def commands(self) -> list[str]:
        return [" ".join(words[:2]) for words in (call.words for call in self.fake.calls)]


@pytest.fixture
def engine(fake_docker: FakeDocker, tmp_path: Path) -> Engine:
    return Engine(fake_docker, tmp_path / "inspect")


@pytest.fixture(autouse=True)
def _nothing_is_left_over(fake_docker: FakeDocker) -> Iterator[None]:
    before = len(os.listdir("/dev/fd")), threading.active_count()
    yield
    assert (len(os.listdir("/dev/fd")), threading.active_count()) == before
    for seen in fake_docker.calls:
        assert not left_in(seen.group)
        assert not Path(f"/proc/{seen.pid}").exists()


@contextlib.contextmanager
def later(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def log(*lines: str) -> tuple[Any, ...]:
    said = "".join(f"2026-01-02T03:04:05.123456789Z {line}\n" for line in lines)
    return ("write", 1, said.encode())


def event(action: str) -> tuple[Any, ...]:
    return ("write", 1, json.dumps({"Type": "container", "Action": action}).encode() + b"\n")


BAD_CODES: list[Any] = [
    *(False, -1, "0", (), [], {0, "1"}, {True}, range(0), range(-3, 3), 0.0),
]
NOT_RUNNING = ("write", 2, b"Error response from daemon: Container web is not running\n")
FAILS = ("exit", 1)


# -- what is refused, before docker is asked


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ({}, "nothing to wait for: give log=, port=, healthy=True, exit= or file="),
        ({"healthy": False, "port": None}, "nothing to wait for"),
        ({"prot": 80}, "prot= is nothing to wait for"),
        ({"log": "("}, "is no regular expression"),
        ({"log": 7}, "log= is a regular expression"),
        *(({"port": port}, "port=") for port in (0, 65536, "80/sctp", "x", True, "80:80", 8.5, "")),
        ({"healthy": 1}, "healthy= is True or False"),
        *(({"exit": codes}, "exit=") for codes in BAD_CODES),
        *(({"file": path}, "absolute path") for path in ("run", "", b"/run", "/a\0b", 7)),
        ({"port": 80, "deadline": 0}, "deadline="),
        ({"port": 80, "deadline": "soon"}, "deadline="),
    ],
)
def test_what_cannot_be_waited_for_is_refused(
    client: Docker, fake_docker: FakeDocker, conditions: dict[str, Any], says: str
) -> None:
    with pytest.raises(errors.InvalidArgument) as info:
        client.container.wait_for("web", **conditions)
    assert says in str(info.value)
    assert fake_docker.calls == []


def test_a_name_that_is_none_and_a_wait_that_is_no_call(
    client: Docker, fake_docker: FakeDocker
) -> None:
    with pytest.raises(errors.InvalidArgument):
        client.container.wait_for("--help", port=80)
    with pytest.raises(errors.InvalidArgument, match="client=docker"):
        wait_for("web", port=80)
    with pytest.raises(errors.InvalidArgument, match="no call of it to be built"):
        client.call.container.wait_for("web", port=80)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    assert fake_docker.calls == []


def test_conditions_are_waited_for_in_an_order_in_which_they_can_come() -> None:
    given = {"exit": 0, "file": "/f", "healthy": True, "port": 80, "log": "x"}
    assert Wanted(given).order() == ["log", "port", "healthy", "exit", "file"]
    del given["exit"]
    assert Wanted(given).order() == ["log", "port", "healthy", "file"]
    assert next(iter(Wanted(given).names.values())) == "file='/f'"


# -- how much docker is asked


@pytest.mark.parametrize(
    ("condition", "answers", "commands"),
    [
        ({"healthy": True}, {}, ["container inspect"]),
        (
            {"log": "rea.y"},
            {"container logs": (log("no", "ready"), HANG)},
            ["container inspect", "container logs"],
        ),
        (
            {"port": 80},
            {"container exec": (("write", 1, TABLE.encode()),)},
            ["container inspect", "container exec"],
        ),
        ({"file": "/f"}, {"container exec": ()}, ["container inspect", "container exec"]),
        (
            {"exit": 3},
            {"container wait": (("write", 1, b"3\n"),)},
            ["container inspect", "container wait", "container inspect"],
        ),
    ],
    ids=lambda one: str(*one) if isinstance(one, dict) and len(one) == 1 else "",
)
def test_each_condition_costs_as_few_processes_as_it_can(
    client: Docker, engine: Engine, condition: Any, answers: Any, commands: list[str]
) -> None:
    engine.becomes(health="healthy")
    for command, steps in answers.items():
        engine.says(command, *steps)
    found = client.container.wait_for("web", deadline=20, **condition)
    assert found.inspect.id == ID
    assert engine.commands == commands
    assert all(ID in call.words or index == 0 for index, call in enumerate(engine.fake.calls))


def test_one_that_has_ended_is_not_waited_for(client: Docker, engine: Engine) -> None:
    engine.becomes("exited", code=4)
    assert client.container.wait_for("web", exit=range(3, 5)).exit_code == 4
    assert engine.commands == ["container inspect"]


def test_docker_is_followed_and_not_asked_while_nothing_happens(
    client: Docker, engine: Engine
) -> None:
    engine.becomes(health="starting")
    engine.says("system events", event("exec_die"), ("sleep", 1.5), event("start"), HANG)
    spent = time.process_time()
    with later(1.0, lambda: engine.becomes(health="healthy")):
        found = client.container.wait_for("web", healthy=True, deadline=20)
    assert 1.4 < found.seconds < 5
    assert engine.commands == ["container inspect", "system events", "container inspect"]
    assert time.process_time() - spent < 0.4
    (words,) = [call.words for call in engine.fake.calls if "events" in call.words]
    assert f"--filter=container={ID}" in words
    assert "--filter=event=health_status" in words
    assert "--since=2026-01-02T03:04:05.123456+00:00" in words  # nothing between is missed


@pytest.mark.parametrize("command", ["docker", "podman"])
def test_what_cannot_be_followed_is_asked_gently(
    fake_docker: FakeDocker, engine: Engine, command: str
) -> None:
    client = Docker(str(fake_docker.add(command)))
    engine.becomes(health="starting")
    for events in ("system events", "events"):  # docker's end at once: the engine has none
        engine.says(events, ("write", 2, b"Error: no events here\n"), ("exit", 125))
    with pytest.raises(errors.NotReady):
        client.container.wait_for("web", healthy=True, deadline=3)
    looks = engine.commands.count("container inspect")
    assert 5 <= looks <= 11
    spent = time.process_time()
    with later(0.5, lambda: engine.becomes(health="healthy")):
        assert client.container.wait_for("web", healthy=True, deadline=20).seconds > 0.4
    assert time.process_time() - spent < 0.5


@pytest.mark.parametrize("condition", [{"port": 84}, {"file": "/f"}], ids=lambda one: str(*one))
def test_looking_becomes_rare(client: Docker, engine: Engine, condition: Any) -> None:
    engine.says("container exec", ("write", 1, TABLE.encode()), FAILS)
    with pytest.raises(errors.NotReady):
        client.container.wait_for("web", deadline=3, **condition)
    assert 5 <= engine.commands.count("container exec") <= 10
    assert engine.commands.count("container inspect") == 2


@pytest.mark.parametrize("state", ["exited", "created"])
def test_a_failure_of_docker_s_is_no_reason_to_ask_for_ever(
    client: Docker, engine: Engine, state: str
) -> None:
    engine.becomes(state)
    engine.says("container cp", ("write", 2, b"Error response from daemon: broken disk\n"), FAILS)
    with pytest.raises(errors.DockerFailed, match="broken disk"):
        client.container.wait_for("web", file="/f", deadline=20)
    assert engine.commands.count("container cp") == 3


def test_an_engine_that_is_gone_is_told_as_ever(client: Docker, engine: Engine) -> None:
    gone = b"Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?\n"
    engine.says("container exec", ("write", 2, gone), FAILS)
    with pytest.raises(errors.EngineUnreachable):
        client.container.wait_for("web", file="/f", deadline=20)
    assert engine.commands == ["container inspect", "container exec"]


def test_what_docker_says_itself_is_not_the_log(client: Docker, engine: Engine) -> None:
    said = b"Error response from daemon: the log is ready to be mended\n"
    engine.says("container logs", log("not yet"), ("write", 2, said), FAILS)
    with pytest.raises(errors.DockerFailed, match="to be mended"):
        client.container.wait_for("web", log="ready", deadline=20)
    engine.says("container logs", log("not yet"), ("write", 2, said), log("it's ready"), HANG)
    found = client.container.wait_for("web", log="ready", deadline=20)
    assert found.line is not None
    assert found.line.text == "it's ready"


def test_a_log_that_ends_is_followed_again_gently_from_its_last_line(
    client: Docker, engine: Engine
) -> None:
    engine.says("container logs", log("not yet"))
    with later(1.5, lambda: engine.says("container logs", log("ready"), HANG)):
        assert client.container.wait_for("web", log="ready", deadline=20).match
    calls = [call.words for call in engine.fake.calls if "logs" in call.words]
    assert 3 <= len(calls) <= 9
    assert "--since=2026-01-02T03:04:05.123456+00:00" in calls[1]


def test_the_last_lines_of_one_that_ended_are_not_missed(client: Docker, engine: Engine) -> None:
    """docker may stop following before it has told all."""
    engine.says("container logs", ("sleep", 0.3))

    def end() -> None:
        engine.becomes("exited")
        engine.says("container logs", log("ready"))

    with later(0.2, end):
        found = client.container.wait_for("web", log="ready", deadline=20)
    assert found.match
    assert found.inspect.state == "exited"


# -- the end of a wait


def test_a_container_that_dies_while_a_port_is_looked_for(client: Docker, engine: Engine) -> None:
    engine.says("container exec", ("write", 1, TABLE.encode()))
    earlier = ("write", 2, b"2026-01-02T03:04:04.000000000Z zero\nError: no stamp\n")
    engine.says("container logs", log("one", "two"), earlier)

    def die() -> None:
        engine.becomes("exited", code=9)
        engine.says("container exec", NOT_RUNNING, FAILS)

    with later(0.5, die), pytest.raises(errors.ContainerEnded) as info:
        client.container.wait_for("web", port=84, deadline=20)
    error = info.value
    assert error.exit_code == 9
    assert [line.text for line in error.log_lines] == ["zero", "one", "two"]
    assert error.missing == ("port=84",)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        same = pickle.loads(pickle.dumps(error, protocol))
        assert (same.args, str(same)) == (error.args, str(error))


WAITS: dict[str, dict[str, Any]] = {
    "system events": {"healthy": True},
    "container logs": {"log": "never"},
    "container wait": {"exit": 0},
    "container exec": {"port": 80},
    "container cp": {"file": "/f"},
}


@pytest.mark.parametrize("command", WAITS)
def test_a_docker_that_hangs_ends_in_time(client: Docker, engine: Engine, command: str) -> None:
    engine.becomes("created" if command == "container cp" else "running", health="starting")
    begun = time.monotonic()
    with pytest.raises(errors.NotReady) as info:
        client.container.wait_for("web", deadline=0.7, **WAITS[command])
    assert time.monotonic() - begun < 1.7 + 0.3
    assert command in engine.commands
    assert info.value.state == ContainerInspect.parse(json.loads(engine._path.read_bytes())[0])
    assert isinstance(info.value, TimeoutError)


def test_not_even_the_first_look_lasts(client: Docker, engine: Engine) -> None:
    engine.says("container inspect", HANG)
    with pytest.raises(errors.NotReady) as info:
        client.container.wait_for("web", port=80, deadline=0.5)
    assert info.value.state is None
    assert info.value.missing == ("port=80",)


@pytest.mark.parametrize("command", WAITS)
def test_ctrl_c_leaves_nothing(client: Docker, engine: Engine, command: str) -> None:
    engine.becomes("created" if command == "container cp" else "running", health="starting")

    def press() -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    begun = time.monotonic()
    with later(1.0, press), pytest.raises(KeyboardInterrupt):
        client.container.wait_for("web", deadline=60, **WAITS[command])
    assert time.monotonic() - begun < 5
    assert command in engine.commands


def test_a_wait_that_nobody_waits_for_is_given_up(client: Docker, engine: Engine) -> None:
    engine.says("container exec", FAILS)
    lost = threading.Event()
    token = child.given_up.set(lost)
    try:
        with later(1.5, lost.set), pytest.raises(child.GivenUp):
            client.container.wait_for("web", file="/f", deadline=60)
        lost.clear()
        watched = Watched("web", client, Wanted({"port": 80}), None)
        watched._pause = 30
        with later(0.2, lost.set), pytest.raises(child.GivenUp):
            watched.pause()
    finally:
        child.given_up.reset(token)


def test_a_handle_waits_with_its_own_client(client: Docker, engine: Engine) -> None:
    engine.becomes(health="healthy")
    one = Container(ID, client)
    assert wait_for(one, healthy=True).inspect.id == ID
    assert one.wait_for(healthy=True, deadline=None).inspect.name == "web"


def test_one_that_cannot_come_true_is_told_at_once(client: Docker, engine: Engine) -> None:
    with pytest.raises(errors.InvalidArgument, match="web has no health check"):
        client.container.wait_for("web", healthy=True)
    engine.becomes(Config={"Healthcheck": {"Test": ["NONE"]}})
    with pytest.raises(errors.InvalidArgument, match="web has no health check"):
        client.container.wait_for("web", healthy=True)
    engine.becomes(HostConfig={"LogConfig": {"Type": "none"}})
    with pytest.raises(errors.InvalidArgument, match="log_driver='json-file'"):
        client.container.wait_for("web", log="x")
    assert set(engine.commands) == {"container inspect"}


# -- who listens


@pytest.mark.parametrize(
    ("port", "others", "own"),
    [
        (80, True, False),
        (81, True, False),
        (8080, False, True),
        (82, False, True),
        (83, False, True),
        (0xA3C5, False, True),  # docker's own server of names, in each network that a user made
        (443, False, False),  # a connection
        (53, False, False),
        (84, False, False),
    ],
)
def test_who_listens_is_read_from_the_table(port: int, others: bool, own: bool) -> None:
    assert sockets.listeners(TABLE.encode(), port, "tcp") == (others, own)


def test_who_waits_with_udp() -> None:
    assert sockets.listeners(UDP.encode(), 53, "udp") == (True, False)
    assert sockets.listeners(UDP.encode(), 54, "udp") == (False, False)
    assert sockets.is_table(UDP.encode())
    assert not sockets.is_table(b"cat: no such file\n")


def test_a_connection_counts_if_it_is_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def take(then: bytes | None) -> None:
            made, _ = server.accept()
            if then is not None:
                made.sendall(then)
                made.close()
            else:
                time.sleep(0.5)
                made.close()

        for then, kept in ((b"", False), (b"hello", True), (None, True)):
            thread = threading.Thread(target=take, args=(then,))
            thread.start()
            assert outside.is_kept("127.0.0.1", port, None) is kept
            thread.join()
    assert outside.is_kept("127.0.0.1", port, 0.5) is False


def test_another_machine_s_process_is_not_taken_for_the_container_s() -> None:
    raw = json.loads(inspect())[0]
    raw["State"]["Pid"] = os.getpid()
    assert outside.table(ContainerInspect.parse(raw), "tcp") == b""
