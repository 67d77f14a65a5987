"""``docker buildx``: the command lines that are made, and the answers that are read.

buildx is not installed where these run. The answers are from its own reference pages (docker/buildx
v0.36.1) and, where those show none, in the very form that its source writes (of ``ls`` with what
its pull request 830 shows); ``recorded/buildx.json`` says of each which.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from dockcli import Completed, Docker, Image
from dockcli.errors import DockerFailed, InvalidArgument, UnknownFlag, UnreadableOutput
from dockcli.models.buildx import BuildxVersion, CachePruned, NodeStatus
from dockcli.models.buildx_history import BuildStatus
from dockcli.runner import Job
from tests.unit.replay import Replay, answers

RECORDED = answers("buildx")
PAGES = RECORDED["reference pages v0.36.1"]
SOURCE = RECORDED["as the source of v0.36.1 writes them"]
BUILD = Docker().call


def words(call: Any) -> list[str]:
    return list(call.argv[1:])


def read(said: str, **options: Any) -> Any:
    """The group of a docker that says this."""
    return Docker(runner=Replay(said, **options)).buildx


class Builder(Replay):
    """Writes *written* where a build is told to write the id of its image."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.written = written

    def run(self, job: Job) -> Completed:
        for word in job.words:
            if word.startswith("--iidfile="):
                with open(word.partition("=")[2], "w", encoding="ascii") as file:
                    file.write(self.written)
        return super().run(job)


def test_buildxs_own_flags_stand_behind_its_name() -> None:
    big = BUILD.buildx(builder="big")
    assert words(big.bake("app", print=True)) == [
        *("buildx", "--builder=big", "bake", "--print", "app"),
    ]
    assert words(big.history.rm("^0", all=False)) == [
        *("buildx", "--builder=big", "history", "rm", "--all=false", "^0"),
    ]
    assert words(big.du(builder="other"))[:4] == [
        *("buildx", "--builder=big", "du", "--builder=other"),
    ]
    with pytest.raises(UnknownFlag):
        BUILD.buildx(load=True)  # type: ignore[call-arg]


def test_debug_has_flags_in_front_of_its_build() -> None:
    debug = BUILD.buildx(builder="big").debug(invoke="/bin/sh", on="error")
    call = debug.build(".", tag="shop")
    assert words(call) == [
        *("buildx", "--builder=big", "debug", "--invoke=/bin/sh", "--on=error"),
        *("build", "--tag=shop", "."),
    ]
    assert call.with_flag("--x")[-3:] == ("--x", "--tag=shop", ".")
    assert words(BUILD.buildx.debug.build(".")) == ["buildx", "debug", "build", "."]
    with pytest.raises(UnknownFlag):
        BUILD.buildx.debug(tag="x")  # type: ignore[call-arg]


def test_a_command_below_another_is_joined_to_its_name() -> None:
    assert words(BUILD.buildx.history.inspect_attachment("^0", "sha256:0a", type="sbom")) == [
        *("buildx", "history", "inspect", "attachment", "--type=sbom", "^0", "sha256:0a"),
    ]


def test_a_build_that_is_loaded_gives_its_image() -> None:
    runner = Builder("sha256:0a")
    docker = Docker(runner=runner, labels={"l": "v"})
    assert docker.buildx.build(".", load=True) == Image("sha256:0a", docker)
    (job,) = runner.jobs
    assert job.argv[1:] == ("buildx", "build", "--label=l=v", "--load", ".")
    with pytest.raises(UnreadableOutput, match="no image id"):
        Docker(runner=Builder("")).buildx.build(".", load=True)


def test_a_build_that_goes_elsewhere_gives_what_was_written() -> None:
    runner = Builder("sha256:0a")
    docker = Docker(runner=runner)
    for options in ({}, {"push": True}, {"output": "type=local,dest=x"}, {"load": False}):
        assert isinstance(docker.buildx.build(".", **options), Completed)  # type: ignore[call-overload]
    # buildx refuses an id file beside an output that is no image
    assert all(job.words == job.argv for job in runner.jobs)
    for nothing in ({"check_": True}, {"call": "outline"}):
        assert isinstance(docker.buildx.build(".", **nothing), Completed)  # type: ignore[call-overload]
        with pytest.raises(InvalidArgument, match="no image to load"):
            docker.buildx.build(".", load=True, **nothing)  # type: ignore[call-overload]


