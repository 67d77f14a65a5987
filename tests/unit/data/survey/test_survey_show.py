"""A survey as a tree, a page and JSON, whatever the names in it are."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser

import pytest
from rich.console import Console

from dockcli.data.survey import ACTIONS, ContainerData, DataPath, Survey
from dockcli.data.survey.show import page, tree

HOSTILE = "[red]x[/red]<script>alert(1)</script>\"'&\x1b[31m\u202e\udcff\nnext"

LAYER = DataPath("/data", "layer", size=31_470_000, files=12, lost_by=("rm", "rm -v"))
SHARED = DataPath(
    "/v", "volume", "data", size=5, lost_by=("host loss",), shared_with=("db",), rounded=True
)
ANONYMOUS = DataPath("/a", "anonymous", "ab" * 32, lost_by=("rm -v",))
NASTY = DataPath(
    HOSTILE, "bind", HOSTILE, read_only=True, shared_with=(HOSTILE,), note=HOSTILE, lost_by=()
)
IMAGE = DataPath("/", "image", "app:1", 100, read_only=True)


def survey(*paths: DataPath, unused: tuple[DataPath, ...] = ()) -> Survey:
    one = ContainerData("1" * 64, "web", "app:1", "running", paths, 5, "shop", True)
    return Survey((one,), unused, "28.2.2")


def text(of: Survey, *, color: bool = False) -> str:
    stream = io.StringIO()
    color_system = "truecolor" if color else None
    console = Console(
        file=stream, width=400, force_terminal=color, color_system=color_system, _environ={}
    )
    console.print(tree(of))
    return stream.getvalue()


def test_the_tree_says_all_that_there_is_to_say() -> None:
    lines = text(survey(IMAGE, LAYER, ANONYMOUS, SHARED)).splitlines()
    assert [line.strip("├└│─ ") for line in lines] == [
        "docker 28.2.2, 1 container: 2 paths at risk, at least 31.47MB",
        "web (running, app:1, compose project shop, removed when it stops): 2 paths at risk",
        "/  image app:1, 100B  lost by image rm alone: a pull or a build brings it back",
        "/data  writable layer, 31.47MB, 12 files  lost by rm, rm -v",
        "/a  anonymous volume abababababab..., size unknown  lost by rm -v",
        "/v  volume data, about 5B, also in db  lost by host loss",
    ]


def test_the_tree_has_colours_by_risk() -> None:
    pruned = DataPath("/p", "volume", "p", size=1, lost_by=("volume prune", "host loss"))
    shown = text(survey(LAYER, SHARED, pruned), color=True)
    assert "\x1b[1;31m/data" in shown
    assert "\x1b[32m/v" in shown
    assert "\x1b[33m/p" in shown


def test_volumes_that_nobody_has_are_shown_by_their_names() -> None:
    left = DataPath("", "anonymous", "ab" * 32, size=0, lost_by=("volume prune",))
    shown = text(survey(unused=(left,)))
    assert "volumes that no container has" in shown
    assert f"{'ab' * 32}  anonymous volume, empty  lost by volume prune" in shown
    assert "ab" * 32 in page(survey(unused=(left,)))
    assert "nothing at risk" in shown


def test_hostile_names_are_no_markup_in_the_tree_and_move_no_cursor() -> None:
    hostile = survey(NASTY)
    shown = text(hostile, color=True)
    assert "[red]x[/red]<script>" in shown
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[31m\\u202e\\udcff\\nnext" in shown
    shown.encode("utf-8")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_whole_and_hostile_names_are_words_in_it() -> None:
    one = ContainerData("1", HOSTILE, HOSTILE, HOSTILE, (NASTY, LAYER), None, HOSTILE)
    written = page(Survey((one,), (NASTY,), HOSTILE))
    written.encode("utf-8")
    read = Tags()
    read.feed(written)
    read.close()
    assert read.open == []
    assert "script" not in read.tags
    assert read.attributes <= {"charset", "class", "content", "http-equiv", "lang", "name"} | {
        "scope",
        "title",
    }
    assert any("[red]x[/red]<script>alert(1)</script>" in word for word in read.words)
    assert "\x1b" not in written
    assert "\u202e" not in written


def test_the_page_needs_nothing_but_itself() -> None:
    written = page(survey(LAYER))
    for word in ("http://", "https://", "url(", "@import", "src=", "href=", "<link"):
        assert word not in written
    for word in ("default-src 'none'", "prefers-color-scheme: dark", "@media print", "at-risk"):
        assert word in written
    assert all(f"<code>{action}</code>" in written for action in ACTIONS)
    assert 'title="31470000 bytes"' in written


@pytest.mark.parametrize(
    ("path", "at_risk"),
    [
        (LAYER, True),
        (DataPath("/f", "layer", size=0, files=1, lost_by=("rm", "rm -v")), True),
        (ANONYMOUS, True),
        (DataPath("/a", "anonymous", size=0, lost_by=("rm -v",)), False),
        (DataPath("/a", "anonymous", size=0, files=2, lost_by=("rm -v",)), True),
        (DataPath("/a", "anonymous", size=9, lost_by=("host loss",)), False),
        (DataPath("/t", "tmpfs", lost_by=("stop", "rm -v")), False),
        (SHARED, False),
    ],
)
def test_what_counts_as_at_risk(path: DataPath, at_risk: bool) -> None:
    assert path.at_risk is at_risk
    assert survey(path).at_risk == ((path,) if at_risk else ())


def test_json_has_the_keys_that_are_promised_and_exact_sizes() -> None:
    told = json.loads(json.dumps(survey(LAYER, NASTY, unused=(SHARED,)).as_json()))
    assert set(told) == {
        *("schema", "engine", "prune", "actions", "at_risk", "containers", "unused"),
    }
    assert (told["schema"], told["at_risk"], told["actions"]) == (1, True, ACTIONS)
    (one,) = told["containers"]
    assert set(one) == {
        *("id", "name", "image", "state", "layer_size", "project", "auto_remove"),
        *("at_risk", "paths"),
    }
    assert one["paths"][0] == {
        "path": "/data",
        "source": "layer",
        "name": "",
        "size": 31470000,
        "files": 12,
        "rounded": False,
        "read_only": False,
        "lost_by": ["rm", "rm -v"],
        "shared_with": [],
        "note": "",
        "at_risk": True,
    }
    assert one["paths"][1]["path"] == HOSTILE
    assert told["unused"][0]["rounded"] is True
