"""``run`` and ``exec`` on a real engine, by every CLI: bytes, exit codes, deadlines, secrets."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dockcli import Completed, Container, Docker, Secret, errors

# One docker and podman, where the docker command is only one of several that do the same.
ON_BOTH = pytest.mark.parametrize("cli", ["docker", "podman"], indirect=True)

EVERY_BYTE = bytes(range(256)) * 300
SLEEP = ("sh", "-c", "trap 'exit 0' TERM; sleep 900 & wait")  # ends at once when it is asked to


@pytest.fixture(scope="module")
def box(cli: Docker, cli_base: str) -> Iterator[Container]:
    """A container that runs."""
    one = cli.run(cli_base, *SLEEP, detach=True)
    yield one
    one.rm(force=True)


def removed(cli: Docker, *names: str) -> None:
    cli.container.rm(*names, force=True)


# --- attached and detached, bytes


def test_attached_gives_what_the_command_wrote(cli: Docker, cli_base: str) -> None:
    done = cli.run(cli_base, "sh", "-c", "echo out; echo err >&2", rm=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\n", b"err\n")
    assert done.text == "out\n"
    assert done.seconds > 0


def test_detached_gives_the_container(
    cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    one = cli.run(cli_base, *SLEEP, name=unique("d"), detach=True)
    assert isinstance(one, Container)
    assert re.fullmatch("[0-9a-f]{64}", one.id)
    assert one.inspect().running
    assert one.inspect().name == unique("d")
    assert one.stop() == [one.id]
    assert one.rm() == [one.id]


def test_every_byte_goes_through_a_container(cli: Docker, cli_base: str) -> None:
    assert cli.run(cli_base, "cat", rm=True, stdin=EVERY_BYTE).stdout == EVERY_BYTE


def test_every_byte_goes_through_exec_on_both_streams(cli: Docker, box: Container) -> None:
    done = box.exec("sh", "-c", "tee /dev/stderr", stdin=EVERY_BYTE)
    assert done.stdout == EVERY_BYTE
    assert done.stderr == EVERY_BYTE


def test_stdin_may_be_a_text_or_a_file(cli: Docker, box: Container, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a file\n")
    assert box.exec("cat", stdin="é\n").text == "é\n"
    with (tmp_path / "file").open("rb") as file:
        assert box.exec("cat", stdin=file).stdout == b"a file\n"


def test_without_stdin_the_command_has_none(cli: Docker, cli_base: str) -> None:
    assert cli.run(cli_base, "cat", rm=True, deadline=30).stdout == b""


WORDS = ["", " ", "a b", "'", '"', "$HOME", "*", "\n", "é", "--rm", "-", "--", "\\", "`id`"]


def test_words_reach_the_command_as_they_are(cli: Docker, box: Container) -> None:
    done = box.exec("sh", "-c", 'for w; do printf "%s\\0" "$w"; done', "sh", *WORDS)
    assert done.text.split("\0")[:-1] == WORDS


def test_json_output_is_read(cli: Docker, box: Container) -> None:
    assert box.exec("echo", '{"a": [1]}').json() == {"a": [1]}


# --- exit codes: the command's own, and docker's

OWN = [1, 126, 137, 143, 255]


@pytest.mark.parametrize("code", OWN)
def test_the_command_s_own_code_in_exec(code: int, cli: Docker, box: Container) -> None:
    with pytest.raises(errors.ContainerFailed) as caught:
        box.exec("sh", "-c", f"echo told; exit {code}")
    assert caught.value.returncode == code
    assert caught.value.stdout == b"told\n"
    killed = isinstance(caught.value, errors.ContainerKilled)
    assert killed is (code in (137, 143))


@pytest.mark.parametrize("code", [1, 125, 127, 137])
def test_the_command_s_own_code_in_run(code: int, cli: Docker, cli_base: str) -> None:
    with pytest.raises(errors.ContainerFailed) as caught:
        cli.run(cli_base, "sh", "-c", f"exit {code}", rm=True)
    assert caught.value.returncode == code


@pytest.mark.parametrize("code", [125, 127])
def test_a_command_that_speaks_like_docker_is_still_the_command(
    code: int, cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    said = "docker: Error response from daemon: No such image: x"
    with pytest.raises(errors.ContainerFailed) as caught:
        cli.run(cli_base, "sh", "-c", f'echo "{said}" >&2; exit {code}', name=unique("liar"))
    assert caught.value.returncode == code
    removed(cli, unique("liar"))


NOT_STARTED = [
    ("no-such-command", 127, errors.CommandNotFound),
    ("/no/such/command", 127, errors.CommandNotFound),
    ("/etc/passwd", 126, errors.CommandNotExecutable),
]


@pytest.mark.parametrize(("command", "code", "error"), NOT_STARTED)
def test_a_command_that_cannot_be_started_by_run(
    command: str, code: int, error: type[errors.DockerFailed], cli: Docker, cli_base: str
) -> None:
    with pytest.raises(error) as caught:
        cli.run(cli_base, command, rm=True)
    assert caught.value.returncode == code


@pytest.mark.parametrize(("command", "code", "error"), NOT_STARTED)
def test_a_command_that_cannot_be_started_by_exec(
    command: str, code: int, error: type[errors.DockerFailed], cli: Docker, box: Container
) -> None:
    with pytest.raises(error) as caught:
        box.exec(command)
    assert caught.value.returncode in (code, 126)  # docker 20.10 has one code for both


def test_docker_s_own_refusal_is_125(cli: Docker, cli_base: str, box: Container) -> None:
    name = box.inspect().name
    with pytest.raises(errors.NameConflict) as caught:
        cli.run(cli_base, "true", name=name)
    assert caught.value.returncode == 125
    assert not isinstance(caught.value, errors.ContainerFailed)
    assert box.inspect().running


def test_unchecked_gives_the_result_whoever_failed(
    cli: Docker, cli_base: str, box: Container
) -> None:
    assert cli.run(cli_base, "sh", "-c", "exit 3", rm=True, check=False).returncode == 3
    assert cli.run(cli_base, "true", name=box.inspect().name, check=False).returncode == 125
    assert isinstance(box.exec("sh", "-c", "exit 1", check=False), Completed)


# --- deadlines


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What happens in here takes no longer than that."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@ON_BOTH
@pytest.mark.parametrize("rm", [False, True], ids=["kept", "rm"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_a_run_that_reaches_its_deadline_is_stopped(
    named: bool, rm: bool, cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    label = unique("label")
    name = {"name": unique("late")} if named else {}
    with within(8), pytest.raises(errors.DeadlineExceeded) as caught:
        cli.run(
            cli_base,
            "sh",
            "-c",
            "echo begun; sleep 60",
            label=[label],
            volume=["/anonymous"],
            deadline=timedelta(seconds=3),
            rm=rm,
            **name,
        )
    assert caught.value.stdout == b"begun\n"
    assert ("was removed" if rm else "was stopped") in str(caught.value)
    left = cli.container.ls(all=True, filter={"label": label})
    assert [one.running for one in left] == ([] if rm else [False])
    for one in left:
        cli.container.rm(one, volumes=True)


@ON_BOTH
def test_the_user_s_own_cidfile_is_used(cli: Docker, cli_base: str, tmp_path: Path) -> None:
    file = tmp_path / "cid"
    with within(10), pytest.raises(errors.DeadlineExceeded):
        cli.run(cli_base, "sleep", "60", cidfile=file, deadline=3)
    one = cli.container.inspect(file.read_text().strip())
    assert not one.running
    cli.container.rm(one)


@ON_BOTH
def test_a_cidfile_that_is_there_already_names_somebody_else_s(
    cli: Docker, cli_base: str, box: Container, tmp_path: Path
) -> None:
    file = tmp_path / "cid"
    file.write_text(box.id)
    with pytest.raises(errors.DockerFailed):
        cli.run(cli_base, "true", cidfile=file)
    assert box.inspect().running


@pytest.mark.parametrize("rm", [False, True], ids=["kept", "rm"])
def test_a_detached_run_that_reaches_its_deadline_is_stopped(
    rm: bool, docker: Docker, base: str, front: Any, unique: Callable[[str], str]
) -> None:
    """docker has started the container, and does not come back."""
    slow = Docker(front(f'case "$*" in "container run "*) {real("$@")}; sleep 60;; esac').path)
    with within(10), pytest.raises(errors.DeadlineExceeded):
        slow.run(base, "sleep", "60", name=unique("slow"), detach=True, rm=rm, deadline=3)
    left = docker.container.ls(all=True, filter={"name": f"^{unique('slow')}$"})
    assert [one.running for one in left] == ([] if rm else [False])
    for one in left:
        docker.container.rm(one)


def real(words: str) -> str:
    """The real docker with *words*, in a script that stands in front of it."""
    import shutil

    return f'"{shutil.which("docker")}" "{words}"'


@pytest.mark.parametrize("rm", [False, True], ids=["kept", "rm"])
def test_a_stranger_of_that_name_is_untouched_at_the_deadline(
    rm: bool, docker: Docker, base: str, front: Any, unique: Callable[[str], str]
) -> None:
    stranger = docker.run(base, *SLEEP, name=unique("mine"), detach=True)
    slow = Docker(front('case "$*" in "container run "*) exec sleep 60;; esac').path)
    with within(5), pytest.raises(errors.DeadlineExceeded) as caught:
        slow.run(base, "true", name=unique("mine"), rm=rm, deadline=1)
    assert "had not made its container yet" in str(caught.value)
    assert stranger.inspect().running
    stranger.rm(force=True)


@ON_BOTH
def test_an_exec_that_reaches_its_deadline_comes_back(cli: Docker, box: Container) -> None:
    with within(5), pytest.raises(errors.DeadlineExceeded):
        box.exec("sleep", "30", deadline=1)
    assert box.inspect().running


@ON_BOTH
def test_a_run_in_time_is_not_stopped(cli: Docker, cli_base: str) -> None:
    assert cli.run(cli_base, "echo", "in time", rm=True, deadline=60).text == "in time\n"


@ON_BOTH
@pytest.mark.parametrize("rm", [False, True], ids=["kept", "rm"])
def test_an_interrupted_run_is_stopped(
    rm: bool, cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    name = unique("interrupted")

    def interrupt() -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if cli.raw("container", "logs", name, check=False).stdout == b"begun\n":
                break
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        cli.run(cli_base, "sh", "-c", "echo begun; sleep 60", name=name, rm=rm)
    thread.join()
    left = cli.container.ls(all=True, filter={"name": f"^{name}$"})
    assert [one.running for one in left] == ([] if rm else [False])
    for one in left:
        cli.container.rm(one)


# --- secrets


@contextmanager
def nobody_sees(text: str) -> Iterator[None]:
    """No process of this machine has *text* in its command line in the meantime."""
    seen: list[str] = []
    stop = threading.Event()
    needle = text.encode()

    def look() -> None:
        while not stop.is_set():
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    if needle in (folder / "cmdline").read_bytes():
                        seen.append((folder / "cmdline").read_text())
                except OSError:
                    continue
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert seen == []


@ON_BOTH
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_a_secret_reaches_the_container_and_no_command_line(cli: Docker, cli_base: str) -> None:
    secret = f"s3cret-{os.urandom(4).hex()}"
    with nobody_sees(secret):
        done = cli.run(
            cli_base, "sh", "-c", 'sleep 0.3; echo "$TOKEN"', env={"TOKEN": Secret(secret)}, rm=True
        )
    assert done.text == f"{secret}\n"
    assert secret not in repr(done)


@ON_BOTH
def test_an_error_repeats_no_secret(cli: Docker, cli_base: str) -> None:
    with pytest.raises(errors.ContainerFailed) as caught:
        cli.run(
            cli_base,
            "sh",
            "-c",
            'echo "$T" "$T" >&2; exit 3',
            env={"T": Secret("hush-hush")},
            rm=True,
        )
    assert "hush-hush" not in f"{caught.value} {caught.value!r} {caught.value.stderr!r}"
    assert caught.value.stderr == b"*** ***\n"


@ON_BOTH
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_a_secret_reaches_a_build_and_no_command_line(
    cli: Docker, cli_base: str, unique: Callable[[str], str]
) -> None:
    secret = f"s3cret-{os.urandom(4).hex()}"
    file = f"FROM {cli_base}\nARG TOKEN\nRUN echo $TOKEN >/told\n"
    with nobody_sees(secret):
        image = cli.image.build(
            "-", tag=unique("i"), build_arg={"TOKEN": Secret(secret)}, stdin=file
        )
    assert cli.run(image, "cat", "/told", rm=True).text == f"{secret}\n"
    image.rm()
