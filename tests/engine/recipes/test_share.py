"""A network share is found in the mount table; one that is made goes again, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dockcli import Docker
from dockcli.engine import apt, programs
from dockcli.recipes import share
from dockcli.recipes.share import Mount, NoShare
from dockcli.recipes.stage import Wishes

TABLE = r"""
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
36 27 0:39 / /mnt/team\040share rw,nosuid shared:5 - nfs4 server:/export rw,vers=4.2
37 36 0:40 /sub /mnt/team\040share/sub rw - tmpfs tmpfs rw
38 27 0:41 / /mnt/cifs rw - cifs //server/x rw
"""


@pytest.fixture(autouse=True)
def private_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def made_up_stage(folder: Path, said: list[str] | None = None) -> Any:
    """As much of a stage as a share needs."""
    note = (said if said is not None else []).append
    return SimpleNamespace(
        folder=str(folder), later=ExitStack(), note=note, wishes=Wishes(demo_share=True)
    )


def traces(folder: Path) -> list[str]:
    """What of a share below *folder* is still mounted or runs."""
    mounted = [one.point for one in share.here() if one.point.startswith(str(folder))]
    running = []
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = words.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and ("sshd" in line or "sshfs" in line or "ssh " in line):
            running.append(line)
    return mounted + running


def test_the_deepest_mount_counts_and_blanks_are_read() -> None:
    table = share.mounts(TABLE)
    found = {
        path: share.mount_of(path, table)
        for path in ("/mnt/team share/x", "/mnt/team share/sub/x", "/mnt/cifs", "/mnt/cifsx", "/")
    }
    kinds = {path: mount.kind for path, mount in found.items() if mount}
    assert list(kinds.values()) == ["nfs4", "tmpfs", "cifs", "ext4", "ext4"]
    remote = {path for path, mount in found.items() if mount and mount.remote}
    assert remote == {"/mnt/team share/x", "/mnt/cifs"}


def test_of_two_mounts_at_one_place_the_last_is_seen() -> None:
    first, last = (Mount("/x", "0:1", "/", kind, "", "") for kind in ("nfs", "ext4"))
    assert share.mount_of("/x/file", [first, last]) is last
    assert share.mount_of("/x/file", []) is None


def test_a_share_is_made_and_taken_down(tmp_path: Path) -> None:
    before = os.path.isdir("/run/sshd")
    stage = made_up_stage(tmp_path)
    with stage.later:
        try:
            found = share.find(stage)
        except NoShare as error:
            pytest.skip(str(error))
        assert found.mount.kind == "fuse.sshfs"
        assert found.served is not None
        assert os.path.isdir("/run/sshd") is before
        Path(found.folder, "file").write_text("over the network")
        assert Path(found.served, "file").read_text() == "over the network"
        assert traces(tmp_path)
    gone(tmp_path)


def gone(folder: Path) -> None:
    until = time.monotonic() + 5
    while (left := traces(folder)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left


def test_where_it_cannot_be_made_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "find", lambda name: None)
    monkeypatch.setattr(apt, "available", lambda: False)
    stage = made_up_stage(tmp_path)
    with stage.later, pytest.raises(NoShare, match="and no apt-get that could"):
        share.find(stage)


def test_packages_are_installed_after_it_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where a service manager would start the system's own server, that one is held back."""
    did: list[Any] = []
    (tmp_path / "systemd").mkdir()
    monkeypatch.setattr(share, "_SYSTEMD", str(tmp_path / "systemd"))
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(programs, "find", lambda name: "/bin/x" if name == "ssh" else None)
    monkeypatch.setattr(programs, "run", lambda *words: did.append(words))
    monkeypatch.setattr(apt, "available", lambda: True)
    monkeypatch.setattr(apt, "install", lambda packages, note: did.append(tuple(packages)))
    said: list[str] = []
    share._make_sure_of_programs(said.append)
    mask = ("systemctl", "mask", "ssh.service", "ssh.socket")
    assert did == [mask, ("openssh-server", "sshfs")]
    assert "masking ssh.service" in said[0]


def test_a_server_that_does_not_start_is_no_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share._Demo, "_config", lambda *_: "NoSuchOption yes\n")
    stage = made_up_stage(tmp_path)
    if programs.find("sshd") is None or programs.find("sshfs") is None:
        pytest.skip("sshd and sshfs")
    with stage.later, pytest.raises(NoShare, match=r"sshd: .*bad configuration"):
        share.find(stage)
    gone(tmp_path)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_takes_it_down(
    docker: Docker,
    base: str,
    environment: dict[str, str],
    unique: Callable[[str], str],
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    environment = {**environment, "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "dockcli.recipes.filesystem", "--demo-share"]
    process = subprocess.Popen(
        [*words, "--prefix", unique("fs")],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            if line.startswith("demo share: "):
                break
        else:
            pytest.skip("no share can be made here")
        assert traces(tmp_path)
        process.send_signal(how)
        process.stderr.read()
    gone(tmp_path)
    if how is signal.SIGKILL:  # what it had made on the engine is the next run's to remove
        clean = [sys.executable, "-m", "dockcli.cli", "clean"]
        subprocess.run(clean, env=environment, check=True, capture_output=True)
    else:
        assert process.returncode == 128 + how
