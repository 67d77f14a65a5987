"""``docker checkpoint``: create, ls, rm. Engines have it with their experimental features on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, lines, nothing
from dockcli.commands.group import Group, Mode, verb
from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.spec.options import (
        CheckpointCreateOptions,
        CheckpointLsOptions,
        CheckpointRmOptions,
    )
    from dockcli.spec.values import ContainerRef

_HEADING = "CHECKPOINT NAME"


class CheckpointGroup(Group[Mode]):
    """``docker checkpoint``."""

    name = "checkpoint"

    @verb
    def create(
        self, container: ContainerRef, checkpoint: str, **options: Unpack[CheckpointCreateOptions]
    ) -> Call[str]:
        """Write down the state of a running container, and stop it; the checkpoint's name.

        ``container.start(name, checkpoint=…)`` goes on from there. Raises NoSuchContainer,
        NotExperimental. Source: ``docker checkpoint create``,
        https://docs.docker.com/reference/cli/docker/checkpoint/create/
        """
        names = [argv.container(container), argv.checkpoint(checkpoint)]
        return self._call("create", options, names, parse=identifier)

    @verb
    def ls(
        self, container: ContainerRef, **options: Unpack[CheckpointLsOptions]
    ) -> Call[list[str]]:
        """List the names of a container's checkpoints.

        Raises NoSuchContainer, NotExperimental. Source: ``docker checkpoint ls``,
        https://docs.docker.com/reference/cli/docker/checkpoint/ls/
        """
        return self._call("ls", options, [argv.container(container)], parse=_names)

    @verb
    def rm(
        self, container: ContainerRef, checkpoint: str, **options: Unpack[CheckpointRmOptions]
    ) -> Call[None]:
        """Remove a checkpoint of a container.

        Raises NoSuchContainer, NotExperimental. Source: ``docker checkpoint rm``,
        https://docs.docker.com/reference/cli/docker/checkpoint/rm/
        """
        names = [argv.container(container), argv.checkpoint(checkpoint)]
        return self._call("rm", options, names, parse=nothing)


def _names(completed: Completed) -> list[str]:
    """docker has no ``--format`` here: names below a heading."""
    heading, *names = map(str.strip, lines(completed) or [""])
    if heading != _HEADING:
        raise UnreadableOutput(completed, f"no {_HEADING!r} at the top")
    return names
