"""The client and the engine, as ``docker version`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping

from dockcli.models.fields import Fields
from dockcli.typed import TYPE_CHECKING
from dockcli.value import Value

if TYPE_CHECKING:
    from typing import Any


class Version(Value):
    """The versions of both sides; podman has no engine, there ``server`` is ``client``."""

    # No dataclass: what many a script asks first is not to wait until `dataclasses` is loaded.
    __slots__ = (  # noqa: RUF023 - as __init__ has them
        "client",
        "client_api",
        "server",
        "server_api",
        "os",
        "architecture",
        "raw",
    )

    client: str
    client_api: str
    server: str
    server_api: str
    os: str
    architecture: str
    raw: Mapping[str, Any]

    def __init__(
        self,
        client: str,
        client_api: str,
        server: str,
        server_api: str,
        os: str,
        architecture: str,
        raw: Mapping[str, Any],
    ) -> None:
        self._set(
            client,
            client_api,
            server,
            server_api,
            os,
            architecture,
            raw,
        )

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__slots__ if name != "raw")
        return f"Version({', '.join(shown)})"

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Version:
        client = Fields(raw).inner("Client")
        server = Fields(raw).inner("Server")
        answers = server if server.raw else client
        os, _, architecture = client.text("OsArch").partition("/")
        return cls(
            client=client.text("Version"),
            client_api=client.text("ApiVersion", "APIVersion"),
            server=answers.text("Version"),
            server_api=answers.text("ApiVersion", "APIVersion"),
            os=answers.text("Os") or os,
            architecture=answers.text("Arch") or architecture,
            raw=raw,
        )
