"""What is counted on this machine's disk, and that it is this machine's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from dockcli.data.survey import disk
from dockcli.data.survey.disk import Counted, Disk
from dockcli.models.system import Info


def raw(root: Path, **changes: Any) -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    same = {"Name": os.uname().nodename, "KernelVersion": os.uname().release, "MemTotal": memory}
    return {**same, "DockerRootDir": str(root), **changes}


def of(root: Path, seconds: float = 60, **changes: Any) -> Disk:
    return Disk(Info.parse(raw(root, **changes)), seconds)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Name": "other"},
        {"KernelVersion": "6.1.0-other"},
        {"MemTotal": 4096},
        {"DockerRootDir": "/nowhere/docker"},
    ],
)
def test_it_is_this_machine_only_if_all_agrees(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    here = of(tmp_path, **changes)
    assert here.here is not bool(changes)
    assert here.count(str(tmp_path)) == (None if changes else Counted(5, 1))
    assert (here.files(str(tmp_path)) is None) is bool(changes)
    assert bool(here.filesystem(str(tmp_path))) is not bool(changes)


def test_podman_tells_it_in_its_own_words(tmp_path: Path) -> None:
    told = raw(tmp_path)
    host = {"hostname": told["Name"], "kernel": told["KernelVersion"], "memTotal": told["MemTotal"]}
    assert Disk(Info.parse({"host": host, "store": {"graphRoot": str(tmp_path)}}), 1).here


def test_links_count_once_and_lead_nowhere(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (outside / "big").write_bytes(bytes(10000))
    (inside / "sub").mkdir(parents=True)
    (inside / "a").write_bytes(b"123")
    os.link(inside / "a", inside / "sub" / "b")
    (inside / "l").symlink_to("../outside")
    assert of(tmp_path).count(str(inside)) == Counted(3 + len("../outside"), 3)


def test_a_file_is_counted_too_and_an_empty_folder_is_empty(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12")
    (tmp_path / "e" / "e").mkdir(parents=True)
    assert of(tmp_path).count(str(tmp_path / "f")) == Counted(2, 1)
    assert of(tmp_path).count(str(tmp_path / "e")) == Counted(0, 0)


def test_what_is_not_there_or_takes_too_long_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12")
    assert of(tmp_path).count(str(tmp_path / "none")) is None
    assert of(tmp_path).count("") is None
    late = of(tmp_path, seconds=-1)
    assert late.count(str(tmp_path)) is None
    assert late.files(str(tmp_path)) is None


def test_a_folder_is_walked_once_however_many_have_it(tmp_path: Path) -> None:
    one = of(tmp_path)
    assert one.count(str(tmp_path)) == Counted(0, 0)
    (tmp_path / "f").write_bytes(b"12")
    assert one.count(str(tmp_path)) == Counted(0, 0)


def test_a_folder_that_may_not_be_read_has_no_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").mkdir()
    scan = os.scandir

    def refusing(path: str) -> Any:
        if path.endswith("secret"):
            raise PermissionError(path)
        return scan(path)

    monkeypatch.setattr(disk.os, "scandir", refusing)
    assert of(tmp_path).count(str(tmp_path)) is None


def test_the_file_system_is_that_of_the_innermost_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = [("/", "ext4"), ("/srv", "nfs4"), ("/srv/a", "ext4"), ("/srv", "fuse.sshfs")]
    monkeypatch.setattr(disk, "_mounts", lambda: mounts)
    here = of(tmp_path)
    found = [here.filesystem(path) for path in ("/srv/x", "/srv/a/b", "/srvx", "/", "relative")]
    assert found == ["fuse.sshfs", "ext4", "ext4", "ext4", ""]


def test_the_kernels_own_list_is_read() -> None:
    assert ("/proc", "proc") in disk._mounts()
