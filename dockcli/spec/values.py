"""What a flag may be given, by the kind of value that docker takes; ``None`` gives nothing.

The names that `dockcli.spec.options` is written in, for editors and type checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from os import PathLike
from typing import IO, TYPE_CHECKING, Protocol, TypeAlias, TypedDict

from dockcli.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockcli.aio.handles import AsyncContainer, AsyncImage, AsyncNetwork, AsyncVolume
    from dockcli.models.container import ContainerInspect
    from dockcli.models.image import ImageInspect
    from dockcli.models.network import NetworkInspect
    from dockcli.models.progress import Progress
    from dockcli.models.volume import VolumeInspect
    from dockcli.objects import Container, Image, Network, Volume


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

# What names an object: its name or id, a handle, or a model that an inspect gave. An image where a
# container is meant is another type.
Ref: TypeAlias = "str | Spelled"
ContainerRef: TypeAlias = "str | Container | AsyncContainer | ContainerInspect"
ImageRef: TypeAlias = "str | Image | AsyncImage | ImageInspect"
NetworkRef: TypeAlias = "str | Network | AsyncNetwork | NetworkInspect"
VolumeRef: TypeAlias = "str | Volume | AsyncVolume | VolumeInspect"
AnyRef: TypeAlias = "ContainerRef | ImageRef | NetworkRef | VolumeRef"

# A word that docker passes on: of a container's command, or a path.
Word: TypeAlias = "str | bytes | int | PathLike[str] | Spelled"

Stdin: TypeAlias = (
    str | bytes | Secret | PathLike[str] | IO[str] | IO[bytes] | Iterable[bytes] | Iterable[str]
) | None
Stdout: TypeAlias = IO[bytes] | int | PathLike[str] | None

# What is told how far a call is.
OnProgress: TypeAlias = "Callable[[Progress], object] | None"


class Own(TypedDict, total=False):
    """The keywords that are dockcli's own, on every verb.

    ``deadline`` is in seconds, ``silence`` for how many docker may say nothing. ``stdin`` is what
    the docker process reads: bytes, a text, a file or its path, an iterator of either, or the
    `ByteStream` of another call. ``stdout`` takes what it writes in place of the answer: a file, a
    descriptor, or a path, which has all of it or is as it was. ``check=False`` works on
    every verb, which then gives the `Completed` whatever the exit code is, in place of its own
    answer. So it is typed only on those that answer with a `Completed` anyway, and on those whose
    overloads tell the two apart (``run``, ``compose.run``, ``buildx.build``).
    """

    deadline: float | timedelta | None
    silence: float | timedelta | None
    stdin: Stdin
    stdout: Stdout


class Checked(Own, total=False):
    """The same, on verbs that answer with a `Completed` and have no flags of their own."""

    check: bool
