"""Progress through the verbs: what is refused, what a failure leaves, what must not be seen."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import dockcli
from dockcli import ByteStream, Docker, Secret, errors
from dockcli.completed import hidden as hidden_texts
from dockcli.models.progress import Progress
from dockcli.progress import Counted, reader
from dockcli.progress.masked import Masked
from tests.unit.fake import FakeDocker, is_gone

DATA = bytes(range(256)) * 1000


def ignore(one: Progress) -> None:
    """Nobody looks."""


# --- what is refused, before anything runs


@pytest.mark.parametrize(
    "ask",
    [
        lambda d: d.container.rm("x", on_progress=ignore),
        lambda d: d.ps(on_progress=ignore),
        lambda d: d.version(on_progress=ignore),
        lambda d: d.logs("x", on_progress=ignore),
        lambda d: d.logs("x", follow=True, on_progress=ignore),
        lambda d: d.run("a", "id", on_progress=ignore),
        lambda d: d.exec("x", "sh", tty=True, interactive=True, on_progress=ignore),
        lambda d: d.call.pull("x", on_progress=ignore).open(),
        lambda d: d.compose.up(on_progress=ignore),
    ],
)
def test_who_is_never_told_is_refused(
    client: Docker, fake_docker: FakeDocker, ask: Callable[[Docker], Any]
) -> None:
    with pytest.raises(errors.InvalidArgument, match="on_progress="):
        ask(client)
    assert fake_docker.calls == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda d, more: d.pull("x", quiet=True, **more),
        lambda d, more: d.push("x", quiet=True, **more),
        lambda d, more: d.load(quiet=True, stdin=b"x", **more),
        lambda d, more: d.build(".", quiet=True, **more),
    ],
)
@pytest.mark.parametrize("more", [{"on_progress": ignore}, {"stream": True}])
def test_what_is_quiet_tells_nothing(
    client: Docker, fake_docker: FakeDocker, ask: Callable[[Docker, Any], Any], more: Any
) -> None:
    with pytest.raises(errors.InvalidArgument, match="quiet=True"):
        ask(client, more)
    assert fake_docker.calls == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda d: d.pull("x", stream=True, on_progress=ignore),
        lambda d: d.load(stdin=b"", stream=True, on_progress=ignore),
        lambda d: d.save("x", output="a", stdout=1, on_progress=ignore),
        lambda d: d.export("x", output="a", stdout=1, stream=True),
        lambda d: d.load(input=__file__, stdin=b"x", on_progress=ignore),
    ],
)
def test_two_that_want_the_same_are_refused(
    client: Docker, fake_docker: FakeDocker, ask: Callable[[Docker], Any]
) -> None:
    with pytest.raises(errors.InvalidArgument, match="one of the"):
        ask(client)
    assert fake_docker.calls == []


# --- what is counted


def test_stderr_is_not_counted_as_the_archive(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 2, b"a warning\n"), ("write", 1, DATA), ("write", 2, b"another\n"))
    told: list[Progress] = []
    done = client.save("x", on_progress=told.append)
    assert done.stdout == DATA
    assert told[-1] == Progress("save", "", "Copied", len(DATA), done=True)


def test_the_size_of_a_file_is_known_before_it_is_copied(
    client: Docker, fake_docker: FakeDocker, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "link").symlink_to("file")
    within = client.but(cwd=tmp_path)
    known: dict[str, Any] = {"file": len(DATA), "link": None, ".": None, "none": None}
    for name, total in known.items():
        told: list[Progress] = []
        within.cp(name, "web:/", on_progress=told.append)
        assert (told[-1].total, told[-1].done) == (total, True)
    told = []
    within.cp("link", "web:/", follow_link=True, on_progress=told.append)
    assert (told[-1].current, told[-1].total) == (len(DATA), len(DATA))


@pytest.mark.parametrize("verb", ["save", "export", "cp"])
def test_a_stream_tells_of_what_was_read_of_it(
    client: Any, fake_docker: FakeDocker, verb: str
) -> None:
    fake_docker.will(("write", 1, DATA))
    ask: dict[str, Callable[..., Any]] = {
        "save": lambda **more: client.save("x", **more),
        "export": lambda **more: client.export("x", **more),
        "cp": lambda **more: client.cp("x:/", "-", **more),
    }
    told: list[Progress] = []
    with ask[verb](stream=True, on_progress=told.append) as stream:
        head = stream.read(10)
        assert not any(one.done for one in told)
        assert head + stream.read() == DATA
    assert told[-1] == Progress(verb, "", "Copied", len(DATA), done=True)


def test_a_stream_that_fails_does_not_say_that_it_is_done(
    client: Docker, fake_docker: FakeDocker
) -> None:
    fake_docker.will(
        ("write", 1, DATA), ("write", 2, b"Error: No such container: x\n"), ("exit", 1)
    )
    told: list[Progress] = []
    with (
        client.export("x", stream=True, on_progress=told.append) as stream,
        pytest.raises(errors.NoSuchContainer),
    ):
        stream.read()
    with client.export("x", stream=True, on_progress=told.append, check=False) as stream:
        assert stream.read() == DATA
    assert told
    assert not any(one.done for one in told)


def test_a_stream_that_is_counted_here_is_not_handed_over(
    client: Docker, fake_docker: FakeDocker
) -> None:
    fake_docker.will(("write", 1, DATA), when="image save")
    with (
        client.save("x", stream=True, on_progress=ignore) as stream,
        pytest.raises(errors.InvalidArgument, match="give it to the call that reads it"),
    ):
        client.load(stdin=stream)
    assert "image load" not in fake_docker.commands


def test_a_file_is_counted_from_its_first_byte_however_quick_docker_is(
    client: Docker, fake_docker: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockcli.process import Running

    begin = Running.start

    def slowly(*args: Any, **more: Any) -> Running:
        begun = begin(*args, **more)
        end = time.monotonic() + 5
        while not list(fake_docker.folder.glob("calls/*.stdin")) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)  # it has read all of it
        return begun

    monkeypatch.setattr(Running, "start", slowly)
    path = tmp_path / "a.tar"
    path.write_bytes(DATA)
    fake_docker.will(("read",), ("write", 1, b"Loaded image: a:1\n"))
    told: list[Progress] = []
    client.load(input=path, on_progress=told.append)
    assert (told[-1].current, told[-1].total) == (len(DATA), len(DATA))


def test_the_count_of_what_a_failed_call_has_moved_is_not_the_end(
    client: Any, fake_docker: FakeDocker
) -> None:
    fake_docker.will(("read",), ("write", 2, b"unexpected EOF\n"), ("exit", 1))
    told: list[Progress] = []
    with pytest.raises(errors.DockerFailed):
        client.load(stdin=DATA, on_progress=told.append)
    done = client.load(stdin=DATA, on_progress=told.append, check=False)
    assert (done.returncode, done.stderr) == (1, b"unexpected EOF\n")
    assert told
    assert not any(one.done for one in told)


def test_the_legacy_builder_tells_on_stderr_which_step_has_failed(
    client: Any, fake_docker: FakeDocker
) -> None:
    said = b"Step 1/2 : FROM a\n ---> 0123456789ab\nStep 2/2 : RUN make\n"
    run = b" ---> Running in 0123456789ab\nmaking\n"
    removed = b"Removing intermediate container 0123456789ab\n"
    failed = b"The command '/bin/sh -c make' returned a non-zero code: 3\n"
    for out in (said + run, said + run + removed):
        fake_docker.will(("write", 2, failed), ("write", 1, out), ("exit", 3))
        told: list[Progress] = []
        with pytest.raises(errors.DockerFailed):
            client.build(".", on_progress=told.append)
        assert [one.text for one in told if one.text] == ["making"]
        last = told[-1]
        assert (last.command, last.status, last.done) == ("RUN make", "ERROR", True)
        assert last.error == failed.decode().strip()


def test_a_push_is_read_from_a_terminal_as_from_a_pipe(
    client: Docker, fake_docker: FakeDocker
) -> None:
    digest = f"sha256:{'0' * 64}"
    drawn = (
        "The push refers to repository [r/x]\r\n\r\n"
        "\x1b[1A\x1b[2K\r1a9db0d3e12d: Preparing \r\x1b[1B"
        f"\x1b[1A\x1b[2K\r1a9db0d3e12d: Pushed \r\x1b[1B1: digest: {digest} size: 528\r\n"
    )
    fake_docker.will(("write", 1, drawn.encode()))
    told: list[Progress] = []
    push = client.push("r/x:1", on_progress=told.append)
    assert [(one.tag, one.digest, one.size) for one in push.tags] == [("1", digest, 528)]
    assert [one.status for one in told if one.id] == ["Preparing", "Pushed"]
    assert fake_docker.call.terminals[:2] == (False, True)


@pytest.mark.parametrize(
    "out_of",
    [
        pytest.param(lambda docker, one: docker.cp(f"{one}:/", "-", stream=True), id="cp"),
        pytest.param(lambda docker, one: docker.export(one, stream=True), id="export"),
    ],
)
@pytest.mark.parametrize(
    ("source", "target", "refused"),
    [
        ("web", "web", True),
        ("web", "0123", True),
        ("0123456", "other", True),  # it has two names
        ("web", "webb", False),
        ("none", "none2", False),
    ],
)
def test_a_container_is_not_piped_into_itself_by_any_of_its_names(
    client: Docker,
    fake_docker: FakeDocker,
    out_of: Callable[[Docker, str], ByteStream],
    source: str,
    target: str,
    refused: bool,
) -> None:
    known = f"{'0123456789abcdef' * 4} web,other\n{'f' * 64} webb\n"
    fake_docker.will(("write", 1, known.encode()), when="container ls")
    fake_docker.will(("write", 1, DATA), ("read",), when="container cp")
    fake_docker.will(("write", 1, DATA), when="container export")
    with out_of(client, source) as stream:
        if refused:
            with pytest.raises(errors.InvalidArgument, match="to itself through a pipe"):
                client.cp("-", f"{target}:/", stdin=stream)
        else:
            client.cp("-", f"{target}:/", stdin=stream)
    into = [call for call in fake_docker.calls if call.words[-2:] == ["-", f"{target}:/"]]
    assert len(into) == (0 if refused else 1)
    assert fake_docker.commands.count("container ls") == (source != target)


def test_a_name_may_begin_with_a_slash_as_docker_shows_it(
    client: Docker, fake_docker: FakeDocker
) -> None:
    fake_docker.will(("write", 1, DATA), when="container export")
    with (
        client.export("/web", stream=True) as stream,
        pytest.raises(errors.InvalidArgument, match="to itself through a pipe"),
    ):
        client.cp("-", "web:/tmp", stdin=stream)


# --- what a failure leaves


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A file with something of the user's in it, alone in its folder."""
    folder = tmp_path / "archives"
    folder.mkdir()
    path = folder / "a.tar"
    path.write_bytes(b"the user's")
    path.chmod(0o640)
    return path


