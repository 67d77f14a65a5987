"""A survey as people see it: a tree in the terminal, and a page for the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli.data.survey.page import page
from dockcli.data.survey.wording import about, losses, risk, summary, title
from dockcli.progress.words import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.tree import Tree

    from dockcli.data.survey.values import DataPath, Survey

__all__ = ["page", "tree"]

_STYLES = {"at risk": "bold red", "can go": "yellow", "stays": "green"}


def tree(survey: Survey) -> Tree:
    """A branch for each container, a leaf for each path.

    Red is what ``docker rm -v`` of the container would destroy, yellow what some other command
    would, green what only the loss of the machine can take. Names are shown as they are: nothing in
    them is taken for markup, and what a terminal would obey is spelled.
    """
    from rich.text import Text
    from rich.tree import Tree

    top = Tree(Text(summary(survey), style="bold"))
    for one in survey.containers:
        style = "bold red" if one.at_risk else "bold"
        _add(top.add(Text(title(one), style=style)), one.paths)
    if survey.unused:
        _add(top.add(Text("volumes that no container has", style="bold")), survey.unused)
    return top


def _add(branch: Tree, paths: Iterable[DataPath]) -> None:
    from rich.text import Text

    for path in paths:
        leaf = Text.assemble(
            (harmless(path.path or path.name), _STYLES[risk(path)]),
            f"  {about(path)}",
            (f"  {losses(path)}", "dim"),
        )
        branch.add(leaf)
