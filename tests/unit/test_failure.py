"""Which error a failed call is: by the anchored shape of what docker said, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, Secret, call, errors
from dockcli.call import DOCKER, EXEC, QUOTING, RUN, START, Speaker
from dockcli.completed import Completed
from dockcli.failure import failure
from tests.unit.fake import FakeDocker
from tests.unit.replay import Replay

# What docker 28.2.2, docker 20.10.24 (both with engine 20.10.24) and podman 4.3.1 really said.
RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))


def of(
    stderr: str | bytes, code: int = 1, speaker: Speaker = DOCKER, stdout: bytes = b""
) -> errors.CallError:
    said = stderr if isinstance(stderr, bytes) else stderr.encode("utf-8", "surrogateescape")
    return failure(Completed(("docker",), code, stdout, said, 0), speaker)


def test_there_is_a_recording_of_everything_that_can_be_told_apart() -> None:
    assert len(RECORDED) >= 40
    assert {one["cli"] for one in RECORDED} == {"docker 28.2.2", "docker 20.10.24", "podman 4.3.1"}
    leaves = {one["error"] for one in RECORDED}
    assert leaves >= {
        *("EngineUnreachable", "PermissionDenied", "UnsupportedFlag", "NameConflict", "InUse"),
        *("NoSuchContainer", "NoSuchImage", "NoSuchVolume", "NoSuchNetwork", "NoSuchPath"),
        *("CommandNotFound", "CommandNotExecutable", "ContainerFailed", "ContainerKilled"),
    }


@pytest.mark.parametrize(
    "one", RECORDED, ids=lambda one: f"{one['cli']} {' '.join(one['argv'][:4])}"[:60]
)
def test_what_docker_really_said_is_recognised(one: dict[str, Any]) -> None:
    stdout, stderr = (one[name].encode("utf-8", "surrogateescape") for name in ("stdout", "stderr"))
    completed = Completed(("docker", *one["argv"]), one["returncode"], stdout, stderr, 0.1)
    error = failure(completed, getattr(call, one["speaker"]))
    assert type(error).__name__ == one["error"]
    assert error.reason
    assert not error.reason.startswith(("Error response", "docker: ", "See ", "Usage"))
    assert str(error)


# From docker's and podman's other versions, which were not at hand.
ELSEWHERE = [
    ("failed to connect to the docker API at unix:///run/x; check if the path is correct and if "
     "the daemon is running: dial unix /run/x: connect: no such file or directory",
     errors.EngineUnreachable),
    ("Got permission denied while trying to connect to the Docker daemon socket at unix:///x: "
     "Get http://%2Fx/v1.24/info: dial unix /x: connect: permission denied",
     errors.PermissionDenied),
    ("permission denied while trying to connect to the docker API at unix:///run/docker.sock",
     errors.PermissionDenied),
    ("error during connect: Get \"https://1.2.3.4:2376/v1.24/info\": dial tcp 1.2.3.4:2376: "
     "i/o timeout", errors.EngineUnreachable),
    ("error during connect: this error may indicate that the docker daemon is not running: "
     "Get \"http://x\": open //./pipe/docker_engine", errors.EngineUnreachable),
    ("Cannot connect to Podman. Please verify your connection to the Linux system using "
     "`podman system connection list`", errors.EngineUnreachable),
    ("Error response from daemon: No such container: web", errors.NoSuchContainer),
    ("Error: No such container: web", errors.NoSuchContainer),
    ("Error response from daemon: no such image: shop: No such image: shop:latest",
     errors.NoSuchImage),
    ("Error response from daemon: pull access denied for shop, repository does not exist or may "
     "require 'docker login': denied: requested access to the resource is denied",
     errors.NoSuchImage),
    ("Error response from daemon: manifest for alpine:nope not found: manifest unknown: manifest "
     "unknown", errors.NoSuchImage),
    ("Error: No such volume: data", errors.NoSuchVolume),
    ("Error response from daemon: get data: no such volume", errors.NoSuchVolume),
    ("Error: No such network: net", errors.NoSuchNetwork),
    ("Error response from daemon: network net not found", errors.NoSuchNetwork),
    ("Error: No such object: x", errors.NoSuchObject),
    ("Error response from daemon: remove data: volume is in use - [0123abc]", errors.InUse),
    ("Error response from daemon: cannot remove container \"/web\": container is running: stop "
     "the container before removing or force remove", errors.InUse),
    ("Error response from daemon: You cannot remove a running container 0123abc. Stop the "
     "container before attempting removal or force remove", errors.InUse),
    ("Error response from daemon: conflict: unable to remove repository reference \"shop\" (must "
     "force) - container 0123 is using its referenced image 4567", errors.InUse),
    ("\"--availability\" requires API version 1.42, but the Docker daemon API version is 1.41",
     errors.UnsupportedFlag),
    ("unknown flag: --nope\nSee 'docker volume ls --help'.", errors.UnsupportedFlag),
    ("Error response from daemon: invalid cluster node while attaching to network",
     errors.NoSuchNetwork),
    ("unknown shorthand flag: 'Z' in -Z\n\nUsage:  docker ps\n\nRun 'docker ps --help' for more "
     "information", errors.UnsupportedFlag),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind"), ELSEWHERE)
def test_what_other_versions_say_is_recognised(said: str, kind: type[errors.CallError]) -> None:
    assert type(of(f"{said}\n")) is kind
    assert type(of(f"WARN[0000] something else\n{said}.\n")) is kind
    assert type(of(said.replace("\n", "\r\n"))) is kind


# A program in the container, or in a build, may write the very words of docker; only its last line
# may be docker's own, in docker's own form and with a code of docker's own.
PROGRAMS = [
    ("No such container: web\nsomething else\n", 1, RUN),
    ("Error response from daemon: No such container: web\n", 1, RUN),
    ("docker: Error response from daemon: Conflict. The name is already in use.\nbye\n", 125, RUN),
    ("docker: Error response from daemon: x\n", 2, RUN),
    ("docker: Error response from daemon: x\n", 137, RUN),
    ("OCI runtime create failed: permission denied\nmore\n", 126, RUN),
    ("sh: nope: not found\n", 127, RUN),
    ("/bin/sh: 1: /etc/passwd: Permission denied\n", 126, RUN),
    ("", 125, RUN),
    ("", 126, RUN),
    ("", 127, RUN),
    ("timeout: invalid number\n", 125, RUN),
    ("Error: no such image: x\nTraceback (most recent call last):\nValueError\n", 1, EXEC),
    ("Error: something that the program says\n", 1, EXEC),
    ("Error: Cannot find module './x'\n", 1, EXEC),
    ("Error: connect ECONNREFUSED\n", 255, EXEC),
    ("Error response from daemon: Container x is not running\nand more\n", 1, EXEC),
    ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\nhm\n", 1,
     EXEC),
    ("OCI runtime exec failed: x\n", 3, EXEC),
    ("sh: nope: not found\n", 127, EXEC),
    ("Error: it failed\n", 1, START),
    ("No such container: x\nbye\n", 1, START),
    ("unknown flag: --x\n", 2, EXEC),
    ("the input device is not a TTY\nmore\n", 1, RUN),
]  # fmt: skip


@pytest.mark.parametrize(("said", "code", "speaker"), PROGRAMS)
def test_a_program_in_the_container_is_not_taken_for_docker(
    said: str, code: int, speaker: Speaker
) -> None:
    kind = errors.ContainerKilled if code == 137 else errors.ContainerFailed
    assert type(of(said, code, speaker)) is kind
    assert type(of(said, code, speaker, stdout=b"OCI runtime exec failed: x\nout\n")) is kind


@pytest.mark.parametrize("speaker", [RUN, EXEC, START])
@pytest.mark.parametrize("code", [1, 2, 125, 126, 127, 128, 129, 130, 137, 139, 143, 255])
def test_a_code_of_the_commands_own_is_its_failure(code: int, speaker: Speaker) -> None:
    error = of("what the program says\n", code, speaker)
    killed = code in (129, 130, 137, 139, 143)
    assert type(error) is (errors.ContainerKilled if killed else errors.ContainerFailed)
    assert error.returncode == code
    if isinstance(error, errors.ContainerKilled):
        assert error.signal == code - 128


@pytest.mark.parametrize(
    "said",
    [
        "No such image: x\nThe command '/bin/sh -c x' returned a non-zero code: 1\n",
        "Error response from daemon: No such container: x\nERROR: failed to solve: exit code: 1\n",
        "Cannot connect to the Docker daemon at x.\nerror from daemon in stream: unexpected EOF\n",
        "permission denied while trying to connect to the docker API at x\nbye\n",
    ],
)
def test_what_docker_quotes_is_not_taken_for_its_message(said: str) -> None:
    error = of(said, 1, QUOTING)
    assert type(error) is errors.DockerFailed
    assert error.reason in said.splitlines()[-1]


def test_builds_and_logs_quote(fake_docker: FakeDocker, client: Docker) -> None:
    said = b"Error response from daemon: No such image: x\nand then the build failed\n"
    fake_docker.will(("write", 2, said), ("exit", 1))
    for built in (client.call.build("."), client.call.logs("web")):
        with pytest.raises(errors.DockerFailed) as info:
            built.run()
        assert type(info.value) is errors.DockerFailed
        assert info.value.reason == "and then the build failed"


def test_a_name_in_the_message_may_hold_anything() -> None:
    for name in ("x", "a b", "a: No such image: b", "ä\udcff", "x" * 5000):
        assert type(of(f"Error: No such container: {name}\n")) is errors.NoSuchContainer


@pytest.mark.timeout(10)
def test_no_message_takes_long_to_judge() -> None:
    for unit in ("a: ", "Error: ", 'exec: "', "network ", "\n", 'name "a" ', "/"):
        of(unit * 20_000)
        of(unit * 20_000, 127, RUN)


@pytest.mark.parametrize(("code", "said"), [(1, "exit code 1"), (-9, "ended by signal 9")])
def test_a_failure_without_a_word_is_told_by_its_code(code: int, said: str) -> None:
    error = of("", code)
    assert type(error) is errors.DockerFailed
    assert said in str(error)


def test_an_old_client_that_says_so_on_stdout_is_not_overheard(
    fake_docker: FakeDocker, client: Docker
) -> None:
    answer = {"ServerErrors": ["Cannot connect to the Docker daemon at unix:///x. Is it running?"]}
    fake_docker.will(("write", 1, json.dumps(answer).encode()))
    with pytest.raises(errors.EngineUnreachable):
        client.info()
    answer = {"ServerErrors": ["permission denied while trying to connect to the docker API at x"]}
    fake_docker.will(("write", 1, json.dumps(answer).encode()))
    with pytest.raises(errors.PermissionDenied):
        client.info()


def test_what_was_found_before_a_failure_is_in_the_error(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(
        ("write", 1, b'[{"Id": "0123", "Name": "/web"}]\n'),
        ("write", 2, b"Error response from daemon: No such container: none\n"),
        ("exit", 1),
    )
    with pytest.raises(errors.NoSuchContainer) as info:
        client.container.inspect("web", "none")
    (web,) = info.value.found
    assert web.name == "web"  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [126, 127])
def test_a_program_that_says_error_as_podman_does_is_the_program(code: int) -> None:
    said = Completed(("docker", "container", "exec", "web", "x"), code, b"", b"Error: no\n", 0.1)
    assert type(failure(said, EXEC)) is errors.ContainerFailed


# What 28.2.2 and 20.10.24 say of a command line that is wrong: all of it, the help as well.
MISUSED = [
    (
        "docker: 'docker volume create' requires at most 1 argument\n\n"
        "Usage:  docker volume create [OPTIONS] [VOLUME]\n\n"
        "SRun 'docker volume create --help' for more information\n",
        "'docker volume create' requires at most 1 argument",
    ),
    (
        "\"docker volume create\" requires at most 1 argument.\nSee 'docker volume create --help'."
        "\n\nUsage:  docker volume create [OPTIONS] [VOLUME]\n\nCreate a volume\n",
        '"docker volume create" requires at most 1 argument',
    ),
    (
        "docker: 'docker run' requires at least 1 argument\n\n"
        "Usage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n"
        "See 'docker run --help' for more information\n",
        "'docker run' requires at least 1 argument",
    ),
    (
        "\"docker run\" requires at least 1 argument.\nSee 'docker run --help'.\n\n"
        "Usage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n"
        "Run a command in a new container\n",
        '"docker run" requires at least 1 argument',
    ),
    (
        "docker: 'docker cp' requires 2 arguments\n\n"
        "Usage:  docker cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n"
        "\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH\n\n"
        "Run 'docker cp --help' for more information\n",
        "'docker cp' requires 2 arguments",
    ),
    (
        "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n"
        "            https://docs.docker.com/go/buildx/\n\n"
        "docker: 'docker build' requires 1 argument\n\n"
        "Usage:  docker build [OPTIONS] PATH | URL | -\n\n"
        "Run 'docker build --help' for more information\n",
        "'docker build' requires 1 argument",
    ),
    (
        "docker: unknown command: docker container nosuch\n\nUsage:  docker container\n\n"
        "Run 'docker container --help' for more information\n",
        "unknown command: docker container nosuch",
    ),
    (
        "\nUsage:  docker container COMMAND\n\nManage containers\n\nCommands:\n"
        "  attach      Attach local standard input, output, and error streams\n\n"
        "Run 'docker container COMMAND --help' for more information on a command.\n",
        "docker takes: docker container COMMAND",
    ),
    (
        "flag needs an argument: --format\n\nUsage:  docker volume ls [OPTIONS]\n\n"
        "Run 'docker volume ls --help' for more information\n",
        "flag needs an argument: --format",
    ),
]


@pytest.mark.parametrize(("said", "reason"), MISUSED)
def test_the_reason_is_what_is_wrong_with_the_command_line_and_not_the_help(
    said: str, reason: str
) -> None:
    assert of(said).reason == reason


def test_a_usage_that_is_not_dockers_answer_hides_nothing() -> None:
    said = "Step 1/2\nUsage:  docker COMMAND\nthe build failed\n"
    assert of(said, speaker=QUOTING).reason == "the build failed"
    assert of(said).reason == "the build failed"


ENV_FILES = [
    ("open /none: no such file or directory\n", ("--env-file=/none",), errors.DockerFailed),
    ("read /tmp: is a directory\n", ("--env-file=/tmp",), errors.DockerFailed),
    ("invalid env file (/tmp): read /tmp: is a directory\n", ("--tty", "--env-file=/tmp"),
     errors.DockerFailed),
    ("open /none: no such file or directory\n", (), errors.ContainerFailed),
    ("open /none: no such file or directory\n", ("--env-file=/x",), errors.ContainerFailed),
    ("hm\nopen /x: no such file or directory\n", ("--env-file=/x",), errors.ContainerFailed),
]  # fmt: skip


@pytest.mark.parametrize(("said", "flags", "kind"), ENV_FILES)
def test_an_env_file_that_cannot_be_read_is_dockers_failure(
    said: str, flags: tuple[str, ...], kind: type[errors.CallError]
) -> None:
    argv = ("docker", "container", "exec", *flags, "web", "exec", "--env-file=/none")
    assert type(failure(Completed(argv, 1, b"", said.encode(), 0), EXEC)) is kind


def test_a_secret_hides_the_words_of_an_error_but_not_which_it_is() -> None:
    runner = Replay(stderr="docker: Error response from daemon: No such image: none:x.\n", code=125)
    with pytest.raises(errors.NoSuchImage) as raised:
        Docker(runner=runner).run("none:x", pull="never", env={"A": Secret("such")})
    assert raised.value.reason == "No *** image: none:x"
    assert b"such" not in raised.value.stderr


def test_no_line_of_a_secret_is_the_reason() -> None:
    runner = Replay(stderr="docker: no such thing: one\ntwo\n", code=125)
    with pytest.raises(errors.DockerFailed) as raised:
        Docker(runner=runner).create("alpine", env={"A": Secret("one\ntwo")})
    assert raised.value.reason == "no such thing: ***"


AMBIGUOUS = "Error response from daemon: Multiple IDs found with provided prefix: 0\n"
MISSING = "Error: No such container: none\n"


def test_what_may_be_missing_hides_no_other_failure() -> None:
    runner = Replay(stdout="[]\n", stderr=AMBIGUOUS + MISSING, code=1)
    inspect = Docker(runner=runner).container.inspect
    with pytest.raises(errors.DockerFailed, match="Multiple IDs") as raised:
        inspect("0", "none", missing_ok=True)
    assert type(raised.value) is errors.DockerFailed
    assert raised.value.stderr == (AMBIGUOUS + MISSING).encode()
    with pytest.raises(errors.NoSuchContainer):
        inspect("0", "none")


def test_what_may_be_missing_is_left_out_whatever_docker_warns_of() -> None:
    warned = f"WARNING: Error loading config file: x\nWARN[0000] y\n{MISSING}{MISSING}"
    runner = Replay(stdout="[]\n", stderr=warned, code=1)
    assert Docker(runner=runner).container.inspect("a", "none", missing_ok=True) == []
