"""Which command of docker's a line names: ``ps`` is ``container ls``."""

from __future__ import annotations

import difflib
from functools import cache

from dockcli import spec
from dockcli.errors import InvalidArgument


@cache
def _names() -> frozenset[str]:
    """Every name that a command has."""
    return frozenset({*spec.commands(), *spec.other_names()})


@cache
def _groups() -> frozenset[str]:
    """What only stands in front of commands: ``container``, ``buildx imagetools``."""
    split = (name.split(" ") for name in _names())
    return frozenset(" ".join(words[:end]) for words in split for end in range(1, len(words)))


def is_command(name: str) -> bool:
    """Whether *name* is a command, under its canonical name or another."""
    return name in _names()


def is_group(name: str) -> bool:
    """Whether commands stand below *name*; a few are commands themselves too."""
    return name in _groups()


def command(name: str, behind: str = "") -> str:
    """The canonical name; raises InvalidArgument, with the nearest names, for what is none.

    *behind* is the next word: ``contaner rm`` is nearer to a command than ``contaner``.
    """
    if is_command(name):
        return spec.canonical(name)
    both = f"{name} {behind}".rstrip()
    if near := difflib.get_close_matches(both, _names(), cutoff=0.8):
        name = both
    else:
        near = difflib.get_close_matches(name, _names() | _groups())
    meant = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise InvalidArgument(f"docker has no command {name!r}{meant}")


def members(group: str) -> str:
    """The commands of *group* (``""``: docker's own and its groups), for a message."""
    before = f"{group} " if group else ""
    inside = {name[len(before) :].split(" ")[0] for name in _names() if name.startswith(before)}
    return ", ".join(sorted(inside))
