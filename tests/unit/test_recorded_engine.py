"""What both CLIs and podman really answered of networks, volumes, the system and contexts.

Each answer was recorded on the private engine, by the words that the verb makes
(``docker.call.network.inspect("recorded-net").argv``), of objects that were made for it, with the
label ``recorded=1``. For ``docker search`` a web server on 127.0.0.1 spoke for the registry. Paths
of that machine are replaced.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from dockcli import Completed, Docker, Network, Volume
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.models.container import ContainerInspect
from dockcli.models.image import ImageInspect
from dockcli.models.inspected import Inspected
from dockcli.models.network import NetworkInspect
from dockcli.models.volume import VolumeInspect
from dockcli.runner import Job

RECORDED = Path(__file__).parent / "recorded"
DOCKERS = ("28.2.2", "20.10.24")
PODMAN = "podman 4.3.1"
ALL = (*DOCKERS, PODMAN)
TOP = {"inspect", "search", "version"}


class Recording:
    """A docker that answers with what was recorded."""

    def __init__(self, group: str, release: str) -> None:
        text = (RECORDED / f"{group}.json").read_text(encoding="utf-8")
        self.answers = json.loads(text)[release]
        self.calls: list[tuple[str, ...]] = []

    def run(self, job: Job) -> Completed:
        if "--version" in job.argv or "--format={{.Client.APIVersion}}" in job.argv:
            return Completed(job.argv, 1, b"", b"", 0.1)  # whether it is too old is not asked here
        self.calls.append(job.argv)
        words = [word for word in job.argv[1:] if not word.startswith("-")]
        command = words[0] if words[0] in TOP else " ".join(words[:2])
        if "--verbose" in job.argv:
            command += " --verbose"
        return Completed(job.argv, 0, self.answers[command].encode(), b"", 0.1)


def recording(group: str, release: str) -> tuple[Docker, Recording]:
    runner = Recording(group, release)
    return Docker(runner=runner), runner


class Saying:
    """A docker that answers everything with the same text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def run(self, job: Job) -> Completed:
        return Completed(job.argv, 0, self.text.encode(), b"", 0.1)


def saying(text: object) -> Docker:
    return Docker(runner=Saying(text if isinstance(text, str) else json.dumps(text)))


# --- networks


@pytest.mark.parametrize("release", ALL)
def test_networks(release: str) -> None:
    docker, runner = recording("network", release)
    made = docker.network.create("recorded-net")
    assert isinstance(made, Network)
    (one,) = docker.network.ls()
    assert len(runner.calls) == 3
    assert one == docker.network.inspect("recorded-net")
    assert (one.name, one.driver, one.ipv6) == ("recorded-net", "bridge", False)
    assert (one.internal, one.attachable, one.ingress) == (False, False, False)
    assert one.labels["recorded"] == "1"
    assert len(one.id) == 64
    assert one.__docker__() == one.id
    assert one.created is not None
    assert one.created.tzinfo is timezone.utc
    (subnet,) = one.subnets
    assert (subnet.subnet, subnet.gateway) == ("10.93.7.0/24", "10.93.7.1")
    assert docker.network.prune().deleted == ("recorded-net",)
    assert docker.network.prune().reclaimed is None
    assert docker.call.network.prune().argv[-1] == "--force"
    if release == PODMAN:
        assert made.id == "recorded-net"
        return
    assert made.id == one.id
    assert (one.scope, one.labels["k"]) == ("local", "a,b=c")
    assert subnet.ip_range == "10.93.7.128/25"
    assert one.options == {"com.docker.network.bridge.name": "rec0"}
    (container,) = one.containers
    assert (container.name, container.ipv4) == ("recorded-c", "10.93.7.128/24")
    assert (container.ipv6, container.mac) == ("", "02:42:0a:5d:07:80")
    assert docker.call.container.rm(container.id).argv[-1] == container.__docker__()


# --- volumes


@pytest.mark.parametrize("release", ALL)
def test_volumes(release: str) -> None:
    docker, _ = recording("volume", release)
    assert docker.volume.create("recorded-vol") == Volume("recorded-vol", docker)
    (one,) = docker.volume.ls()
    assert one.options == {"type": "tmpfs", "device": "tmpfs", "o": "nodev"}
    assert one.labels["recorded"] == "1"
    pruned = docker.volume.prune(filter={"label": "recorded=1"})
    assert pruned.deleted == ("recorded-vol",)
    assert pruned.reclaimed == (None if release == PODMAN else 0)


# --- the system


