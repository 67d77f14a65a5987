"""Rescue on a real engine: the data is in the volume, the container is as it was."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockcli import Docker, Tmpfs, VolumeMount
from dockcli.data import undertaking
from dockcli.data.anew import CannotBeMadeAnew, differences
from dockcli.data.errors import VolumeInUse
from dockcli.data.helper.image import made
from dockcli.data.rescue import CannotBeRescued, RescueFailed, fill, rescue
from dockcli.engine.base import provide
from dockcli.errors import NoSuchContainer, NoSuchVolume
from tests.engine.conftest import Local, socket_of

TREE = """\
[ -e /srv/d/a ] || {
mkdir -p /srv/d/sub; cd /srv/d
echo a >a; ln a b; chmod 4755 a; ln -s a s; mkfifo f; mknod n c 1 3
dd if=/dev/zero of=sparse bs=1 count=1 seek=10000000 2>/dev/null
echo x >sub/x; echo y >"sub/odd
name"; echo z >./-dash; chown 5:6 sub; chmod 1770 sub
touch -d '2020-01-02 03:04:05' sub/x sub; chown 7:8 .; chmod 2755 .
touch -d '2019-01-02 03:04:05' .
}
touch /ready
exec sleep 600
"""
LOOK = (
    "cd /srv/d && find . -exec stat -c '%n|%f|%u:%g|%s|%h|%y|%t' {} + | sort; cat ./-dash a sub/*"
)


@pytest.fixture(scope="session")
def cli_base(cli: Docker) -> str:
    """The base image, and beside it the helper's, which stays for the next time as it does."""
    made(cli)
    return provide(cli, lambda text: None).reference


@pytest.fixture(autouse=True)
def helper_image() -> None:
    """It is made with the base image here: most tests ask for one docker alone, not for each."""


class Ground:
    """Names of a test's own; all that has them goes at its end."""

    def __init__(self, client: Docker, base: str, unique: Callable[[str], str]) -> None:
        self.client, self.base = client, base
        self.name, self.volume, self.network = (unique(word) for word in ("web", "vol", "net"))

    def run(self, script: str = TREE, *, ready: bool = True, **options: Any) -> Any:
        made = self.client.container.run(
            self.base, "sh", "-c", script, name=self.name, detach=True, stop_timeout=0, **options
        )
        if ready:
            made.wait_for(file="/ready", deadline=20)
        return made

    def look(self) -> str:
        return self.client.container.exec(self.name, "sh", "-c", LOOK).text

    def wait(self, test: str) -> None:
        """Until a *test* in the container holds."""
        until = time.monotonic() + 20
        while self.client.container.exec(self.name, "sh", "-c", test, check=False).returncode:
            assert time.monotonic() < until, test
            time.sleep(0.05)

    def left(self) -> list[str]:
        """The containers that have the name, or one that is made of it."""
        names = [one.name for one in self.client.container.ls(all=True)]
        return [name for name in names if name.startswith((self.name, "dockcli-rescue-"))]

    def told(self) -> Any:
        return self.client.container.inspect(self.name)

    def clean(self) -> None:
        client, volumes = self.client, {self.volume, f"{self.volume}-2"}
        for one in client.container.ls(all=True):
            if one.name.startswith(self.name):
                volumes |= {mount.name for mount in one.mounts if mount.type == "volume"}
                client.container.rm(one, force=True, volumes=True)
        for volume in client.volume.ls():
            if volume.name in volumes:
                client.volume.rm(volume)
        for image in client.image.ls():
            for tag in image.tags:
                if f"dockcli-rescue/{self.name}:" in tag:
                    client.image.rm(tag)
        for network in client.network.ls():
            if network.name == self.network:
                client.network.rm(network)


@pytest.fixture
def ground(cli: Docker, cli_base: str, unique: Callable[[str], str]) -> Iterator[Ground]:
    made = Ground(cli, cli_base, unique)
    yield made
    made.clean()


