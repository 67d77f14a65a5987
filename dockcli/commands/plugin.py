"""``docker plugin``: create, install, enable, disable, set, upgrade, push, ls, inspect, rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, itself, lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import PluginInspectVerb, PluginLsVerb
    from dockcli.models.plugin import PluginInspect
    from dockcli.spec.options import (
        PluginCreateOptions,
        PluginDisableOptions,
        PluginEnableOptions,
        PluginInstallOptions,
        PluginPushOptions,
        PluginRmOptions,
        PluginSetOptions,
        PluginUpgradeOptions,
    )
    from dockcli.spec.values import Ref, Word


def _inspect(self: PluginGroup[Any], *plugins: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more plugins of the engine.

    One name gives a `PluginInspect`, several give a list of them, by one process. Raises
    NoSuchPlugin, whose ``found`` has those that are there. Source: ``docker plugin inspect``,
    https://docs.docker.com/reference/cli/docker/plugin/inspect/
    """
    from dockcli.models.plugin import PluginInspect

    names = at_least_one("plugin", map(argv.plugin, plugins))
    return self._inspection(names, options, PluginInspect.parse)


def _ls(self: PluginGroup[Any], **options: Any) -> Call[Any]:
    """List the engine's plugins, each in full.

    Those of the command line (buildx, compose) are not among them. Two processes however many there
    are. Raises EngineUnreachable, DockerFailed for a filter that docker does not know. Source:
    ``docker plugin ls`` and ``docker plugin inspect``,
    https://docs.docker.com/reference/cli/docker/plugin/ls/
    """
    inspect = self.client.call.plugin.inspect
    return self._listing(options, column="{{.ID}}", inspect=inspect, no_trunc=True)


class PluginGroup(Group[Mode]):
    """``docker plugin``."""

    name = "plugin"

    inspect: PluginInspectVerb[PluginInspect] = Verb(_inspect)
    ls: PluginLsVerb[list[PluginInspect]] = Verb(_ls)

    @verb
    def create(
        self, plugin: Ref, folder: Word, **options: Unpack[PluginCreateOptions]
    ) -> Call[str]:
        """Make a plugin of a *folder* that holds ``config.json`` and ``rootfs``; its name.

        Raises NameConflict, DockerFailed for a folder that is none of that kind. Source:
        ``docker plugin create``, https://docs.docker.com/reference/cli/docker/plugin/create/
        """
        words = [argv.plugin(plugin), argv.operand(folder)]
        return self._call("create", options, words, parse=identifier)

    @verb
    def install(
        self, plugin: Ref, *settings: Word, **options: Unpack[PluginInstallOptions]
    ) -> Call[Completed]:
        """Fetch a plugin from its registry and enable it; docker's progress, in ``stdout``.

        *settings* are ``"KEY=VALUE"``. docker asks whether the plugin may have what it wants, and
        takes no answer for no: give ``grant_all_permissions=True``, or ``"y"`` in ``stdin=``.
        Raises NameConflict, DockerFailed for a registry that is not reached. Source:
        ``docker plugin install``, https://docs.docker.com/reference/cli/docker/plugin/install/
        """
        words = [argv.plugin(plugin), *map(argv.setting, settings)]
        return self._call("install", options, words, parse=itself)

    @verb
    def enable(self, plugin: Ref, **options: Unpack[PluginEnableOptions]) -> Call[None]:
        """Start a plugin.

        Raises NoSuchPlugin, DockerFailed for one that does not start, or is enabled already.
        Source: ``docker plugin enable``,
        https://docs.docker.com/reference/cli/docker/plugin/enable/
        """
        return self._call("enable", options, [argv.plugin(plugin)], parse=nothing)

    @verb
    def disable(self, plugin: Ref, **options: Unpack[PluginDisableOptions]) -> Call[None]:
        """End a plugin.

        Raises NoSuchPlugin, InUse (``force=True`` ends it all the same), DockerFailed for one that
        is disabled already. Source: ``docker plugin disable``,
        https://docs.docker.com/reference/cli/docker/plugin/disable/
        """
        return self._call("disable", options, [argv.plugin(plugin)], parse=nothing)

    @verb
    def set(self, plugin: Ref, *settings: Word, **options: Unpack[PluginSetOptions]) -> Call[None]:
        """Change settings of a disabled plugin: ``set("x/sshfs", "DEBUG=1")``.

        Raises NoSuchPlugin, DockerFailed for one that is enabled, or has no such setting. Source:
        ``docker plugin set``, https://docs.docker.com/reference/cli/docker/plugin/set/
        """
        words = [argv.plugin(plugin)]
        words += at_least_one("KEY=VALUE", map(argv.setting, settings))
        return self._call("set", options, words, parse=nothing)

    @verb
    def upgrade(
        self, plugin: Ref, *remote: Ref, **options: Unpack[PluginUpgradeOptions]
    ) -> Call[Completed]:
        """Fetch a disabled plugin anew, from where it came or *remote*; docker's progress.

        docker asks as in `install`. Raises NoSuchPlugin, DockerFailed for one that is enabled.
        Source: ``docker plugin upgrade``,
        https://docs.docker.com/reference/cli/docker/plugin/upgrade/
        """
        words = [argv.plugin(one) for one in (plugin, *remote)]
        return self._call("upgrade", options, words, parse=itself)

    @verb
    def push(self, plugin: Ref, **options: Unpack[PluginPushOptions]) -> Call[Completed]:
        """Send a plugin to its registry; docker's progress, in ``stdout``.

        Raises NoSuchPlugin, DockerFailed for a registry that is not reached. Source:
        ``docker plugin push``, https://docs.docker.com/reference/cli/docker/plugin/push/
        """
        return self._call("push", options, [argv.plugin(plugin)], parse=itself)

    @verb
    def rm(self, *plugins: Ref, **options: Unpack[PluginRmOptions]) -> Call[list[str]]:
        """Remove one or more plugins; the names that docker removed.

        Raises NoSuchPlugin, InUse for one that is enabled (``force=True`` removes it all the same).
        Source: ``docker plugin rm``, https://docs.docker.com/reference/cli/docker/plugin/rm/
        """
        names = at_least_one("plugin", map(argv.plugin, plugins))
        return self._call("rm", options, names, parse=lines)
