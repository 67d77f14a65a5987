"""The screen on its own, and the bytes of keys."""

from __future__ import annotations

import random

import pytest

from dockcli.errors import InvalidArgument
from dockcli.terminal.keys import detach_sequence, sent_for
from dockcli.terminal.screen import Screen

ROWS, COLUMNS = 6, 20


def shown(*chunks: bytes, rows: int = ROWS) -> Screen:
    screen = Screen(rows, COLUMNS, lambda text: None)
    for chunk in chunks:
        screen.feed(chunk)
    return screen


class Patient(Screen):
    """One that shows every line."""

    def _passed(self, data: bytes) -> int:
        return 0


BEFORE = (
    b"",
    b"old old old old old\r\n" * 9 + b"\x1b[H",
    b"old\r\n" * 9 + b"\x1b[3;3r\x1b[2;2H",  # lines that do not scroll
    b"old\r\n" * 9 + b"\x1b[1;5",  # in the midst of a sequence
    b"old\r\n" * 9 + "볼".encode()[:2],  # and of a character
    b"\x1b[4h\x1b[31m",
    b"\x1b[?7l",
)


@pytest.mark.parametrize("before", BEFORE)
def test_what_is_passed_over_leaves_no_trace(before: bytes) -> None:
    """The same as if each line had been shown, whatever came before and however long lines are."""
    dice = random.Random(before)
    passed = 0
    for _ in range(60):
        ends = [b"\r\n", b"\r\n", b"\r\n", dice.choice([b"\n", b"\r", b"\t", b"\x1b[2C", b"\x08"])]
        lines = [
            bytes(dice.choices(b"abc ", k=dice.randrange(2 * COLUMNS))) + dice.choice(ends)
            for _ in range(dice.randrange(60))
        ]
        data = b"".join(lines)
        screen = shown(before)
        passed += screen._passed(data)
        screen.feed(data)
        patient = Patient(ROWS, COLUMNS, lambda text: None)
        patient.feed(before)
        patient.feed(data)
        assert (screen.text, screen.cursor) == (patient.text, patient.cursor)
    assert passed or b"r" in before or before.endswith(b"5")


def test_plain_lines_are_passed_over() -> None:
    assert shown()._passed(b"x\r\n" * 1000) > 2900
    assert shown()._passed(b"x\r\n" * 1000 + b"\x1b[m") == 0
    assert shown()._passed("x\x9b\r\n".encode() * 1000) == 0


def test_a_smaller_window_keeps_the_lines_about_the_cursor() -> None:
    screen = shown(b"one\r\ntwo", rows=10)
    screen.resize(3, COLUMNS)
    assert (screen.text, screen.cursor) == ("one\ntwo", (1, 3))
    screen.feed(b"\r\nthree\r\nfour")
    assert (screen.text, screen.cursor) == ("two\nthree\nfour", (2, 4))
    screen.resize(2, COLUMNS)
    assert (screen.text, screen.cursor) == ("three\nfour", (1, 4))
    screen.resize(5, COLUMNS)
    assert (screen.text, screen.cursor) == ("three\nfour", (1, 4))


def test_a_painting_shows_the_same() -> None:
    first = shown(b"one\r\n  two\x1b[?1h\x1b[1;2H")
    again = shown(b"something else", first.painting())
    assert (again.text, again.cursor, again.application) == (first.text, first.cursor, True)


def test_undoing_puts_back_what_a_program_has_changed() -> None:
    assert shown(b"plain\r\n\x1b[1mbold\x1b[0m").undoing() == b""
    left = shown(b"\x1b[?1049h\x1b[?25l\x1b[?1h\x1b[?2004h\x1b[2;4r\x1b[31m")
    undone = left.undoing()
    for part in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1l", b"\x1b[?2004l", b"\x1b[r", b"\x1b[0m"):
        assert part in undone
    left.feed(undone)
    assert left.undoing() == b""


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("a", b"a"),
        ("-", b"-"),
        ("é", "é".encode()),
        ("Escape", b"\x1b"),
        ("return", b"\r"),
        ("ctrl-d", b"\x04"),
        ("Ctrl-D", b"\x04"),
        ("ctrl-[", b"\x1b"),
        ("ctrl-\\", b"\x1c"),
        ("ctrl-space", b"\0"),
        ("ctrl-?", b"\x7f"),
        ("alt-x", b"\x1bx"),
        ("alt-enter", b"\x1b\r"),
        ("ctrl-alt-a", b"\x1b\x01"),
        ("left", b"\x1b[D"),
        ("shift-up", b"\x1b[1;2A"),
        ("ctrl-shift-end", b"\x1b[1;6F"),
        ("f1", b"\x1bOP"),
        ("shift-f1", b"\x1b[1;2P"),
        ("f12", b"\x1b[24~"),
        ("ctrl-delete", b"\x1b[3;5~"),
        ("pagedown", b"\x1b[6~"),
        ("shift-tab", b"\x1b[Z"),
        ("backspace", b"\x7f"),
    ],
)
def test_a_key_sends_what_xterm_sends(name: str, sent: bytes) -> None:
    assert sent_for(name) == sent


@pytest.mark.parametrize(
    "name", ["", "ctrl-", "ctrl-é", "ctrl-ctrl-a", "hyper-a", "f13", "\n", "ctrl", "shift-a", "ab"]
)
def test_what_is_no_key_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument, match="no key"):
        sent_for(name)


def test_detach_keys_are_written_as_docker_writes_them() -> None:
    assert detach_sequence("ctrl-p,ctrl-q") == [b"\x10", b"\x11"]
    assert detach_sequence("a,ctrl-@,ctrl-_") == [b"a", b"\0", b"\x1f"]
    for odd in ("ctrl-1", "shift-a", "ctrl-p,", "ab"):
        with pytest.raises(InvalidArgument, match="single characters"):
            detach_sequence(odd)
