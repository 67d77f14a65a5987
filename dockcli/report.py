"""How a run of a recipe is shown: each step as it happens, then the claims.

With rich on a terminal, as plain text in a pipe.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from dockcli.errors import Refused

if TYPE_CHECKING:
    from dockcli.recipes.figure import Table, Tree
    from dockcli.recipes.result import Claim, Result, Step

_LINES = 12  # of one step's output; the rest is in --json
_VERDICTS = {True: "holds", False: "DOES NOT HOLD", None: "not shown here"}


class Report(Protocol):
    """Something that shows a run."""

    def begin(self, section: str, title: str) -> None:
        """Show which recipe begins."""

    def step(self, step: Step) -> None:
        """Show a step that has just happened."""

    def result(self, result: Result) -> None:
        """Show what it came to."""

    def summary(self, results: Sequence[Result]) -> None:
        """Show what several recipes came to."""


def report(stream: TextIO) -> Report:
    """The report for *stream*: a terminal or a pipe."""
    return Pretty(stream) if stream.isatty() else Plain(stream)


class Silent:
    """For ``--json``, which shows nothing but the object at the end."""

    def begin(self, section: str, title: str) -> None: ...

    def step(self, step: Step) -> None: ...

    def result(self, result: Result) -> None: ...

    def summary(self, results: Sequence[Result]) -> None: ...


class Both:
    """Two reports at once."""

    def __init__(self, *reports: Report) -> None:
        self._reports = reports

    def begin(self, section: str, title: str) -> None:
        for one in self._reports:
            one.begin(section, title)

    def step(self, step: Step) -> None:
        for one in self._reports:
            one.step(step)

    def result(self, result: Result) -> None:
        for one in self._reports:
            one.result(result)

    def summary(self, results: Sequence[Result]) -> None:
        for one in self._reports:
            one.summary(results)


class Plain:
    """Text without colours, frames or widths."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def begin(self, section: str, title: str) -> None:
        self._say(f"# {section}. {title}")

    def step(self, step: Step) -> None:
        if step.returncode is None:  # a dry run: a line that can be pasted
            self._say(shlex.join(step.argv))
            return
        self._say(f"$ {line(step)}")
        for one in said(step):
            self._say(f"  {one}")
        self._say(f"  {outcome(step)}")

    def result(self, result: Result) -> None:
        self._say("")
        for figure in figures(result):
            for one in flat(figure):
                self._say(one)
            self._say("")
        for claim in result.claims:
            self._say(f"{_VERDICTS[claim.holds]}: {claim.text} ({claim.id})")
            self._say(f"  {claim.evidence}")
        self._say(summary(result))

    def summary(self, results: Sequence[Result]) -> None:
        self._say("")
        for result in results:
            self._say(f"{result.recipe}: {tally(result)}")

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Pretty:
    """Colours and a table, by rich."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console

        self._console = Console(file=stream, highlight=False)

    def begin(self, section: str, title: str) -> None:
        from rich.markup import escape

        self._console.rule(escape(f"{section}. {title}"), align="left")

    def step(self, step: Step) -> None:
        from rich.markup import escape

        if step.returncode is None:
            self._console.print(escape(shlex.join(step.argv)), soft_wrap=True)
            return
        self._console.print(f"[bold cyan]$[/] [bold]{escape(line(step))}[/]")
        for one in said(step):
            self._console.print(f"  {escape(one)}", style="dim")
        style = "green" if step.returncode == 0 else "red"
        self._console.print(f"  {outcome(step)}", style=style)

    def result(self, result: Result) -> None:
        from rich.markup import escape
        from rich.table import Table

        for figure in figures(result):
            self._console.print(drawn(figure))
        table = Table()
        table.add_column("claim", ratio=2)
        table.add_column("evidence", ratio=3, overflow="fold")
        table.add_column("verdict", no_wrap=True)
        for claim in result.claims:
            table.add_row(escape(claim.text), escape(claim.evidence), self._verdict(claim))
        self._console.print(table)
        self._console.print(
            escape(summary(result)), style="bold green" if result.ok else "bold red"
        )

    def summary(self, results: Sequence[Result]) -> None:
        from rich.table import Table

        table = Table("recipe", "claims")
        for result in results:
            table.add_row(result.recipe, tally(result), style="" if result.ok else "bold red")
        self._console.print(table)

    def _verdict(self, claim: Claim) -> str:
        colour = {True: "green", False: "bold red", None: "yellow"}[claim.holds]
        return f"[{colour}]{_VERDICTS[claim.holds]}[/]"


class Saved(Pretty):
    """The same, kept in files: a page, a picture."""

    def __init__(self, *, html: str | None, svg: str | None) -> None:
        self._html, self._svg = html, svg
        if html or svg:
            import io

            from rich.console import Console

            self._console = Console(file=io.StringIO(), record=True, width=120, highlight=False)

    def refuse_unwritable(self) -> None:
        """Say so before anything is run when a file cannot be written."""
        for path in filter(None, (self._html, self._svg)):
            try:
                with open(path, "a", encoding="utf-8"):
                    pass
            except OSError as error:
                raise Refused(f"{path} cannot be written: {error.strerror}") from None

    def save(self) -> None:
        """Write the files."""
        if self._html:
            self._console.save_html(self._html, clear=False)
        if self._svg:
            self._console.save_svg(self._svg, title="dockcli", clear=False)


def line(step: Step) -> str:
    """The command, without the labels by which what it makes is found again."""
    own = "--label=dockcli."
    words = shlex.join(word for word in step.argv if not word.startswith(own))
    return f"{words}  (+ {own}…)" if any(word.startswith(own) for word in step.argv) else words


def said(step: Step) -> list[str]:
    """The first lines of what a step wrote, safe to show; only the document's steps show many."""
    lines = [_visible(line) for line in (step.stdout + step.stderr).splitlines() if line.strip()]
    if len(lines) <= _LINES:
        return lines
    shown = _LINES if step.document else 0
    return [*lines[:shown], f"… {len(lines) - shown} lines{' more' if shown else ''}"]