@pytest.mark.parametrize("release", ALL)
def test_what_takes_space(release: str) -> None:
    docker, runner = recording("system", release)
    images, containers, volumes, *cache = docker.system.df()
    assert [one.type for one in (images, containers, volumes)] == [
        "Images",
        "Containers",
        "Local Volumes",
    ]
    assert (images.total, images.active, images.reclaimable) == (1, 1, 0)
    assert (containers.total, volumes.active, volumes.size) == (1, 0, 0)
    assert [one.type for one in cache] == ([] if release == PODMAN else ["Build Cache"])
    assert images.size == (2142460 if release == PODMAN else 1984000)
    assert isinstance(docker.system.df(format="x"), Completed)
    assert "--format=x" in runner.calls[-1]


@pytest.mark.parametrize("release", DOCKERS)
def test_each_object_that_takes_space(release: str) -> None:
    docker, _ = recording("system", release)
    use = docker.system.df(verbose=True)
    made, base = use.images
    assert (made.repository, made.tag, made.containers) == ("", "", 0)
    assert (made.size, made.shared, made.unique) == (1990000, 1984000, 5037)
    assert (base.repository, base.tag, base.containers) == ("dockcli-stand-in", "busybox", 1)
    assert base.created == datetime(2026, 11, 24, 14, 18, 32, tzinfo=timezone.utc)
    (container,) = use.containers
    assert (container.name, container.size) == ("recorded-c", 0)
    assert len(container.id) == 64
    (volume,) = use.volumes
    assert (volume.name, volume.driver, volume.links, volume.size) == (
        *("recorded-vol", "local", 0, 0),
    )
    records = {one.size for one in use.build_cache}
    assert {37, 5000, 128} <= records
    assert all(one.created and one.last_used and one.usage_count for one in use.build_cache)
    assert not any(one.in_use for one in use.build_cache)
    assert [one.shared for one in use.build_cache if one.size == 5000] == [True]


def test_podman_tells_of_each_in_a_table_alone() -> None:
    docker, _ = recording("system", PODMAN)
    with pytest.raises(UnreadableOutput, match="Images space usage"):
        docker.system.df(verbose=True)


def test_sizes_that_docker_does_not_know() -> None:
    (one,) = saying({"Type": "Images", "Size": "N/A", "Reclaimable": "1.5GB (75%)"}).system.df()
    assert (one.size, one.reclaimable, one.total) == (0, 1_500_000_000, 0)


@pytest.mark.parametrize("release", ALL)
def test_events(release: str) -> None:
    docker, runner = recording("system", release)
    created, *_, last = docker.system.events(since="10s", until="0s")
    assert {"--since=10s", "--until=0s"} <= set(runner.calls[-1])
    assert (created.type, created.action, len(created.id)) == ("container", "create", 64)
    assert created.attributes["recorded"] == "1"
    assert created.time is not None
    assert created.time.tzinfo is timezone.utc
    assert last.time is not None
    assert created.time < last.time
    if release == PODMAN:
        assert (created.scope, created.time_nano) == ("", 0)
        assert (last.type, last.id) == ("volume", "recorded-vol")
        return
    assert created.scope == "local"
    assert created.time_nano == created.raw["timeNano"]
    assert created.time_nano // 1000 == round(created.time.timestamp() * 1_000_000)


@pytest.mark.parametrize("binary", ["podman", "/usr/bin/podman"])
def test_podman_has_its_events_in_no_group(binary: str) -> None:
    call = Docker(binary).call.events(until="0s")
    assert call.argv[:2] == (binary, "events")
    assert call.with_flag("--x")[:3] == (binary, "events", "--x")
    assert Docker("docker").call.events(until="0s").argv[1:3] == ("system", "events")


def test_a_moment_beyond_what_python_can_say() -> None:
    docker = saying({"Type": "container", "timeNano": 10**40, "time": 1})
    (one,) = docker.system.events(until="0s")
    assert (one.time, one.time_nano) == (None, 10**40)


def test_a_runner_that_gives_answers_has_no_events_without_end() -> None:
    docker, runner = recording("system", "28.2.2")
    call = docker.call.system.events(filter={"type": "container"})
    assert call.argv[1:3] == ("system", "events")
    for refused in (call.run, docker.system.events, docker.events):
        with pytest.raises(InvalidArgument, match="only answers"):
            refused()
    assert not runner.calls


@pytest.mark.parametrize("release", ALL)
def test_what_a_prune_of_the_system_removed(release: str) -> None:
    docker, _ = recording("system", release)
    pruned = docker.system.prune(filter={"label": "recorded=1"}, volumes=True)
    assert [len(one) for one in pruned.containers] == [64]
    assert (pruned.networks, pruned.volumes) == (("recorded-net",), ("recorded-vol",))
    assert pruned.untagged == ()
    if release == PODMAN:
        assert (pruned.images, pruned.build_cache, pruned.reclaimed) == ((), (), 0)
        return
    (image,) = pruned.images
    assert image.startswith("sha256:")
    assert len(pruned.build_cache) == 2
    assert pruned.reclaimed == 5037


