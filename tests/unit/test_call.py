"""A call is a value: built without running, shown as a line, run when asked."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dockcli import Call, Completed, Container, Docker, Image, Secret, Volume
from dockcli.commands.group import Verb
from dockcli.commands.shorthands import Shorthand, Shorthands
from dockcli.errors import ContainerFailed, DockerFailed, UnreadableOutput
from dockcli.runner import Job
from tests.unit.fake import FakeDocker
from tests.unit.verbs import BUILDER, POSITIONALS, build, found, groups

SHORTHANDS = [
    name
    for name, member in vars(Shorthands).items()
    if isinstance(member, Shorthand) and name != "raw"
]


@pytest.mark.parametrize("command", POSITIONALS)
def test_building_runs_nothing(fake_docker: FakeDocker, command: str) -> None:
    call = build(command, client=Docker())
    assert isinstance(call, Call)
    assert call.argv[0] == "docker"
    assert isinstance(call.argv, tuple)
    assert call.argv[1 : 1 + len(command.split())] == tuple(command.split())
    assert repr(call) == f"Call({str(call)!r})"
    assert hash(call) == hash(build(command))
    assert not fake_docker.calls


def test_a_shorthand_is_the_very_function_of_its_group() -> None:
    docker = Docker()
    assert docker.run is docker.container.run
    assert docker.call.run is docker.call.container.run
    assert docker.ps is docker.container.ls
    assert docker.rmi is docker.image.rm
    for name in SHORTHANDS:
        for tree in (docker, docker.call):
            verbs = [
                getattr(group, verb)
                for group in groups(tree)
                for verb, member in vars(type(group)).items()
                if isinstance(member, Verb)
            ]
            assert any(getattr(tree, name) is verb for verb in verbs)


def test_both_faces_have_the_same_verbs() -> None:
    docker = Docker()
    kinds = [[type(group) for group in groups(face)] for face in (docker, docker.call)]
    assert kinds[0] == kinds[1]
    assert all(group.tree is docker for group in groups(docker))
    assert all(group.tree is docker.call for group in groups(docker.call))


@pytest.mark.parametrize("name", SHORTHANDS)
def test_dockers_own_shorthand_is_the_same_command(name: str) -> None:
    from dockcli import spec

    verb = getattr(BUILDER.call, name)
    (command,) = [command for command, one in found().items() if one is verb]
    assert spec.canonical(name.rstrip("_")) == command


def test_a_call_is_a_value() -> None:
    def made(**options: Any) -> Call[Any]:
        return Docker().call.run("alpine", "id", **options)

    assert made() == made()
    assert hash(made()) == hash(made())
    assert made(rm=True) != made()
    assert made(deadline=1) != made()
    assert made(deadline=60) == made(deadline=timedelta(minutes=1))
    assert made(env={"A": Secret("1")}) != made(env={"A": Secret("2")})
    with pytest.raises(AttributeError):
        made().argv = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del made().argv
    assert made().replace(deadline=5.0).deadline == 5


def test_the_line_is_one_that_a_shell_reads_back() -> None:
    call = BUILDER.call.run("alpine", "sh", "-c", "echo 'a' \"$B\"", name="a b", env={"X": "ä\n"})
    assert tuple(shlex.split(str(call))) == call.argv
    assert str(Docker(sudo=True).call.ps()).startswith("sudo docker container ls ")
    assert str(Docker(host="ssh://me@x").call.rm("a")) == "docker --host=ssh://me@x container rm a"


def test_running_a_call_twice_is_two_runs(fake_docker: FakeDocker) -> None:
    call = Docker().call.rm("web")
    fake_docker.will(("write", 1, b"web\n"))
    assert call.run() == call.run() == ["web"]
    assert [seen.words for seen in fake_docker.calls] == [["container", "rm", "web"]] * 2


@pytest.mark.parametrize(
    ("command", "said", "answer"),
    [
        ("container create", b"warning\n0123\n", lambda docker: Container("0123", docker)),
        ("container commit", b"sha256:01\n", lambda docker: Image("sha256:01", docker)),
        ("container stop", b"web\n\n", lambda docker: ["web"]),
        ("container wait", b"137\n", lambda docker: 137),
        ("container cp", b"", lambda docker: None),
        ("container diff", b"", lambda docker: []),
        ("image import", b"sha256:01\n", lambda docker: Image("sha256:01", docker)),
        ("image tag", b"", lambda docker: None),
        ("volume create", b"data\n", lambda docker: Volume("data", docker)),
        ("volume rm", b"data\n", lambda docker: ["data"]),
    ],
)
def test_the_answer_of_a_verb(
    fake_docker: FakeDocker, client: Docker, command: str, said: bytes, answer: Any
) -> None:
    fake_docker.will(("write", 1, said))
    assert build(command, client=client).run() == answer(client)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("container create", b""),
        ("container wait", b"soon\n"),
        ("container wait", b"1\n2\n"),
        ("container inspect", b"[]"),
        ("container inspect", b"{}"),
        ("container inspect", b"["),
        ("container diff", b"X /a\n"),
        ("image inspect", b"\xff"),
        ("volume create", b"\n"),
        ("version", b"[]"),
        ("system info", b"no"),
    ],
)
def test_an_answer_that_is_none_is_said_to_be_unreadable(
    fake_docker: FakeDocker, command: str, said: bytes
) -> None:
    fake_docker.will(("write", 1, said))
    with pytest.raises(UnreadableOutput) as info:
        build(command, client=Docker()).run()
    assert info.value.stdout == said


def test_attached_gives_the_result_and_detached_the_container(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"0123\n"), ("write", 2, b"err"))
    docker = Docker()
    attached = docker.run("alpine", "id")
    assert (attached.returncode, attached.stdout, attached.stderr) == (0, b"0123\n", b"err")
    assert docker.run("alpine", detach=True) == Container("0123", docker)


def test_check_false_gives_the_result_whatever_the_code(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 2, b"no\n"), ("exit", 7))
    docker = Docker()
    done = docker.run("alpine", check=False)
    assert isinstance(done, Completed)
    assert (done.returncode, done.stderr) == (7, b"no\n")
    with pytest.raises(ContainerFailed):
        docker.run("alpine")
    with pytest.raises(DockerFailed):
        docker.raw("run", "alpine")
    assert docker.raw("run", "alpine", check=False).returncode == 7


def test_raw_passes_everything_through(fake_docker: FakeDocker) -> None:
    Docker(host="unix:///x").raw("container", "run", "--new", "--", "-x", "", stdin="in")
    assert fake_docker.call.words == [
        *("--host=unix:///x", "container", "run", "--new", "--", "-x", ""),
    ]


def test_a_list_is_asked_for_by_two_processes(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"01\n02\n01\n"), when="container ls")
    fake_docker.will(("write", 1, b'[{"Id": "01"}, {"Id": "02"}]'), when="container inspect")
    assert [one.id for one in Docker().ps(all=True)] == ["01", "02"]
    assert fake_docker.commands == ["container ls", "container inspect"]
    fake_docker.will(when="container ls")
    assert Docker().ps() == []


def test_what_goes_while_it_is_listed_is_left_out(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"01\n02\n"), when="volume ls")
    fake_docker.will(
        ("write", 1, b'[{"Name": "01"}]'),
        ("write", 2, b"Error response from daemon: get 02: no such volume\n"),
        ("exit", 1),
        when="volume inspect",
    )
    assert [one.name for one in Docker().volume.ls()] == ["01"]


def test_the_same_client_but_for(fake_docker: FakeDocker, tmp_path: Path) -> None:
    docker = Docker(env={"A": "1"}, labels={"l": "v"})
    docker.raw("ps")
    other = docker.but(cwd=tmp_path, env={"A": "2"})
    other.raw("ps")
    assert [seen.env["A"] for seen in fake_docker.calls] == [b"1", b"2"]
    assert fake_docker.calls[1].cwd == str(tmp_path).encode()
    assert "--label=l=v" in other.call.run("alpine").argv
    assert docker.but(host="unix:///y").call.rm("a").argv[1] == "--host=unix:///y"
    assert "sudo=True" in repr(docker.but(sudo=True))


def test_a_runner_of_ones_own_runs_the_calls(fake_docker: FakeDocker) -> None:
    jobs: list[Job] = []

    class Recorder:
        def run(self, job: Job) -> Completed:
            jobs.append(job)
            return Completed(job.argv, 0, b"web\n", b"", 0)

    docker = Docker(runner=Recorder())
    assert docker.rm("web", stdin=b"x", deadline=5) == ["web"]
    assert docker.but(labels={"a": "b"}).rm("web") == ["web"]
    assert [job.argv for job in jobs] == [("docker", "container", "rm", "web")] * 2
    assert (jobs[0].stdin, jobs[0].deadline) == (b"x", 5)
    assert not fake_docker.calls
