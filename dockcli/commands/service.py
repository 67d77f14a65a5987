"""``docker service``: create, ls, inspect, ps, logs, update, scale, rollback, rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import QUOTING, Call
from dockcli.commands.answers import itself, lines
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.commands.joined import joined, tasks
from dockcli.commands.live import followed, log_lines
from dockcli.commands.names import exactly_named
from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from dockcli.commands.signatures import (
        ServiceInspectVerb,
        ServiceLogsVerb,
        ServiceLsVerb,
        ServicePsVerb,
    )
    from dockcli.models.service import ServiceInspect
    from dockcli.models.task import Task
    from dockcli.spec.options import (
        ServiceCreateOptions,
        ServiceRmOptions,
        ServiceRollbackOptions,
        ServiceScaleOptions,
        ServiceUpdateOptions,
    )
    from dockcli.spec.values import ImageRef, Ref, Word


def _inspect(self: ServiceGroup[Any], *services: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more services.

    One name gives a `ServiceInspect`, several give a list of them, by one process. Raises
    NoSuchService, whose ``found`` has those that are there, NotASwarmManager. Source:
    ``docker service inspect``, https://docs.docker.com/reference/cli/docker/service/inspect/
    """
    from dockcli.models.service import ServiceInspect

    return self._inspection(_names(services), options, ServiceInspect.parse)


def _ls(self: ServiceGroup[Any], **options: Any) -> Call[Any]:
    """List the services, each in full, and how many of its tasks run.

    A name in ``filter=`` is a whole name, not the beginning of one. Two processes however many
    there are. Raises NotASwarmManager. Source: ``docker service ls``
    and ``docker service inspect``, https://docs.docker.com/reference/cli/docker/service/ls/
    """
    read = joined(self.client.call.service.inspect, options)
    return exactly_named(self._json("ls", options, parse=read))


def _ps(self: ServiceGroup[Any], *services: Ref, **options: Any) -> Call[Any]:
    """List the tasks of one or more services, those that have ended too, each in full.

    Two processes however many there are. Raises NoSuchService, NotASwarmManager. Source:
    ``docker service ps`` and ``docker inspect``,
    https://docs.docker.com/reference/cli/docker/service/ps/
    """
    return self._json("ps", options, _names(services), parse=tasks(self, options), no_trunc=True)


def _logs(self: ServiceGroup[Any], service: Ref, **options: Any) -> Call[Any]:
    """What the tasks of a service, or one task, wrote until now, stdout and stderr apart.

    With ``follow=True``, or ``stream=True``, it is a `Stream` of `LogLine`. docker puts the task's
    name before each line unless ``raw=True``. Raises NoSuchService, NotASwarmManager. Source:
    ``docker service logs``, https://docs.docker.com/reference/cli/docker/service/logs/
    """
    kind = "task" if getattr(service, "__docker_kind__", "") == "task" else "service"
    names = [argv.swarm_object(service, kind)]
    call = self._call("logs", options, names, parse=itself, speaker=QUOTING)
    return log_lines(call) if followed(options) else call


class ServiceGroup(Group[Mode]):
    """``docker service``."""

    name = "service"

    inspect: ServiceInspectVerb[ServiceInspect] = Verb(_inspect)
    ls: ServiceLsVerb[list[ServiceInspect]] = Verb(_ls)
    ps: ServicePsVerb[list[Task]] = Verb(_ps)
    logs: ServiceLogsVerb = Verb(_logs)

    @verb
    def create(
        self, image: ImageRef, *command: Word, **options: Unpack[ServiceCreateOptions]
    ) -> Call[str]:
        """Create a service of *image* whose tasks run *command*; its id.

        docker waits until all tasks run, and then for ``update_monitor=`` (5 s) whether they stay;
        with ``detach=True`` it does not wait. A task that cannot start is tried again without end:
        give ``deadline=``; the service stays when it is over. Raises NameConflict, NoSuchSecret,
        NoSuchConfig, NoSuchNetwork, NotASwarmManager. Source: ``docker service create``,
        https://docs.docker.com/reference/cli/docker/service/create/
        """
        return self._call(
            "create",
            options,
            [argv.image(image)],
            rest=argv.command(command),
            parse=_first_line,
            labelled=True,
        )

    @verb
    def update(self, service: Ref, **options: Unpack[ServiceUpdateOptions]) -> Call[Completed]:
        """Change a service, task by task; what docker told of its progress, in ``stdout``.

        docker waits as `create` does. Raises NoSuchService, NotASwarmManager, DockerFailed for an
        update that was paused or rolled back. Source: ``docker service update``,
        https://docs.docker.com/reference/cli/docker/service/update/
        """
        return self._call("update", options, _names([service]), parse=itself)

    @verb
    def rollback(self, service: Ref, **options: Unpack[ServiceRollbackOptions]) -> Call[Completed]:
        """Give a service back what its last update changed; docker's progress, in ``stdout``.

        Raises NoSuchService, NotASwarmManager, DockerFailed for one that was never updated. Source:
        ``docker service rollback``,
        https://docs.docker.com/reference/cli/docker/service/rollback/
        """
        return self._call("rollback", options, _names([service]), parse=itself)

    @verb
    def scale(self, *services: str, **options: Unpack[ServiceScaleOptions]) -> Call[Completed]:
        """Say how many tasks services are to have: ``scale("web=3", "db=1")``; docker's progress.

        Raises NoSuchService, NotASwarmManager, DockerFailed for a global service. Source:
        ``docker service scale``, https://docs.docker.com/reference/cli/docker/service/scale/
        """
        words = at_least_one("SERVICE=REPLICAS", map(argv.scale, services))
        return self._call("scale", options, words, parse=itself)

    @verb
    def rm(self, *services: Ref, **options: Unpack[ServiceRmOptions]) -> Call[list[str]]:
        """Remove one or more services; the names that docker removed.

        Their containers end a moment later. Raises NoSuchService, NotASwarmManager. Source:
        ``docker service rm``, https://docs.docker.com/reference/cli/docker/service/rm/
        """
        return self._call("rm", options, _names(services), parse=lines)


def _names(services: Iterable[Ref]) -> list[str]:
    return at_least_one("service", (argv.swarm_object(one, "service") for one in services))


def _first_line(completed: Completed) -> str:
    """The id, before docker tells of its progress."""
    said = lines(completed)
    if not said:
        raise UnreadableOutput(completed, "no id")
    return said[0].strip()
