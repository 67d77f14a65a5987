"""What a ``prune`` removed, as docker tells it: in lines for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.models.human import size

_HEADING = re.compile(r"Deleted [A-Za-z ]+:")
_TOTAL = re.compile(r"Total reclaimed space: (.+)")
_ASKED = "[y/N] "  # the end of docker's question, where it was let ask


@dataclass(frozen=True, slots=True)
class Pruned:
    """The ids that a ``prune`` deleted, and the bytes that it freed: rounded by docker, None for
    podman, which does not tell."""

    deleted: tuple[str, ...]
    reclaimed: int | None
    raw: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImagesPruned:
    """The names that ``image prune`` took away, the ids that it deleted, and the bytes that it
    freed: rounded by docker, None for podman, which does not tell."""

    untagged: tuple[str, ...]
    deleted: tuple[str, ...]
    reclaimed: int | None
    raw: str = field(repr=False)


def pruned(completed: Completed, name: str = "[0-9a-f]{12,64}") -> Pruned:
    """The answer of a ``prune`` of objects whose ids, or names, look like *name*."""
    said, reclaimed = _said(completed)
    for line in said:
        if not re.fullmatch(name, line):
            raise UnreadableOutput(completed, f"neither an id nor a total: {line!r}")
    return Pruned(tuple(said), reclaimed, completed.text)


def images_pruned(completed: Completed) -> ImagesPruned:
    """The answer of ``image prune``; podman's has only ids."""
    said, reclaimed = _said(completed)
    pairs = [line.rpartition(": ") for line in said]
    for did, _, what in pairs:
        if did not in ("untagged", "deleted", "") or not re.fullmatch(r"[^\s]+", what):
            raise UnreadableOutput(completed, f"neither an image nor a total: {what!r}")
    return ImagesPruned(
        untagged=tuple(what for did, _, what in pairs if did == "untagged"),
        deleted=tuple(_digest(what) for did, _, what in pairs if did != "untagged"),
        reclaimed=reclaimed,
        raw=completed.text,
    )


def _said(completed: Completed) -> tuple[list[str], int | None]:
    """The lines but for headings and the total, and the total in bytes."""
    text = completed.text.rpartition(_ASKED)[2]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    totals = [match for match in map(_TOTAL.fullmatch, lines) if match]
    reclaimed = [size(match[1]) for match in totals]
    if None in reclaimed:
        raise UnreadableOutput(completed, f"no size: {totals[0][1]!r}")
    return list(_items(lines)), reclaimed[-1] if reclaimed else None


def _items(lines: Iterable[str]) -> Iterable[str]:
    return (line for line in lines if not _HEADING.fullmatch(line) and not _TOTAL.fullmatch(line))


def _digest(image: str) -> str:
    return image if ":" in image else f"sha256:{image}"
