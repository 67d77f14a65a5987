"""An answer that is read while docker is still ending is the one that it is read as afterwards."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import DeadlineExceeded, DockerFailed, NoSuchVolume, UnreadableOutput
from tests.unit.fake import FakeDocker

VOLUMES = [{"Name": name, "Driver": "local", "Mountpoint": f"/{name}"} for name in "ab"]
TEXT = json.dumps(VOLUMES, indent=4).encode() + b"\n"
GONE = b"Error response from daemon: get c: no such volume\n"
Read = list[bool]


@pytest.fixture
def read(fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Of each JSON text that is read, whether docker has still been there."""
    seen: Read = []
    loads = json.loads

    def spied(text: Any, **options: Any) -> Any:
        if text.startswith((b"[", b"{") if isinstance(text, bytes) else "\0"):
            seen.append(Path(f"/proc/{fake_docker.calls[-1].pid}").exists())
        return loads(text, **options)

    monkeypatch.setattr(json, "loads", spied)
    return seen


@pytest.mark.parametrize("cuts", [(), (1,), (-1,), (-2,), (40, -1), (100, 101, 102)])
def test_what_is_whole_is_read_once_while_docker_is_ending(
    fake_docker: FakeDocker, client: Docker, read: Read, cuts: tuple[int, ...]
) -> None:
    ends = [0, *(cut % len(TEXT) for cut in cuts), len(TEXT)]
    pieces = [TEXT[at:end] for at, end in itertools.pairwise(ends)]
    steps = [step for piece in pieces for step in (("write", 1, piece), ("sleep", 0.1))]
    fake_docker.will(*steps)
    assert [one.name for one in client.volume.inspect("a", "b")] == ["a", "b"]
    assert read == [True]


def test_the_version_and_what_docker_tells_of_itself_are(
    fake_docker: FakeDocker, client: Docker, read: Read
) -> None:
    fake_docker.will(("write", 1, b'{"Client": {"Version": "1.2"}}\n'), ("sleep", 0.1))
    assert client.version().client == "1.2"
    fake_docker.will(("write", 1, b'{"ServerVersion": "1.3"}\n'), ("sleep", 0.1))
    assert client.info().raw["ServerVersion"] == "1.3"
    assert read == [True, True]


def test_what_comes_after_it_is_read_too(
    fake_docker: FakeDocker, client: Docker, read: Read
) -> None:
    fake_docker.will(("write", 1, TEXT), ("sleep", 0.1), ("write", 1, b"more\n"))
    with pytest.raises(UnreadableOutput) as raised:
        client.volume.inspect("a", "b")
    assert raised.value.completed.stdout == TEXT + b"more\n"
    assert read == [True, False]


def test_what_only_seemed_whole_is_read_at_the_end(
    fake_docker: FakeDocker, client: Docker, read: Read
) -> None:
    text = b'{"Client": {"Name": {}\n, "Version": "1.2"}}\n'
    at = text.index(b"\n") + 1
    fake_docker.will(("write", 1, text[:at]), ("sleep", 0.1), ("write", 1, text[at:]))
    assert client.version().client == "1.2"
    assert read == [True, False]


def test_a_failure_is_none_the_less_one(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, TEXT), ("sleep", 0.1), ("write", 2, GONE), ("exit", 1))
    with pytest.raises(NoSuchVolume) as raised:
        client.volume.inspect("a", "b")
    assert [one.name for one in raised.value.found] == ["a", "b"]
    fake_docker.will(("write", 1, TEXT), ("sleep", 0.1), ("exit", 3))
    with pytest.raises(DockerFailed):
        client.volume.inspect("a", "b")


def test_what_is_missing_is_left_out(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, TEXT), ("sleep", 0.1), ("write", 2, GONE), ("exit", 1))
    found = client.volume.inspect("a", "b", "c", missing_ok=True)
    assert [one.name for one in found] == ["a", "b"]


def test_it_is_told_of_an_unreadable_answer_with_all_that_was_said(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("write", 1, b"[\n7\n]\n"), ("sleep", 0.1), ("write", 2, b"beside\n"))
    with pytest.raises(UnreadableOutput) as raised:
        client.volume.inspect("a")
    assert raised.value.completed.stderr == b"beside\n"
    assert raised.value.completed.seconds > 0.1


def test_a_deadline_counts_for_a_docker_that_never_ends(
    fake_docker: FakeDocker, client: Docker, read: Read
) -> None:
    fake_docker.will(("write", 1, TEXT), ("sleep", 60))
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded) as raised:
        client.volume.inspect("a", "b", deadline=0.4)
    assert time.monotonic() - begun < 2
    assert raised.value.completed.stdout == TEXT
    assert read == [True]


@pytest.mark.parametrize(
    "ask",
    [
        lambda docker: docker.volume.inspect("a", "b", check=False).stdout,
        lambda docker: docker.volume.inspect("a", "b", format="json").stdout,
        lambda docker: docker.exec("a", "cat", "b").stdout,
    ],
)
def test_nothing_is_read_that_nobody_asked_to_be(
    fake_docker: FakeDocker, client: Docker, read: Read, ask: Callable[[Docker], bytes]
) -> None:
    fake_docker.will(("write", 1, TEXT), ("sleep", 0.1))
    ask(client)
    assert not read


def test_what_cannot_be_loaded_while_docker_works_is_told_of_when_it_is_needed(
    fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockcli.ahead import Document

    def fail(document: Document[Any]) -> None:
        raise OSError("no more files")

    monkeypatch.setattr(Document, "load", fail)
    fake_docker.will(("write", 1, TEXT))
    assert [one.name for one in client.volume.inspect("a", "b")] == ["a", "b"]
