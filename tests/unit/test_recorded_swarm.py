"""What both CLIs really answered on a swarm of one node, and podman of its secrets.

Recorded with an engine of its own, in a network namespace of its own (``unshare --net dockerd …``),
and each answer by the command that the verb makes (``str(docker.call.service.ls())``). The swarm,
its keys and its certificates are gone.
"""

from __future__ import annotations

import json
from datetime import timezone
from pathlib import Path
from typing import Any

import pytest

from dockcli import Completed, Docker
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.models.node import Availability, ManagerStatus, NodeRole, NodeState
from dockcli.models.service import ServiceMode, UpdateState
from dockcli.models.task import PublishedPort, TaskState
from dockcli.runner import Job

RECORDED = Path(__file__).parent / "recorded"
DOCKERS = ("28.2.2", "20.10.24")


class Recording:
    """A docker that answers with what was recorded; an inspect with those it is asked for."""

    def __init__(self, group: str, release: str) -> None:
        text = (RECORDED / f"{group}.json").read_text(encoding="utf-8")
        self.answers = json.loads(text)[release]
        self.calls: list[tuple[str, ...]] = []
        self.missing = ""

    def run(self, job: Job) -> Completed:
        if "version" in job.argv:
            return Completed(job.argv, 0, b"1.41", b"", 0.1)  # before a flag that is not of old
        self.calls.append(job.argv)
        flags = [word for word in job.argv if word == "--type=task"]
        named = [word for word in job.argv[1:] if not word.startswith("-")]
        command = " ".join([*named[: 1 if flags else 2], *flags])
        answer = self.answers[command]
        if "inspect" in command:
            names = named[1 if flags else 2 :]
            answer = json.dumps([one for one in json.loads(answer) if is_one_of(one, names)])
            if self.missing:
                return Completed(job.argv, 1, answer.encode(), self.missing.encode(), 0.1)
        return Completed(job.argv, 0, answer.encode(), b"", 0.1)


def is_one_of(raw: dict[str, Any], names: list[str]) -> bool:
    id = raw.get("ID") or raw["Id"]
    known = {"self", id, id[:12], raw.get("Name"), raw.get("Spec", {}).get("Name")}
    return bool(known & {*names, *(name.partition(":")[0] for name in names)}) or any(
        str(raw.get("Name", "")).startswith(f"{name}:") for name in names
    )


def recording(group: str, release: str) -> tuple[Docker, Recording]:
    runner = Recording(group, release)
    return Docker(runner=runner), runner


@pytest.mark.parametrize("release", DOCKERS)
def test_services(release: str) -> None:
    docker, runner = recording("service", release)
    assert len(docker.service.create("tiny", "sleep", "1000")) == 25
    web = docker.service.inspect("web")
    assert (web.name, web.mode, web.replicas) == ("web", ServiceMode.REPLICATED, 2)
    assert (web.running, web.completed, web.update_state) == (None, None, None)
    assert (web.image, web.command) == ("tiny:latest", ("sleep", "1000"))
    assert web.labels == {"a": "b,c"}
    assert web.created is not None
    assert web.created.tzinfo is timezone.utc
    assert web.ports == (
        PublishedPort(80, "tcp", 8080, "ingress"),
        PublishedPort(90, "udp", 0, "host"),
    )
    before = len(runner.calls)
    services = {one.name: one for one in docker.service.ls()}
    assert len(runner.calls) == before + 2
    assert services["web"].id == web.id
    assert {
        name: (one.mode, one.running, one.replicas, one.completed) for name, one in services.items()
    } == {
        "web": (ServiceMode.REPLICATED, 2, 2, None),
        "each": (ServiceMode.GLOBAL, 1, 1, None),
        "bad": (ServiceMode.REPLICATED, 0, 1, None),
        "job": (ServiceMode.REPLICATED_JOB, 0, 3, 3),
        "eachjob": (ServiceMode.GLOBAL_JOB, 0, 1, 1),
    }
    assert services["each"].update_state is UpdateState.COMPLETED
    assert services["each"].update_message == "update completed"


