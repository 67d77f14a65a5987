"""The document and the pages of the cookbook, as the tests read them.

``python -m tests.cookbook`` makes the transcripts of all pages anew, on the engine that docker
reaches; with names of recipes, theirs.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).parents[1]
PAGES = TOP / "recipes"
DOCUMENT = (PAGES / "document.ko.md").read_text(encoding="utf-8")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_PROMPT = re.compile(r"^➜ +(?:~ )?")
_STEPS = {
    "isolation": r"image (build|ls)|container run|container cp random\d:\S+ \S+number\d|cat ",
    "writable_layer": r"container (create|start|stop|rm)|container exec .*echo|container diff",
    "image_layers": r"container (create|start) |container diff|container ls",
    "copy_on_write": r"container exec .*echo|container diff",
    "bind_mount_shell": r"container run --i|container exec|ls |cat |cd |vi |volume ls",
    "volumes_from": r"container run --i|container (exec|rm)|vi ",
    "volume_instruction": r"container (run|rm)|volume ls",
    "volume_lifecycle": r"volume (create|rm)|container rm|container run .*(cycle-1 |--rm .*cat)",
    "bind_mount": r"container run (--name|--rm)|container exec",
    "volume_vs_bind": r"volume (create|rm)|container run (?!\S+probe)(--name|.*--rm)",
    "filesystem": r"container (exec|rm)|container run --(name|vol|det)",
}
"""Which steps of a run its page shows."""
_OPTIONS = {"filesystem": ["--demo-share"]}
"""With what else than nothing a recipe is run for its page."""


class Block(NamedTuple):
    """A fenced block of a page."""

    kind: str
    text: str


def blocks(text: str, kind: str | None = None) -> list[Block]:
    """The fenced blocks of a page, those of one *kind* or all."""
    found = [Block(match[1], match[2]) for match in _FENCE.finditer(text)]
    return [block for block in found if kind in (None, block.kind)]


def page(name: str) -> str:
    """The page of a recipe."""
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def sentences() -> list[tuple[str, str]]:
    """The document's prose: the heading that each sentence stands under, and the sentence.

    Prose is its list items. What ends no sentence (``과정``) is a marker of the one beside it.
    """
    found: list[tuple[str, str]] = []
    above = heading = ""
    for line in _FENCE.sub("", DOCUMENT).splitlines():
        if title := re.match(r"(#+) (.*)", line):
            above = title[2] if len(title[1]) == 2 else above
            heading = title[2] if len(title[1]) == 2 else f"{above} > {title[2]}"
        elif item := re.match(r" *(?:-|\d\.) (.*)", line):
            pieces = re.split(r"(?<=[.?!]) +(?!\()", item[1].strip())
            found += [
                (heading, piece) for piece in pieces if re.search(r"[.?!]( \(\w+\))?$", piece)
            ]
    return found


def commands() -> list[str]:
    """The command lines of the document's code blocks, without their prompts."""
    lines = [line for block in blocks(DOCUMENT) for line in block.text.splitlines()]
    return [_PROMPT.sub("", line) for line in lines if _PROMPT.match(line)]


class Substitution(NamedTuple):
    """A pattern of the document's blocks, what runs in its place, and why."""

    document: re.Pattern[str]
    runs: str
    why: str


def substitutions() -> list[Substitution]:
    """The committed table, in its order."""
    table = json.loads((PAGES / "substitutions.json").read_text(encoding="utf-8"))
    return [
        Substitution(re.compile(one["document"], re.M), one["runs"], one["why"]) for one in table
    ]


def substituted(text: str) -> str:
    """What runs for a block of the document."""
    for one in substitutions():
        text = one.document.sub(one.runs, text)
    return text


def _write_transcript(name: str) -> None:
    """Run a recipe, and put the steps that its page shows into the page."""
    done = subprocess.run(
        [sys.executable, "-m", f"dockcli.recipes.{name}", *_OPTIONS.get(name, [])],
        cwd=TOP,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    steps, _, end = done.stdout.partition("\n\n")
    head, *runs = re.split(r"^(?=\$ )", steps, flags=re.M)
    kept = [run for run in runs if re.match(rf"\$ (?:docker )?(?:{_STEPS[name]})", run)]
    text = "".join(f"{part.rstrip()}\n" for part in (head, *kept, "", end))
    before, fence, after = page(name).partition("```text\n")
    rest = after[after.index("\n```\n") + 1 :] if not after.startswith("```") else after
    (PAGES / f"{name}.md").write_text(before + fence + text + rest, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or _STEPS:
        _write_transcript(name)
        print(name, flush=True)
