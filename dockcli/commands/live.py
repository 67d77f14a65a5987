"""How the verbs say that their call is live: what its items are, and when it gives them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from dockcli import argv
from dockcli.call import BYTES, ITEMS, TERMINAL, Call
from dockcli.commands.keywords import is_live
from dockcli.errors import InvalidArgument
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockcli.client import Docker
    from dockcli.models.stats import ContainerStats
    from dockcli.reading import Reader


def followed(options: Mapping[str, Any]) -> bool:
    """Whether a call of `logs` is to give its lines as they come."""
    return is_live(options) or options.get("follow") is True


def log_lines(call: Call[Any], *, stamped: bool = False) -> Call[Any]:
    """*call*, whose items are the lines that it writes; *stamped* ones begin with docker's time."""
    return call.replace(live=_live(partial(_lines, stamped)), form=ITEMS)


def json_rows(call: Call[Any], parse: Callable[[Mapping[str, Any]], Any]) -> Call[Any]:
    """*call*, whose items are the objects in its lines of JSON."""
    return call.replace(live=_live(partial(_rows, parse, call.argv)), form=ITEMS)


def measured(call: Call[Any], parse: Callable[[Mapping[str, Any]], Any]) -> Call[Any]:
    """*call*, a `stats` of named containers: as `json_rows`, until its engine is lost."""
    reader = partial(_rows, parse, call.argv)
    return call.replace(live=_live(reader, doubtful=_is_unmeasured), form=ITEMS)


def told(call: Call[Any], verb: str, *, terminal: bool = False) -> Call[Any]:
    """*call*, which tells how far it is beside its answer; on a *terminal* if nowhere else."""
    return call.replace(live=_live(partial(_told, verb), answers=True, terminal=terminal))


def counted(call: Call[Any], verb: str, what: str, total: int | None = None) -> Call[Any]:
    """*call*, whose bytes are counted: *what* is one of those in `dockcli.meter`."""
    from dockcli.meter import Counts

    return call.replace(live=_live(_nothing, answers=True, counts=Counts(verb, what, total)))


def is_watched(options: Mapping[str, Any]) -> bool:
    """Whether somebody wants to know how far a call is."""
    return is_live(options) or options.get("on_progress") is not None


def archive(call: Call[Any], options: Mapping[str, Any], verb: str) -> Call[Any]:
    """*call*, whose stdout is an archive: counted where somebody wants to know how far it is, and
    with ``stream=True`` something to read it from, unless it goes elsewhere."""
    if is_watched(options):
        call = counted(call, verb, "stdout")
    return call.replace(form=BYTES) if is_live(options) and call.stdout is None else call


def to_output(
    call: Callable[[Mapping[str, Any]], Call[Any]],
    options: Mapping[str, Any],
    verb: str,
    client: Docker,
) -> Call[Any]:
    """What *call* makes of *options*: a call that writes an archive to stdout or to ``output=``.

    Somebody who wants to know how far it is has docker write to a descriptor, which shows that, and
    the file gets its name at the end. What is no plain file is left to docker, and to podman, which
    replaces none, all.
    """
    output = options.get("output")
    if output is None or not is_watched(options):
        made = call(options)
        return made if output is not None else archive(made, options, verb)
    if options.get("stdout") is not None:
        raise InvalidArgument("output= and stdout= each take the archive: give one of them")
    path = os.path.join(client.cwd or "", argv.text(output, "output="))
    from dockcli.meter import is_podman
    from dockcli.paths import Output

    if is_podman(client.binary) or _is_odd(path):
        return counted(call(options), verb, "wchar")

    given = {name: value for name, value in options.items() if name != "output"}
    return counted(call({**given, "stdout": Output(path)}), verb, "stdout")


def _is_odd(path: str) -> bool:
    """Whether docker may refuse to write to what is there: a link, a device, a folder."""
    return os.path.islink(path) or (os.path.exists(path) and not os.path.isfile(path))


def talks(options: Mapping[str, Any]) -> bool:
    """Whether a call asks for a terminal to talk to, and nobody else's stdin is to be at it."""
    return options.get("tty") is True and options.get("stdin") is None


def conversing(call: Call[Any], options: Mapping[str, Any]) -> Call[Any]:
    """*call* of a program: a terminal to talk to where *options* give it one and listen to it."""
    if not (talks(options) and options.get("interactive")):
        return call
    refuse_live(options, "tty=True gives a terminal, which is live itself")
    if options.get("on_progress") is not None:
        raise InvalidArgument("on_progress=: a terminal does not tell how far it is")
    return call.replace(form=TERMINAL)


def copied(call: Call[Any], options: Mapping[str, Any], paths: list[str]) -> Call[Any]:
    """*call*, a `cp`, counted where somebody wants to know how far it is."""
    if not is_watched(options):
        return call
    if paths[0] == "-":
        return counted(call, "cp", "stdin")
    if ":" in paths[0] and not paths[0].startswith(("/", ".")):
        return counted(call, "cp", "wchar")
    path = os.path.join(call.client.cwd or "", paths[0])
    if options.get("follow_link"):
        path = os.path.realpath(path)
    size = None  # of a folder it would take a while to know
    with suppress(OSError):
        told = os.lstat(path)
        size = told.st_size if stat.S_ISREG(told.st_mode) else None
    return counted(call, "cp", "rchar", size)


def refuse_live(options: Mapping[str, Any], reason: str) -> None:
    """Refuse ``stream=True`` for that *reason*."""
    if is_live(options):
        raise InvalidArgument(f"stream=True: {reason}")


def _live(reader: Callable[[], Reader], **more: Any) -> Any:
    from dockcli.reading import Live

    return Live(reader, **more)


def _lines(stamped: bool) -> Reader:
    from dockcli.reading import Lines

    return Lines(stamped=stamped)


def _rows(parse: Callable[[Mapping[str, Any]], Any], argv: tuple[str, ...]) -> Reader:
    from dockcli.reading import Rows

    return Rows(parse, argv)


def _is_unmeasured(look: ContainerStats) -> bool:
    return bool(look.raw.get("CPUPerc") == "--")


def _told(verb: str) -> Reader:
    from dockcli.reading import Told

    return Told(verb)


def _nothing() -> Reader:
    from dockcli.reading import Nothing

    return Nothing()
