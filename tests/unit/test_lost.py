"""The engine, or the connection to it, is lost in the middle of a call.

The messages are those of docker 28.2 and 20.10 on an engine that was killed, and on an SSH
connection that was cut (`tests/faults` makes them anew).
"""

from __future__ import annotations

import pytest

from dockcli import Docker
from dockcli.errors import (
    ContainerFailed,
    DockcliError,
    DockerFailed,
    EngineLost,
    EngineUnreachable,
)
from tests.unit.fake import FakeDocker, Step

GONE = (
    (
        "write",
        2,
        b"Cannot connect to the Docker daemon at unix:///s. Is the docker daemon running?\n",
    ),
    ("exit", 1),
)
THERE = (("write", 1, b"20.10.24\n"),)
SSH = (
    b"command [ssh -l me -p 22 -- there docker system dial-stdio] has exited with exit status 255, "
    b"please make sure the URL is valid, and Docker 18.09 or later is installed on the remote host:"
    b" stderr=Connection to there closed by remote host.\r\n\n"
)
WAITING = b'time="2026-01-31T02:00:00Z" level=error msg="error waiting for container: '
POST = b'docker: error during connect: Post "http://docker/v1.41/containers/1/start": '

SAID = {
    "run": ("container run", 125, WAITING + b'unexpected EOF"\n'),
    "run-tty": ("container run", 125, b"ERRO[0002] error waiting for container: unexpected EOF\n"),
    "run-start": ("container run", 125, POST + b"EOF.\n"),
    "run-ssh": ("container run", 1, SSH),
    "run-ssh-old": (
        "container run",
        125,
        WAITING + b'command [ssh x\\r\\n"\n' + POST + SSH + b".\n",
    ),
    "exec-ssh": ("container exec", 1, b"from the program\n" + SSH),
    "logs-ssh": ("container logs", 1, SSH),
    "build-ssh": ("image build", 1, b"#1 DONE\nfailed to dial gRPC: " + SSH),
    "cp": (
        "container cp",
        1,
        b'error during connect: Put "http://d/archive": write unix @->/s: use of closed network '
        b"connection\n",
    ),
}


def calls(docker: Docker, command: str) -> object:
    verbs = {
        "container run": lambda: docker.run("alpine", "true"),
        "container exec": lambda: docker.exec("web", "true"),
        "container logs": lambda: docker.logs("web"),
        "container wait": lambda: docker.wait("web"),
        "container attach": lambda: docker.attach("web"),
        "container cp": lambda: docker.cp("a", "web:/"),
        "image build": lambda: docker.build("."),
        "system events": lambda: list(docker.system.events()),
    }
    return verbs[command]()


def failing(code: int, said: bytes) -> tuple[Step, ...]:
    return (("cidfile", "1" * 64), ("write", 2, said), ("exit", code))


@pytest.mark.parametrize("case", SAID)
def test_docker_says_so_itself(fake_docker: FakeDocker, case: str) -> None:
    command, code, said = SAID[case]
    fake_docker.will(*GONE)
    fake_docker.will(*failing(code, said), when=command)
    with pytest.raises(EngineLost) as raised:
        calls(Docker(), command)
    assert raised.value.returncode == code


CUT = {
    "attach": ("container attach", b"from the program\nunexpected EOF\n"),
    "logs": ("container logs", b"unexpected EOF\n"),
    "wait": ("container wait", b"unexpected EOF\n"),
    "events": ("system events", b"unexpected EOF\n"),
    "build": ("image build", b"unexpected EOF\n"),
    "buildkit": (
        "image build",
        b"#1 DONE\ncannot write id because server did not provide an image ID\n",
    ),
}


@pytest.mark.parametrize("case", CUT)
def test_the_engine_is_asked_where_docker_does_not_say_so(
    fake_docker: FakeDocker, case: str
) -> None:
    command, said = CUT[case]
    fake_docker.will(*failing(1, said), when=command)
    fake_docker.will(*GONE, when="version")
    with pytest.raises(EngineLost, match="lost in the middle"):
        calls(Docker(), command)
    fake_docker.will(*THERE, when="version")
    with pytest.raises((DockerFailed, ContainerFailed)) as raised:
        calls(Docker(), command)
    assert type(raised.value) is (ContainerFailed if case == "attach" else DockerFailed)


