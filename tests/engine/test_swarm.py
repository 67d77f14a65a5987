"""A swarm for real: its nodes, services, stacks, secrets and configs, by each docker CLI.

podman has secrets of its own, and no swarm.
"""

from __future__ import annotations

import functools
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest

from dockcli import Completed, Docker
from dockcli.engine.base import provide
from dockcli.errors import (
    DockerFailed,
    InUse,
    NameConflict,
    NoSuchConfig,
    NoSuchNode,
    NoSuchSecret,
    NoSuchService,
    NoSuchStack,
    NotASwarmManager,
    SwarmLocked,
)
from dockcli.models.node import Availability, ManagerStatus, NodeInspect, NodeRole, NodeState
from dockcli.models.service import ServiceMode, UpdateState
from dockcli.models.swarm import SwarmInit
from dockcli.models.task import PublishedPort, TaskState
from tests.engine.conftest import missing
from tests.engine.own_engine import OwnEngine, own_engine
from tests.engine.test_recorded import differing, recorded

T = TypeVar("T")

SUBNET = "10.98.0"
QUICK = {
    "update_monitor": "10ms",
    "rollback_monitor": "10ms",
    "stop_signal": "KILL",
    "no_resolve_image": True,
}

STACK = """
version: "3.8"
services:
  web:
    image: IMAGE
    command: sleep 1000
    networks: [host]
    stop_grace_period: 0s
    deploy: {replicas: 2}
networks:
  host: {external: true, name: host}
"""


class Engines(NamedTuple):
    """Two engines that reach each other, and the image that the first has."""

    manager: OwnEngine
    worker: OwnEngine
    image: str


class Swarm(NamedTuple):
    """A swarm of one node, seen by one CLI."""

    docker: Docker
    made: SwarmInit
    image: str


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with own_engine() as manager, own_engine() as worker:
        manager.linked(worker, SUBNET)
        image = provide(Docker(host=manager.host), lambda text: None).reference
        yield Engines(manager, worker, image)


@pytest.fixture(scope="module")
def swarm(engines: Engines, docker_cli: str) -> Iterator[Swarm]:
    docker = Docker(docker_cli, host=engines.manager.host)
    with pytest.raises(NotASwarmManager):
        docker.node.ls()
    made = docker.swarm.init(advertise_addr=f"{SUBNET}.1", dispatcher_heartbeat="1s")
    yield Swarm(docker, made, engines.image)
    docker.swarm.leave(force=True)
    with pytest.raises(NotASwarmManager):
        docker.swarm.leave()


@pytest.fixture
def name() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def eventually(ask: Callable[[], T], seen: Callable[[T], bool]) -> T:
    """What *ask* says as soon as it is so; a swarm does what it is told a moment later."""
    until = time.monotonic() + 30
    while not seen(answer := ask()):
        assert time.monotonic() < until, answer
        time.sleep(0.05)
    return answer


def test_a_swarm_is_made_and_tells_how_to_join(swarm: Swarm) -> None:
    docker, made, _ = swarm
    assert made.address == f"{SUBNET}.1:2377"
    assert made.unlock_key == ""
    assert docker.swarm.join_token("worker") == made.worker_token
    manager_token = docker.swarm.join_token("manager")
    assert docker.swarm.join_token("manager", rotate=True) != manager_token
    assert docker.swarm.ca().startswith("-----BEGIN CERTIFICATE-----\n")
    assert docker.swarm.ca(rotate=True, detach=True) == ""
    for refused in (docker.swarm.init, docker.swarm.leave, docker.swarm.unlock_key):
        with pytest.raises(DockerFailed):
            refused()
    with pytest.raises(DockerFailed, match="not locked"):
        docker.swarm.unlock(stdin="SWMKEY-1-x")
    docker.swarm.update(task_history_limit=3, autolock=True)
    key = docker.swarm.unlock_key()
    assert key.startswith("SWMKEY-1-")
    assert docker.swarm.unlock_key(rotate=True) != key
    docker.swarm.update(autolock=False)


