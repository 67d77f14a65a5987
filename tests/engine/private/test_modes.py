"""What a private engine keeps can be changed by root alone, whatever the umask was."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from dockcli.doctor import examine
from dockcli.engine.private import Private


def test_an_engine_that_is_started_with_no_umask(
    start: Callable[[], Private], state_home: Path, folder: Path
) -> None:
    before = os.umask(0)
    try:
        start()
    finally:
        os.umask(before)
    ours = [state_home / "dockcli", folder, folder / "run", *folder.glob("*.*")]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in ours}
    assert modes == {
        "dockcli": 0o711,
        "engine": 0o711,
        "run": 0o711,
        "record.json": 0o600,
        "daemon.json": 0o600,
        "key.json": 0o600,
        "dockerd.log": 0o640,
    }
    writable = [path for path in folder.glob("run/*") if path.stat().st_mode & stat.S_IWOTH]
    assert writable == []
    assert "state-folder-writable" not in {one.id for one in examine()}
