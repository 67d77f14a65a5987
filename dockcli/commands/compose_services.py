"""``docker compose``: the verbs that change a project's services.

Checked by argv and by replay of recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import QUOTING, Call, Speaker
from dockcli.commands.answers import nothing
from dockcli.commands.cli_plugin import CliPluginGroup
from dockcli.commands.group import Mode, at_least_one, verb
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.spec.options import (
        ComposeAttachOptions,
        ComposeBuildOptions,
        ComposeCommitOptions,
        ComposeCpOptions,
        ComposeCreateOptions,
        ComposeDownOptions,
        ComposeExportOptions,
        ComposeKillOptions,
        ComposePauseOptions,
        ComposePullOptions,
        ComposePushOptions,
        ComposeRestartOptions,
        ComposeRmOptions,
        ComposeScaleOptions,
        ComposeStartOptions,
        ComposeStopOptions,
        ComposeUnpauseOptions,
        ComposeUpOptions,
        ComposeWaitOptions,
        ComposeWatchOptions,
    )
    from dockcli.spec.values import ImageRef, Word

# Compose ends with the code of a service's container, or with 1 for a failure of its own.
SERVICE = Speaker(
    True,
    frozenset({1, 125, 126, 127, 255}),
    r"no such service: |service \"[^\"]*\" (?:is not running|has no container)"
    r"|no configuration file provided|no container(?:s| found) for project ",
)

# With these `up` ends with the code of a container.
_CODES = ("exit_code_from", "abort_on_container_exit", "abort_on_container_failure")


class ComposeServices(CliPluginGroup[Mode]):
    """The verbs of ``docker compose`` that change a project's services."""

    name = "compose"

    @verb
    def up(self, *service: str, **options: Unpack[ComposeUpOptions]) -> Call[Completed]:
        """Create and start the services; what Compose wrote.

        Without ``detach=True`` it goes on until they have ended or the ``deadline=``; ``stdout``
        then has what the containers wrote. Raises PluginMissing, DockerFailed, and with
        ``exit_code_from=`` ContainerFailed with that service's code. Source: ``docker compose up``,
        https://docs.docker.com/reference/cli/docker/compose/up/
        """
        speaker = SERVICE if any(options.get(code) for code in _CODES) else QUOTING
        return self._words("up", options, services(service), speaker=speaker)

    @verb
    def down(self, *service: str, **options: Unpack[ComposeDownOptions]) -> Call[None]:
        """Stop and remove the containers and networks that `up` made.

        Volumes stay, unless ``volumes=True``. Raises PluginMissing, DockerFailed for a service that
        the project does not have. Source: ``docker compose down``,
        https://docs.docker.com/reference/cli/docker/compose/down/
        """
        return self._done("down", options, service)

    @verb
    def create(self, *service: str, **options: Unpack[ComposeCreateOptions]) -> Call[None]:
        """Create the containers of the services, without starting them.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose create``, https://docs.docker.com/reference/cli/docker/compose/create/
        """
        return self._done("create", options, service)

    @verb
    def start(self, *service: str, **options: Unpack[ComposeStartOptions]) -> Call[None]:
        """Start the services' containers, which are there already.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose start``, https://docs.docker.com/reference/cli/docker/compose/start/
        """
        return self._done("start", options, service)

    @verb
    def stop(self, *service: str, **options: Unpack[ComposeStopOptions]) -> Call[None]:
        """Stop the services' containers, which stay. ``timeout=`` is in seconds.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose stop``, https://docs.docker.com/reference/cli/docker/compose/stop/
        """
        return self._done("stop", options, service)

    @verb
    def restart(self, *service: str, **options: Unpack[ComposeRestartOptions]) -> Call[None]:
        """Restart the services' containers.

        What has changed in the Compose file since they were made is ignored: that takes an `up`.
        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose restart``, https://docs.docker.com/reference/cli/docker/compose/restart/
        """
        return self._done("restart", options, service)

    @verb
    def kill(self, *service: str, **options: Unpack[ComposeKillOptions]) -> Call[None]:
        """End the services' containers by SIGKILL, or another signal.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose kill``, https://docs.docker.com/reference/cli/docker/compose/kill/
        """
        return self._done("kill", options, service)

    @verb
    def pause(self, *service: str, **options: Unpack[ComposePauseOptions]) -> Call[None]:
        """Pause all processes of the services.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose pause``, https://docs.docker.com/reference/cli/docker/compose/pause/
        """
        return self._done("pause", options, service)

    @verb
    def unpause(self, *service: str, **options: Unpack[ComposeUnpauseOptions]) -> Call[None]:
        """Let the processes of paused services go on.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose unpause``, https://docs.docker.com/reference/cli/docker/compose/unpause/
        """
        return self._done("unpause", options, service)

    @verb
    def rm(self, *service: str, **options: Unpack[ComposeRmOptions]) -> Call[None]:
        """Remove the services' stopped containers.

        Compose asks before it does; the call is the answer, so ``--force`` is given unless the
        caller says ``force=False``. ``stop=True`` stops them first. Raises PluginMissing,
        DockerFailed for a service that the project does not have. Source: ``docker compose rm``,
        https://docs.docker.com/reference/cli/docker/compose/rm/
        """
        return self._done("rm", {"force": True, **options}, service)

    @verb
    def scale(
        self, *service: str | Mapping[str, int], **options: Unpack[ComposeScaleOptions]
    ) -> Call[None]:
        """Run as many containers of each service as are asked for: ``"web=3"``, or ``{"web": 3}``.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose scale``, https://docs.docker.com/reference/cli/docker/compose/scale/
        """
        return self._call("scale", options, replicas(service), parse=nothing)

    @verb
    def build(self, *service: str, **options: Unpack[ComposeBuildOptions]) -> Call[Completed]:
        """Build the images of the services that have a build section; what the builder wrote.

        ``print=True`` builds nothing; ``stdout`` then is a file for `buildx.bake`. Compose's own
        ``--check`` is ``check_=True``. Raises PluginMissing, DockerFailed with the builder's output
        when a step fails. Source: ``docker compose build``,
        https://docs.docker.com/reference/cli/docker/compose/build/
        """
        return self._words("build", options, services(service), speaker=QUOTING)

    @verb
    def pull(self, *service: str, **options: Unpack[ComposePullOptions]) -> Call[None]:
        """Fetch the services' images from their registries.

        Raises PluginMissing, DockerFailed for an image that no registry gives. Source:
        ``docker compose pull``, https://docs.docker.com/reference/cli/docker/compose/pull/
        """
        return self._done("pull", options, service)

    @verb
    def push(self, *service: str, **options: Unpack[ComposePushOptions]) -> Call[None]:
        """Send the images that the services build to their registries.

        Raises PluginMissing, DockerFailed where the registry refuses. Source:
        ``docker compose push``, https://docs.docker.com/reference/cli/docker/compose/push/
        """
        return self._done("push", options, service)

    @verb
    def commit(
        self, service: str, *repository: ImageRef, **options: Unpack[ComposeCommitOptions]
    ) -> Call[None]:
        """Make an image of a service's container as it is now, without its volumes.

        Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
        ``docker compose commit``, https://docs.docker.com/reference/cli/docker/compose/commit/
        """
        names = [argv.compose_service(service), *map(argv.image, repository)]
        return self._call("commit", options, names, parse=nothing)

    @verb
    def cp(self, source: Word, target: Word, **options: Unpack[ComposeCpOptions]) -> Call[None]:
        """Copy between a service's container (``"web:/path"``) and this machine (a path).

        A text with a colon is of a service unless it begins with ``/`` or ``.``; a `pathlib.Path`
        is always of this machine. Raises PluginMissing, DockerFailed for a service or a path that
        is not there. Source: ``docker compose cp``,
        https://docs.docker.com/reference/cli/docker/compose/cp/
        """
        paths = [argv.operand(source), argv.operand(target)]
        return self._call("cp", options, paths, parse=nothing)

    @verb
    def export(self, service: str, **options: Unpack[ComposeExportOptions]) -> Call[Completed]:
        """The file system of a service's container as a tar archive; ``stdout`` has it.

        With ``output=`` it goes to that file instead. Volumes are not in it. Raises PluginMissing,
        DockerFailed for a service that the project does not have. Source:
        ``docker compose export``, https://docs.docker.com/reference/cli/docker/compose/export/
        """
        return self._words("export", options, [argv.compose_service(service)])

    @verb
    def attach(self, service: str, **options: Unpack[ComposeAttachOptions]) -> Call[Completed]:
        """Attach to what a service's container writes and reads, until it ends.

        Raises PluginMissing, ContainerFailed with its exit code. Source: ``docker compose attach``,
        https://docs.docker.com/reference/cli/docker/compose/attach/
        """
        return self._words("attach", options, [argv.compose_service(service)], speaker=SERVICE)

    @verb
    def wait(self, *service: str, **options: Unpack[ComposeWaitOptions]) -> Call[Completed]:
        """Wait until the services' containers have ended; ``stdout`` has a line with each's code.

        Compose ends with the code of one of them itself: another code than 0 raises
        ContainerFailed, which has it in ``returncode``. Raises PluginMissing, DockerFailed for a
        service that the project does not have. Source: ``docker compose wait``,
        https://docs.docker.com/reference/cli/docker/compose/wait/
        """
        names = at_least_one("service", services(service))
        return self._words("wait", options, names, speaker=SERVICE)

    @verb
    def watch(self, *service: str, **options: Unpack[ComposeWatchOptions]) -> Call[Completed]:
        """Rebuild or refresh the services whenever their files change, until the ``deadline=``.

        Raises PluginMissing, DockerFailed for a service that cannot be built, DeadlineExceeded.
        Source: ``docker compose watch``,
        https://docs.docker.com/reference/cli/docker/compose/watch/
        """
        return self._words("watch", options, services(service), speaker=QUOTING)

    def _done(self, verb: str, options: Mapping[str, Any], service: Iterable[str]) -> Call[None]:
        """A verb whose only answer is that it was done."""
        return self._call(verb, options, services(service), parse=nothing)


def services(values: Iterable[object]) -> list[str]:
    """The names of services, checked."""
    return [argv.compose_service(value) for value in values]


def replicas(values: Iterable[object]) -> list[str]:
    """``web=3`` for each service: from texts, and from mappings of names to numbers."""
    words: list[str] = []
    for value in values:
        if isinstance(value, Mapping):
            words += [f"{name}={argv.text(number, 'replicas')}" for name, number in value.items()]
        else:
            words.append(argv.text(value, "a service's replicas"))
    for word in words:
        name, _, number = word.partition("=")
        argv.compose_service(name)
        if not re.fullmatch(r"[0-9]+", number):
            raise InvalidArgument(
                f"{word!r} does not say how many: SERVICE=REPLICAS, as in 'web=3'"
            )
    return at_least_one("service", words)
