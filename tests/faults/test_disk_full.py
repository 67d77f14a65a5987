"""A disk is full: the engine's own, or the one that something is to be written to."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dockcli import Secret
from dockcli.errors import DockcliError
from dockcli.recipes.catalogue import recipe
from dockcli.recipes.stage import Wishes, perform
from tests.engine.own_engine import own_engine
from tests.faults.conftest import Engine, Maker, Told

Tell = Callable[[str, str], Told]
ENGINES, TARGET = "The engine's disk is full", "The disk of the target is full"
TEMPORARY = "The disk for temporary files is full"
SOON = 60.0  # a fill takes its time; the error comes with the last byte


@pytest.fixture(scope="module")
def small() -> Iterator[Engine]:
    """An engine with a disk of 48 MB."""
    with own_engine(size="48m") as own:
        yield Engine(own)


@pytest.fixture
def maker(small: Engine) -> Iterator[Maker]:
    one = Maker(small)
    yield one
    one.dies()
    left = small.more()
    small.emptied()
    assert not left
    assert not small.gone()


def tar(size: int) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as file:
        one = tarfile.TarInfo("big")
        one.size = size
        file.addfile(one, io.BytesIO(b"x" * size))
    return archive.getvalue()


def says_why(error: BaseException | None) -> bool:
    """Whether the message has the reason, or the words of the program that wrote."""
    said = str(error).encode() + getattr(error, "stderr", b"") + getattr(error, "stdout", b"")
    return b"no space left" in said.lower()


FILL = "dd if=/dev/zero of={} bs=1M count=100"
ON_IT: dict[str, Callable[[Any, str, Any], Any]] = {
    "run, whose command writes": lambda it, base, one: it.run(
        base, "sh", "-c", FILL.format("/big"), rm=True
    ),
    "run, that writes into a volume": lambda it, base, one: it.run(
        base, "sh", "-c", FILL.format("/d/big"), rm=True, volume="faults-mine:/d"
    ),
    "cp into a container": lambda it, base, one: it.cp("-", f"{one}:/", stdin=tar(64_000_000)),
    "put_archive": lambda it, base, one: one.put_archive("/", tar(64_000_000)),
    "build": lambda it, base, one: it.build("-", stdin=f"FROM {base}\nRUN {FILL.format('/big')}\n"),
    "load": lambda it, base, one: it.image.import_("-", stdin=tar(64_000_000)),
}


@pytest.mark.parametrize("name", ON_IT)
def test_of_the_engine(small: Engine, maker: Maker, tell: Tell, name: str) -> None:
    row = tell(ENGINES, f"`{name}`".replace("`load`", "`import`"))
    maker.client.volume.create("faults-mine")
    one = maker.client.create(small.base, "true")
    with row.fails(DockcliError, within=SOON):
        ON_IT[name](maker.client, small.base, one)
    assert says_why(row.error)
    row.left(maker.cleaned(unlabelled="`docker container prune`" if name == "build" else ""))
    assert small.client.run(small.base, "echo", "well", rm=True).text == "well\n"


def test_of_the_engine_in_a_restore(
    small: Engine, maker: Maker, tell: Tell, tmp_path: Path
) -> None:
    row = tell(ENGINES, "`volume.restore`")
    archive = tmp_path / "data.tar"
    with tarfile.open(archive, "w") as file:
        one = tarfile.TarInfo("big")
        one.size = 64_000_000
        file.addfile(one, io.BytesIO(bytes(range(256)) * 250_000))
    with row.fails(DockcliError, within=SOON):
        maker.client.volume.restore(archive, "faults-mine")
    row.left(maker.cleaned())


TO: dict[str, Callable[[Any, Any, str, Path], Any]] = {
    "cp": lambda it, one, base, disk: it.cp(f"{one}:/big", disk / "big"),
    "get_archive": lambda it, one, base, disk: one.get_archive("/big", into=disk / "big.tar"),
    "export": lambda it, one, base, disk: it.export(one, stdout=disk / "all.tar"),
    "export --output": lambda it, one, base, disk: it.export(one, output=disk / "all.tar"),
    "save": lambda it, one, base, disk: it.save(base, "faults:mine", output=disk / "image.tar"),
    "logs": lambda it, one, base, disk: it.logs("faults-wordy", stdout=disk / "log"),
    "volume.backup": lambda it, one, base, disk: it.volume.backup("faults-mine", disk / "v.tar"),
    "volume.to_bind": lambda it, one, base, disk: it.volume.to_bind("faults-mine", disk),
}


@pytest.fixture
def full(engine: Engine) -> Iterator[Maker]:
    """A container, a volume, an image and a log with 8 MB each."""
    one = Maker(engine)
    fill = "dd if=/dev/urandom of=/d/big bs=1M count=8 2>/dev/null"
    one.client.volume.create("faults-mine")
    one.client.run(engine.base, "sh", "-c", fill, rm=True, volume="faults-mine:/d")
    yield one
    one.dies()


@pytest.mark.parametrize("name", TO)
def test_of_the_target(engine: Engine, full: Maker, tell: Tell, disk: Path, name: str) -> None:
    row = tell(TARGET, f"`{name}`")
    it = full.client
    one = it.create(engine.base, "true")
    one.put_archive("/", tar(8_000_000))
    if name == "save":
        it.commit(one, "faults:mine", change=[f"LABEL dockcli.owner={full.owner}"])
    if name == "logs":
        spew = "yes 0123456789012345678901234567890123456789 | head -n 200000"
        it.run(engine.base, "sh", "-c", spew, name="faults-wordy", detach=True).wait()
    with row.fails(DockcliError, within=SOON):
        TO[name](it, one, engine.base, disk)
    assert says_why(row.error)
    row.left(", ".join(sorted(left(disk))) or "nothing")
    full.cleaned(unlabelled="`docker image rm`, for its name is the user's")


def left(disk: Path) -> list[str]:
    return [f"`{path.name}` in the target folder: its owner" for path in disk.iterdir()]


SECRETS = "/dev/null"  # an env file
NEEDS_ROOM: dict[str, Callable[[Any, Any, str], Any]] = {
    "run, for the container's id": lambda it, one, base: it.run(base, "true"),
    "build, for the image's id": lambda it, one, base: it.build("-", stdin=f"FROM {base}\n"),
    "put_archive of an iterator": lambda it, one, base: one.put_archive(
        "/", iter([tar(4_000_000)])
    ),
    "volume.backup": lambda it, one, base: it.volume.backup(
        "faults-mine", io.BytesIO(), compression="none"
    ),
    "run, with secrets": lambda it, one, base: it.run(
        base, "true", env={"TOKEN": Secret("hush-hush")}, env_file=SECRETS
    ),
    "write_text of a secret": lambda it, one, base: one.write_text(
        "/run/secret", "hush-hush", mode=0o600
    ),
    "volume.clone": lambda it, one, base: it.volume.clone("faults-mine", "faults-clone"),
    "volume.extract of a pipe": lambda it, one, base: it.volume.extract(
        Pipe(tar(4_000_000)), "big", io.BytesIO()
    ),
}


class Pipe:
    """What can be read once."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def fill(disk: Path, by: str) -> None:
    """Until nothing more goes."""
    with suppress(OSError), (disk / "full").open("wb", buffering=0) as file:
        while by == "bytes":
            file.write(bytes(4096))
        for number in range(1000):
            (disk / f"{number}").symlink_to("x")


