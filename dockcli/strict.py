"""``Docker(strict=True)``: what docker would make silently for a name typed wrong is refused.

docker makes a volume that ``-v typo:/x`` names, and a folder, owned by root, that ``-v /typo:/x``
names. A strict client asks for the volumes first, and sends such a folder as ``--mount``, with
which docker itself refuses what is not there. What only ``-v`` can say (``z``, ``Z``) passes as it
is, and so does ``Bind(create_source=True)``: there the caller says that the folder is to be made.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from dockcli import argv
from dockcli.errors import InvalidArgument
from dockcli.mounts import PROPAGATIONS, Bind
from dockcli.spec.mounts import fields

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.mounts.mount import Propagation

T = TypeVar("T")

_CONSISTENCIES = ("cached", "delegated", "consistent", "default")
_MAKERS = frozenset({"container run", "container create"})


def checked(call: Call[T]) -> Call[T]:
    """*call* as a strict client sends it. Raises InvalidArgument, before it runs, for a volume that
    is not there; all of its volumes are asked for by one process."""
    if call.needs is None or call.needs.command not in _MAKERS:
        return call
    flags = flags_of(call)
    folder = os.path.abspath(call.client.cwd or ".")
    meant = call.needs.meant
    words = [word if word in meant else _refusing(word, folder) for word in flags]
    names = list(dict.fromkeys(name for word in words if (name := volume_of(word))))
    there = _there(call, names)
    if missing := [name for name in names if name not in there]:
        raise InvalidArgument(
            f"no volume {', '.join(map(repr, missing))}: docker would make it silently; "
            f"docker.volume.create({missing[0]!r}) makes it, if that is what you mean"
        )
    end = call.flags_at + len(flags)
    return call.replace(argv=(*call.argv[: call.flags_at], *words, *call.argv[end:]))


def flags_of(call: Call[Any]) -> list[str]:
    """The words of docker's options: up to the image, whose name never begins with ``-``."""
    flags = []
    for word in call.argv[call.flags_at :]:
        if not word.startswith("-"):
            break
        flags.append(word)
    return flags


def _there(call: Call[Any], names: list[str]) -> set[str]:
    if not names:
        return set()
    ask = call.client.call.volume.inspect(*names, missing_ok=True, deadline=call.deadline)
    return {volume.name for volume in ask.run()}


def _refusing(word: str, folder: str) -> str:
    """``-v FOLDER:TARGET`` as ``--mount``; what only ``-v`` can say (``z``, ``Z``) as it is."""
    flag, _, spec = word.partition("=")
    source, _, rest = spec.partition(":")
    target, _, mode = rest.partition(":")
    modes = set(mode.split(",")) - {"", "rw"}
    propagations: list[Propagation] = [one for one in PROPAGATIONS if one in modes]
    consistencies = [one for one in _CONSISTENCIES if one in modes]
    if flag != "--volume" or not target or not source.startswith(("/", ".")):
        return word
    unknown = modes - {"ro", *propagations, *consistencies}
    if unknown or len(propagations) > 1 or len(consistencies) > 1:
        return word
    # docker finds what begins with a dot from its own working directory
    if source.startswith("."):
        source = os.path.normpath(os.path.join(folder, source))
    bind = Bind(source, target, "ro" in modes, propagations[0] if propagations else None)
    more = "".join(f",consistency={one}" for one in consistencies)
    return f"--mount={bind.__docker__()}{more}"


def volume_of(word: str) -> str | None:
    """The name of the volume that *word* mounts, if it does and names one."""
    flag, _, spec = word.partition("=")
    if flag == "--volume":
        source, colon, _ = spec.partition(":")
        folder = source.startswith(("/", ".", "~", "\\")) or len(source) == 1  # as in C:\
        return argv.volume(source) if colon and not folder else None
    if flag == "--mount":
        mount = fields(spec)
        source = mount.get("source", mount.get("src", ""))
        is_volume = mount.get("type", "volume").lower() == "volume"
        return argv.volume(source) if source and is_volume else None
    return None