def _visible(line: str) -> str:
    """*line* cut to a screen's worth, its control characters shown and not obeyed."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    return shown if len(shown) <= 300 else f"{shown[:300]}…"


def outcome(step: Step) -> str:
    """Its exit code if it is not 0, and how long it took."""
    code = f"exit code {step.returncode}, " if step.returncode else ""
    return f"{code}{step.seconds:.2f} s"


def figures(result: Result) -> Sequence[Table | Tree]:
    """The tables and trees of a result that has some."""
    found: Sequence[Table | Tree] = getattr(result, "figures", ())
    return found


def flat(figure: Table | Tree, depth: int = 0) -> list[str]:
    """A table or tree as plain lines, which no width can break."""
    from dockcli.recipes.figure import Tree

    if isinstance(figure, Tree):
        below = [line for branch in figure.branches for line in flat(branch, depth + 1)]
        return ["  " * depth + _visible(figure.label), *below]
    lines = []
    for name, *cells in figure.rows:
        lines.append(f"{name}:")
        for column, cell in zip(figure.columns[1:], cells, strict=True):
            lines.append(f"  {column}: {_visible(cell)}")
    return lines


def drawn(figure: Table | Tree) -> Any:
    """A table or tree as rich draws it."""
    from rich import table, text, tree

    from dockcli.recipes.figure import Tree

    if isinstance(figure, Tree):
        top = tree.Tree(text.Text(_visible(figure.label)))
        for branch in figure.branches:
            top.add(drawn(branch))
        return top
    grid = table.Table(*figure.columns, show_lines=True)
    for row in figure.rows:
        grid.add_row(*(text.Text(_visible(cell), overflow="fold") for cell in row))
    return grid


def tally(result: Result) -> str:
    """How many claims hold, and how many could not be shown."""
    held = sum(claim.holds is True for claim in result.claims)
    unseen = sum(claim.holds is None for claim in result.claims)
    return f"{held} of {len(result.claims)} claims hold" + (
        f", {unseen} not shown here" if unseen else ""
    )


def summary(result: Result) -> str:
    """The last line."""
    base = result.engine.base_image
    return (
        f"{tally(result)}, on engine {result.engine.server} with client "
        f"{result.engine.client} and {base.reference} ({base.origin})"
    )


def write_json(text: str) -> None:
    """JSON is UTF-8, whatever the terminal's locale is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()