def untouched(path: Path) -> bool:
    names = [one.name for one in path.parent.iterdir()]
    return names == [path.name] and path.read_bytes() == b"the user's"


class Enough(Exception):
    pass


def stop(one: Progress) -> None:
    if one.current or one.text or one.status != "Copying":  # docker has begun
        raise Enough


@pytest.mark.parametrize("verb", ["save", "export"])
def test_a_callback_that_raises_ends_docker_and_leaves_the_old_file(
    client: Docker, fake_docker: FakeDocker, archive: Path, verb: str
) -> None:
    fake_docker.will(("write", 1, DATA), ("sleep", 60))
    with pytest.raises(Enough):
        getattr(client, verb)("x", output=archive, on_progress=stop)
    assert is_gone(fake_docker.call.pid)
    assert untouched(archive)


def test_a_callback_that_raises_ends_a_stream(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, DATA), ("sleep", 60))
    with client.save("x", stream=True, on_progress=stop) as stream:
        with pytest.raises(Enough):
            stream.read(1)
        assert is_gone(fake_docker.call.pid)


@pytest.mark.parametrize(
    ("steps", "more", "error"),
    [
        ([("write", 1, DATA), ("sleep", 60)], {"deadline": 0.5}, errors.DeadlineExceeded),
        ([("write", 1, DATA), ("write", 2, b"no\n"), ("exit", 1)], {}, errors.DockerFailed),
    ],
)
def test_a_half_archive_never_has_the_files_name(
    client: Docker,
    fake_docker: FakeDocker,
    archive: Path,
    steps: list[Any],
    more: Any,
    error: type[Exception],
) -> None:
    fake_docker.will(*steps)
    told: list[Progress] = []
    with pytest.raises(error):
        client.save("x", output=archive, on_progress=told.append, **more)
    assert is_gone(fake_docker.call.pid)
    assert untouched(archive)
    assert not any(one.done for one in told)


