"""Plugins of the engine for real, by each docker CLI: made here, and enabled without a registry."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.engine.base import provide
from dockcli.errors import DockerFailed, InUse, NameConflict, NoSuchPlugin
from tests.engine.own_engine import OwnEngine, own_engine

SOCKETS = Path("/run/docker/plugins")  # of all engines of a machine, wherever they keep the rest
RUN = 'trap "exit 0" TERM; sleep 100 & wait'


@pytest.fixture(scope="module")
def engine() -> Iterator[OwnEngine]:
    with own_engine() as engine:
        yield engine


@pytest.fixture
def client(docker_cli: str, engine: OwnEngine) -> Docker:
    return Docker(docker_cli, host=engine.host)


@pytest.fixture(scope="module")
def folder(engine: OwnEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugin that does nothing: the base image's file system, and a shell that waits."""
    folder = tmp_path_factory.mktemp("plugin")
    docker = Docker(host=engine.host)
    container = docker.container.create(provide(docker, lambda text: None).reference)
    (folder / "rootfs").mkdir()
    docker.container.cp(f"{container.id}:/bin", folder / "rootfs")
    docker.container.rm(container)
    (folder / "config.json").write_text(
        json.dumps(
            {
                "description": "a, b",
                "entrypoint": ["/bin/sh", "-c", RUN],
                "env": [{"name": "DEBUG", "settable": ["value"], "value": "0"}],
                "interface": {"types": ["docker.volumedriver/1.0"], "socket": "x.sock"},
                "network": {"type": "none"},
            }
        ),
        encoding="utf-8",
    )
    return folder


def listen(id: str) -> threading.Thread:
    """Make the socket that the engine waits for, in the plugin's place."""

    def bind() -> None:
        until = time.monotonic() + 20
        while not (SOCKETS / id).is_dir() and time.monotonic() < until:
            time.sleep(0.01)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.fspath(SOCKETS / id / "x.sock"))
            listening.listen()
            listening.settimeout(20)
            listening.accept()[0].close()

    thread = threading.Thread(target=bind)
    thread.start()
    return thread


def test_a_plugin_from_its_beginning_to_its_end(client: Docker, folder: Path) -> None:
    assert client.plugin.create("me/plug", folder) == "me/plug"
    with pytest.raises(NameConflict):
        client.plugin.create("me/plug", folder)
    (plugin,) = client.plugin.ls()
    assert (plugin.name, plugin.description) == ("me/plug:latest", "a, b")
    assert (plugin.enabled, plugin.env) == (False, ("DEBUG=0",))
    assert plugin.interfaces == ("docker.volumedriver/1.0",)
    client.plugin.set(plugin, "DEBUG=1 and more")
    assert client.plugin.inspect("me/plug").env == ("DEBUG=1 and more",)
    with pytest.raises(DockerFailed, match="not found in the plugin configuration"):
        client.plugin.set("me/plug", "NONE=1")
    with pytest.raises(DockerFailed, match="already disabled"):
        client.plugin.disable("me/plug")

    listening = listen(plugin.id)
    client.plugin.enable("me/plug", timeout=5)
    listening.join()
    assert client.plugin.inspect(plugin).enabled
    with pytest.raises(DockerFailed, match="already enabled"):
        client.plugin.enable("me/plug")
    with pytest.raises(InUse):
        client.plugin.rm("me/plug")
    client.plugin.disable("me/plug")
    assert not client.plugin.inspect("me/plug").enabled
    assert client.plugin.rm("me/plug") == ["me/plug"]
    assert client.plugin.ls() == []


def test_a_plugin_that_is_not_there(client: Docker) -> None:
    for missing in (
        client.plugin.inspect,
        client.plugin.enable,
        client.plugin.disable,
        client.plugin.push,
        client.plugin.upgrade,
        client.plugin.rm,
    ):
        with pytest.raises(NoSuchPlugin):
            missing("me/none")
    with pytest.raises(NoSuchPlugin):
        client.plugin.set("me/none", "A=1")
    assert client.plugin.inspect("me/none", missing_ok=True) == []
    with pytest.raises(DockerFailed):
        client.plugin.install("127.0.0.1:1/me/none", "DEBUG=1", grant_all_permissions=True)
