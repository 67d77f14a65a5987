"""The engine is killed in the middle of a call, and started again."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import DockcliError, EngineLost, EngineUnreachable
from tests.faults.conftest import BOTH, Engine, Maker, Middle, Told, after, version_of

Tell = Callable[[str, str], Told]

ENGINE, ALL = "The engine is killed", "The engine and all its containers are killed"
SOON = 10.0
UNLABELLED = "`docker container prune`, for the legacy builder labels only what it ends with"
FOREVER = "while :; do echo said; sleep 0.1; done"


@pytest.fixture
def maker(engine: Engine, binary: str) -> Iterator[Maker]:
    one = Maker(engine, binary)
    yield one
    one.dies()


@pytest.fixture
def told(engine: Engine, binary: str, tell: Tell) -> Callable[[str], Told]:
    return lambda what: tell(ENGINE, f"{what}, docker {version_of(binary, engine.host)}")


def forever(engine: Engine, maker: Maker) -> Any:
    return maker.client.run(
        engine.base, "sh", "-c", FOREVER, detach=True, stop_signal="KILL", label={"x": "y"}
    )


def kill(engine: Engine, told: Told, **how: bool) -> Callable[[], None]:
    def strike() -> None:
        told.struck = time.monotonic()
        engine.own.kill(**how)

    return strike


def well_again(engine: Engine, maker: Maker, told: Told, unlabelled: str = "") -> None:
    engine.restart()
    told.left(maker.cleaned(unlabelled=unlabelled))


@pytest.mark.parametrize("rm", [False, True], ids=["kept", "rm"])
def test_of_a_run(engine: Engine, maker: Maker, told: Any, rm: bool) -> None:
    row = told("`run --rm`" if rm else "`run`")
    started = lambda: engine.running() > 0  # noqa: E731
    with row.fails(EngineLost, within=SOON), Middle(started, kill(engine, row, containers=True)):
        maker.client.run(engine.base, "sleep", "60", rm=rm, stop_signal="KILL")
    assert "whether its container" in str(row.error)
    well_again(engine, maker, row)


@BOTH
def test_of_a_run_whose_container_lives_on(engine: Engine, maker: Maker, told: Any) -> None:
    row = told("`run`, of the engine alone")
    started = lambda: engine.running() > 0  # noqa: E731
    with row.fails(EngineLost, within=SOON), Middle(started, kill(engine, row)):
        maker.client.run(engine.base, "sh", "-c", FOREVER, stop_signal="KILL")
    well_again(engine, maker, row)


IN_A_SCOPE = """\
import sys
from dockcli import Docker
from dockcli.errors import CleanupFailed, EngineLost
binary, host, base = sys.argv[1:]
try:
    with Docker(binary, host=host).scope() as s:
        try:
            s.run(base, "sleep", "60", stop_signal="KILL")
        except EngineLost as lost:
            print("EngineLost")
except CleanupFailed as failed:
    print("CleanupFailed", len(failed.causes))
