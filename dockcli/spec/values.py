"""What a flag may be given, by the kind of value that docker takes; ``None`` gives nothing.

The names that `dockcli.spec.options` is written in, for editors and type checkers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from os import PathLike
from typing import IO, TYPE_CHECKING, Protocol, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockcli.secret import Secret


class Spelled(Protocol):
    """A typed value, such as a mount or a port, that says itself what docker reads."""

    def __docker__(self) -> str: ...


# ``False`` gives ``--flag=false``, for the switches that are on by default.
Switch: TypeAlias = bool | None

# ``"512m"`` is a number too: sizes in bytes take docker's units.
Integer: TypeAlias = int | str | None
Decimal: TypeAlias = float | str | None

# Docker refuses a duration without a unit (``"30s"``), and wants none where it counts in seconds.
Duration: TypeAlias = timedelta | str | None
Seconds: TypeAlias = timedelta | int | str | None

# A point in time, or how long ago it was.
Moment: TypeAlias = datetime | timedelta | int | str | None

Text: TypeAlias = str | int | PathLike[str] | None

# For flags that may be repeated: one value, several, or pairs that become ``key=value``. A key
# with ``None`` goes out alone; one with several values is repeated.
Value: TypeAlias = "str | float | PathLike[str] | Spelled | Secret"
Many: TypeAlias = "Value | Sequence[Value] | Mapping[str, Value | Sequence[Value] | None] | None"

# What names an object: its name or id, a handle, or a model that an inspect gave.
Ref: TypeAlias = "str | Spelled"

# A word that docker passes on: of a container's command, or a path.
Word: TypeAlias = "str | bytes | int | PathLike[str] | Spelled"


class Own(TypedDict, total=False):
    """The keywords that are dockcli's own, on every verb.

    ``deadline`` is in seconds; ``stdin`` is what the docker process reads. ``check=False``, on the
    verbs that answer with a `Completed`, gives it whatever the exit code is.
    """

    deadline: float | timedelta | None
    stdin: str | bytes | IO[str] | IO[bytes] | None
