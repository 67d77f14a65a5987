"""What both CLIs and podman really answered about containers and images, and how it is read.

Recorded with a busybox image and docker-registry on loopback, each answer by the command that the
verb makes (``str(docker.call.container.stats("recorded"))``).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from dockcli import Completed, Docker
from dockcli.errors import UnreadableOutput
from dockcli.models import human
from dockcli.models.container import Port, State
from dockcli.models.fields import Fields
from dockcli.models.registry import Found
from dockcli.models.service import ServiceInspect
from dockcli.models.stats import Process
from tests.unit.replay import Replay, answers
from tests.unit.verbs import build

DOCKERS = ("28.2.2", "20.10.24")
ALL = (*DOCKERS, "podman-4.3.1")

IN_DOCKER = pytest.mark.parametrize("release", DOCKERS)
IN_ALL = pytest.mark.parametrize("release", ALL)


def read(command: str, release: str, *operands: str, **options: Any) -> Any:
    said = answers(command.split()[0])[release][command]
    return build(command, *operands, client=Docker(runner=Replay(said)), **options).run()


def said(command: str, text: str, *operands: str) -> Any:
    return build(command, *operands, client=Docker(runner=Replay(text))).run()


@IN_ALL
def test_stats(release: str) -> None:
    (one,) = read("container stats", release)
    assert (len(one.id), one.name) == (64, "recorded")
    assert 10 < one.cpu_percent < 200
    assert 500_000 < one.memory < 2_000_000
    assert 23 * 2**30 < one.memory_limit < 24 * 2**30
    assert one.memory_percent == 0.0
    assert 400 < one.net_in < 800
    assert one.net_out in (0, 1096)
    assert (one.block_read, one.block_written, one.pids) == (0, 0, 3)
    assert one.raw.keys() & {"PIDs", "pids"}


def test_stats_that_docker_does_not_know_are_0() -> None:
    row = '{"CPUPerc":"--","ID":"a","MemPerc":"--","MemUsage":"-- / --","NetIO":"--","PIDs":"--"}'
    (one,) = said("container stats", row)
    assert (one.cpu_percent, one.memory, one.memory_limit, one.net_in, one.pids) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("given", "word"),
    [({}, "--no-stream"), ({"no_stream": None}, "--no-stream"), ({"format": "x"}, "--no-stream")],
)
def test_stats_are_asked_for_once(given: dict[str, Any], word: str) -> None:
    assert word in build("container stats", **given).argv
    assert "--no-stream=false" in build("container stats", no_stream=False).argv


@IN_DOCKER
def test_top(release: str) -> None:
    found = read("container top", release)
    assert [one.command for one in found] == [
        "sh -c sleep 600 & cat /dev/zero >/dev/null & wait",
        "sleep 600",
        "cat /dev/zero",
    ]
    assert all(one.user == "root" and one.pid > 1000 for one in found)
    assert found[1].raw["PPID"] == str(found[0].pid)


def test_top_of_podman() -> None:
    found = read("container top", "podman-4.3.1")
    assert [(one.user, one.raw["PPID"]) for one in found] == [
        ("root", "0"),
        ("root", "1"),
        ("root", "1"),
    ]
    assert (found[0].pid, found[2].pid) == (1, found[1].pid + 1)
    assert found[2].command == "cat /dev/zero"


def test_top_of_what_is_no_table() -> None:
    for text in ("", "\n \n", "UID PID CMD\nroot 1\n"):
        with pytest.raises(UnreadableOutput):
            said("container top", text)
    assert said("container top", "PID CMD\n") == []
    assert said("container top", "CMD\nsleep 5\n")[0].pid == 0


def test_options_of_ps_are_not_docker_s() -> None:
    call = build("container top", "web", "-o", "pid,args")
    assert call.argv[1:] == ("container", "top", "web", "-o", "pid,args")


@IN_ALL
def test_port(release: str) -> None:
    found = read("container port", release, "web")
    assert Port(80, "tcp", "0.0.0.0", 18081) in found
    (udp,) = [one for one in found if one.protocol == "udp"]
    assert (udp.container_port, udp.host_ip) == (53, "127.0.0.1")
    assert udp.host_port > 32000
    six = [one for one in found if one.host_ip == "::"]
    assert six == ([] if "podman" in release else [Port(80, "tcp", "::", 18081)])


def test_port_that_was_asked_for() -> None:
    text = "0.0.0.0:8080\n[::1]:8080\n:::8080\n"
    assert said("container port", text, "web", "53/udp") == [
        Port(53, "udp", "0.0.0.0", 8080),
        Port(53, "udp", "::1", 8080),
        Port(53, "udp", "::", 8080),
    ]
    assert build("container port", "web", 80).argv[-2:] == ("web", "80")
    with pytest.raises(UnreadableOutput):
        said("container port", "nonsense", "web")


@IN_ALL
def test_inspect(release: str) -> None:
    one = read("container inspect", release, "recorded")
    assert (one.name, one.state, one.labels["a"]) == ("recorded", State.RUNNING, "b,c=d")
    assert Port(80, "tcp", "0.0.0.0", 18081) in [
        *one.ports,
        *(Port(p.container_port, p.protocol, "0.0.0.0", p.host_port) for p in one.ports),
    ]


@IN_ALL
@pytest.mark.parametrize("verb", ["pause", "unpause", "restart", "kill", "update"])
def test_names(release: str, verb: str) -> None:
    (name,) = read(f"container {verb}", release)
    assert name == "recorded" or len(name) == 64


@pytest.mark.parametrize("verb", ["update", "stop", "restart"])
def test_warnings_are_no_names(verb: str) -> None:
    warning = "Your kernel does not support swap limit capabilities. Limitation discarded."
    deprecated = "Flag --time has been deprecated, use --timeout instead"
    text = f"{deprecated}\nweb\nshop\n{warning}\n"
    assert said(f"container {verb}", text) == ["web", "shop"]


@IN_ALL
def test_rename_and_wait(release: str) -> None:
    assert read("container rename", release) is None
    assert read("container wait", release) == 137


@IN_ALL
def test_prune(release: str) -> None:
    found = read("container prune", release)
    assert [len(one) for one in found.deleted] == [64, 64]
    assert found.reclaimed == (None if "podman" in release else 0)


def test_prune_is_not_let_ask_unless_the_caller_says_so() -> None:
    assert build("container prune").argv[3:] == ("--force",)
    assert build("image prune", force=None).argv[3:] == ("--force",)
    assert "--force=false" in build("container prune", force=False).argv
    asked = "WARNING! This will remove all.\nAre you sure you want to continue? [y/N] "
    assert said("container prune", asked).deleted == ()
    assert said("container prune", f"{asked}Total reclaimed space: 1.5kB\n").reclaimed == 1500


@pytest.mark.parametrize("text", ["Deleted everything\n", "Total reclaimed space: a lot\n"])
def test_prune_of_what_cannot_be_read(text: str) -> None:
    for command in ("container prune", "image prune"):
        with pytest.raises(UnreadableOutput):
            said(command, text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["--no-stdin"]),
        ({"stdin": b"x"}, []),
        ({"no_stdin": False}, ["--no-stdin=false"]),
        ({"stdin": b"x", "no_stdin": True}, ["--no-stdin"]),
    ],
)
def test_attach_has_a_stdin_only_where_it_is_given_one(
    given: dict[str, Any], words: list[str]
) -> None:
    assert list(build("container attach", **given).argv[3:-1]) == words


# --- images


def test_a_path_of_a_diff_may_have_more_than_one_line() -> None:
    changes = said("container diff", "C /a\nA /a/b\n\nc \nD x\nD /d\r\n\n")
    assert [(one.kind.value, one.path) for one in changes] == [
        ("C", "/a"),
        ("A", "/a/b\n\nc \nD x"),
        ("D", "/d\r\n"),
    ]
    assert said("container diff", "") == []
    with pytest.raises(UnreadableOutput):
        said("container diff", "x\nA /a\n")


def test_an_archive_that_is_copied_out_is_the_answer() -> None:
    assert said("container cp", "tar", "web:/etc", "-").stdout == b"tar"
    assert said("container cp", "", "web:/etc", "x") is None


@pytest.mark.parametrize("port", ["²", "9" * 5000, "x", "", None])
def test_what_is_no_number_is_no_port(port: Any) -> None:
    ports = {f"{port}/tcp": None, "80/tcp": [{"HostIp": "::", "HostPort": port}]}
    raw = json.dumps([{"Id": "a", "NetworkSettings": {"Ports": ports}}])
    assert said("container inspect", raw).ports == (Port(80, "tcp", "::", 0),)


@pytest.mark.parametrize("number", ["²", "9" * 5000])
def test_a_number_of_no_docker_is_0(number: str) -> None:
    (stack,) = said("stack ls", json.dumps({"Name": "shop", "Services": number}))
    assert stack.services == 0
    service = ServiceInspect.parse({}).listed(Fields({"Replicas": f"{number}/1"}))
    assert service.running is None
    assert Found.parse({"StarCount": number}).stars == 0
    assert Process.parse({"PID": number}).pid == 0


@IN_ALL
def test_history(release: str) -> None:
    last, *_, first = read("image history", release)
    assert last.created_by == "/bin/sh -c echo hello > /hello"
    assert last.size == (4608 if "podman" in release else 6)
    assert first.size > 1_900_000
    assert first.created is not None
    assert first.created.tzinfo is not None
    assert first.comment.startswith("dockcli:")
    assert len(last.id) == 71
    assert first.id == ("" if "podman" in release else first.raw["ID"])


@pytest.mark.parametrize("text", [{"format": "{{.Size}}"}, {"quiet": True}])
def test_docker_s_own_text_of_a_history_is_left_as_it_is(text: dict[str, Any]) -> None:
    assert not {"--human=false", "--no-trunc"} & set(build("image history", **text).argv)


def test_history_is_exact_unless_the_caller_wants_it_human() -> None:
    assert {"--human=false", "--no-trunc"} <= set(build("image history").argv)
    assert "--human" in build("image history", human=True).argv
    (layer,) = said("image history", '{"Size":"1.98MB","ID":"<missing>"}')
    assert (layer.size, layer.id, layer.created) == (1_980_000, "", None)


@IN_ALL
def test_load(release: str) -> None:
    found = [one.id.removeprefix("localhost/") for one in read("image load", release)]
    assert found == ["recorded:1", "recorded:2"]


def test_load_of_an_image_without_a_name() -> None:
    (one,) = said("image load", "Loaded image ID: sha256:abc\n")
    assert one.id == "sha256:abc"
    with pytest.raises(UnreadableOutput):
        said("image load", "something else\n")


@IN_DOCKER
def test_push(release: str) -> None:
    found = read("image push", release)
    assert len(found.digest) == 71
    assert (found.size, [one.tag for one in found.tags]) == (528, ["1"])


def test_push_without_a_digest() -> None:
    for text in ("", "127.0.0.1:5999/recorded:1\n"):  # podman, and quiet=True
        found = said("image push", text)
        assert (found.tags, found.digest, found.size) == ((), "", 0)


@IN_ALL
def test_pull_gives_the_image_that_was_asked_for(release: str) -> None:
    assert read("image pull", release, "127.0.0.1:5999/recorded:1").id.endswith("recorded:1")


@IN_ALL
def test_image_prune(release: str) -> None:
    found = read("image prune", release)
    assert all(len(one) == 71 and one.startswith("sha256:") for one in found.deleted)
    assert found.deleted
    named = () if "podman" in release else ("recorded:2",)
    assert (found.untagged, found.reclaimed) == (named, 6 if named else None)


def test_saved_is_what_docker_wrote() -> None:
    assert isinstance(said("image save", "a tar", "web"), Completed)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0B", 0),
        ("376B", 376),
        ("1.09kB", 1090),
        ("2.14 GB", 2_140_000_000),
        ("324KiB", 331_776),
        ("23.54GiB", 25_275_882_537),
        ("1.5TB", 1_500_000_000_000),
        ("1984240", 1_984_240),
        ("--", None),
        ("", None),
        ("many", None),
        ("-1B", None),
    ],
)
def test_sizes_for_people(text: str, size: int | None) -> None:
    assert human.size(text) == size