def test_a_second_node_joins_and_leaves(swarm: Swarm, engines: Engines) -> None:
    docker, made, _ = swarm
    other = Docker(docker.binary, host=engines.worker.host)
    token = docker.swarm.join_token("worker")
    other.swarm.join(made.address, token=token, advertise_addr=f"{SUBNET}.2")
    nodes = eventually(docker.node.ls, lambda nodes: len(nodes) == 2)
    (me,) = [node for node in nodes if node.is_self]
    (joined,) = [node for node in nodes if not node.is_self]
    assert (me.id, me.manager_status) == (made.node_id, ManagerStatus.LEADER)
    assert (joined.role, joined.manager_status) == (NodeRole.WORKER, None)
    with pytest.raises(NotASwarmManager):
        other.service.ls()
    docker.node.update(joined, availability="drain", label_add={"disk": "ssd,fast"})
    changed = docker.node.inspect(joined)
    assert (changed.availability, changed.labels) == (Availability.DRAIN, {"disk": "ssd,fast"})
    assert [node.id for node in docker.node.inspect(me, joined)] == [me.id, joined.id]
    docker.node.promote(joined)
    assert docker.node.inspect(joined).role is NodeRole.MANAGER
    eventually(lambda: docker.node.inspect(joined).manager_status, lambda status: bool(status))
    docker.node.demote(joined)
    eventually(lambda: docker.node.inspect(joined).manager_status, lambda status: status is None)
    other.swarm.leave(force=True)
    eventually(lambda: docker.node.inspect(joined).state, lambda state: state is NodeState.DOWN)
    assert docker.node.rm(joined) == [joined.id]
    with pytest.raises(NoSuchNode) as info:
        docker.node.inspect("self", joined)
    assert [node.hostname for node in info.value.found if isinstance(node, NodeInspect)] == [
        me.hostname
    ]
    assert docker.node.inspect(joined, missing_ok=True) == []


def test_a_service_from_its_beginning_to_its_end(swarm: Swarm, name: str) -> None:
    docker, made, image = swarm
    id = docker.service.create(
        *(image, "sh", "-c", "echo out; echo err >&2; exec sleep 1000"),
        **QUICK,  # type: ignore[arg-type]
        name=name,
        replicas=2,
        label={"a": "b,c"},
        publish=["8080:80", "mode=host,target=90,protocol=udp"],
    )
    (service,) = [one for one in docker.service.ls() if one.name == name]
    assert (service.id, service.mode) == (id, ServiceMode.REPLICATED)
    assert (service.running, service.replicas) == (2, 2)
    assert service.labels == {"a": "b,c"}
    assert service.ports == (
        PublishedPort(80, "tcp", 8080, "ingress"),
        PublishedPort(90, "udp", 0, "host"),
    )
    tasks = docker.service.ps(service)
    assert [task.name for task in tasks] == [f"{name}.1", f"{name}.2"]
    assert {task.state for task in tasks} == {TaskState.RUNNING}
    assert all(len(task.ports) == 1 and task.ports[0].published_port for task in tasks)
    assert {task.node_id for task in tasks} == {made.node_id}
    containers = docker.container.inspect(*(task.container_id for task in tasks))
    assert all(container.running for container in containers)
    assert {task.id for task in tasks} <= {task.id for task in docker.node.ps()}

    log = eventually(
        lambda: docker.service.logs(name, raw=True), lambda log: log.stdout.count(b"\n") == 2
    )
    assert (log.stdout, log.stderr) == (b"out\nout\n", b"err\nerr\n")
    assert docker.service.logs(tasks[0], raw=True).stdout == b"out\n"

    assert isinstance(docker.service.scale(f"{name}=1"), Completed)
    assert docker.service.inspect(name).replicas == 1
    docker.service.update(name, env_add={"A": "1"}, detach=True)
    updated = eventually(
        lambda: docker.service.inspect(name), lambda one: one.update_state is UpdateState.COMPLETED
    )
    assert updated.update_message == "update completed"
    docker.service.rollback(name, detach=True)
    eventually(
        lambda: docker.service.inspect(name).update_state,
        lambda state: state is UpdateState.ROLLBACK_COMPLETED,
    )
    assert docker.service.rm(name) == [name]
    for gone in (docker.service.inspect, docker.service.ps, docker.service.logs):
        with pytest.raises(NoSuchService):
            gone(name)
    with pytest.raises(NoSuchService):
        docker.service.scale(f"{name}=2")


