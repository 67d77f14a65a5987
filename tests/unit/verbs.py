"""Every verb that there is, found in the groups themselves, and valid positionals for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dockcli import Docker
from dockcli.commands.group import Group, Verb

BUILDER = Docker()  # builds calls; nothing in here runs one


@dataclass(frozen=True)
class Positionals:
    """docker's own positionals of a verb; *more*: the last may be repeated.

    *rest*: behind them come the words of the container's command.
    """

    valid: tuple[str, ...]
    more: bool = False
    rest: bool = False


POSITIONALS = {
    "container commit": Positionals(("web", "shop:1")),
    "container cp": Positionals(("web:/x", "y")),
    "container create": Positionals(("alpine",), rest=True),
    "container diff": Positionals(("web",)),
    "container exec": Positionals(("web",), rest=True),
    "container export": Positionals(("web",)),
    "container inspect": Positionals(("web",), more=True),
    "container logs": Positionals(("web",)),
    "container ls": Positionals(()),
    "container rm": Positionals(("web",), more=True),
    "container run": Positionals(("alpine",), rest=True),
    "container start": Positionals(("web",), more=True),
    "container stop": Positionals(("web",), more=True),
    "container wait": Positionals(("web",), more=True),
    "image build": Positionals((".",)),
    "image import": Positionals(("x.tar", "shop:1")),
    "image inspect": Positionals(("alpine",), more=True),
    "image ls": Positionals(("alpine",)),
    "image pull": Positionals(("alpine",)),
    "image rm": Positionals(("alpine",), more=True),
    "image tag": Positionals(("alpine", "shop:1")),
    "system info": Positionals(()),
    "version": Positionals(()),
    "volume create": Positionals(("data",)),
    "volume inspect": Positionals(("data",), more=True),
    "volume ls": Positionals(()),
    "volume rm": Positionals(("data",), more=True),
}


def groups(client: Docker = BUILDER) -> Iterator[Group[Any]]:
    """The groups of a client's builder."""
    yield from (one for one in vars(client.call).values() if isinstance(one, Group))


def found(client: Docker = BUILDER) -> dict[str, Any]:
    """Each verb of each group, by its docker command."""
    return {
        f"{group.name} {name.rstrip('_').replace('_', '-')}".strip(): getattr(group, name)
        for group in groups(client)
        for name, member in vars(type(group)).items()
        if isinstance(member, Verb)
    }


def build(command: str, *operands: Any, client: Docker = BUILDER, **options: Any) -> Any:
    """The call of *command* with *operands* (valid ones, where none are given)."""
    shape = POSITIONALS[command]
    words = operands or (*shape.valid, *(("true",) if shape.rest else ()))
    return found(client)[command](*words, **options)
