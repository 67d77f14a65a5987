"""The SSH connection to the engine is cut, or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dockcli.errors import DeadlineExceeded, DockerFailed, EngineLost, EngineUnreachable
from tests.engine.recipes.test_cookbook import Server, make_sure_of_sshd
from tests.faults.conftest import BOTH, Engine, Maker, Middle, Told, after, version_of
from tests.faults.test_engine_killed import FOREVER, UNLABELLED, in_pieces

Tell = Callable[[str, str], Told]
CUT, HANGS = "The SSH connection is cut", "The SSH server hangs"
SOON = 40.0
HUGE = 300_000_000  # bytes of a file with nothing but a hole


class Line:
    """A server whose connections can be cut, and that can hang."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def connections(self) -> list[int]:
        """The processes of the server, with all that its users run."""
        process = self.server._process
        assert process is not None
        found = [process.pid]
        for pid in found:
            with suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                found += map(int, children)
        return found[1:]

    def send(self, number: int, *, server: bool = False) -> None:
        process = self.server._process
        assert process is not None
        for pid in [*([process.pid] if server else []), *self.connections()]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def cut(self) -> None:
        """End the server's own processes; what they have started finds its pipes closed. A login
        shell that is killed may leave the locks of what its user has it do at each login."""
        for pid in self.connections():
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().startswith("sshd"):
                    os.kill(pid, signal.SIGKILL)


@pytest.fixture
def line(engine: Engine, tmp_path: Path) -> Iterator[Line]:
    make_sure_of_sshd()
    separation = Path("/run/sshd")
    separation.mkdir(mode=0o755, exist_ok=True)
    folder = tmp_path / "server"
    folder.mkdir(mode=0o700)
    server = Server(folder, engine.host)
    try:
        assert server.start("no") or server.start("yes"), server.log.read_text()[-300:]
        yield Line(server)
    finally:
        Line(server).send(signal.SIGCONT, server=True)
        server.stop()
        Line(server).cut()
        subprocess.run(["true"], check=True)


@pytest.fixture
def maker(engine: Engine, line: Line, binary: str) -> Iterator[Maker]:
    env = line.server.environment(dict(os.environ))
    one = Maker(engine, binary, host=line.server.url, env=env)
    yield one
    one.dies()


@pytest.fixture
def told(engine: Engine, binary: str, tell: Tell) -> Callable[..., Told]:
    version = version_of(binary, engine.host)
    return lambda what, fault=CUT: tell(fault, f"{what}, docker {version}")


def forever(engine: Engine, maker: Maker) -> Any:
    return maker.client.run(engine.base, "sh", "-c", FOREVER, detach=True, stop_signal="KILL")


@BOTH
@pytest.mark.parametrize("live", [False, True], ids=["answer", "stream"])
def test_in_an_exec(engine: Engine, maker: Maker, line: Line, told: Any, live: bool) -> None:
    row = told("`exec`, a stream" if live else "`exec` with a deadline")
    one = forever(engine, maker)
    cut = Middle(engine.has_exec, lambda: row.strike(line.cut))
    with row.fails(EngineLost, within=SOON), cut:
        done = one.exec("sleep", "60", stream=live, deadline=100)
        assert live
        list(done)
    assert "was ended" in str(row.error)
    assert not engine.has_exec()
    row.left(maker.cleaned())


@BOTH
@pytest.mark.parametrize("rm", [False, True], ids=["kept", "rm"])
def test_in_a_run(engine: Engine, maker: Maker, line: Line, told: Any, rm: bool) -> None:
    row = told("`run --rm`" if rm else "`run`")
    cut = Middle(lambda: engine.running() > 0, lambda: row.strike(line.cut))
    with row.fails(EngineLost, within=SOON), cut:
        maker.client.run(engine.base, "sleep", "60", rm=rm)
    assert ("was removed" if rm else "was stopped") in str(row.error)
    assert engine.running() == 0
    row.left(maker.cleaned())


