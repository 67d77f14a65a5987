"""What a call holds reaches the process byte for byte, by every runner (promise P1)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.errors import InvalidArgument
from tests.unit.fake import FakeDocker

Makes = Callable[..., Docker]

WORDS = [
    "",
    " ",
    "  a  b  ",
    "\n",
    "a\nb\n",
    "\r\n",
    "\t",
    "'",
    '"',
    "it's",
    "'a' \"b\"",
    "\\",
    "\\n",
    "*",
    "?",
    "[a-z]*",
    "~",
    "~root",
    "$HOME",
    "${HOME}",
    "$(id)",
    "`id`",
    "a;b",
    "a&b",
    "a&&b",
    "a|b",
    "a>b",
    "<b",
    "#a",
    "!a",
    "%s%n",
    "{a,b}",
    "-",
    "--",
    "-x",
    "--privileged",
    "--name=x",
    "=",
    "a=b",
    "a=b,c",
    "a,b",
    "a:b:ro",
    "/",
    "..",
    "äöü",
    "도커",
    "🐳",
    "e\u0301",
    "\u202e",
    "\ufeff",
    "\x01\x02\x1b[31m",
    "\x7f",
    "\x80\x9f",
    os.fsdecode(b"\xff"),
    os.fsdecode(b"\xc3"),
    os.fsdecode(b"a\xfe\xffb"),
    os.fsdecode(bytes(range(1, 256))),
    "\U0010ffff",
    "a" * 100_000,
    "ä" * 50_000,
    "\n" * 100_000,
]


def test_there_are_sixty_cases() -> None:
    assert len(WORDS) == len(set(WORDS)) >= 60


@pytest.mark.parametrize("word", WORDS, ids=lambda word: ascii(word)[:20])
def test_a_process_gets_the_bytes_that_the_call_holds(
    fake_docker: FakeDocker, runs_on: Makes, word: str
) -> None:
    if len(word) > 1000 and "\n" in word:  # in a label and in a mapping it is as long again
        call = runs_on().call.container.exec("web", word)
    else:
        call = runs_on().call.container.exec("web", word, "end", env={"K": word}, workdir=word)
    call.run()
    *_, seen = (call for call in fake_docker.calls if call.program == "docker")
    assert seen.argv == tuple(os.fsencode(word) for word in call.argv[1:])
    assert os.fsencode(word) in seen.argv


def test_flags_come_first_and_the_words_of_the_command_last(
    fake_docker: FakeDocker, runs_on: Makes
) -> None:
    runs_on().container.exec("web", "sh", "-c", "--rm", user="me", privileged=True)
    seen = fake_docker.calls[-1]
    assert seen.words[-8:] == [
        *("container", "exec", "--user=me", "--privileged", "web", "sh", "-c", "--rm"),
    ]


def test_a_word_longer_than_the_system_allows_is_refused(client: Docker) -> None:
    with pytest.raises(InvalidArgument, match="longer than this system allows"):
        client.container.exec("web", "a" * 5_000_000)


def test_a_half_character_is_refused(fake_docker: FakeDocker, client: Docker) -> None:
    with pytest.raises(InvalidArgument):
        client.container.exec("web", "\ud800")
    assert not fake_docker.calls


@pytest.mark.parametrize("name", ["a=b", "a\0b"])
def test_a_variable_that_no_environment_holds_is_refused(
    name: str, fake_docker: FakeDocker
) -> None:
    with pytest.raises(InvalidArgument):
        Docker(env={name: "x"}).container.ls()
    assert not fake_docker.calls


def test_the_process_has_no_terminal_no_stdin_and_no_other_file(
    fake_docker: FakeDocker, runs_on: Makes
) -> None:
    with open(os.devnull) as kept:
        os.set_inheritable(kept.fileno(), False)
        fake_docker.will(("read",))
        runs_on().raw("ps")
    seen = fake_docker.calls[-1]
    assert seen.files == (0, 1, 2)
    assert seen.terminals == (False, False, False)
    assert seen.stdin == b""


def test_what_waits_on_our_own_stdin_is_not_taken(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("read",))
    reader, writer = os.pipe()
    os.write(writer, b"for somebody else")
    os.close(writer)
    ours = os.dup(0)
    try:
        os.dup2(reader, 0)
        client.raw("load", deadline=10)
        assert os.read(0, 100) == b"for somebody else"
    finally:
        os.dup2(ours, 0)
        os.close(ours)
        os.close(reader)
    assert fake_docker.call.stdin == b""


def test_the_process_has_a_session_of_its_own(fake_docker: FakeDocker, runs_on: Makes) -> None:
    runs_on().raw("ps")
    seen = fake_docker.calls[0]
    assert seen.session == seen.group == seen.pid
    assert seen.group != os.getpgrp()


def test_environment_and_folder_are_the_clients(
    fake_docker: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONE", "1")
    monkeypatch.setenv("TWO", "2")
    Docker(env={"TWO": "zwei", "THREE": "\udcff"}, cwd=tmp_path).raw("ps")
    seen = fake_docker.call
    assert [seen.env[name] for name in ("ONE", "TWO", "THREE")] == [b"1", b"zwei", b"\xff"]
    assert seen.cwd == os.fsencode(tmp_path)


def test_a_folder_that_is_not_there_is_named(fake_docker: FakeDocker, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"cwd=.*No such file"):
        Docker(cwd=tmp_path / "none").raw("ps")


@pytest.mark.parametrize("word", [word for word in WORDS if len(word) < 1000], ids=ascii)
def test_the_line_of_a_call_can_be_pasted(
    fake_docker: FakeDocker, client: Docker, word: str
) -> None:
    call = client.call.container.run("alpine", word, env={"A": word})
    subprocess.run(["sh", "-c", str(call)], check=True)
    assert fake_docker.call.argv == tuple(os.fsencode(word) for word in call.argv[1:])


@pytest.mark.parametrize("word", ["", "a b", "$(id)", "-x", os.fsdecode(b"\xff")], ids=ascii)
def test_a_plumbum_command_holds_the_same_words(
    fake_docker: FakeDocker, runs_on: Makes, word: str
) -> None:
    call = runs_on().call.container.exec("web", word)
    call.plumbum().run()
    assert fake_docker.calls[-1].argv == tuple(os.fsencode(word) for word in call.argv[1:])
