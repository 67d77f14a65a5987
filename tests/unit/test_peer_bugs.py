"""What other clients of docker's command line get wrong, each once: it has to be right here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dockcli import Bind, Docker, argv
from dockcli.errors import (
    ContainerFailed,
    DockerFailed,
    InvalidArgument,
    NoSuchImage,
    UnknownFlag,
    UnreadableOutput,
)
from tests.unit.fake import FakeDocker
from tests.unit.verbs import BUILDER


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        # a whole number of seconds is dropped, a span becomes "5.0s", which docker refuses
        ("container stop", {"timeout": 5}, ["--timeout=5"]),
        ("container stop", {"time": 5}, ["--time=5"]),
        ("container stop", {"time": 0}, ["--time=0"]),
        ("container stop", {"time": timedelta(seconds=5)}, ["--time=5"]),
        ("container restart", {"time": timedelta(seconds=5)}, ["--time=5"]),
        # half a second becomes "0s", which means docker's own choice
        (
            "container run",
            {"health_interval": timedelta(milliseconds=500)},
            ["--health-interval=500ms"],
        ),
        # False is left out where docker's own choice is True, or stands for the image's name
        ("container commit", {"pause": False}, ["--pause=false"]),
        ("container attach", {"sig_proxy": False}, ["--sig-proxy=false"]),
        ("container run", {"sig_proxy": False}, ["--sig-proxy=false"]),
        ("container run", {"disable_content_trust": False}, ["--disable-content-trust=false"]),
        # 0 is taken for nothing
        (
            "container run",
            {"cpu_shares": 0, "memory_swap": -1},
            ["--cpu-shares=0", "--memory-swap=-1"],
        ),
        ("container run", {"env": {"EMPTY": ""}}, ["--env=EMPTY="]),
        # the fields of a mount are joined with commas, and a path's own commas and colons split it
        (
            "container run",
            {"mount": [Bind("/a,b", "/x")]},
            ['--mount=type=bind,"source=/a,b",target=/x'],
        ),
        (
            "container run",
            {"volume": [Bind("/a:b", "/x")]},
            ["--mount=type=bind,source=/a:b,target=/x"],
        ),
        # a mode of what is taken over is possible only by a text
        ("container run", {"volumes_from": ["data:ro"]}, ["--volumes-from=data:ro"]),
    ],
    ids=repr,
)
def test_a_value_goes_out_as_docker_reads_it(
    command: str, options: dict[str, Any], words: list[str]
) -> None:
    assert list(argv.flags(command, options).words) == words


def test_false_is_no_name_of_an_image() -> None:
    call = BUILDER.call.run("alpine", "id", sig_proxy=False, disable_content_trust=False)
    assert call.argv[3:] == (
        "--sig-proxy=false",
        "--disable-content-trust=false",
        "alpine",
        "id",
    )


@pytest.mark.parametrize("name", ["--force", "-f", "--privileged", "--", "-v/:/host"])
def test_a_name_is_no_option(fake_docker: FakeDocker, client: Docker, name: str) -> None:
    for call in (
        lambda: client.volume.rm(name),
        lambda: client.volume.rm("data", name),
        lambda: client.volume.create(name),
        lambda: client.run(name, "img"),
        lambda: client.exec(name, "c", "id"),
        lambda: client.rm(name),
        lambda: client.rmi(name),
    ):
        with pytest.raises(InvalidArgument):
            call()
    assert not fake_docker.calls


def test_a_local_path_with_a_colon_is_no_container() -> None:
    call = BUILDER.call.cp(Path("a:b"), "web:/x")
    assert call.argv[-2:] == ("./a:b", "web:/x")


def test_bytes_that_are_copied_are_fed_to_docker(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("read",))
    client.cp("-", "web:/", stdin=b"a tar")
    assert fake_docker.call.stdin == b"a tar"


def test_a_flag_that_there_is_not_is_no_silence() -> None:
    with pytest.raises(UnknownFlag, match="did you mean volume"):
        BUILDER.call.run("alpine", volumes=["a:/b"])  # type: ignore[call-overload]


def test_a_run_asks_for_no_image_and_pulls_none_of_its_own(
    fake_docker: FakeDocker, client: Docker
) -> None:
    said = b"docker: Error response from daemon: No such image: shop:1.\n"
    fake_docker.will(("write", 2, said), ("exit", 125))
    with pytest.raises(NoSuchImage):
        client.run("shop:1", pull="never", name="web")
    # where the name stands for a container, it sees whether one was made
    assert fake_docker.commands == ["container run", "container inspect"]


def test_what_a_program_says_types_no_error(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(
        ("write", 2, b"payment service not found, network file not found\n"), ("exit", 1)
    )
    with pytest.raises(ContainerFailed) as caught:
        client.run("alpine", name="web")
    assert caught.value.stderr.startswith(b"payment")


def test_the_error_has_what_docker_said_whatever_bytes_it_is(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 2, b"Error response from daemon: caf\xe9\n"), ("exit", 1))
    with pytest.raises(DockerFailed) as caught:
        client.image.push("shop:1")
    assert caught.value.stderr == b"Error response from daemon: caf\xe9\n"
    assert "caf" in str(caught.value)


def test_a_login_without_a_password_is_docker_s_to_refuse() -> None:
    assert BUILDER.call.login("localhost:5000", username="me").argv[-2:] == (
        "--username=me",
        "localhost:5000",
    )


def test_no_answer_dumps_itself_anywhere(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    fake_docker.will(("write", 1, b"[{]"))
    with pytest.raises(UnreadableOutput):
        client.container.inspect("web")
    assert list((tmp_path / "t").iterdir()) == []


def test_the_shorthand_top_is_top_and_stops_nothing() -> None:
    assert BUILDER.call.top("web").argv[1:] == ("container", "top", "web")
