"""``docker stack``: deploy, ls, ps, services, config, rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import itself
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.commands.joined import joined, tasks
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import StackLsVerb, StackPsVerb, StackServicesVerb
    from dockcli.models.service import ServiceInspect
    from dockcli.models.stack import Stack
    from dockcli.models.task import Task
    from dockcli.spec.options import StackConfigOptions, StackDeployOptions, StackRmOptions
    from dockcli.spec.values import Ref


def _ls(self: StackGroup[Any], **options: Any) -> Call[Any]:
    """List the stacks, and how many services each has.

    Raises NotASwarmManager. Source: ``docker stack ls``,
    https://docs.docker.com/reference/cli/docker/stack/ls/
    """
    from dockcli.models.stack import Stack

    return self._rows("ls", options, Stack.parse)


def _ps(self: StackGroup[Any], stack: Ref, **options: Any) -> Call[Any]:
    """List the tasks of a stack, those that have ended too, each in full.

    Two processes however many there are. Raises NoSuchStack, NotASwarmManager. Source:
    ``docker stack ps`` and ``docker inspect``,
    https://docs.docker.com/reference/cli/docker/stack/ps/
    """
    names = [argv.swarm_object(stack, "stack")]
    return self._json("ps", options, names, parse=tasks(self, options), no_trunc=True)


def _services(self: StackGroup[Any], stack: Ref, **options: Any) -> Call[Any]:
    """List the services of a stack, each in full, and how many of its tasks run.

    Two processes however many there are. docker says yes to a stack that is not there: the list is
    empty. Raises NotASwarmManager. Source: ``docker stack services`` and
    ``docker service inspect``, https://docs.docker.com/reference/cli/docker/stack/services/
    """
    names = [argv.swarm_object(stack, "stack")]
    inspect = self.client.call.service.inspect
    return self._json("services", options, names, parse=joined(inspect, options))


class StackGroup(Group[Mode]):
    """``docker stack``."""

    name = "stack"

    ls: StackLsVerb[list[Stack]] = Verb(_ls)
    ps: StackPsVerb[list[Task]] = Verb(_ps)
    services: StackServicesVerb[list[ServiceInspect]] = Verb(_services)

    @verb
    def deploy(self, stack: Ref, **options: Unpack[StackDeployOptions]) -> Call[Completed]:
        """Make or update a stack from a Compose file; what docker made, in ``stdout``.

        ``compose_file=`` names the file, ``"-"`` is the one in ``stdin=``. docker does not wait
        until the tasks run unless ``detach=False``. Raises NotASwarmManager, DockerFailed for a
        file that it does not understand. Source: ``docker stack deploy``,
        https://docs.docker.com/reference/cli/docker/stack/deploy/
        """
        names = [argv.swarm_object(stack, "stack")]
        return self._call("deploy", options, names, parse=itself)

    @verb
    def config(self, **options: Unpack[StackConfigOptions]) -> Call[Completed]:
        """The Compose file as docker understands it: merged, with its variables filled in.

        It is in ``stdout``. Raises DockerFailed for one that it does not understand. Source:
        ``docker stack config``, https://docs.docker.com/reference/cli/docker/stack/config/
        """
        return self._call("config", options, parse=itself)

    @verb
    def rm(self, *stacks: Ref, **options: Unpack[StackRmOptions]) -> Call[Completed]:
        """Remove one or more stacks; what docker removed, in ``stdout``.

        docker says yes to a stack that is not there. Raises NotASwarmManager. Source:
        ``docker stack rm``, https://docs.docker.com/reference/cli/docker/stack/rm/
        """
        names = at_least_one("stack", (argv.swarm_object(one, "stack") for one in stacks))
        return self._call("rm", options, names, parse=itself)