def test_silence_ends_a_build_that_is_watched(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"Step 1/1 : FROM a\n"), ("sleep", 60))
    told: list[Progress] = []
    with pytest.raises(errors.Silent) as caught:
        client.build(".", silence=0.5, on_progress=told.append)
    assert caught.value.completed.stdout == b"Step 1/1 : FROM a\n"
    assert [one.command for one in told] == ["FROM a"]
    assert is_gone(fake_docker.call.pid)


@pytest.mark.parametrize("verb", ["pull", "push"])
@pytest.mark.parametrize("ending", ["deadline", "silence", "callback", "left"])
def test_a_terminal_that_nobody_sees_is_closed_after_any_ending(
    client: Any, fake_docker: FakeDocker, verb: str, ending: str
) -> None:
    fake_docker.will(("write", 1, b"1a9db0d3e12d: Preparing \r\n"), ("sleep", 60))
    ask, before = getattr(client, verb), set(os.listdir("/dev/fd"))
    told: list[Progress] = []
    if ending == "callback":
        with pytest.raises(Enough):
            ask("x", on_progress=stop)
    elif ending == "left":
        with ask("x", stream=True) as items:
            told.append(next(items))
    else:
        error = errors.Silent if ending == "silence" else errors.DeadlineExceeded
        with pytest.raises(error) as caught:
            ask("x", on_progress=told.append, **{ending: 0.5})
        assert caught.value.completed.stdout == b"1a9db0d3e12d: Preparing \r\r\n"
    assert [one.status for one in told] == ["Preparing"] * (ending != "callback")
    assert is_gone(fake_docker.call.pid)
    assert set(os.listdir("/dev/fd")) == before


