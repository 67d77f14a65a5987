"""docker's silence about an old volume, a password that is on no command line, and what registries,
contexts and signatures say when they refuse."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from dockcli import Completed, Docker, Secret, Volume, errors
from dockcli.call import DOCKER
from dockcli.failure import failure
from dockcli.runner import Job
from tests.unit.fake import FakeDocker


class There:
    """A docker on whose engine the volume ``data`` is already, whatever is asked for."""

    def __init__(self, **fields: object) -> None:
        labels = {"owner": "me", "old": "1"}
        volume = {"Name": "data", "Driver": "local", "Labels": labels, "Options": None}
        self.volume: dict[str, object] = {**volume, **fields}
        self.calls: list[tuple[str, ...]] = []

    def run(self, job: Job) -> Completed:
        self.calls.append(job.argv)
        inspect = "inspect" in job.argv
        said = json.dumps([self.volume]) if inspect else "data\n"
        return Completed(job.argv, 0, said.encode(), b"", 0.1)


NFS = {"type": "nfs", "device": ":/x", "o": "addr=10.0.0.1,ro"}


def test_a_volume_that_is_not_as_asked_for_is_told() -> None:
    docker = Docker(runner=There())
    with pytest.raises(errors.VolumeDrift) as info:
        docker.volume.create("data", driver="big", label={"owner": "you", "new": None}, opt=NFS)
    assert isinstance(info.value, errors.NameConflict)
    assert info.value.volume == "data"
    assert set(info.value.differences) == {
        ("driver", "big", "local"),
        ("label owner", "you", "me"),
        ("label new", "", None),
        ("opt type", "nfs", None),
        ("opt device", ":/x", None),
        ("opt o", "addr=10.0.0.1,ro", None),
    }
    assert "its driver is 'local', not 'big'" in str(info.value)
    assert "its opt type is not set, not 'nfs'" in str(info.value)
    again = pickle.loads(pickle.dumps(info.value))
    assert (str(again), again.differences) == (str(info.value), info.value.differences)


def test_an_option_more_is_a_difference_where_options_were_asked_for() -> None:
    docker = Docker(runner=There(Options=NFS))
    with pytest.raises(errors.VolumeDrift) as info:
        docker.volume.create("data", opt=["type=nfs", "device=:/x"])
    assert info.value.differences == (("opt o", None, "addr=10.0.0.1,ro"),)
    assert docker.volume.create("data", opt=NFS).name == "data"
    assert docker.volume.create("data", label="old=1").name == "data"


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"label": {"owner": "me"}}, {}),
        ({"driver": "local"}, {}),
        ({"driver": "vieux/sshfs"}, {"Driver": "vieux/sshfs:latest"}),
        ({"driver": "vieux/sshfs:latest"}, {"Driver": "vieux/sshfs:latest"}),
        ({"label": {"k": "a,b"}}, {"Labels": {"k": "a", "b": ""}, "MountCount": 0}),
    ],
)
def test_a_volume_that_agrees_costs_one_process_more(options: Any, fields: Any) -> None:
    runner = There(**fields)
    docker = Docker(runner=runner)
    assert docker.volume.create("data", **options) == Volume("data", docker)
    assert [argv[2] for argv in runner.calls] == ["create", "inspect"]


def test_where_nothing_can_differ_there_is_one_process() -> None:
    runner = There()
    owned = Docker(runner=runner, labels={"owner": "another"})
    assert owned.volume.create("data").name == "data"
    assert owned.volume.create(label={"k": "v"}).name == "data"  # without a name it is a new one
    assert [argv[2] for argv in runner.calls] == ["create", "create"]
    assert owned.volume.create("data", label={"old": 1}).name == "data"


# --- a registry's password


@pytest.mark.parametrize(
    "password", ["c4nary", Secret("c4nary")], ids=lambda one: type(one).__name__
)
def test_a_password_goes_to_stdin(fake_docker: FakeDocker, password: str | Secret) -> None:
    fake_docker.will(("read",))
    assert Docker().login("hub:5000", username="me", password=password) is None
    assert fake_docker.call.words == ["login", "--username=me", "--password-stdin", "hub:5000"]
    assert fake_docker.call.stdin == b"c4nary"
    assert b"c4nary" not in b"".join(fake_docker.call.env.values())


def test_a_password_by_two_ways_is_refused(fake_docker: FakeDocker) -> None:
    login: Any = Docker().login
    for other in ({"stdin": "x"}, {"password_stdin": True}, {"password_stdin": False}):
        with pytest.raises(errors.InvalidArgument, match="not both"):
            login("hub:5000", password="c4nary", **other)
    with pytest.raises(errors.InvalidArgument):
        login("hub:5000", password=["c4nary"])
    assert not fake_docker.calls
    login("hub:5000", username="me", password_stdin=True, stdin=Secret("c4nary"))
    login()
    assert [call.words for call in fake_docker.calls] == [
        ["login", "--username=me", "--password-stdin", "hub:5000"],
        ["login"],
    ]


# --- what was said: 28.2.2, 20.10.24 (both with engine 20.10.24), podman 4.3.1

SAID = [
    ("Error response from daemon: login attempt to http://127.0.0.1:5713/v2/ failed with status: "
     "401 Unauthorized", errors.AuthenticationFailed),
    ("no basic auth credentials", errors.AuthenticationFailed),
    ('Error response from daemon: Head "http://127.0.0.1:5713/v2/nt/manifests/1": no basic auth '
     "credentials", errors.AuthenticationFailed),
    ('Error: logging into "127.0.0.1:5713": invalid username/password',
     errors.AuthenticationFailed),
    ("Error: initializing source docker://127.0.0.1:5713/nt:1: reading manifest 1 in "
     "127.0.0.1:5713/nt: unauthorized: authentication required", errors.AuthenticationFailed),
    ('Error response from daemon: Get "https://registry-1.docker.io/v2/": unauthorized: incorrect '
     "username or password", errors.AuthenticationFailed),
    ("no such manifest: 127.0.0.1:5713/nt:none", errors.NoSuchManifest),
    ("No such manifest: 127.0.0.1:5713/nt:list", errors.NoSuchManifest),
    ("refusing to amend an existing manifest list with no --amend flag", errors.NameConflict),
    ("no signatures or cannot access alpine", errors.NotSigned),
    ("No signatures or cannot access alpine", errors.NotSigned),
    ('context "none-such": context not found: open /root/.docker/contexts/meta/f2a7/meta.json: no '
     "such file or directory", errors.NoSuchContext),
    ('context "none-such" does not exist', errors.NoSuchContext),
    ('nt-none: context "nt-none" does not exist', errors.NoSuchContext),
    ('context "nt-one" already exists', errors.NameConflict),
    ('context "nt-two" is in use, set -f flag to force remove', errors.InUse),
    ("nt-two: context is in use, set -f flag to force remove", errors.InUse),
    ("docker checkpoint ls is only supported on a Docker daemon with experimental features enabled",
     errors.NotExperimental),
    ("docker volume update requires API version 1.42, but the Docker daemon API version is 1.41",
     errors.UnsupportedFlag),
    ("Error response from daemon: endpoint with name web already exists in network net",
     errors.NameConflict),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind"), SAID, ids=[said[:50] for said, _ in SAID])
def test_a_refusal_is_recognised(said: str, kind: type[errors.DockerFailed]) -> None:
    error = failure(Completed(("docker",), 1, b"", f"{said}\n".encode(), 0.1), DOCKER)
    assert type(error) is kind
    assert error.advice
