"""How far docker is: with an image's layer, a step of a build, or a stream of bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """What docker has just said of one thing that it works on.

    ``verb`` is ``pull``, ``push``, ``build``, ``load``, ``save``, ``export`` or ``cp``. ``id`` says
    of what: a layer (its first 12 digits), a step of the legacy builder (its number), or a vertex
    of BuildKit's (its number in plain output, its digest in ``rawjson``); "" is the whole. ``part``
    is a blob, or another task, within a vertex; it is "" where the vertex itself is meant.

    ``status`` is docker's word: ``Downloading``, ``Pull complete``, ``extracting``. A step of
    either builder is ``STARTED``, then ends as ``DONE``, ``CACHED``, ``ERROR`` or ``CANCELED``;
    ``command``, ``step`` of ``steps`` and ``stage`` say which it is.

    ``current`` and ``total`` are bytes, None where docker tells none. They are ``approximate``
    where docker has rounded them for people, and ``current`` may then be above ``total``.
    ``text`` is a line that the step's program wrote, or that docker says aside, without its end
    and its colours. ``image`` is the id of the image that a build has made, or a step of the legacy
    builder. ``raw`` is what docker printed: the line, or the object of ``rawjson``.
    """

    verb: str
    id: str = ""
    status: str = ""
    current: int | None = None
    total: int | None = None
    approximate: bool = False
    done: bool = False
    text: str = ""
    part: str = ""
    step: int | None = None
    steps: int | None = None
    stage: str = ""
    command: str = ""
    cached: bool = False
    error: str = ""
    image: str = ""
    raw: str | Mapping[str, Any] = field(default="", repr=False, compare=False)

    @property
    def fraction(self) -> float | None:
        """``current`` of ``total``, from 0 to 1; None where one is not known."""
        if self.current is None or not self.total:
            return None
        return min(max(self.current / self.total, 0.0), 1.0)