"""


def test_of_a_run_in_a_scope(engine: Engine, binary: str, told: Any) -> None:
    """It cannot remove what it has made; the next scope, of another process, does."""
    row = told("`run`, in a scope")
    words = [sys.executable, "-c", IN_A_SCOPE, binary, engine.host, engine.base]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as one:
        with Middle(lambda: engine.running() > 0, kill(engine, row)):
            pass
        assert row.struck is not None
        said, _ = one.communicate(timeout=60)
        row.gives("`EngineLost`, and `CleanupFailed` at the scope's end", since(row.struck))
    assert said.split() == [b"EngineLost", b"CleanupFailed", b"1"]
    engine.restart()
    left = engine.more()
    assert left == "1 container"
    with Docker(binary, host=engine.host).scope():
        assert engine.more() == ""
    row.left(f"{left}: the next scope")


def since(struck: float) -> float:
    return time.monotonic() - struck


@BOTH
@pytest.mark.parametrize("live", [False, True], ids=["answer", "stream"])
def test_of_an_exec(engine: Engine, maker: Maker, told: Any, live: bool) -> None:
    row = told("`exec`, a stream" if live else "`exec`")
    one = forever(engine, maker)
    with row.fails(EngineLost, within=SOON), Middle(engine.has_exec, kill(engine, row)):
        done = one.exec("sleep", "60", stream=live)
        assert live
        list(done)
    well_again(engine, maker, row)


@BOTH
@pytest.mark.parametrize("buildkit", [False, True], ids=["legacy", "buildkit"])
def test_of_a_build(engine: Engine, maker: Maker, binary: str, told: Any, buildkit: bool) -> None:
    if buildkit and "local" in binary:
        pytest.skip("no buildx here")
    row = told("`build`, with BuildKit" if buildkit else "`build`")
    client = maker.client.but(env={"DOCKER_BUILDKIT": str(int(buildkit))})
    # A helper image of the same name must not make BuildKit's cache the answer.
    file = f"FROM {engine.base}\nRUN echo {time.time_ns()} && sleep 60\n"
    runs = after(3) if buildkit else lambda: engine.running() > 0
    with row.fails(EngineLost, within=SOON), Middle(runs, kill(engine, row, containers=True)):
        client.build("-", stdin=file)
    well_again(engine, maker, row, "" if buildkit else UNLABELLED)


@BOTH
@pytest.mark.parametrize("verb", ["logs", "events", "stats"])
def test_of_what_is_followed(engine: Engine, maker: Maker, told: Any, verb: str) -> None:
    row = told({"logs": "`logs --follow`", "events": "`events`", "stats": "`stats` of all"}[verb])
    one = forever(engine, maker)
    with row.fails(EngineLost, within=SOON):
        follow: dict[str, Callable[[], Any]] = {
            "logs": lambda: maker.client.logs(one, follow=True),
            "events": lambda: maker.client.system.events(since=0),
            "stats": lambda: maker.client.container.stats(stream=True),
        }
        with follow[verb]() as items:
            assert next(items)
            kill(engine, row)()
            for _ in items:
                pass
    well_again(engine, maker, row)


@BOTH
def test_of_stats_of_one(engine: Engine, maker: Maker, told: Any) -> None:
    """docker itself goes on for ever, and measures nothing."""
    row = told("`stats` of one container")
    one = forever(engine, maker)
    with (
        row.fails(EngineLost, within=20),
        maker.client.container.stats(one, stream=True, deadline=60) as items,
    ):
        assert next(items)
        kill(engine, row)()
        for _ in items:
            pass
    well_again(engine, maker, row)


@pytest.mark.parametrize("verb", ["wait", "attach", "start"])
def test_of_what_waits_for_a_container(engine: Engine, maker: Maker, told: Any, verb: str) -> None:
    row = told({"wait": "`wait`", "attach": "`attach`", "start": "`start --attach`"}[verb])
    if verb == "start":
        one = maker.client.create(engine.base, "sleep", "60", stop_signal="KILL")
        runs: Callable[[], bool] = lambda: engine.running() > 0  # noqa: E731
    else:
        one, runs = forever(engine, maker), after(0.7)
    waits: dict[str, Callable[[], Any]] = {
        "wait": lambda: maker.client.wait(one),
        "attach": lambda: maker.client.attach(one),
        "start": lambda: maker.client.start(one, attach=True),
    }
    with row.fails(EngineLost, within=SOON), Middle(runs, kill(engine, row)):
        waits[verb]()
    well_again(engine, maker, row)


def in_pieces(strike: Callable[[], None]) -> Iterator[bytes]:
    """A tar with a file of 20 MB, and a fault in its middle."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        file = tarfile.TarInfo("big")
        file.size = 20_000_000
        tar.addfile(file, io.BytesIO(bytes(file.size)))
    data = archive.getvalue()
    for at in range(0, len(data), 100_000):
        if at == 5_000_000:
            strike()
        yield data[at : at + 100_000]


@pytest.mark.parametrize("way", ["cp", "put_archive"])
def test_of_a_cp_into_a_container(engine: Engine, maker: Maker, told: Any, way: str) -> None:
    row = told({"cp": "`cp` into a container", "put_archive": "`put_archive`"}[way])
    one = maker.client.create(engine.base, "true")
    pieces = in_pieces(kill(engine, row))
    with row.fails(EngineUnreachable, within=SOON):
        if way == "cp":
            maker.client.cp("-", f"{one}:/", stdin=pieces)
        else:
            one.put_archive("/", pieces)
    well_again(engine, maker, row)