def test_a_build_that_fails() -> None:
    said = "#5 ERROR: process did not complete\nERROR: failed to solve: exit code: 1\n"
    with pytest.raises(DockerFailed, match="failed to solve"):
        read("", stderr=said, code=1).build(".")


def test_the_flag_check_is_not_our_keyword() -> None:
    assert words(BUILD.buildx.build(".", check_=True, check=False))[2:] == ["--check", "."]


def test_what_buildx_would_ask_is_answered_by_the_call() -> None:
    assert words(BUILD.buildx.prune(all=True)) == ["buildx", "prune", "--force", "--all"]
    assert words(BUILD.buildx.prune(force=False)) == ["buildx", "prune", "--force=false"]
    assert words(BUILD.buildx.rm(all_inactive=True))[2:] == ["--force", "--all-inactive"]
    assert words(BUILD.buildx.rm("big")) == ["buildx", "rm", "big"]


def test_ls() -> None:
    runner = Replay(SOURCE["buildx ls"])
    one, gone = Docker(runner=runner).buildx.ls()
    assert runner.words == ["buildx", "ls", "--format=json"]  # `{{json .}}` repeats each for a node
    assert (one.name, one.driver, one.current, one.error) == (
        "builder",
        "docker-container",
        True,
        "",
    )
    assert one.last_activity == datetime(2023, 5, 10, 9, 21, 4, tzinfo=timezone.utc)
    running, stopped = one.nodes
    assert (running.status, running.version) == (NodeStatus.RUNNING, "v0.11.6")
    assert running.platforms == ("linux/amd64", "linux/arm64", "linux/arm/v7")
    assert running.flags[0] == "--debug"
    assert stopped.status is NodeStatus.STOPPED
    assert stopped.driver_opts == {"image": "moby/buildkit:master"}
    assert (gone.nodes, gone.error, gone.last_activity) == ((), "failed to find driver", None)
    assert words(BUILD.buildx.use(one)) == ["buildx", "use", "builder"]


def test_inspect_reads_the_lines_that_buildx_prints() -> None:
    runner = Replay(PAGES["buildx inspect"])
    one = Docker(runner=runner).buildx.inspect("elated_tesla", bootstrap=True)
    assert runner.words == ["buildx", "inspect", "--bootstrap", "elated_tesla"]
    assert (one.name, one.driver, one.current) == ("elated_tesla", "docker-container", None)
    assert one.last_activity == datetime(2022, 11, 30, 11, 42, 47, tzinfo=timezone.utc)
    (node,) = one.nodes
    assert (node.name, node.status, node.version) == (
        "elated_tesla0",
        NodeStatus.RUNNING,
        "v0.10.6",
    )
    assert node.platforms == ("linux/arm64", "linux/arm/v7", "linux/arm/v6")
    assert node.driver_opts["network"] == "host"
    assert node.flags[:2] == ("--debug", "--allow-insecure-entitlement")
    failed = read("Name:   x\nDriver: remote\nError:  no such host\n").inspect()
    assert (failed.error, failed.nodes) == ("no such host", ())
    for none in ("", "Driver: x\n", "nothing of the kind"):
        with pytest.raises(UnreadableOutput):
            read(none).inspect()


def test_du() -> None:
    one, two = read(PAGES["buildx du"]).du()
    assert (one.size, one.usage_count, one.type) == (829889526, 1, "regular")
    assert one.created == datetime(2025, 7, 29, 12, 36, 1, tzinfo=timezone.utc)
    assert (two.shared, two.reclaimable, two.parents) == (
        True,
        True,
        ("098jsj5ebbv1w47ikqigeuurs",),
    )
    (three,) = read(SOURCE["buildx du"]).du()
    assert (three.size, three.last_used) == (1_653_000_000, "2 months ago")
    assert three.created == datetime(2025, 6, 12, 15, 44, 2, 715795, tzinfo=timezone.utc)
    assert isinstance(read("text").du(verbose=True), Completed)


