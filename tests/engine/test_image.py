"""The verbs of ``docker image`` for real, by every CLI: those that `test_verbs.py` has not."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, Image, errors
from dockcli.models.times import now
from tests.engine.conftest import missing

DIGEST = re.compile("sha256:[0-9a-f]{64}")
MANY = Callable[[str], str]

STEP = "echo hello >/hello; : and more than docker shows of a step unless it is told to"


def is_podman(client: Docker) -> bool:
    return client.binary == "podman"


def plain(name: str) -> str:
    """podman puts a registry before a name that has none."""
    return name.removeprefix("localhost/")


@pytest.fixture
def image(cli: Docker, cli_base: str, unique: MANY) -> Iterator[Image]:
    text = f"FROM {cli_base}\nRUN {STEP}\nCMD cat /hello\n"
    name = f"{unique('image')}:1"
    yield cli.build("-", tag=name, stdin=text, label={"mine": unique("label")})
    cli.raw("image", "rm", name, check=False)


def test_history_is_exact(cli: Docker, image: Image) -> None:
    steps = image.history()
    assert all(one.created is not None for one in steps)
    made = next(one for one in steps if STEP in one.created_by)
    assert made.size >= 6
    assert made.created is not None
    assert now() - made.created < timedelta(minutes=5)
    assert any(one.size > 10**6 for one in steps)
    told = cli.history(image, format="{{.CreatedBy}}", no_trunc=True)
    assert "echo hello" in told.text
    assert cli.history(image, quiet=True, no_trunc=True).text.strip()


def test_history_rounded_by_docker(docker: Docker, docker_cli: str, base: str) -> None:
    exact = Docker(docker_cli).history(base)
    human = Docker(docker_cli).history(base, human=True)
    assert [one.size for one in human] != [one.size for one in exact]
    assert sum(one.size for one in human) == pytest.approx(sum(one.size for one in exact), rel=0.01)


def test_save_and_load_there_and_back(
    cli: Docker, image: Image, unique: MANY, tmp_path: Path
) -> None:
    name, id = f"{unique('image')}:1", image.id
    archive = cli.save(name)
    cli.save(name, output=tmp_path / "file.tar")
    assert len(archive.stdout) == (tmp_path / "file.tar").stat().st_size
    cli.rmi(name)
    for given in ({"stdin": archive.stdout}, {"input": tmp_path / "file.tar"}):
        (loaded,) = cli.load(**given)
        assert plain(loaded.id) == name
        assert loaded.inspect().id == id
        cli.rmi(loaded)


def test_load_of_an_image_without_a_name(cli: Docker, cli_base: str, unique: MANY) -> None:
    text = f"FROM {cli_base}\nLABEL x={unique('x')}\n"
    one = cli.build("-", stdin=text)
    archive = one.save().stdout
    one.rm()
    (loaded,) = cli.load(stdin=archive, quiet=True)
    assert loaded.id == one.id
    loaded.rm()


def test_several_images_in_one_archive(
    docker: Docker, docker_cli: str, base: str, unique: MANY
) -> None:
    client = Docker(docker_cli)
    names = [f"{unique('a')}:1", f"{unique('b')}:1"]
    for name in names:
        client.tag(base, name)
    archive = client.save(*names)
    client.rmi(*names)
    assert sorted(one.id for one in client.load(stdin=archive.stdout)) == names
    client.rmi(*names)


def test_what_is_no_archive(cli: Docker) -> None:
    with pytest.raises(errors.DockerFailed):
        cli.load(stdin=b"no tar")


def test_prune_by_a_label(cli: Docker, cli_base: str, unique: MANY) -> None:
    labels = {"mine": unique("label")}
    for number in range(2):  # the second one takes the name from the first
        text = f"FROM {cli_base}\nRUN echo {number} >/number\n"
        cli.build("-", tag=unique("image"), stdin=text, label=labels)
    mine = {"label": f"mine={unique('label')}"}
    dangling = cli.image.prune(filter=mine)
    assert dangling.deleted
    assert dangling.untagged == ()
    assert (dangling.reclaimed is None) == is_podman(cli)
    rest = cli.image.prune(all=True, filter=mine)
    assert all(map(DIGEST.fullmatch, rest.deleted))
    if not is_podman(cli):
        assert rest.untagged == (f"{unique('image')}:latest",)
        assert rest.reclaimed == 2
    assert cli.image.prune(all=True, filter=mine).deleted == ()


def test_no_such_image(cli: Docker) -> None:
    calls: list[Any] = [cli.history, cli.save, cli.push]
    for call in calls:
        with pytest.raises(errors.NoSuchImage):
            call("localhost/no-such-image:1")


# --- with a registry on loopback


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """The address of a docker-registry of the test's own: no child process may outlive it."""
    program = shutil.which("docker-registry")
    if program is None:
        missing("docker-registry")
    assert program is not None
    folder = tmp_path / "registry"
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{address}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve", str(folder / "config.yml")], stdout=log, stderr=log
        )
    try:
        wait_until_it_listens(address)
        yield address
    finally:
        process.kill()
        process.wait()


def wait_until_it_listens(address: str) -> None:
    host, _, port = address.partition(":")
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "the registry does not listen"
            time.sleep(0.05)


@pytest.fixture
def insecure(cli: Docker) -> dict[str, Any]:
    """What podman must be told for a registry without TLS; docker trusts loopback."""
    return {"tls_verify": False} if is_podman(cli) else {}


def test_push_and_pull(
    cli: Docker, image: Image, registry: str, insecure: dict[str, Any], unique: MANY
) -> None:
    name = f"{registry}/{unique('image')}:1"
    image.tag(name)
    pushed = cli.push(name, **insecure)
    if is_podman(cli):
        assert pushed.digest == ""
    else:
        assert DIGEST.fullmatch(pushed.digest)
        assert pushed.size > 100
        assert f"{name[:-2]}@{pushed.digest}" in image.inspect().digests
    cli.rmi(name)
    pulled = cli.pull(name, **insecure)
    assert pulled.id == name
    assert pulled.inspect().id == image.id
    assert cli.pull(name, quiet=True, **insecure) == pulled
    cli.rmi(name)


def test_push_and_pull_of_all_tags(
    docker: Docker, docker_cli: str, base: str, registry: str, unique: MANY
) -> None:
    client, repository = Docker(docker_cli), f"{registry}/{unique('many')}"
    names = [f"{repository}:1", f"{repository}:2"]
    for name in names:
        client.tag(base, name)
    pushed = client.push(repository, all_tags=True)
    assert sorted(one.tag for one in pushed.tags) == ["1", "2"]
    assert {one.digest for one in pushed.tags} == {pushed.digest}
    client.rmi(*names)
    client.pull(repository, all_tags=True)
    (one,) = client.images(repository)
    assert sorted(tag for tag in one.tags if tag.startswith(repository)) == names
    by_digest = client.pull(f"{repository}@{pushed.digest}")
    assert by_digest.inspect().id == one.id
    client.rmi(*names)


def test_what_the_registry_has_not(cli: Docker, registry: str, insecure: dict[str, Any]) -> None:
    with pytest.raises(errors.DockerFailed) as caught:
        cli.pull(f"{registry}/nothing:1", **insecure)
    assert is_podman(cli) or isinstance(caught.value, errors.NoSuchImage)
