"""``docker network``: create, connect, disconnect, inspect, ls, rm, prune."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.commands.names import exactly_named
from dockcli.completed import Completed
from dockcli.objects import Network

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import NetworkInspectVerb, NetworkLsVerb
    from dockcli.models.network import NetworkInspect
    from dockcli.models.prune import Pruned
    from dockcli.spec.options import (
        NetworkConnectOptions,
        NetworkCreateOptions,
        NetworkDisconnectOptions,
        NetworkPruneOptions,
        NetworkRmOptions,
    )
    from dockcli.spec.values import ContainerRef, NetworkRef


def _inspect(self: NetworkGroup[Any], *networks: NetworkRef, **options: Any) -> Call[Any]:
    """Tell everything about one or more networks.

    One name gives a `NetworkInspect`, several give a list of them, by one process. Raises
    NoSuchNetwork, whose ``found`` has those that are there. Source: ``docker network inspect``,
    https://docs.docker.com/reference/cli/docker/network/inspect/
    """
    from dockcli.models.network import NetworkInspect

    names = at_least_one("network", map(argv.network, networks))
    return self._inspection(names, options, NetworkInspect.parse)


def _ls(self: NetworkGroup[Any], **options: Any) -> Call[Any]:
    """List the networks, each in full.

    A name in ``filter=`` is a whole name, not a part of one. Two processes however many there are.
    Raises EngineUnreachable, DockerFailed for a filter that docker does not know. Source:
    ``docker network ls`` and ``docker network inspect``,
    https://docs.docker.com/reference/cli/docker/network/ls/
    """
    inspect = self.client.call.network.inspect
    listing = self._listing(options, column="{{.ID}}", inspect=inspect, no_trunc=True)
    return exactly_named(listing)


class NetworkGroup(Group[Mode]):
    """``docker network``."""

    name = "network"

    inspect: NetworkInspectVerb[NetworkInspect] = Verb(_inspect)
    ls: NetworkLsVerb[list[NetworkInspect]] = Verb(_ls)

    @verb
    def create(self, network: NetworkRef, **options: Unpack[NetworkCreateOptions]) -> Call[Network]:
        """Create a network; the network.

        Raises NameConflict, DockerFailed for addresses that another network has. Source:
        ``docker network create``, https://docs.docker.com/reference/cli/docker/network/create/
        """
        return self._call(
            "create",
            options,
            [argv.network(network)],
            parse=lambda completed: Network(identifier(completed), self.client),
            labelled=True,
        )

    @verb
    def connect(
        self,
        network: NetworkRef,
        container: ContainerRef,
        **options: Unpack[NetworkConnectOptions],
    ) -> Call[None]:
        """Put a container into a network, also while it runs.

        Raises NoSuchNetwork, NoSuchContainer, NameConflict where it is in there already. Source:
        ``docker network connect``, https://docs.docker.com/reference/cli/docker/network/connect/
        """
        names = [argv.network(network), argv.container(container)]
        return self._call("connect", options, names, parse=nothing)

    @verb
    def disconnect(
        self,
        network: NetworkRef,
        container: ContainerRef,
        **options: Unpack[NetworkDisconnectOptions],
    ) -> Call[None]:
        """Take a container out of a network, also while it runs.

        Raises NoSuchNetwork, NoSuchContainer, DockerFailed where it is not in there. Source:
        ``docker network disconnect``,
        https://docs.docker.com/reference/cli/docker/network/disconnect/
        """
        names = [argv.network(network), argv.container(container)]
        return self._call("disconnect", options, names, parse=nothing)

    @verb
    def rm(self, *networks: NetworkRef, **options: Unpack[NetworkRmOptions]) -> Call[list[str]]:
        """Remove one or more networks; the names that docker removed.

        Raises NoSuchNetwork, InUse. Source: ``docker network rm``,
        https://docs.docker.com/reference/cli/docker/network/rm/
        """
        names = at_least_one("network", map(argv.network, networks))
        return self._call("rm", options, names, parse=lines)

    @verb
    def prune(self, **options: Unpack[NetworkPruneOptions]) -> Call[Pruned]:
        """Remove all networks that no container is in; their names, and no bytes.

        docker asks before it does; the call is the answer, so ``--force`` is given unless the
        caller says ``force=False``. Raises EngineUnreachable, DockerFailed for a filter that docker
        does not know. Source: ``docker network prune``,
        https://docs.docker.com/reference/cli/docker/network/prune/
        """
        return self._call("prune", {"force": True, **options}, parse=_pruned)


def _pruned(completed: Completed) -> Pruned:
    from dockcli.models.prune import pruned

    return pruned(completed, r"\S+")
