"""Never run: mypy and pyright read it.

Each ``type: ignore`` with its ``pyright: ignore`` is a mistake that a user's checker must find:
both checkers complain of one that is not needed.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from typing_extensions import assert_type

from dockcli import (
    Call,
    Completed,
    Container,
    Docker,
    Image,
    Network,
    Scope,
    Secret,
    Volume,
    docker,
    wait_for,
)
from dockcli.bytestream import ByteStream
from dockcli.doctor import Finding, Severity, examine
from dockcli.errors import CleanupFailed
from dockcli.models.compose import ComposeContainer
from dockcli.models.container import Change, ContainerInspect, Port
from dockcli.models.context import ContextInspect
from dockcli.models.events import Event
from dockcli.models.image import ImageInspect, ImageLayer, ImageRemoval, Push
from dockcli.models.line import LogLine
from dockcli.models.network import NetworkInspect
from dockcli.models.progress import Progress
from dockcli.models.prune import ImagesPruned, Pruned
from dockcli.models.registry import TrustInspect
from dockcli.models.stats import ContainerStats, Process
from dockcli.models.usage import DiskUse, DiskUseInDetail
from dockcli.models.version import Version
from dockcli.models.volume import VolumeInspect
from dockcli.stream import Stream
from dockcli.terminal import Terminal
from dockcli.waiting import Ready


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
    assert_type(docker.cp("c:/etc", "-"), Completed)
    assert_type(docker.call.cp("c:/etc", "x"), Call[None])


def containers_and_images() -> None:
    assert_type(docker.stats(), list[ContainerStats])
    assert_type(docker.stats("a", "b", format="{{.Name}}"), Completed)
    assert_type(docker.top("a", "-o", "pid,args"), list[Process])
    assert_type(docker.port("a", 80), list[Port])
    assert_type(docker.container.prune(filter={"label": "a"}), Pruned)
    assert_type(docker.rename("a", "b"), None)
    assert_type(docker.kill("a", "b", signal="TERM"), list[str])
    assert_type(docker.attach("a", stdin=b"x", check=False), Completed)
    assert_type(docker.image.prune(all=True), ImagesPruned)
    assert_type(docker.history("a"), list[ImageLayer])
    assert_type(docker.history("a", quiet=True), Completed)
    assert_type(docker.load(input=Path("a.tar")), list[Image])
    assert_type(docker.save("a", "b", output=Path("a.tar")), Completed)
    assert_type(docker.push("a", all_tags=True), Push)
    assert_type(docker.pull("a", platform="linux/arm64"), Image)


def live(one: Container, image: Image) -> None:
    assert_type(docker.logs("a"), Completed)
    assert_type(docker.logs("a", follow=True), Stream[LogLine])
    assert_type(docker.logs("a", stream=True), Stream[LogLine])
    assert_type(docker.call.logs("a", follow=True), Call[Stream[LogLine]])
    assert_type(docker.events(), Stream[Event])
    assert_type(docker.events(until="0s"), list[Event])
    assert_type(docker.events(until="0s", stream=True), Stream[Event])
    assert_type(docker.stats(stream=True), Stream[ContainerStats])
    assert_type(docker.run("alpine", "id", stream=True), Stream[LogLine])
    assert_type(docker.exec("a", "id", stream=True), Stream[LogLine])
    assert_type(docker.exec("a", "sh", tty=True), Terminal)
    assert_type(docker.attach("a", tty=True), Terminal)
    assert_type(docker.attach("a", stream=True), Stream[LogLine])
    assert_type(docker.build(".", stream=True), Stream[Progress])
    assert_type(docker.build(".", on_progress=print), Image)
    assert_type(docker.pull("a", stream=True), Stream[Progress])
    assert_type(docker.push("a", stream=True), Stream[Progress])
    assert_type(docker.load(stream=True), Stream[Progress])
    assert_type(docker.save("a", stream=True), ByteStream)
    assert_type(docker.export("a", stream=True), ByteStream)
    assert_type(docker.cp("c:/etc", "-", stream=True), ByteStream)
    assert_type(docker.cp("c:/etc", "x", stream=True), Stream[Progress])
    assert_type(docker.call.export("a").open(), ByteStream)
    assert_type(one.logs(follow=True), Stream[LogLine])
    assert_type(one.exec("sh", tty=True), Terminal)
    assert_type(one.exec("id", stdin=Path("a"), stdout=Path("b")), Completed)
    assert_type(one.stats(stream=True), Stream[ContainerStats])
    assert_type(image.save(stream=True), ByteStream)
    assert_type(image.push(stream=True), Stream[Progress])
    one.rm(stream=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def handles(one: Container, image: Image, volume: Volume, network: Network) -> None:
    assert_type(one.inspect(), ContainerInspect)
    assert_type(one.inspect(size=True), ContainerInspect)
    assert_type(one.wait(deadline=timedelta(seconds=5)), int)
    assert_type(one.exec("id", user="root", check=False), Completed)
    assert_type(one.commit("shop:1", pause=False), Image)
    assert_type(one.stats(), list[ContainerStats])
    assert_type(one.port("53/udp"), list[Port])
    assert_type(image.inspect(), ImageInspect)
    assert_type(image.rm(force=True), ImageRemoval)
    assert_type(volume.inspect(), VolumeInspect)
    assert_type(network.inspect(), NetworkInspect)
    network.connect(one, alias=["a"])
    docker.network.disconnect(network, one, force=True)
    docker.run(image, "id", network="shop", volumes_from=one)
    docker.rm(one, one.inspect(), "web")
    with docker.run("alpine", detach=True) as made:
        assert_type(made, Container)
    with docker.volume.create("data") as data:
        assert_type(data, Volume)


def told_apart(one: Container, image: Image, volume: Volume, network: Network) -> None:
    docker.container.rm(image)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.container.rm(volume)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.container.rm(image.inspect())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.container.inspect(network)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    docker.container.stats(image)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    docker.container.wait(image)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    docker.container.exec(image, "id")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    docker.image.rm(one)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.image.inspect(volume.inspect())  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    docker.image.tag(image, one)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.image.history(one)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    docker.run(one, "id")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    docker.run(False, "id")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    docker.create(volume)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.volume.rm(network)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.volume.inspect(one)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    docker.network.rm(volume)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.network.connect(one, network)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    network.connect(image)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    one.rename(image)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    image.tag(one)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    one.rm(tail=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    one.exec("id", detach="yes")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    image.stop()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    volume.save()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    docker.attach(one).rm()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    docker.history(image)[0].tags  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def built() -> None:
    assert_type(docker.call.container.run("alpine", detach=True), Call[Container])
    assert_type(docker.call.container.run("alpine"), Call[Completed])
    assert_type(docker.call.container.rm("a").run(), list[str])


def unchecked() -> None:
    assert_type(docker.run("alpine", detach=True, check=True), Container)
    assert_type(docker.run("alpine", detach=True, check=False), Completed)
    assert_type(docker.run("alpine", detach=False, check=False), Completed)
    assert_type(docker.run("alpine", check=False), Completed)
    assert_type(docker.compose.run("web", detach=True, check=False), Completed)
    assert_type(docker.call.run("alpine", detach=True, check=False), Call[Completed])
    assert_type(docker.buildx.build(".", load=True, check=False), Completed)
    docker.run("alpine", detach=True, check=False).rm()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def decided_elsewhere(yes: bool, text: str | None, names: list[str]) -> None:
    assert_type(docker.run("alpine", detach=yes), Container | Completed)
    assert_type(docker.run("alpine", check=yes), Completed)
    assert_type(docker.run("alpine", detach=True, check=yes), Container | Completed)
    assert_type(docker.run("alpine", detach=yes, check=False), Completed)
    assert_type(docker.buildx.build(".", load=yes), Image | Completed)
    assert_type(docker.compose.run("web", detach=yes), Container | Completed)
    assert_type(docker.call.run("alpine", detach=yes), Call[Container] | Call[Completed])
    assert_type(docker.ps(quiet=yes), list[ContainerInspect] | Completed)
    assert_type(docker.ps(format=text), list[ContainerInspect] | Completed)
    assert_type(docker.ps(format=text, quiet=yes), list[ContainerInspect] | Completed)
    assert_type(docker.ps(format="{{.ID}}", quiet=yes), Completed)
    assert_type(docker.images("a", "b", quiet=yes), list[ImageInspect] | Completed)
    assert_type(docker.history("a", quiet=yes), list[ImageLayer] | Completed)
    assert_type(docker.version(format=text), Version | Completed)
    assert_type(
        docker.container.inspect("a", missing_ok=yes), ContainerInspect | list[ContainerInspect]
    )
    assert_type(docker.container.inspect("a", "b", missing_ok=yes), list[ContainerInspect])
    assert_type(docker.container.inspect(*names, missing_ok=True), list[ContainerInspect])
    assert_type(
        docker.container.inspect("a", format=text),
        ContainerInspect | Completed,
    )
    assert_type(
        docker.container.inspect("a", format=text, missing_ok=yes),
        ContainerInspect | list[ContainerInspect] | Completed,
    )
    assert_type(docker.context.inspect(missing_ok=yes), ContextInspect | list[ContextInspect])
    assert_type(docker.trust.inspect("a", pretty=yes), TrustInspect | Completed)
    assert_type(docker.compose.ps(services=yes), list[ComposeContainer] | Completed)
    assert_type(docker.compose.ps(format=text), list[ComposeContainer] | Completed)
    assert_type(docker.compose.ps(quiet=yes), list[ComposeContainer] | Completed)
    assert_type(docker.compose.ps("web"), list[ComposeContainer])
    assert_type(docker.compose.ps(services=True), Completed)
    assert_type(docker.compose.config(hash="*"), Completed)
    assert_type(docker.compose.config(quiet=True), Completed)
    assert_type(docker.compose.config(output=Path("a.yaml"), format="json"), Completed)
    assert_type(docker.system.df(verbose=yes), list[DiskUse] | DiskUseInDetail | Completed)


def values() -> None:
    docker.container.run("alpine", volume=["a:/b"], env={"A": "1", "B": None}, memory="1g")
    docker.container.run("alpine", health_interval=timedelta(milliseconds=500), cpus=1.5)
    docker.container.run("alpine", stdin=b"x", deadline=timedelta(seconds=5), check=False)
    docker.container.cp(Path("a"), "web:/a")
    docker.container.rm(docker.container.create("alpine"), force=True)
    Docker("podman", host=None, sudo=True)


def scopes() -> None:
    assert_type(docker.scope(), Scope)
    assert_type(docker.scope(keep=True, guard=False), Scope)
    with docker.scope() as s:
        assert_type(s, Scope)
        assert_type(s.id, str)
        assert_type(s.temporary_folder(), Path)
        assert_type(s.run("alpine", detach=True), Container)
        assert_type(s.volume.create("a"), Volume)
        assert_type(s.call.build("."), Call[Image])
        assert_type(s.run("alpine", stream=True), Stream[LogLine])
        assert_type(s.but(cwd="/"), Docker)
        with s.scope() as inner:
            assert_type(inner, Scope)
        s.id = "mine"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
        s.volume.create("a").stop()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    docker.scope(True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    docker.scope(kept=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    docker.scope(keep="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.call.scope()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def what_stays(error: CleanupFailed) -> None:
    assert_type(error.causes, tuple[Exception, ...])
    assert_type(pickled(error), CleanupFailed)
    error.completed  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def pickled(error: CleanupFailed) -> CleanupFailed:
    return CleanupFailed(error.causes)


def examined() -> None:
    assert_type(examine(), list[Finding])
    assert_type(examine(docker), list[Finding])
    for one in examine():
        assert_type(one.severity, Severity)
        assert_type((one.id, one.subject, one.what, one.why), tuple[str, str, str, str])
        assert_type(one.remedy, str)
        assert_type(one.as_json(), dict[str, str])
        one.id = "mine"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    examine("docker")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def waits() -> None:
    assert_type(docker.container.wait_for("web", log=rb"ready", port="53/udp"), Ready)
    one = docker.container.create("alpine")
    assert_type(one.wait_for(exit={0, 3}, deadline=timedelta(minutes=1)), Ready)
    assert_type(wait_for(one.inspect(), client=docker, healthy=True, file=Path("/run/x")), Ready)
    wait_for("web", prot=80)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    one.wait_for(port=[80])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.call.container.wait_for("web", port=80)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def mistakes() -> None:
    docker.container.run("alpine", nmae="x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    docker.container.rm("a", force="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    docker.container.rm("a", tail=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    docker.container.cp("web:/a")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    docker.container.logs(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    docker.volume.rm("a", check=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    docker.nonsense()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    docker.container.run("alpine").rm()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
