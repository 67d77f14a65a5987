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


def pytest_configure(config: pytest.Config) -> None:
    """A worker has a temporary folder and a state, and so a private engine, of its own."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        folder = Path(tempfile.gettempdir(), worker)
        folder.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
    elif page := config.getoption("--soak-table"):
        from tests.soak.table import SoakTable

        config.pluginmanager.register(SoakTable(config.rootpath / page))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--each-value-once",
        action="store_true",
        help="of a test with several parameters not each combination, but each value of each",
    )
    parser.addoption(
        "--every-cli",
        action="store_true",
        help="the tests of data and recipes by each CLI, not each by one of them in turn",
    )
    parser.addoption("--soak-table", help="write what came of each test to this page")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--each-value-once"):
        seen: set[tuple[object, ...]] = set()
        leave_out(config, items, [one for one in items if not has_a_new_value(one, seen)])


def has_a_new_value(item: pytest.Item, seen: set[tuple[object, ...]]) -> bool:
    """Whether a parameter of *item* has a value that was not *seen* of the same test."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    test = item.nodeid.partition("[")[0]
    values = {(test, name, id(value)) for name, value in given.items()}  # each is one object
    new = not values or not values <= seen
    seen |= values
    return new


def leave_out(config: pytest.Config, items: list[pytest.Item], unwanted: list[pytest.Item]) -> None:
    """Take the *unwanted* from the *items* that were collected."""
    others = set(unwanted)
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if item not in others]


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