def test_ctrl_c_leaves_nothing_but_what_was_there(
    fake_docker: FakeDocker, archive: Path, tmp_path: Path
) -> None:
    fake_docker.will(("write", 1, DATA), ("mark", "half"), ("sleep", 60))
    code = (
        "from dockcli import docker\n"
        "try: docker.save('x', output='a.tar', on_progress=lambda one: None)\n"
        "except KeyboardInterrupt: raise SystemExit(42)\n"
    )
    packages = str(Path(dockcli.__file__).parents[1])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    one = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=archive.parent,
        env={**os.environ, "PYTHONPATH": packages, "TMPDIR": str(temporary)},
    )
    try:
        docker = fake_docker.marked("half", patience=20)
        assert len(list(archive.parent.iterdir())) == 2  # the draft beside it
        one.send_signal(signal.SIGINT)
        assert one.wait(20) == 42
    finally:
        one.kill()
        one.wait()
    assert is_gone(docker)
    assert untouched(archive)
    assert list(temporary.iterdir()) == []


def test_a_file_is_written_as_docker_does(
    client: Any, fake_docker: FakeDocker, archive: Path
) -> None:
    fake_docker.will(("write", 1, DATA))
    client.but(cwd=archive.parent).save("x", output=archive.name, on_progress=ignore)
    assert archive.read_bytes() == DATA
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in archive.parent.iterdir()] == ["a.tar"]
    assert "--output" not in " ".join(fake_docker.call.words)
    new = archive.with_name("new.tar")
    with client.export("x", output=new, stream=True) as items:
        assert [one.done for one in items][-1]
        assert items.answer().returncode == 0
    assert (new.read_bytes(), new.stat().st_mode & 0o777) == (DATA, 0o600)


def test_a_folder_that_is_not_there_is_told_of_before_docker_runs(
    client: Docker, fake_docker: FakeDocker, tmp_path: Path
) -> None:
    with pytest.raises(errors.InvalidArgument, match=r"none/a\.tar' cannot be written: No such"):
        client.save("x", output=tmp_path / "none" / "a.tar", on_progress=ignore)
    assert fake_docker.calls == []


@pytest.mark.parametrize("what", ["link", "folder", "pipe", "podman"])
def test_what_docker_may_refuse_to_write_to_is_left_to_it(
    fake_docker: FakeDocker, archive: Path, what: str
) -> None:
    fake_docker.will(("write", 2, b"cannot write to it\n"), ("exit", 1))
    client = Docker(str(fake_docker.add("podman"))) if what == "podman" else Docker()
    path = archive if what == "podman" else archive.parent / "odd"
    if what == "link":
        path.symlink_to(archive)
    elif what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    before = path.lstat()
    with pytest.raises(errors.DockerFailed, match="cannot write to it"):
        client.save("x", output=path, on_progress=ignore)
    assert f"--output={path}" in fake_docker.call.words
    assert path.lstat() == before
    assert archive.read_bytes() == b"the user's"


def test_an_archive_that_is_not_there_is_left_to_docker_to_tell(
    client: Any, fake_docker: FakeDocker, tmp_path: Path
) -> None:
    fake_docker.will(("write", 2, b"open none: no such file or directory\n"), ("exit", 1))
    for more in ({}, {"on_progress": ignore}):
        with pytest.raises(errors.DockerFailed, match="open none: no such file"):
            client.load(input=tmp_path / "none", **more)


