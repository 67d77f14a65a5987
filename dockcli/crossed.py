"""An archive of a container that is the stdin of a `docker cp` into the same: both wait for ever.

The engine locks a container while it writes an archive for `cp`, and while it takes one in; docker
20.10 then hangs whoever wants that container, until it is started anew. An `export` wants that lock
for a moment as it begins, so which of the two comes first is a matter of luck.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli.bytestream import ByteStream
from dockcli.errors import DockcliError, InvalidArgument

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.client import Docker

_LOOK = 5.0  # seconds for docker to say which container a name is


def refuse_crossed(call: Call[Any]) -> None:
    """Raise InvalidArgument for a `cp` that reads what comes out of the container it writes into.

    Two names for one are told apart by asking docker, once, where an archive goes into a `cp`.
    """
    stream = call.stdin
    if not isinstance(stream, ByteStream) or not _is(call, "cp"):
        return
    source, target = _archived(stream.call), _container(call.argv[-1])
    if source and _is_one(stream.call.client, source, call.client, target):
        raise InvalidArgument(
            f"docker cannot copy from {source} to itself through a pipe: its engine locks the "
            "container for one of the two, which then wait for each other; copy by `exec` within "
            "it, or through a file"
        )


def _archived(call: Call[Any]) -> str:
    """The container that *call* writes an archive of; empty where it does not."""
    if _is(call, "cp"):
        return _container(call.argv[-2])
    return call.argv[-1].removeprefix("/") if _is(call, "export") else ""


def _is(call: Call[Any], verb: str) -> bool:
    return call.needs is not None and call.needs.command == f"container {verb}"


def _container(word: str) -> str:
    return word.partition(":")[0]


def _is_one(client: Docker, source: str, other: Docker, target: str) -> bool:
    if client is other and source == target:
        return True
    known = _known(client)
    id = _id(known, source)
    return id is not None and id == _id(known if client is other else _known(other), target)


def _known(client: Docker) -> dict[str, list[str]]:
    """The names of every container, by its id; none where docker cannot tell, and says so itself.

    An `inspect` would wait for the container, which is locked by now; an `ls` waits for none.
    """
    every = ("container", "ls", "--all", "--no-trunc", "--format={{.ID}} {{.Names}}")
    try:
        lines = client.raw(*every, deadline=_LOOK).lines()
    except DockcliError:
        return {}
    rows = [line.partition(" ") for line in lines]
    return {id: names.split(",") for id, _, names in rows}


def _id(known: dict[str, list[str]], container: str) -> str | None:
    named = [id for id, names in known.items() if container in names]
    return next(iter(named or [id for id in known if id.startswith(container)]), None)
