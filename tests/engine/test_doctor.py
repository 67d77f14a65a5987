"""The doctor on real dockers and engines, as root and as another user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.doctor import Finding, examine
from tests.engine.conftest import missing, socket_of
from tests.engine.own_engine import own_engine

NOBODY = 65534


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


# Another user may not be let in to where Python and dockcli are: all is loaded before.
AS_NOBODY = """
import os
from dockcli.cli import main
from dockcli.doctor import examine
examine()
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
main(["doctor", "--json"])
"""


@pytest.fixture
def of_nobody() -> Iterator[Path]:
    """A home of that user's, with a folder for programs, and a password for a registry."""
    home = Path(tempfile.mkdtemp(prefix="tests-doctor-", dir="/tmp"))
    for name in (".docker", "bin", "tmp", "state"):
        (home / name).mkdir(mode=0o755)
    settings = home / ".docker" / "config.json"
    settings.write_text('{"auths": {"r.example": {"auth": "bWU6c2VjcmV0"}}}')
    settings.chmod(0o600)
    home.chmod(0o755)
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    yield home
    shutil.rmtree(home)


def tree(folder: Path) -> dict[str, tuple[int, ...]]:
    """All that is there, with what a write would change."""
    return {
        str(path): (about.st_mode, about.st_mtime_ns, about.st_ctime_ns, about.st_size)
        for path in (folder, *folder.rglob("*"))
        for about in [path.lstat()]
    }


@pytest.mark.root
def test_another_user_is_told_what_is_so_for_them_and_nothing_is_written(
    docker: Docker, shell: Any, environment: dict[str, str], of_nobody: Path
) -> None:
    """Their own folder on PATH is theirs to fill, which for root is a risk; the engine, which does
    not let them in, is said not to."""
    if os.geteuid() != 0 or (socket := socket_of(docker)) is None:
        missing("root, and an engine with a socket on this machine")
    entry = str(of_nobody / "bin")
    surroundings = {
        **environment,
        "HOME": str(of_nobody),
        "TMPDIR": str(of_nobody / "tmp"),
        "XDG_STATE_HOME": str(of_nobody / "state"),
        "PATH": os.pathsep.join([entry, os.environ["PATH"]]),
        "DOCKER_HOST": f"unix://{socket}",
    }
    before = tree(of_nobody)
    done = shell(sys.executable, "-c", AS_NOBODY, env=surroundings, cwd="/")
    assert tree(of_nobody) == before
    told = {(one["id"], one["severity"]): one for one in json.loads(done.stdout)["findings"]}
    assert told["engine-unreachable", "unknown"]["remedy"] == "sudo dockcli doctor"
    settings = told["credentials-plain", "note"]
    assert settings["subject"] == str(of_nobody / ".docker" / "config.json")
    assert "c2VjcmV0" not in done.stdout.decode()
    assert (done.returncode, done.stderr) in [(1, b""), (2, b"")]
    assert entry not in {one["subject"] for one in told.values()}
    as_root = AS_NOBODY.replace("65534", "0")
    told_root = json.loads(shell(sys.executable, "-c", as_root, env=surroundings, cwd="/").stdout)
    found = {(one["id"], one["subject"]) for one in told_root["findings"]}
    assert ("path-entry-writable", entry) in found
    assert "engine-unreachable" not in {id for id, _ in found}


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
