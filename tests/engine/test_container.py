"""The verbs of ``docker container`` for real, by every CLI: those that `test_verbs.py` has not."""

from __future__ import annotations

import io
import re
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from dockcli import Completed, Container, Docker, Port, Secret, errors
from dockcli.models.container import ChangeKind, State

MANY = Callable[[str], str]


def is_podman(client: Docker) -> bool:
    return client.binary == "podman"


@pytest.fixture
def running(cli: Docker, cli_base: str, unique: MANY) -> Iterator[Container]:
    """A container that runs until it is told to end, and says so."""
    script = "trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    with cli.run(
        cli_base,
        *("sh", "-c", script),
        detach=True,
        name=unique("box"),
        label={"mine": unique("label")},
        publish=[Port(80, host_ip="127.0.0.1"), Port(53, host_ip="127.0.0.1", protocol="udp")],
    ) as one:
        yield one


def test_stats(cli: Docker, running: Container, unique: MANY) -> None:
    (one,) = running.stats()
    assert (one.id, one.name) == (running.id, unique("box"))
    assert one.cpu_percent >= 0
    assert one.pids >= 1
    assert 2**10 < one.memory < one.memory_limit
    assert running.id in {row.id for row in cli.stats()}
    told = cli.stats(running, format="{{.Name}}")
    assert told.text.strip() == unique("box")


def test_stats_that_go_on_end_at_the_deadline(docker: Docker, base: str) -> None:
    with docker.run(base, "sleep", "60", detach=True) as one:
        looks = one.stats(no_stream=False, deadline=4)
        assert next(looks).id == one.id
        with pytest.raises(errors.DeadlineExceeded) as caught:
            list(looks)
        assert one.id.encode() in caught.value.stdout


def test_top(cli: Docker, running: Container) -> None:
    first = running.top()[0]
    assert first.command.startswith("sh -c trap ")
    assert first.pid > 0
    assert first.raw.keys() >= {"PID", "PPID"}


def test_top_with_options_of_ps(docker: Docker, base: str) -> None:
    with docker.run(base, "sleep", "60", detach=True) as one:
        (process,) = one.top("-o", "pid,args")
        assert list(process.raw) == ["PID", "COMMAND"]
        assert process.command == "sleep 60"
        assert process.pid == docker.container.inspect(one).raw["State"]["Pid"]


def test_port(cli: Docker, running: Container) -> None:
    published = running.port()
    assert {(one.container_port, one.protocol) for one in published} == {(80, "tcp"), (53, "udp")}
    assert sorted(published, key=str) == sorted(running.inspect().ports, key=str)
    (udp,) = running.port("53/udp")
    assert udp in published
    assert udp.host_ip == "127.0.0.1"
    assert running.port(80) == [one for one in published if one.protocol == "tcp"]
    with pytest.raises(errors.DockerFailed):
        running.port(81)


def test_port_on_every_address(docker_cli: str, base: str, docker: Docker) -> None:
    with Docker(docker_cli).run(base, "sleep", "60", detach=True, publish=Port(80, 0)) as one:
        assert {port.host_ip for port in one.port()} == {"0.0.0.0", "::"}


def test_pause_and_unpause(cli: Docker, running: Container) -> None:
    assert cli.pause(running) == [running.id]
    assert running.inspect().state is State.PAUSED
    with pytest.raises(errors.DockerFailed):
        running.pause()
    assert running.unpause() == [running.id]
    assert running.inspect().state is State.RUNNING


def test_kill_with_a_signal_of_one_s_own(cli: Docker, running: Container) -> None:
    wait_for(lambda: "up" in running.logs().text)
    assert cli.kill(running, signal="TERM") == [running.id]
    assert running.wait() == 0
    assert running.logs().text.endswith("told\n")
    with pytest.raises(errors.DockerFailed) as caught:
        running.kill()
    assert not isinstance(caught.value, errors.NoSuchObject)


def test_restart(cli: Docker, running: Container) -> None:
    before = running.inspect().started_at
    (name,) = cli.restart(running, time=0)
    assert name == running.id
    after = running.inspect()
    assert after.running
    assert before is not None
    assert after.started_at is not None
    assert after.started_at > before


def test_rename(cli: Docker, cli_base: str, running: Container, unique: MANY) -> None:
    assert running.rename(unique("other")) is None  # type: ignore[func-returns-value]
    assert running.inspect().name == unique("other")
    with cli.create(cli_base, "true") as one, pytest.raises(errors.NameConflict):
        one.rename(unique("other"))


def test_update(cli: Docker, running: Container) -> None:
    assert running.update(cpu_shares=512) == [running.id]
    if not is_podman(cli):  # which keeps what it was made with
        assert running.inspect().raw["HostConfig"]["CpuShares"] == 512


