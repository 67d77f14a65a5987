"""``docker container``: the verbs of a container's life, from start to rm and prune."""

from __future__ import annotations

from dockcli import argv
from dockcli.call import DOCKER, START, Call
from dockcli.commands.answers import counted, lines, nothing
from dockcli.commands.group import Group, at_least_one
from dockcli.completed import Completed
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.models.prune import Pruned
    from dockcli.spec.options import (
        ContainerKillOptions,
        ContainerPauseOptions,
        ContainerPruneOptions,
        ContainerRenameOptions,
        ContainerRestartOptions,
        ContainerRmOptions,
        ContainerStartOptions,
        ContainerStopOptions,
        ContainerUnpauseOptions,
        ContainerUpdateOptions,
    )
    from dockcli.spec.values import ContainerRef


def start(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerStartOptions]
) -> Call[list[str]]:
    """Start one or more stopped containers; the names that docker started.

    With ``attach=True`` the lines are what the container wrote. Raises NoSuchContainer. Source:
    ``docker container start``, https://docs.docker.com/reference/cli/docker/container/start/
    """
    names = at_least_one("container", map(argv.container, containers))
    attached = options.get("attach") or options.get("interactive")
    speaker = START if attached else DOCKER
    return self._call("start", options, names, parse=lines, speaker=speaker)


def stop(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerStopOptions]
) -> Call[list[str]]:
    """Stop one or more running containers; the names that docker stopped.

    Raises NoSuchContainer. Source: ``docker container stop``,
    https://docs.docker.com/reference/cli/docker/container/stop/
    """
    return _to_each(self, "stop", containers, options)


def restart(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerRestartOptions]
) -> Call[list[str]]:
    """Stop one or more containers, if they run, and start them; the names that docker restarted.

    ``timeout=`` is what they get to end by themselves, in whole seconds. Raises NoSuchContainer.
    Source: ``docker container restart``, https://docs.docker.com/reference/cli/docker/container/restart/
    """
    return _to_each(self, "restart", containers, options)


def kill(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerKillOptions]
) -> Call[list[str]]:
    """Kill one or more running containers, or send them ``signal=``; the names that docker reached.

    Raises NoSuchContainer, DockerFailed for one that does not run. Source:
    ``docker container kill``, https://docs.docker.com/reference/cli/docker/container/kill/
    """
    return _to_each(self, "kill", containers, options)


def pause(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerPauseOptions]
) -> Call[list[str]]:
    """Freeze all processes of one or more containers; the names that docker paused.

    Raises NoSuchContainer, DockerFailed for one that does not run, or is paused. Source:
    ``docker container pause``, https://docs.docker.com/reference/cli/docker/container/pause/
    """
    return _to_each(self, "pause", containers, options)


def unpause(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerUnpauseOptions]
) -> Call[list[str]]:
    """Let the processes of one or more paused containers go on; the names that docker let go.

    Raises NoSuchContainer, DockerFailed for one that is not paused. Source:
    ``docker container unpause``, https://docs.docker.com/reference/cli/docker/container/unpause/
    """
    return _to_each(self, "unpause", containers, options)


def rename(
    self: Group[Any],
    container: ContainerRef,
    new_name: str,
    **options: Unpack[ContainerRenameOptions],
) -> Call[None]:
    """Give a container another name.

    Raises NoSuchContainer, NameConflict. Source: ``docker container rename``,
    https://docs.docker.com/reference/cli/docker/container/rename/
    """
    names = [argv.container(container), argv.container(new_name)]
    return self._call("rename", options, names, parse=nothing)


def update(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerUpdateOptions]
) -> Call[list[str]]:
    """Change the limits or the restart policy of containers; the names that docker updated.

    Raises NoSuchContainer, DockerFailed for a limit that cannot be. Source:
    ``docker container update``, https://docs.docker.com/reference/cli/docker/container/update/
    """
    return _to_each(self, "update", containers, options)


def wait(self: Group[Any], *containers: ContainerRef, **options: Any) -> Call[Any]:
    """Wait until one or more containers have ended; their exit codes.

    One name gives an int, several give a list. Raises NoSuchContainer, DeadlineExceeded. Source:
    ``docker container wait``, https://docs.docker.com/reference/cli/docker/container/wait/
    """
    names = at_least_one("container", map(argv.container, containers))
    return self._call("wait", options, names, parse=counted(len(names)))


def rm(
    self: Group[Any], *containers: ContainerRef, **options: Unpack[ContainerRmOptions]
) -> Call[list[str]]:
    """Remove one or more containers; the names that docker removed.

    Raises NoSuchContainer, InUse for a running one (``force=True`` ends it first). Source:
    ``docker container rm``, https://docs.docker.com/reference/cli/docker/container/rm/
    """
    return _to_each(self, "rm", containers, options)


def prune(self: Group[Any], **options: Unpack[ContainerPruneOptions]) -> Call[Pruned]:
    """Remove all containers that do not run, or those of ``filter=``; what was removed.

    The answer has their ids, and the bytes that were freed, rounded by docker. docker is not let
    ask whether you are sure: there is no terminal, and a call says so. Raises EngineUnreachable,
    DockerFailed for a filter that docker does not know. Source: ``docker container prune``,
    https://docs.docker.com/reference/cli/docker/container/prune/
    """
    from dockcli.models.prune import pruned

    return self._call(
        "prune", {**options, "force": options.get("force") is not False}, parse=pruned
    )


def _to_each(
    self: Group[Any], verb: str, containers: Iterable[ContainerRef], options: Mapping[str, Any]
) -> Call[list[str]]:
    """A verb that is done to each of *containers*, and tells their names."""
    names = at_least_one("container", map(argv.container, containers))
    return self._call(verb, options, names, parse=_names)


def _names(completed: Completed) -> list[str]:
    """Names, one a line. Between them come the engine's warnings (`update`), and that a flag is
    deprecated (``time=``); no name has a space in it."""
    return [line for line in lines(completed) if " " not in line]
