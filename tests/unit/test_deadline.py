"""Each call ends in time and leaves no process of ours (promise P6)."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import ContainerKilled, DeadlineExceeded, DockerFailed
from tests.unit.fake import FakeDocker, is_alive, is_gone, left_in

Makes = Callable[..., Docker]

DEADLINE = 0.25
SAID = (("write", 1, b"out"), ("write", 2, b"err"), ("mark", "ready"))
SPEW = ("spew", 1, b"y" * 4096)
IGNORE = ("ignore", signal.SIGTERM)
HANG = ("sleep", 60)

BEHAVIOURS: dict[str, tuple[Any, ...]] = {
    "sleeps": (*SAID, HANG),
    "ignores TERM": (IGNORE, *SAID, HANG),
    "has a child that holds the pipes": (*SAID, ("child", [IGNORE, HANG]), HANG),
    "left a child behind that holds the pipes": (("child", [IGNORE, HANG]), *SAID, HANG),
    "forked twice": (*SAID, ("daemon", [HANG]), HANG),
    "forked twice, and that one spews": (*SAID, ("daemon", [SPEW]), HANG),
    "spews for ever": (*SAID, SPEW),
    "spews for ever and ignores TERM": (IGNORE, *SAID, SPEW),
    "is hungry for stdin": (*SAID, ("hunger",)),
    "does not read its stdin": (*SAID, HANG),
    "tastes its stdin": (*SAID, ("taste", 8192), HANG),
    "closed its outputs": (*SAID, ("close", 1), ("close", 2), HANG),
    "stopped itself": (*SAID, ("kill", signal.SIGSTOP)),
}


@pytest.fixture(autouse=True)
def _daemons_end(fake_docker: FakeDocker) -> Iterator[None]:
    """What left its session on purpose is the test's to end."""
    yield
    for path in (fake_docker.folder / "pids").glob("*-*"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(path.name.rpartition("-")[2]), signal.SIGKILL)


@pytest.fixture(autouse=True)
def _nothing_is_left_over(fake_docker: FakeDocker) -> Iterator[None]:
    """Neither files nor threads nor children, dead or alive."""
    before = open_files(), threading.active_count()
    yield
    assert (open_files(), threading.active_count()) == before
    for seen in fake_docker.calls:
        assert seen.group == os.getpgrp() or not left_in(seen.group)
        assert not Path(f"/proc/{seen.pid}").exists()


def open_files() -> set[str]:
    found = set()
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            found.add(f"{name} {os.readlink(f'/dev/fd/{name}')}")
    return {one for one in found if "/proc/" not in one and "/dev/fd" not in one}


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_call_ends_at_its_deadline_whatever_docker_does(
    fake_docker: FakeDocker, runs_on: Makes, behaviour: str
) -> None:
    fake_docker.will(*BEHAVIOURS[behaviour])
    stdin = b"x" * 1_000_000 if "stdin" in behaviour else None
    with within(DEADLINE + 1), pytest.raises(DeadlineExceeded) as info:
        runs_on().raw("logs", deadline=DEADLINE, stdin=stdin)
    error = info.value
    assert isinstance(error, TimeoutError)
    assert error.deadline == DEADLINE
    assert DEADLINE <= error.seconds < DEADLINE + 1
    assert error.stdout[:3] == b"out"
    assert error.stderr == b"err"
    assert f"not done within {DEADLINE} s" in str(error)


