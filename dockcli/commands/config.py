"""``docker config``: create, ls, inspect, rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, lines
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.commands.names import exactly_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from dockcli.commands.signatures import ConfigInspectVerb, ConfigLsVerb
    from dockcli.models.config import ConfigInspect
    from dockcli.spec.options import ConfigCreateOptions, ConfigRmOptions
    from dockcli.spec.values import Ref, Word


def _inspect(self: ConfigGroup[Any], *configs: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more configs, with what they hold.

    One name gives a `ConfigInspect`, several give a list of them, by one process. Raises
    NoSuchConfig, whose ``found`` has those that are there, NotASwarmManager. Source:
    ``docker config inspect``, https://docs.docker.com/reference/cli/docker/config/inspect/
    """
    from dockcli.models.config import ConfigInspect

    return self._inspection(_names(configs), options, ConfigInspect.parse)


def _ls(self: ConfigGroup[Any], **options: Any) -> Call[Any]:
    """List the configs, each in full.

    A name in ``filter=`` is a whole name, not the beginning of one. Two processes however many
    there are. Raises NotASwarmManager. Source: ``docker config ls`` and ``docker config inspect``,
    https://docs.docker.com/reference/cli/docker/config/ls/
    """
    inspect = self.client.call.config.inspect
    return exactly_named(self._listing(options, column="{{.ID}}", inspect=inspect))


class ConfigGroup(Group[Mode]):
    """``docker config``."""

    name = "config"

    inspect: ConfigInspectVerb[ConfigInspect] = Verb(_inspect)
    ls: ConfigLsVerb[list[ConfigInspect]] = Verb(_ls)

    @verb
    def create(self, config: Ref, file: Word, **options: Unpack[ConfigCreateOptions]) -> Call[str]:
        """Keep the content of *file* as a config of the swarm; its id.

        ``"-"`` is what ``stdin=`` gives. Raises NameConflict, NotASwarmManager. Source:
        ``docker config create``, https://docs.docker.com/reference/cli/docker/config/create/
        """
        words = [argv.swarm_object(config, "config"), argv.operand(file)]
        return self._call("create", options, words, parse=identifier, labelled=True)

    @verb
    def rm(self, *configs: Ref, **options: Unpack[ConfigRmOptions]) -> Call[list[str]]:
        """Remove one or more configs; the names that docker removed.

        Raises NoSuchConfig, InUse for one that a service has, NotASwarmManager. Source:
        ``docker config rm``, https://docs.docker.com/reference/cli/docker/config/rm/
        """
        return self._call("rm", options, _names(configs), parse=lines)


def _names(configs: Iterable[Ref]) -> list[str]:
    return at_least_one("config", (argv.swarm_object(one, "config") for one in configs))
