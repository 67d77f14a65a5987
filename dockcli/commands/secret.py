"""``docker secret``: create, ls, inspect, rm."""

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

    from dockcli.commands.signatures import SecretInspectVerb, SecretLsVerb
    from dockcli.models.swarm_secret import SecretInspect
    from dockcli.spec.options import SecretCreateOptions, SecretRmOptions
    from dockcli.spec.values import Ref, Word


def _inspect(self: SecretGroup[Any], *secrets: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more secrets, but for their values.

    One name gives a `SecretInspect`, several give a list of them, by one process. Raises
    NoSuchSecret, whose ``found`` has those that are there, NotASwarmManager. Source:
    ``docker secret inspect``, https://docs.docker.com/reference/cli/docker/secret/inspect/
    """
    from dockcli.models.swarm_secret import SecretInspect

    return self._inspection(_names(secrets), options, SecretInspect.parse)


def _ls(self: SecretGroup[Any], **options: Any) -> Call[Any]:
    """List the secrets, each in full.

    A name in ``filter=`` is a whole name, not the beginning of one. Two processes however many
    there are. Raises NotASwarmManager. Source: ``docker secret ls`` and ``docker secret inspect``,
    https://docs.docker.com/reference/cli/docker/secret/ls/
    """
    inspect = self.client.call.secret.inspect
    return exactly_named(self._listing(options, column="{{.ID}}", inspect=inspect))


class SecretGroup(Group[Mode]):
    """``docker secret``."""

    name = "secret"

    inspect: SecretInspectVerb[SecretInspect] = Verb(_inspect)
    ls: SecretLsVerb[list[SecretInspect]] = Verb(_ls)

    @verb
    def create(self, secret: Ref, *file: Word, **options: Unpack[SecretCreateOptions]) -> Call[str]:
        """Keep the content of *file* as a secret of the swarm; its id.

        ``"-"`` is what ``stdin=`` gives: ``create("token", "-", stdin=value)``, so that it stands
        in no file and on no command line. Only a secret of a ``driver=`` has no file. Raises
        NameConflict, NotASwarmManager. Source: ``docker secret create``,
        https://docs.docker.com/reference/cli/docker/secret/create/
        """
        words = [argv.swarm_object(secret, "secret"), *map(argv.operand, file)]
        return self._call("create", options, words, parse=identifier, labelled=True)

    @verb
    def rm(self, *secrets: Ref, **options: Unpack[SecretRmOptions]) -> Call[list[str]]:
        """Remove one or more secrets; the names that docker removed.

        Raises NoSuchSecret, InUse for one that a service has, NotASwarmManager. Source:
        ``docker secret rm``, https://docs.docker.com/reference/cli/docker/secret/rm/
        """
        return self._call("rm", options, _names(secrets), parse=lines)


def _names(secrets: Iterable[Ref]) -> list[str]:
    return at_least_one("secret", (argv.swarm_object(one, "secret") for one in secrets))