def test_prune_by_a_label(cli: Docker, cli_base: str, unique: MANY) -> None:
    made = {cli.create(cli_base, "true", label=unique("label")).id for _ in range(2)}
    found = cli.container.prune(filter={"label": unique("label")})
    assert set(found.deleted) == made
    assert found.reclaimed == (None if is_podman(cli) else 0)
    assert cli.container.prune(filter={"label": unique("label")}).deleted == ()


def test_attach_hears_it_to_its_end(cli: Docker, running: Container) -> None:
    wait_for(lambda: "up" in running.logs().text)
    timer = threading.Timer(1.0, lambda: running.kill(signal="TERM"))
    timer.start()
    told = running.attach()
    timer.join()
    assert isinstance(told, Completed)
    assert told.lines()[:1] == ["told"]


def test_attach_speaks_to_the_program_and_tells_how_it_ended(cli: Docker, cli_base: str) -> None:
    script = "read x; echo got $x; exit 7"
    with cli.create(cli_base, "sh", "-c", script, interactive=True) as one:
        one.start()
        told = one.attach(stdin=b"word\n", check=False)
        assert told.text.strip() == "got word"
        if not is_podman(cli):  # whose exit code is always 0
            assert told.returncode == 7
        assert one.inspect().exit_code == 7


def test_attach_to_one_that_fails(docker: Docker, docker_cli: str, base: str) -> None:
    with Docker(docker_cli).run(base, "sh", "-c", "sleep 1; exit 7", detach=True) as one:
        with pytest.raises(errors.ContainerFailed) as caught:
            one.attach()
        assert caught.value.returncode == 7


def test_attach_does_not_end_the_stdin_of_another(
    docker: Docker, docker_cli: str, base: str
) -> None:
    script = "sleep 1; echo end"
    client = Docker(docker_cli)
    with client.run(base, "sh", "-c", script, detach=True, interactive=True) as one:
        assert one.attach().text == "end\n"


def test_attach_to_one_that_does_not_run(cli: Docker, cli_base: str) -> None:
    with cli.create(cli_base, "true") as one, pytest.raises(errors.DockerFailed) as caught:
        one.attach()
    assert not isinstance(caught.value, errors.ContainerFailed)


@pytest.mark.parametrize(
    "verb", ["attach", "kill", "pause", "port", "restart", "stats", "top", "unpause"]
)
def test_no_such_container(cli: Docker, verb: str) -> None:
    with pytest.raises(errors.NoSuchContainer):
        getattr(cli.container, verb)("no-such-container")


def test_no_such_container_to_rename_or_update(cli: Docker) -> None:
    with pytest.raises(errors.NoSuchContainer):
        cli.rename("no-such-container", "x")
    with pytest.raises(errors.NoSuchContainer):
        cli.update("no-such-container", cpu_shares=512)


def test_a_plain_name_means_itself(cli: Docker, cli_base: str, unique: MANY) -> None:
    names = [unique("web"), unique("web") + "-2", "a-" + unique("web")]
    for name in names:
        cli.create(cli_base, "true", name=name)
    wanted: list[Any] = [{"name": unique("web")}, f"name={unique('web')}", {"name": names[:1]}]
    for given in wanted:
        assert [one.name for one in cli.ps(all=True, filter=given)] == names[:1]
    both = cli.ps(all=True, filter={"name": names[:2]})
    assert sorted(one.name for one in both) == names[:2]
    start = cli.ps(all=True, filter={"name": f"^{unique('web')}"})
    assert sorted(one.name for one in start) == names[:2]
    cli.rm(*names)


def test_a_row_has_it_all(cli: Docker, running: Container, unique: MANY) -> None:
    (one,) = cli.ps(filter={"label": f"mine={unique('label')}"})
    assert one == running.inspect()
    assert (one.id, one.name, one.state) == (running.id, unique("box"), State.RUNNING)
    assert one.created is not None
    assert datetime.now(timezone.utc) - one.created < timedelta(minutes=5)
    assert one.labels["mine"] == unique("label")
    assert (one.mounts, len(one.ports), len(one.networks)) == ((), 2, 1)


# --- what other clients get wrong


@pytest.mark.parametrize("time_", [1, "1", timedelta(seconds=1)], ids=repr)
@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_a_stop_takes_as_long_as_was_said(docker: Docker, base: str, verb: str, time_: Any) -> None:
    with docker.run(base, "sh", "-c", "trap '' TERM; sleep 60", detach=True) as one:
        begun = time.monotonic()
        assert getattr(one, verb)(time=time_) == [one.id]
        assert 0.9 < time.monotonic() - begun < 8  # docker's own choice is ten seconds


@pytest.mark.parametrize("flag", ["time", "timeout"])
def test_the_time_of_a_stop_by_either_name(docker: Docker, base: str, flag: str) -> None:
    if flag == "timeout" and docker.version().client.startswith("20."):
        pytest.skip("--timeout came with docker 28")
    with docker.run(base, "sh", "-c", "trap '' TERM; sleep 60", detach=True) as one:
        begun = time.monotonic()
        docker.stop(one, **{flag: 1})  # type: ignore[arg-type]
        assert time.monotonic() - begun < 8
        assert one.inspect().exit_code == 137


