"""A kill at any moment leaves the old tree, the new one, or what the next call brings to either."""

from __future__ import annotations

import io
import os
import random
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from dockcli import Docker
from dockcli.data.helper import container, errors, reclaim_helpers, way_for
from dockcli.data.helper.helper import HelperWay
from dockcli.errors import DockcliError

SEED = random.randrange(1 << 30)
_CHILD = """
import sys, time
from dockcli import Docker
from dockcli.data.helper import way_for
way = way_for(Docker(sys.argv[1]))
data = sys.stdin.buffer.read()
def feed(put):
    put(data[:len(data) // 2])
    print("now", flush=True)
    time.sleep(60)
if sys.argv[2] == "stage":
    way.stage(sys.argv[3], feed)
with way.read(sys.argv[3]) as reading:
    reading.stream.read(1)
    print("now", flush=True)
    time.sleep(60)
"""


def tree(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        root = tarfile.TarInfo("./")
        root.type, root.mode, root.mtime = tarfile.DIRTYPE, 0o755, len(files)
        tar.addfile(root)
        for name, content in files.items():
            one = tarfile.TarInfo(f"./{name}")
            one.size = len(content)
            tar.addfile(one, io.BytesIO(content))
    return buffer.getvalue()


OLD, NEW = tree(same=b"old", old=b"1", gone=b"2"), tree(same=b"new", new=b"3")


@pytest.fixture(scope="module")
def way(docker: Docker) -> HelperWay:
    found = way_for(docker)
    assert isinstance(found, HelperWay)
    return found


@pytest.fixture
def volume(docker: Docker, way: HelperWay, unique: Callable[[str], str]) -> Iterator[str]:
    """A volume with the old tree, and the new one staged."""
    name = unique("v")
    docker.volume.create(name)
    way.stage(name, lambda put: put(OLD) and None)
    way.commit(name)
    yield name
    docker.volume.rm(name)


Tree = dict[str, tuple[object, ...]]


def held(data: bytes) -> Tree:
    """What a tar holds, without its root's time: that is given last, and a kill in the instant
    before leaves it."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {
            one.name: (
                *(one.mode, one.uid, one.gid, one.name == "." or one.mtime),
                tar.extractfile(one).read() if one.isreg() else b"",  # type: ignore[union-attr]
            )
            for one in tar
        }


def now_in(way: HelperWay, volume: str) -> Tree:
    with way.read(volume) as reading:
        return held(reading.stream.readall() or b"")


def stage(way: HelperWay, volume: str) -> tuple[Tree, Tree]:
    """The old tree, and the new one, which is staged then."""
    way.stage(volume, lambda put: put(NEW) and None)
    return held(OLD), held(NEW)


def cuts(script: str) -> list[str]:
    """*script* ended at each of its steps in turn, as a kill would end it."""
    text = container._text(script)
    places = [
        match.end() for match in re.finditer(r"(?<!\|)\|\| return 1|&&|^(?=move )", text, re.M)
    ]
    return [
        f"{text[:at]} exit 99 && {text[at:]}" for at in places if not text[at:].startswith(" [")
    ]


def test_a_commit_that_is_cut_off_anywhere_is_finished_or_taken_back(
    docker: Docker, way: HelperWay, volume: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_ends(way, volume, "commit", random.Random(SEED).sample(cuts("commit"), 2), monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("script", ["commit", "roll-back"])
def test_whichever_is_cut_off_at_whatever_step(
    docker: Docker, way: HelperWay, volume: str, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    both_ends(way, volume, script, cuts(script), monkeypatch)


def both_ends(
    way: HelperWay,
    volume: str,
    script: str,
    texts: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = container._text
    for number, text in enumerate(texts):
        for finish in (way.commit, way.roll_back):
            where = f"seed {SEED}, cut {number}, then {finish.__name__}:\n{text}"
            old, new = stage(way, volume)
            if script == "roll-back":  # from the middle of a commit, where there is most to do
                halfway = whole("commit").replace('like "$mark/new" .', "exit 99", 1)
                cut(way, volume, "commit", halfway, monkeypatch)
            cut(way, volume, script, text, monkeypatch)
            state = way.state(volume)
            try:
                finish(volume)
            except (errors.NothingStaged, errors.VolumeUnfinished):
                # it is beyond: what was taken back cannot be committed, nor the other way round
                (way.roll_back if finish == way.commit else way.commit)(volume)
            assert way.state(volume) == "clean", where
            now = now_in(way, volume)
            assert now in (old, new), where
            if state == "clean":
                assert now == (new if script == "commit" else old), where
            way.stage(volume, lambda put: put(OLD) and None)
            way.commit(volume)
            assert now_in(way, volume) == old, where


def cut(
    way: HelperWay, volume: str, script: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = container._text
    with monkeypatch.context() as patch:
        patch.setattr(container, "_text", lambda name: text if name == script else whole(name))
        with suppress(DockcliError):
            way._write(volume, script)


@pytest.mark.parametrize("times", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_a_helper_that_is_killed_leaves_what_can_be_finished(
    docker: Docker, way: HelperWay, volume: str, times: int
) -> None:
    chance = random.Random(SEED)
    for _ in range(times):
        old, new = stage(way, volume)

        def commit() -> None:
            with suppress(DockcliError):
                way.commit(volume)

        thread = threading.Thread(target=commit)
        thread.start()
        time.sleep(chance.uniform(0.1, 0.5))
        mine = {"label": f"{container.VOLUME_LABEL}={volume}"}
        for one in docker.container.ls(filter=mine):
            with suppress(DockcliError):
                docker.container.kill(one.id)
        thread.join()
        if way.state(volume) == "clean":
            assert now_in(way, volume) == new
        elif chance.random() < 0.5:
            way.commit(volume)
            assert now_in(way, volume) == new
        else:
            try:
                way.roll_back(volume)
                assert now_in(way, volume) == old
            except errors.VolumeUnfinished:
                way.commit(volume)
        assert way.state(volume) == "clean"
        way.stage(volume, lambda put: put(OLD) and None)
        way.commit(volume)


@pytest.mark.parametrize("what", ["stage", "read"])
def test_a_client_that_is_killed_leaves_the_volume_as_it_was(
    docker: Docker, way: HelperWay, volume: str, environment: dict[str, str], what: str
) -> None:
    before = way.digest(volume)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, docker.binary, what, volume],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(tree(big=os.urandom(2 << 20)))
    child.stdin.close()
    assert child.stdout.readline() == b"now\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    way.roll_back(volume)
    assert way.state(volume) == "clean"
    assert way.digest(volume) == before
    reclaim_helpers(docker)
    from dockcli.owner import remove_dead_folders

    remove_dead_folders()  # as `dockcli clean` does


def test_a_docker_process_that_dies_while_a_volume_is_read_is_an_error(
    docker: Docker, way: HelperWay, volume: str
) -> None:
    way.stage(volume, lambda put: put(tree(big=os.urandom(4 << 20))) and None)
    way.commit(volume)
    for fifo in (True, False):
        kind = HelperWay(docker, way.image, fifo=fifo)
        with kind.read(volume) as reading:
            reading.stream.read(1)
            found = subprocess.run(
                ["pgrep", "-f", "--", f"--name={reading._helping.helper.name}"],
                capture_output=True, check=True,
            )  # fmt: skip
            os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
            with pytest.raises(DockcliError):
                reading.finish()
