"""No room on this machine: no descriptor, no temporary folder."""

from __future__ import annotations

import errno
import os
import pickle
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockcli import Docker, owner
from dockcli.errors import NoRoom, Refused
from dockcli.recipes.transcript import Transcript
from dockcli.runner import LocalRunner
from dockcli.spool import Spool
from tests.unit.fake import FakeDocker


@pytest.fixture
def few(fake_docker: FakeDocker) -> Iterator[None]:
    """This process has so many files open as it may, and has loaded all that it needs."""
    Docker().run("alpine", "true")
    list(Docker().call.container.logs("web").stream())
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    files: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
    try:
        while True:
            try:
                files.append(os.open("/dev/null", os.O_RDONLY))
            except OSError:
                break
        yield
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize("live", [False, True], ids=["answer", "stream"])
def test_no_descriptor_for_a_call(fake_docker: FakeDocker, few: None, live: bool) -> None:
    docker = Docker()
    with pytest.raises(Refused, match=r"Too many open files.*ulimit"):
        docker.call.container.logs("web").stream() if live else docker.logs("web")


def test_a_call_without_descriptors_leaves_no_folder(
    fake_docker: FakeDocker, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(prefix: str) -> str:
        made.append(f"{fake_docker.folder}/{prefix}x")
        os.mkdir(made[-1])
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make)
    with pytest.raises(Refused):
        Docker().run("alpine", "true")
    assert made
    assert not os.path.exists(made[0])


def test_a_living_owner_does_not_look_dead(few: None) -> None:
    other = owner.Owner(*owner.current()[:3], os.getppid(), "1")
    with pytest.raises(NoRoom, match="Too many open files"):
        other.is_dead()


def test_no_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    for make in (owner.temporary_folder, Spool):
        with pytest.raises(NoRoom, match=r"none.*TMPDIR") as raised:
            make()
        assert raised.value.errno == errno.ENOENT
        again = pickle.loads(pickle.dumps(raised.value))
        assert (str(again), again.errno) == (str(raised.value), errno.ENOENT)


def test_a_full_spool(monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "w+b", buffering=0)  # noqa: SIM115 - the spool closes it
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
    with Spool() as spool, pytest.raises(NoRoom, match="No space left"):
        spool.write(b"x")
    assert full.closed


@pytest.mark.parametrize("call", ["container.ls()", "ps()", "info()", "context.ls()", "call.run"])
def test_no_descriptor_at_the_very_first_call(call: str) -> None:
    """What dockcli loads only then is in files too."""
    program = f"""
import os, resource
from dockcli import Docker, errors
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
files = []
try:
    while True:
        files.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
try:
    Docker("/bin/true").{call}
except errors.Refused as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    assert b"Too many open files" in done.stdout


def test_a_file_of_a_recipe_that_finds_no_room(tmp_path: Path) -> None:
    full = tmp_path / "Dockerfile"
    full.symlink_to("/dev/full")
    transcript = Transcript(LocalRunner("docker"), lambda step: None, rehearsing=False)
    with pytest.raises(NoRoom, match="No space left on device"):
        transcript.file(str(full), "FROM alpine\n")
    assert transcript.steps == []
