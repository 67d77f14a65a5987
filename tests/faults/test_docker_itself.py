"""The docker command itself: removed, replaced by another, or hanging, in the middle of things."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli.errors import (
    BinaryNotFound,
    DeadlineExceeded,
    DockcliError,
    DockerFailed,
    Silent,
    UnreadableOutput,
)
from tests.engine.conftest import Front, clis
from tests.faults.conftest import Engine, Maker, Told

Tell = Callable[[str, str], Told]
REMOVED, REPLACED, HANGS = (
    "The docker command is removed",
    "The docker command is replaced by another",
    "The docker command hangs",
)


class Binary:
    """A docker in a folder of its own, which does something at one of its calls."""

    def __init__(self, folder: Path, script: str) -> None:
        self.front = Front(folder, script, clis()[0], dict(os.environ))
        self.path = Path(self.front.path)


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Callable[[str], tuple[Maker, Binary]]]:
    makers: list[Maker] = []

    def make(script: str) -> tuple[Maker, Binary]:
        binary = Binary(tmp_path / f"docker-{len(makers)}", script)
        makers.append(Maker(engine, str(binary.path)))
        return makers[-1], binary

    yield make
    for one in makers:
        one.dies()


# Each asks docker more than once: what comes after the first finds no docker, or another.
VERBS: dict[str, Callable[[Any, str], Any]] = {
    "ps": lambda it, base: it.ps(all=True),
    "volume.ls": lambda it, base: it.volume.ls(),
    "write_text": lambda it, base: it.create(base, "true").write_text("/t", "x", mode=0o600),
    "volume.backup": lambda it, base: it.volume.backup(
        "faults-data", io.BytesIO(), compression="none"
    ),
    "volume.clone": lambda it, base: it.volume.clone("faults-data", "faults-clone"),
    "with run(detach)": lambda it, base: leave(it, base),
}


def leave(it: Any, base: str) -> None:
    with it.run(base, "sleep", "60", detach=True, stop_signal="KILL"):
        pass


@pytest.mark.parametrize("verb", VERBS)
def test_removed(engine: Engine, made: Any, tell: Tell, verb: str) -> None:
    row = tell(REMOVED, f"`{verb}`, after its first call")
    maker, binary = made('[ "$n" = 1 ] && rm -f "$0"')
    with row.fails(BinaryNotFound, within=10):
        VERBS[verb](maker.client, engine.base)
    assert len(binary.front.calls) == 1
    row.left(maker.cleaned())


OTHERS = {
    "one that says nothing": "exit 0",
    "one that says no": "echo 'flag provided but not defined' >&2; exit 64",
    "a text file": "",
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("verb", ["ps", "volume.clone"])
def test_replaced(engine: Engine, made: Any, tell: Tell, verb: str, other: str) -> None:
    row = tell(REPLACED, f"`{verb}`, by {other}")
    text = f"#!/bin/sh\n{OTHERS[other]}\n" if OTHERS[other] else "no program\n"
    maker, _ = made(
        '[ "$n" = 1 ] && { printf %s "$REPLACE" >"$0.new"; chmod +x "$0.new"; mv "$0.new" "$0"; }'
    )
    maker.client.env["REPLACE"] = text
    kinds = (BinaryNotFound, DockerFailed, UnreadableOutput, DockcliError)
    with row.fails(kinds, within=10):  # type: ignore[arg-type]
        VERBS[verb](maker.client, engine.base)
    row.left(maker.cleaned())


HANG = 'case "$*" in *"{}"*) sleep 60;; esac'
CALLS: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "run": ("container run", lambda it, base: it.run(base, "true", deadline=1)),
    "ps, at its second call": ("container inspect", lambda it, base: it.ps(all=True, deadline=1)),
    "version": ("version", lambda it, base: it.version(deadline=1)),
    "logs, a stream with silence=1": (
        "container logs",
        lambda it, base: list(it.container.logs("faults", follow=True, silence=1)),
    ),
    "export, a stream": (
        "container export",
        lambda it, base: it.export("faults", stream=True, deadline=1).read(),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_hanging(engine: Engine, made: Any, tell: Tell, name: str) -> None:
    words, call = CALLS[name]
    row = tell(HANGS, f"`{name}`" + ("" if "silence" in name else " with `deadline=1`"))
    maker, _ = made(HANG.format(words))
    with row.fails(Silent if "silence" in name else DeadlineExceeded, within=6):
        call(maker.client, engine.base)
    row.left(maker.cleaned())


@pytest.mark.parametrize("at", [1, 2])
def test_hanging_after_its_first_words(engine: Engine, made: Any, tell: Tell, at: int) -> None:
    row = tell(HANGS, f"`logs`, a stream, after {at} of its lines, with `silence=1`")
    said = "; ".join(["echo 2026-01-31T02:00:00.000000000Z said"] * at)
    maker, _ = made(f'case "$*" in *"container logs"*) {said}; sleep 60;; esac')
    seen = []
    with row.fails(Silent, within=6):
        for line in maker.client.container.logs("faults", follow=True, silence=1):
            seen.append(line.text)
    assert seen == ["said"] * at
    row.left(maker.cleaned())