@pytest.fixture
def one(docker: Docker, base: str, unique: Callable[[str], str]) -> Iterator[Ground]:
    """The same with the docker that is first on PATH alone."""
    made = Ground(docker, base, unique)
    yield made
    made.clean()


@pytest.fixture(scope="session")
def base(docker: Docker) -> str:
    made(docker)
    return provide(docker, lambda text: None).reference


@pytest.fixture
def api(docker: Docker) -> Callable[..., str]:
    """Make a container as a client of the engine's API does that is no docker CLI."""

    def create(name: str, body: dict[str, Any]) -> str:
        path = socket_of(docker)
        if path is None:
            pytest.skip("the engine listens elsewhere")
        engine = Local(path)
        headers = {"Host": "docker", "Content-Type": "application/json"}
        try:
            engine.request("POST", f"/containers/create?name={name}", json.dumps(body), headers)
            return str(json.loads(engine.getresponse().read())["Id"])
        finally:
            engine.close()

    return create


@pytest.fixture
def resting(one: Ground) -> Ground:
    one.client.container.create(
        one.base, "sh", name=one.name, volume=["/anon"], mount=[Tmpfs("/ram")]
    ).start()
    one.client.container.wait(one.name)
    return one


def test_a_folder_is_rescued_and_all_else_is_as_it_was(ground: Ground) -> None:
    client = ground.client
    client.network.create(ground.network)
    old = ground.run(
        network=ground.network,
        network_alias=["other"] if client.binary != "podman" else None,
        env=["TOKEN=secret words"],
        label=["a=b"],
        restart="on-failure:2",
        volume=["/anonymous"],
    )
    before, seen = ground.told(), ground.look()
    lines: list[str] = []
    done = rescue(client, ground.name, "/srv/d", ground.volume, progress=lines.append, settle=0.3)
    after = ground.told()
    assert after.id == done.id != old.id
    assert after.running
    assert ground.look() == seen
    assert differences(before.raw, after.raw, added="/srv/d", other_image=True) == []
    assert [one.name for one in after.mounts if one.destination == "/srv/d"] == [ground.volume]
    assert (done.way, done.loses) == ("helper", ())
    assert lines
    with pytest.raises(NoSuchContainer):
        client.container.inspect(old)


def test_a_layer_without_other_changes_leaves_the_image_as_it_was(
    docker: Docker, one: Ground
) -> None:
    one.run("mkdir -p /srv/d; echo 1 >>/srv/d/a; exec sleep 600", ready=False)
    one.wait("test -e /srv/d/a")
    before = one.told()
    done = rescue(docker, one.name, "/srv/d/", one.volume, settle=0.2)
    after = one.told()
    assert (done.image, done.path, done.running) == (None, "/srv/d", True)
    assert after.image_id == before.image_id
    assert differences(before.raw, after.raw, added="/srv/d") == []
    one.wait("test $(cat /srv/d/a | wc -l) = 2")  # its program has begun once more, on the old data
    assert one.left() == [one.name]


def test_changes_outside_the_folder_are_kept_in_an_image(docker: Docker, one: Ground) -> None:
    one.run(
        "echo kept >/root/other; mkdir -p /srv/d; echo 1 >/srv/d/a; exec sleep 600", ready=False
    )
    one.wait("test -e /srv/d/a")
    docker.container.exec(one.name, "sh", "-c", "echo mine >/root/mine")
    done = rescue(docker, one.name, "/srv/d", one.volume, settle=0.2)
    assert done.image
    assert done.image in str(done)
    assert docker.container.exec(one.name, "cat", "/root/mine").text == "mine\n"


