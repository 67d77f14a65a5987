"""Progress and bytes through the real verbs: what they tell, beside the same answers."""

from __future__ import annotations

import hashlib
import io
import os
import pty
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, Secret, errors
from dockcli.models.progress import Progress
from dockcli.objects import Container, Image
from tests.engine.conftest import PASSWORD, USER, clis, missing

Unique = Callable[[str], str]
BIG = 12_000_000
SECRET = "tell-n0body"


def is_podman(client: Docker) -> bool:
    return client.binary == "podman"


def ends_with(told: list[Progress], verb: str, size: int, total: int | None = None) -> None:
    """The last of *told* says that exactly *size* bytes were moved, the others that fewer were."""
    assert told[-1] == Progress(verb, "", "Copied", size, total, done=True)
    assert [one.done for one in told].count(True) == 1
    counts = [one.current for one in told]
    assert counts == sorted(counts, key=lambda count: count or 0)
    assert {one.total for one in told} == {total}
    assert not any(one.approximate for one in told)


def about(client: Docker, told: list[Progress], verb: str, size: int) -> None:
    """The same where the system counts the bytes, and some of docker's own with them; podman moves
    them more than once, or by a helper."""
    last = told[-1]
    if is_podman(client) and last.total is None:
        assert {one.current for one in told} == {None}
        assert last == Progress(verb, "", "Copied", done=True)
        return
    assert (last.verb, last.done, last.approximate) == (verb, True, True)
    assert last.current is not None
    assert size <= last.current < size * 1.5 + 2_000_000


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file that takes a moment."""
    path = tmp_path / "big"
    path.write_bytes(os.urandom(BIG))
    return path


@pytest.fixture
def image(cli: Docker, cli_base: str, big: Path, unique: Unique) -> Iterator[Image]:
    """An image with that file."""
    archive = big.with_name("root.tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(big, "big")
    with cli.image.import_(archive, unique("image")) as one:
        yield one


@pytest.fixture
def box(cli: Docker, cli_base: str) -> Iterator[Container]:
    """A container that was not started."""
    with cli.container.create(cli_base, "true") as one:
        yield one


# --- archives of images


@pytest.mark.parametrize("target", ["memory", "output", "path", "file", "buffer", "pipe"])
def test_save_tells_every_byte(cli: Docker, image: Image, tmp_path: Path, target: str) -> None:
    path, told = tmp_path / "a.tar", list[Progress]()
    expected = cli.save(image.id).stdout
    if target == "memory":
        done = cli.save(image.id, on_progress=told.append)
        assert (done.returncode, done.argv) == (0, cli.call.save(image.id).argv)
        written = done.stdout
    elif target == "output":
        cli.save(image.id, output=path, on_progress=told.append)
        written = path.read_bytes()
    elif target == "path":
        cli.save(image.id, stdout=path, on_progress=told.append)
        written = path.read_bytes()
    elif target == "file":
        path.write_bytes(b"before")
        with path.open("ab") as file:
            cli.save(image.id, stdout=file, on_progress=told.append)
        written = path.read_bytes().removeprefix(b"before")
    elif target == "buffer":
        buffer = io.BytesIO()
        cli.save(image.id, stdout=buffer, on_progress=told.append)
        written = buffer.getvalue()
    else:
        copy = ["sh", "-c", 'cat >"$1"', "sh", str(path)]
        with subprocess.Popen(copy, stdin=subprocess.PIPE) as reader:
            assert reader.stdin is not None
            cli.save(image.id, stdout=reader.stdin, on_progress=told.append)
        assert reader.returncode == 0
        written = path.read_bytes()
    assert sorted(names(written)) == sorted(names(expected))
    assert len(written) > BIG
    if target == "pipe" or (target == "output" and is_podman(cli)):
        about(cli, told, "save", len(written))
    else:
        ends_with(told, "save", len(written))


def names(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.getnames()


@pytest.mark.parametrize("source", ["input", "path", "file", "bytes", "iterator", "stream", "pipe"])
def test_load_tells_every_byte(cli: Docker, image: Image, tmp_path: Path, source: str) -> None:
    path, told = tmp_path / "a.tar", list[Progress]()
    cli.save(str(image), stdout=path)
    data = path.read_bytes()
    size, total = len(data), len(data)
    before, writer = cli.load(input=path), None
    if source == "input":
        given: dict[str, Any] = {"input": path}
    elif source in ("path", "bytes"):
        given = {"stdin": path if source == "path" else data}
    elif source == "file":
        given = {"stdin": path.open("rb")}
    elif source == "iterator":
        total = 0
        given = {"stdin": (data[at : at + 5000] for at in range(0, size, 5000))}
    elif source == "stream":
        given = {"stdin": cli.save(str(image), stream=True)}
    else:
        writer = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
        given = {"stdin": writer.stdout}
    loaded = cli.load(**given, on_progress=told.append)
    assert loaded == before
    assert [str(one) for one in loaded] != []
    if source in ("stream", "pipe"):
        about(cli, told, "load", size)
    else:
        ends_with(told, "load", size, total or None)
    if source == "file":
        given["stdin"].close()
    if source == "pipe":
        assert writer is not None
        writer.communicate()


def test_a_stream_of_load_has_the_answer_of_load(cli: Docker, image: Image, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    cli.save(str(image), stdout=path)
    with cli.load(input=path, stream=True) as items:
        told = list(items)
        assert items.answer() == cli.load(input=path)
    ends_with(told, "load", path.stat().st_size, path.stat().st_size)


def test_an_image_goes_through_a_pipe_byte_for_byte(
    cli: Docker, image: Image, big: Path, tmp_path: Path
) -> None:
    name, id = str(image), cli.image.inspect(image).id
    saving = cli.save(name, stream=True)
    told: list[Progress] = []
    loaded = cli.load(stdin=saving, on_progress=told.append)
    assert saving.returncode == 0
    assert [cli.image.inspect(one).id for one in loaded] == [id]
    with cli.container.create(name, "x") as one:
        archive = cli.cp(f"{one.id}:/big", "-").stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        file = tar.extractfile("big")
        assert file is not None
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(big.read_bytes()).digest()
    about(cli, told, "load", BIG)


def test_output_is_written_as_docker_writes_it(
    docker: Docker, docker_cli: str, base: str, tmp_path: Path
) -> None:
    client: Any = Docker(docker_cli, cwd=tmp_path)
    told: list[Progress] = []
    modes = []
    for more in ({}, {"on_progress": told.append}):
        path = tmp_path / f"{len(more)}.tar"
        for mode in (None, 0o644):
            if mode is not None:
                path.chmod(mode)
            answer = client.save(base, output=path.name, **more)
            modes.append((path.stat().st_mode, path.stat().st_size, answer.returncode))
    assert modes[:2] == modes[2:]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["0.tar", "1.tar"]
    assert told[-1].current == path.stat().st_size
    with pytest.raises(errors.InvalidArgument, match="cannot be written"):
        client.save(base, output="none/a.tar", on_progress=told.append)


@pytest.mark.parametrize("verb", ["save", "load", "cp", "export", "build"])
def test_a_failure_is_the_same_error_as_without(cli: Docker, tmp_path: Path, verb: str) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk" * 100)
    (tmp_path / "Dockerfile").write_text("FROM none.invalid/x\n")
    ask: dict[str, Callable[..., Any]] = {
        "save": lambda **more: cli.save("none:1", **more),
        "load": lambda **more: cli.load(input=junk, **more),
        "cp": lambda **more: cli.cp("none:/x", "-", **more),
        "export": lambda **more: cli.export("none", **more),
        "build": lambda **more: cli.build(tmp_path, **more),
    }
    caught = []
    told: list[Progress] = []
    for more in ({}, {"on_progress": told.append}):
        with pytest.raises(errors.DockerFailed) as error:
            ask[verb](**more)
        caught.append(error.value)
    assert type(caught[0]) is type(caught[1])
    assert caught[0].returncode == caught[1].returncode
    assert caught[0].completed.argv == caught[1].completed.argv or verb == "load"
    assert not any(one.done and not one.error for one in told if one.id != "context")


# --- a container's files


def test_cp_of_an_archive_tells_every_byte_both_ways(
    cli: Docker, cli_base: str, box: Container, big: Path
) -> None:
    told: list[Progress] = []
    archive = big.with_name("root.tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(big, "big")
    cli.cp("-", f"{box.id}:/tmp", stdin=archive, on_progress=told.append)
    ends_with(told, "cp", archive.stat().st_size, archive.stat().st_size)

    told.clear()
    done = cli.cp(f"{box.id}:/tmp/big", "-", on_progress=told.append)
    ends_with(told, "cp", len(done.stdout))
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        file = tar.extractfile("big")
        assert file is not None
        assert file.read() == big.read_bytes()

    told.clear()
    with cli.cp(f"{box.id}:/tmp/big", "-", stream=True, on_progress=told.append) as stream:
        assert sum(map(len, iter(lambda: stream.read(100_000), b""))) == len(done.stdout)
    ends_with(told, "cp", len(done.stdout))

    told.clear()
    path = big.with_name("out.tar")
    cli.cp(f"{box.id}:/tmp/big", "-", stdout=path, on_progress=told.append)
    ends_with(told, "cp", path.stat().st_size)


def test_cp_between_paths_tells_about_how_many_bytes(
    cli: Docker, cli_base: str, box: Container, big: Path
) -> None:
    told: list[Progress] = []
    cli.cp(big, f"{box.id}:/tmp/big", on_progress=told.append)
    about(cli, told, "cp", BIG)
    assert (told[-1].current, told[-1].total) == (BIG, BIG)

    told.clear()
    cli.cp(f"{box.id}:/tmp/big", big.with_name("back"), on_progress=told.append)
    about(cli, told, "cp", BIG)
    assert big.with_name("back").read_bytes() == big.read_bytes()

    folder = big.with_name("folder")
    (folder / "within").mkdir(parents=True)
    shutil.copy(big, folder / "within" / "big")
    told.clear()
    cli.cp(folder, f"{box.id}:/tmp", on_progress=told.append)
    about(cli, told, "cp", BIG)
    with cli.cp(f"{box.id}:/tmp/folder", big.with_name("all"), stream=True) as items:
        about(cli, list(items), "cp", BIG)
    assert (big.with_name("all") / "within" / "big").read_bytes() == big.read_bytes()


def test_export_tells_every_byte(
    cli: Docker, cli_base: str, box: Container, tmp_path: Path
) -> None:
    told: list[Progress] = []
    size = len(cli.export(box.id).stdout)
    done = cli.export(box.id, on_progress=told.append)
    assert len(done.stdout) == size
    ends_with(told, "export", size)

    told.clear()
    path = tmp_path / "a.tar"
    cli.export(box.id, output=path, on_progress=told.append)
    assert path.stat().st_size == size
    if not is_podman(cli):
        ends_with(told, "export", size)

    told.clear()
    with cli.export(box.id, stream=True, on_progress=told.append) as stream:
        assert len(stream.read()) == size
    ends_with(told, "export", size)


def test_a_container_is_not_copied_into_itself_through_a_pipe(
    docker: Docker, base: str, unique: Unique
) -> None:
    with (
        docker.container.create(base, "true", name=unique("one")) as one,
        docker.container.create(base, "true") as other,
    ):
        sources = (unique("one"), one.id, one.id[:12])
        for source in sources:
            with (
                docker.cp(f"{source}:/bin", "-", stream=True) as stream,
                pytest.raises(errors.InvalidArgument, match="to itself through a pipe"),
            ):
                docker.cp("-", f"{one.id}:/tmp", stdin=stream, deadline=20)
            with (
                docker.export(source, stream=True) as stream,
                pytest.raises(errors.InvalidArgument, match="to itself through a pipe"),
            ):
                docker.cp("-", f"{one.id}:/tmp", stdin=stream, deadline=20)
        with docker.cp(f"{unique('one')}:/bin", "-", stream=True) as stream:
            docker.cp("-", f"{other.id}:/tmp", stdin=stream, deadline=20)
        with docker.export(one.id, stream=True) as stream:
            docker.cp("-", f"{other.id}:/root", stdin=stream, deadline=20)
        assert len(docker.cp(f"{other.id}:/tmp/bin", "-").stdout) > 1_000_000


# --- builds


def with_buildkit() -> Docker:
    """The docker whose CLI has a client of BuildKit's in it."""
    for path in clis():
        client = Docker(path, env={"DOCKER_BUILDKIT": "1"})
        if client.version().client.startswith("20.10."):
            return client
    missing("docker 20.10, which builds with BuildKit by itself")
    raise AssertionError


