"""Who owns what is copied between a folder and a volume: numbers, for names are of one machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockcli.data.helper import Owners
from dockcli.errors import InvalidArgument

_HIGHEST = 2**32 - 2  # the last one is no user: it means "leave it"
_CHOWN = re.compile(r"(?P<user>[0-9]+)?(?::(?P<group>[0-9]+))?")
_RULE = re.compile(r"(?:(?P<kind>[ug]):)?(?P<old>[0-9]+):(?P<new>[0-9]+)")
_KINDS = {"": "", "u": "uid ", "g": "gid "}


def parse(*, chown: str | None = None, map: str | None = None) -> tuple[Owners, str]:
    """The owners that ``--chown`` or ``--map`` means, and the same in words.

    *chown* is ``UID``, ``UID:GID`` or ``:GID``, for all; *map* is ``OLD:NEW`` for a uid and the gid
    of the same number, ``u:OLD:NEW`` or ``g:OLD:NEW`` for one, several with commas between. Each
    entry is mapped once, so two can be swapped. With neither all keep the numbers that they have.
    Raises InvalidArgument.
    """
    if chown is not None and map is not None:
        raise InvalidArgument("chown= says one owner for all, map= one for another: give one")
    if chown is not None:
        return _chown(chown)
    if map is not None:
        return _map(map)
    return Owners(), "as they were, by number"


def _chown(text: str) -> tuple[Owners, str]:
    found = _CHOWN.fullmatch(text)
    if found is None or not (found["user"] or found["group"]):
        raise InvalidArgument(
            f"chown={text!r}: it is UID, UID:GID or :GID, in numbers, for a name is of one machine"
        )
    user, group = (None if part is None else _id(part) for part in found.group("user", "group"))
    said = ", ".join(
        f"{kind} {id}" for kind, id in (("user", user), ("group", group)) if id is not None
    )
    return Owners(user, group), f"{said} for all"


def _map(text: str) -> tuple[Owners, str]:
    users: dict[int, int] = {}
    groups: dict[int, int] = {}
    for kind, old, new in _rules(text):
        for known, wanted in ((users, "u"), (groups, "g")):
            if kind not in ("", wanted):
                continue
            if known.setdefault(old, new) != new:
                raise InvalidArgument(f"map={text!r} gives {old} two owners")
    said = ", ".join(f"{_KINDS[kind]}{old} becomes {new}" for kind, old, new in _rules(text))
    return Owners(users=users, groups=groups), said


def _rules(text: str) -> Iterator[tuple[str, int, int]]:
    for part in text.split(","):
        found = _RULE.fullmatch(part)
        if found is None:
            raise InvalidArgument(
                f"map={text!r}: {part!r} is not OLD:NEW, u:OLD:NEW or g:OLD:NEW, in numbers"
            )
        yield found["kind"] or "", _id(found["old"]), _id(found["new"])


def _id(text: str) -> int:
    # Python itself refuses to read a number of some thousand digits, with an error of its own.
    if len(text) > len(str(_HIGHEST)) or int(text) > _HIGHEST:
        raise InvalidArgument(f"{text[:20]} is no uid or gid: {_HIGHEST} is the highest")
    return int(text)
