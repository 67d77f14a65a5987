"""The doctor on real dockers and engines, as root and as another user."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.doctor import Finding, examine
from tests.engine.conftest import missing
from tests.engine.own_engine import own_engine


def by_id(client: Docker) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in examine(client):
        found.setdefault(finding.id, []).append(finding)
    return found


def test_every_docker_and_its_engine_are_looked_at(cli: Docker) -> None:
    found = by_id(cli)
    assert not found.keys() & {"docker-missing", "engine-unreachable", "engine-not-asked"}
    if cli.binary == "podman":
        assert found["docker-is-podman"][0].what == f"this docker is {version(cli)}"
        return
    apart = abs(minor(cli.version().raw["Client"].get("DefaultAPIVersion", "1.41")) - 41) >= 4
    assert ("version-skew" in found) == (apart and cli.version().server_api == "1.41")
    assert ("engine-as-root" in found) == (not cli.info().rootless)
    assert "seccomp-off" not in found


def version(client: Docker) -> str:
    return client.raw("--version").text.strip().partition(",")[0]


def minor(api: str) -> int:
    return int(api.partition(".")[2])


def test_contexts_are_read_as_docker_wrote_them(docker_cli: str, tmp_path: Path) -> None:
    client = Docker(docker_cli, config=tmp_path)
    if shutil.which("openssl") is None:
        missing("openssl")
    new = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout key.pem -out cert.pem"
    subprocess.run(new.split(), cwd=tmp_path, check=True, capture_output=True)
    tls = {"ca": "cert.pem", "cert": "cert.pem", "key": "key.pem"}
    tls = {name: str(tmp_path / file) for name, file in tls.items()}
    client.context.create("open", docker={"host": "tcp://server:2375"})
    client.context.create("closed", docker={"host": "tcp://server:2376", **tls})
    skips = {"host": "tcp://server:2377", "skip-tls-verify": "true"}
    client.context.create("trusting", docker=skips)
    found = by_id(Docker(docker_cli, config=tmp_path, context="open"))
    assert [one.subject for one in found["tcp-without-tls"]] == ["tcp://server:2375"]
    assert [one.subject for one in found["tls-not-verified"]] == ["tcp://server:2377"]
    assert all("context open" in one.what for one in found["tcp-without-tls"])


@pytest.mark.root
def test_an_engine_that_is_set_up_carelessly() -> None:
    registries = [f"--insecure-registry={one}" for one in ("r.example:5000", "10.1.0.0/16")]
    with own_engine("--host=tcp://127.0.0.1:2375", *registries) as engine:
        socket = engine.host.removeprefix("unix://")
        os.chmod(socket, 0o666)
        found = by_id(Docker(host=engine.host))
        assert found["socket-open"][0].subject == socket
        assert {one.subject for one in found["insecure-registry"]} == {
            "r.example:5000",
            "10.1.0.0/16",
        }
        assert "127.0.0.1:2375" in found["engine-on-network"][0].what
        assert all(one.severity == "risk" for one in found["engine-on-network"])
        subprocess.run(["sh", "-c", found["socket-open"][0].remedy], check=True)
        assert "socket-open" not in by_id(Docker(host=engine.host))
