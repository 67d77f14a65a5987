"""The difference of two trees, whatever the order in which they were read."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockcli.data.difference import LOSSES, compare, shown
from dockcli.data.entry import Entry, Manifest
from dockcli.errors import InvalidArgument

A, B = "a" * 64, "b" * 64
FILE = Entry("f", "file", 0o644, 1, 2, 5, 1_700_000_000_123_456_789, sha256=A)
ROOT = Entry("", "folder", 0o755)


def manifest(*entries: Entry) -> Manifest:
    return Manifest(entries)


def link(name: str, target: str) -> Entry:
    return Entry(name, "hardlink", target=target)


def lines(a: Entry, b: Entry, **given: Any) -> list[str]:
    return compare(manifest(a), manifest(b), **given).lines()


def test_what_was_added_removed_and_changed_is_told_by_name() -> None:
    before = manifest(ROOT, FILE, Entry("gone", "fifo"), Entry("both", "folder", 0o755))
    after = manifest(
        ROOT, replace(FILE, mode=0o600, sha256=B), Entry("new", "symlink"), before.entries[3]
    )
    found = compare(before, after)
    assert [one.name for one in found.added] == ["new"]
    assert [one.name for one in found.removed] == ["gone"]
    assert [one.name for one in found.changed] == ["f"]
    assert not found.same
    assert found.lines() == ["~ f: mode 644 -> 600, content", "- gone", "+ new"]
    assert found.as_json() == {
        "same": False,
        "added": ["new"],
        "removed": ["gone"],
        "changed": [{"name": "f", "attributes": {"mode": ["644", "600"], "content": [A, B]}}],
    }
    back = compare(after, before)
    assert (back.added, back.removed) == (found.removed, found.added)
    assert compare(before, before).same
    assert compare(before, before).as_json()["same"] is True


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"size": 6, "sha256": B}, "size 5 -> 6, content"),
        ({"mode": 0o4755}, "mode 644 -> 4755"),
        ({"uid": 0}, "owner 1:2 -> 0:2"),
        ({"gid": 33}, "owner 1:2 -> 1:33"),
        (
            {"mtime": 1_700_000_000_123_456_788},
            "time 2023-11-14T22:13:20.123456789Z -> 2023-11-14T22:13:20.123456788Z",
        ),
        ({"mtime": -1}, "time 2023-11-14T22:13:20.123456789Z -> 1969-12-31T23:59:59.999999999Z"),
        ({"mtime": 10**21}, "time 2023-11-14T22:13:20.123456789Z -> @1000000000000.000000000"),
        ({"xattrs": {"user.a": b"1"}}, "xattrs +user.a"),
        ({"kind": "folder"}, "kind file -> folder"),
        ({"kind": "char", "device": (1, 3)}, "kind file -> char"),
    ],
)
def test_each_attribute_is_compared(changes: dict[str, Any], line: str) -> None:
    assert lines(FILE, replace(FILE, **changes)) == [f"~ f: {line}"]
    assert len(lines(replace(FILE, **changes), FILE)) == 1


def test_xattrs_are_told_by_name() -> None:
    before = replace(FILE, xattrs={"user.a": b"1", "user.b": b"\xff", "user.same": b""})
    after = replace(FILE, xattrs={"user.a": b"2", "user.c": b"3", "user.same": b""})
    assert lines(before, after) == ["~ f: xattrs ~user.a -user.b +user.c"]
    (change,) = compare(manifest(before), manifest(after)).as_json()["changed"]
    assert change["attributes"]["xattrs"][0] == {
        "user.a": "MQ==",
        "user.b": "/w==",
        "user.same": "",
    }


def test_links_and_devices() -> None:
    assert lines(Entry("l", "symlink", target="a b"), Entry("l", "symlink", target="a\n")) == [
        '~ l: target a b -> "a\\n"'
    ]
    assert lines(Entry("l", "symlink", 0o777), Entry("l", "symlink", 0)) == []
    assert lines(Entry("d", "char", device=(1, 3)), Entry("d", "char", device=(1, 5))) == [
        "~ d: device 1:3 -> 1:5"
    ]


def test_a_hash_that_is_not_known_is_not_compared() -> None:
    assert lines(FILE, replace(FILE, sha256="")) == []
    assert lines(replace(FILE, sha256=""), replace(FILE, size=6)) == ["~ f: size 5 -> 6"]


# --- hard links


def test_which_name_of_a_file_comes_first_makes_no_difference() -> None:
    one = manifest(replace(FILE, name="a"), link("b", "a"), link("c", "b"))
    other = manifest(replace(FILE, name="c"), link("a", "c"), link("b", "c"))
    assert compare(one, other).same
    changed = manifest(replace(FILE, name="c", sha256=B), link("a", "c"), link("b", "c"))
    assert compare(one, changed).lines() == [f"~ {name}: content" for name in "abc"]


def test_names_that_are_no_longer_of_one_file_differ() -> None:
    one = manifest(replace(FILE, name="a"), link("b", "a"), replace(FILE, name="c"))
    other = manifest(replace(FILE, name="a"), replace(FILE, name="b"), link("c", "a"))
    found = compare(one, other)
    assert found.lines() == [
        "~ a: links b -> c",
        "~ b: links a -> none",
        "~ c: links none -> a",
    ]
    assert found.as_json()["changed"][0]["attributes"] == {"links": [["b"], ["c"]]}
    pairs = manifest(
        replace(FILE, name="a"), link("b", "a"), replace(FILE, name="c"), link("d", "c")
    )
    crossed = manifest(
        replace(FILE, name="a"), link("d", "a"), replace(FILE, name="b"), link("c", "b")
    )
    assert len(compare(pairs, crossed).changed) == 4


def test_another_name_that_came_or_went_is_told_alone() -> None:
    one = manifest(replace(FILE, name="a"), link("b", "a"))
    other = manifest(replace(FILE, name="b"))
    found = compare(one, other)
    assert found.lines() == ["- a"]
    back = compare(other, one)
    assert back.lines() == ["+ a"]
    assert compare(manifest(replace(FILE, name="a")), one).added == (link("b", "a"),)


def test_links_that_lead_nowhere_are_taken_as_they_are() -> None:
    loop = manifest(link("a", "b"), link("b", "a"), link("c", "gone"))
    assert compare(loop, loop).same
    assert compare(loop, manifest(link("a", "b"), link("b", "a"), link("c", "a"))).lines() == [
        "~ c: target gone -> a"
    ]


def test_a_file_of_many_names_is_not_compared_for_each_of_them() -> None:
    names = [f"{n:05d}" for n in range(20_000)]
    one = manifest(replace(FILE, name=names[0]), *(link(name, names[0]) for name in names[1:]))
    other = manifest(replace(FILE, name=names[-1]), *(link(name, names[-1]) for name in names[:-1]))
    begun = time.process_time()
    assert compare(one, other).same
    assert time.process_time() - begun < 2


# --- what is left out


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("xattrs", {"xattrs": {"user.a": b""}}),
        ("nanoseconds", {"mtime": 1_700_000_000_000_000_000}),
        ("setuid", {"mode": 0o6644}),
    ],
)
def test_what_is_ignored_makes_no_difference(word: str, changes: dict[str, Any]) -> None:
    other = replace(FILE, **changes)
    assert lines(FILE, other, ignoring=[word]) == []
    assert len(lines(FILE, other, ignoring=set(LOSSES) - {word})) == 1


def test_what_is_ignored_is_nothing_more() -> None:
    assert len(lines(FILE, replace(FILE, mode=0o1644), ignoring=["setuid"])) == 1
    assert len(lines(FILE, replace(FILE, mtime=FILE.mtime + 10**9), ignoring=["nanoseconds"])) == 1
    assert lines(FILE, replace(FILE, mtime=0), times=False) == []
    assert lines(ROOT, replace(ROOT, mode=0o700, uid=5), ignoring=["root"]) == []
    assert lines(ROOT, replace(ROOT, mode=0o700)) == ["~ .: mode 755 -> 700"]
    assert lines(ROOT, ROOT, ignoring=["sparse"]) == []
    with pytest.raises(InvalidArgument, match=r"'roots'.*xattrs, nanoseconds"):
        compare(manifest(), manifest(), ignoring=["roots"])


def test_what_a_tree_does_not_say_is_not_compared() -> None:
    full = manifest(
        ROOT, Entry("a", "folder", 0o700), Entry("a/b", "folder"), Entry("a/b/c", "fifo")
    )
    bare = manifest(Entry("a/b/c", "fifo"))
    assert compare(full, bare).same
    assert compare(bare, full).same
    other = manifest(Entry("a", "file"))
    assert compare(bare, other).lines() == ["~ a: kind folder -> file", "- a/b/c"]
    assert compare(other, bare).lines() == ["~ a: kind file -> folder", "+ a/b/c"]
    more = manifest(*bare.entries, FILE), manifest(*other.entries, replace(FILE, mode=0))
    assert [change.name for change in compare(*more).changed] == ["a", "f"]


# --- random trees

NAMES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Entry]:
    """A tree as a file system has it: names, and the file that each is of."""
    files = [replace(FILE, mode=mode, sha256=A if mode else B) for mode in range(4)]
    inodes = {one: draw(st.integers(0, 3)) for one in draw(NAMES)}
    return {name: replace(files[inode], name=name) for name, inode in inodes.items()}


def read(tree: dict[str, Entry], order: list[str]) -> Manifest:
    """As an archive has it that was made in that order; a mode stands for an inode."""
    firsts: dict[int, str] = {}
    entries = []
    for name in order:
        first = firsts.setdefault(tree[name].mode, name)
        entries.append(tree[name] if first == name else link(name, first))
    return Manifest((ROOT, *entries))


@given(trees(), trees(), st.randoms(use_true_random=False))
def test_the_order_of_reading_makes_no_difference(
    one: dict[str, Entry], other: dict[str, Entry], luck: random.Random
) -> None:
    orders = [luck.sample(sorted(tree), len(tree)) for tree in (one, one, other, other)]
    first, second, third, fourth = (
        read(tree, order) for tree, order in zip((one, one, other, other), orders, strict=True)
    )
    assert compare(first, second).same
    found = compare(first, third)
    assert compare(second, fourth).lines() == found.lines()
    assert found.same == (one == other)
    assert {entry.name for entry in found.added} == other.keys() - one.keys()
    assert {entry.name for entry in found.removed} == one.keys() - other.keys()
    json.dumps(found.as_json())


# --- names in lines


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "."),
        ("a b/c-é.tar", "a b/c-é.tar"),
        ("a\nb", '"a\\nb"'),
        ("\x1b[31m", '"\\x1b[31m"'),
        ("a\\b", '"a\\\\b"'),
        ('a"b', '"a\\"b"'),
        (" a", '" a"'),
        ("a: mode 644 -> 600", '"a: mode 644 -> 600"'),
        ("a\u202eb", '"a\\u202eb"'),
        (os.fsdecode(b"\xff\xc3"), '"\\xff\\xc3"'),
        ("\x80\xa0", '"\\u0080\\u00a0"'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_a_name_is_shown_so_that_it_does_no_harm_and_reads_one_way(name: str, said: str) -> None:
    assert shown(name) == said
    found = compare(manifest(), manifest(Entry(name or "x", "fifo")))
    assert found.lines() == [f"+ {said if name else 'x'}"]


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1), st.text(min_size=1))
def test_two_names_are_never_shown_alike(one: str, other: str) -> None:
    assert shown(one).isprintable()
    assert shown(one).encode()
    if one != other:
        assert shown(one) != shown(other) or "." in (one, other)
