"""docker's commands that belong to no group: inspect, login, logout, search, version."""

from __future__ import annotations

from dockcli import argv
from dockcli.ahead import Document
from dockcli.call import Call
from dockcli.commands.answers import itself, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument
from dockcli.secret import Secret
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.commands.signatures import InspectVerb, SearchVerb, VersionVerb
    from dockcli.models.container import ContainerInspect
    from dockcli.models.image import ImageInspect
    from dockcli.models.inspected import Inspected
    from dockcli.models.network import NetworkInspect
    from dockcli.models.registry import Found
    from dockcli.models.version import Version
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.options import LoginOptions, LogoutOptions
    from dockcli.spec.values import AnyRef, Checked, Word

    AnyInspect = ContainerInspect | ImageInspect | NetworkInspect | VolumeInspect | Inspected


def _inspect(self: TopGroup[Any], *names: AnyRef, **options: Any) -> Call[Any]:
    """Tell everything about one or more objects of any kind, each as the model of its kind.

    One name gives a model, several give a list of them, by one process; what is neither container,
    image, network nor volume is an `Inspected`. docker takes the first kind that has such a name:
    ``type=`` says which is meant. Raises NoSuchObject, whose ``found`` has those that are there.
    Source: ``docker inspect``, https://docs.docker.com/reference/cli/docker/inspect/
    """
    from dockcli.models.inspected import inspected

    return self._inspection(at_least_one("object", map(argv.anything, names)), options, inspected)


def _search(self: TopGroup[Any], term: str, **options: Any) -> Call[Any]:
    """Find repositories on Docker Hub, or with ``"SERVER/TERM"`` on a registry that can search.

    Raises DockerFailed where it is not reached. Source: ``docker search``,
    https://docs.docker.com/reference/cli/docker/search/
    """
    from dockcli.models.registry import Found

    words, whole = [argv.operand(term)], options.get("no_trunc", True)
    return self._rows("search", options, Found.parse, words, no_trunc=whole)


def _version(self: TopGroup[Any], **options: Any) -> Call[Any]:
    """The versions of the client and of the engine.

    Raises EngineUnreachable. Source: ``docker version``,
    https://docs.docker.com/reference/cli/docker/version/
    """
    return self._object("version", options, Document(_read_version, "dockcli.models.version"))


class TopGroup(Group[Mode]):
    """docker's own commands, which belong to no group."""

    name = ""

    inspect: InspectVerb[AnyInspect] = Verb(_inspect)
    search: SearchVerb[list[Found]] = Verb(_search)
    version: VersionVerb[Version] = Verb(_version)

    @verb
    def login(
        self,
        *server: str,
        password: str | Secret | None = None,
        **options: Unpack[LoginOptions],
    ) -> Call[None]:
        """Log in to a registry: Docker Hub where no *server* is named.

        The password goes to docker's stdin, never onto its command line, where every user of the
        machine could read it. docker then keeps it, readable, in its ``config.json``, unless that
        names a credential helper: ``Docker(config=…)`` says in which folder. Raises
        AuthenticationFailed, DockerFailed where the registry is not reached. Source:
        ``docker login``, https://docs.docker.com/reference/cli/docker/login/
        """
        given: dict[str, Any] = {**options}
        if password is not None:
            given = _by_stdin(password, given)
        return self._call("login", given, map(argv.operand, server), parse=nothing)

    @verb
    def logout(self, *server: str, **options: Unpack[LogoutOptions]) -> Call[None]:
        """Forget the password for a registry: Docker Hub where no *server* is named.

        docker says yes too where none is known. Raises DockerFailed from podman, which does not.
        Source: ``docker logout``, https://docs.docker.com/reference/cli/docker/logout/
        """
        return self._call("logout", options, map(argv.operand, server), parse=nothing)

    @verb
    def raw(self, *words: Word, **own: Unpack[Checked]) -> Call[Completed]:
        """Run ``docker`` with *words* as they are: nothing is checked, nothing parsed.

        The way out for what dockcli does not know (yet): ``docker.raw("container", "run", "--new",
        "alpine")``. The answer is what docker wrote; raises DockerFailed. Source: ``docker``,
        https://docs.docker.com/reference/cli/docker/
        """
        call: Call[Completed] = self._call("version", own, parse=itself)
        given: list[str] = [argv.text(word, "raw") for word in words]
        return call.replace(argv=(*self.client.head, *given), needs=None)


def _by_stdin(password: object, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a `login` with its password on docker's stdin."""
    if options.get("stdin") is not None or options.get("password_stdin") is not None:
        raise InvalidArgument("password= goes to docker's stdin: give it, or stdin=, not both")
    if not isinstance(password, Secret):
        password = Secret(argv.text(password, "password"))
    return {**options, "password_stdin": True, "stdin": password}


def _read_version(completed: Completed) -> Version:
    from dockcli.models.fields import json_object
    from dockcli.models.version import Version

    return Version.parse(json_object(completed))
