"""A survey as one page for the browser, which needs nothing but itself."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from dockcli.data.survey.values import ACTIONS
from dockcli.data.survey.wording import amount, losses, risk, source, summary, title
from dockcli.progress.words import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockcli.data.survey.values import ContainerData, DataPath, Survey

_STYLE = """\
:root { color-scheme: light dark; --line: #8884; --risk: #c00; --can: #96700a; --stay: #16702e }
@media (prefers-color-scheme: dark) { :root { --risk: #ff7b72; --can: #e3b341; --stay: #56d364 } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; overflow-wrap: anywhere }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere }
td.size { white-space: nowrap } code { font: .92em ui-monospace, monospace }
.at-risk { color: var(--risk); font-weight: 600 } .can-go { color: var(--can) }
.stays { color: var(--stay) } small { opacity: .75 }
dt { font-weight: 600 } dd { margin: 0 0 .4rem }
@media print { body { margin: 0; max-width: none } tr, h2 { break-inside: avoid }
  h2 { break-after: avoid } .wide { overflow: visible } }
"""

_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What would be lost</title>
<style>
"""


def page(survey: Survey) -> str:
    """The survey as HTML: light or dark as the reader has it, to be printed too, without scripts.

    It is ASCII but for what names hold, and has neither links nor anything to be fetched.
    """
    parts = [_HEAD, _STYLE, "</style>\n</head>\n<body>\n<h1>What would be lost</h1>\n"]
    parts.append(f"<p>{escape(summary(survey))}</p>\n")
    parts += map(_container, survey.containers)
    if survey.unused:
        parts.append(f"<h2>Volumes that no container has</h2>\n{_table(survey.unused)}")
    parts.append("<h2>What destroys data</h2>\n<dl>\n")
    parts += [
        f"<dt><code>{escape(action)}</code></dt><dd>{escape(meaning)}</dd>\n"
        for action, meaning in ACTIONS.items()
    ]
    parts.append("</dl>\n</body>\n</html>\n")
    return "".join(parts)


def _container(one: ContainerData) -> str:
    kind = ' class="at-risk"' if one.at_risk else ""
    return f"<h2{kind}>{escape(title(one))}</h2>\n{_table(one.paths)}"


def _table(paths: Iterable[DataPath]) -> str:
    heads = ("Path", "Source", "Size", "Risk", "Lost by")
    head = "".join(f'<th scope="col">{head}</th>' for head in heads)
    rows = "".join(map(_row, paths))
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>\n"
    )


def _row(path: DataPath) -> str:
    kind = risk(path)
    exact = "" if path.size is None else f' title="{path.size} bytes"'
    more = [
        "read-only" if path.read_only and path.source != "image" else "",
        f"also in {', '.join(path.shared_with)}" if path.shared_with else "",
        path.note,
    ]
    notes = "".join(f"<br><small>{escape(harmless(note))}</small>" for note in filter(None, more))
    return (
        f"<tr><td><code>{escape(harmless(path.path or path.name))}</code></td>"
        f"<td>{escape(source(path))}{notes}</td>"
        f'<td class="size"{exact}>{escape(amount(path))}</td>'
        f'<td class="{kind.replace(" ", "-")}">{kind}</td>'
        f"<td>{escape(losses(path))}</td></tr>\n"
    )