@BOTH
def test_in_logs(engine: Engine, maker: Maker, line: Line, told: Any) -> None:
    row = told("`logs --follow`")
    one = forever(engine, maker)
    with row.fails(EngineLost, within=SOON), one.logs(follow=True) as lines:
        assert next(lines).text == "said"
        row.strike(line.cut)
        for _ in lines:
            pass
    row.left(maker.cleaned())


@BOTH
def test_in_a_build(engine: Engine, maker: Maker, line: Line, told: Any) -> None:
    row = told("`build`")
    cut = Middle(lambda: engine.running() > 0, lambda: row.strike(line.cut))
    with row.fails(EngineLost, within=SOON), cut:
        maker.client.build("-", stdin=f"FROM {engine.base}\nRUN sleep 60\n")
    row.left(maker.cleaned(unlabelled=UNLABELLED))


@BOTH
def test_in_a_build_with_buildkit(engine: Engine, maker: Maker, line: Line, told: Any) -> None:
    """docker says of another line no more than that it was given no id: the engine is there."""
    row = told("`build`, with BuildKit")
    if "local" in maker.client.binary:
        pytest.skip("no buildx here")
    client = maker.client.but(env={**maker.client.env, "DOCKER_BUILDKIT": "1"})
    file = f"FROM {engine.base}\nRUN echo {time.time_ns()} && sleep 60\n"
    cut = Middle(after(4), lambda: row.strike(line.cut))
    with row.fails(DockerFailed, within=SOON), cut:
        client.build("-", stdin=file)
    row.left(maker.cleaned())


def has_some(engine: Engine) -> bool:
    """Whether the engine has got some of the file: docker asks it other things before."""
    data = engine.own.folder / "data"
    return any(data.glob("*/*/diff/big")) or any(data.glob("vfs/dir/*/big"))


@BOTH
@pytest.mark.parametrize("way", ["cp", "cp of a file"])
def test_in_a_cp_into_a_container(
    engine: Engine, maker: Maker, line: Line, told: Any, tmp_path: Path, way: str
) -> None:
    row = told(
        "`cp` of a tar into a container" if way == "cp" else "`cp` of a file into a container"
    )
    one = maker.client.create(engine.base, "true")
    pieces = in_pieces(lambda: row.strike(line.cut))
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(HUGE)
    ways: dict[str, Callable[[], Any]] = {
        "cp": lambda: maker.client.cp("-", f"{one}:/", stdin=pieces),
        "cp of a file": lambda: maker.client.cp(big, f"{one}:/"),
    }
    arrives = lambda: way != "cp of a file" or has_some(engine)  # noqa: E731
    cut = Middle(arrives, lambda: way == "cp of a file" and row.strike(line.cut))
    with row.fails(EngineLost, within=SOON), cut:
        ways[way]()
    row.left(maker.cleaned())


@BOTH
@pytest.mark.parametrize("way", ["cp", "cp to a file", "get_archive", "export"])
def test_in_a_cp_out_of_a_container(
    engine: Engine, maker: Maker, line: Line, told: Any, tmp_path: Path, way: str
) -> None:
    row = told(
        {"cp": "`cp` out of a container", "cp to a file": "`cp` into a folder here"}.get(
            way, f"`{way}`"
        )
    )
    fill = f"dd if=/dev/null of=/big bs=1 seek={HUGE}; while :; do sleep 0.1; done"
    one = maker.client.run(engine.base, "sh", "-c", fill, detach=True, stop_signal="KILL")
    target = tmp_path / "target"
    target.touch()
    ways: dict[str, Callable[[], Any]] = {
        "cp": lambda: maker.client.cp(f"{one}:/big", "-", stdout=target),
        "cp to a file": lambda: maker.client.cp(f"{one}:/big", target),
        "get_archive": lambda: one.get_archive("/big", into=target),
        "export": lambda: maker.client.export(one, stdout=target),
    }
    grows = lambda: any(  # noqa: E731 - wherever it is while it is not whole
        path.stat().st_size > 1_000_000 for path in tmp_path.iterdir() if path.is_file()
    )
    with row.fails(EngineLost, within=SOON), Middle(grows, lambda: row.strike(line.cut)):
        ways[way]()
    partial = target.stat().st_size > 0
    assert {path.name for path in tmp_path.iterdir()} == {"server", "target"}
    here = ", and a part of the file here: its owner" if partial else ""
    row.left(maker.cleaned() + here)