@pytest.mark.parametrize("release", DOCKERS)
@pytest.mark.parametrize("group", ["service", "node", "stack"])
def test_tasks(group: str, release: str) -> None:
    docker, runner = recording(group, release)
    tasks = {
        "service": lambda: docker.service.ps("web", "each", "bad", "job", "eachjob"),
        "node": lambda: docker.node.ps(),
        "stack": lambda: docker.stack.ps("shop"),
    }[group]()
    assert len(runner.calls) == 2
    assert (
        len({task.id for task in tasks})
        == len(tasks)
        == len(runner.answers[f"{group} ps"].splitlines())
    )
    for task in tasks:
        assert len(task.id) == len(task.service_id) == len(task.node_id) == 25
        assert (task.image, task.node) == ("tiny:latest", "vm")
        assert task.since is not None
        assert task.created is not None
        assert task.state is not TaskState.UNKNOWN
        assert task.desired_state is not TaskState.UNKNOWN
    if group == "stack":
        assert [task.name.split(".")[1] for task in tasks] == ["1", "2"]
        return
    by_name = {task.name: task for task in tasks}
    web, bad, job = by_name["web.1"], by_name["bad.1"], by_name["job.1"]
    assert (web.state, web.desired_state, web.error) == (TaskState.RUNNING, TaskState.RUNNING, "")
    assert len(web.container_id) == 64
    assert [(port.target_port, port.mode) for port in web.ports] == [(90, "host")]
    assert web.ports[0].published_port > 0
    assert (bad.state, bad.desired_state) == (TaskState.FAILED, TaskState.SHUTDOWN)
    assert 'exec: "nosuchcommand": executable file not found' in bad.error
    assert (job.state, job.desired_state, job.exit_code) == (
        TaskState.COMPLETE,
        TaskState.COMPLETE,
        0,
    )


@pytest.mark.parametrize("release", DOCKERS)
def test_nodes(release: str) -> None:
    docker, _ = recording("node", release)
    (node,) = docker.node.ls()
    assert (node.hostname, node.is_self, node.role) == ("vm", True, NodeRole.MANAGER)
    assert (node.state, node.availability) == (NodeState.READY, Availability.ACTIVE)
    assert (node.manager_status, node.manager_address) == (ManagerStatus.LEADER, "127.0.0.1:2377")
    assert (node.os, node.architecture, node.cpus) == ("linux", "x86_64", 2.0)
    assert node.memory > 1_000_000_000
    assert node.engine_version.startswith("20.10.24")
    alone = docker.node.inspect("self")
    assert (alone.id, alone.is_self) == (node.id, None)


@pytest.mark.parametrize("release", DOCKERS)
def test_stacks(release: str) -> None:
    docker, _ = recording("stack", release)
    (stack,) = docker.stack.ls()
    assert (stack.name, stack.services) == (f"shop{release[:2]}", 1)
    (service,) = docker.stack.services(stack)
    assert (service.name, service.replicas) == (f"{stack.name}_a", 2)
    assert service.running in (0, 1, 2)
    assert service.labels["com.docker.stack.namespace"] == stack.name


@pytest.mark.parametrize("release", [*DOCKERS, "podman-4.3.1"])
def test_secrets(release: str) -> None:
    docker, runner = recording("secret", release)
    (secret,) = docker.secret.ls()
    assert len(runner.calls) == 2
    assert secret.id == docker.secret.create("token", "-", stdin=b"hush")
    assert secret.created is not None
    if release.startswith("podman"):
        assert (secret.name, secret.driver, secret.labels) == ("dockcli-token", "file", {})
    else:
        assert (secret.name, secret.driver, secret.labels) == ("token", "", {"a": "b,c"})
    assert docker.secret.inspect(secret) == secret


@pytest.mark.parametrize("release", DOCKERS)
def test_configs(release: str) -> None:
    docker, _ = recording("config", release)
    (config,) = docker.config.ls()
    assert config.id == docker.config.create("settings", "settings.toml")
    assert (config.name, config.data, config.labels) == ("settings", b"a = 1\n", {"k": "v"})


