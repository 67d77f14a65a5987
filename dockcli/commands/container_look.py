"""``docker container``: the verbs that tell: inspect, ls, stats, top, port, logs."""

from __future__ import annotations

import re
from functools import partial

from dockcli import argv
from dockcli.call import QUOTING, Call
from dockcli.commands.answers import itself, lines
from dockcli.commands.group import Group, as_text, at_least_one
from dockcli.commands.keywords import is_live
from dockcli.commands.live import followed, json_rows, log_lines, measured
from dockcli.commands.names import counted_by_name, exactly_named
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.models.container import Port
    from dockcli.models.line import LogLine
    from dockcli.models.stats import Process
    from dockcli.spec.options import (
        ContainerPortOptions,
        ContainerTopOptions,
    )
    from dockcli.spec.values import ContainerRef, Word
    from dockcli.stream import Stream

_PRIVATE = r"([0-9]{1,5})(?:/([a-z]+))?"
_ADDRESS = r"\[?([0-9A-Fa-f.:]*?)\]?:([0-9]{1,5})"


def inspect(self: Group[Any], *containers: ContainerRef, **options: Any) -> Call[Any]:
    """Tell everything about one or more containers.

    One name gives a `ContainerInspect`, several give a list of them, by one process. Raises
    NoSuchContainer, whose ``found`` has those that are there. Source: ``docker container inspect``,
    https://docs.docker.com/reference/cli/docker/container/inspect/
    """
    from dockcli.models.container import ContainerInspect

    names = at_least_one("container", map(argv.container, containers))
    return self._inspection(names, options, ContainerInspect.parse)


def ls(self: Group[Any], **options: Any) -> Call[Any]:
    """List the running containers, with ``all=True`` the others too, each in full.

    Two processes however many there are: docker's own rows cut and join what they show.
    ``filter={"name": "web"}`` gives only what is called so, where docker takes any part of a name;
    with a character that no name has (``"^web"``) it is docker's pattern.

    Raises EngineUnreachable, DockerFailed for a filter that docker does not know. Source:
    ``docker container ls`` and ``docker container inspect``,
    https://docs.docker.com/reference/cli/docker/container/ls/
    """
    inspect = partial(self.client.call.container.inspect, size=options.get("size"))
    call = self._listing(options, column="{{.ID}}", inspect=inspect, no_trunc=True)
    return call if as_text(options) else counted_by_name(exactly_named(call))


def stats(self: Group[Any], *containers: ContainerRef, **options: Any) -> Call[Any]:
    """What the running containers use at the moment, or those that are named.

    Sizes are in bytes, rounded by docker. docker measures for a second or two. It is asked for one
    look only; with ``stream=True`` (or docker's own ``no_stream=False``) it is a `Stream` of
    `ContainerStats`, one for each container and look, without end; where containers are named and
    the engine is lost and comes back within some seconds, or only the connection to it was lost,
    docker goes on and all is 0. Raises NoSuchContainer, EngineLost. Source:
    ``docker container stats``, https://docs.docker.com/reference/cli/docker/container/stats/
    """
    from dockcli.models.stats import ContainerStats

    names = list(map(argv.container, containers))
    live = is_live(options) or options.get("no_stream") is False
    given = {**options, "no_stream": not live}
    call = self._rows("stats", given, ContainerStats.parse, names, no_trunc=True)
    if not live:
        return call
    if as_text(options):
        return log_lines(call)
    return (measured if names else json_rows)(call, ContainerStats.parse)


def top(
    self: Group[Any],
    container: ContainerRef,
    *ps_options: Word,
    **options: Unpack[ContainerTopOptions],
) -> Call[list[Process]]:
    """The processes in a running container.

    *ps_options* go to the ``ps`` of the engine's machine: ``top("web", "-o", "pid,args")``. Raises
    NoSuchContainer, DockerFailed for one that does not run. Source: ``docker container top``,
    https://docs.docker.com/reference/cli/docker/container/top/
    """
    from dockcli.models.stats import processes

    names, words = [argv.container(container)], argv.command(ps_options)
    return self._call("top", options, names, rest=words, parse=processes)


def port(
    self: Group[Any],
    container: ContainerRef,
    private_port: int | str | None = None,
    **options: Unpack[ContainerPortOptions],
) -> Call[list[Port]]:
    """Where the ports of a running container are published, or one of its private ports.

    *private_port* is ``80`` or ``"53/udp"``. Raises NoSuchContainer, DockerFailed for a private
    port that is not published. Source: ``docker container port``,
    https://docs.docker.com/reference/cli/docker/container/port/
    """
    words = [argv.container(container)]
    if private_port is not None:
        words.append(argv.text(private_port, "private_port"))
        if not re.fullmatch(_PRIVATE, words[1]):
            raise InvalidArgument(f"private_port={private_port!r} is neither 80 nor '53/udp'")
    return self._call("port", options, words, parse=partial(_ports, asked=words[1:]))


def logs(
    self: Group[Any], container: ContainerRef, **options: Any
) -> Call[Completed] | Call[Stream[LogLine]]:
    """What a container wrote until now, stdout and stderr apart.

    With ``follow=True``, or ``stream=True``, it is a `Stream` of `LogLine`, each with the time at
    which the engine had it (``--timestamps``, unless you say ``timestamps=False``).

    Raises NoSuchContainer. Source: ``docker container logs``,
    https://docs.docker.com/reference/cli/docker/container/logs/
    """
    given, live = dict(options), followed(options)
    if live and given.get("timestamps") is None:
        given["timestamps"] = True
    call: Call[Any] = self._call(
        "logs", given, [argv.container(container)], parse=itself, speaker=QUOTING
    )
    return log_lines(call, stamped=given["timestamps"] is True) if live else call


def _ports(completed: Completed, asked: list[str]) -> list[Port]:
    """``80/tcp -> 0.0.0.0:8080`` a line, and only what follows the arrow of a port that was asked
    for. An IPv6 address has brackets since docker 23."""
    from dockcli.models.container import Port

    found = []
    for line in lines(completed):
        key, _, address = line.rpartition(" -> ")
        private = re.fullmatch(_PRIVATE, key or "".join(asked))
        host = re.fullmatch(_ADDRESS, address)
        if private is None or host is None:
            raise UnreadableOutput(completed, f"no published port: {line!r}")
        found.append(Port(int(private[1]), private[2] or "tcp", host[1], int(host[2])))
    return found
