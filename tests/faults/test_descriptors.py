"""Many open descriptors, and no more to be had."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dockcli.errors import DockcliError, Refused
from tests.faults.conftest import Engine, Maker, Told

Tell = Callable[[str, str], Told]
NONE_LEFT = "No more descriptors (RLIMIT_NOFILE)"


@contextmanager
def open_files(number: int) -> Iterator[None]:
    """So many more of them, and room for some."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, number + 512), hard))
    files = []
    try:
        files += [os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC) for _ in range(number)]
        yield
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def descriptors(left: int) -> Iterator[None]:
    """This process may open only *left* more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        while True:
            try:
                files.append(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC))
            except OSError:
                break
        for file in [files.pop() for _ in range(left)]:
            os.close(file)
        yield
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_are_no_hindrance(engine: Engine, maker: Maker, tell: Tell) -> None:
    row = tell("1,000 open descriptors", "`run`, `exec`, `logs`, `cp`, a machine")
    with open_files(1100):
        it = maker.client
        assert it.run(engine.base, "echo", "here", rm=True).text == "here\n"
        one = it.run(engine.base, "sh", "-c", "echo said; sleep 60", detach=True)
        inside = one.exec("sh", "-c", "ls /proc/self/fd | wc -l", deadline=20)
        assert int(inside.text) < 10
        one.write_text("/tmp/kept", "kept", mode=0o600)
        with one.logs(follow=True) as lines:
            assert next(lines).text == "said"
        with one.machine() as machine:
            assert machine["cat"]("/tmp/kept") == "kept"
    row.gives("its answers, as ever", 0.0)
    row.left(maker.cleaned())


CALLS: dict[str, Callable[[Any, str], Any]] = {
    "run": lambda it, base: it.run(base, "true", rm=True),
    "exec, a stream": lambda it, base: list(it.exec("faults", "true", stream=True)),
    "image inspect": lambda it, base: it.image.inspect(base),
    "events": lambda it, base: next(it.system.events(since=0)),
    "export, a stream": lambda it, base: it.export("faults", stream=True).read(),
    "run with a stdin that is an iterator": lambda it, base: it.run(
        base, "cat", stdin=iter([b"x"]), rm=True
    ),
}


@pytest.mark.parametrize("left", range(9))
def test_each_call_says_so_or_does_it(engine: Engine, maker: Maker, tell: Tell, left: int) -> None:
    for name, call in CALLS.items():
        row = tell(NONE_LEFT, f"`{name}`")
        begun = len(os.listdir("/proc/self/fd"))
        said = ""
        try:
            with descriptors(left):
                call(maker.client, engine.base)
        except DockcliError as error:
            said = str(error)
        assert not said or "Too many open files" in said or "is not running" in said, name
        assert len(os.listdir("/proc/self/fd")) == begun
        if left == 0:
            with descriptors(0), row.fails(Refused, within=5):
                call(maker.client, engine.base)
            row.left(maker.cleaned() if "run" in name else "nothing")
    assert not engine.more()
