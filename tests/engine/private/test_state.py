"""Where the state is, and what a machine without a private engine pays for asking."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dockcli import state


@pytest.fixture
def record(state_home: Path) -> Path:
    path = state_home / "dockcli" / "engine" / "record.json"
    path.parent.mkdir(parents=True)
    return path


def test_the_folder_is_the_specifications(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert state.state_folder() == "/home/somebody/.local/state/dockcli"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert state.state_folder() == "/home/somebody/.local/state/dockcli"
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert state.state_folder() == "/state/dockcli"


def test_a_user_without_a_home_does_not_get_the_working_directory(monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(state.os.path, "expanduser", lambda path: path)
    assert state.state_folder() == "/.local/state/dockcli"


def test_an_engine_that_listens_is_found(record, state_home):
    host = f"unix://{state_home}/sock"
    record.write_text(json.dumps({"host": host}))
    assert state.private_host() is None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{state_home}/sock")
        assert state.private_host() is None
        server.listen()
        assert state.private_host() == host
    assert state.private_host() is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"host": 1}', '{"host": "a\\u0000b"}']
)
def test_a_record_that_cannot_be_read_is_none(text, record):
    record.write_text(text)
    assert state.private_host() is None


def test_without_a_record_nothing_is_imported(state_home):
    code = (
        "import sys; from dockcli import state; before = set(sys.modules)\n"
        "assert state.private_host() is None; print(sorted(set(sys.modules) - before))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
