"""The doctor asks docker and the engine what they are, and waits for neither."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.doctor import Finding
from tests.unit.doctor import INFO, NAME, VERSION, found, healthy
from tests.unit.fake import FakeDocker, is_gone


@pytest.fixture
def well(tmp_path: Path, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A docker on a machine where nothing is risky."""
    monkeypatch.setenv("PATH", f"{fake_docker.folder}:/usr/bin:/bin")
    healthy(fake_docker)
    return fake_docker


def only() -> Finding:
    (finding,) = found()
    return finding


def test_podman_in_dockers_place_is_asked_nothing_else(well: FakeDocker) -> None:
    healthy(well, name="podman version 4.3.1\n")
    assert (only().id, only().severity) == ("docker-is-podman", "note")
    assert {tuple(call.words) for call in well.calls} == {("--version",)}


@pytest.mark.parametrize("shape", ["another", "the same", "a link", "writable"])
def test_another_docker_on_path(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    other = FakeDocker(tmp_path / "other")
    healthy(other, name=NAME if shape == "the same" else "Docker version 20.10.24, build 1\n")
    if shape == "a link":
        other.path.unlink()
        other.path.symlink_to(well.path)
    if shape == "writable":
        other.path.chmod(0o757)
    monkeypatch.setenv("PATH", f"{well.folder}:{other.folder}")
    findings = [one for one in found() if one.id == "several-dockers"]
    assert [one.subject for one in findings] == ([str(other.path)] * (shape == "another"))
    assert all("20.10.24" in one.what and "28.2.2" in one.what for one in findings)
    assert shape != "writable" or other.calls == []


@pytest.mark.parametrize(
    ("client", "server", "older"),
    [("1.50", "1.41", "engine"), ("1.41", "1.50", "client"), ("1.50", "1.47", None)],
)
def test_a_client_and_an_engine_of_different_times(
    well: FakeDocker, client: str, server: str, older: str | None
) -> None:
    version = {
        "Client": {**VERSION["Client"], "DefaultAPIVersion": client},
        "Server": {**VERSION["Server"], "ApiVersion": server},
    }
    healthy(well, version=version)
    assert [one.id for one in found()] == (["version-skew"] if older else [])
    assert all(f"the {older}" in one.why for one in found())


ANSWERS: list[tuple[dict[str, Any], str, str]] = [
    ({"SecurityOptions": ["name=apparmor", "name=rootless"]}, "seccomp-off", "risk"),
    (
        {"SecurityOptions": ["name=selinux", "name=seccomp,profile=unconfined", "name=userns"]},
        "seccomp-off",
        "risk",
    ),
    (
        {"SecurityOptions": ["name=seccomp,profile=default", "name=rootless"]},
        "no-access-control",
        "note",
    ),
    (
        {"SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin"]},
        "engine-as-root",
        "note",
    ),
    ({"RegistryConfig": {"InsecureRegistryCIDRs": ["10.0.0.0/8"]}}, "insecure-registry", "risk"),
    (
        {"RegistryConfig": {"IndexConfigs": {"r.example:5000": {"Secure": False}}}},
        "insecure-registry",
        "risk",
    ),
    (
        {"Warnings": ["WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n"]},
        "engine-on-network",
        "risk",
    ),
    (
        {
            "Warnings": [
                "[DEPRECATION NOTICE]: API is accessible on https://0.0.0.0:2376 without TLS client"
                " verification."
            ]
        },
        "engine-on-network",
        "risk",
    ),
]


@pytest.mark.parametrize(("info", "id", "severity"), ANSWERS)
def test_what_the_engine_says(
    well: FakeDocker, info: dict[str, Any], id: str, severity: str
) -> None:
    healthy(well, **info)
    assert (only().id, only().severity) == (id, severity)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        dict.fromkeys(INFO),
        dict.fromkeys(INFO, 7),
        {name: [None] for name in INFO},
    ],
    ids=["less", "null", "numbers", "lists"],
)
def test_an_engine_that_answers_oddly(well: FakeDocker, answer: dict[str, Any]) -> None:
    healthy(well, **answer)
    assert {one.id for one in found()} <= {"seccomp-off", "no-access-control", "engine-as-root"}


@pytest.mark.parametrize(
    "steps",
    [
        (
            ("write", 2, b"Cannot connect to the Docker daemon at unix:///x. Is it running?\n"),
            ("exit", 1),
        ),
        (("write", 1, b"{"),),
        (),
        (("kill", 9),),
    ],
    ids=["none", "half", "nothing", "killed"],
)
@pytest.mark.parametrize("question", ["version", "system info"])
def test_an_engine_that_cannot_be_asked(
    well: FakeDocker, steps: tuple[Any, ...], question: str
) -> None:
    well.will(*steps, when=question)
    assert (only().id, only().severity) == ("engine-unreachable", "unknown")


def test_an_engine_that_does_not_let_this_user_in(well: FakeDocker) -> None:
    said = b"permission denied while trying to connect to the docker API at unix:///x\n"
    well.will(("write", 2, said), ("exit", 1), when="version")
    assert (only().id, only().remedy) == ("engine-unreachable", "sudo dockcli doctor")


def test_an_engine_that_never_answers(well: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockcli.doctor.engine._SECONDS", 0.3)
    monkeypatch.setattr("dockcli.doctor.engine._SECONDS_FOR_ITS_NAME", 0.3)
    well.will(("mark", "hanging"), ("sleep", 60))
    well.will(("mark", "silent"), ("sleep", 60), when="version")
    begun = time.monotonic()
    finding = only()
    assert (finding.id, finding.severity) == ("engine-unreachable", "unknown")
    assert finding.remedy == "find out what docker waits for: docker --debug info"
    assert time.monotonic() - begun < 20
    assert is_gone(well.marked("hanging"))
    assert is_gone(well.marked("silent"))


def test_docker_is_asked_as_the_client_does(well: FakeDocker, tmp_path: Path) -> None:
    client = Docker(well.path, context="far", config=tmp_path / "settings", env={"X": "1"})
    assert found(client) == []
    asked = [call for call in well.calls if call.words != ["--version"]]
    assert len(asked) == 2  # once for the version, once for all the rest
    for call in asked:
        assert call.words[:2] == ["--context=far", f"--config={tmp_path}/settings"]
    assert all(call.env["X"] == b"1" for call in well.calls)


def test_the_environment_is_the_clients(well: FakeDocker, tmp_path: Path) -> None:
    client = Docker(env={"DOCKER_HOST": "tcp://server:2375", "PATH": os.environ["PATH"] + ":."})
    assert [one.id for one in found(client)] == ["tcp-without-tls", "path-entry-relative"]