@pytest.mark.parametrize("release", DOCKERS)
def test_a_swarm(release: str) -> None:
    docker, runner = recording("swarm", release)
    swarm = docker.swarm.init(advertise_addr="127.0.0.1", autolock=True)
    assert len(swarm.node_id) == 25
    assert swarm.address == "127.0.0.1:2377"
    assert swarm.unlock_key == docker.swarm.unlock_key()
    assert swarm.worker_token == docker.swarm.join_token("worker")
    assert runner.calls[-1][-2:] == ("--quiet", "worker")
    assert swarm.unlock_key.startswith("SWMKEY-1-")
    assert swarm.worker_token.startswith("SWMTKN-1-")
    assert "SWMKEY" not in repr(swarm)
    assert "SWMTKN" not in repr(swarm)
    assert docker.swarm.ca().startswith("-----BEGIN CERTIFICATE-----\n")
    assert docker.swarm.ca().rstrip().endswith("\n-----END CERTIFICATE-----")


@pytest.mark.parametrize("release", DOCKERS)
def test_plugins(release: str) -> None:
    docker, _ = recording("plugin", release)
    (plugin,) = docker.plugin.ls()
    assert len(plugin.id) == 64
    assert (plugin.name, plugin.reference) == ("me/plug:latest", "me/plug:latest")
    assert (plugin.description, plugin.enabled) == ("d e", False)
    assert (plugin.interfaces, plugin.env) == (("docker.volumedriver/1.0",), ("DEBUG=0",))
    assert docker.plugin.inspect("me/plug").id == plugin.id


def test_a_rotation_that_is_not_waited_for_has_no_certificate() -> None:
    docker, runner = recording("swarm", "28.2.2")
    runner.answers["swarm ca"] = ""
    assert docker.swarm.ca(rotate=True, detach=True) == ""
    runner.answers["swarm ca"] = "no\n"
    with pytest.raises(UnreadableOutput):
        docker.swarm.ca()


def test_what_is_removed_between_the_rows_and_their_inspect_is_left_out() -> None:
    docker, runner = recording("service", "28.2.2")
    there = json.loads(runner.answers["service inspect"])
    runner.answers["service inspect"] = json.dumps(there[1:])
    with pytest.raises(UnreadableOutput):  # docker said yes, and told of one less
        docker.service.inspect(*(one["ID"] for one in there))
    runner.missing = "Error: no such service: x\n"
    assert len(docker.service.ls()) == len(there) - 1


@pytest.mark.parametrize("row", ['{"Name": "web"}', '{"ID": "--all"}', '{"ID": 1}', "[]x", "web"])
def test_a_row_that_names_no_object_is_unreadable(row: str) -> None:
    docker, runner = recording("service", "28.2.2")
    runner.answers["service ls"] = f"{row}\n"
    with pytest.raises(UnreadableOutput):
        docker.service.ls()
    assert len(runner.calls) == 1


def test_the_ids_of_what_is_made_stand_before_dockers_progress() -> None:
    docker, runner = recording("service", "28.2.2")
    runner.answers["service create"] = "0123\noverall progress: 0 out of 1 tasks\nverify: done\n"
    assert docker.service.create("tiny") == "0123"


def test_a_word_that_docker_has_since_added_is_unknown() -> None:
    assert TaskState("dreaming") is TaskState.UNKNOWN
    assert NodeState("") is NodeState.UNKNOWN
    assert ServiceMode("replicated job") is ServiceMode.REPLICATED_JOB


def test_what_is_another_kind_of_object_is_refused() -> None:
    docker, _ = recording("secret", "28.2.2")
    (secret,) = docker.secret.ls()
    boss: Any = "boss"
    for refused in (
        lambda: docker.call.service.rm(secret),
        lambda: docker.call.service.logs(secret),
        lambda: docker.call.config.inspect(secret),
        lambda: docker.call.stack.ps("a/b"),
        lambda: docker.call.service.scale("web"),
        lambda: docker.call.service.scale("web=-1"),
        lambda: docker.call.plugin.set("me/plug"),
        lambda: docker.call.plugin.set("me/plug", "DEBUG"),
        lambda: docker.call.swarm.join_token(boss),
    ):
        with pytest.raises(InvalidArgument):
            refused()


def test_the_log_of_a_task_is_asked_for_by_its_id() -> None:
    docker, _ = recording("service", "28.2.2")
    task = docker.service.ps("web")[0]
    assert docker.call.service.logs(task).argv[-1] == task.id
