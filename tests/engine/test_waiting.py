"""Waiting for what a real container does, on both docker CLIs and podman."""

from __future__ import annotations

import io
import re
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from dockcli import Container, Docker, Port, Tmpfs, errors, wait_for
from dockcli.models.container import State
from dockcli.waiting import outside

MANY = Callable[[str], str]
Runs = Callable[..., Container]


@pytest.fixture
def running(cli: Docker, cli_base: str) -> Iterator[Runs]:
    """Run a shell script in a container, which is removed at the end."""
    with ExitStack() as made:

        def run(script: str, **options: Any) -> Container:
            given: dict[str, Any] = {"detach": True, "stop_timeout": 0, **options}
            one: Container = cli.run(cli_base, "sh", "-c", script, **given)
            made.enter_context(one)
            return one

        yield run


def is_podman(cli: Docker) -> bool:
    return cli.binary == "podman"


def lines_of(error: errors.NotReady | errors.ContainerEnded) -> list[str]:
    return [line.text for line in error.log_lines]


@contextmanager
def in_a_moment(act: Callable[[], object], seconds: float = 1.0) -> Iterator[None]:
    """Do it while the test waits."""
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


# -- the log


def test_a_line_that_is_written_later_is_seen_as_it_comes(running: Runs) -> None:
    one = running("echo no; echo almost 6 >&2; sleep 1; echo ready on 7 >&2; sleep 60")
    found = one.wait_for(log=r"ready on (\d+)", deadline=20)
    assert found.line is not None
    assert (found.line.stream, found.line.text) == ("stderr", "ready on 7")
    assert found.match is not None
    assert found.match[1] == "7"
    assert found.inspect.id == one.id
    assert 0 < found.seconds < 20


def test_what_was_written_before_counts_also_of_one_that_has_ended(running: Runs) -> None:
    one = running("printf 'caf\\303\\251 1\\n'; echo end")
    one.wait()
    for pattern in (r"^caf\w ", re.compile("CAFÉ", re.IGNORECASE), rb"\xa9 1$"):
        assert one.wait_for(log=pattern, deadline=20).match
    assert one.wait_for(log="end$", exit=0, deadline=20).exit_code == 0


def test_one_that_is_never_started_writes_nothing(cli: Docker, cli_base: str) -> None:
    with cli.create(cli_base, "true") as one:
        with pytest.raises(errors.NotReady) as info:
            one.wait_for(log="(?i)error|daemon|container", deadline=1.5)
        assert info.value.state is not None
        assert info.value.state.state is State.CREATED


def test_a_log_that_docker_throws_away_is_told_at_once(running: Runs) -> None:
    one = running("echo ready; sleep 60", log_driver="none")
    begun = time.monotonic()
    with pytest.raises(errors.InvalidArgument, match=r"the log driver .* is 'none'"):
        one.wait_for(log="ready", deadline=20)
    assert time.monotonic() - begun < 3


def test_a_line_is_found_after_the_container_was_started_again(running: Runs) -> None:
    script = "echo run >>/n; echo run $(wc -l </n); sleep 0.5; exit 1"
    one = running(script, restart="always")
    assert one.wait_for(log="^run 3$", deadline=30).line is not None


def test_one_that_is_started_only_later(cli: Docker, cli_base: str) -> None:
    script = "echo ready; touch /run/ready; sleep 0.5; exit 4"
    with cli.create(cli_base, "sh", "-c", script) as one:
        with in_a_moment(one.start):
            found = one.wait_for(log="ready", exit=4, file="/run/ready", deadline=20)
        assert found.exit_code == 4
        assert found.line is not None
    with cli.create(cli_base, "sh", "-c", script) as one, in_a_moment(one.start):
        # `docker wait` calls one that was never started ended, with 0
        assert one.wait_for(exit=True, deadline=20).exit_code == 4


# -- ports


def test_a_port_is_listened_on_and_published(running: Runs) -> None:
    one = running("sleep 1.5; exec nc -ll -p 80 -e cat", publish=[Port(80, host_ip="127.0.0.1")])
    (address,) = one.inspect().ports
    found = one.wait_for(port=80, deadline=20)
    assert found.seconds > 0.5
    assert (found.port, found.proof) == (address, "socket")
    with socket.create_connection(("127.0.0.1", address.host_port), 5) as made:
        made.sendall(b"hello\n")
        assert made.recv(10) == b"hello\n"


