"""What docker says no to, told apart by its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli.errors.base import Unsupported
from dockcli.errors.calls import (
    ContainerFailed,
    DockerFailed,
    EngineUnreachable,
    NameConflict,
    NoSuchObject,
)

if TYPE_CHECKING:
    import signal
    from typing import TypeAlias

    from dockcli.completed import Completed

    Difference: TypeAlias = tuple[str, str | None, str | None]


class PermissionDenied(EngineUnreachable):
    """An engine is there, but this user may not talk to it."""

    advice = "Use Docker(sudo=True), or join the group: sudo usermod -aG docker $USER"


class NoSuchImage(NoSuchObject):
    advice = "`docker image ls` lists those that are there; `docker pull` fetches one"


class NoSuchVolume(NoSuchObject):
    advice = "`docker volume ls` lists those that are there"


class NoSuchNetwork(NoSuchObject):
    advice = "`docker network ls` lists those that are there"


class NoSuchService(NoSuchObject):
    advice = "`docker service ls` lists those that are there"


class NoSuchNode(NoSuchObject):
    advice = "`docker node ls` lists those that are there"


class NoSuchSecret(NoSuchObject):
    advice = "`docker secret ls` lists those that are there"


class NoSuchConfig(NoSuchObject):
    advice = "`docker config ls` lists those that are there"


class NoSuchStack(NoSuchObject):
    advice = "`docker stack ls` lists those that are there"


class NoSuchPlugin(NoSuchObject):
    advice = "`docker plugin ls` lists those that are there"


class NoSuchContext(NoSuchObject):
    advice = "`docker context ls` lists those that are there"


class NoSuchManifest(NoSuchObject):
    advice = "`docker manifest create` makes a list; an image has a manifest once it is pushed"


class NotSigned(NoSuchObject):
    """The image has no signature, or the server that keeps signatures is not reached."""

    advice = "`docker trust sign` signs an image"


class NoSuchPath(NoSuchObject):
    advice = "Look with `docker container export NAME | tar t` for what the container holds"


class NotAFile(DockerFailed):
    """A folder, a device, a pipe or a link in a circle, where a file is meant."""

    advice = "get_archive() has a folder with all that is in it"


class NotAFolder(DockerFailed):
    """Something else where a folder is meant."""

    advice = "Name a folder that is there"


class ReadOnlyPath(DockerFailed):
    """The container's file system, or what is mounted there, is read-only."""

    advice = "Write where a volume is mounted that may be written, or run it without read_only="


class VolumeDrift(NameConflict):
    """A volume of that name was there already, and is not as it was asked for. docker would say
    nothing; it has changed nothing.

    ``volume`` is its name. ``differences`` has a tuple for each: what differs (``driver``,
    ``opt type``, ``label owner``), what was asked for, and what is there; None for what is not.
    """

    def __init__(
        self, completed: Completed, volume: str = "", differences: tuple[Difference, ...] = ()
    ) -> None:
        said = ", ".join(
            f"its {what} is {_shown(there)}, not {_shown(asked)}"
            for what, asked, there in differences
        )
        super().__init__(completed, f"the volume {volume} was there already, and differs: {said}")
        self.args = (completed, volume, differences)
        self.volume = volume
        self.differences = differences


class InUse(DockerFailed):
    advice = "Stop or remove what uses it first"


class NotASwarmManager(DockerFailed):
    """This engine is in no swarm, or a worker in one: only a manager answers for a swarm."""

    advice = "`docker swarm init` makes a swarm of this engine; else ask a manager of the swarm"


class SwarmLocked(DockerFailed):
    """A manager that was started again, of a swarm that locks itself (``autolock=True``)."""

    advice = "Give docker.swarm.unlock(stdin=KEY) the key that another manager's unlock_key() has"


class AuthenticationFailed(DockerFailed):
    """A registry wants to know who asks, or refuses the name and password that it was given."""

    advice = "docker.login(SERVER, username=…, password=…) with what the registry knows"


class NotExperimental(DockerFailed, Unsupported):
    """The engine has this command, but only with its experimental features on."""

    advice = 'Put "experimental": true into the daemon.json of the engine, and start it again'


class UnsupportedFlag(DockerFailed, Unsupported):
    advice = "Leave the flag out, or use a docker that has it"


class CommandNotStarted(DockerFailed):
    """The container is there, but the command could not be started in it."""


class CommandNotExecutable(CommandNotStarted):
    """The command is there, but cannot be executed (126)."""

    advice = "Make it executable, or name its interpreter"


class CommandNotFound(CommandNotStarted):
    """No such command in the container (127)."""

    advice = "Look with `docker run --rm --entrypoint ls IMAGE /bin` for what the image has"


class NoShell(CommandNotStarted):
    """The container has no such shell, and a machine is a shell in it."""

    advice = (
        'Name one that it has with shell= ("/busybox/sh"); of an image without any, copy a static '
        "one in with docker.cp, or use docker.container.exec and docker.cp, which need none"
    )


class ContainerKilled(ContainerFailed):
    """The command in the container was ended by a signal, or says so (128 + its number)."""

    @property
    def signal(self) -> signal.Signals:
        import signal

        return signal.Signals(self.returncode - 128)


def _shown(value: str | None) -> str:
    return "not set" if value is None else repr(value)
