"""`Progress` as words for people, safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockcli.models.progress import Progress

_LONGEST = 300  # characters of a line that are shown
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def harmless(text: str, encoding: str = "utf-8") -> str:
    """*text* cut to a screen's worth; what a terminal obeys or *encoding* lacks is spelled."""
    shown = text if text.isprintable() else "".join(map(_visible, text[: _LONGEST + 1]))
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}..."
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _visible(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]


def readable(n: int) -> str:
    """*n* bytes as docker writes them: ``31.47MB``."""
    value, unit = float(n), 0
    while value >= 999.95 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.4g}{_UNITS[unit]}"


def amount(one: Progress) -> str:
    """How many bytes of how many; "" where docker tells none."""
    if one.current is None:
        return ""
    total = f"/{readable(one.total)}" if one.total else ""
    return f"{readable(one.current)}{total}"


def label(one: Progress) -> str:
    """What it is about, in short."""
    if one.step is not None:
        stage = f"{one.stage} " if one.stage else ""
        return f"[{stage}{one.step}/{one.steps}]"
    return one.command or one.id or one.verb


def doing(one: Progress) -> str:
    """What docker does with it, and with which part."""
    if one.error:
        return f"{one.status}: {one.error}"
    if one.part and one.part != one.status:
        part = one.part.removeprefix("sha256:")[:12]
        return f"{one.status} {part}".strip()
    if one.image and not one.part and not one.id:
        return f"{one.status} {one.image}"
    if one.status == "STARTED":
        return one.command if one.step is not None else ""
    return one.status


def line(one: Progress) -> str:
    """All of it in a line."""
    if one.text:
        return f"{label(one)} | {one.text}" if one.id else one.text
    between = " " if one.step is not None else ": "
    said = " ".join(filter(None, (doing(one), amount(one))))
    return f"{label(one)}{between}{said}" if said else label(one)
