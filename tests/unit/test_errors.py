"""Every error can be sent on, shown and caught, and says what to do next."""

from __future__ import annotations

import copy
import errno
import importlib
import inspect
import multiprocessing
import pickle
import pkgutil
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

import dockcli
from dockcli import errors
from dockcli.completed import Completed
from dockcli.models.container import ContainerInspect
from dockcli.models.line import LogLine

COMPLETED = Completed(
    ("docker", "rm", "a b\n\x1b[31m\udcff"), 126, b"out\xff\0", b"first\nlast \xfe\x1b\n", 1.25
)

STATE = ContainerInspect.parse({"Id": "c0ffee", "State": {"Status": "exited", "ExitCode": 3}})
LINES = (
    LogLine.of("stderr", b"2026-01-02T03:04:05.123456789Z cannot \xff\x1b go on", stamped=True),
)


def classes(base: type[BaseException] = errors.DockcliError) -> Iterator[type[BaseException]]:
    yield base
    for below in base.__subclasses__():
        yield from classes(below)


MANY = ("containers", "lines", "names")  # what is several words in an error about data

for module in pkgutil.walk_packages(dockcli.__path__, "dockcli."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

ALL = sorted(
    {one for one in classes() if one.__module__.startswith("dockcli")}, key=lambda one: one.__name__
)


def one_of(kind: type[BaseException]) -> BaseException:
    """An error with all that its kind can carry."""
    if issubclass(kind, errors.NotSeen):
        return kind(COMPLETED, 2.5, "not seen", "the screen")
    if issubclass(kind, errors.NotReady):
        return kind(COMPLETED, 2.5, "not ready", STATE, LINES, ("port=80",))
    if issubclass(kind, errors.DeadlineExceeded):
        return kind(COMPLETED, 2.5, "not done")
    if issubclass(kind, errors.ProgramEnded):
        return kind(COMPLETED, "ended", "the screen")
    if issubclass(kind, errors.ContainerEnded):
        return kind(COMPLETED, "ended", 3, STATE, LINES, ("port=80",))
    if issubclass(kind, errors.CallError):
        error = kind(COMPLETED, "because")
        if isinstance(error, errors.NoSuchObject):
            error.found = ("a model", 2)
        return error
    if issubclass(kind, errors.EngineFailed):
        return kind("because", "the log's end")
    if kind.__init__ in (Exception.__init__, errors.DockcliError.__init__):
        return kind("because")
    names = list(inspect.signature(kind.__init__).parameters)[1:]
    return kind(*(("one", "other") if name in MANY else "because" for name in names))


def same(one: BaseException, other: BaseException) -> bool:
    return (
        type(one) is type(other)
        and one.args == other.args
        and vars(one) == vars(other)
        and str(one) == str(other)
        and repr(one) == repr(other)
    )


@pytest.fixture(params=ALL, ids=lambda kind: kind.__name__)
def error(request: pytest.FixtureRequest) -> BaseException:
    return one_of(request.param)


def test_there_are_all_of_them() -> None:
    assert len(ALL) >= 25
    assert errors.DeadlineExceeded in ALL
    assert all(inspect.getdoc(one) for one in ALL)


def test_the_tree_in_the_documentation_has_each_of_them() -> None:
    drawn = set(re.findall(r"\b[A-Z]\w+", (errors.__doc__ or "").partition("Every error")[0]))
    assert {one.__name__ for one in ALL if one.__module__ == "dockcli.errors"} <= drawn


def test_an_error_is_pickled(error: BaseException) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert same(pickle.loads(pickle.dumps(error, protocol)), error)


def test_an_error_is_copied(error: BaseException) -> None:
    assert same(copy.copy(error), error)
    assert same(copy.deepcopy(error), error)


def test_an_error_can_be_shown(error: BaseException) -> None:
    assert type(error).__name__ in repr(error)
    for shown in (str(error), "".join(traceback.format_exception(error))):
        shown.encode("utf-8")
        assert all(one.isprintable() or one == "\n" for one in shown)


def test_an_error_can_have_a_cause_and_notes(error: BaseException) -> None:
    with pytest.raises(type(error)) as info:
        raise error from KeyError("x")
    assert isinstance(info.value.__cause__, KeyError)
    if hasattr(error, "add_note"):
        error.add_note("a note")
        assert same(pickle.loads(pickle.dumps(error)), error)


def test_what_it_carries_is_at_hand(error: BaseException) -> None:
    if isinstance(error, errors.CallError):
        assert error.completed == COMPLETED
        assert (error.argv, error.returncode) == (COMPLETED.argv, 126)
        assert (error.stdout, error.stderr, error.seconds) == (
            b"out\xff\0",
            b"first\nlast \xfe\x1b\n",
            1.25,
        )
    for name in ("screen", "log_tail", "deadline", "found", "state", "log_lines", "missing"):
        if hasattr(error, name):
            assert getattr(pickle.loads(pickle.dumps(error)), name) == getattr(error, name)


def test_none_is_taken_for_a_missing_attribute_or_the_like(error: BaseException) -> None:
    assert not isinstance(error, (AttributeError, KeyError, StopIteration, RuntimeError))


def raise_it(error: BaseException) -> None:
    raise error


def through_processes() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for kind in ALL:
            error = one_of(kind)
            with pytest.raises(kind) as info:
                pool.apply(raise_it, (error,))
            assert same(info.value, error)


def test_errors_come_out_of_other_processes() -> None:
    code = "from tests.unit import test_errors; test_errors.through_processes()"
    root = Path(__file__).parents[2]  # a process of its own, for multiprocessing leaves one behind
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (errors.InvalidArgument, ValueError),
        (errors.UnknownFlag, TypeError),
        (errors.UnknownFlag, errors.InvalidArgument),
        (errors.DeadlineExceeded, TimeoutError),
        (errors.PermissionDenied, errors.EngineUnreachable),
        (errors.NoSuchVolume, errors.NoSuchObject),
        (errors.CommandNotFound, errors.DockerFailed),
        (errors.ContainerKilled, errors.ContainerFailed),
    ],
)
def test_an_error_is_caught_by_what_it_is(kind: type, base: type) -> None:
    assert issubclass(kind, base)