def test_the_proxy_of_a_published_port_fools_nobody(running: Runs, cli: Docker) -> None:
    one = running("sleep 60", publish=[Port(80, host_ip="127.0.0.1")])
    (address,) = one.inspect().ports
    if not is_podman(cli):  # what a mere connection would prove
        socket.create_connection(("127.0.0.1", address.host_port), 5).close()
    with pytest.raises(errors.NotReady) as info:
        one.wait_for(port=80, deadline=1.5)
    assert info.value.missing == ("port=80",)


def test_a_port_on_the_loopback_address_alone_is_not_ready(running: Runs) -> None:
    one = running("httpd -p 127.0.0.1:81; httpd -f -p 82")
    assert one.wait_for(port="82/tcp", deadline=20).port is not None
    with pytest.raises(errors.NotReady, match=r"port=81 \(.* loopback address only"):
        one.wait_for(port=81, deadline=2)
    alone = running("exec httpd -f -p 127.0.0.1:81", network="none")
    assert alone.wait_for(port=81, deadline=20).proof == "socket"


def test_udp_by_the_table_of_the_host_that_it_has(running: Runs) -> None:
    one = running("sleep 60", network="host")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("0.0.0.0", 0))
        number = bound.getsockname()[1]
        found = one.wait_for(port=f"{number}/udp", deadline=20)
        assert found.port is not None
        assert (found.port.protocol, found.port.host_port) == ("udp", 0)
    with pytest.raises(errors.NotReady):
        one.wait_for(port=f"{number}/udp", deadline=1)


@pytest.fixture
def bare(cli: Docker, cli_base: str, unique: MANY) -> Iterator[str]:
    """An image with one program, and neither `cat` nor `test`."""
    with cli.create(cli_base, "true") as one:
        packed = cli.cp(f"{one}:/bin/busybox", "-").stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        (member,) = archive
        file = archive.extractfile(member)
        assert file is not None
        program = file.read()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("httpd")
        member.size, member.mode = len(program), 0o755
        archive.addfile(member, io.BytesIO(program))
    name = unique("bare")
    cli.image.import_("-", name, stdin=made.getvalue())
    yield name
    cli.rmi(name, force=True)


