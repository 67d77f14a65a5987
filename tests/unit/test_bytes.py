"""Output is never altered: the bytes are kept, and decoding loses none (promise P7)."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockcli import Docker, errors
from dockcli.call import DOCKER, EXEC, RUN, START, Speaker
from dockcli.completed import Completed
from dockcli.failure import failure
from tests.unit.fake import FakeDocker

Makes = Callable[..., Docker]

MEGABYTE = 1 << 20

# A character of two, three and four bytes, laid across every edge that a reader's buffer may have.
CUT = [
    b"x" * (edge - before) + character
    for edge in (1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536, 65537)
    for character in ("ä".encode(), "도".encode(), "🐳".encode())
    for before in (1, 2)
]

OUTPUTS = {
    "nothing": b"",
    "each byte": bytes(range(256)),
    "each byte, backwards": bytes(range(255, -1, -1)) * 3,
    "each byte as a line": b"".join(bytes([byte, 10]) for byte in range(256)),
    "no final newline": b"a\nb",
    "only newlines": b"\n\n\n",
    "CRLF": b"a\r\nb\r\n",
    "CR": b"a\rb\r",
    "NUL": b"a\0b\0\0\n",
    "half a character": "도".encode()[:2],
    "half a character and more": b"\xc3" + b"x" * 70_000,
    "a BOM": b"\xef\xbb\xbfx",
    "surrogates": b"\xed\xa0\x80",
    "escapes": b"\x1b[31mred\x1b[0m",
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_both_outputs_come_as_they_were_written(
    fake_docker: FakeDocker, runs_on: Makes, name: str
) -> None:
    data = OUTPUTS[name]
    fake_docker.will(("write", 1, data), ("write", 2, data[::-1]))
    completed = runs_on().raw("logs")
    assert completed.stdout == data
    assert completed.stderr == data[::-1]
    assert completed.text.encode("utf-8", "surrogateescape") == data
    assert completed.error_text.encode("utf-8", "surrogateescape") == data[::-1]


def test_a_character_cut_at_any_edge_is_whole_again(
    fake_docker: FakeDocker, runs_on: Makes
) -> None:
    data = b"".join(piece + bytes([10]) for piece in CUT)
    steps = [("write", fd, piece + b"\n") for piece in CUT for fd in (1, 2)]
    fake_docker.will(*steps)
    completed = runs_on().raw("logs")
    assert completed.stdout == completed.stderr == data
    assert completed.text == data.decode()


@pytest.mark.parametrize("piece", CUT, ids=lambda piece: str(len(piece)))
def test_a_character_that_comes_in_two_halves_is_whole_again(
    fake_docker: FakeDocker, client: Docker, piece: bytes
) -> None:
    fake_docker.will(("write", 1, piece[:-1]), ("write", 2, b"."), ("write", 1, piece[-1:]))
    completed = client.raw("logs")
    assert (completed.text, completed.stderr) == (piece.decode(), b".")


def test_stdout_and_stderr_are_kept_apart_and_in_order(
    fake_docker: FakeDocker, client: Docker
) -> None:
    numbers = [f"{number}\n".encode() for number in range(2000)]
    fake_docker.will(*(("write", 1 + number % 2, line) for number, line in enumerate(numbers)))
    completed = client.raw("logs")
    assert completed.stdout == b"".join(numbers[::2])
    assert completed.stderr == b"".join(numbers[1::2])


def test_ten_megabytes_on_each_output(
    fake_docker: FakeDocker, runs_on: Makes, tmp_path: Path
) -> None:
    data = os.urandom(MEGABYTE) * 10
    (tmp_path / "data").write_bytes(data)
    fake_docker.will(("copy", 1, str(tmp_path / "data")), ("copy", 2, str(tmp_path / "data")))
    completed = runs_on().raw("logs")
    assert completed.stdout == data
    assert completed.stderr == data


def test_fifty_megabytes_of_stdin(fake_docker: FakeDocker, runs_on: Makes) -> None:
    data = os.urandom(MEGABYTE) * 50
    fake_docker.will(("read",))
    runs_on().raw("load", stdin=data)
    (path,) = (fake_docker.folder / "calls").glob("*.stdin")
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_stdin_and_both_outputs_at_once(fake_docker: FakeDocker, client: Docker) -> None:
    data = bytes(range(256)) * 4096
    fake_docker.will(("write", 1, data), ("read",), ("write", 2, data))
    completed = client.raw("load", stdin=data)
    assert completed.stdout == completed.stderr == fake_docker.call.stdin == data


def test_a_program_need_not_read_its_stdin(fake_docker: FakeDocker, runs_on: Makes) -> None:
    fake_docker.will(("write", 1, b"done"), ("exit", 0))
    assert runs_on().raw("load", stdin=b"x" * MEGABYTE).stdout == b"done"


def test_a_program_may_close_its_outputs_before_it_reads(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("close", 1), ("close", 2), ("read",))
    client.raw("load", stdin=b"x" * MEGABYTE, deadline=10)
    assert len(fake_docker.call.stdin) == MEGABYTE


def binary_file(content: bytes) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the test closes it
    file.write(content)
    file.seek(0)
    return file


def text_file(content: bytes) -> Any:
    file = binary_file(content)
    return io.TextIOWrapper(file, encoding="utf-8", newline="", errors="surrogateescape")


def half_read_file(content: bytes) -> Any:
    file = binary_file(b"first\n" + content)
    assert file.readline() == b"first\n"
    return file


def pipe(content: bytes) -> Any:
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    return open(reader, "rb")


@pytest.mark.parametrize(
    "give",
    [
        bytes,
        lambda content: content.decode("utf-8", "surrogateescape"),
        io.BytesIO,
        lambda content: io.StringIO(content.decode("utf-8", "surrogateescape"), newline=""),
        binary_file,
        text_file,
        half_read_file,
        pipe,
    ],
)
@pytest.mark.parametrize("content", [b"", b"a\r\nb\xff\0", bytes(range(256))], ids=len)
def test_stdin_may_be_bytes_a_text_or_a_file(
    fake_docker: FakeDocker, client: Docker, give: Callable[[bytes], Any], content: bytes
) -> None:
    fake_docker.will(("read",))
    stdin = give(content)
    client.raw("load", stdin=stdin)
    assert fake_docker.call.stdin == content
    if hasattr(stdin, "close"):
        assert not stdin.closed
        stdin.close()


@pytest.mark.parametrize(
    ("stdout", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\nb\n", ["a", "b"]),
        (b"a\n\n", ["a", ""]),
        (b"a\r\n", ["a\r"]),
        ("a\u2028b\x0cc\x85\n".encode(), ["a\u2028b\x0cc\x85"]),
        (b"\xff\n", ["\udcff"]),
    ],
)
def test_only_a_newline_ends_a_line(stdout: bytes, lines: list[str]) -> None:
    assert Completed((), 0, stdout, b"", 0).lines() == lines


@pytest.mark.parametrize("stdout", [b"", b"{", b"\xff", b"[" * 100_000, b"NaN,", b"{}{}"])
def test_what_is_no_json_is_unreadable(stdout: bytes) -> None:
    with pytest.raises(errors.UnreadableOutput, match="not JSON") as info:
        Completed(("docker",), 0, stdout, b"", 0).json()
    assert info.value.stdout == stdout


def test_json_is_read() -> None:
    assert Completed((), 0, '{"a": ["ä"]}'.encode(), b"", 0).json() == {"a": ["ä"]}


_BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                b"docker: ",
                b"Error: ",
                b"Error response from daemon: ",
                b"No such container: ",
                b"OCI runtime create failed",
                b'exec: "',
                b"permission denied",
                b"See 'docker run --help'.",
                b"\n",
                b"\r\n",
                b"\xff",
                b"\0",
                b"\x1b[2J",
                "도".encode(),
            ]
        ),
        max_size=8,
    ).map(b"".join),
)


@settings(max_examples=400, deadline=None)
@given(
    stdout=_BYTES,
    stderr=_BYTES,
    code=st.integers(-70, 260),
    word=st.text(st.characters(), max_size=20),
    speaker=st.sampled_from([DOCKER, RUN, EXEC, START]),
)
def test_building_an_error_from_any_bytes_never_raises(
    stdout: bytes, stderr: bytes, code: int, word: str, speaker: Speaker
) -> None:
    completed = Completed(("docker", word), code, stdout, stderr, 0.5)
    assert completed.text.encode("utf-8", "surrogateescape") == stdout
    made: list[errors.CallError] = [
        failure(completed, speaker),
        errors.DeadlineExceeded(completed, 0.5),
        errors.UnreadableOutput(completed),
    ]
    for error in made:
        assert (error.stdout, error.stderr, error.returncode) == (stdout, stderr, code)
        shown = str(error)
        shown.encode("utf-8")  # no half characters: it can be printed everywhere
        assert all(one.isprintable() or one == "\n" for one in shown)
        assert str(pickle.loads(pickle.dumps(error))) == shown
        assert repr(error)