def test_the_containers_failure_is_not_dockers() -> None:
    assert not issubclass(errors.ContainerFailed, errors.DockerFailed)
    assert not issubclass(errors.DeadlineExceeded, errors.DockerFailed)


def test_a_missed_deadline_is_one_for_the_system_too() -> None:
    error = errors.DeadlineExceeded(COMPLETED, 2.5)
    assert error.errno == errno.ETIMEDOUT
    assert str(error).startswith("`docker rm ")
    assert "not done within 2.5 s. " in str(error)


@pytest.mark.parametrize(
    "kind", [one for one in ALL if issubclass(one, errors.CallError) and not one.__subclasses__()]
)
def test_each_error_of_a_call_says_what_to_do_next(kind: type[errors.CallError]) -> None:
    assert kind.advice
    assert kind.advice in str(one_of(kind))


def test_the_reason_is_the_last_words_unless_given() -> None:
    def reason(stderr: bytes) -> str:
        return errors.DockerFailed(Completed((), 3, b"", stderr, 0)).reason

    assert reason(b"a\nb\n\n  \n") == "b"
    assert reason(b"") == reason(b"\n") == "exit code 3"
    assert reason(b"\xff") == "\udcff"


def test_the_message_has_the_command_the_reason_and_the_code() -> None:
    completed = Completed(("docker", "rm", "a b"), 1, b"", b"Error: it is busy\n", 0)
    said = str(errors.InUse(completed, "it is busy"))
    assert said.startswith("`docker rm 'a b'`: it is busy. ")
    assert said.endswith("(exit code 1)")
    said = str(errors.ContainerFailed(Completed(("docker", "run", "x"), 4, b"", b"boom\n", 0)))
    assert "exit code 4 of the container's command: boom. " in said


def test_an_unreadable_answer_is_shown_from_its_beginning() -> None:
    error = errors.UnreadableOutput(Completed((), 0, b"x" * 5000, b"", 0), "no id")
    assert len(str(error)) < 1000
    assert "b'xxx" in str(error)
