"""Every verb that there is, found in the groups themselves, and valid positionals for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dockcli import Docker, spec
from dockcli.commands.group import Group, Verb
from dockcli.commands.top import TopGroup
from dockcli.commands.tree import Tree

BUILDER = Docker()  # builds calls; nothing in here runs one


@dataclass(frozen=True)
class Positionals:
    """docker's own positionals of a verb; *more*: the last may be repeated.

    *rest*: behind them come the words of the container's command. *options*: without them the verb
    would not run.
    """

    valid: tuple[str, ...]
    more: bool = False
    rest: bool = False
    options: tuple[tuple[str, str], ...] = ()


POSITIONALS = {
    "builder prune": Positionals(()),
    "buildx bake": Positionals(("app",)),
    "buildx build": Positionals((".",)),
    "buildx create": Positionals(("default",)),
    "buildx dap attach": Positionals(("/run/dap",)),
    "buildx dap build": Positionals((".",)),
    "buildx debug build": Positionals((".",)),
    "buildx dial-stdio": Positionals(()),
    "buildx du": Positionals(()),
    "buildx history export": Positionals(("^0",), more=True),
    "buildx history import": Positionals(()),
    "buildx history inspect attachment": Positionals(("^0", "sha256:0a")),
    "buildx history inspect": Positionals(("^0",)),
    "buildx history logs": Positionals(("^0",)),
    "buildx history ls": Positionals(()),
    "buildx history open": Positionals(("^0",)),
    "buildx history rm": Positionals(("^0",), more=True),
    "buildx history trace": Positionals(("^0",)),
    "buildx imagetools create": Positionals(("alpine",)),
    "buildx imagetools inspect": Positionals(("alpine",)),
    "buildx inspect": Positionals(("big",)),
    "buildx install": Positionals(()),
    "buildx ls": Positionals(()),
    "buildx policy eval": Positionals(("docker-image://alpine",)),
    "buildx policy test": Positionals(("policies",)),
    "buildx prune": Positionals(()),
    "buildx rm": Positionals(("big",), more=True),
    "buildx stop": Positionals(("big",)),
    "buildx uninstall": Positionals(()),
    "buildx use": Positionals(("big",)),
    "buildx version": Positionals(()),
    "checkpoint create": Positionals(("web", "before")),
    "checkpoint ls": Positionals(("web",)),
    "checkpoint rm": Positionals(("web", "before")),
    "completion bash": Positionals(()),
    "completion fish": Positionals(()),
    "completion powershell": Positionals(()),
    "completion zsh": Positionals(()),
    "compose alpha generate": Positionals(("web",), more=True),
    "compose alpha publish": Positionals(("shop:1",)),
    "compose alpha viz": Positionals(()),
    "compose attach": Positionals(("web",)),
    "compose bridge convert": Positionals(()),
    "compose bridge transformations create": Positionals(("templates",)),
    "compose bridge transformations list": Positionals(()),
    "compose build": Positionals(("web",), more=True),
    "compose commit": Positionals(("web", "shop:1")),
    "compose config": Positionals(("web",), more=True),
    "compose cp": Positionals(("web:/x", "y")),
    "compose create": Positionals(("web",), more=True),
    "compose down": Positionals(("web",), more=True),
    "compose events": Positionals(("web",), more=True),
    "compose exec": Positionals(("web",), rest=True),
    "compose export": Positionals(("web",)),
    "compose images": Positionals(("web",), more=True),
    "compose kill": Positionals(("web",), more=True),
    "compose logs": Positionals(("web",), more=True),
    "compose ls": Positionals(()),
    "compose pause": Positionals(("web",), more=True),
    "compose port": Positionals(("web", "80")),
    "compose ps": Positionals(("web",), more=True),
    "compose publish": Positionals(("shop:1",)),
    "compose pull": Positionals(("web",), more=True),
    "compose push": Positionals(("web",), more=True),
    "compose restart": Positionals(("web",), more=True),
    "compose rm": Positionals(("web",), more=True),
    "compose run": Positionals(("web",), rest=True),
    "compose scale": Positionals(("web=3",), more=True),
    "compose start": Positionals(("web",), more=True),
    "compose stats": Positionals(("web",)),
    "compose stop": Positionals(("web",), more=True),
    "compose top": Positionals(("web",), more=True),
    "compose unpause": Positionals(("web",), more=True),
    "compose up": Positionals(("web",), more=True),
    "compose version": Positionals(()),
    "compose volumes": Positionals(("web",), more=True),
    "compose wait": Positionals(("web",), more=True),
    "compose watch": Positionals(("web",), more=True),
    "config create": Positionals(("settings", "settings.toml")),
    "config inspect": Positionals(("settings",), more=True),
    "config ls": Positionals(()),
    "config rm": Positionals(("settings",), more=True),
    "container attach": Positionals(("web",)),
    "container commit": Positionals(("web", "shop:1")),
    "container cp": Positionals(("web:/x", "y")),
    "container create": Positionals(("alpine",), rest=True),
    "container diff": Positionals(("web",)),
    "container exec": Positionals(("web",), rest=True),
    "container export": Positionals(("web",)),
    "container inspect": Positionals(("web",), more=True),
    "container kill": Positionals(("web",), more=True),
    "container logs": Positionals(("web",)),
    "container ls": Positionals(()),
    "container pause": Positionals(("web",), more=True),
    "container port": Positionals(("web", "80")),
    "container prune": Positionals(()),
    "container rename": Positionals(("web", "shop")),
    "container restart": Positionals(("web",), more=True),
    "container rm": Positionals(("web",), more=True),
    "container run": Positionals(("alpine",), rest=True),
    "container start": Positionals(("web",), more=True),
    "container stats": Positionals(("web",), more=True),
    "container stop": Positionals(("web",), more=True),
    "container top": Positionals(("web",)),
    "container unpause": Positionals(("web",), more=True),
    "container update": Positionals(("web",), more=True),
    "container wait": Positionals(("web",), more=True),
    "context create": Positionals(("far",)),
    "context export": Positionals(("far", "far.tar")),
    "context import": Positionals(("far", "far.tar")),
    "context inspect": Positionals(("far",), more=True),
    "context ls": Positionals(()),
    "context rm": Positionals(("far",), more=True),
    "context show": Positionals(()),
    "context update": Positionals(("far",)),
    "context use": Positionals(("far",)),
    "image build": Positionals((".",)),
    "image history": Positionals(("alpine",)),
    "image import": Positionals(("x.tar", "shop:1")),
    "image inspect": Positionals(("alpine",), more=True),
    "image load": Positionals(()),
    "image ls": Positionals(("alpine",)),
    "image prune": Positionals(()),
    "image pull": Positionals(("alpine",)),
    "image push": Positionals(("alpine",)),
    "image rm": Positionals(("alpine",), more=True),
    "image save": Positionals(("alpine",), more=True),
    "image tag": Positionals(("alpine", "shop:1")),
    "inspect": Positionals(("web",), more=True),
    "login": Positionals(("registry.example:5000",)),
    "logout": Positionals(("registry.example:5000",)),
    "manifest annotate": Positionals(("shop:1", "shop:arm")),
    "manifest create": Positionals(("shop:1", "shop:arm"), more=True),
    "manifest inspect": Positionals(("shop:1",), more=True),
    "manifest push": Positionals(("shop:1",)),
    "manifest rm": Positionals(("shop:1",), more=True),
    "network connect": Positionals(("net", "web")),
    "network create": Positionals(("net",)),
    "network disconnect": Positionals(("net", "web")),
    "network inspect": Positionals(("net",), more=True),
    "network ls": Positionals(()),
    "network prune": Positionals(()),
    "network rm": Positionals(("net",), more=True),
    "node demote": Positionals(("n1",), more=True),
    "node inspect": Positionals(("n1",), more=True),
    "node ls": Positionals(()),
    "node promote": Positionals(("n1",), more=True),
    "node ps": Positionals(("n1",), more=True),
    "node rm": Positionals(("n1",), more=True),
    "node update": Positionals(("n1",)),
    "plugin create": Positionals(("me/plug", "folder")),
    "plugin disable": Positionals(("me/plug",)),
    "plugin enable": Positionals(("me/plug",)),
    "plugin inspect": Positionals(("me/plug",), more=True),
    "plugin install": Positionals(("me/plug", "DEBUG=1"), more=True),
    "plugin ls": Positionals(()),
    "plugin push": Positionals(("me/plug",)),
    "plugin rm": Positionals(("me/plug",), more=True),
    "plugin set": Positionals(("me/plug", "DEBUG=1"), more=True),
    "plugin upgrade": Positionals(("me/plug", "you/plug")),
    "search": Positionals(("alpine",)),
    "secret create": Positionals(("token", "token.txt")),
    "secret inspect": Positionals(("token",), more=True),
    "secret ls": Positionals(()),
    "secret rm": Positionals(("token",), more=True),
    "service create": Positionals(("alpine",), rest=True),
    "service inspect": Positionals(("web",), more=True),
    "service logs": Positionals(("web",)),
    "service ls": Positionals(()),
    "service ps": Positionals(("web",), more=True),
    "service rm": Positionals(("web",), more=True),
    "service rollback": Positionals(("web",)),
    "service scale": Positionals(("web=3",), more=True),
    "service update": Positionals(("web",)),
    "stack config": Positionals(()),
    "stack deploy": Positionals(("shop",)),
    "stack ls": Positionals(()),
    "stack ps": Positionals(("shop",)),
    "stack rm": Positionals(("shop",), more=True),
    "stack services": Positionals(("shop",)),
    "swarm ca": Positionals(()),
    "swarm init": Positionals(()),
    "swarm join": Positionals(("10.0.0.1:2377",)),
    "swarm join-token": Positionals(("worker",)),
    "swarm leave": Positionals(()),
    "swarm unlock": Positionals(()),
    "swarm unlock-key": Positionals(()),
    "swarm update": Positionals(()),
    "system df": Positionals(()),
    "system dial-stdio": Positionals(()),
    "system events": Positionals((), options=(("until", "0s"),)),
    "system info": Positionals(()),
    "system prune": Positionals(()),
    "trust inspect": Positionals(("alpine",), more=True),
    "trust key generate": Positionals(("me",)),
    "trust key load": Positionals(("key.pem",)),
    "trust revoke": Positionals(("alpine",)),
    "trust sign": Positionals(("alpine:1",)),
    "trust signer add": Positionals(("me", "alpine"), more=True),
    "trust signer remove": Positionals(("me", "alpine"), more=True),
    "version": Positionals(()),
    "volume create": Positionals(("data",)),
    "volume inspect": Positionals(("data",), more=True),
    "volume ls": Positionals(()),
    "volume prune": Positionals(()),
    "volume rm": Positionals(("data",), more=True),
    "volume update": Positionals(("data",)),
}


def groups(tree: Tree[Any] = BUILDER.call) -> Iterator[Group[Any]]:
    """The groups of a client or its builder, with those within them."""
    level: list[Any] = [tree]
    yield tree.group(TopGroup)
    while level:
        level = [one for face in level for one in _within(face)]
        yield from level


def _within(face: Any) -> Iterator[Group[Any]]:
    members = ((name, member) for base in type(face).__mro__ for name, member in vars(base).items())
    for name, member in members:
        if isinstance(member, property) and not name.startswith("_"):
            try:
                group = getattr(face, name)
            except ModuleNotFoundError:
                continue
            if isinstance(group, Group):
                yield group


@lru_cache(maxsize=4)
def found(client: Docker = BUILDER) -> dict[str, Any]:
    """Each verb of each group, by its docker command."""
    return {
        _command(group, name): getattr(group, name)
        for group in groups(client.call)
        for base in type(group).__mro__
        for name, member in vars(base).items()
        if isinstance(member, Verb)
        if name != "raw" and member._group in type(group).__mro__  # and no shorthand
    }


def _command(group: Group[Any], name: str) -> str:
    """The command of a verb: ``_`` is a dash, or a space where a command has others below it."""
    dashed = f"{group.name} {name.rstrip('_').replace('_', '-')}".strip()
    spaced = f"{group.name} {name.replace('_', ' ')}"
    return spaced if spaced in spec.commands() else dashed


def build(command: str, *operands: Any, client: Docker = BUILDER, **options: Any) -> Any:
    """The call of *command* with *operands* (valid ones, where none are given)."""
    shape = POSITIONALS[command]
    words = operands or (*shape.valid, *(("true",) if shape.rest else ()))
    return found(client)[command](*words, **{**dict(shape.options), **options})