def test_prune() -> None:
    pruned = read(SOURCE["buildx prune"]).prune()
    ids = ("iupsv3it5ubh92aweb7c1wojc", "rz2zgfcwlfxsxd7d41w2sz2tt")
    assert pruned == CachePruned(ids, 1_297_000_000)
    verbose = read(SOURCE["buildx prune --verbose"]).prune(verbose=True)
    assert verbose == CachePruned(("6wqu0v6hjdwvhh8yjozrepaof",), 1_653_000_000)
    assert read("Total:\t0B\n").prune() == CachePruned((), 0)
    with pytest.raises(UnreadableOutput):
        read("nothing of the kind").prune()


def test_history_ls() -> None:
    (one,) = read(SOURCE["buildx history ls"]).history.ls()
    assert (one.id, one.name) == ("5w7vkqfi0rf59hw4hnmn627r9", "buildx (binaries)")
    assert (one.status, one.cached_steps, one.total_steps) == (BuildStatus.COMPLETED, 4, 16)
    assert words(BUILD.buildx.history.logs(one)) == ["buildx", "history", "logs", one.id]
    paged = read(PAGES["buildx history ls"]).history.ls()
    assert [one.id[:2] for one in paged] == ["qu", "qs"]
    assert paged[0].created == datetime(2025, 4, 15, 12, 33, tzinfo=timezone.utc)


def test_history_inspect() -> None:
    one = read(PAGES["buildx history inspect"]).history.inspect()
    assert (one.ref, one.target, one.platforms) == (
        *("5w7vkqfi0rf59hw4hnmn627r9", "binaries", ("linux/amd64",)),
    )
    assert (one.status, one.error) == (BuildStatus.COMPLETED, "")
    assert one.duration == timedelta(seconds=62, microseconds=233706)
    assert one.started is not None
    assert one.started.utcoffset() == timedelta(hours=1)
    assert len(one.raw["Materials"]) == 3
    failed = read('{"Status": "failed", "Error": {"Message": "no"}}').history.inspect("^1")
    assert (failed.status, failed.error) == (BuildStatus.ERROR, "no")
    assert isinstance(read("text").history.inspect(format="pretty"), Completed)


def test_imagetools_inspect() -> None:
    runner = Replay(PAGES["buildx imagetools inspect"])
    one = Docker(runner=runner).buildx.imagetools.inspect("crazymax/buildkit:attest")
    assert "--format={{json .}}" in runner.words
    assert (one.name, one.size, len(one.manifests)) == ("crazymax/buildkit:attest", 855, 2)
    image, attestation = one.manifests
    assert (image.platform, image.kind) == ("linux/amd64", "")
    assert (attestation.kind, attestation.size) == ("attestation-manifest", 839)
    assert BUILD.pull(one).argv[-1] == f"{one.name}@{one.digest}"
    many = read(SOURCE["buildx imagetools inspect"]).imagetools.inspect("moby/buildkit:master")
    assert "linux/arm/v7" in [manifest.platform for manifest in many.manifests]
    raw = Replay("{}")
    assert isinstance(Docker(runner=raw).buildx.imagetools.inspect("alpine", raw=True), Completed)
    assert raw.words == ["buildx", "imagetools", "inspect", "--raw", "alpine"]


def test_version_and_names() -> None:
    revision = "9872040b6626fb7d87ef7296fd5b832e8cc2ad17"
    version = Docker(runner=Replay(**{"--debug": PAGES["buildx version"]})).buildx.version(
        debug=True
    )
    assert version == BuildxVersion("github.com/docker/buildx", "0.11.2", revision)
    assert read("eager_beaver\n").create("mycontext1", use=True) == "eager_beaver"
    assert read("").create(name="big", node="big0", leave=True) == "big"
    assert read("", stderr="a removed\nfailed to remove b: no\n").rm("a", "b") == ["a"]
    assert read("").use("big") is None
