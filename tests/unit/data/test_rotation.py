"""Which archives are kept, over years; and that nothing goes which may still be needed."""

from __future__ import annotations

import copy
import os
import pickle
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dockcli.data.naming import Pattern
from dockcli.data.rotation import Archive, Keep, Rotation, listed, plan, rotate
from dockcli.errors import InvalidArgument

START = datetime(2020, 1, 1, 3, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def archive(when: datetime, size: int = 100) -> Archive:
    return Archive(f"{when:%Y-%m-%dT%H%M%S}.tar", when, size)


def years(count: int) -> list[Archive]:
    return [archive(START + day * DAY) for day in range(365 * count)]


COUNTS = st.none() | st.integers(1, 20)
RULES = st.builds(
    lambda counts, last: Keep(*(counts if any(counts) else (last, None, None, None))),
    st.tuples(COUNTS, COUNTS, COUNTS, COUNTS),
    st.integers(1, 20),
)
TIMES = st.lists(
    st.datetimes(datetime(2019, 12, 1), datetime(2021, 2, 1), timezones=st.just(timezone.utc)).map(
        lambda when: when.replace(microsecond=0)
    ),
    min_size=1,
    max_size=120,
    unique=True,
)


# --- the rule


def test_years_of_daily_archives() -> None:
    planned = plan(years(4), Keep(last=2, daily=7, weekly=4, monthly=12))
    assert [str(one.time.date()) for one in planned.keep] == [
        *("2023-12-30", "2023-12-29", "2023-12-28", "2023-12-27", "2023-12-26", "2023-12-25"),
        *("2023-12-24", "2023-12-17", "2023-12-10"),
        *("2023-11-30", "2023-10-31", "2023-09-30", "2023-08-31", "2023-07-31", "2023-06-30"),
        *("2023-05-31", "2023-04-30", "2023-03-31", "2023-02-28", "2023-01-31"),
    ]
    assert len(planned.keep) + len(planned.remove) == 365 * 4


def test_weeks_are_those_of_iso_also_at_new_year() -> None:
    days = [archive(datetime(2020, 12, 28, tzinfo=timezone.utc) + n * DAY) for n in range(14)]
    kept = plan(days, Keep(weekly=5)).keep
    assert [str(one.time.date()) for one in kept] == ["2021-01-10", "2021-01-03"]


def test_a_day_without_an_archive_does_not_count() -> None:
    days = [archive(START + n * DAY) for n in (0, 1, 100, 200)]
    assert [one.time for one in plan(days, Keep(daily=3)).keep] == [
        START + n * DAY for n in (200, 100, 1)
    ]


def test_days_are_those_of_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    two = [archive(datetime(2024, 1, 2, hour, tzinfo=seoul)) for hour in (8, 10)]  # 23 h, 1 h
    assert len(plan(two, Keep(daily=2)).keep) == 2
    two = [archive(datetime(2024, 1, day, hour, tzinfo=seoul)) for day, hour in ((1, 10), (2, 8))]
    assert len(plan(two, Keep(daily=2)).keep) == 1


@given(TIMES, RULES, st.randoms(use_true_random=False))
def test_what_is_kept_covers_the_rule(times: list[datetime], keep: Keep, luck: Any) -> None:
    archives = [archive(when) for when in times]
    planned = plan(archives, keep)
    assert {*planned.keep, *planned.remove} == set(archives)
    assert not {*planned.keep} & {*planned.remove}
    kept, newest = set(planned.keep), sorted(archives, key=lambda one: one.time, reverse=True)
    assert newest[0] in kept
    assert list(planned.keep) == [one for one in newest if one in kept]
    allowed: set[Archive] = set()
    for count, period in (
        (keep.last, "%s"),
        (keep.daily, "%Y-%m-%d"),
        (keep.weekly, "%G-%V"),
        (keep.monthly, "%Y-%m"),
    ):
        of: dict[str, list[Archive]] = {}
        for one in newest:
            key = one.path if period == "%s" else one.time.strftime(period)
            of.setdefault(key, []).append(one)
        firsts = [of[key][0] for key in sorted(of, reverse=True)][: count or 0]
        assert set(firsts) <= kept
        allowed.update(firsts)
    assert kept == allowed  # and nothing more
    again = list(planned.keep)
    luck.shuffle(again)
    assert plan(again, keep).remove == ()


@given(RULES, st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_rotating_every_day_for_years_keeps_what_the_rule_keeps_of_all(
    keep: Keep, seed: int
) -> None:
    luck, made, there = random.Random(seed), list[Archive](), list[Archive]()
    for day in range(365 * 3):
        if luck.random() < 0.1:
            continue  # the machine was off
        made.append(archive(START + day * DAY + timedelta(seconds=luck.randrange(86400))))
        there = list(plan([*there, made[-1]], keep).keep)
        assert made[-1] in there
    assert tuple(there) == plan(made, keep).keep


@pytest.mark.parametrize(
    "counts",
    [
        {},
        {"last": 0},
        {"last": 3, "daily": 0},
        {"daily": -1},
        {"weekly": True},
        {"monthly": "3"},
        {"last": 1.5},
    ],
)
def test_a_rule_that_is_none_is_refused(counts: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        Keep(**counts)


def test_an_archive_has_a_time_with_a_zone() -> None:
    with pytest.raises(InvalidArgument, match="no time zone"):
        Archive("a", datetime(2024, 1, 1), 1)


# --- rotating files


class Folder:
    """A folder of archives, one a day; ``good`` are the days of those that verify."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pattern = Pattern.parse(path / "data-%Y-%m-%d.tar")
        self.good: set[int] = set()
        self.asked: list[int] = []

    def name(self, day: int) -> str:
        return self.pattern.at(START + day * DAY)

    def add(self, day: int, size: int = 100, *, good: bool = True) -> str:
        Path(self.name(day)).write_bytes(bytes(size))
        if good:
            self.good.add(day)
        return self.name(day)

    def day(self, path: str) -> int:
        return (date.fromisoformat(path[-14:-4]) - START.date()).days

    def verifies(self, path: str) -> bool:
        self.asked.append(self.day(path))
        return self.day(path) in self.good

    def rotate(self, keep: Keep, new: int, **given: Any) -> Rotation:
        return rotate(
            self.pattern, keep, new=self.name(new), **{"verifies": self.verifies, **given}
        )

    def days(self) -> list[int]:
        return [self.day(one.path) for one in listed(self.pattern)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_what_the_rule_does_not_keep_is_removed(folder: Folder) -> None:
    for day in range(5):
        folder.add(day)
    done = folder.rotate(Keep(last=2), 4)
    assert [folder.day(one.path) for one in done.kept] == [4, 3]
    assert [folder.day(one.path) for one in done.removed] == [2, 1, 0]
    assert (done.stopped, done.failed) == ("", ())
    assert folder.days() == [3, 4]
    assert folder.asked == [4]
    assert done.as_json() == {
        "kept": [folder.name(4), folder.name(3)],
        "removed": [folder.name(2), folder.name(1), folder.name(0)],
        "freed": 300,
        "stopped": "",
        "failed": {},
    }
    assert pickle.loads(pickle.dumps(done)) == copy.deepcopy(done) == done
    folder.asked.clear()
    assert folder.rotate(Keep(last=2), 4).removed == ()
    assert folder.asked == []  # nothing was at stake


def test_archives_of_another_volume_stay_and_do_not_count(folder: Folder) -> None:
    """Two volumes may be backed up by one pattern."""
    for day in range(6):
        folder.add(day)
    done = folder.rotate(Keep(last=2), 5, others=lambda path: folder.day(path) in (0, 4))
    assert [folder.day(one.path) for one in done.kept] == [5, 3]
    assert folder.days() == [0, 3, 4, 5]


def test_nothing_is_removed_when_no_archive_that_stays_verifies(folder: Folder) -> None:
    for day in range(5):
        folder.add(day, good=day < 3)
    done = folder.rotate(Keep(last=2), 4)
    assert folder.asked == [4, 3]  # the new one first
    assert "none of the 2 archives" in done.stopped
    assert done.removed == ()
    assert [folder.day(one.path) for one in done.kept] == [4, 3, 2, 1, 0]
    assert folder.days() == [0, 1, 2, 3, 4]
    folder.good.add(3)
    assert len(folder.rotate(Keep(last=2), 4).removed) == 3


def test_a_verifier_that_fails_has_removed_nothing(folder: Folder) -> None:
    for day in range(3):
        folder.add(day)

    def fails(path: str) -> bool:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        folder.rotate(Keep(last=1), 2, verifies=fails)
    assert folder.days() == [0, 1, 2]


def test_a_fall_in_size_stops_the_rotation(folder: Folder) -> None:
    for day, size in enumerate((5, 100, 49)):
        folder.add(day, size)
    done = folder.rotate(Keep(last=2), 2)
    assert folder.name(2) in done.stopped
    assert folder.name(1) in done.stopped
    assert "49 bytes" in done.stopped
    assert "has 100" in done.stopped
    assert folder.days() == [0, 1, 2]
    assert folder.asked == []
    folder.add(2, 50)
    assert folder.rotate(Keep(last=2), 2).stopped == ""
    assert folder.days() == [1, 2]


def test_after_a_fall_the_last_big_archive_stays_until_somebody_says_so(folder: Folder) -> None:
    folder.add(0, 100)
    for day in range(1, 6):
        folder.add(day, 10)
        done = folder.rotate(Keep(last=3), day)
        assert bool(done.stopped) == (day >= 3)
    assert folder.name(0) in done.stopped
    assert folder.days() == [0, 1, 2, 3, 4, 5]
    assert folder.rotate(Keep(last=3), 5, fall=0).stopped == ""
    assert folder.days() == [3, 4, 5]
    for day in (6, 7):
        folder.add(day, 10)
        assert folder.rotate(Keep(last=3), day).stopped == ""


def test_what_is_dated_after_the_new_archive_is_left_alone(folder: Folder) -> None:
    for day in (0, 1, 2, 5000, 5001):  # a clock that was wrong
        folder.add(day, 1000 if day > 2 else 100)
    done = folder.rotate(Keep(last=1), 2)
    assert [folder.day(one.path) for one in done.kept] == [5001, 5000, 2]
    assert folder.days() == [2, 5000, 5001]
    assert folder.asked == [2]


def test_only_own_regular_files_of_that_name_are_touched_or_counted(
    folder: Folder, tmp_path: Path
) -> None:
    folder.add(4)
    folder.add(0)
    others = ["data-2020-01-02.tar.part", "data-2020-01-99.tar", "data.tar", "data-20200102.tar"]
    for name in others:
        (tmp_path / name).touch()
    os.mkdir(folder.name(1))
    os.symlink(tmp_path / "data.tar", folder.name(2))
    os.mkfifo(folder.name(3))
    assert folder.days() == [0, 4]
    assert [folder.day(one.path) for one in folder.rotate(Keep(last=1), 4).removed] == [0]
    assert folder.days() == [4]
    assert len(os.listdir(tmp_path)) == 1 + len(others) + 3


def test_what_another_user_owns_is_not_touched(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(3):
        folder.add(day)
    lstat = os.lstat

    def others(path: str) -> os.stat_result:
        status = lstat(path)
        foreign = (*status[:4], os.geteuid() + 1, *status[5:])
        return os.stat_result(foreign) if path == folder.name(0) else status

    monkeypatch.setattr(os, "lstat", others)
    assert folder.days() == [1, 2]
    folder.rotate(Keep(last=1), 2)
    monkeypatch.undo()
    assert folder.days() == [0, 2]


def replaced(path: str) -> None:
    Path(f"{path}.new").write_bytes(bytes(100))
    os.utime(f"{path}.new", ns=(1, 1))
    os.replace(f"{path}.new", path)


def grown(path: str) -> None:
    status = os.lstat(path)
    with open(path, "ab") as file:
        file.write(b"x")
    os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("changes", [replaced, grown])
def test_a_file_that_has_become_another_is_not_removed(
    folder: Folder, changes: Callable[[str], None]
) -> None:
    for day in range(4):
        folder.add(day)

    def verifies(path: str) -> bool:
        changes(folder.name(1))
        os.unlink(folder.name(2))  # and this one another rotation has removed
        return True

    done = folder.rotate(Keep(last=1), 3, verifies=verifies)
    assert [folder.day(one.path) for one in done.removed] == [0]
    ((one, why),) = done.failed
    assert (folder.day(one.path), "another file" in why) == (1, True)
    assert folder.days() == [1, 3]


def test_a_removal_that_fails_is_told_and_the_rest_goes_on(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(4):
        folder.add(day)
    unlink = os.unlink

    def refuses(path: str) -> None:
        if path == folder.name(1):
            raise PermissionError(1, "Operation not permitted", path)
        unlink(path)

    monkeypatch.setattr(os, "unlink", refuses)
    done = folder.rotate(Keep(last=1), 3)
    assert [folder.day(one.path) for one in done.removed] == [2, 0]
    assert done.as_json()["failed"] == {folder.name(1): "Operation not permitted"}


def test_bad_input_is_refused(folder: Folder, tmp_path: Path) -> None:
    folder.add(0)
    (tmp_path / "other.tar").touch()
    for new in (folder.name(1), tmp_path / "other.tar"):
        with pytest.raises(InvalidArgument, match="is not a file of this user's with a name of"):
            rotate(folder.pattern, Keep(last=1), verifies=folder.verifies, new=new)
    for fall in (-0.1, 1.1, float("nan")):
        with pytest.raises(InvalidArgument, match="from 0 to 1"):
            folder.rotate(Keep(last=1), 0, fall=fall)
    plain = Pattern.parse(tmp_path / "other.tar")
    with pytest.raises(InvalidArgument, match="holds no time"):
        rotate(plain, Keep(last=1), verifies=folder.verifies, new=tmp_path / "other.tar")


@given(RULES, st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 2**32))
@example(Keep(last=1), [True, False], 0)
@settings(max_examples=30, deadline=None)
def test_the_last_archive_that_verifies_is_never_removed(
    tmp_path_factory: pytest.TempPathFactory, keep: Keep, good: list[bool], seed: int
) -> None:
    folder, luck = Folder(tmp_path_factory.mktemp("rotation")), random.Random(seed)
    day = 0
    for verifies in good:
        day += luck.choice((1, 1, 1, 2, 9, 40))
        folder.add(day, luck.choice((50, 60, 100)), good=verifies)
        before = set(folder.days())
        done = folder.rotate(keep, day)
        there = set(folder.days())
        assert day in there
        assert {folder.day(one.path) for one in done.removed} == before - there
        if before & folder.good:
            assert there & folder.good
        assert folder.rotate(keep, day).removed == ()
