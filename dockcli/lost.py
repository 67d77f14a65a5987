"""Whether the engine was lost in the middle of a call, where docker itself does not say so.

When its connection breaks, docker ends an `exec` with 255 and no word, a `stats` as if all were
well, and for most else it has `unexpected EOF`, as for a file that is cut. So the engine is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dockcli.call import DOCKER, EXEC, ITEMS
from dockcli.completed import Completed
from dockcli.errors import (
    CallError,
    ContainerFailed,
    DockcliError,
    DockerFailed,
    EngineLost,
    EngineUnreachable,
)
from dockcli.failure import failure
from dockcli.runner import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dockcli.call import Call

_CUT = re.compile(
    r"(?:.*: )?(?:unexpected )?EOF"
    r"|.*: (?:connection reset by peer|broken pipe|use of closed network connection)"
    r"|.* because server did not provide an image ID"
    r"|.*code = (?:Unavailable|Canceled) .*"
)
_MISLED = "no such directory"  # of a `cp` into a container, also where it cannot ask for one
_IN_THE_MIDDLE = "the engine was lost in the middle of it"
_MANY = 6  # doubtful items; `stats` has two a second of each container
_LAST_WORDS = "unexpected EOF\n"  # of `attach`, behind those of the container's program
_SHORT, _LONG = 0.5, 2.0  # seconds for an engine that may hang, where there is a deadline and else


def lost(
    call: Call[Any], completed: Completed, error: CallError | None
) -> EngineUnreachable | None:
    """The error for *call* if it ended so because its engine has gone; *error*: what it is else.

    An engine that answers again by now was there all the time, for all that is known. Source:
    ``docker version``.
    """
    gone = _gone(call) if _may_be(call, completed, error) else ""
    if not gone:
        return None
    shown = error.completed if error else completed.masked(call.secrets.values())
    said_so = isinstance(error, DockerFailed)
    if error and said_so and error.reason == _MISLED:
        return EngineUnreachable(shown, gone)
    reason = f" ({error.reason})" if error and said_so else ""
    return EngineLost(shown, f"{_IN_THE_MIDDLE}{reason}")


class Doubts:
    """Whether the engine was lost, where docker itself goes on for ever: a `stats` of named
    containers has rows then in which nothing is measured.

    It has such rows too of a container that was removed, or for a moment of an engine that is slow:
    so the engine is asked only after many of them in turn, and then ever more seldom.
    """

    def __init__(self, call: Call[Any], doubtful: Callable[[Any], bool]) -> None:
        self._call, self._doubtful = call, doubtful
        self._count, self._ask = 0, _MANY

    def seen(self, items: Iterable[Any]) -> list[Any]:
        """The *items*, once they are seen. Raises EngineLost."""
        found = list(items)
        for item in found:
            self._see(item)
        return found

    def _see(self, item: Any) -> None:
        if not self._doubtful(item):
            self._count, self._ask = 0, _MANY
            return
        self._count += 1
        if self._count < self._ask:
            return
        self._ask *= 2
        if _gone(self._call):
            shown = Completed(self._call.argv, 0, b"", b"", 0.0)
            raise EngineLost(shown.masked(self._call.secrets.values()), _IN_THE_MIDDLE)


def _gone(call: Call[Any]) -> str:
    """Why the engine of *call* is not reached; empty where it is."""
    ask = (*call.client.head, "version", "--format={{.Server.Version}}")
    patience = _LONG if call.deadline is None else _SHORT
    try:
        said = call.client.runner.run(Job(ask, deadline=patience))
    except DockcliError:
        return ""
    error = failure(said, DOCKER) if said.returncode else None
    return error.reason if isinstance(error, EngineUnreachable) else ""


def _may_be(call: Call[Any], completed: Completed, error: CallError | None) -> bool:
    if error is None:  # `stats` goes on for ever, unless it was asked to look once
        command = call.needs.command if call.needs else ""
        return command == "container stats" and call.form == ITEMS
    if isinstance(error, ContainerFailed):
        if call.speaker is EXEC and completed.returncode == 255:
            return True
        return completed.returncode == 1 and completed.error_text.endswith(_LAST_WORDS)
    if type(error) is not DockerFailed:
        return False
    return error.reason == _MISLED or _CUT.fullmatch(error.reason) is not None