def test_a_prune_of_the_system_that_asks() -> None:
    docker = saying("WARNING! This will remove:\n  - all\n\nAre you sure you want [y/N] ")
    pruned = docker.system.prune(force=False)
    assert (pruned.containers, pruned.reclaimed) == ((), None)
    assert docker.call.system.prune().argv[-1] == "--force"
    assert docker.call.system.prune(force=False).argv[-1] == "--force=false"
    text = "Deleted Images:\nuntagged: shop:1\ndeleted: sha256:0a\nTotal reclaimed space: 1.5kB\n"
    pruned = saying(text).system.prune()
    assert (pruned.untagged, pruned.images, pruned.reclaimed) == (("shop:1",), ("sha256:0a",), 1500)
    with pytest.raises(UnreadableOutput, match="neither a heading"):
        saying("what?").system.prune()


@pytest.mark.parametrize("release", DOCKERS)
def test_what_a_prune_of_the_build_cache_removed(release: str) -> None:
    docker, _ = recording("builder", release)
    pruned = docker.builder.prune()
    assert len(pruned.deleted) == 2
    assert pruned.reclaimed == 128


def test_a_build_cache_that_buildx_pruned() -> None:
    text = "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\nabc123*\ttrue \t37B\t2 hours ago\nTotal:\t37B\n"
    pruned = saying(text).builder.prune()
    assert (pruned.deleted, pruned.reclaimed) == (("abc123",), 37)


@pytest.mark.parametrize("release", ALL)
def test_the_engine_and_the_versions(release: str) -> None:
    docker, _ = recording("system", release)
    info = docker.info()
    assert (info.name, info.cpus, info.containers) == ("vm", 2, 1)
    assert info.memory > 10**10
    docker, _ = recording("top", release)
    version = docker.version()
    assert version.client.partition("+")[0] == release.removeprefix("podman ")
    assert (version.os, version.architecture) == ("linux", "amd64")
    assert version.server == ("4.3.1" if release == PODMAN else "20.10.24+dfsg1")


# --- contexts


@pytest.mark.parametrize("release", DOCKERS)
def test_contexts(release: str) -> None:
    docker, runner = recording("context", release)
    assert docker.context.create("far") == docker.context.use("far") == "far"
    default, far = docker.context.ls()
    assert (default.name, default.current, far.current) == ("default", False, True)
    assert (far.description, far.host, far.error) == ("one, two", "ssh://me@server", "")
    one, _ = docker.context.inspect("far", "default")
    assert (one.name, one.description, one.host) == ("far", "one, two", "ssh://me@server")
    assert (one.skip_tls_verify, one.tls_files) == (False, ())
    assert one.metadata_path.startswith("/home/me/.docker/contexts/meta/")
    assert one.tls_path.startswith("/home/me/.docker/contexts/tls/")
    assert docker.context.rm(far) == ["far"]  # type: ignore[arg-type,unused-ignore]
    assert runner.calls[-1][-1] == "far"


def test_the_current_context_has_no_name_in_the_call() -> None:
    docker, _ = recording("context", "28.2.2")
    assert docker.call.context.inspect().argv[1:] == ("context", "inspect")
    current = saying([{"Name": "far", "TLSMaterial": {"docker": ["ca.pem", "key.pem"]}}])
    assert current.context.inspect().tls_files == ("ca.pem", "key.pem")
    assert docker.context.show() == "far"


def test_podman_has_no_contexts() -> None:
    docker, _ = recording("context", PODMAN)
    assert docker.context.ls() == []


# --- of any kind


@pytest.mark.parametrize("release", ALL)
def test_objects_of_any_kind(release: str) -> None:
    docker, _ = recording("top", release)
    kinds = [ContainerInspect, ImageInspect, NetworkInspect, VolumeInspect]
    names = ["recorded-c", "dockcli-stand-in:busybox", "recorded-net", "recorded-vol"]
    if release == PODMAN:  # which looks for no networks here
        del kinds[2], names[2]
    found = docker.inspect(*names)
    assert [type(one) for one in found] == kinds
    assert found[-1].__docker__() == "recorded-vol"


def test_an_object_of_another_kind() -> None:
    one = saying([{"ID": "n1", "Spec": {"Name": "web"}}]).inspect("n1")
    assert isinstance(one, Inspected)
    assert (one.id, one.name, one.__docker__()) == ("n1", "web", "n1")


