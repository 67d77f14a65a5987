"""How the tree of a volume is read and written, on the engine where it is.

::

    way = way_for(client)
    with way.read("data") as reading:
        shutil.copyfileobj(reading.stream, file)
        changed, skipped = reading.finish()

A helper container with GNU tar keeps all; where none can run, ``docker cp`` keeps what it can, and
``way.loses`` says what it does not.
"""

from __future__ import annotations

from dockcli.data.helper.container import reclaim_helpers
from dockcli.data.helper.image import remove_helpers
from dockcli.data.helper.way import (
    Feed,
    Owners,
    Read,
    Reading,
    State,
    Stream,
    Usage,
    Way,
    way_for,
)

__all__ = [
    "Feed",
    "Owners",
    "Read",
    "Reading",
    "State",
    "Stream",
    "Usage",
    "Way",
    "reclaim_helpers",
    "remove_helpers",
    "way_for",
]
