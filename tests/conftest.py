"""What all tests share: their helpers can be imported, however they are run; Ctrl-C acts; several
workers (pytest-xdist) do not see each other."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def pytest_configure() -> None:
    """A worker has a temporary folder and a state, and so a private engine, of its own."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        folder = Path(tempfile.gettempdir(), worker)
        folder.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")


def pytest_collection_finish() -> None:
    """Many tests look whether a cycle keeps something open, and so let the collector go through all
    there is: not each time through ten thousand tests that wait for their turn."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def signals_act() -> Iterator[None]:
    """A shell that starts the tests in the background has its children ignore Ctrl-C, and `nohup`
    the end of the terminal."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    ignored = [one for one in usual if signal.getsignal(one) is signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, usual[one])
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)