def test_what_docker_says_when_it_is_asked_to_end_is_kept(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    program = tmp_path / "says-goodbye"
    program.write_text(
        "#!/bin/sh\ntrap 'echo goodbye; exit 1' TERM\necho hello\nwhile :; do :; done"
    )
    program.chmod(0o755)
    with pytest.raises(DeadlineExceeded) as info:
        Docker(program).raw("logs", deadline=DEADLINE)
    assert info.value.stdout == b"hello\ngoodbye\n"


@pytest.mark.parametrize(
    "held_by",
    [
        ("child", [HANG]),
        ("child", [IGNORE, HANG]),
        ("child", [SPEW]),
        ("daemon", [HANG]),
        ("daemon", [SPEW]),
    ],
    ids=lambda step: str(step)[:30],
)
def test_a_call_ends_with_docker_though_another_holds_its_pipes(
    fake_docker: FakeDocker, runs_on: Makes, held_by: tuple[Any, ...]
) -> None:
    fake_docker.will(("write", 1, b"out"), ("write", 2, b"err"), held_by, ("exit", 3))
    with within(2):
        completed = runs_on().raw("logs", check=False)
    assert completed.returncode == 3
    assert completed.stdout[:3] == b"out"
    assert completed.stderr == b"err"
    if held_by[0] == "child":
        assert is_gone(fake_docker.marked("child"))
    elif held_by[1] == [HANG]:
        assert is_alive(fake_docker.marked("daemon"))  # a session of its own: not ours


@pytest.mark.parametrize(
    "held_by", [("child", [SPEW]), ("daemon", [SPEW])], ids=["child", "daemon"]
)
def test_a_deadline_holds_when_docker_ends_just_before_it(
    fake_docker: FakeDocker, runs_on: Makes, held_by: tuple[Any, ...]
) -> None:
    fake_docker.will(held_by, ("sleep", DEADLINE - 0.1), ("exit", 0))
    with within(DEADLINE + 1), contextlib.suppress(DeadlineExceeded):
        runs_on().raw("logs", deadline=DEADLINE)


def test_output_that_comes_late_but_before_the_end_is_whole(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("child", [("sleep", 0.1), ("write", 1, b"late")]), ("write", 1, b"soon "))
    assert client.raw("logs").stdout == b"soon late"


def test_a_quick_call_is_not_held_up(fake_docker: FakeDocker, client: Docker) -> None:
    with within(1):
        for _ in range(10):
            client.raw("ps", deadline=60)


def test_a_call_without_deadline_waits(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("sleep", 0.5), ("write", 1, b"done"))
    assert client.raw("wait").stdout == b"done"


def test_a_client_that_a_signal_ended_is_dockers_failure(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("kill", signal.SIGKILL))
    for call in (client.call.run("alpine"), client.call.exec("web", "id"), client.call.ps()):
        with pytest.raises(DockerFailed, match="ended by signal 9"):
            call.run()
    fake_docker.will(("exit", 137))
    with pytest.raises(ContainerKilled):
        client.exec("web", "id")


class Interruption(BaseException):
    """Stands for KeyboardInterrupt: whatever comes, and may come again."""


@contextlib.contextmanager
def interrupted(kind: type[BaseException], first: float, again: float = 0) -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise kind

    before = signal.signal(signal.SIGALRM, interrupt)
    timer = signal.setitimer(signal.ITIMER_REAL, first, again)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("sleeps", KeyboardInterrupt),
        ("sleeps", Interruption),
        ("sleeps", RuntimeError),
        ("ignores TERM", KeyboardInterrupt),
        ("spews for ever", KeyboardInterrupt),
        ("closed its outputs", KeyboardInterrupt),
    ],
)
def test_an_interruption_ends_the_group(
    fake_docker: FakeDocker, client: Docker, behaviour: str, kind: type[BaseException]
) -> None:
    fake_docker.will(*BEHAVIOURS[behaviour])
    with within(DEADLINE + 1), pytest.raises(kind), interrupted(kind, DEADLINE):
        client.raw("logs")
    assert is_gone(fake_docker.marked("ready"))


def test_an_impatient_interruption_ends_the_group_too(
    fake_docker: FakeDocker, runs_on: Makes
) -> None:
    fake_docker.will(*BEHAVIOURS["ignores TERM"])
    client = runs_on()
    with contextlib.suppress(KeyboardInterrupt), interrupted(KeyboardInterrupt, DEADLINE, 0.1):
        client.raw("logs")
    assert is_gone(fake_docker.marked("ready"))


def test_a_real_interrupt_from_the_keyboard(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(*BEHAVIOURS["sleeps"])

    def press() -> None:
        fake_docker.marked("ready")
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with within(2), pytest.raises(KeyboardInterrupt):
        client.raw("logs")
    presser.join()
    assert is_gone(fake_docker.marked("ready"))


def test_more_files_than_select_can_tell_apart(fake_docker: FakeDocker, runs_on: Makes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("this system allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1500)]
    try:
        fake_docker.will(*SAID, ("read",))
        with within(2):
            completed = runs_on().raw("logs", stdin=b"x" * 100_000)
        assert (completed.stdout, completed.stderr) == (b"out", b"err")
        assert fake_docker.calls[-1].files == (0, 1, 2)
        fake_docker.will(HANG)
        with within(DEADLINE + 1), pytest.raises(DeadlineExceeded):
            runs_on().raw("logs", deadline=DEADLINE)
    finally:
        for number in files:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def not_ours_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What sudo starts belongs to root, and this user is not root."""
    real = os.killpg

    def refuse(group: int, number: int) -> None:
        if number:
            raise PermissionError(1, "Operation not permitted")
        real(group, number)

    monkeypatch.setattr(os, "killpg", refuse)


@pytest.mark.parametrize("behaviour", ["sleeps", "ignores TERM"])
def test_what_sudo_started_is_ended_by_sudo(
    fake_docker: FakeDocker, not_ours_to_end: None, behaviour: str
) -> None:
    fake_docker.add("sudo")
    fake_docker.will(*BEHAVIOURS[behaviour])
    with within(DEADLINE + 1), pytest.raises(DeadlineExceeded):
        Docker(sudo=True).raw("logs", deadline=DEADLINE)
    assert is_gone(fake_docker.marked("ready"))
    kills = [seen.words for seen in fake_docker.calls if "/kill" in " ".join(seen.words)]
    group = fake_docker.calls[0].group
    assert [words[-3:] for words in kills][:2] == [
        ["-15", "--", f"-{group}"],
        ["-9", "--", f"-{group}"],
    ]
    assert all(words[0] == "-n" for words in kills)


@pytest.mark.filterwarnings("ignore:.*subprocess .* is still running")  # as it is
def test_a_sudo_that_hangs_or_is_gone_delays_nothing(
    fake_docker: FakeDocker, not_ours_to_end: None
) -> None:
    fake_docker.add("sudo")
    fake_docker.will(*SAID, ("sleep", 2))
    fake_docker.will(HANG, when="sudo kill")
    with within(DEADLINE + 1.7), pytest.raises(DeadlineExceeded):
        Docker(sudo=True).raw("logs", deadline=DEADLINE)
    pid = fake_docker.marked("ready")
    assert is_gone(pid, within=5)  # by itself
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
