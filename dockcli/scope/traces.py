"""What a run makes on the engine: labelled with its owner, and removed at its end."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from dockcli.owner import current
from dockcli.scope.labels import KEEP, OWNER, SCOPE
from dockcli.scope.removal import Made, labelled, remove

if TYPE_CHECKING:
    from dockcli.client import Docker

_LOOK_AGAIN = 0.4  # seconds between looks for what the engine still makes of an interrupted call
_QUIET = 3  # looks in a row that find nothing
_PATIENCE = 10.0  # seconds for all of them


class Traces:
    """Labels for what is made, and its removal: ``scope.client`` makes labelled objects."""

    def __init__(self, client: Docker, name: str, *, keep: bool = False) -> None:
        self.id = os.urandom(6).hex()
        labels = {OWNER: str(current()), SCOPE: self.id, "dockcli.recipe": name}
        self.client = client.but(labels={**labels, **({KEEP: "true"} if keep else {})})

    def remove(self, *, interrupted: bool = False) -> list[str]:
        """Remove all that was made in this scope; what could not be removed, and why.

        *interrupted*: a call was given up. The engine may still finish the step that it was at, so
        this looks again until nothing more has come for a while.
        """
        mine = f"{SCOPE}={self.id}"
        problems = remove(self.client, mine, _any)
        quiet, until = 0, time.monotonic() + _PATIENCE
        while interrupted and quiet < _QUIET and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN)
            if labelled(self.client, mine):
                quiet, problems = 0, remove(self.client, mine, _any)
            else:
                quiet += 1
        return problems


def _any(made: Made) -> bool:
    return True
