"""The clock of this machine is set back: an injected one, which only this process sees."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli.data import backup as backups
from dockcli.data import snapshots
from dockcli.data.rotation import Keep
from dockcli.errors import DeadlineExceeded, Silent
from dockcli.owner import Owner, current
from tests.faults.conftest import Engine, Maker, Told

Tell = Callable[[str, str], Told]
BACK = "The clock is set back by a year"
YEAR = 365 * 24 * 3600.0


class Clock:
    """What `time.time` and `datetime.now` say: the truth, less what it was set back by."""

    def __init__(self) -> None:
        self.back = 0.0
        self._time, clock = time.time, self

        class Datetime(dt.datetime):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> Any:
                return cls.fromtimestamp(clock.time(), tz)

        self.datetime = Datetime

    def time(self) -> float:
        return self._time() - self.back


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    one = Clock()
    monkeypatch.setattr(time, "time", one.time)
    for module in (backups, snapshots):
        monkeypatch.setattr(module, "datetime", one.datetime)
    yield one
    monkeypatch.undo()


@pytest.mark.parametrize("by", [YEAR, -YEAR], ids=["back", "ahead"])
def test_a_deadline_is_not_of_that_clock(
    engine: Engine, maker: Maker, clock: Clock, tell: Tell, by: float
) -> None:
    way = BACK if by > 0 else "The clock is set ahead by a year"
    row = tell(way, "`run` with `deadline=2`")
    clock.back = 0.0

    def set_it(line: Any) -> None:
        clock.back = by

    with row.fails(DeadlineExceeded, within=8):
        clock.back = by
        maker.client.run(engine.base, "sleep", "60", rm=True, deadline=2)
    assert row.seconds >= 2
    row.left(maker.cleaned())
    row = tell(way, "`logs --follow` with `silence=1`")
    other = Maker(engine)
    one = other.client.run(
        engine.base, "sh", "-c", "echo said; sleep 60", detach=True, stop_signal="KILL"
    )
    seen = []
    with row.fails(Silent, within=8):
        for line in one.logs(follow=True, silence=1):
            seen.append(line.text)
            set_it(line)
    assert seen == ["said"]
    row.left(other.cleaned())


def test_no_archive_is_lost(
    engine: Engine, maker: Maker, clock: Clock, tell: Tell, tmp_path: Path
) -> None:
    """One that seems to be older than those before it is never what a rotation takes away."""
    row = tell(BACK, "`volume.backup` with `keep=Keep(last=2)`")
    maker.client.volume.create("faults-mine")
    pattern = str(tmp_path / "data-%Y-%m-%dT%H-%M-%S.tar")
    made = []
    for back in (0.0, -60.0, YEAR, YEAR):  # the last two in the same second, as it may be
        clock.back = back
        done = maker.client.volume.backup("faults-mine", pattern, keep=Keep(last=2))
        made.append(Path(done.archive))
        assert made[-1].exists(), "the new one"
        assert len(set(made)) == len(made), "each has a name of its own"
        maker.client.volume.verify(made[-1])
    assert len(list(tmp_path.glob("data-*.tar"))) >= 2
    row.gives("a new archive, which is kept", 0.0)
    row.left(maker.cleaned())


def test_no_snapshot_is_lost(engine: Engine, maker: Maker, clock: Clock, tell: Tell) -> None:
    row = tell(BACK, "`volume.snapshot`, and back to it")
    it = maker.client
    it.volume.create("faults-mine")
    write = "echo {} >/d/said"
    it.run(engine.base, "sh", "-c", write.format(1), rm=True, volume="faults-mine:/d")
    it.volume.snapshot("faults-mine", "first")
    clock.back = YEAR
    it.run(engine.base, "sh", "-c", write.format(2), rm=True, volume="faults-mine:/d")
    it.volume.snapshot("faults-mine", "second")
    assert {one.name for one in it.volume.snapshots("faults-mine")} == {"first", "second"}
    it.volume.restore_snapshot("faults-mine", "first")
    said = it.run(engine.base, "cat", "/d/said", rm=True, volume="faults-mine:/d").text
    assert said == "1\n"
    for name in ("first", "second"):
        it.volume.remove_snapshot("faults-mine", name)
    row.gives("the snapshots, both of them", 0.0)
    row.left(maker.cleaned())


def test_a_living_owner_stays_alive(engine: Engine, maker: Maker, clock: Clock, tell: Tell) -> None:
    """Its start is counted by the system, from the machine's own start."""
    row = tell(BACK, "`dockcli clean`, for a living owner")
    clock.back = YEAR
    assert not current().is_dead()
    assert not maker.owner.is_dead()
    maker.dies()
    assert maker.owner.is_dead()
    assert Owner.parse(str(maker.owner)) == maker.owner
    row.gives("what is alive stays, what is dead goes", 0.0)
    row.left("nothing")