@pytest.mark.parametrize("way", ["cp", "get_archive", "export"])
def test_of_a_cp_out_of_a_container(
    engine: Engine, maker: Maker, told: Any, tmp_path: Path, way: str
) -> None:
    row = told({"cp": "`cp` out of a container"}.get(way, f"`{way}`"))
    one = maker.client.create(engine.base, "true")
    one.put_archive("/", in_pieces(lambda: None))
    struck: list[None] = []

    def strike_once(chunk: bytes) -> int:
        if not struck:
            struck.append(None)
            kill(engine, row)()
        return len(chunk)

    class Taker(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, chunk: Any) -> int:
            return strike_once(chunk)

    ways: dict[str, Callable[[], Any]] = {
        "cp": lambda: maker.client.cp(f"{one}:/big", "-", stdout=Taker()),
        "get_archive": lambda: one.get_archive("/big", into=Taker()),
        "export": lambda: maker.client.export(one, stdout=Taker()),
    }
    with row.fails(EngineUnreachable, within=SOON):
        ways[way]()
    assert struck
    well_again(engine, maker, row)


def test_of_a_cp_to_a_file(engine: Engine, maker: Maker, told: Any, tmp_path: Path) -> None:
    row = told("`cp` into a folder here")
    one = maker.client.create(engine.base, "true")
    one.put_archive("/", in_pieces(lambda: None))
    engine.own.pause()
    with row.fails(EngineUnreachable, within=SOON), Middle(after(0.7), kill(engine, row)):
        maker.client.cp(f"{one}:/big", tmp_path / "big")
    assert not (tmp_path / "big").exists()
    well_again(engine, maker, row)


def test_of_a_volume_removal(engine: Engine, maker: Maker, told: Any) -> None:
    row = told("`volume rm`")
    volumes = [maker.client.volume.create(f"faults-mine-{number}") for number in range(3)]
    engine.own.pause()
    with row.fails(EngineUnreachable, within=SOON), Middle(after(0.7), kill(engine, row)):
        maker.client.volume.rm(*volumes)
    well_again(engine, maker, row)


def test_of_a_machine(engine: Engine, maker: Maker, told: Any) -> None:
    row = told("a command of a machine")
    one = forever(engine, maker)
    with one.machine() as machine:
        assert machine["echo"]("here").strip() == "here"
        with row.fails(EngineLost, within=SOON), Middle(after(0.7), kill(engine, row)):
            machine["sleep"]("60")
    well_again(engine, maker, row)


class Striking(io.BytesIO):
    """A file that lets the fault happen once so much went through it."""

    def __init__(self, data: bytes, at: int, strike: Callable[[], None]) -> None:
        super().__init__(data)
        self._left, self._strike = at, strike

    def _count(self, size: int) -> None:
        before, self._left = self._left, self._left - size
        if before > 0 >= self._left:
            self._strike()

    def write(self, data: Any) -> int:
        size = super().write(data)
        self._count(size)
        return size

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._count(len(data))
        return data


def filled(engine: Engine, maker: Maker) -> str:
    """A volume with 24 MB that cannot be packed."""
    maker.client.volume.create("faults-filled")
    dd = "dd if=/dev/urandom of=/d/random bs=1M count=24 2>/dev/null; echo kept >/d/small"
    maker.client.run(engine.base, "sh", "-c", dd, rm=True, volume="faults-filled:/d")
    return "faults-filled"


def test_of_a_backup(engine: Engine, maker: Maker, told: Any, tmp_path: Path) -> None:
    row = told("`volume.backup`")
    volume, archive = filled(engine, maker), tmp_path / "data.tar"
    with row.fails(DockcliError, within=20):
        done: list[None] = []

        def struck(seen: Any) -> None:
            if seen.current and not done:
                done.append(None)
                kill(engine, row, containers=True)()

        maker.client.volume.backup(volume, archive, on_progress=struck)
    assert not list(tmp_path.glob("*.tar*"))
    well_again(engine, maker, row)


@pytest.mark.parametrize("overwrite", [False, True], ids=["new", "overwrite"])
def test_of_a_restore(
    engine: Engine, maker: Maker, told: Any, tmp_path: Path, overwrite: bool
) -> None:
    row = told("`volume.restore`, with overwrite" if overwrite else "`volume.restore`")
    volume, archive = filled(engine, maker), tmp_path / "data.tar"
    maker.client.volume.backup(volume, archive)
    into = volume if overwrite else "faults-again"
    done: list[None] = []

    def struck(seen: Any) -> None:
        if seen.current and not done:
            done.append(None)
            kill(engine, row, containers=True)()

    with row.fails(DockcliError, within=20):
        maker.client.volume.restore(archive, into, overwrite, on_progress=struck)
    assert done
    engine.restart()
    if overwrite:  # it is as it was, once what was begun is undone
        from dockcli.data import undertaking

        undertaking.recover_all()
        kept = maker.client.run(engine.base, "cat", "/d/small", rm=True, volume=f"{volume}:/d")
        assert kept.text == "kept\n"
    well_again(engine, maker, row)