def test_in_stats(engine: Engine, maker: Maker, line: Line, told: Any) -> None:
    """docker does not notice, nor say anything; the engine is there for whoever asks it."""
    row = told("`stats` of one container, with `deadline=5`")
    one = forever(engine, maker)
    with (
        row.fails(DeadlineExceeded, within=SOON),
        maker.client.container.stats(one, stream=True, deadline=5) as items,
    ):
        assert next(items)
        row.strike(line.cut)
        for _ in items:
            pass
    row.left(maker.cleaned())


def test_in_a_machine(engine: Engine, maker: Maker, line: Line, told: Any) -> None:
    row = told("a command of a machine")
    one = forever(engine, maker)
    with one.machine() as machine:
        cut = Middle(after(0.7), lambda: row.strike(line.cut))
        with row.fails(EngineLost, within=SOON), cut:
            machine["sleep"]("60")
        assert machine["echo"]("again") == "again\n"
    row.left(maker.cleaned())


BEFORE: dict[str, Callable[[Any, str, Any, Path], Any]] = {
    "ps": lambda it, base, one, here: it.ps(),
    "run": lambda it, base, one, here: it.run(base, "true", rm=True),
    "exec": lambda it, base, one, here: one.exec("true"),
    "logs": lambda it, base, one, here: list(one.logs(follow=True)),
    "cp into a container": lambda it, base, one, here: it.cp(__file__, f"{one}:/"),
    "cp out of a container": lambda it, base, one, here: it.cp(f"{one}:/etc", here / "etc"),
    "put_archive": lambda it, base, one, here: one.put_archive("/", in_pieces(lambda: None)),
    "get_archive": lambda it, base, one, here: one.get_archive("/etc", into=here / "etc.tar"),
    "build": lambda it, base, one, here: it.build("-", stdin=f"FROM {base}\nLABEL x=y\n"),
    "machine": lambda it, base, one, here: one.machine(),
}


@pytest.mark.parametrize("verb", BEFORE)
def test_before_the_call(
    engine: Engine, maker: Maker, line: Line, told: Any, tmp_path: Path, verb: str
) -> None:
    row = told(f"`{verb}`, after it")
    one = forever(engine, maker)
    line.server.stop()
    line.cut()
    here = tmp_path / "here"
    here.mkdir()
    with row.fails(EngineUnreachable, within=SOON):
        BEFORE[verb](maker.client, engine.base, one, here)
    assert list(here.iterdir()) == []
    row.left(maker.cleaned())


@pytest.mark.parametrize("verb", ["ps", "exec", "run", "logs"])
def test_a_server_that_hangs(
    engine: Engine, maker: Maker, line: Line, told: Any, verb: str
) -> None:
    row = told(f"`{verb}` with `deadline=4`", HANGS)
    one = forever(engine, maker)

    def hang() -> None:
        row.strike(lambda: line.send(signal.SIGSTOP, server=True))

    calls: dict[str, Callable[[], Any]] = {
        "ps": lambda: maker.client.ps(deadline=4),
        "exec": lambda: one.exec("sleep", "60", deadline=4),
        "run": lambda: maker.client.run(engine.base, "sleep", "60", deadline=4, rm=True),
        "logs": lambda: list(one.logs(follow=True, deadline=4)),
    }
    if verb == "ps":
        hang()
    middle = Middle(after(0 if verb == "ps" else 2), hang if verb != "ps" else lambda: None)
    with row.fails(DeadlineExceeded, within=SOON), middle:
        calls[verb]()
    line.send(signal.SIGCONT, server=True)
    row.left(maker.cleaned())