def test_part_of_a_second_is_not_cut(docker: Docker, docker_cli: str, base: str) -> None:
    span = timedelta(milliseconds=500)
    client = Docker(docker_cli)
    with client.create(base, "true", health_cmd="true", health_interval=span) as one:
        assert one.inspect().raw["Config"]["Healthcheck"]["Interval"] == 500_000_000


def test_false_is_no_image(docker: Docker, docker_cli: str, base: str) -> None:
    assert Docker(docker_cli).run(base, "echo", "hi", rm=True, sig_proxy=False).text == "hi\n"


def test_attach_without_the_signals(docker: Docker, docker_cli: str, base: str) -> None:
    client = Docker(docker_cli)
    with client.run(base, "sh", "-c", "sleep 1; echo end", detach=True) as one:
        assert one.attach(sig_proxy=False).text == "end\n"


def test_commit_without_a_pause(docker: Docker, docker_cli: str, base: str, unique: MANY) -> None:
    client = Docker(docker_cli)
    with client.run(base, "sleep", "60", detach=True, name=unique("box")) as one:
        one.commit(unique("quick"), pause=False).rm()
        assert "commit" in actions(client, one)
        assert "pause" not in actions(client, one)
        one.commit(unique("calm")).rm()
        assert "pause" in actions(client, one)


def actions(client: Docker, one: Container) -> list[str]:
    """What the engine says has been done to a container since it was made."""
    since = one.inspect().created
    assert since is not None
    moments = (f"--since={since.isoformat()}", f"--until={time.time() + 0.5}")
    words = (*moments, f"--filter=container={one}", "--format={{.Action}}")
    return client.raw("system", "events", *words, deadline=20).lines()


def test_one_that_ends_at_once_is_no_error(cli: Docker, cli_base: str) -> None:
    for _ in range(3):
        with cli.run(cli_base, "true", detach=True, rm=True) as one:
            assert len(one.id) == 64


def test_each_kind_of_change(cli: Docker, cli_base: str) -> None:
    script = "echo > /home/new; rm /etc/group"
    with cli.run(cli_base, "sh", "-c", script, detach=True) as one:
        one.wait()
        found = {change.path: change.kind for change in one.diff()}
    assert found["/home/new"] is ChangeKind.ADDED
    assert found["/home"] is ChangeKind.CHANGED
    assert found["/etc/group"] is ChangeKind.DELETED


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_last_of_a_name_whatever_is_newer(
    cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    name = unique("web.1")
    web, newer = (cli.create(cli_base, "true", name=one) for one in (name, f"my-{name}"))
    try:
        for limit in ({"last": 1}, {"latest": True}):
            (found,) = cli.ps(all=True, filter={"name": name}, **limit)
            assert found.name == name
    finally:
        cli.rm(web, newer)


def test_a_folder_is_copied_out_as_an_archive(cli: Docker, cli_base: str) -> None:
    made = cli.create(cli_base, "true")
    try:
        archive = cli.cp(f"{made.id}:/etc", "-").stdout
    finally:
        made.rm()
    with tarfile.open(fileobj=io.BytesIO(archive)) as read:
        assert "etc" in read.getnames()


def test_the_diff_of_names_with_newlines(cli: Docker, cli_base: str) -> None:
    made = cli.run(cli_base, "sh", "-c", 'mkdir /q; echo > "/q/a\nb\n\nD c"', detach=True)
    try:
        cli.wait(made)
        added = {one.path for one in cli.diff(made) if one.kind is ChangeKind.ADDED}
    finally:
        made.rm(force=True)
    assert added >= {"/q", "/q/a\nb\n\nD c"}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("volume", "create", "a", "b"), "docker volume create. requires at most 1 argument$"),
        (("image", "ls", "a", "b"), "docker image ls. requires at most 1 argument$"),
        (("run",), "docker run. requires at least 1 argument$"),
        (("container", "nosuch"), "docker container (nosuch|COMMAND)$"),
    ],
)
def test_the_reason_of_a_wrong_command_line(
    docker: Docker, docker_cli: str, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(errors.DockerFailed) as raised:
        docker.but(binary=docker_cli).raw(*words)
    assert re.search(reason, raised.value.reason)


def test_an_env_file_that_is_not_there_is_no_failure_of_the_command(cli: Docker) -> None:
    with pytest.raises(errors.DockerFailed, match="no such file"):
        cli.exec("nope", "a", env_file="/none.env")


def test_a_secret_does_not_hide_that_there_is_no_image(cli: Docker) -> None:
    with pytest.raises(errors.NoSuchImage):
        cli.run("dockcli-none:x", pull="never", env={"A": Secret("such")})
