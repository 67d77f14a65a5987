"""``docker system``: df, events, info, prune, dial-stdio."""

from __future__ import annotations

import os

from dockcli.ahead import Document
from dockcli.call import DOCKER, Call
from dockcli.commands.answers import itself, rows
from dockcli.commands.group import Group, Mode, Verb, as_text, verb
from dockcli.commands.keywords import is_live
from dockcli.commands.live import json_rows, log_lines
from dockcli.completed import Completed
from dockcli.errors import EngineUnreachable
from dockcli.typed import TYPE_CHECKING, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from typing import Any, Literal

    from typing_extensions import Unpack

    from dockcli.commands.coming import Coming
    from dockcli.commands.signatures import SystemEventsVerb, SystemInfoVerb
    from dockcli.models.events import Event
    from dockcli.models.system import Info
    from dockcli.models.usage import DiskUse, DiskUseInDetail, SystemPruned
    from dockcli.spec.options import SystemDfOptions, SystemDialStdioOptions, SystemPruneOptions

Rows = TypeVar("Rows", covariant=True)
Detail = TypeVar("Detail", covariant=True)
Told = TypeVar("Told", covariant=True)


class Df(Protocol[Rows, Detail, Told]):
    """A row for each type; verbose, each object; with ``format=`` docker's text."""

    @overload
    def __call__(
        self,
        *,
        verbose: Literal[False] | None = None,
        format: None = None,
        **options: Unpack[SystemDfOptions],
    ) -> Rows: ...
    @overload
    def __call__(
        self,
        *,
        verbose: Literal[True],
        format: None = None,
        **options: Unpack[SystemDfOptions],
    ) -> Detail: ...
    @overload
    def __call__(
        self, *, verbose: bool | None = None, format: str, **options: Unpack[SystemDfOptions]
    ) -> Told: ...
    @overload
    def __call__(
        self,
        *,
        verbose: bool | None = None,
        format: str | None = None,
        **options: Unpack[SystemDfOptions],
    ) -> Rows | Detail | Told: ...


def _df(self: SystemGroup[Any], **options: Any) -> Call[Any]:
    """What the engine's objects take on its disk: a `DiskUse` for each type of them.

    With ``verbose=True`` it is a `DiskUseInDetail`, with each image, container, volume and record
    of the build cache, which podman 4 tells only in a table (UnreadableOutput). All sizes are in
    bytes, rounded by docker; exact ones are in ``image.ls()`` and
    ``container.ls(all=True, size=True)``. Raises EngineUnreachable, DockerFailed. Source:
    ``docker system df``, https://docs.docker.com/reference/cli/docker/system/df/
    """
    from dockcli.models.usage import DiskUse, in_detail

    parse = in_detail if options.get("verbose") else rows(DiskUse.parse)
    return self._json("df", options, parse=parse)


def _events(self: SystemGroup[Any], **options: Any) -> Call[Any]:
    """What happens on the engine: a `Stream` of `Event`, without end.

    With ``until=`` it is a list of what has happened until then (``stream=True`` gives a `Stream`
    of that too): ``datetime.now(timezone.utc)`` is exact, a span (``"0s"``) docker cuts to whole
    seconds. An engine keeps the last 256 events. Raises EngineUnreachable, DockerFailed for a
    filter that docker does not know. Source: ``docker system events``,
    https://docs.docker.com/reference/cli/docker/system/events/
    """
    from dockcli.models.events import Event

    call = self._rows("events", options, Event.parse)
    if os.path.basename(self.client.binary) == "podman":  # it has no `system events`
        at = call.flags_at - 1
        call = call.replace(argv=(*self.client.head, *call.argv[at:]), flags_at=at)
    if options.get("until") is not None and not is_live(options):
        return call
    return log_lines(call) if as_text(options) else json_rows(call, Event.parse)


def _info(self: SystemGroup[Any], **options: Any) -> Call[Any]:
    """The engine: its version, storage driver, root folder, clock.

    Raises EngineUnreachable. Source: ``docker system info``,
    https://docs.docker.com/reference/cli/docker/system/info/
    """
    return self._object("info", options, Document(_read_info, "dockcli.models.system"))


class SystemGroup(Group[Mode]):
    """``docker system``."""

    name = "system"

    df: Verb[
        Df[list[DiskUse], DiskUseInDetail, Completed],
        Df[Call[list[DiskUse]], Call[DiskUseInDetail], Call[Completed]],
        Df[Coming[list[DiskUse]], Coming[DiskUseInDetail], Coming[Completed]],
    ] = Verb(_df)
    events: SystemEventsVerb[list[Event]] = Verb(_events)
    info: SystemInfoVerb[Info] = Verb(_info)

    @verb
    def prune(self, **options: Unpack[SystemPruneOptions]) -> Call[SystemPruned]:
        """Remove all stopped containers, networks that none is in, dangling images and build cache.

        What it removed, and the bytes that it freed, rounded by docker. Volumes only with
        ``volumes=True``, images that no container has with ``all=True``. The build cache goes
        whatever label ``filter=`` asks for. docker asks before it does; the call is the answer, so
        ``--force`` is given unless the caller says ``force=False``. Raises EngineUnreachable,
        DockerFailed for a filter that docker does not know. Source: ``docker system prune``,
        https://docs.docker.com/reference/cli/docker/system/prune/
        """
        return self._call("prune", {"force": True, **options}, parse=_pruned)

    @verb
    def dial_stdio(self, **options: Unpack[SystemDialStdioOptions]) -> Call[Completed]:
        """Pass ``stdin=`` on to the engine's API, and what that answers to ``stdout``.

        docker uses it itself behind ``ssh://``. Raises EngineUnreachable. Source:
        ``docker system dial-stdio``, https://docs.docker.com/reference/cli/docker/system/
        """
        return self._call("dial-stdio", options, parse=itself)


def _read_info(completed: Completed) -> Info:
    from dockcli.models.fields import Fields, json_object
    from dockcli.models.system import Info

    raw = json_object(completed)
    if said := Fields(raw).texts("ServerErrors"):  # docker 20.10: no engine, and exit code 0
        from dockcli.failure import failure

        error = failure(
            completed.replace(stderr="\n".join(said).encode("utf-8", "replace")), DOCKER
        )
        if isinstance(error, EngineUnreachable):
            raise error
    return Info.parse(raw)


def _pruned(completed: Completed) -> SystemPruned:
    from dockcli.models.usage import system_pruned

    return system_pruned(completed)
