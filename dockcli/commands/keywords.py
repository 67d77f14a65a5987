"""dockcli's own keywords: what they take, and how a call has them."""

from __future__ import annotations

from collections.abc import Mapping

from dockcli import feed
from dockcli.errors import InvalidArgument
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

OWN_KEYWORDS = (
    *("deadline", "silence", "stdin", "stdout", "check"),
    *("stream", "on_progress", "missing_ok"),
)
"""The keywords that are dockcli's: those of the first line on every verb. None of them is the name
of a docker flag."""


def own(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """What a call has of dockcli's own *keywords*, checked."""
    if not keywords:
        return {}
    checked = {name: value for name, value in keywords.items() if name != "stream"}
    for name in ("deadline", "silence"):
        if checked.get(name) is not None:
            checked[name] = seconds(checked[name], name)
    if not isinstance(checked.get("check", True), bool):
        raise InvalidArgument(f"check= is True or False, not {checked['check']!r}")
    if not feed.is_stdin(stdin := checked.get("stdin")):
        raise InvalidArgument(
            f"stdin= takes bytes, a text, a file or an iterator of bytes, not {stdin!r}"
        )
    if not feed.is_stdout(stdout := checked.get("stdout")):
        hint = f": a path is Path({stdout!r})" if isinstance(stdout, str) else ""
        raise InvalidArgument(
            f"stdout= takes a pathlib.Path, a file or its descriptor, not {stdout!r}{hint}"
        )
    if checked.get("silence") is not None and stdout is not None:
        raise InvalidArgument("silence= cannot be known of what goes to stdout=: give one of them")
    on_progress = checked.get("on_progress")
    if on_progress is not None and not callable(on_progress):
        raise InvalidArgument(f"on_progress= takes a function of one argument, not {on_progress!r}")
    return checked


def is_live(options: Mapping[str, Any], name: str = "stream") -> bool:
    """Whether the switch *name* asks for something live."""
    asked = options.get(name)
    if asked is None or isinstance(asked, bool):
        return bool(asked)
    raise InvalidArgument(f"{name}= is True or False, not {asked!r}")


def seconds(given: object, name: str = "deadline") -> float:
    """A span of time in seconds."""
    if not isinstance(given, (int, float)):
        from datetime import timedelta

        if isinstance(given, timedelta):
            given = given.total_seconds()
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise InvalidArgument(f"{name}= takes seconds or a timedelta, not {given!r}")
    if not given > 0:
        raise InvalidArgument(f"{name}={given!r}: a call needs more than no time")
    return float(given)
