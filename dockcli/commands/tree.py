"""docker's commands as a tree: the groups, and the shorthands, which are the groups' functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dockcli.commands.container import ContainerGroup
from dockcli.commands.group import Builds, Face, G, Mode
from dockcli.commands.image import ImageGroup
from dockcli.commands.system import SystemGroup
from dockcli.commands.top import TopGroup
from dockcli.commands.volume import VolumeGroup
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.client import Docker
    from dockcli.commands.builder import BuilderGroup
    from dockcli.commands.buildx import BuildxGroup
    from dockcli.commands.checkpoint import CheckpointGroup
    from dockcli.commands.completion import CompletionGroup
    from dockcli.commands.compose import ComposeGroup
    from dockcli.commands.config import ConfigGroup
    from dockcli.commands.context import ContextGroup
    from dockcli.commands.manifest import ManifestGroup
    from dockcli.commands.network import NetworkGroup
    from dockcli.commands.node import NodeGroup
    from dockcli.commands.plugin import PluginGroup
    from dockcli.commands.secret import SecretGroup
    from dockcli.commands.service import ServiceGroup
    from dockcli.commands.stack import StackGroup
    from dockcli.commands.swarm import SwarmGroup
    from dockcli.commands.trust import TrustGroup


class Tree(Face[Mode]):
    """The groups of the command line, each made when it is first asked for, and the shorthands.

    The modules of groups that few scripts need are loaded with them.
    """

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
    def container(self) -> ContainerGroup[Mode]:
        """``docker container``."""
        return self.group(ContainerGroup)

    @property
    def image(self) -> ImageGroup[Mode]:
        """``docker image``."""
        return self.group(ImageGroup)

    @property
    def volume(self) -> VolumeGroup[Mode]:
        """``docker volume``."""
        return self.group(VolumeGroup)

    @property
    def system(self) -> SystemGroup[Mode]:
        """``docker system``."""
        return self.group(SystemGroup)

    @property
    def network(self) -> NetworkGroup[Mode]:
        """``docker network``."""
        from dockcli.commands.network import NetworkGroup

        return self.group(NetworkGroup)

    @property
    def context(self) -> ContextGroup[Mode]:
        """``docker context``."""
        from dockcli.commands.context import ContextGroup

        return self.group(ContextGroup)

    @property
    def builder(self) -> BuilderGroup[Mode]:
        """``docker builder``."""
        from dockcli.commands.builder import BuilderGroup

        return self.group(BuilderGroup)

    @property
    def checkpoint(self) -> CheckpointGroup[Mode]:
        """``docker checkpoint``."""
        from dockcli.commands.checkpoint import CheckpointGroup

        return self.group(CheckpointGroup)

    @property
    def swarm(self) -> SwarmGroup[Mode]:
        """``docker swarm``."""
        from dockcli.commands.swarm import SwarmGroup

        return self.group(SwarmGroup)

    @property
    def node(self) -> NodeGroup[Mode]:
        """``docker node``."""
        from dockcli.commands.node import NodeGroup

        return self.group(NodeGroup)

    @property
    def service(self) -> ServiceGroup[Mode]:
        """``docker service``."""
        from dockcli.commands.service import ServiceGroup

        return self.group(ServiceGroup)

    @property
    def stack(self) -> StackGroup[Mode]:
        """``docker stack``."""
        from dockcli.commands.stack import StackGroup

        return self.group(StackGroup)

    @property
    def secret(self) -> SecretGroup[Mode]:
        """``docker secret``."""
        from dockcli.commands.secret import SecretGroup

        return self.group(SecretGroup)

    @property
    def config(self) -> ConfigGroup[Mode]:
        """``docker config``."""
        from dockcli.commands.config import ConfigGroup

        return self.group(ConfigGroup)

    @property
    def plugin(self) -> PluginGroup[Mode]:
        """``docker plugin``."""
        from dockcli.commands.plugin import PluginGroup

        return self.group(PluginGroup)

    @property
    def manifest(self) -> ManifestGroup[Mode]:
        """``docker manifest``."""
        from dockcli.commands.manifest import ManifestGroup

        return self.group(ManifestGroup)

    @property
    def trust(self) -> TrustGroup[Mode]:
        """``docker trust``."""
        from dockcli.commands.trust import TrustGroup

        return self.group(TrustGroup)

    @property
    def completion(self) -> CompletionGroup[Mode]:
        """``docker completion``."""
        from dockcli.commands.completion import CompletionGroup

        return self.group(CompletionGroup)

    @property
    def buildx(self) -> BuildxGroup[Mode]:
        """``docker buildx``."""
        from dockcli.commands.buildx import BuildxGroup

        return self.group(BuildxGroup)

    @property
    def compose(self) -> ComposeGroup[Mode]:
        """``docker compose``."""
        from dockcli.commands.compose import ComposeGroup

        return self.group(ComposeGroup)

    attach = ContainerGroup.attach
    commit = ContainerGroup.commit
    cp = ContainerGroup.cp
    create = ContainerGroup.create
    diff = ContainerGroup.diff
    exec = ContainerGroup.exec
    export = ContainerGroup.export
    kill = ContainerGroup.kill
    logs = ContainerGroup.logs
    pause = ContainerGroup.pause
    port = ContainerGroup.port
    ps = ContainerGroup.ls
    rename = ContainerGroup.rename
    restart = ContainerGroup.restart
    rm = ContainerGroup.rm
    run = ContainerGroup.run
    start = ContainerGroup.start
    stats = ContainerGroup.stats
    stop = ContainerGroup.stop
    top = ContainerGroup.top
    unpause = ContainerGroup.unpause
    update = ContainerGroup.update
    wait = ContainerGroup.wait
    build = ImageGroup.build
    history = ImageGroup.history
    images = ImageGroup.ls
    import_ = ImageGroup.import_
    load = ImageGroup.load
    pull = ImageGroup.pull
    push = ImageGroup.push
    rmi = ImageGroup.rm
    save = ImageGroup.save
    tag = ImageGroup.tag
    events = SystemGroup.events
    info = SystemGroup.info
    inspect = TopGroup.inspect
    login = TopGroup.login
    logout = TopGroup.logout
    search = TopGroup.search
    version = TopGroup.version
    raw = TopGroup.raw


class Calls(Tree[Builds]):
    """The face whose verbs hand out their calls."""

    def give(self, call: Call[Any]) -> Call[Any]:
        """The call itself."""
        return call

    def do(self, work: Callable[[], Any]) -> Any:
        """Nothing: it is more than one call."""
        raise InvalidArgument("that is no docker command, so there is no call of it to be built")
