"""What the calls of a scope make, and how that comes to carry its labels."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli import argv
from dockcli.errors import InvalidArgument, NameConflict
from dockcli.scope.labels import CONTAINER, NUMBER, RESERVED
from dockcli.strict import flags_of, volume_of

if TYPE_CHECKING:
    from dockcli.call import Call

T = TypeVar("T")

_KINDS: Mapping[str, str] = {
    "container run": "container",
    "container create": "container",
    "compose run": "container",
    "network create": "network",
    "volume create": "volume",
    "image build": "image",
    "buildx build": "image",
    "container commit": "image",
    "image import": "image",
}
_NAMED_LAST = frozenset({"container commit", "image import"})


def kind_of(command: str) -> str | None:
    """What *command* makes, of what a scope removes; None for nothing of it."""
    return _KINDS.get(command)


def refuse_reserved(call: Call[Any], own: Mapping[str, str]) -> None:
    """Refuse a label of *call* that would say something else than the scope's *own*: what has it
    would stay. Raises InvalidArgument."""
    for label in argv.values(flags_of(call), "label"):
        name, _, text = label.partition("=")
        if name in RESERVED and text != own.get(name):
            raise InvalidArgument(f"label {name!r}: the scope says by it what is its own")


def numbered(call: Call[T], kind: str, number: str) -> Call[T]:
    """*call*, which makes a container or an image, with the label that has its *number*; an image's
    has the tags too that the call gives it."""
    command = call.needs.command if call.needs else ""
    if kind == "container":
        own = argv.labels(command, {CONTAINER: number})
    else:
        names = _operands(call)[1:] if command in _NAMED_LAST else argv.values(call.argv, "tag")
        own = argv.labels(command, {NUMBER: " ".join([number, *names])})
    if command == "image build" and not argv.values(call.argv, "force-rm"):
        own = ("--force-rm", *own)  # the classic builder leaves the container of a step that failed
    words = (*call.argv[: call.flags_at], *own, *call.argv[call.flags_at :])
    return call.replace(argv=words)


def _operands(call: Call[Any]) -> list[str]:
    words = itertools.dropwhile(lambda word: word.startswith("--"), call.argv[call.flags_at :])
    return list(words)


def make_volumes(call: Call[Any]) -> None:
    """Make the volumes that a `run` or `create` mounts by name and that are not there, which docker
    would make without a label. One that is there stays as it is."""
    words = flags_of(call)
    wanted = {name: word for word in words if (name := volume_of(word)) is not None}
    if not wanted:
        return
    volume = call.client.call.volume
    there = volume.inspect(*wanted, missing_ok=True, deadline=call.deadline).run()
    drivers = argv.values(words, "volume-driver")
    for name in wanted.keys() - {one.name for one in there}:
        given = {"driver": drivers[-1] if drivers else None, **_given(wanted[name])}
        with suppress(NameConflict):  # somebody has made it meanwhile: then it is theirs
            volume.create(name, deadline=call.deadline, **given).run()


def _given(word: str) -> dict[str, Any]:
    """What a ``--mount`` says of a volume that is to be made."""
    flag, _, spec = word.partition("=")
    if flag != "--mount":
        return {}
    fields = [field.partition("=") for field in next(csv.reader([spec]))]

    def told(name: str) -> list[str]:
        return [text for key, _, text in fields if key.lower() == name]

    given: dict[str, Any] = {"opt": told("volume-opt"), "label": told("volume-label")}
    return given | ({"driver": driver[-1]} if (driver := told("volume-driver")) else {})
