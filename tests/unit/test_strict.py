"""A strict client refuses what docker would make silently for a name typed wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockcli import Bind, Docker, VolumeMount
from dockcli.errors import EngineUnreachable, InvalidArgument
from dockcli.strict import checked
from tests.unit.fake import FakeDocker


@pytest.fixture
def strict(fake_docker: FakeDocker) -> Docker:
    """A strict client of an engine that has one volume, ``data``."""
    there = json.dumps([{"Name": "data"}]).encode()
    missing = b"Error: No such volume: typo\n"
    fake_docker.will(("write", 1, there), ("write", 2, missing), ("exit", 1), when="volume inspect")
    return Docker(strict=True)


def sent(fake: FakeDocker) -> list[str]:
    """The flags of mounts that the last call had."""
    return [word for word in fake.calls[-1].words if word.startswith(("--volume=", "--mount="))]


@pytest.mark.parametrize(
    "options",
    [
        {"volume": ["typo:/x"]},
        {"volume": "typo:/x:ro,nocopy"},
        {"volume": [VolumeMount("typo", "/x")]},
        {"mount": [VolumeMount("typo", "/x", driver="local")]},
        {"mount": ["type=volume,source=typo,target=/x"]},
        {"mount": ["src=typo,dst=/x"]},
        {"mount": ['TYPE=volume,"target=/x,y",source=typo']},
        {"mount": "type=VOLUME,src=typo,dst=/x"},
        {"mount": ["type=volume,src=typo,dst=/x\n"]},
        {"volume": ["data:/y"], "mount": [VolumeMount("typo", "/x")]},
    ],
    ids=repr,
)
@pytest.mark.parametrize("verb", ["run", "create"])
def test_a_volume_that_is_not_there(
    fake_docker: FakeDocker, strict: Docker, verb: str, options: Any
) -> None:
    with pytest.raises(InvalidArgument, match=r"no volume 'typo': .*volume\.create\('typo'\)"):
        getattr(strict, verb)("alpine", "id", **options)
    assert fake_docker.commands == ["volume inspect"]


def test_all_volumes_are_asked_for_by_one_process(fake_docker: FakeDocker, strict: Docker) -> None:
    with pytest.raises(InvalidArgument, match="no volume 'typo', 'other'"):
        strict.run("alpine", volume=["data:/a", "typo:/b", "other:/c", "data:/d"])
    assert fake_docker.call.words[-3:] == ["data", "typo", "other"]


def test_a_volume_that_is_there(fake_docker: FakeDocker, strict: Docker) -> None:
    fake_docker.will(("write", 1, b'[{"Name": "data"}]'), when="volume inspect")
    strict.run("alpine", volume=["data:/x", "/anonymous"], mount=[VolumeMount("data", "/y")])
    assert fake_docker.commands == ["volume inspect", "container run"]
    assert sent(fake_docker) == [
        "--volume=data:/x",
        "--volume=/anonymous",
        "--mount=type=volume,source=data,target=/y",
    ]


def test_an_engine_that_cannot_be_asked_is_no_missing_volume(
    fake_docker: FakeDocker, strict: Docker
) -> None:
    words = b"Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n"
    fake_docker.will(("write", 2, words), ("exit", 1), when="volume inspect")
    with pytest.raises(EngineUnreachable):
        strict.run("alpine", volume=["data:/x"])
    assert fake_docker.commands == ["volume inspect"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("/a:/x", "--mount=type=bind,source=/a,target=/x"),
        ("/a:/x:ro", "--mount=type=bind,source=/a,target=/x,ro"),
        ("/a:/x:rw", "--mount=type=bind,source=/a,target=/x"),
        (
            "/a,b:/x:ro,rslave",
            '--mount=type=bind,"source=/a,b",target=/x,ro,bind-propagation=rslave',
        ),
        ("./a:/x", "--mount=type=bind,source=/srv/a,target=/x"),
        ("../a:/x", "--mount=type=bind,source=/a,target=/x"),
        (Bind("/a", "/x"), "--mount=type=bind,source=/a,target=/x"),
        ("/a:/x:cached", "--mount=type=bind,source=/a,target=/x,consistency=cached"),
        (
            "/a:/x:ro,delegated,rslave",
            "--mount=type=bind,source=/a,target=/x,ro,bind-propagation=rslave,consistency=delegated",
        ),
        ("/a:/x:consistent", "--mount=type=bind,source=/a,target=/x,consistency=consistent"),
        ("/a:/x:default", "--mount=type=bind,source=/a,target=/x,consistency=default"),
        ("/a:/x:cached,delegated", "--volume=/a:/x:cached,delegated"),
        (Bind("/a", "/x", create_source=True), "--volume=/a:/x"),
        (Bind("/a", "/x", True, create_source=True), "--volume=/a:/x:ro"),
        ("/a:/x:z", "--volume=/a:/x:z"),
        ("/a:/x:ro,Z", "--volume=/a:/x:ro,Z"),
        ("/a:/x:slave,shared", "--volume=/a:/x:slave,shared"),
        ("/a:/b:/x:ro", "--volume=/a:/b:/x:ro"),
        ("/x", "--volume=/x"),
        ("~/a:/x", "--volume=~/a:/x"),
        ("C:\\a:/x", "--volume=C:\\a:/x"),
        ("\\\\.\\pipe:/x", "--volume=\\\\.\\pipe:/x"),
    ],
    ids=repr,
)
def test_a_folder_is_sent_so_that_docker_refuses_a_missing_one(
    fake_docker: FakeDocker, given: Any, word: str
) -> None:
    folder = Docker(strict=True).but(cwd="/srv")
    done = checked(folder.call.run("alpine", "--volume=/a:/x", volume=[given]))
    assert done.argv == ("docker", "container", "run", word, "alpine", "--volume=/a:/x")
    assert not fake_docker.calls


def test_a_strict_client_stays_strict(client: Docker) -> None:
    assert Docker(strict=True).but(sudo=True).strict
    assert not client.but(sudo=True).strict


def test_mounts_that_are_no_volumes_are_not_asked_for(
    fake_docker: FakeDocker, strict: Docker
) -> None:
    strict.run(
        "alpine",
        mount=["type=bind,source=typo,target=/x", "type=tmpfs,target=/y", "target=/z", 'x"', "\n"],
        label=["--volume=typo:/x"],
        tmpfs=["/t"],
    )
    assert fake_docker.commands == ["container run"]


def test_only_what_makes_a_container_is_looked_at(fake_docker: FakeDocker, strict: Docker) -> None:
    strict.raw("run", "--volume=typo:/x", "alpine")
    strict.container.exec("web", "--volume=typo:/x")
    strict.container.run("alpine", "--volume=typo:/x")
    assert "volume inspect" not in fake_docker.commands


def test_no_client_is_strict_unless_it_is_told_to(fake_docker: FakeDocker, client: Docker) -> None:
    client.run("alpine", volume=["typo:/x", "/a:/x"])
    assert sent(fake_docker) == ["--volume=typo:/x", "--volume=/a:/x"]
    assert fake_docker.commands == ["container run"]


def test_a_terminal_and_a_pipeline_are_strict_too(strict: Docker, tmp_path: Path) -> None:
    call = strict.call.run("alpine", volume=[f"{tmp_path}:/x"])
    assert f"--mount=type=bind,source={tmp_path},target=/x" in strict.launch(call).words
    assert "--mount=type=bind" in str(call.plumbum())
    with pytest.raises(InvalidArgument, match="no volume 'typo'"):
        strict.launch(strict.call.run("alpine", volume="typo:/x"))
