"""Whichever way a call is run, a secret is in nothing that is seen of it: every source, way and
sink (promise P5)."""

from __future__ import annotations

import io
import logging
import os
import pickle
import traceback
from typing import Any

import pytest
from plumbum import local
from plumbum.commands.processes import ProcessExecutionError
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from dockcli import Docker, Secret, errors
from dockcli.call import Call
from tests.unit.fake import FakeDocker
from tests.unit.test_deadline import interrupted
from tests.unit.test_secret import (  # noqa: F401 - a fixture that each test has
    CANARY,
    SOURCES,
    Source,
    assert_hidden,
    forms,
    leaks,
    with_plugins,
)
from tests.unit.ways import WAYS


def piped(call: Call[Any]) -> Any:
    return (call.plumbum() | local["cat"]).run()


def into_a_file(call: Call[Any]) -> Any:
    return (call.plumbum() > "/dev/null")()


def talked_to(call: Call[Any]) -> Any:
    with call.terminal() as talk:
        talk.expect("never", deadline=20)


RUN = {**WAYS, "terminal": talked_to, "pipeline": piped, "plumbum into a file": into_a_file}
# Whose local variables hold what docker has said: plumbum's, and a loop's that was given it.
WITH_FRAMES_OF_OTHERS = ("plumbum into a file", "async stream")
BY_PLUMBUM = ("plumbum", "pipeline", "plumbum into a file")
CASES = [
    (name, way)
    for name, source in SOURCES.items()
    for way in RUN
    # plumbum and terminals have a stdin of their own
    if not (source.by_stdin and way in (*BY_PLUMBUM, "terminal"))
]


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[Source, str]:
    name, way = request.param
    return SOURCES[name], way


def displayed(error: BaseException) -> str:
    """What rich shows of it, with the local variables of each frame."""
    out = io.StringIO()
    trace = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
    Console(file=out, width=500).print(trace, pretty_repr(error))
    return out.getvalue()


def test_no_form_of_a_failure_shows_it(
    fake_docker: FakeDocker,
    client: Docker,
    case: tuple[Source, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    source, way = case
    fake_docker.will(*leaks(source), ("exit", 1))
    call = source.build(client)
    with caplog.at_level(logging.DEBUG, "dockcli"):
        error = failed(call, way)
    assert_hidden(source.canary, str(error), repr(error), error.args, pickle.dumps(error))
    if way not in WITH_FRAMES_OF_OTHERS:
        assert_hidden(source.canary, *forms(error), displayed(error))
    records = [one for one in caplog.records if one.name.startswith("dockcli")]
    assert_hidden(source.canary, *(record.getMessage() for record in records))
    if not source.in_argv:
        assert_hidden(source.canary, *(word for seen in fake_docker.calls for word in seen.argv))


def failed(call: Call[Any], way: str) -> BaseException:
    with pytest.raises((errors.CallError, ProcessExecutionError)) as info:
        RUN[way](call)
    return info.value


@pytest.mark.parametrize("way", [way for way in RUN if way not in BY_PLUMBUM])
def test_no_form_of_an_interruption_shows_it(
    fake_docker: FakeDocker, client: Docker, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of Ctrl-C, whose traceback has the frames of a call that goes on."""
    for name in set(os.environ) - {"PATH", "TMPDIR", "XDG_STATE_HOME"}:
        monkeypatch.delenv(name)  # of many variables rich shows but the first
    fake_docker.will(("sleep", 60), when="container run")
    call = client.call.run("alpine", "id", env={"TOKEN": Secret(CANARY)})
    with pytest.raises(KeyboardInterrupt) as info, interrupted(KeyboardInterrupt, 1.0):
        RUN[way](call)
    error = info.value
    assert_hidden(CANARY, *traceback.format_exception(error), displayed(error))
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert_hidden(CANARY, *shown.format())


@pytest.mark.parametrize("name", [name for name in SOURCES if not SOURCES[name].by_stdin])
def test_no_form_of_a_plumbum_command_shows_it(client: Docker, name: str) -> None:
    source = SOURCES[name]
    command = source.build(client).plumbum()
    joined = command | local["cat"]
    for one in (command, joined, command["more"], command > "x", joined | local["wc"]):
        assert_hidden(source.canary, repr(one), pretty_repr(one))
    assert_hidden(source.canary, str(command), str(joined))


@pytest.mark.parametrize("encoding", ["utf-8", None])
def test_a_pipeline_hides_what_another_program_has_read_of_docker(
    fake_docker: FakeDocker, client: Docker, encoding: str | None
) -> None:
    fake_docker.will(("show", 1, "TOKEN"))
    call = client.call.exec("web", "id", env={"TOKEN": Secret(CANARY)})
    echo = local["sh"]["-c", "cat; exit 3"]
    if encoding is None:
        echo = local["sh"]["-c", "cat >&2; exit 3"]
    with pytest.raises(ProcessExecutionError) as info:
        (call.plumbum() | echo)()
    assert "***" in str(info.value)
    assert_hidden(CANARY, str(info.value), repr(info.value), pickle.dumps(info.value))


def test_handles_clients_and_calls_are_shown_without_it(client: Docker) -> None:
    call = client.call.run("alpine", env={"TOKEN": Secret(CANARY)})
    for one in (call, call.client, call.secrets, call.replace(deadline=1)):
        assert_hidden(CANARY, repr(one), str(one), pretty_repr(one))
