"""What a run makes on the engine: labelled with its owner, and removed at its end."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from dockcli.errors import CallError, DeadlineExceeded, EngineUnreachable
from dockcli.owner import current
from dockcli.scope.labels import KEEP, OWNER, SCOPE
from dockcli.scope.orphans import end_calls
from dockcli.scope.removal import KINDS, Made, labelled, remove

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dockcli.client import Docker

_LOOK_AGAIN = 0.4  # seconds between looks for what the engine still makes of an interrupted call
_QUIET = 3  # looks in a row that find nothing
_PATIENCE = 10.0  # seconds for all of them


def new_id() -> str:
    """The id of a scope, which no other has."""
    return os.urandom(6).hex()


def marks(id: str, *, keep: bool) -> dict[str, str]:
    """The labels of what this process makes in the scope *id*."""
    return {OWNER: str(current()), SCOPE: id, **({KEEP: "true"} if keep else {})}


def clear(
    client: Docker,
    id: str,
    *,
    interrupted: bool = False,
    kinds: Collection[str] = KINDS,
    busy: Callable[[], object] | None = None,
) -> list[CallError]:
    """Remove all of these *kinds* that was made in the scope *id*; the errors of what stays.

    *interrupted*: a call was given up, or runs yet, and is ended here. The engine may still finish
    the step that it was at, so this looks again until nothing more has come for a while, and as
    long as *busy* tells that something runs which cannot be ended.
    """
    if interrupted:
        end_calls(client, id, signal.SIGTERM)
    found, problems = _removed(client, id, kinds)
    known = {made.id for made in found}
    quiet, until = 0, time.monotonic() + _PATIENCE
    while interrupted and (quiet < _QUIET or (busy and busy())) and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
        ended = end_calls(client, id, signal.SIGKILL)
        found, problems = _removed(client, id, kinds)
        quiet = quiet + 1 if {made.id for made in found} <= known and not ended else 0
        known |= {made.id for made in found}
    return problems


def _removed(client: Docker, id: str, kinds: Collection[str]) -> tuple[list[Made], list[CallError]]:
    """What was found, kind by kind, and removed; the errors of what stays."""
    found: list[Made] = []
    problems: list[CallError] = []
    for kind in filter(kinds.__contains__, KINDS):
        try:
            some = labelled(client, id, [kind])
            found += some
            problems += remove(client, some)
        except (EngineUnreachable, DeadlineExceeded):  # of the other kinds it says no more
            raise
        except CallError as error:  # of this kind nothing can be listed; the others are removed
            problems.append(error)
    return found, problems


class Traces:
    """Labels for what a recipe makes, and its removal: ``client`` makes labelled objects.

    Its images pass the very labels on, so that what a build leaves in its middle has them too.
    """

    def __init__(self, client: Docker, name: str, *, keep: bool = False) -> None:
        self.id = new_id()
        self.client = client.but(labels={**marks(self.id, keep=keep), "dockcli.recipe": name})

    def remove(self, *, interrupted: bool = False) -> list[str]:
        """Remove all that was made; why what could not be removed was not."""
        return [str(error) for error in clear(self.client, self.id, interrupted=interrupted)]
