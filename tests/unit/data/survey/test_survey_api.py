"""Questions to the engine's API through ``docker system dial-stdio``."""

from __future__ import annotations

import pytest

from dockcli import Docker
from dockcli.data.survey.api import ask, changes
from tests.unit.replay import Replay


def answer(body: str, code: str = "200 OK") -> str:
    return f"HTTP/1.1 {code}\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def chunked(body: str) -> str:
    size = f"{len(body):x}"
    return f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n"


def test_answers_come_in_the_order_of_the_questions() -> None:
    said = answer('[{"a": 1}]') + chunked('{"b": 2}') + answer("null") + answer("{}", "404 No")
    runner = Replay(said + answer("OK"))
    asked = ask(Docker(runner=runner), ["/a", "/b", "/c", "/d"])
    assert asked == [[{"a": 1}], {"b": 2}, [], None]
    (job,) = runner.jobs
    stdin = bytes(job.stdin)  # type: ignore[arg-type]
    assert stdin.startswith(b"GET /a HTTP/1.1\r\nHost: docker\r\n\r\nGET /b HTTP/1.1\r\n")
    # what the engine reads ahead must not be the end of what is said
    assert len(stdin) - stdin.index(b"GET /_ping") > 4096 + 4
    assert max(map(len, stdin.split(b"\r\n"))) < 4096


@pytest.mark.parametrize(
    "said", ["", "no HTTP", answer("no JSON"), answer("[1]")[:-1], "HTTP/1.1 200 OK\r\n"]
)
def test_what_is_no_answer_is_none(said: str) -> None:
    assert ask(Docker(runner=Replay(said)), ["/a"]) is None


def test_a_docker_without_it_is_no_error() -> None:
    assert ask(Docker(runner=Replay("", "unknown command", 1)), ["/a"]) is None


def test_an_id_stays_one_part_of_the_path() -> None:
    assert changes("a/../b c") == "/containers/a%2F..%2Fb%20c/changes"
