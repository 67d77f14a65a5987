"""``docker node``: ls, inspect, ps, update, promote, demote, rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.commands.joined import joined, tasks
from dockcli.commands.names import exactly_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from dockcli.commands.signatures import NodeInspectVerb, NodeLsVerb, NodePsVerb
    from dockcli.models.node import NodeInspect
    from dockcli.models.task import Task
    from dockcli.spec.options import (
        NodeDemoteOptions,
        NodePromoteOptions,
        NodeRmOptions,
        NodeUpdateOptions,
    )
    from dockcli.spec.values import Ref


def _inspect(self: NodeGroup[Any], *nodes: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more nodes; ``"self"`` is the answering engine's own.

    One name gives a `NodeInspect`, several give a list of them, by one process. Raises NoSuchNode,
    whose ``found`` has those that are there, NotASwarmManager. Source: ``docker node inspect``,
    https://docs.docker.com/reference/cli/docker/node/inspect/
    """
    from dockcli.models.node import NodeInspect

    return self._inspection(_names(nodes), options, NodeInspect.parse)


def _ls(self: NodeGroup[Any], **options: Any) -> Call[Any]:
    """List the nodes of the swarm, each in full.

    A name in ``filter=`` is a whole hostname, not the beginning of one. Two processes however many
    there are. Raises NotASwarmManager. Source: ``docker node ls`` and
    ``docker node inspect``, https://docs.docker.com/reference/cli/docker/node/ls/
    """
    read = joined(self.client.call.node.inspect, options)
    return exactly_named(self._json("ls", options, parse=read), "hostname")


def _ps(self: NodeGroup[Any], *nodes: Ref, **options: Any) -> Call[Any]:
    """List the tasks on one or more nodes, those that have ended too; without a name on this one.

    Two processes however many there are. Raises NoSuchNode, NotASwarmManager. Source:
    ``docker node ps`` and ``docker inspect``,
    https://docs.docker.com/reference/cli/docker/node/ps/
    """
    names = [argv.swarm_object(one, "node") for one in nodes]
    return self._json("ps", options, names, parse=tasks(self, options), no_trunc=True)


class NodeGroup(Group[Mode]):
    """``docker node``."""

    name = "node"

    inspect: NodeInspectVerb[NodeInspect] = Verb(_inspect)
    ls: NodeLsVerb[list[NodeInspect]] = Verb(_ls)
    ps: NodePsVerb[list[Task]] = Verb(_ps)

    @verb
    def update(self, node: Ref, **options: Unpack[NodeUpdateOptions]) -> Call[None]:
        """Change a node's availability, role or labels.

        ``"self"`` is no name here. Raises NoSuchNode, NotASwarmManager. Source:
        ``docker node update``, https://docs.docker.com/reference/cli/docker/node/update/
        """
        return self._call("update", options, [argv.swarm_object(node, "node")], parse=nothing)

    @verb
    def promote(self, *nodes: Ref, **options: Unpack[NodePromoteOptions]) -> Call[None]:
        """Make managers of one or more workers; a manager stays one.

        Raises NoSuchNode, NotASwarmManager. Source: ``docker node promote``,
        https://docs.docker.com/reference/cli/docker/node/promote/
        """
        return self._call("promote", options, _names(nodes), parse=nothing)

    @verb
    def demote(self, *nodes: Ref, **options: Unpack[NodeDemoteOptions]) -> Call[None]:
        """Make workers of one or more managers; a worker stays one.

        Raises NoSuchNode, NotASwarmManager, DockerFailed for the last manager. Source:
        ``docker node demote``, https://docs.docker.com/reference/cli/docker/node/demote/
        """
        return self._call("demote", options, _names(nodes), parse=nothing)

    @verb
    def rm(self, *nodes: Ref, **options: Unpack[NodeRmOptions]) -> Call[list[str]]:
        """Remove one or more nodes from the swarm; the names that docker removed.

        Raises NoSuchNode, NotASwarmManager, DockerFailed for one that is not down
        (``force=True`` removes it all the same). Source: ``docker node rm``,
        https://docs.docker.com/reference/cli/docker/node/rm/
        """
        return self._call("rm", options, _names(nodes), parse=lines)


def _names(nodes: Iterable[Ref]) -> list[str]:
    return at_least_one("node", (argv.swarm_object(one, "node") for one in nodes))
