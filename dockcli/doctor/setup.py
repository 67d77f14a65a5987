"""What is looked at: a client's environment, its programs and the folder of its settings.

Files are read here as they are, never by docker: nothing has to be run for it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dockcli.models.fields import Fields
from dockcli.runner import find_program
from dockcli.state import settings_folder

if TYPE_CHECKING:
    from dockcli.client import Docker

Tls: TypeAlias = Literal["none", "unverified", "verified"]

_DEFAULT = "unix:///var/run/docker.sock"
_MOST = 16 << 20  # bytes of a file that are read


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine that docker knows: ``name`` is what the address came from (``DOCKER_HOST``, a
    context's name), ``tls`` what would be done at an address of the network."""

    name: str
    host: str
    tls: Tls
    context: bool = False


class Unreadable(Exception):
    """A file that is there and cannot be read, or is not what it should be."""


class Setup:
    """How this user's docker is set up, as far as files and the environment tell."""

    def __init__(self, client: Docker) -> None:
        self.client = client
        given = client.arguments()
        self.env: Mapping[str, str] = {**os.environ, **client.env}
        self.binary = client.binary
        self.host: str | None = given.get("host")
        self.context: str | None = given.get("context")
        self.folder = os.path.abspath(settings_folder(self.env, given.get("config")))
        self.file = os.path.join(self.folder, "config.json")

    @cached_property
    def program(self) -> str:
        """The absolute path of docker. Raises BinaryNotFound, InvalidArgument."""
        return find_program(self.binary, self.env.get("PATH"))

    @cached_property
    def settings(self) -> Fields:
        """What ``config.json`` says. Raises Unreadable."""
        return Fields(read_json(self.file))

    @property
    def said(self) -> Fields:
        """The same, nothing where it cannot be read."""
        try:
            return self.settings
        except Unreadable:
            return Fields(None)

    def contexts(self) -> Iterator[Endpoint]:
        """The contexts that the settings know. One that cannot be read is passed over."""
        for folder in _listed(os.path.join(self.folder, "contexts", "meta")):
            try:
                about = Fields(read_json(os.path.join(folder, "meta.json")))
            except Unreadable:
                continue
            docker = about.inner("Endpoints").inner("docker")
            keys = os.path.join(self.folder, "contexts", "tls", os.path.basename(folder), "docker")
            tls: Tls = "verified" if _listed(keys) else "none"
            tls = "unverified" if docker.flag("SkipTLSVerify") else tls
            yield Endpoint(about.text("Name"), docker.text("Host"), tls, context=True)

    def current(self) -> Endpoint:
        """The engine that docker talks to, by docker's own order of precedence."""
        environment = self.env.get("DOCKER_HOST", "")
        if self.host is None:
            chosen = self.context or (
                ""
                if environment
                else self.env.get("DOCKER_CONTEXT") or self.said.text("currentContext")
            )
            for one in self.contexts() if chosen not in ("", "default") else ():
                if one.name == chosen:
                    return one
        name = "--host" if self.host is not None else "DOCKER_HOST" if environment else "default"
        tls: Tls = "unverified" if self.env.get("DOCKER_TLS") else "none"
        tls = "verified" if self.env.get("DOCKER_TLS_VERIFY") else tls
        return Endpoint(name, self.host or environment or _DEFAULT, tls)

    def key_files(self) -> list[str]:
        """The private keys for TLS that are there, of contexts and of the environment."""
        tls = os.path.join(self.folder, "contexts", "tls")
        folders = [self.folder, self.env.get("DOCKER_CERT_PATH") or self.folder]
        folders += [os.path.join(one, "docker") for one in _listed(tls)]
        keys = [os.path.join(os.path.abspath(folder), "key.pem") for folder in folders]
        return [key for key in dict.fromkeys(keys) if os.path.isfile(key)]


def _listed(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def read_json(path: str) -> Any:
    """What a file says; None where it is not there. Never waits for a pipe. Raises Unreadable."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("it is no file")
            return json.loads(file.read(_MOST))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unreadable(error.strerror or "it cannot be opened") from None
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None