def test_a_cp_that_blames_the_folder_for_the_engine(fake_docker: FakeDocker) -> None:
    fake_docker.will(*failing(1, b"no such directory\n"), when="container cp")
    fake_docker.will(*GONE, when="version")
    with pytest.raises(EngineUnreachable, match="Cannot connect") as raised:
        Docker().cp("a", "web:/")
    assert type(raised.value) is EngineUnreachable
    fake_docker.will(*THERE, when="version")
    with pytest.raises(DockerFailed, match="no such directory") as blamed:
        Docker().cp("a", "web:/none/")
    assert type(blamed.value) is DockerFailed


def test_an_exec_that_ends_with_255(fake_docker: FakeDocker) -> None:
    fake_docker.will(("exit", 255), when="container exec")
    fake_docker.will(*THERE, when="version")
    with pytest.raises(ContainerFailed):
        Docker().exec("web", "true")
    fake_docker.will(*GONE, when="version")
    with pytest.raises(EngineLost):
        Docker().exec("web", "true")


def test_stats_that_end_as_if_all_were_well(fake_docker: FakeDocker) -> None:
    fake_docker.will(*GONE, when="version")
    with pytest.raises(EngineLost):
        list(Docker().container.stats(stream=True))
    assert Docker().container.stats() == []  # those that look once do end


UNMEASURED = (
    b'{"BlockIO":"--","CPUPerc":"--","Container":"1","ID":"1","MemPerc":"--",'
    b'"MemUsage":"-- / --","Name":"web","NetIO":"--","PIDs":"--"}\n'
)
MEASURED = UNMEASURED.replace(b"-- / --", b"1MiB / 2MiB").replace(b'"--"', b'"1"')


def test_stats_of_one_container_that_go_on_without_an_engine(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, UNMEASURED * 7), ("sleep", 60), when="container stats")
    fake_docker.will(*GONE, when="version")
    with pytest.raises(EngineLost, match="lost in the middle") as raised:
        list(Docker().container.stats("web", stream=True, deadline=30))
    assert raised.value.argv[-1] == "web"


def test_stats_of_a_container_that_is_not_measured(fake_docker: FakeDocker) -> None:
    """As one that was removed: the engine is asked ever more seldom, and not for a moment's gap."""
    said = (MEASURED + UNMEASURED * 5) * 20 + UNMEASURED * 100
    fake_docker.will(("write", 1, said), when="container stats")
    fake_docker.will(*THERE, when="version")
    assert len(list(Docker().container.stats("web", stream=True))) == 220
    assert fake_docker.commands.count("version") == 5 + 1  # the last of them at the end


def test_an_engine_that_was_not_there_is_not_lost(fake_docker: FakeDocker) -> None:
    fake_docker.will(GONE[0], ("exit", 125))
    with pytest.raises(EngineUnreachable) as raised:
        Docker().run("alpine", "true")
    assert type(raised.value) is EngineUnreachable
    assert fake_docker.commands == ["container run"]


def test_the_container_of_a_lost_run_is_looked_after(fake_docker: FakeDocker) -> None:
    """Of one behind a connection that was cut, and that is reached by another."""
    fake_docker.will(*failing(125, SAID["run"][2]), when="container run")
    with pytest.raises(EngineLost, match="; its container 111111111111 was stopped"):
        Docker().run("alpine", "sleep", "60")
    fake_docker.will(*GONE, when="container stop")
    with pytest.raises(EngineLost, match="still runs is not known"):
        Docker().run("alpine", "sleep", "60")


@pytest.mark.parametrize("words", [SSH, b"error waiting for container: unexpected EOF\n"])
def test_a_program_that_ended_by_itself_may_say_the_same(
    fake_docker: FakeDocker, words: bytes
) -> None:
    fake_docker.will(*failing(3, words), when="container run")
    with pytest.raises(ContainerFailed):
        Docker().run("alpine", "docker")


def test_what_docker_says_of_a_file_that_is_cut(fake_docker: FakeDocker) -> None:
    said = b"Error response from daemon: unexpected EOF\n"
    fake_docker.will(*failing(1, said), when="image load")
    fake_docker.will(*THERE, when="version")
    with pytest.raises(DockcliError) as raised:
        Docker().load(stdin=b"cut")
    assert type(raised.value) is DockerFailed
