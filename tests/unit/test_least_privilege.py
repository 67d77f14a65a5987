"""What dockcli makes for itself is its user's alone, whatever the umask; it takes no more rights
than it is given."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker, owner, state
from dockcli.data import undertaking
from dockcli.doctor import examine
from dockcli.engine import layout, private, programs
from dockcli.engine import record as records
from dockcli.errors import NoEngine, PermissionDenied
from dockcli.recipes import isolation, share
from tests.unit.fake import FakeDocker


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """A shell whose umask lets everybody do everything."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "not" / "there" / "yet"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home


def modes(top: Path) -> dict[str, int]:
    """The mode of all that is below *top*, by its path from there."""
    found = {}
    for path in sorted(top.rglob("*")):
        found[str(path.relative_to(top))] = stat.S_IMODE(path.lstat().st_mode)
    return found


def test_folders_of_the_state_are_this_users(home: Path, tmp_path: Path) -> None:
    state.make_folder(f"{state.state_folder()}/one")
    state.make_folder(f"{state.state_folder()}/one")
    state.make_folder(f"{state.state_folder()}/two", 0o711)
    assert modes(tmp_path) == {
        "not": 0o711,
        "not/there": 0o711,
        "not/there/yet": 0o711,
        "not/there/yet/dockcli": 0o711,
        "not/there/yet/dockcli/one": 0o700,
        "not/there/yet/dockcli/two": 0o711,
    }
    (home / "dockcli" / "file").touch()
    with pytest.raises(FileExistsError):
        state.make_folder(f"{state.state_folder()}/file")


def test_what_is_undertaken_is_read_by_nobody_else(home: Path, client: Docker) -> None:
    with undertaking.begin(client, "backup", volume="v", part="/none"):
        ((folder, mode), (record, private)) = list(modes(home / "dockcli").items())
        assert (mode, private) == (0o700, 0o600)
        assert record.startswith(f"{folder}/backup-")


def test_the_engines_record_is_changed_by_nobody_else(home: Path) -> None:
    place = layout.here()
    place.make()
    records.write(place, records.Record("unix:///x", "b", "s", place.exec, []))
    assert stat.S_IMODE(os.stat(place.record).st_mode) == 0o600
    assert {mode for path, mode in modes(home).items() if "record" not in path} == {0o711}


def test_temporary_folders_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert stat.S_IMODE(os.stat(owner.temporary_folder()).st_mode) == 0o700


def test_what_docker_writes_an_id_to_is_closed(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[int] = []
    remove = os.rmdir

    def look(path: str, **more: int) -> None:
        seen.append(stat.S_IMODE(os.stat(path, **more).st_mode))
        remove(path, **more)

    monkeypatch.setattr(os, "rmdir", look)
    client.run("alpine", "true", deadline=5)
    assert seen == [0o700]


VERBS: dict[str, Callable[[Docker], object]] = {
    "run": lambda docker: docker.run("alpine", "true", deadline=5),
    "ls": lambda docker: docker.ps(),
    "exec": lambda docker: docker.exec("web", "true"),
    "cp": lambda docker: docker.cp("web:/a", "/none/b"),
    "build": lambda docker: docker.build("-", stdin="FROM x"),
    "backup": lambda docker: docker.volume.backup("v", "/tmp/none-such-archive.tar"),
    "data": lambda docker: docker.container.data("web"),
    "recipe": lambda docker: isolation.run(docker),
}


@pytest.fixture
def denied(fake_docker: FakeDocker) -> FakeDocker:
    """A docker whose engine does not let this user in, and a sudo that would."""
    os.umask(0o022)
    fake_docker.path.chmod(0o755)
    fake_docker.folder.chmod(0o755)
    fake_docker.add("sudo")
    said = b"permission denied while trying to connect to the docker API at unix:///x\n"
    for command, code in (("", 1), ("container run", 125)):
        fake_docker.will(("write", 2, said), ("exit", code), when=command)
    return fake_docker


@pytest.mark.parametrize("verb", VERBS)
def test_no_rights_are_taken_that_were_not_given(
    denied: FakeDocker, client: Docker, verb: str
) -> None:
    with pytest.raises(PermissionDenied):
        VERBS[verb](client)
    assert {call.program for call in denied.calls} == {"docker"}


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        (lambda: share._make_sure_of_programs(str), "which only root can install: sudo apt-get"),
        (lambda: private.start(str), "only root can start a private engine: sudo dockcli"),
        (lambda: private.stop(str), "only root can stop a private engine: sudo dockcli"),
    ],
    ids=["demo share", "engine start", "engine stop"],
)
def test_what_needs_root_says_why(
    home: Path, monkeypatch: pytest.MonkeyPatch, need: Callable[[], object], reason: str
) -> None:
    layout.here().make()
    for name in ("getuid", "geteuid"):
        monkeypatch.setattr(os, name, lambda: 1000)
    monkeypatch.setattr(programs, "find", lambda name: None)
    with pytest.raises(NoEngine, match=reason):
        need()


def test_the_doctor_takes_no_rights_either(denied: FakeDocker) -> None:
    assert "engine-unreachable" in {one.id for one in examine()}
    assert {call.program for call in denied.calls} == {"docker"}
