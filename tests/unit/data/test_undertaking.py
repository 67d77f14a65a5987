"""Undertakings: written down before they begin, undone after an error, taken over after a death."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import stat
import subprocess
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.data import undertaking
from dockcli.errors import DockcliError, Refused


class Recovery:
    """Stands for the module of a kind: what it was asked to recover, and whether it can."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.fails = False

    def recover(self, client: Docker, facts: Mapping[str, Any]) -> str:
        self.asked.append((client.binary, dict(facts)))
        if self.fails:
            raise DockcliError("no engine")
        return "recovered"


@pytest.fixture
def recovery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Recovery:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    recovery = Recovery()
    module = types.ModuleType("recovery_of_tests")
    module.recover = recovery.recover  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "recovery_of_tests", module)
    monkeypatch.setitem(undertaking.RECOVERY, "test", "recovery_of_tests")
    return recovery


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "dockcli" / "undertakings").glob("*"))


def test_one_that_ends_well_leaves_nothing(recovery: Recovery, tmp_path: Path) -> None:
    with undertaking.begin(Docker("podman"), "test", volume="data") as record:
        (file,) = files(tmp_path)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        record.note(step="commit")
        assert json.loads(file.read_text())["facts"] == {"volume": "data", "step": "commit"}
        assert [one.runs for one in undertaking.unfinished()] == [True]
        assert undertaking.recover_all() == ([], [])
    assert files(tmp_path) == []
    assert recovery.asked == []


def interrupted(record: undertaking.Record) -> None:
    record.note(step="commit")
    raise KeyboardInterrupt


def test_an_error_undoes_it_at_once(recovery: Recovery, tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        undertaking.begin(Docker("podman"), "test", volume="data") as record,
    ):
        interrupted(record)
    assert recovery.asked == [("podman", {"volume": "data", "step": "commit"})]
    assert files(tmp_path) == []


def test_what_cannot_be_undone_stays_for_the_next(
    recovery: Recovery, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recovery.fails = True
    with (
        caplog.at_level(logging.WARNING, "dockcli"),
        pytest.raises(ValueError, match="first"),
        undertaking.begin(Docker(), "test", volume="data"),
    ):
        raise ValueError("first")
    assert "test of data: no engine" in caplog.text
    assert [one.runs for one in undertaking.unfinished()] == [False]
    assert undertaking.recover_all() == ([], ["test of data: no engine"])
    recovery.fails = False
    assert undertaking.recover_all() == (["recovered"], [])
    assert files(tmp_path) == []


_BEGIN = """
import os, sys
from dockcli import Docker
from dockcli.data import undertaking
client = Docker("podman", host="unix:///x", env={"DOCKER_TLS": "", "TOKEN": "c4nary"},
                labels={"a": "b"}, config=__import__("pathlib").Path("/etc/c"))
with undertaking.begin(client, "users", volume="data"):
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_taken_over_once(
    recovery: Recovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(undertaking.RECOVERY, "users", "recovery_of_tests")
    done = subprocess.run([sys.executable, "-c", _BEGIN], check=False)
    assert done.returncode == -9
    (file,) = files(tmp_path)
    held = json.loads(file.read_text())
    assert held["client"]["host"] == "unix:///x"
    assert held["client"]["env"] == {"DOCKER_TLS": ""}
    assert "c4nary" not in file.read_text()
    with open(file, "rb") as other:  # another process is at it
        fcntl.flock(other, fcntl.LOCK_EX)
        assert undertaking.recover_all() == ([], [])
    assert undertaking.recover_all() == (["recovered"], [])
    assert recovery.asked == [("podman", {"volume": "data"})]
    assert files(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", '{"kind": []}', '{"kind": "of tomorrow"}', "{", "null"])
def test_what_is_no_record_is_left_alone(recovery: Recovery, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "dockcli" / "undertakings"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(text)
    (folder / "x.json.new").write_text("half")
    assert undertaking.recover_all() == ([], [])
    assert undertaking.unfinished() == []
    assert len(os.listdir(folder)) == 2


def test_without_a_state_folder_there_is_nothing(recovery: Recovery) -> None:
    assert undertaking.recover_all() == ([], [])
    assert undertaking.unfinished() == []


def test_without_a_place_to_write_it_down_nothing_is_begun(
    recovery: Recovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with (
        pytest.raises(Refused, match="XDG_STATE_HOME"),
        undertaking.begin(Docker(), "test", volume="data"),
    ):
        pytest.fail("it was begun")
    assert recovery.asked == []