def test_a_build_tells_its_steps(
    cli: Docker, cli_base: str, tmp_path: Path, unique: Unique
) -> None:
    told_by(cli, cli_base, tmp_path, unique)


def test_buildkit_tells_its_steps(
    docker: Docker, base: str, tmp_path: Path, unique: Unique
) -> None:
    told_by(with_buildkit(), base, tmp_path, unique)


def told_by(builder: Docker, base: str, tmp_path: Path, unique: Unique) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(
        f"FROM {base}\nARG TOKEN\nRUN echo {unique('said')} and $TOKEN\n"
    )
    told: list[Progress] = []
    arguments: Any = {"TOKEN": Secret(SECRET)}
    built = builder.build(
        folder, tag=unique("image"), build_arg=arguments, no_cache=True, on_progress=told.append
    )
    with built:
        assert built.inspect().id.removeprefix("sha256:") == built.id.removeprefix("sha256:")
        assert f"{unique('said')} and ***" in [one.text for one in told]
        assert SECRET not in "".join(f"{one!r}{one.raw!r}" for one in told)
        run = [one for one in told if one.command.startswith("RUN echo")]
        assert run[0].status == "STARTED"
        assert run[-1].status == "DONE"
        assert run[-1].done

    with builder.build(folder, tag=unique("image"), build_arg=arguments, stream=True) as items:
        again = [one for one in items if not one.text]
        answer = items.answer()
    with answer:
        assert isinstance(answer, Image)
        assert again[-1].done
        assert answer.inspect().tags


