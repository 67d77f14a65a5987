"""Which error a failed call is: by the anchored shape of what docker said, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, call, errors
from dockcli.call import DOCKER, EXEC, QUOTING, RUN, START, Speaker
from dockcli.completed import Completed
from dockcli.failure import failure
from tests.unit.fake import FakeDocker

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
