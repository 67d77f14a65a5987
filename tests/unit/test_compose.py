"""``docker compose``: the command lines that are made, and the answers that are read.

Compose is not installed where these run. The answers are from its own reference pages and tests
(docker/compose v5.5.0), from the pull requests that changed a form, and, where those show none, in
the very form that its source writes; ``recorded/compose.json`` says of each which.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from dockcli import Completed, Container, Docker
from dockcli.errors import (
    ContainerFailed,
    DockerFailed,
    InvalidArgument,
    UnknownFlag,
    UnreadableOutput,
)
from dockcli.models.compose_running import Address
from dockcli.models.container import State
from tests.unit.replay import Replay, answers

RECORDED = answers("compose")
PAGES, TESTS, SOURCE = (
    RECORDED[f"{place} v5.5.0{rest}"]
    for place, rest in (
        ("reference pages", ""),
        ("tests of", ""),
        ("as the source of", " writes them"),
    )
)
BUILD = Docker().call


def words(call: Any) -> list[str]:
    return list(call.argv[1:])


def read(said: str, **options: Any) -> Any:
    """The group of a docker that says this."""
    return Docker(runner=Replay(said, **options)).compose


def test_composes_own_flags_stand_behind_its_name() -> None:
    shop = BUILD.compose(file=["a.yml", "b.yml"], project_name="shop")
    assert words(shop.up(detach=True)) == [
        *("compose", "--file=a.yml", "--file=b.yml", "--project-name=shop", "up", "--detach"),
    ]
    assert words(shop(profile="debug").ps("web", quiet=True)) == [
        *("compose", "--file=a.yml", "--file=b.yml", "--project-name=shop", "--profile=debug"),
        *("ps", "--quiet", "web"),
    ]
    assert words(shop.alpha.viz())[4:] == ["alpha", "viz"]
    transformations = shop.bridge.transformations
    assert words(transformations.create("x", from_="y"))[4:] == [
        *("bridge", "transformations", "create", "--from=y", "x"),
    ]
    assert words(BUILD.compose.up()) == ["compose", "up"]


def test_both_faces_take_them_and_their_verbs_are_the_same() -> None:
    docker = Docker()
    assert type(docker.compose(file="a")) is type(docker.compose)
    assert docker.call.compose(file="a").tree is docker.call
    assert docker.compose(file="a").tree is docker


def test_a_flag_that_compose_has_not_is_refused() -> None:
    with pytest.raises(UnknownFlag, match="compose has no flag --detach"):
        BUILD.compose(detach=True)  # type: ignore[call-arg]
    with pytest.raises(UnknownFlag, match="has no flag --deadline"):
        BUILD.compose(deadline=1)


def test_behind_the_service_come_the_words_of_its_command() -> None:
    assert words(BUILD.compose.run("web", "sh", "-c", "ls", "--rm", rm=True)) == [
        *("compose", "run", "--rm", "web", "sh", "-c", "ls", "--rm"),
    ]
    assert words(BUILD.compose.exec("web", "env", "--", "-x", index=2)) == [
        *("compose", "exec", "--index=2", "web", "env", "--", "-x"),
    ]
    with pytest.raises(InvalidArgument, match="at least one word of a command"):
        BUILD.compose.exec("web")


def test_what_a_run_makes_carries_the_clients_labels() -> None:
    labelled = Docker(labels={"l": "v"}).call.compose
    assert words(labelled.run("web"))[2:] == ["--label=l=v", "web"]
    assert words(labelled.up()) == ["compose", "up"]


def test_replicas_are_texts_or_mappings() -> None:
    line = ["compose", "scale", "web=3", "db=1"]
    assert words(BUILD.compose.scale("web=3", "db=1")) == line
    assert words(BUILD.compose.scale({"web": 3, "db": 1})) == line
    for none in ("web", "web=", "web=many", "=3", "-x=3", {"web": -1}, {"a b": 1}, {}):
        with pytest.raises(InvalidArgument):
            BUILD.compose.scale(none)  # type: ignore[arg-type]


def test_what_compose_would_ask_is_answered_by_the_call() -> None:
    assert words(BUILD.compose.rm("web", stop=True)) == [
        "compose",
        "rm",
        "--force",
        "--stop",
        "web",
    ]
    assert words(BUILD.compose.rm(force=False)) == ["compose", "rm", "--force=false"]
    assert words(BUILD.compose.up()) == ["compose", "up"]  # a yes there may delete a volume


def test_the_flag_check_is_not_our_keyword() -> None:
    assert words(BUILD.compose.build(check_=True, check=False)) == ["compose", "build", "--check"]


def test_ps() -> None:
    stopped, running = read(PAGES["compose ps"]).ps(all=True)
    assert (stopped.state, stopped.ports, stopped.running) == (State.EXITED, (), False)
    assert (running.name, running.service, running.project) == ("example-foo-1", "foo", "example")
    assert running.running
    assert running.__docker__().startswith("f02a4efaabb6")
    (port,) = running.ports
    assert (port.host_ip, port.host_port, port.container_port) == ("0.0.0.0", 8080, 80)
    assert running.raw["Health"] == ""

    (one,) = read(SOURCE["compose ps"]).ps()
    assert (one.command, one.exit_code, one.health) == ('echo "hi"', 3, "unhealthy")
    assert [(port.container_port, port.host_port) for port in one.ports] == [(80, 0), (443, 0)]
    assert one.created == datetime(2025, 6, 12, 15, 44, 2, tzinfo=timezone.utc)
    assert read("").ps() == []
    assert read("[]").ps() == []


def test_a_container_of_ps_can_be_given_back() -> None:
    (one,) = read(SOURCE["compose ps"]).ps()
    assert BUILD.rm(one).argv[-1] == one.id
    with pytest.raises(InvalidArgument, match="where a service is meant"):
        BUILD.compose.start(one)


@pytest.mark.parametrize("asked", [{"quiet": True}, {"format": "table"}, {"services": True}])
def test_text_that_was_asked_for_is_not_parsed(asked: dict[str, Any]) -> None:
    done = read("web\n").ps(**asked)
    assert isinstance(done, Completed)
    assert done.text == "web\n"


def test_ls() -> None:
    one, two = read(SOURCE["compose ls"]).ls(all=True)
    assert one.states == {State.EXITED: 1, State.RUNNING: 2}
    assert one.config_files == ("/home/docker-compose.yaml", "/home/o.yaml")
    assert (two.name, two.status, two.states) == ("project2", "running(1)", {State.RUNNING: 1})
    old = read(RECORDED["docker-archive/compose-cli pull request 823"]["compose ls"]).ls()
    assert [one.config_files for one in old] == [(), ()]


def test_a_name_in_a_filter_is_the_whole_name() -> None:
    projects = read(SOURCE["compose ls"]).ls(filter={"name": "project"})
    assert projects == []
    (one,) = read(SOURCE["compose ls"]).ls(filter={"name": "project2"})
    assert one.name == "project2"


def test_images_are_an_array_or_an_object_by_container() -> None:
    (one,) = read(SOURCE["compose images"]).images()
    assert (one.container, one.size, one.platform) == (
        "example-backend-1",
        133129113,
        "linux/amd64",
    )
    assert one.created == datetime(2021, 3, 31, 18, 23, 22, tzinfo=timezone.utc)
    (other,) = read(RECORDED["docker/compose pull request 12917"]["compose images"]).images()
    assert (other.container, other.id, other.size) == (one.container, one.id, one.size)
    assert read("null\n").images() == []
    assert BUILD.rmi(one).argv[-1] == one.id


def test_volumes_are_inspected_by_one_process_more() -> None:
    runner = Replay(volumes="shop_a\nshop_b\n", inspect='[{"Name": "shop_a"}, {"Name": "shop_b"}]')
    found = Docker(runner=runner).compose(project_name="shop").volumes("web")
    assert [one.name for one in found] == ["shop_a", "shop_b"]
    listing, inspecting = (list(job.argv[1:]) for job in runner.jobs)
    assert listing == [
        *("compose", "--project-name=shop", "volumes", "--format={{.Name}}", "web"),
    ]
    assert inspecting == ["volume", "inspect", "shop_a", "shop_b"]


def test_stats_are_asked_for_once() -> None:
    runner = Replay(SOURCE["compose stats"])
    (one,) = Docker(runner=runner).compose.stats("foo")
    assert (one.name, one.cpu_percent, one.memory_limit) == ("example-foo-1", 0.5, 1024**3)
    assert {"--no-stream", "--format=json"} <= set(runner.words)


def test_events() -> None:
    runner = Replay(PAGES["compose events"] + SOURCE["compose events"])
    old, new = Docker(runner=runner).compose.events(until="1s")
    assert (old.service, old.action, old.attributes["image"]) == ("web", "create", "alpine:edge")
    assert old.time == datetime(2015, 11, 20, 18, 1, 3, 615550, tzinfo=timezone.utc)
    assert (new.id, new.type) == ("213cf75fc39a", "container")
    assert "--json" in runner.words
    assert isinstance(read("text").events(json=False), Completed)


def test_top_reads_the_tables_of_both_forms() -> None:
    found = read(TESTS["compose top"]).top()
    assert [(one.service, one.replica, one.pid) for one in found][3:] == [
        *(("multiple", 1, 1), ("multiple", 1, 123)),
    ]
    assert found[-1].command == "sleep infinity"
    assert found[2].columns["GID"] == "1"
    (old,) = read(PAGES["compose top"]).top()
    assert (old.container, old.pid, old.service) == ("example_foo_1", 142353, "")
    assert old.command == "ping localhost -c 5"
    two = read(PAGES["compose top"] + "\n" + PAGES["compose top"].replace("foo", "bar")).top()
    assert [one.container for one in two] == ["example_foo_1", "example_bar_1"]
    assert read("").top() == []
    with pytest.raises(UnreadableOutput):
        read("nothing of the kind\n").top()


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("0.0.0.0:8080\n", Address("0.0.0.0", 8080)),
        ("[::]:49153\n", Address("::", 49153)),
        (":::80", Address("::", 80)),
        (":0\n", Address("", 0)),
    ],
)
def test_port(said: str, address: Address) -> None:
    runner = Replay(said)
    assert Docker(runner=runner).compose.port("web", 80, protocol="udp") == address
    assert runner.words == ["compose", "port", "--protocol=udp", "web", "80"]
    with pytest.raises(UnreadableOutput):
        read("8080").port("web", 80)


def test_config_is_the_project_without_the_doubled_dollars() -> None:
    config = read(SOURCE["compose config"]).config()
    assert (config.name, list(config.services)) == ("compose-e2e-config", ["test"])
    assert config.services["test"]["environment"] == {"PRICE": "5$", "NAME": "a${B}"}
    assert config.services["test"]["ports"][0]["published"] == "8080"
    assert list(config.networks) == ["default"]
    assert (config.volumes, config.secrets, config.configs) == ({}, {}, {})
    as_written = read(SOURCE["compose config"]).config(no_interpolate=True)
    assert as_written.services["test"]["environment"]["PRICE"] == "5$$"
    for asked in ({"services": True}, {"format": "yaml"}, {"hash": "*"}, {"quiet": True}):
        assert isinstance(read("test\n").config(**asked), Completed)
    with pytest.raises(UnreadableOutput) as info:
        read("services: $$").config()
    assert info.value.stdout == b"services: $$"


def test_version_and_transformations() -> None:
    assert read(TESTS["compose version"]).version().version == "9.9.9-test"
    assert read("9.9.9-test\n").version(short=True).text == "9.9.9-test\n"
    said = SOURCE["compose bridge transformations list"]
    (one,) = read(said).bridge.transformations.list()
    assert (one.tags, one.size) == (("docker/compose-bridge-kubernetes:latest",), 43211234)
    assert read("null\n").bridge.transformations.list() == []


def test_a_detached_run_gives_the_container() -> None:
    docker = Docker(runner=Replay("0123abcd\n"))
    assert docker.compose.run("web", detach=True) == Container("0123abcd", docker)
    assert docker.compose.run("web").text == "0123abcd\n"


def test_a_services_failure_is_told_from_composes() -> None:
    for verb in ("run", "exec"):
        with pytest.raises(ContainerFailed) as info:
            getattr(read("", stderr="oh no\n", code=7), verb)("web", "false")
        assert info.value.returncode == 7
    with pytest.raises(DockerFailed):
        read("", stderr="Error response from daemon: no such image\n", code=1).run("web")
    with pytest.raises(ContainerFailed):
        read("container x exited", code=3).wait("web")
    assert read("", code=3).wait("web", check=False).returncode == 3
    with pytest.raises(ContainerFailed):
        read("", stderr="x\n", code=5).up(exit_code_from="web")
    with pytest.raises(DockerFailed):
        read("", stderr="x\n", code=1).up()


@pytest.mark.parametrize("said", ['service "web" is not running', "no such service: web"])
def test_what_compose_says_itself_is_no_services_failure(said: str) -> None:
    with pytest.raises(DockerFailed):
        read("", stderr=f"{said}\n", code=1).exec("web", "true")
