"""What a rescue has done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rescued:
    """A folder of a container that is in a volume now.

    ``container`` is the name that it had and has, ``id`` that of the one that was made anew.
    ``old`` is the name of the old one where it was kept, else None. ``running`` says whether it was
    started. ``image`` is the image that was made of the old one, where it had changes outside
    ``path``, else None. ``way`` is how the data came into the volume: by a "helper", which loses
    nothing, or by docker's own "copy", and then ``loses`` says what that does not keep. ``notes``
    are what the user should know.
    """

    container: str
    id: str
    path: str
    volume: str
    running: bool
    old: str | None = None
    image: str | None = None
    way: str = "helper"
    loses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "container": self.container,
            "id": self.id,
            "path": self.path,
            "volume": self.volume,
            "running": self.running,
            "old": self.old,
            "image": self.image,
            "way": self.way,
            "loses": list(self.loses),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        state = "it runs" if self.running else "it is stopped, as it was"
        lines = [f"{self.path} of {self.container} is in the volume {self.volume}; {state}"]
        return "\n".join([*lines, *self.notes])
