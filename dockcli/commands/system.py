"""``docker system info`` and ``docker version``: which client and engine these are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import DOCKER, Call
from dockcli.commands.answers import itself
from dockcli.commands.group import Group, Mode, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.models.system import Info, Version
    from dockcli.spec.options import SystemInfoOptions, VersionOptions


class SystemGroup(Group[Mode]):
    """``docker system``."""

    name = "system"

    @verb
    def info(self, **options: Unpack[SystemInfoOptions]) -> Call[Info]:
        """The engine: its version, storage driver, root folder, clock.

        Raises EngineUnreachable. Source: ``docker system info``,
        https://docs.docker.com/reference/cli/docker/system/info/
        """
        return self._object("info", options, _info)


class TopGroup(Group[Mode]):
    """docker's own commands, which belong to no group."""

    name = ""

    @verb
    def version(self, **options: Unpack[VersionOptions]) -> Call[Version]:
        """The versions of the client and of the engine.

        Raises EngineUnreachable. Source: ``docker version``,
        https://docs.docker.com/reference/cli/docker/version/
        """
        return self._object("version", options, _version)

    def unchecked(self, words: Iterable[str], **own: Any) -> Call[Completed]:
        """*words* as they are, behind the client's own: nothing is checked, nothing parsed."""
        call: Call[Completed] = self._call("version", own, parse=itself)
        return call.replace(argv=(*self.client.head, *(argv.text(w, "raw") for w in words)))


def _info(completed: Completed) -> Info:
    from dockcli.models.fields import json_object
    from dockcli.models.system import Info

    raw = json_object(completed)
    if raw.get("ServerErrors"):  # docker 20.10 says there that no engine answers, and ends with 0
        from dockcli.failure import failure

        said = "\n".join(map(str, raw["ServerErrors"])).encode("utf-8", "surrogateescape")
        raise failure(completed.replace(stderr=said), DOCKER)
    return Info.parse(raw)


def _version(completed: Completed) -> Version:
    from dockcli.models.fields import json_object
    from dockcli.models.system import Version

    return Version.parse(json_object(completed))
