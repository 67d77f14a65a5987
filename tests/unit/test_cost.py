"""What dockcli costs, in what does not depend on how busy a machine is: processes, instructions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import dockcli
from dockcli import Docker
from tests.unit.fake import FakeDocker

COUNTED = pytest.mark.skipif(shutil.which("valgrind") is None, reason="needs valgrind")
RAW = """
import json, subprocess
done = subprocess.run(["docker", "version", "--format={{json .}}"], capture_output=True, check=True)
json.loads(done.stdout)
"""
FORTY = """
from dockcli import docker
words = [
    *("name", "hostname", "user", "workdir", "entrypoint", "network", "ip", "mac_address"),
    *("restart", "stop_signal", "pid", "uts", "ipc", "runtime", "platform", "pull", "log_driver"),
    *("isolation", "userns", "cgroupns", "cidfile", "link", "group_add", "tmpfs", "expose"),
]
on = ("detach", "rm", "init", "read_only", "privileged", "tty", "publish_all")
more = {"env": {"A": "1"}, "label": {"a": "1"}, "volume": ["a:/a"], "publish": ["80"], "cpus": 1.5}
more |= {"pids_limit": 9, "memory": "1g", "dns": ["10.0.0.1"]}
options = {**dict.fromkeys(words, "a"), **dict.fromkeys(on, True), **more}
assert len(options) == 40
"""
PARSE = """
from dockcli import docker
from dockcli.completed import Completed
call = docker.call.container.inspect(*["a"] * {many})
call.parse(Completed(call.argv, 0, open({path!r}, "rb").read(), b"", 0.0), "")
"""


def shown(kind: str, number: int) -> dict[str, Any]:
    """An object as docker's `inspect` shows it, in short."""
    id = f"{number:064x}"
    return {
        "container": {
            "Id": id,
            "Created": "2024-01-01T00:00:00.000000000Z",
            "Name": f"/c{number}",
            "State": {"Status": "running", "StartedAt": "2024-01-01T00:00:00.000000000Z"},
            "Config": {"Labels": {"a": "1", "b": "2"}, "Env": ["A=1"], "Image": "alpine"},
            "Mounts": [{"Type": "bind", "Source": "/a", "Destination": "/b", "RW": True}],
            "HostConfig": {"RestartPolicy": {"Name": "no"}},
            "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}},
        },
        "image": {"Id": f"sha256:{id}", "RepoTags": [f"i{number}:latest"]},
        "volume": {"Name": f"v{number}", "Driver": "local", "Mountpoint": "/v"},
        "network": {"Id": id, "Name": f"n{number}", "Driver": "bridge", "IPAM": {}},
    }[kind]


def name(kind: str, number: int) -> str:
    one = shown(kind, number)
    return str(one["Name"] if kind == "volume" else one["Id"])


@pytest.mark.parametrize("many", [1, 10, 100])
@pytest.mark.parametrize("kind", ["container", "image", "network", "volume"])
def test_a_list_is_two_processes_however_long_it_is(
    client: Docker, fake_docker: FakeDocker, kind: str, many: int
) -> None:
    names = "".join(f"{name(kind, number)}\n" for number in range(many))
    answer = json.dumps([shown(kind, number) for number in range(many)])
    fake_docker.will(("write", 1, names.encode()), when=f"{kind} ls")
    fake_docker.will(("write", 1, answer.encode()), when=f"{kind} inspect")
    assert len(getattr(client, kind).ls()) == many
    assert fake_docker.commands == [f"{kind} ls", f"{kind} inspect"]


@pytest.mark.parametrize("kind", ["container", "image", "network", "volume"])
def test_an_empty_list_is_one_process(client: Docker, fake_docker: FakeDocker, kind: str) -> None:
    assert getattr(client, kind).ls() == []
    assert fake_docker.commands == [f"{kind} ls"]


@pytest.mark.parametrize("verb", ["kill", "pause", "restart", "rm", "start", "stop", "unpause"])
def test_a_verb_is_one_process_for_many_containers(
    client: Docker, fake_docker: FakeDocker, verb: str
) -> None:
    names = [f"c{number}" for number in range(50)]
    getattr(client.container, verb)(*names)
    assert fake_docker.call.words[-50:] == names