def test_a_stopped_container_stays_stopped_and_the_old_one_is_kept(
    docker: Docker, one: Ground
) -> None:
    old = one.run(restart="always")
    old.stop()
    done = rescue(docker, one.name, "/srv/d", one.volume, keep_old=True)
    assert not one.told().running
    kept = docker.container.inspect(done.old or "")
    assert kept.id == old.id
    assert kept.raw["HostConfig"]["RestartPolicy"]["Name"] == "no"
    assert one.told().raw["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert list(docker.volume.inspect(one.volume).labels) == ["dockcli.rescue"]


def test_static_addresses_and_more_networks_come_along(docker: Docker, one: Ground) -> None:
    docker.network.create(one.network, subnet="10.93.7.0/24")
    one.run(network=one.network, ip="10.93.7.9", network_alias=["a", "b"])
    docker.network.connect("bridge", one.name)
    before = one.told()
    rescue(docker, one.name, "/srv/d", one.volume, settle=0.2)
    networks = one.told().raw["NetworkSettings"]["Networks"]
    assert networks[one.network]["IPAddress"] == "10.93.7.9"
    assert set(networks) == {one.network, "bridge"}
    assert differences(before.raw, one.told().raw, added="/srv/d", other_image=True) == []


def test_volumes_without_a_name_and_those_of_others_keep_their_data(
    docker: Docker, one: Ground
) -> None:
    with docker.container.create(one.base, "true", volume=[f"{one.volume}-2:/shared"]) as source:
        one.run(volume=["/anonymous", "/srv/d/inner"], volumes_from=[f"{source.id}:ro"])
        docker.container.exec(one.name, "sh", "-c", "echo 1 >/anonymous/x; echo 2 >/srv/d/inner/x")
        rescue(docker, one.name, "/srv/d", one.volume, settle=0.2)
        told = one.told()
        assert (
            docker.container.exec(one.name, "cat", "/anonymous/x", "/srv/d/inner/x").text
            == "1\n2\n"
        )
        assert {m.destination: m.read_only for m in told.mounts} == {
            "/anonymous": False,
            "/srv/d": False,
            "/srv/d/inner": False,
            "/shared": True,
        }


def test_a_program_that_does_not_stay_up_brings_the_old_container_back(
    docker: Docker, one: Ground
) -> None:
    old = one.run(
        "[ -e /srv/d/a ] && exit 7; mkdir -p /srv/d; touch /srv/d/a /ready; sleep 600 & wait"
    )
    with pytest.raises(RescueFailed, match=r"does not stay up \(exit code 7\)"):
        rescue(docker, one.name, "/srv/d", one.volume, settle=0.3)
    assert one.left() == [one.name]
    assert one.told().id == old.id
    with pytest.raises(NoSuchVolume):
        docker.volume.inspect(one.volume)
    assert undertaking.unfinished() == []


def test_an_empty_volume_is_taken_and_is_empty_again_after_a_failure(
    docker: Docker, one: Ground
) -> None:
    docker.volume.create(one.volume, label=["mine=yes"])
    one.run("[ -e /srv/d/a ] && exit 7; mkdir -p /srv/d; touch /srv/d/a /ready; sleep 600 & wait")
    with pytest.raises(RescueFailed):
        rescue(docker, one.name, "/srv/d", one.volume, settle=0.3)
    assert docker.volume.inspect(one.volume).labels == {"mine": "yes"}
    docker.container.rm(one.name, force=True)
    one.run()
    rescue(docker, one.name, "/srv/d", one.volume, settle=0.2)
    assert docker.volume.inspect(one.volume).labels == {"mine": "yes"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("srv/d", "absolute"),
        ("/srv/../srv/d", "/srv/d$"),
        ("/", "whole file system"),
        ("/proc/1", "kernel"),
        ("/etc", "docker writes"),
        ("/missing", "there is no /missing"),
        ("/etc/passwd", "no folder"),
        ("/bin/sh/x", "a link to busybox"),
        ("/anon", "the volume [0-9a-f]{64} is mounted at /anon"),
        ("/anon/below", "is mounted at /anon"),
        ("/ram", "a tmpfs is mounted"),
    ],
)
def test_a_path_that_cannot_be_rescued_is_refused(resting: Ground, path: str, reason: str) -> None:
    before = resting.told()
    with pytest.raises(CannotBeRescued, match=reason):
        rescue(resting.client, resting.name, path, resting.volume)
    assert (resting.told().id, resting.told().started_at) == (before.id, before.started_at)
    assert resting.left() == [resting.name]