def test_a_build_that_fails_tells_where(cli: Docker, cli_base: str, tmp_path: Path) -> None:
    told_where(cli, cli_base, tmp_path)


def test_buildkit_tells_where_it_fails(docker: Docker, base: str, tmp_path: Path) -> None:
    told_where(with_buildkit(), base, tmp_path)


def told_where(builder: Any, base: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\nRUN echo before; exit 3\n")
    told: list[Progress] = []
    options: dict[str, Any] = {"force_rm": True, "no_cache": True}
    caught = []
    for more in ({}, {"on_progress": told.append}):
        with pytest.raises(errors.DockerFailed) as error:
            builder.build(tmp_path, **options, **more)
        caught.append((type(error.value), error.value.returncode))
    assert caught[0] == caught[1]
    assert "before" in [one.text for one in told]
    if not is_podman(builder):
        assert [one.command for one in told if one.error] == ["RUN echo before; exit 3"]
    done = builder.build(tmp_path, **options, on_progress=told.append, check=False)
    assert done.returncode == caught[0][1]


# --- registries


@pytest.fixture
def logged_in(docker_cli: str, docker: Docker, registry: str, tmp_path: Path) -> Docker:
    """A client of each docker that may push."""
    one = Docker(docker_cli, config=tmp_path / "config", env=docker.env)
    one.login(registry, username=USER, password=PASSWORD)
    return one


@pytest.fixture
def pushed(logged_in: Docker, registry: str, base: str, unique: Unique) -> Iterator[str]:
    """The name of an image with bytes that no registry has yet, to be pushed there."""
    name = f"{registry}/{unique('image')}:1"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("big")
        member.size = 3 * BIG
        tar.addfile(member, io.BytesIO(os.urandom(member.size)))
    logged_in.image.import_("-", name, stdin=archive.getvalue())
    yield name
    logged_in.raw("image", "rm", name, check=False)


def bytes_of(told: Iterable[Progress], status: str) -> list[Progress]:
    return [one for one in told if one.status == status and one.current is not None]


def test_push_and_pull_tell_their_bytes(logged_in: Docker, pushed: str, registry: str) -> None:
    told: list[Progress] = []
    push = logged_in.push(pushed, on_progress=told.append)
    (digest,) = logged_in.image.inspect(pushed).raw["RepoDigests"]
    assert digest.endswith(push.digest)
    sent = bytes_of(told, "Pushing")
    assert sent
    assert all(one.approximate and one.verb == "push" and len(one.id) == 12 for one in sent)
    assert {one.total for one in sent if one.total} == {3 * BIG}
    assert [one.status for one in told if one.done] == ["Pushed"]
    assert logged_in.push(pushed).tags == push.tags

    logged_in.image.rm(pushed)
    told.clear()
    pulled = logged_in.pull(pushed, on_progress=told.append)
    assert pulled.id == pushed
    assert pulled.inspect().raw["RepoDigests"] == [digest]
    got = bytes_of(told, "Downloading")
    assert got
    assert all(one.approximate and one.verb == "pull" for one in got)
    assert all(3 * BIG <= (one.total or 0) < 3.2 * BIG for one in got)
    assert [one.status for one in told if one.done] == ["Pull complete"]

    logged_in.image.rm(pushed)
    with logged_in.pull(pushed, stream=True) as items:
        told = list(items)
        answer = items.answer()
    assert answer.id == pushed
    assert bytes_of(told, "Downloading")
    with logged_in.push(pushed, stream=True) as pushing:
        assert pushing.answer().tags == push.tags


def test_push_and_pull_fail_as_without(
    logged_in: Docker, pushed: str, registry: str, tmp_path: Path, docker: Docker
) -> None:
    client: Any = logged_in
    told: list[Progress] = []
    nobody = client.but(config=tmp_path / "nobody")
    for more in ({}, {"on_progress": told.append}):
        with pytest.raises(errors.AuthenticationFailed):
            nobody.push(pushed, **more)
        with pytest.raises(errors.NoSuchImage):
            client.pull(f"{registry}/none:1", **more)
    done = client.pull(f"{registry}/none:1", on_progress=told.append, check=False)
    assert done.returncode == 1
    assert not any(one.done for one in told)


def test_a_callback_that_raises_ends_a_push(logged_in: Docker, pushed: str) -> None:
    def enough(one: Progress) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        logged_in.push(pushed, on_progress=enough)
    with pytest.raises(RuntimeError, match="enough"):
        logged_in.save(pushed, on_progress=enough)


def test_podman_pushes_and_pulls(
    docker: Docker,
    registry: str,
    podman_environment: dict[str, str],
    tmp_path: Path,
    unique: Unique,
) -> None:
    if shutil.which("podman") is None:
        missing("podman")
    podman = Docker("podman", env=podman_environment)
    name = f"{registry}/{unique('image')}:1"
    plain: dict[str, Any] = {"authfile": tmp_path / "auth.json", "tls_verify": False}
    podman.login(registry, username=USER, password=PASSWORD, **plain)
    with tarfile.open(tmp_path / "root.tar", "w") as tar:
        tar.add(__file__, "file")
    podman.image.import_(tmp_path / "root.tar", name)
    told: list[Progress] = []
    podman.push(name, **plain, on_progress=told.append)
    assert {one.status for one in told if one.id} >= {"Copying blob", "Copying config"}
    podman.image.rm(name)
    told.clear()
    assert podman.pull(name, **plain, on_progress=told.append).id == name
    assert {one.status for one in told if one.id} >= {"Copying blob", "Copying config"}
    podman.image.rm(name)


# --- shown to people

SHOW = """
import sys
from dockcli import Docker
from dockcli.progress import shown
with shown(*sys.argv[3:]) as on_progress:
    Docker(sys.argv[1]).load(input=sys.argv[2], on_progress=on_progress)
"""


def test_bars_at_a_terminal_lines_in_a_pipe_nothing_when_asked(
    docker: Docker, base: str, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "a.tar"
    docker.save(base, output=path)
    words = [sys.executable, "-c", SHOW, docker.binary, str(path)]
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as screen:
        terminal = {**environment, "TERM": "xterm", "COLUMNS": "80"}
        child = subprocess.Popen(words, env=terminal, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        try:
            while chunk := screen.read(65536):
                seen += chunk
        except OSError:  # the other end is closed
            pass
        assert child.wait(60) == 0
    assert b"Copied" in seen
    assert "━".encode() in seen
    assert seen.rstrip().endswith(b"\x1b[?25h")  # the cursor is shown again

    piped = subprocess.run(words, env=environment, capture_output=True, check=True)
    lines = piped.stderr.decode().splitlines()
    assert lines[-1] == "load: Copied 2.148MB/2.148MB"
    assert b"\x1b" not in piped.stderr
    assert piped.stdout == b""

    silent = subprocess.run([*words, "silent"], env=environment, capture_output=True, check=True)
    assert (silent.stdout, silent.stderr) == (b"", b"")
