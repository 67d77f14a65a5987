"""``docker compose alpha`` and ``docker compose bridge``: what Compose tries out.

Checked by argv and by replay of recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dockcli import argv
from dockcli.call import QUOTING, Call
from dockcli.commands.answers import nothing
from dockcli.commands.cli_plugin import CliPluginGroup, rows_or_null
from dockcli.commands.group import Mode, Verb, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import ComposeBridgeTransformationsListVerb
    from dockcli.models.compose import Transformation
    from dockcli.spec.options import (
        ComposeAlphaGenerateOptions,
        ComposeAlphaPublishOptions,
        ComposeAlphaVizOptions,
        ComposeBridgeConvertOptions,
        ComposeBridgeTransformationsCreateOptions,
    )
    from dockcli.spec.values import ContainerRef, ImageRef, Word

    _Transformations: TypeAlias = list[Transformation]  # where `list` is a verb


class ComposeAlphaGroup(CliPluginGroup[Mode]):
    """``docker compose alpha``: experiments, which come and go with Compose's versions."""

    name = "compose alpha"

    @verb
    def generate(
        self, *container: ContainerRef, **options: Unpack[ComposeAlphaGenerateOptions]
    ) -> Call[Completed]:
        """Write a Compose file for containers that are there; ``stdout`` has it.

        Raises PluginMissing, DockerFailed for a container that is not there. Source:
        ``docker compose alpha generate``,
        https://docs.docker.com/reference/cli/docker/compose/alpha/generate/
        """
        return self._words("generate", options, map(argv.container, container))

    @verb
    def publish(
        self, repository: ImageRef, **options: Unpack[ComposeAlphaPublishOptions]
    ) -> Call[Completed]:
        """Send the project's files to a registry: the older name of `compose.publish`.

        Raises PluginMissing, DockerFailed where the registry refuses. Source:
        ``docker compose alpha publish``,
        https://docs.docker.com/reference/cli/docker/compose/alpha/publish/
        """
        return self._words("publish", options, [argv.image(repository)])

    @verb
    def viz(self, **options: Unpack[ComposeAlphaVizOptions]) -> Call[Completed]:
        """Draw the project as a graph; ``stdout`` has it in the language of Graphviz.

        Raises PluginMissing, DockerFailed for a file that is not valid. Source:
        ``docker compose alpha viz``,
        https://docs.docker.com/reference/cli/docker/compose/alpha/viz/
        """
        return self._words("viz", options)


class ComposeBridgeGroup(CliPluginGroup[Mode]):
    """``docker compose bridge``."""

    name = "compose bridge"

    @property
    def transformations(self) -> ComposeTransformationsGroup[Mode]:
        """``docker compose bridge transformations``."""
        return self.below(ComposeTransformationsGroup)

    @verb
    def convert(self, **options: Unpack[ComposeBridgeConvertOptions]) -> Call[Completed]:
        """Turn the project into files for another system, in the folder ``output=``.

        Raises PluginMissing, DockerFailed for a file that is not valid. Source:
        ``docker compose bridge convert``,
        https://docs.docker.com/reference/cli/docker/compose/bridge/convert/
        """
        return self._words("convert", options, speaker=QUOTING)


def _list(self: ComposeTransformationsGroup[Any], **options: Any) -> Call[Any]:
    """List the images that can turn a project into something else.

    Raises PluginMissing, EngineUnreachable. Source: ``docker compose bridge transformations list``,
    https://docs.docker.com/reference/cli/docker/compose/bridge/transformations/list/
    """
    from dockcli.models.compose import Transformation

    return self._told("list", options, parse=rows_or_null(Transformation.parse))


class ComposeTransformationsGroup(CliPluginGroup[Mode]):
    """``docker compose bridge transformations``."""

    name = "compose bridge transformations"

    @verb
    def create(
        self, path: Word, **options: Unpack[ComposeBridgeTransformationsCreateOptions]
    ) -> Call[None]:
        """Begin a transformation of one's own in the folder *path*, as a copy of ``from_=``.

        Raises PluginMissing, DockerFailed for a folder that is there already. Source:
        ``docker compose bridge transformations create``,
        https://docs.docker.com/reference/cli/docker/compose/bridge/transformations/create/
        """
        return self._call("create", options, [argv.operand(path)], parse=nothing)

    list: ComposeBridgeTransformationsListVerb[_Transformations] = Verb(_list)