# --- what must not be seen

SECRET = "tell-n0body"


def test_a_builder_that_shows_a_secret_is_not_believed(
    client: Any, fake_docker: FakeDocker
) -> None:
    said = (
        b"Step 1/2 : FROM a\n ---> 0123456789ab\nStep 2/2 : RUN echo %s\n"
        b" ---> Running in 0123456789ab\nit is %s\r\n"
        b"The command '/bin/sh -c %s' returned a non-zero code: 1\n"
    ).replace(b"%s", SECRET.encode())
    fake_docker.will(("write", 1, said), ("exit", 1))
    told: list[Progress] = []
    arguments: Any = {"TOKEN": Secret(SECRET)}
    done = client.build(".", build_arg=arguments, on_progress=told.append, check=False)
    assert SECRET not in "".join(f"{one!r}{one.raw!r}" for one in told)
    assert [one.text for one in told if one.text] == ["it is ***"]
    assert "RUN echo ***" in [one.command for one in told]
    assert any(
        one.error == "The command '/bin/sh -c ***' returned a non-zero code: 1" for one in told
    )
    assert done.stdout == said  # the answer is as it came
    with client.build(".", build_arg=arguments, stream=True, check=False) as items:
        assert SECRET not in "".join(f"{one!r}{one.raw!r}" for one in items)


def test_the_password_of_a_context_is_not_shown(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 2, b"fatal: https://me:pa55@host/x.git not found\n"), ("exit", 1))
    told: list[Progress] = []
    with pytest.raises(errors.DockerFailed):
        client.build("https://me:pa55@host/x.git", on_progress=told.append)
    assert [one.text for one in told] == ["fatal: https://me:***@host/x.git not found"]


def masked(lines: Iterable[bytes], *hidden: str) -> list[Progress]:
    class Told:
        def __init__(self) -> None:
            self.reader = reader("build")

        def feed(self, stream: str, chunk: bytes) -> list[Progress]:
            return self.reader.feed(chunk)

        def close(self) -> list[Progress]:
            return self.reader.close()

    shown = Masked(Told(), hidden_texts((), map(Secret, hidden)))
    return [*(one for line in lines for one in shown.feed("stderr", line)), *shown.close()]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_secret_in_the_base64_of_rawjson_is_not_shown_either() -> None:
    vertex = {
        "digest": "sha256:1",
        "name": f"[1/1] RUN echo {SECRET}",
        "started": "2026-01-01T0:0:0Z",
    }
    rows: list[Any] = [
        {"vertexes": [vertex]},
        {"logs": [{"vertex": "sha256:1", "data": encoded(f"it is {SECRET[:6]}")}]},
        {"logs": [{"vertex": "sha256:1", "data": encoded(f"{SECRET[6:]}\nmore\n")}]},
        {"warnings": [{"vertex": "sha256:1", "short": encoded(f"seen {SECRET}"),
                       "detail": [encoded(SECRET)]}]},
        {"vertexes": [{**vertex, "error": f"{SECRET} failed"}]},
    ]  # fmt: skip
    told = masked([json.dumps(row).encode() + b"\n" for row in rows], SECRET)
    shown = "".join(f"{one!r}{one.raw!r}" for one in told)
    assert [one.text for one in told if one.text] == ["it is ***", "more", "seen ***"]
    assert SECRET not in shown
    for part in (SECRET, SECRET[6:] + "\nmore\n", f"seen {SECRET}"):
        assert encoded(part) not in shown
    assert told[-1].error == "*** failed"


def test_each_line_of_a_secret_is_hidden() -> None:
    key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n}\n-----END KEY-----\n"
    said = b"#7 [1/1] RUN cat key\n" + b"".join(
        b"#7 0.1 %s\n" % one.encode() for one in key.split("\n")
    )
    told = masked([said], key)
    assert [one.text for one in told if one.text] == ["***", "***", "}", "***"]


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert masked([b"abcdef abc\n"], "abc", "abcdef")[0].text == "*** ***"


def test_where_nothing_is_hidden_nothing_is_changed() -> None:
    assert Counted("cp").add(1)[0] == Progress("cp", "", "Copying", 1)
    assert masked([b"#7 [1/1] RUN x\n"], "y")[0].raw == "#7 [1/1] RUN x"
