"""Names of archives that hold the time: made, and read back exactly."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockcli.data.naming import NameTaken, Pattern
from dockcli.errors import InvalidArgument

WHEN = datetime(2024, 3, 9, 7, 5, 4, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("data-%Y-%m-%dT%H-%M-%S.tar.zst", "data-2024-03-09T07-05-04.tar.zst"),
        ("/srv/%Y%j.tar", "/srv/2024069.tar"),
        ("a/b/%y%m%d-%H.tgz", "a/b/240309-07.tgz"),
        ("100%%-%Y%m%d%%d.tar", "100%-20240309%d.tar"),
        ("plain.tar", "plain.tar"),
        ("100%%.tar", "100%.tar"),
    ],
)
def test_a_pattern_gives_the_name_of_a_time(pattern: str, path: str) -> None:
    folder = os.path.dirname(path)
    if folder.startswith("/"):
        assert Pattern.parse(pattern).folder == f"{folder}/"
    assert Pattern.parse(pattern).at(WHEN) == path
    assert Pattern.parse(pattern).timed == ("2024" in path or "2403" in path)


def test_times_in_names_are_utc() -> None:
    pattern = Pattern.parse("%Y-%m-%dT%H.tar")
    seoul = datetime(2024, 1, 1, 3, tzinfo=timezone(timedelta(hours=9)))
    assert pattern.at(seoul) == "2023-12-31T18.tar"
    with pytest.raises(InvalidArgument, match="time zone"):
        pattern.at(datetime(2024, 1, 1))


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("data-%b-%Y%m%d.tar", "%b is not known.*%Y, %m"),
        ("data-%Y%m%d.tar%", "% is not known"),
        ("data-%-d%Y%m.tar", "%- is not known"),
        ("data-%d.tar", "leaves the day open"),
        ("data-%H-%M.tar", "leaves the day open"),
        ("data-%Y-%m.tar", "leaves the day open"),
        ("data-%Y%m%d%M.tar", "%M without %H"),
        ("data-%Y%m%d%H%S.tar", "%S without %M"),
        ("/nowhere/%Y/data-%Y%m%d.tar", "file's name only"),
        ("folder/", "does not name a file"),
        ("..", "does not name a file"),
        ("", "does not name a file"),
        ("a\0%Y%m%d", "does not name a file"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(InvalidArgument, match=said):
        Pattern.parse(pattern)


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "100%data"
    folder.mkdir()
    pattern = Pattern.parse(folder / "%Y%m%d.tar")
    assert pattern.at(WHEN) == str(folder / "20240309.tar")
    (folder / "20240309.tar").touch()
    assert pattern.matching() == [(pattern.at(WHEN), WHEN.replace(hour=0, minute=0, second=0))]


def test_a_short_year_is_of_this_century() -> None:
    pattern = Pattern.parse("%y%j")
    assert pattern.at(datetime(2099, 12, 31, tzinfo=timezone.utc)) == "99365"
    with pytest.raises(InvalidArgument, match="take %Y"):
        pattern.at(datetime(1999, 1, 1, tzinfo=timezone.utc))


def test_only_names_that_the_pattern_can_have_given_match(tmp_path: Path) -> None:
    names = {
        "a.b-2024-02-29.tar": True,
        "a.b-2023-12-31.tar": True,
        "a.b-2023-02-29.tar": False,  # no leap year
        "a.b-2024-13-01.tar": False,
        "a.b-2024-00-01.tar": False,
        "a.b-0000-01-01.tar": False,
        "a.b-2024-2-29.tar": False,
        "a.b-2024-02-29.tar.part": False,
        "xa.b-2024-02-29.tar": False,
        "aXb-2024-02-29.tar": False,
        "a.b-2024-02-29Xtar": False,
        "a.b-2024-02-29.tar\n": False,
        "a.b-٢٠٢٤-02-29.tar": False,
        "a.b-%Y-%m-%d.tar": False,
    }
    for name in names:
        (tmp_path / name).touch()
    found = Pattern.parse("elsewhere/a.b-%Y-%m-%d.tar").matching(tmp_path)
    assert [os.path.basename(path) for path, _ in found] == [
        "a.b-2023-12-31.tar",
        "a.b-2024-02-29.tar",
    ]
    assert all(os.path.dirname(path) == str(tmp_path) for path, _ in found)
    assert found[0][1] == datetime(2023, 12, 31, tzinfo=timezone.utc)


def test_the_oldest_comes_first_whatever_the_order_of_its_digits(tmp_path: Path) -> None:
    for name in ("01-02-2024", "02-01-2024", "03-12-2023"):
        (tmp_path / name).touch()
    found = Pattern.parse(tmp_path / "%d-%m-%Y").matching()
    assert [os.path.basename(path) for path, _ in found] == [
        "03-12-2023",
        "02-01-2024",
        "01-02-2024",
    ]


def test_parts_of_a_name_that_contradict_each_other_do_not_match(tmp_path: Path) -> None:
    for name in ("2024-03-09 069 24", "2024-03-09 070 24", "2024-03-09 069 23"):
        (tmp_path / name).touch()
    assert [path for path, _ in Pattern.parse(tmp_path / "%Y-%m-%d %j %y").matching()] == [
        str(tmp_path / "2024-03-09 069 24")
    ]
    (tmp_path / "20242024-01-02").touch()
    (tmp_path / "20242023-01-02").touch()
    assert len(Pattern.parse(tmp_path / "%Y%Y-%m-%d").matching()) == 1


def test_what_is_beyond_the_calendar_does_not_match(tmp_path: Path) -> None:
    for name in ("2024366", "2023366", "9999366", "2024000"):
        (tmp_path / name).touch()
    assert [path for path, _ in Pattern.parse(tmp_path / "%Y%j").matching()] == [
        str(tmp_path / "2024366")
    ]


def test_a_plain_pattern_has_no_others(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="holds no time"):
        Pattern.parse(tmp_path / "a.tar").matching()
    with pytest.raises(InvalidArgument, match="No such file"):
        Pattern.parse(tmp_path / "none" / "a%Y%m%d").matching()


def test_a_name_that_is_taken_is_not_given_again(tmp_path: Path) -> None:
    seconds = Pattern.parse(tmp_path / "%Y%m%dT%H%M%S.tar")
    first = seconds.free(WHEN)
    assert first == seconds.at(WHEN)
    os.symlink("nowhere", first)  # also what leads nowhere has its name
    second = seconds.free(WHEN)
    assert second == seconds.at(WHEN + timedelta(seconds=1))
    Path(second).touch()
    assert seconds.free(WHEN) == seconds.at(WHEN + timedelta(seconds=2))
    for name in ("%Y%m%d.tar", "data.tar"):
        other = Pattern.parse(tmp_path / name)
        late = WHEN.replace(hour=23, minute=59, second=59)  # never under the name of the next day
        Path(other.free(late)).touch()
        with pytest.raises(NameTaken, match=r"there already.*%H-%M-%S"):
            other.free(late)


LETTERS = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0%", exclude_categories=("Cs",)), max_size=4
)


@given(
    LETTERS,
    LETTERS,
    st.permutations(["%Y", "%m", "%d", "%H", "%M", "%S", "%j", "%%"]),
    st.datetimes(timezones=st.just(timezone.utc)),
)
def test_a_name_tells_its_time_again(
    before: str, after: str, tokens: list[str], when: datetime
) -> None:
    pattern = Pattern("", f"{before}{''.join(tokens)}{after}")
    assert pattern._time(pattern.at(when)) == when.replace(microsecond=0)
    assert pattern._time(f"{pattern.at(when)}x") is None
