"""A secret is in no argv, log, exception, repr, pickle or file (promise P5)."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dockcli import Call, Docker, Secret, errors
from dockcli.completed import Completed, mask_url
from tests.unit.fake import FakeDocker

Makes = Callable[..., Docker]

CANARY = "c4nary/+%20=&'\" $HOME"
WORD = "".join(["c4", "nary"])  # as no line of this file has it, which a traceback shows
URL_CANARY = "c4nary%2Fp@ss"


class Source(NamedTuple):
    """A way in: the call, where its secret is, whether docker itself needs it in its argv, or reads
    it from its stdin."""

    build: Callable[[Docker], Call[Any]]
    canary: str = CANARY
    in_argv: bool = False
    by_stdin: bool = False


SOURCES = {
    "env mapping": Source(
        lambda docker: docker.call.run("alpine", "id", env={"TOKEN": Secret(CANARY)})
    ),
    "env sequence": Source(
        lambda docker: docker.call.exec("web", "id", env=["A=b", Secret(f"TOKEN={CANARY}")])
    ),
    "env detached": Source(
        lambda docker: docker.call.run("alpine", env=Secret(f"TOKEN={CANARY}"), detach=True)
    ),
    "build argument": Source(
        lambda docker: docker.call.build(".", build_arg={"TOKEN": Secret(CANARY)}, quiet=True)
    ),
    "build argument and file": Source(
        lambda docker: docker.call.build(".", build_arg={"TOKEN": Secret(CANARY)}, tag="x")
    ),
    "stdin": Source(
        lambda docker: docker.call.exec("web", "cat", stdin=Secret(CANARY)), by_stdin=True
    ),
    "password of a registry": Source(
        lambda docker: docker.call.login("hub:5000", username="me", password=CANARY), by_stdin=True
    ),
    "env of create": Source(
        lambda docker: docker.call.container.create("alpine", env={"TOKEN": Secret(CANARY)})
    ),
    "env of a service": Source(
        lambda docker: docker.call.service.create("alpine", env={"TOKEN": Secret(CANARY)})
    ),
    "env for a service": Source(
        lambda docker: docker.call.service.update("web", env_add={"TOKEN": Secret(CANARY)})
    ),
    "env of compose run": Source(
        lambda docker: docker.call.compose.run("web", "id", env={"TOKEN": Secret(CANARY)})
    ),
    "env of compose exec": Source(
        lambda docker: docker.call.compose.exec("web", "id", env=Secret(f"TOKEN={CANARY}"))
    ),
    "build argument of compose": Source(
        lambda docker: docker.call.compose.build(build_arg={"TOKEN": Secret(CANARY)})
    ),
    "build argument of buildx": Source(
        lambda docker: docker.call.buildx.build(".", build_arg={"TOKEN": Secret(CANARY)})
    ),
    "stdin of a secret": Source(
        lambda docker: docker.call.secret.create("token", "-", stdin=Secret(CANARY)), by_stdin=True
    ),
    "stdin of unlock": Source(
        lambda docker: docker.call.swarm.unlock(stdin=Secret(CANARY)), by_stdin=True
    ),
    "password in a URL": Source(
        lambda docker: docker.call.build(f"https://me:{URL_CANARY}@example.org/x.git"),
        URL_CANARY,
        in_argv=True,
    ),
}

HELD_BACK = [name for name, one in SOURCES.items() if not one.in_argv]


ASKED = ("compose version", "buildx version")


@pytest.fixture(autouse=True)
def with_plugins(fake_docker: FakeDocker) -> None:
    """A docker that has compose and buildx, and is asked whether it has."""
    for command in ASKED:
        fake_docker.will(("write", 1, b"v2.40.3\n"), when=command)


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> Source:
    return SOURCES[request.param]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that temporary files go to."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def forms(error: BaseException) -> Iterator[object]:
    """Everything that a program could show of an error."""
    yield str(error)
    yield repr(error)
    yield error.args
    yield getattr(error, "__notes__", "")
    yield vars(error)
    yield pickle.dumps(error)
    yield from traceback.format_exception(error)
    yield from traceback.TracebackException.from_exception(error, capture_locals=True).format()
    for name in ("argv", "stdout", "stderr", "reason", "completed"):
        yield getattr(error, name, "")
    if isinstance(error, errors.CallError):
        yield (error.completed.argv, error.completed.stdout, error.completed.stderr)


def assert_hidden(canary: str, *shown: object) -> None:
    for one in shown:
        data = one if isinstance(one, bytes) else str(one).encode("utf-8", "surrogatepass")
        assert canary.encode() not in data
        assert repr(canary).encode()[1:-1] not in data


def leaks(source: Source) -> tuple[tuple[Any, ...], ...]:
    """Steps of a docker that says the secret itself, on both of its outputs."""
    if source.in_argv:
        said = f"fatal: cannot open https://me:{source.canary}@example.org/\n".encode()
        return (("write", 1, said), ("write", 2, said))
    if source.by_stdin:
        said = f"{source.canary}\n".encode()
        return (("write", 1, said), ("write", 2, said))
    return (
        ("show", 1, "TOKEN"),
        ("write", 1, b"\n"),
        ("show", 2, "TOKEN"),
        ("write", 2, b"\n"),
    )


def caught(call: Call[Any]) -> errors.DockcliError:
    with pytest.raises(errors.DockcliError) as info:
        call.run()
    return info.value


@pytest.mark.parametrize("code", [1, 125, 137])
def test_no_form_of_an_error_shows_it(
    fake_docker: FakeDocker, runs_on: Makes, source: Source, code: int
) -> None:
    fake_docker.will(*leaks(source), ("exit", code))
    error = caught(source.build(runs_on()))
    assert isinstance(error, errors.CallError)
    assert "***" in str(error)
    assert_hidden(source.canary, *forms(error))


def test_an_error_at_the_deadline_does_not_show_it(
    fake_docker: FakeDocker, runs_on: Makes, source: Source
) -> None:
    fake_docker.will(*leaks(source), ("sleep", 60))
    fake_docker.will(("exit", 1), when="container stop")
    call = source.build(runs_on()).replace(deadline=0.25)
    error = caught(call)
    assert isinstance(error, errors.DeadlineExceeded)
    assert b"***" in error.stderr
    assert_hidden(source.canary, *forms(error))


@pytest.mark.parametrize("name", ["env detached", "build argument", "password in a URL"])
def test_an_answer_that_cannot_be_read_does_not_show_it(
    fake_docker: FakeDocker, client: Docker, name: str
) -> None:
    source = SOURCES[name]
    call = source.build(client)
    said = leaks(source)
    fake_docker.will(*said[len(said) // 2 :])  # on stderr alone: there is no id
    error = caught(call)
    assert isinstance(error, errors.UnreadableOutput)
    assert_hidden(source.canary, *forms(error))


def test_an_error_before_the_start_does_not_show_it(
    monkeypatch: pytest.MonkeyPatch, fake_docker: FakeDocker, source: Source, tmp_path: Path
) -> None:
    error = caught(source.build(Docker(cwd=tmp_path / "none")))
    assert_hidden(source.canary, *forms(error))
    monkeypatch.setenv("PATH", "/none")
    assert_hidden(source.canary, *forms(caught(source.build(Docker()))))


def test_the_call_and_its_result_do_not_show_it(
    fake_docker: FakeDocker, client: Docker, source: Source
) -> None:
    fake_docker.will(*leaks(source), ("exit", 3))
    call = source.build(client)
    completed = call.replace(check=False).run()
    assert_hidden(source.canary, str(call), repr(call), repr(completed), str(completed), [call])
    if not source.in_argv:
        assert_hidden(source.canary, call.argv)


def test_the_log_does_not_show_it(
    fake_docker: FakeDocker, client: Docker, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake_docker.will(*leaks(source), ("exit", 1))
    caught(source.build(client))
    assert "exit 1 in" in caplog.text
    assert_hidden(source.canary, caplog.text, *(vars(record) for record in caplog.records))


@pytest.mark.parametrize("name", HELD_BACK)
def test_no_command_line_and_no_file_on_this_machine_holds_it(
    fake_docker: FakeDocker, runs_on: Makes, name: str, temporary: Path
) -> None:
    source = SOURCES[name]
    fake_docker.will(("cidfile", "0123abc"), ("mark", "ready"), ("sleep", 0.3), ("exit", 1))
    call = source.build(runs_on())
    running = threading.Thread(target=lambda: caught(call))
    running.start()
    try:
        pid = fake_docker.marked("ready")
        assert_hidden(source.canary, Path(f"/proc/{pid}/cmdline").read_bytes())
        written = [path.read_bytes() for path in temporary.rglob("*") if path.is_file()]
        assert_hidden(source.canary, *written)
    finally:
        running.join()
    for seen in fake_docker.calls:
        assert_hidden(source.canary, *seen.argv)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", HELD_BACK)
def test_it_reaches_docker_by_its_environment_or_its_stdin(
    fake_docker: FakeDocker, runs_on: Makes, name: str
) -> None:
    fake_docker.will(("read",), ("write", 1, b"0123abc\n"))
    SOURCES[name].build(runs_on()).run()
    (seen,) = [
        seen for seen in fake_docker.calls if seen.program == "docker" and seen.command not in ASKED
    ]
    came = seen.stdin if SOURCES[name].by_stdin else seen.env["TOKEN"]
    assert came == CANARY.encode()
    assert CANARY.encode() not in (b"".join(seen.env.values()) if SOURCES[name].by_stdin else b"")


def test_sudo_is_told_to_keep_it(fake_docker: FakeDocker) -> None:
    fake_docker.add("sudo")
    docker = Docker(sudo=True)
    docker.run("alpine", env={"TOKEN": Secret(CANARY), "OTHER": Secret("x"), "SEEN": "y"})
    sudo, seen = fake_docker.calls
    assert sudo.program == "sudo"
    assert sudo.argv[:3] == (b"-n", b"--preserve-env=TOKEN,OTHER", b"--")
    assert (seen.env["TOKEN"], seen.env["OTHER"]) == (CANARY.encode(), b"x")
    assert {b"--env=TOKEN", b"--env=OTHER", b"--env=SEEN=y"} <= set(seen.argv)


def test_the_line_to_paste_says_which_variables_it_needs(fake_docker: FakeDocker) -> None:
    def built(**given: Any) -> str:
        return str(Docker(**given).call.run("alpine", env={"TOKEN": Secret(CANARY)}))

    assert built() == "TOKEN='***' docker container run --env=TOKEN alpine"
    assert built(sudo=True) == (
        "TOKEN='***' sudo --preserve-env=TOKEN docker container run --env=TOKEN alpine"
    )


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        "DOCKER_HOST",
        "DOCKER_CONFIG",
        "DOCKER_TLS_VERIFY",
        "BUILDKIT_HOST",
        "BUILDX_BUILDER",
        "COMPOSE_FILE",
        "CONTAINER_HOST",
        "CONTAINERS_CONF",
        "REGISTRY_AUTH_FILE",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "DYLD_INSERT_LIBRARIES",
        "GODEBUG",
        "GOTRACEBACK",
        "SSH_AUTH_SOCK",
        "XDG_CONFIG_HOME",
        "LC_ALL",
        "SUDO_ASKPASS",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "https_proxy",
        "no_proxy",
        "ALL_PROXY",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ],
)
def test_a_name_that_docker_itself_would_obey_is_refused(client: Docker, name: str) -> None:
    for call in (client.call.run, client.call.create):
        with pytest.raises(errors.InvalidArgument, match="would obey it itself"):
            call("alpine", env={name: Secret("x")})
    with pytest.raises(errors.InvalidArgument, match="would obey it itself"):
        client.call.build(".", build_arg=[Secret(f"{name}=x")])
    assert client.call.run("alpine", env={name: "x"}).argv[-2] == f"--env={name}=x"


@pytest.mark.parametrize(
    "name",
    [
        "TOKEN",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "GOOGLE_API_KEY",
        "LDAP_PASSWORD",
        "DOCKER_PASSWORD",
        "REGISTRY_PASSWORD",
        "SSH_PRIVATE_KEY",
        "_x1",
    ],
)
def test_other_names_pass(client: Docker, name: str) -> None:
    assert client.call.run("alpine", env={name: Secret("x")}).secrets == {name: Secret("x")}


@pytest.mark.parametrize(
    "text", ["c4nary", "", "=c4nary", "A B=c4nary", "1A=c4nary", "A-B=c4nary", "A=c4nary\0"]
)
def test_what_is_refused_is_not_shown_either(client: Docker, text: str) -> None:
    with pytest.raises(errors.InvalidArgument) as info:
        client.call.run("alpine", env=Secret(text))
    assert_hidden(
        "c4nary", str(info.value), repr(info.value), *traceback.format_exception(info.value)
    )


@pytest.mark.parametrize(
    "give",
    [
        lambda docker: docker.run("alpine", label=Secret(f"A={WORD}")),
        lambda docker: docker.run("alpine", label={"A": Secret(WORD)}),
        lambda docker: docker.run("alpine", name=Secret(WORD)),
        lambda docker: docker.run("alpine", Secret(WORD)),
        lambda docker: docker.run(Secret(WORD)),
        lambda docker: docker.exec("web", "login", Secret(WORD)),
        lambda docker: docker.exec(Secret(WORD), "x"),
        lambda docker: docker.rm(Secret(WORD)),
        lambda docker: docker.cp(Secret(WORD), "x"),
        lambda docker: docker.build(Secret(WORD)),
        lambda docker: docker.volume.create(Secret(WORD)),
        lambda docker: docker.raw(Secret(WORD)),
        lambda docker: docker.login(Secret(WORD)),
        lambda docker: docker.login(username=Secret(WORD)),
        lambda docker: docker.run("alpine", deadline=Secret(WORD)),
    ],
)
def test_elsewhere_it_is_refused_and_not_shown(
    fake_docker: FakeDocker, client: Docker, give: Callable[[Docker], object]
) -> None:
    with pytest.raises(errors.InvalidArgument) as info:
        give(client)
    assert_hidden(
        "c4nary", str(info.value), repr(info.value), *traceback.format_exception(info.value)
    )
    assert not fake_docker.calls


def test_a_secret_shows_itself_in_no_form() -> None:
    secret = Secret("c4nary")
    assert secret.reveal() == "c4nary"
    assert_hidden("c4nary", str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", [secret])
    assert_hidden("c4nary", f"{secret:>10}", dir(secret))
    for one in (copy.copy(secret), copy.deepcopy(secret), copy.deepcopy([secret])[0]):
        assert one == secret
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(secret, protocol)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_secrets_compare_by_their_text() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("https://me:pw@host/x", "https://me:***@host/x"),
        ("https://:pw@host", "https://:***@host"),
        ("https://me:p@w@host/x", "https://me:***@host/x"),
        ("a https://me:pw@host b ssh://x:y@z", "a https://me:***@host b ssh://x:***@z"),
        ("--build-arg=proxy=http://me:pw@host:1", "--build-arg=proxy=http://me:***@host:1"),
        ("https://host:80/a@b", "https://host:80/a@b"),
        ("https://me@host", "https://me@host"),
        ("web:/x@y", "web:/x@y"),
        ("git@host:x/y.git", "git@host:x/y.git"),
    ],
)
def test_the_password_of_a_url_is_masked(word: str, shown: str) -> None:
    assert mask_url(word) == shown


@pytest.mark.timeout(5)
def test_masking_takes_no_longer_than_reading() -> None:
    for word in ("a" * 200_000, "://a:" * 40_000, "a://" + ":" * 200_000, "@" * 200_000):
        mask_url(word)
        Completed((word,), 0, b"", b"", 0).masked()


def test_a_secret_within_another_leaves_no_rest() -> None:
    masked = Completed((), 1, b"abcdef abc", b"", 0).masked([Secret("abc"), Secret("abcdef")])
    assert masked.stdout == b"*** ***"


def test_each_line_of_a_secret_of_several_is_hidden(
    fake_docker: FakeDocker, runs_on: Makes
) -> None:
    """A builder puts something before each line, and a terminal ends each in another way."""
    key = "-----BEGIN KEY-----\nc4naryAAAA\nBBBBc4nary\n-----END KEY-----\n"
    said = b"#8 0.1 c4naryAAAA\r\n#8 0.2 BBBBc4nary\r\n"
    fake_docker.will(("write", 1, said), ("write", 2, said), ("exit", 1))
    error = caught(runs_on().call.run("alpine", env={"KEY": Secret(key)}))
    assert isinstance(error, errors.CallError)
    assert error.stderr == b"#8 0.1 ***\r\n#8 0.2 ***\r\n"
    assert_hidden("c4nary", *forms(error))


def test_a_short_line_of_a_secret_gives_nothing_away() -> None:
    masked = Completed((), 1, b"{ a }\n", b"", 0).masked([Secret("{\na\n}\nlong enough\n")])
    assert masked.stdout == b"{ a }\n"


def test_an_empty_secret_masks_nothing() -> None:
    assert Completed((), 1, b"abc", b"abc", 0).masked([Secret("")]).stdout == b"abc"