def test_a_task_that_cannot_start_says_why(swarm: Swarm, name: str) -> None:
    docker, _, image = swarm
    docker.service.create(
        image, "no-such-command", name=name, restart_condition="none", detach=True
    )
    (task,) = eventually(
        lambda: docker.service.ps(name), lambda tasks: [one.state for one in tasks] == ["failed"]
    )
    assert 'exec: "no-such-command": executable file not found' in task.error
    assert task.desired_state is TaskState.SHUTDOWN
    with pytest.raises(NameConflict):
        docker.service.create(image, name=name, detach=True)
    docker.service.rm(name)


def test_jobs_and_global_services(swarm: Swarm, name: str) -> None:
    docker, _, image = swarm
    make = docker.service.create
    make(image, "true", name=f"{name}-job", mode="replicated-job", replicas=2, detach=True)
    make(image, "sleep", "9", name=f"{name}-all", mode="global", stop_signal="KILL", detach=True)
    names = {f"{name}-job", f"{name}-all"}

    def ours() -> dict[str, tuple[object, ...]]:
        return {
            one.name: (one.mode, one.replicas, one.running, one.completed)
            for one in docker.service.ls()
            if one.name in names
        }

    wanted = {
        f"{name}-job": (ServiceMode.REPLICATED_JOB, 2, 0, 2),
        f"{name}-all": (ServiceMode.GLOBAL, 1, 1, None),
    }
    eventually(ours, lambda seen: seen == wanted)
    with pytest.raises(DockerFailed):
        docker.service.scale(f"{name}-all=2")
    docker.service.rm(*names)


def test_secrets_and_configs(swarm: Swarm, name: str, tmp_path: Path) -> None:
    docker, _, image = swarm
    file = tmp_path / "settings"
    file.write_bytes(b"a\0b\xff")
    secret = docker.secret.create(name, "-", stdin=b"hush", label={"a": "b,c"})
    config = docker.config.create(name, file, label={"a": "b,c"})
    (kept,) = [one for one in docker.secret.ls() if one.name == name]
    (known,) = [one for one in docker.config.ls() if one.name == name]
    assert (kept.id, kept.labels) == (secret, {"a": "b,c"})
    assert (known.id, known.labels, known.data) == (config, {"a": "b,c"}, b"a\0b\xff")
    assert docker.secret.inspect(name) == kept
    with pytest.raises(NameConflict):
        docker.secret.create(name, "-", stdin=b"other")
    with pytest.raises(NameConflict):
        docker.config.create(name, file)

    read = f"cat /run/secrets/{name}; od -An -tx1 /{name}; exec sleep 1000"
    docker.service.create(
        *(image, "sh", "-c", read),
        **QUICK,  # type: ignore[arg-type]
        name=name,
        secret=kept,
        config=known,
    )
    eventually(
        lambda: docker.service.logs(name, raw=True).stdout, lambda out: out == b"hush 61 00 62 ff\n"
    )
    for used in (docker.secret.rm, docker.config.rm):
        with pytest.raises(InUse):
            used(name)
    docker.service.rm(name)
    assert docker.secret.rm(name) == [name]
    assert docker.config.rm(name) == [name]
    with pytest.raises(NoSuchSecret):
        docker.secret.inspect(name)
    with pytest.raises(NoSuchConfig):
        docker.config.rm(name)
    with pytest.raises(NoSuchSecret):
        docker.service.create(image, secret=name)


def test_a_stack_from_stdin(swarm: Swarm, name: str) -> None:
    docker, _, image = swarm
    text = STACK.replace("IMAGE", image)
    done = docker.stack.deploy(name, compose_file="-", stdin=text, resolve_image="never")
    assert f"Creating service {name}_web" in done.text
    (stack,) = [one for one in docker.stack.ls() if one.name == name]
    assert stack.services == 1
    (service,) = eventually(
        lambda: docker.stack.services(stack), lambda found: found[0].running == 2
    )
    assert (service.name, service.replicas) == (f"{name}_web", 2)
    tasks = docker.stack.ps(stack)
    assert sorted(task.name for task in tasks) == [f"{name}_web.1", f"{name}_web.2"]
    assert {task.service_id for task in tasks} == {service.id}
    assert f"Removing service {name}_web" in docker.stack.rm(stack).text
    eventually(docker.stack.ls, lambda stacks: name not in {one.name for one in stacks})
    assert docker.stack.services(stack) == []

    def gone() -> bool:
        try:
            return not docker.stack.ps(stack)
        except NoSuchStack:
            return True

    eventually(gone, bool)