@pytest.mark.parametrize("kind", ["container", "image", "network", "volume"])
def test_many_are_inspected_by_one_process(
    client: Docker, fake_docker: FakeDocker, kind: str
) -> None:
    answer = json.dumps([shown(kind, number) for number in range(50)])
    fake_docker.will(("write", 1, answer.encode()))
    getattr(client, kind).inspect(*(name(kind, number) for number in range(50)))
    assert fake_docker.commands == [f"{kind} inspect"]


ONE: dict[str, Callable[[Docker], object]] = {
    "exec": lambda docker: docker.exec("web", "true"),
    "info": lambda docker: docker.info(),
    "logs": lambda docker: docker.logs("web"),
    "run": lambda docker: docker.run("alpine", "true", name="web", rm=True),
    "version": lambda docker: docker.version(),
}


@pytest.mark.parametrize("question", ONE)
def test_a_question_is_one_process(client: Docker, fake_docker: FakeDocker, question: str) -> None:
    fake_docker.will(("write", 1, b"{}\n"))
    ONE[question](client)
    assert len(fake_docker.calls) == 1


@pytest.fixture(scope="module")
def instructions(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], int]:
    """The instructions of a Python process that does some code: no child of it is counted."""
    folder = tmp_path_factory.mktemp("cost")
    fake = FakeDocker(folder / "bin")
    fake.will(("write", 1, b'{"Client": {"Version": "28.2.2"}, "Server": {"Version": "28.2.2"}}'))
    environment = {
        "PATH": f"{fake.folder}:{os.environ['PATH']}",
        "HOME": str(folder),
        "PYTHONPATH": str(Path(dockcli.__file__).parent.parent),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "PYTHONHASHSEED": "0",
    }

    @cache
    def counted(code: str) -> int:
        words = [sys.executable, "-c", code]
        subprocess.run(words, env=environment, check=True)  # compiles
        valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
        done = subprocess.run(
            [*valgrind, *words], env=environment, check=True, capture_output=True, text=True
        )
        return int(done.stderr.rpartition("Collected : ")[2].split()[0])

    return counted


@COUNTED
def test_importing_dockcli_is_next_to_nothing(instructions: Callable[[str], int]) -> None:
    assert instructions("import dockcli") < 1.1 * instructions("pass")


@COUNTED
def test_a_script_that_asks_once_costs_little_more_than_subprocess(
    instructions: Callable[[str], int],
) -> None:
    ours = instructions("from dockcli import docker; docker.version()")
    assert ours < 1.5 * instructions(RAW)


def test_a_question_loads_nothing_that_takes_long(fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b'{"Client": {"Version": "28.2.2"}}'))
    code = "import sys; from dockcli import docker; docker.version(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert "dockcli.models.version" in loaded
    slow = {"dataclasses", "datetime", "inspect", "logging", "pathlib", "shlex", "socket", "typing"}
    assert not slow & loaded
    groups = {"container", "image", "network", "system", "volume"}
    assert not {f"dockcli.commands.{group}" for group in groups} & loaded


@COUNTED
def test_a_command_line_of_forty_options_is_made_at_once(
    instructions: Callable[[str], int],
) -> None:
    def times(many: int) -> int:
        return instructions(f"{FORTY}\nfor _ in range({many}): docker.call.run('a', **options)")

    spelled = "[f'--{name}={value}' for name, value in options.items()]"
    raw = f"{FORTY}\nfor _ in range(100): {spelled}"
    alone = (instructions(raw) - instructions(FORTY)) / 100
    assert (times(31) - times(1)) / 30 < 12 * alone


@COUNTED
def test_reading_an_inspect_grows_with_what_there_is_to_read(
    instructions: Callable[[str], int], tmp_path: Path
) -> None:
    def of(many: int) -> int:
        path = tmp_path / f"{many}.json"
        path.write_text(json.dumps([shown("container", number) for number in range(many)]))
        return instructions(PARSE.format(many=many, path=str(path)))

    few, more, most = of(20), of(60), of(140)
    assert (most - more) / 80 < 1.15 * (more - few) / 40
