"""``docker compose``: the services of a project, which stand in a Compose file.

The file and the project are named in front of the verb, as on docker's own command line:
``docker.compose(file="a.yml", project_name="shop").up(detach=True)``. Compose is a plugin of
docker's: where it is not installed, the first call raises PluginMissing. Checked by argv and by
replay of recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import DOCKER, Call
from dockcli.commands.answers import identifier, itself
from dockcli.commands.compose_alpha import ComposeAlphaGroup, ComposeBridgeGroup
from dockcli.commands.compose_project import ComposeTelling
from dockcli.commands.compose_services import SERVICE, ComposeServices
from dockcli.commands.group import Mode, Verb, at_least_one, verb
from dockcli.completed import Completed
from dockcli.objects import Container

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.aio.handles import AsyncContainer
    from dockcli.commands.signatures import ComposeRunVerb
    from dockcli.spec.options import ComposeExecOptions, ComposeOptions
    from dockcli.spec.values import Word


def _run(
    self: ComposeGroup[Any], service: str, *command: Word, **options: Any
) -> Call[Container] | Call[Completed]:
    """Run *command* in a new container of *service*.

    Attached, the answer is a `Completed` with the exit code, stdout and stderr of the command; with
    ``detach=True`` it is the `Container`. ``stdin=`` goes to the command. The service's ports are
    not published, unless ``service_ports=True``. Raises PluginMissing, ContainerFailed for the
    command's own failure, DockerFailed for Compose's. Source: ``docker compose run``,
    https://docs.docker.com/reference/cli/docker/compose/run/
    """
    detach = options.get("detach") is True

    def handle(completed: Completed) -> Container:
        return Container(identifier(completed), self.client)

    call: Call[Any] = self._call(
        "run",
        options,
        [argv.compose_service(service)],
        rest=argv.command(command),
        parse=handle if detach else itself,
        labelled=True,
        speaker=DOCKER if detach else SERVICE,
    )
    return call


class ComposeGroup(ComposeServices[Mode], ComposeTelling[Mode]):
    """``docker compose``."""

    name = "compose"

    def __call__(self, **options: Unpack[ComposeOptions]) -> ComposeGroup[Mode]:
        """The same verbs with these flags of Compose's own: the files, the project, its folder.

        Source: ``docker compose``, https://docs.docker.com/reference/cli/docker/compose/
        """
        return self._with_flags(options)

    @property
    def alpha(self) -> ComposeAlphaGroup[Mode]:
        """``docker compose alpha``."""
        return self.below(ComposeAlphaGroup)

    @property
    def bridge(self) -> ComposeBridgeGroup[Mode]:
        """``docker compose bridge``."""
        return self.below(ComposeBridgeGroup)

    run: ComposeRunVerb[Container, AsyncContainer] = Verb(_run)

    @verb
    def exec(
        self, service: str, *command: Word, **options: Unpack[ComposeExecOptions]
    ) -> Call[Completed]:
        """Run a command in a service's running container: its exit code, stdout and stderr.

        ``stdin=`` goes to the command; ``index=`` chooses among several containers. Raises
        PluginMissing, ContainerFailed for the command's own failure, DockerFailed for Compose's.
        Source: ``docker compose exec``, https://docs.docker.com/reference/cli/docker/compose/exec/
        """
        words = at_least_one("word of a command", argv.command(command))
        return self._call(
            "exec",
            options,
            [argv.compose_service(service)],
            rest=words,
            parse=itself,
            speaker=SERVICE,
        )
