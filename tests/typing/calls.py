"""Never run: mypy reads it. Each ``type: ignore`` is a mistake that a user's checker must find."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from typing_extensions import assert_type

from dockcli import Call, Completed, Container, Docker, Image, Secret, docker
from dockcli.models.container import Change, ContainerInspect
from dockcli.models.image import ImageInspect
from dockcli.models.system import Version


def answers() -> None:
    assert_type(docker.container.run("alpine", "id", rm=True), Completed)
    assert_type(docker.container.run("alpine", detach=True), Container)
    assert_type(docker.run("alpine", detach=True), Container)
    assert_type(docker.container.inspect("a"), ContainerInspect)
    assert_type(docker.container.inspect("a", "b"), list[ContainerInspect])
    assert_type(docker.ps(all=True), list[ContainerInspect])
    assert_type(docker.images(), list[ImageInspect])
    assert_type(docker.container.wait("a"), int)
    assert_type(docker.container.wait("a", "b"), list[int])
    assert_type(docker.container.diff("a"), list[Change])
    assert_type(docker.image.build(".", tag=["a", "b"], build_arg={"T": Secret("x")}), Image)
    assert_type(docker.version(), Version)


def built() -> None:
    assert_type(docker.call.container.run("alpine", detach=True), Call[Container])
    assert_type(docker.call.container.run("alpine"), Call[Completed])
    assert_type(docker.call.container.rm("a").run(), list[str])


def values() -> None:
    docker.container.run("alpine", volume=["a:/b"], env={"A": "1", "B": None}, memory="1g")
    docker.container.run("alpine", health_interval=timedelta(milliseconds=500), cpus=1.5)
    docker.container.run("alpine", stdin=b"x", deadline=timedelta(seconds=5), check=False)
    docker.container.cp(Path("a"), "web:/a")
    docker.container.rm(docker.container.create("alpine"), force=True)
    Docker("podman", host=None, sudo=True)


def mistakes() -> None:
    docker.container.run("alpine", nmae="x")  # type: ignore[call-overload]
    docker.container.rm("a", force="yes")  # type: ignore[arg-type]
    docker.container.rm("a", filter="x")  # type: ignore[call-arg]
    docker.container.cp("web:/a")  # type: ignore[call-arg]
    docker.container.logs(3)  # type: ignore[arg-type]
    docker.volume.rm("a", check=False)  # type: ignore[call-arg]
    docker.nonsense()  # type: ignore[attr-defined]
    docker.container.run("alpine").rm()  # type: ignore[attr-defined]
