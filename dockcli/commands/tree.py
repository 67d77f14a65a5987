"""docker's commands as a tree: the groups, with the shorthands for their verbs."""

from __future__ import annotations

from collections.abc import Callable

from dockcli.commands.group import Builds, G, Mode, loading
from dockcli.commands.shorthands import Shorthands
from dockcli.errors import InvalidArgument
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockcli.call import Call
    from dockcli.client import Docker
    from dockcli.commands.builder import BuilderGroup
    from dockcli.commands.buildx import BuildxGroup
    from dockcli.commands.checkpoint import CheckpointGroup
    from dockcli.commands.completion import CompletionGroup
    from dockcli.commands.compose import ComposeGroup
    from dockcli.commands.config import ConfigGroup
    from dockcli.commands.container import ContainerGroup
    from dockcli.commands.context import ContextGroup
    from dockcli.commands.image import ImageGroup
    from dockcli.commands.manifest import ManifestGroup
    from dockcli.commands.network import NetworkGroup
    from dockcli.commands.node import NodeGroup
    from dockcli.commands.plugin import PluginGroup
    from dockcli.commands.secret import SecretGroup
    from dockcli.commands.service import ServiceGroup
    from dockcli.commands.stack import StackGroup
    from dockcli.commands.swarm import SwarmGroup
    from dockcli.commands.system import SystemGroup
    from dockcli.commands.trust import TrustGroup
    from dockcli.commands.volume import VolumeGroup


class Tree(Shorthands[Mode]):
    """The groups of the command line, and the shorthands: each is loaded when first asked for."""

    def __init__(self, client: Docker) -> None:
        self._client = client
        self._made: dict[type[Any], Any] = {}

    def give(self, call: Call[Any]) -> Any:
        """What a verb of this face gives for its *call*."""
        raise NotImplementedError  # each face says that

    def do(self, work: Callable[[], Any]) -> Any:
        """What this face gives for *work*, which asks docker for several things."""
        raise NotImplementedError  # each face says that

    def group(self, kind: type[G]) -> G:
        """The group of this *kind*."""
        if kind not in self._made:
            self._made.setdefault(kind, kind(self))
        made: G = self._made[kind]
        return made

    @property
    @loading
    def container(self) -> ContainerGroup[Mode]:
        """``docker container``."""
        from dockcli.commands.container import ContainerGroup

        return self.group(ContainerGroup)

    @property
    @loading
    def image(self) -> ImageGroup[Mode]:
        """``docker image``."""
        from dockcli.commands.image import ImageGroup

        return self.group(ImageGroup)

    @property
    @loading
    def volume(self) -> VolumeGroup[Mode]:
        """``docker volume``."""
        from dockcli.commands.volume import VolumeGroup

        return self.group(VolumeGroup)

    @property
    @loading
    def system(self) -> SystemGroup[Mode]:
        """``docker system``."""
        from dockcli.commands.system import SystemGroup

        return self.group(SystemGroup)

    @property
    @loading
    def network(self) -> NetworkGroup[Mode]:
        """``docker network``."""
        from dockcli.commands.network import NetworkGroup

        return self.group(NetworkGroup)

    @property
    @loading
    def context(self) -> ContextGroup[Mode]:
        """``docker context``."""
        from dockcli.commands.context import ContextGroup

        return self.group(ContextGroup)

    @property
    @loading
    def builder(self) -> BuilderGroup[Mode]:
        """``docker builder``."""
        from dockcli.commands.builder import BuilderGroup

        return self.group(BuilderGroup)

    @property
    @loading
    def checkpoint(self) -> CheckpointGroup[Mode]:
        """``docker checkpoint``."""
        from dockcli.commands.checkpoint import CheckpointGroup

        return self.group(CheckpointGroup)

    @property
    @loading
    def swarm(self) -> SwarmGroup[Mode]:
        """``docker swarm``."""
        from dockcli.commands.swarm import SwarmGroup

        return self.group(SwarmGroup)

    @property
    @loading
    def node(self) -> NodeGroup[Mode]:
        """``docker node``."""
        from dockcli.commands.node import NodeGroup

        return self.group(NodeGroup)

    @property
    @loading
    def service(self) -> ServiceGroup[Mode]:
        """``docker service``."""
        from dockcli.commands.service import ServiceGroup

        return self.group(ServiceGroup)

    @property
    @loading
    def stack(self) -> StackGroup[Mode]:
        """``docker stack``."""
        from dockcli.commands.stack import StackGroup

        return self.group(StackGroup)

    @property
    @loading
    def secret(self) -> SecretGroup[Mode]:
        """``docker secret``."""
        from dockcli.commands.secret import SecretGroup

        return self.group(SecretGroup)

    @property
    @loading
    def config(self) -> ConfigGroup[Mode]:
        """``docker config``."""
        from dockcli.commands.config import ConfigGroup

        return self.group(ConfigGroup)

    @property
    @loading
    def plugin(self) -> PluginGroup[Mode]:
        """``docker plugin``."""
        from dockcli.commands.plugin import PluginGroup

        return self.group(PluginGroup)

    @property
    @loading
    def manifest(self) -> ManifestGroup[Mode]:
        """``docker manifest``."""
        from dockcli.commands.manifest import ManifestGroup

        return self.group(ManifestGroup)

    @property
    @loading
    def trust(self) -> TrustGroup[Mode]:
        """``docker trust``."""
        from dockcli.commands.trust import TrustGroup

        return self.group(TrustGroup)

    @property
    @loading
    def completion(self) -> CompletionGroup[Mode]:
        """``docker completion``."""
        from dockcli.commands.completion import CompletionGroup

        return self.group(CompletionGroup)

    @property
    @loading
    def buildx(self) -> BuildxGroup[Mode]:
        """``docker buildx``."""
        from dockcli.commands.buildx import BuildxGroup

        return self.group(BuildxGroup)

    @property
    @loading
    def compose(self) -> ComposeGroup[Mode]:
        """``docker compose``."""
        from dockcli.commands.compose import ComposeGroup

        return self.group(ComposeGroup)


class Calls(Tree[Builds]):
    """The face whose verbs hand out their calls."""

    def give(self, call: Call[Any]) -> Call[Any]:
        """The call itself."""
        return call

    def do(self, work: Callable[[], Any]) -> Any:
        """Nothing: it is more than one call."""
        raise InvalidArgument("that is no docker command, so there is no call of it to be built")
