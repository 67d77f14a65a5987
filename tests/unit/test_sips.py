"""Small pieces are read some at a time, and nobody is held up for that: a pipe, its writer and its
reader, by a clock of their own."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from dockcli import sips
from dockcli.sips import Sips

READ = 0.00004  # seconds that a read takes its reader


class World:
    """A writer of *pieces* of so many bytes, *gap* seconds apart, into a pipe of *size* bytes; he
    waits where that is full, or with *answers* until what he wrote was read."""

    def __init__(
        self, pieces: int, gap: float, size: int = 65536, *, answers: bool = False
    ) -> None:
        self.now = self._next = 0.0
        self._piece, self._gap, self._size, self._answers = pieces, gap, size, answers
        self._held = self.total = self.reads = 0

    def pass_(self, seconds: float) -> None:
        """Time goes by."""
        end = self.now + seconds
        while self._next <= end and self._may_write():
            self._held += self._piece
            self._next += self._gap
        self.now = end

    def _may_write(self) -> bool:
        return self._held == 0 if self._answers else self._held + self._piece <= self._size

    def read(self) -> int:
        """What there is, at most 64 KiB, once there is some."""
        if not self._held:
            self.pass_(max(0.0, self._next - self.now))
        full = not self._may_write()
        taken = min(self._held, 65536)
        self._held -= taken
        if full:  # he goes on from here
            self._next = max(self._next, self.now + self._gap)
        self.total, self.reads = self.total + taken, self.reads + 1
        self.pass_(READ)
        return taken


def played(world: World, monkeypatch: pytest.MonkeyPatch, *, sipping: bool) -> World:
    """A quarter of a second of *world*."""
    monkeypatch.setattr(sips, "_size", lambda pipe: world._size)
    monkeypatch.setattr(sips, "time", SimpleNamespace(monotonic=lambda: world.now))
    moments = Sips([0], 65536)
    while world.now < 0.25:
        if sipping and moments.seconds:
            world.pass_(moments.seconds + 0.00006)  # a timer is late
        moments.took(world.read())
    return world


@pytest.mark.parametrize(
    ("pieces", "gap"),
    [
        pytest.param(96, 0.000014, id="lines of a log"),
        pytest.param(10240, 0.00017, id="bytes of docker's"),
        pytest.param(100, 0.0005, id="fewer lines"),
    ],
)
def test_fewer_reads_and_nothing_lost(
    monkeypatch: pytest.MonkeyPatch, pieces: int, gap: float
) -> None:
    plain = played(World(pieces, gap), monkeypatch, sipping=False)
    sipped = played(World(pieces, gap), monkeypatch, sipping=True)
    assert sipped.reads < 0.6 * plain.reads
    assert sipped.total > 0.98 * plain.total


@pytest.mark.parametrize("size", [4096, 8192, 65536, 1 << 20])
@pytest.mark.parametrize("pieces", [64, 700, 2100, 4096, 8192, 65536])
@pytest.mark.parametrize("gap", [0.0000002, 0.000004, 0.00002, 0.0001, 0.001])
def test_no_writer_is_held_up(
    monkeypatch: pytest.MonkeyPatch, size: int, pieces: int, gap: float
) -> None:
    if pieces > size:
        return
    plain = played(World(pieces, gap, size), monkeypatch, sipping=False)
    sipped = played(World(pieces, gap, size), monkeypatch, sipping=True)
    assert sipped.total > 0.9 * plain.total


@pytest.mark.parametrize("gap", [0.00005, 0.0003, 0.001])
def test_who_waits_for_an_answer_gets_it_as_soon(
    monkeypatch: pytest.MonkeyPatch, gap: float
) -> None:
    plain = played(World(20, gap, answers=True), monkeypatch, sipping=False)
    sipped = played(World(20, gap, answers=True), monkeypatch, sipping=True)
    assert sipped.total > 0.95 * plain.total


def test_what_is_no_pipe_has_no_sips() -> None:
    ends = [*os.openpty(), *os.pipe()]
    try:
        sizes = [sips._size(end) for end in ends]
        assert sizes[:2] == [0, 0]
        assert min(sizes[2:]) >= 4096
    finally:
        for end in ends:
            os.close(end)