@pytest.mark.parametrize("by", ["bytes", "inodes"])
@pytest.mark.parametrize("name", NEEDS_ROOM)
def test_of_the_temporary_folder(
    engine: Engine,
    full: Maker,
    tell: Tell,
    disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    by: str,
) -> None:
    row = tell(f"{TEMPORARY} (no more {by})", f"`{name}`")
    it = full.client
    one = it.create(engine.base, "true")
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    monkeypatch.setenv("TMPDIR", str(disk))
    fill(disk, by)
    begun = {path.name for path in disk.iterdir()}
    try:
        with row.fails(DockcliError, within=SOON):
            NEEDS_ROOM[name](it, one, engine.base)
    except pytest.fail.Exception:
        row.gives("its answer: it needs no room there", 0.0)
    assert "hush-hush" not in str(row.error)
    assert not any(b"hush" in path.read_bytes() for path in disk.rglob("*") if path.is_file())
    more = {path.name for path in disk.iterdir()} - begun
    assert not {one for one in more if not one.startswith("docker-build-")}, "docker's own"
    monkeypatch.undo()
    row.left(full.cleaned())


@pytest.mark.parametrize("by", ["bytes", "inodes"])
@pytest.mark.parametrize("name", ["isolation", "image_layers", "volume_lifecycle", "bind_mount"])
def test_of_the_temporary_folder_of_a_recipe(
    engine: Engine, tell: Tell, disk: Path, monkeypatch: pytest.MonkeyPatch, name: str, by: str
) -> None:
    """What it has made until then is gone: it is its own owner, and lives on."""
    row = tell(f"{TEMPORARY} (no more {by})", f"the recipe `{name}`")
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    monkeypatch.setenv("TMPDIR", str(disk))
    fill(disk, by)
    begun = {path.name for path in disk.iterdir()}
    try:
        with row.fails(DockcliError, within=SOON):
            perform(recipe(name), engine.client, Wishes())
    except pytest.fail.Exception:
        row.gives("its answer: it needs no room there", 0.0)
    more = {path.name for path in disk.iterdir()} - begun
    assert not {one for one in more if not one.startswith("docker-build-")}, "docker's own"
    assert not engine.more()
    row.left("nothing")