def test_volumes_that_are_not_free_are_refused(docker: Docker, one: Ground) -> None:
    one.run()
    mount = [VolumeMount(one.volume, "/x")]
    with docker.container.run(one.base, "touch", "/x/y", mount=mount, detach=True) as other:
        other.wait()
        with pytest.raises(VolumeInUse):
            rescue(docker, one.name, "/srv/d", one.volume)
    with pytest.raises(CannotBeRescued, match="not empty"):
        rescue(docker, one.name, "/srv/d", one.volume)
    assert one.told().running


@pytest.mark.parametrize(
    ("options", "state", "reason"),
    [
        ({"rm": True}, "", "--rm"),
        ({"label": ["com.docker.swarm.service.name=s"]}, "", "docker service update"),
        ({}, "pause", "docker unpause"),
    ],
)
def test_containers_that_cannot_be_stopped_are_refused(
    docker: Docker, one: Ground, options: dict[str, Any], state: str, reason: str
) -> None:
    made = one.run(**options)
    if state:
        made.pause()
    with pytest.raises(CannotBeRescued, match=reason):
        rescue(docker, one.name, "/srv/d", one.volume)
    assert one.left() == [one.name]


def test_what_docker_cannot_say_is_refused_by_name(docker: Docker, one: Ground) -> None:
    with docker.container.run(one.base, "sleep", "600", detach=True, init=True) as other:
        old = one.run(link=[f"{other.id}:db"])
        with pytest.raises(CannotBeMadeAnew, match="--link"):
            rescue(docker, one.name, "/srv/d", one.volume)
        assert one.told().running
        assert one.told().id == old.id


def test_what_was_removed_from_the_images_folder_does_not_come_back(
    docker: Docker, one: Ground
) -> None:
    with docker.container.run(one.base, "mkdir", "-p", "/data/x", detach=True) as full:
        full.wait()
        image = full.commit()
    with image:
        script = "rmdir /data/x; chown 3:4 /data; exec sleep 600"
        with docker.container.run(
            image, "sh", "-c", script, name=one.name, detach=True, stop_timeout=0
        ):
            one.wait("[ $(stat -c %u /data) = 3 ]")
            rescue(docker, one.name, "/data", one.volume, settle=0.2)
            look = "ls -A /data; stat -c %u:%g /data"
            assert docker.container.exec(one.name, "sh", "-c", look).text == "3:4\n"
            docker.container.rm(one.name, force=True)