def test_an_image_without_any_tool_is_seen_from_outside(
    cli: Docker, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = [Port(80, host_ip="127.0.0.1"), Port(79, host_ip="127.0.0.1")]
    options: dict[str, Any] = {"detach": True, "stop_timeout": 0, "publish": publish}
    with cli.run(bare, "/httpd", "-f", "-p", "80", **options) as one:
        assert one.wait_for(port=80, deadline=20).proof == "socket"
        assert one.wait_for(file="/httpd", deadline=20)
        with pytest.raises(errors.NotReady):
            one.wait_for(file="/nope", deadline=1.5)
        monkeypatch.setattr(outside, "table", lambda *_: b"")  # as of an engine elsewhere
        assert one.wait_for(port=80, deadline=20).proof == "connection"
        with pytest.raises(errors.NotReady):
            one.wait_for(port=79, deadline=2)
        with pytest.raises(errors.InvalidArgument, match="not published: publish it"):
            one.wait_for(port=81, deadline=20)
        with pytest.raises(errors.InvalidArgument, match="proves nothing with UDP"):
            one.wait_for(port="80/udp", deadline=20)


# -- health

HEALTH: dict[str, Any] = {"health_cmd": "test -e /ok", "health_interval": "1s"}


@contextmanager
def checked(cli: Docker, one: Container) -> Iterator[None]:
    """Run the checks, where podman has no systemd that does."""
    if not is_podman(cli):
        yield
        return
    over = threading.Event()

    def check() -> None:
        while not over.wait(0.3):
            cli.raw("healthcheck", "run", one.id, check=False)

    thread = threading.Thread(target=check)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_container_that_becomes_healthy(running: Runs, cli: Docker) -> None:
    one = running("sleep 2; touch /ok; sleep 60", **HEALTH)
    with checked(cli, one):
        found = one.wait_for(healthy=True, deadline=30)
    assert found.inspect.raw["State"]["Health"]["Status"] == "healthy"
    assert found.seconds > 0.5
    assert one.wait_for(healthy=True, deadline=20).seconds < 5


def test_one_that_is_not_healthy_says_why(running: Runs, cli: Docker) -> None:
    one = running("echo up; sleep 60", health_cmd="echo broken pipe; exit 1", health_interval="1s")
    with checked(cli, one), pytest.raises(errors.NotReady) as info:
        one.wait_for(healthy=True, deadline=4)
    assert "its check says 'broken pipe'" in str(info.value)
    assert lines_of(info.value) == ["up"]


def test_without_a_health_check_nothing_is_waited_for(running: Runs) -> None:
    one = running("sleep 60")
    with pytest.raises(errors.InvalidArgument, match="has no health check"):
        one.wait_for(healthy=True, deadline=20)


# -- the end


def test_the_end_with_the_wanted_code(running: Runs) -> None:
    one = running("sleep 1; exit 3")
    begun = time.monotonic()
    assert one.wait_for(exit=3, deadline=20).inspect.state is State.EXITED
    assert time.monotonic() - begun < 10
    for wanted in (True, {0, 3}, range(2, 4)):
        assert one.wait_for(exit=wanted, deadline=20).exit_code == 3


def test_another_code_is_told_at_once(running: Runs) -> None:
    one = running("echo started; sleep 1; echo cannot go on >&2; exit 5")
    with pytest.raises(errors.ContainerEnded) as info:
        one.wait_for(exit=0, deadline=60)
    error = info.value
    assert error.exit_code == 5
    assert error.seconds < 10
    assert lines_of(error) == ["started", "cannot go on"]
    assert error.missing == ("exit=0",)
    assert error.state is not None
    assert error.state.state is State.EXITED
    assert "ended with exit code 5" in str(error)
    assert str(error).endswith("\n  started\n  cannot go on")


def test_the_code_of_one_that_removes_itself(cli: Docker, cli_base: str) -> None:
    one = cli.run(cli_base, "sh", "-c", "sleep 2; exit 6", detach=True, rm=True)
    assert one.wait_for(exit=6, deadline=20).exit_code == 6
    one = cli.run(cli_base, "sh", "-c", "sleep 2; exit 6", detach=True, rm=True)
    with pytest.raises(errors.ContainerEnded, match="exit code 6") as info:
        one.wait_for(exit=0, deadline=20)
    assert info.value.exit_code == 6


def test_an_end_that_is_none_for_it_is_started_again(
    running: Runs, docker: Docker, cli: Docker
) -> None:
    script = "echo run >>/n; sleep 0.7; exit $((4 - $(wc -l </n)))"
    one = running(script, restart="on-failure")
    assert one.wait_for(exit=0, deadline=60).exit_code == 0


@pytest.mark.parametrize(
    "condition",
    [{"port": 80}, {"file": "/nope"}, {"log": "never"}, {"healthy": True}],
    ids=lambda condition: str(*condition),
)
def test_its_end_is_the_end_of_each_wait(
    running: Runs, cli: Docker, condition: dict[str, Any]
) -> None:
    one = running("echo bye; sleep 1.5; exit 7", health_cmd="false", health_interval="1s")
    with pytest.raises(errors.ContainerEnded) as info:
        one.wait_for(deadline=60, **condition)
    assert info.value.seconds < 12
    assert info.value.exit_code == 7
    assert lines_of(info.value) == ["bye"]
    assert [told.partition("=")[0] for told in info.value.missing] == list(condition)


@pytest.mark.parametrize(
    "condition",
    [{"port": 80}, {"file": "/nope"}, {"log": "never"}, {"healthy": True}, {"exit": 0}],
    ids=lambda condition: str(*condition),
)
def test_so_is_its_removal(cli: Docker, cli_base: str, condition: dict[str, Any]) -> None:
    health: dict[str, Any] = {"health_cmd": "false", "health_interval": "1s"}
    one = cli.run(cli_base, "sh", "-c", "echo on; sleep 60", detach=True, stop_timeout=0, **health)
    with in_a_moment(lambda: one.rm(force=True), 1.5), pytest.raises(errors.ContainerEnded) as info:
        one.wait_for(deadline=60, **condition)
    assert info.value.seconds < 15


def test_one_that_is_not_there_is_told_as_ever(cli: Docker, unique: MANY) -> None:
    with pytest.raises(errors.NoSuchContainer):
        cli.container.wait_for(unique("nobody"), port=80)


# -- files


def test_a_file_that_is_made_later(running: Runs) -> None:
    one = running("sleep 1; touch '/run/it is ready'; sleep 60")
    assert one.wait_for(file="/run/it is ready", deadline=20).inspect.running
    assert one.wait_for(file="/run", deadline=20)  # a folder is there too


def test_files_of_one_that_does_not_run(cli: Docker, cli_base: str, unique: MANY) -> None:
    with cli.volume.create(unique("data")) as volume:
        script = "echo 1 >/made; echo 2 >/data/made; ln -s nothing /dangling"
        with cli.create(cli_base, "sh", "-c", script, volume=f"{volume}:/data") as one:
            assert one.wait_for(file="/bin/sh", deadline=20).inspect.state is State.CREATED
            with pytest.raises(errors.NotReady):
                one.wait_for(file="/made", deadline=1.5)
            one.start(attach=True)
            for path in ("/made", "/data/made", "/data"):
                assert one.wait_for(file=path, exit=0, deadline=20).exit_code == 0
            for path in ("/nope", "/data/nope", "/made/nope"):
                with pytest.raises(errors.ContainerEnded):
                    one.wait_for(file=path, deadline=20)


def test_a_file_in_a_tmpfs_and_of_another_user(running: Runs) -> None:
    one = running("sleep 60", tmpfs=[Tmpfs("/t", mode=0o700)], user="65534")
    one.exec("touch", "/t/ready", user="0")
    assert one.wait_for(file="/t/ready", deadline=20)


# -- all of it


def test_several_conditions_have_all_to_hold(running: Runs) -> None:
    script = "touch /ready; echo serving; exec nc -ll -p 80 -e cat"
    one = running(f"sleep 0.5; {script}", health_cmd="true", health_interval="1s")
    found = one.wait_for(port=80, log="serving", file="/ready", deadline=20)
    assert found.line is not None
    assert found.port is not None
    with pytest.raises(errors.NotReady) as info:
        one.wait_for(port=80, log="serving", file="/nope", deadline=3)
    assert info.value.missing == ("file='/nope'",)


def test_a_name_needs_a_client_and_a_handle_has_one(
    running: Runs, cli: Docker, unique: MANY
) -> None:
    name = unique("web")
    one = running("echo ready; sleep 60", name=name)
    assert wait_for(one, log="ready", deadline=20).match
    assert wait_for(name, client=cli, log="ready", deadline=20).match
    assert wait_for(one.inspect(), client=cli, log="ready", deadline=20).match
    assert cli.container.wait_for(name, log="ready", deadline=20).inspect.name == name
    with pytest.raises(errors.InvalidArgument, match="client=docker"):
        wait_for(name, log="ready")


def test_a_paused_container_is_waited_for(running: Runs) -> None:
    one = running("sleep 0.5; exec nc -ll -p 80 -e cat")
    one.pause()
    with in_a_moment(one.unpause):
        assert one.wait_for(port=80, deadline=20).port is not None


def test_what_a_wait_that_was_too_short_tells(running: Runs) -> None:
    one = running("for n in $(seq 30); do echo line $n; done; sleep 60")
    one.wait_for(log="line 30", deadline=20)
    with pytest.raises(errors.NotReady) as info:
        one.wait_for(port=80, healthy=False, exit=True, deadline=1)
    error = info.value
    assert isinstance(error, errors.DeadlineExceeded)
    assert error.seconds < 2
    assert error.deadline == 1
    assert error.missing == ("port=80", "exit=True")
    assert lines_of(error) == [f"line {number}" for number in range(11, 31)]
    assert error.state is not None
    assert error.state.running
    assert "not ready within 1 s: the container is running; still waiting for port=80" in str(error)
