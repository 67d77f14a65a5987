"""Against a registry of the test's own on loopback that wants a password, and one that searches."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker, Secret, errors
from tests.engine.conftest import PASSWORD, USER, missing

Unique = Callable[[str], str]


@pytest.fixture
def private(docker_cli: str, docker: Docker, tmp_path: Path) -> Docker:
    """A client of each docker that keeps what it knows in the test's own folder."""
    return Docker(docker_cli, config=tmp_path / "config", env=docker.env)


@pytest.fixture
def image(private: Docker, registry: str, base: str, unique: Unique) -> Iterator[str]:
    """The base image under a name of that registry."""
    name = f"{registry}/{unique('image')}:1"
    private.image.tag(base, name)
    yield name
    private.raw("image", "rm", name, check=False)


def test_login_push_pull_and_logout(
    private: Docker, registry: str, image: str, tmp_path: Path, docker: Docker
) -> None:
    with pytest.raises(errors.AuthenticationFailed):
        private.image.push(image)
    with pytest.raises(errors.AuthenticationFailed) as caught:
        private.login(registry, username=USER, password="wr0ng")
    assert "wr0ng" not in repr(vars(caught.value))
    assert private.login(registry, username=USER, password=PASSWORD) is None
    assert registry in (tmp_path / "config" / "config.json").read_text(encoding="utf-8")
    assert private.login(registry, username=USER, password=Secret(PASSWORD)) is None
    assert private.login(
        registry, username=USER, password_stdin=True, stdin=PASSWORD
    ) is None  # fmt: skip

    pushed = private.image.push(image)
    digests = private.image.inspect(image).raw["RepoDigests"]
    (digest,) = [one for one in digests if one.startswith(registry)]
    assert digest.endswith(pushed.digest)
    private.image.rm(image)
    assert private.pull(image).id == image
    assert digest in private.image.inspect(image).raw["RepoDigests"]

    assert private.logout(registry) is None
    assert registry not in (tmp_path / "config" / "config.json").read_text(encoding="utf-8")
    private.image.rm(image)
    with pytest.raises(errors.AuthenticationFailed):
        private.pull(image)


def test_manifests(private: Docker, registry: str, image: str, docker: Docker) -> None:
    private.login(registry, username=USER, password=PASSWORD)
    pushed = private.image.push(image)
    one = private.manifest.inspect(image, insecure=True)
    assert one.config is not None
    assert one.config.digest == private.image.inspect(image).id
    assert one.config.size > 100
    assert [layer.size > 1000 for layer in one.layers] == [True]
    listed = f"{image}-list"
    assert private.manifest.create(listed, image, insecure=True) is None
    with pytest.raises(errors.NameConflict):
        private.manifest.create(listed, image, insecure=True)
    assert private.manifest.annotate(listed, image, arch="arm64", variant="v8") is None
    (arm,) = private.manifest.inspect(listed).manifests
    assert (arm.digest, arm.size) == (pushed.digest, pushed.size)
    assert (arm.os, arm.architecture, arm.variant) == ("linux", "arm64", "v8")
    digest = private.manifest.push(listed, insecure=True)
    assert digest.startswith("sha256:")
    assert private.manifest.rm(listed) is None
    with pytest.raises(errors.NoSuchManifest):
        private.manifest.rm(listed)
    assert private.manifest.inspect(listed, insecure=True).manifests == (arm,)
    text = private.manifest.inspect(image, insecure=True, verbose=True)
    assert text.json()["Descriptor"]["digest"] == arm.digest
    with pytest.raises(errors.NoSuchManifest):
        private.manifest.inspect(f"{image}-none", insecure=True)


def test_podman_logs_in_by_stdin_too(
    docker: Docker, registry: str, tmp_path: Path, podman_environment: dict[str, str]
) -> None:
    if shutil.which("podman") is None:
        missing("podman")
    podman = Docker("podman", env=podman_environment)
    plain = {"authfile": tmp_path / "auth.json", "tls_verify": False}
    with pytest.raises(errors.AuthenticationFailed):
        podman.login(registry, username=USER, password="wr0ng", **plain)  # type: ignore[arg-type]
    podman.login(registry, username=USER, password=PASSWORD, **plain)  # type: ignore[arg-type]
    podman.logout(registry, authfile=plain["authfile"])  # type: ignore[arg-type]


class Searching(http.server.BaseHTTPRequestHandler):
    """A registry that knows one repository, as Docker Hub's search answers."""

    def do_GET(self) -> None:
        row = {"name": "me/alpine", "description": "small, \"new\"", "star_count": 12345,
               "is_official": True, "is_automated": False}  # fmt: skip
        body = json.dumps({"results": [row]} if "/search" in self.path else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_search(docker_cli: str, docker: Docker) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), Searching)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        (one,) = Docker(docker_cli).search(f"127.0.0.1:{server.server_port}/alpine", limit=5)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (one.name, one.description, one.stars) == ("me/alpine", 'small, "new"', 12345)
    assert (one.official, one.automated) == (True, False)


def test_nothing_is_signed_where_no_notary_is(private: Docker, registry: str) -> None:
    with pytest.raises(errors.NotSigned):
        private.trust.inspect(f"{registry}/none")
    assert private.trust.inspect(f"{registry}/none", missing_ok=True) == []
