"""Who is provably dead: nobody who only cannot be seen (P8)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockcli import owner

PACKAGES = Path(owner.__file__).parent.parent
NOBODY = 65534
# Another user's look, who need not be able to read what Python is made of.
LOOK = f"""
import os, sys
from dockcli.owner import Owner, current
its = Owner.parse(sys.argv[1])
current()
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
print(its.is_dead())
"""
# A /proc that shows each user their own processes alone.
HIDDEN = 'mount -t proc -o hidepid=2 proc /proc || exit 77; exec "$@"'


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def owned_by(pid: int) -> owner.Owner:
    return owner._of(pid)


def test_a_process_that_is_there_is_not_dead_and_one_that_is_gone_is(
    child: subprocess.Popen[bytes],
) -> None:
    mine, its = owned_by(os.getpid()), owned_by(child.pid)
    assert not mine.is_dead()
    assert not its.is_dead()
    assert its._replace(start="1").is_dead()  # its number is another's now
    child.kill()
    child.wait()
    assert its.is_dead()
    assert its._replace(pid=1 << 70).is_dead()


def test_one_that_the_system_does_not_show_is_not_dead(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    its, read = owned_by(child.pid), owner._read
    folder = f"dockcli-{its.boot[:8]}-{its.space}-{its.pid}-{its.start}-x"
    monkeypatch.setattr(
        owner, "_read", lambda path: "" if path == f"/proc/{child.pid}/stat" else read(path)
    )
    assert not its.is_dead()
    kept = Path(tempfile.gettempdir(), folder)
    kept.mkdir()
    try:
        assert str(kept) not in owner.remove_dead_folders()
        child.kill()
        child.wait()
        assert its.is_dead()
        assert str(kept) in owner.remove_dead_folders()
    finally:
        shutil.rmtree(kept, ignore_errors=True)


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="another /proc is for root alone",
)
def test_a_user_s_process_in_a_proc_that_hides_it_from_others_is_not_dead(
    child: subprocess.Popen[bytes],
) -> None:
    words = ["unshare", "--mount", "sh", "-c", HIDDEN, "sh", sys.executable, "-c", LOOK]
    done = subprocess.run(
        [*words, str(owned_by(child.pid))],
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("no /proc can be mounted here")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_no_program_out_of_path_says_who_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ps").write_text("#!/bin/sh\necho 1 evil\n")
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for path in (str(tmp_path), ".", "", f":{tmp_path}"):
        monkeypatch.setenv("PATH", path)
        assert "evil" not in owner.asked("ps", "-axww", "-o", "pid=,command=")
    assert owner.asked("no-such-program") == ""