def test_dockers_own_copy_stands_in_and_says_what_it_loses(
    cli: Docker, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockcli.data.rescue.fill.joined_layers", lambda told: None)
    ground.run()
    seen = ground.look()
    done = rescue(cli, ground.name, "/srv/d", ground.volume, settle=0.2)
    assert done.way == "copy"
    assert "parts of a second" in str(done)
    # but for the times all is there
    assert without_times(ground.look()) == without_times(seen)


def without_times(seen: str) -> str:
    return re.sub(r"\|\d{4}-[^|]*\|", "|", seen)


def test_a_copy_that_is_not_whole_is_found(
    docker: Docker, one: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fill.listing

    def lacking(client: Docker, container: str, path: str, **more: Any) -> Any:
        found = real(client, container, path, **more)
        if container != old.id:
            del found["sub/x"]
        return found

    monkeypatch.setattr("dockcli.data.rescue.fill.joined_layers", lambda told: None)
    monkeypatch.setattr("dockcli.data.rescue.fill.listing", lacking)
    old = one.run()
    with pytest.raises(RescueFailed, match="sub/x"):
        rescue(docker, one.name, "/srv/d", one.volume)
    assert one.told().running
    assert one.left() == [one.name]


def test_what_no_option_says_comes_with_an_image(
    docker: Docker, one: Ground, api: Callable[..., Any]
) -> None:
    """As compose makes containers: an entrypoint of several words, a check that is no shell's."""
    made = api(
        one.name,
        {
            "Image": one.base,
            "Entrypoint": ["sh", "-c"],
            "Cmd": ["mkdir -p /srv/d; touch /srv/d/a /ready; exec sleep 600"],
            "Healthcheck": {"Test": ["CMD", "test", "-e", "/ready"], "Interval": 10**9},
            "Labels": {"com.docker.compose.project": "p", "com.docker.compose.service": "s"},
            "StopTimeout": 0,
            "HostConfig": {"Binds": [], "PidsLimit": None, "RestartPolicy": {"Name": "always"}},
        },
    )
    docker.container.start(made)
    docker.container.wait_for(made, healthy=True)
    before = one.told()
    done = rescue(docker, one.name, "/srv/d", one.volume, settle=0.2)
    assert done.image
    assert any("compose project p" in note for note in done.notes)
    assert differences(before.raw, one.told().raw, added="/srv/d", other_image=True) == []
    assert one.told().raw["State"]["Health"]["Status"] == "healthy"


def test_the_volume_of_another_who_was_faster_is_let_be(
    docker: Docker, one: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: Any) -> list[str]:
        docker.volume.create(one.volume, label=["mine=yes"])
        return []

    monkeypatch.setattr("dockcli.data.rescue.steps.others", late)
    one.run()
    with pytest.raises(RescueFailed, match="was there already"):
        rescue(docker, one.name, "/srv/d", one.volume)
    assert docker.volume.inspect(one.volume).labels == {"mine": "yes"}
    assert one.told().running


KILLED = """\
import os, signal, sys
from dockcli import Docker
from dockcli.client import Docker as Client
from dockcli.data.rescue import rescue

left, run = int(sys.argv[1]), Client.execute

def counted(self, call):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, call)

Client.execute = counted
rescue(Docker(), *sys.argv[2:5], settle=0.1)
"""


def killed_before(call: int, one: Ground, shell: Callable[..., Any]) -> bool:
    """Rescue in a process that is killed before that many calls of docker; whether it was."""
    private = {"DOCKER_HOST": one.client.private} if one.client.private else {}
    env = {**os.environ, **private}  # with the test's own state
    words = (sys.executable, "-c", KILLED, str(call), one.name, "/srv/d", one.volume)
    done = shell(*words, env=env)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return bool(done.returncode)


def whole_again(one: Ground, seen: str) -> None:
    """The next command makes it the old state or the new one."""
    _, problems = undertaking.recover_all()
    assert problems == []
    told = one.told()
    assert told.running
    assert one.left() == [one.name]
    one.wait("test -e /ready")
    assert one.look() == seen
    is_new = any(mount.name == one.volume for mount in told.mounts)
    assert is_new == any(volume.name == one.volume for volume in one.client.volume.ls())
    assert undertaking.unfinished() == []


@pytest.mark.parametrize("call", [12, 20, 27, 31, 35])
def test_killed_on_its_way_it_is_undone_or_finished_by_the_next_command(
    one: Ground, shell: Callable[..., Any], call: int
) -> None:
    one.run()
    seen = one.look()
    killed_before(call, one, shell)
    whole_again(one, seen)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_killed_at_every_step(one: Ground, shell: Callable[..., Any]) -> None:
    call = 0
    while True:
        call += 1
        one.run()
        seen = one.look()
        killed = killed_before(call, one, shell)
        whole_again(one, seen)
        one.clean()
        if not killed:
            break
    assert call > 20
