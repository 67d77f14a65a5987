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
    from dockcli.call import Call

_CUT = re.compile(
    r"(?:.*: )?(?:unexpected )?EOF"
    r"|.*: (?:connection reset by peer|broken pipe|use of closed network connection)"
    r"|.* because server did not provide an image ID"
    r"|.*code = (?:Unavailable|Canceled) .*"
)
_LAST_WORDS = "unexpected EOF\n"  # of `attach`, behind those of the container's program
_SHORT, _LONG = 0.5, 2.0  # seconds for an engine that may hang, where there is a deadline and else


def lost(call: Call[Any], completed: Completed, error: CallError | None) -> EngineLost | None:
    """The error for *call* if it ended so because its engine has gone; *error*: what it is else.

    An engine that answers again by now was there all the time, for all that is known. Source:
    ``docker version``.
    """
    if not _may_be(call, completed, error):
        return None
    ask = (*call.client.head, "version", "--format={{.Server.Version}}")
    patience = _LONG if call.deadline is None else _SHORT
    try:
        said = call.client.runner.run(Job(ask, deadline=patience))
    except DockcliError:
        return None
    if not said.returncode or not isinstance(failure(said, DOCKER), EngineUnreachable):
        return None
    shown = error.completed if error else completed.masked(call.secrets.values())
    said_so = isinstance(error, DockerFailed)
    reason = f" ({error.reason})" if error and said_so else ""
    return EngineLost(shown, f"the engine was lost in the middle of it{reason}")


def _may_be(call: Call[Any], completed: Completed, error: CallError | None) -> bool:
    if error is None:  # `stats` goes on for ever, unless it was asked to look once
        command = call.needs.command if call.needs else ""
        return command == "container stats" and call.form == ITEMS
    if isinstance(error, ContainerFailed):
        if call.speaker is EXEC and completed.returncode == 255:
            return True
        return completed.returncode == 1 and completed.error_text.endswith(_LAST_WORDS)
    return type(error) is DockerFailed and _CUT.fullmatch(error.reason) is not None
