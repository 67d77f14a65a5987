"""Who owns what is copied between a folder and a volume."""

from __future__ import annotations

import pytest

from dockcli.data.helper import Owners
from dockcli.data.owners import parse
from dockcli.errors import InvalidArgument


@pytest.mark.parametrize(
    ("chown", "before", "after"),
    [
        ("1000", (0, 5), (1000, 5)),
        ("1000:1001", (0, 5), (1000, 1001)),
        (":33", (7, 0), (7, 33)),
        ("0:0", (7, 8), (0, 0)),
    ],
)
def test_one_owner_for_all(chown: str, before: tuple[int, int], after: tuple[int, int]) -> None:
    owners, said = parse(chown=chown)
    assert owners.of(*before) == after
    assert said.endswith("for all")


@pytest.mark.parametrize(
    ("map", "before", "after"),
    [
        ("1000:0", (1000, 1000), (0, 0)),
        ("1000:0,0:1000", (0, 1000), (1000, 0)),
        ("u:1:2", (1, 1), (2, 1)),
        ("g:1:2", (1, 1), (1, 2)),
        ("u:1:2,g:1:3", (1, 1), (2, 3)),
        ("1:2", (5, 6), (5, 6)),
        ("1:2,1:2", (1, 1), (2, 2)),
    ],
)
def test_one_for_another(map: str, before: tuple[int, int], after: tuple[int, int]) -> None:
    owners, said = parse(map=map)
    assert owners.of(*before) == after
    assert "becomes" in said


def test_what_becomes_of_uids_and_gids_is_said_apart() -> None:
    _, said = parse(map="0:1000,u:33:82,g:33:0")
    assert said == "0 becomes 1000, uid 33 becomes 82, gid 33 becomes 0"


def test_by_default_all_keep_their_numbers() -> None:
    owners, said = parse()
    assert owners == Owners()
    assert "as they were" in said


@pytest.mark.parametrize(
    "chown", ["", ":", "root", "1:2:3", "-1", "1.5", "0x1", "4294967295", "²", "9" * 5000]
)
def test_what_is_no_owner(chown: str) -> None:
    with pytest.raises(InvalidArgument):
        parse(chown=chown)


@pytest.mark.parametrize(
    "map", ["", "1", "1:", "a:b", "1:2,", "x:1:2", "1:2,1:3", "u:1:2,1:4", "1:" + "9" * 5000]
)
def test_what_is_no_map(map: str) -> None:
    with pytest.raises(InvalidArgument):
        parse(map=map)


def test_both_are_too_much() -> None:
    with pytest.raises(InvalidArgument, match="give one"):
        parse(chown="0", map="0:1")