@pytest.mark.parametrize("release", DOCKERS)
def test_repositories_that_were_found(release: str) -> None:
    docker, runner = recording("top", release)
    official, mine = docker.search("127.0.0.1:5000/alpine")
    assert "--no-trunc" in runner.calls[-1]
    assert (official.name, official.stars, official.official) == ("library/alpine", 11000, True)
    assert official.description.endswith("tables show of it")
    assert (mine.official, mine.automated, mine.stars) == (False, release == "20.10.24", 0)
    assert docker.call.pull("alpine").argv[-1] == "alpine"


def test_a_search_is_left_as_it_is_where_its_text_is_wanted() -> None:
    assert "--no-trunc" not in Docker().call.search("alpine", format="{{.Name}}").argv
    assert "--no-trunc=false" in Docker().call.search("alpine", no_trunc=False).argv


def test_podman_found_it_otherwise() -> None:
    rows = [
        {"Index": "docker.io", "Name": "docker.io/library/alpine", "Stars": 9, "Official": "[OK]"}
    ]
    (one,) = saying(rows).search("alpine")
    assert (one.stars, one.official, one.automated) == (9, True, False)


# --- what is without --format


def test_checkpoints_are_below_a_heading() -> None:
    assert saying("CHECKPOINT NAME\nbefore\nafter\n").checkpoint.ls("web") == ["before", "after"]
    assert saying("CHECKPOINT NAME\n").checkpoint.ls("web") == []
    with pytest.raises(UnreadableOutput, match="CHECKPOINT NAME"):
        saying("").checkpoint.ls("web")
    assert saying("before\n").checkpoint.create("web", "before") == "before"


def test_manifests() -> None:
    layer = {"mediaType": "layer", "size": 1068753, "digest": "sha256:11"}
    image: dict[str, Any] = {"mediaType": "m", "config": {"size": 9, "digest": "sha256:52"}}
    one = saying({**image, "layers": [layer]}).manifest.inspect("shop:1")
    assert one.config is not None
    assert (one.config.digest, one.config.size, one.manifests) == ("sha256:52", 9, ())
    assert [(part.digest, part.size, part.os) for part in one.layers] == [
        ("sha256:11", 1068753, "")
    ]
    platform = {"architecture": "arm64", "os": "linux", "variant": "v8"}
    listed = saying({"mediaType": "list", "manifests": [{**layer, "platform": platform}]})
    (arm,) = listed.manifest.inspect("shop:1", insecure=True).manifests
    assert (arm.os, arm.architecture, arm.variant) == ("linux", "arm64", "v8")
    assert listed.manifest.inspect("shop:1", verbose=True).json()["mediaType"] == "list"
    digest = f"sha256:{'0a' * 32}"
    assert saying(f"Pushed ref\n{digest}\n").manifest.push("shop:1") == digest
    assert saying("").manifest.push("shop:1") == ""


def test_signatures_as_dockers_reference_shows_them() -> None:
    docker = saying(
        [
            {
                "Name": "my-image:red",
                "SignedTags": [{"SignedTag": "red", "Digest": "852c", "Signers": ["alice", "bob"]}],
                "Signers": [{"Name": "alice", "Keys": [{"ID": "05e8"}, {"ID": "6cbb"}]}],
                "AdministrativeKeys": [{"Name": "Root", "Keys": [{"ID": "3ce6"}]}],
            }
        ]
    )
    one = docker.trust.inspect("my-image:red")
    assert one.name == "my-image:red"
    (tag,) = one.signed_tags
    assert (tag.tag, tag.digest, tag.signers) == ("red", "852c", ("alice", "bob"))
    assert one.signers == {"alice": ("05e8", "6cbb")}
    assert one.administrative_keys == {"Root": ("3ce6",)}
    assert isinstance(docker.trust.inspect("my-image:red", pretty=True), Completed)
    assert docker.call.trust.revoke("my-image:red").argv[-2:] == ("--yes", "my-image:red")
    assert docker.call.trust.key.generate("alice").argv[1:] == ("trust", "key", "generate", "alice")
    assert docker.call.trust.signer.add("bob", "shop", key="bob.pub").argv[1:] == (
        *("trust", "signer", "add", "--key=bob.pub", "bob", "shop"),
    )
    with pytest.raises(InvalidArgument, match="at least one"):
        docker.trust.signer.remove("bob")


@pytest.mark.parametrize("shell", ["bash", "fish", "powershell", "zsh"])
def test_the_newest_docker_has_the_completion_that_its_help_hides(shell: str) -> None:
    docker = saying("Docker version 28.2.2, build e6534b4")
    assert getattr(docker.completion, shell)().text.startswith("Docker")
    assert getattr(docker.call.completion, shell)().argv[1:] == ("completion", shell)
