"""``docker compose``: the verbs that tell of a project.

Checked by argv and by replay of recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import QUOTING, Call
from dockcli.commands.cli_plugin import CliPluginGroup, rows_or_null
from dockcli.commands.compose_services import services
from dockcli.commands.group import Mode, Verb, verb
from dockcli.commands.live import followed, log_lines
from dockcli.commands.names import exactly_named
from dockcli.completed import Completed

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Unpack

    from dockcli.commands.signatures import (
        ComposeConfigVerb,
        ComposeEventsVerb,
        ComposeImagesVerb,
        ComposeLogsVerb,
        ComposeLsVerb,
        ComposePsVerb,
        ComposeStatsVerb,
        ComposeVersionVerb,
        ComposeVolumesVerb,
    )
    from dockcli.models.compose import (
        ComposeConfig,
        ComposeContainer,
        ComposeImage,
        ComposeProject,
        ComposeVersion,
    )
    from dockcli.models.compose_running import Address, ComposeEvent, ComposeProcess
    from dockcli.models.stats import ContainerStats
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.options import (
        ComposePortOptions,
        ComposePublishOptions,
        ComposeTopOptions,
    )
    from dockcli.spec.values import ImageRef

# With these `config` prints something else than the project.
_LISTS = (
    *("services", "volumes", "networks", "models", "profiles", "images", "hash", "variables"),
    *("environment", "output"),
)


def _ls(self: ComposeTelling[Any], **options: Any) -> Call[Any]:
    """List the projects that have running containers, with ``all=True`` the others too.

    A name in ``filter=`` is matched exactly. Raises PluginMissing, EngineUnreachable. Source:
    ``docker compose ls``, https://docs.docker.com/reference/cli/docker/compose/ls/
    """
    from dockcli.models.compose import ComposeProject

    return exactly_named(self._told("ls", options, parse=rows_or_null(ComposeProject.parse)))


def _ps(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """List the running containers of the project, with ``all=True`` the stopped ones too.

    ``services=True`` gives the services' names as text. Raises PluginMissing, DockerFailed for a
    project that has no such service. Source: ``docker compose ps``,
    https://docs.docker.com/reference/cli/docker/compose/ps/
    """
    from dockcli.models.compose import ComposeContainer

    return self._told(
        "ps",
        options,
        services(service),
        parse=rows_or_null(ComposeContainer.parse),
        unless=("services",),
        no_trunc=True,
    )


def _images(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """List the images of the project's containers, with their sizes in bytes.

    Raises PluginMissing, DockerFailed for a service that the project does not have. Source:
    ``docker compose images``, https://docs.docker.com/reference/cli/docker/compose/images/
    """
    return self._told("images", options, services(service), parse=_read_images)


def _volumes(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """List the volumes of the project, each in full.

    Two processes however many there are. Raises PluginMissing, DockerFailed for a service that the
    project does not have. Source: ``docker compose volumes`` and ``docker volume inspect``,
    https://docs.docker.com/reference/cli/docker/compose/volumes/
    """
    inspect = self.client.call.volume.inspect
    names = services(service)
    return self._listing(options, names, column="{{.Name}}", inspect=inspect, verb="volumes")


def _stats(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """What the running containers of the project, or of one *service*, use at this moment.

    Sizes are in bytes, rounded by docker. Raises PluginMissing, DockerFailed for a service that the
    project does not have. Source: ``docker compose stats``,
    https://docs.docker.com/reference/cli/docker/compose/stats/
    """
    from dockcli.models.stats import ContainerStats

    parse = rows_or_null(ContainerStats.parse)
    always = {"no_stream": True, "no_trunc": True}
    return self._told("stats", {**always, **options}, services(service), parse=parse)


def _events(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """What happened to the project's containers, from ``since=`` until ``until=``.

    Without ``until=`` it does not end. With ``json=`` the answer is Compose's text. Raises
    PluginMissing, DockerFailed for a service that the project does not have. Source:
    ``docker compose events``, https://docs.docker.com/reference/cli/docker/compose/events/
    """
    from dockcli.models.compose_running import ComposeEvent

    if options.get("json") is not None:
        return self._words("events", options, services(service))
    parse = rows_or_null(ComposeEvent.parse)
    return self._call("events", {**options, "json": True}, services(service), parse=parse)


def _config(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """The project as Compose understands its files: merged, with its variables filled in.

    With ``format=`` or a switch that lists something (``services=True``) it is Compose's text.
    Raises PluginMissing, DockerFailed for a file that is not valid. Source:
    ``docker compose config``, https://docs.docker.com/reference/cli/docker/compose/config/
    """
    read = _read_config(doubled=not options.get("no_interpolate"))
    return self._told("config", options, services(service), parse=read, unless=_LISTS)


def _version(self: ComposeTelling[Any], **options: Any) -> Call[Any]:
    """The version of the plugin. With ``short=True`` it is Compose's text.

    Raises PluginMissing, DockerFailed. Source: ``docker compose version``,
    https://docs.docker.com/reference/cli/docker/compose/version/
    """
    return self._told("version", options, parse=_read_version, unless=("short",))


def _logs(self: ComposeTelling[Any], *service: str, **options: Any) -> Call[Any]:
    """What the services' containers wrote until now, each line behind its container's name.

    With ``follow=True``, or ``stream=True``, it is a `Stream` of `LogLine`. Raises PluginMissing,
    DockerFailed for a service that the project does not have. Source: ``docker compose logs``,
    https://docs.docker.com/reference/cli/docker/compose/logs/
    """
    call = self._words("logs", options, services(service), speaker=QUOTING)
    return log_lines(call) if followed(options) else call


class ComposeTelling(CliPluginGroup[Mode]):
    """The verbs of ``docker compose`` that tell of a project."""

    name = "compose"

    ls: ComposeLsVerb[list[ComposeProject]] = Verb(_ls)
    ps: ComposePsVerb[list[ComposeContainer]] = Verb(_ps)
    images: ComposeImagesVerb[list[ComposeImage]] = Verb(_images)
    volumes: ComposeVolumesVerb[list[VolumeInspect]] = Verb(_volumes)
    stats: ComposeStatsVerb[list[ContainerStats]] = Verb(_stats)
    events: ComposeEventsVerb[list[ComposeEvent]] = Verb(_events)
    config: ComposeConfigVerb[ComposeConfig] = Verb(_config)
    logs: ComposeLogsVerb = Verb(_logs)
    version: ComposeVersionVerb[ComposeVersion] = Verb(_version)

    @verb
    def port(
        self, service: str, private_port: int | str, **options: Unpack[ComposePortOptions]
    ) -> Call[Address]:
        """Where a service's *private_port* is published.

        Raises PluginMissing, DockerFailed where it is not. Source: ``docker compose port``,
        https://docs.docker.com/reference/cli/docker/compose/port/
        """
        words = [argv.compose_service(service), argv.operand(private_port)]
        return self._call("port", options, words, parse=_read_address)

    @verb
    def top(
        self, *service: str, **options: Unpack[ComposeTopOptions]
    ) -> Call[list[ComposeProcess]]:
        """The processes in the project's containers.

        Read from the table that Compose prints: it has no other form. Raises PluginMissing,
        DockerFailed for a service that the project does not have. Source: ``docker compose top``,
        https://docs.docker.com/reference/cli/docker/compose/top/
        """
        return self._call("top", options, services(service), parse=_read_processes)

    @verb
    def publish(
        self, repository: ImageRef, **options: Unpack[ComposePublishOptions]
    ) -> Call[Completed]:
        """Send the project's files to a registry; what Compose wrote.

        It asks before it sends what may be secret, and takes no answer for a no: nothing is sent
        then, and the call does not fail. ``yes=True`` answers yes. Raises PluginMissing,
        DockerFailed where the registry refuses. Source: ``docker compose publish``,
        https://docs.docker.com/reference/cli/docker/compose/publish/
        """
        return self._words("publish", options, [argv.image(repository)])


def _read_images(completed: Completed) -> list[ComposeImage]:
    from dockcli.models.compose import images

    return images(completed)


def _read_address(completed: Completed) -> Address:
    from dockcli.models.compose_running import address

    return address(completed)


def _read_processes(completed: Completed) -> list[ComposeProcess]:
    from dockcli.models.compose_running import processes

    return processes(completed)


def _read_config(*, doubled: bool) -> Callable[[Completed], ComposeConfig]:
    """*doubled*: what Compose prints is a Compose file again, in which each ``$`` is ``$$``."""

    def read(completed: Completed) -> ComposeConfig:
        from dockcli.models.compose import ComposeConfig
        from dockcli.models.fields import json_object

        raw = json_object(completed)
        if doubled and b"$$" in completed.stdout:
            raw = json_object(completed.replace(stdout=completed.stdout.replace(b"$$", b"$")))
        return ComposeConfig.parse(raw)

    return read


def _read_version(completed: Completed) -> ComposeVersion:
    from dockcli.models.compose import ComposeVersion
    from dockcli.models.fields import json_object

    return ComposeVersion.parse(json_object(completed))