def of_no_swarm(argv: list[str]) -> bool:
    """Whether a recorded call was made on an engine that is in no swarm."""
    return argv in NO_SWARM


def of_a_swarm(argv: list[str]) -> bool:
    """Whether a recorded call was made on a manager of a swarm."""
    group = argv[0] in ("service", "node", "secret", "config", "stack", "swarm")
    return (group and argv not in NO_SWARM[:-1]) or "--type=task" in argv


NO_SWARM = [
    *(["node", "ls"], ["service", "create", "tiny"], ["secret", "ls"], ["stack", "ls"]),
    ["swarm", "leave"],  # recorded on both
]


def test_failures_without_a_swarm_are_those_that_were_recorded(
    engines: Engines, docker_cli: str
) -> None:
    cli = Docker(docker_cli, host=engines.worker.host)
    mine = [one for one in recorded(cli, of_no_swarm) if one["error"] == "NotASwarmManager"]
    assert len(mine) == len(NO_SWARM)
    assert [*differing(cli, mine, {"tiny": engines.image})] == []


def test_failures_in_a_swarm_are_those_that_were_recorded(
    swarm: Swarm, name: str, tmp_path: Path
) -> None:
    docker, _, image = swarm
    mine = [one for one in recorded(docker, of_a_swarm) if one["error"] != "NotASwarmManager"]
    assert len(mine) >= 25
    there = {one: f"{name}-{one}" for one in ("web", "bad", "each", "token", "settings")}
    web, bad, each = there["web"], there["bad"], there["each"]
    file = tmp_path / "settings.toml"
    file.write_text("a = 1\n", encoding="utf-8")
    names = {**there, "tiny": image, "settings.toml": str(file)}
    names |= {"each=2": f"{each}=2", "--name=web": f"--name={web}"}
    docker.secret.create(there["token"], file)
    docker.config.create(there["settings"], file)
    make = functools.partial(docker.service.create, image, "true", detach=True)
    make(name=web, replicas=0, secret=there["token"], config=there["settings"])
    make(name=bad, replicas=0)
    make(name=each, mode="global", constraint="node.role==none")
    try:
        differ = [*differing(docker, mine, names)]
    finally:
        docker.service.rm(web, bad, each)
        docker.secret.rm(there["token"])
        docker.config.rm(there["settings"])
    assert differ == [], differ


def test_a_compose_file_as_docker_understands_it(engines: Engines, tmp_path: Path) -> None:
    docker = Docker(host=engines.manager.host)  # 20.10 has no such command
    file = tmp_path / "stack.yml"
    file.write_text(STACK.replace("IMAGE", "${IMAGE:-alpine}"), encoding="utf-8")
    assert "image: alpine\n" in docker.stack.config(compose_file=file).text
    with pytest.raises(DockerFailed):
        docker.stack.config(compose_file=tmp_path / "none.yml")


def test_a_manager_that_comes_back_waits_for_its_key(docker_cli: str) -> None:
    with own_engine() as engine:
        docker = Docker(docker_cli, host=engine.host)
        made = docker.swarm.init(advertise_addr="127.0.0.1", autolock=True)
        engine.stop()
        engine.start()
        with pytest.raises(SwarmLocked):
            docker.node.ls()
        with pytest.raises(DockerFailed):
            docker.swarm.unlock(stdin=docker.binary)
        docker.swarm.unlock(stdin=made.unlock_key)
        eventually(lambda: docker.node.inspect("self").id, lambda node: node == made.node_id)


def test_podmans_secrets(podman_environment: dict[str, str], name: str) -> None:
    if shutil.which("podman") is None:
        missing("podman")
    cli = Docker("podman", env=podman_environment)
    id = cli.secret.create(name, "-", stdin=b"hush")
    (secret,) = [one for one in cli.secret.ls() if one.name == name]
    assert (secret.id, secret.driver) == (id, "file")
    assert cli.secret.inspect(name) == secret
    with pytest.raises(NameConflict):
        cli.secret.create(name, "-", stdin=b"other")
    assert cli.secret.rm(name) == [id]
    with pytest.raises(NoSuchSecret):
        cli.secret.inspect(name)
