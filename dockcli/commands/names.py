"""Names in ``filter=``: docker takes any part of a name for it, here a name means itself."""

from __future__ import annotations

import re

from dockcli.call import Call
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

# What can be a whole name; with any other character it is a pattern, and docker's to read.
_NAME = r"/?[A-Za-z0-9][A-Za-z0-9_.-]*"
_FILTER = "--filter="
_LIMITS = ("--last=", "--latest")


def exactly_named(call: Call[list[Any]], attribute: str = "name") -> Call[list[Any]]:
    """*call*, an `ls`, giving only what has exactly one of the names that its ``filter=`` asks for.

    docker would give ``my-web`` for ``filter={"name": "web"}`` too. A name with a character that no
    name has (``^web``, ``web*``) is a pattern: then all is left as docker gives it, and so is its
    own text (``format=``, ``quiet=True``). *attribute* is where the models have the name.
    """
    names = names_asked_for(call.argv[call.flags_at :])
    if not names:
        return call

    def named(completed: Any, written: str) -> Any:
        answer = call.parse(completed, written)
        if not isinstance(answer, list):
            return answer
        return [one for one in answer if getattr(one, attribute) in names]

    return call.replace(parse=named)


def counted_by_name(call: Call[list[Any]]) -> Call[list[Any]]:
    """*call*, an `ls`, asking docker itself for whole names where it gives only the last few.

    It would count ``my-web`` among the last for ``filter={"name": "web"}``.
    """
    words = call.argv[call.flags_at :]
    if not names_asked_for(words) or not any(word.startswith(_LIMITS) for word in words):
        return call
    return call.replace(argv=(*call.argv[: call.flags_at], *map(_anchored, words)))


def _anchored(word: str) -> str:
    """The filter for a name as docker's pattern for just that one; another word as it is."""
    names = names_asked_for((word,))
    pattern = "".join(names).replace(".", r"\.")
    return f"{_FILTER}name=^/?{pattern}$" if names else word


def names_asked_for(words: tuple[str, ...]) -> frozenset[str]:
    """The names in the filters among *words*; none where one of them is a pattern."""
    pairs = (word[len(_FILTER) :].partition("=") for word in words if word.startswith(_FILTER))
    # docker reads a key without its spaces, in small letters
    names = [value.strip() for key, _, value in pairs if key.strip().lower() == "name"]
    if not all(re.fullmatch(_NAME, name) for name in names):
        return frozenset()
    return frozenset(name.removeprefix("/") for name in names)
