"""Projects of ``docker compose``: their containers, images and files.

Compose prints JSON lines or one JSON array, and in some releases an object, for one and the same
question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.completed import Completed
from dockcli.models.container import State
from dockcli.models.fields import Fields, json_object, json_rows


@dataclass(frozen=True, slots=True)
class ComposeProject:
    """A project, as ``docker compose ls`` tells of it.

    ``states`` says how many of its containers are in which state. Compose joins the paths of
    ``config_files`` with commas: a path that has one is cut there.
    """

    name: str
    status: str
    states: Mapping[State, int]
    config_files: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ComposeProject:
        top = Fields(raw)
        return cls(
            name=top.text("Name"),
            status=top.text("Status"),
            states=_states(top.text("Status")),
            config_files=tuple(filter(None, top.text("ConfigFiles").split(","))),
            raw=raw,
        )


def _states(status: str) -> dict[State, int]:
    """``exited(1), running(2)`` in numbers."""
    found: dict[State, int] = {}
    for word, number in re.findall(r"(\w+)\(([0-9]+)\)", status):
        state = State.of(word.lower())
        found[state] = found.get(state, 0) + int(number[:9])
    return found


@dataclass(frozen=True, slots=True)
class Publisher:
    """A port of a service's container, and where it is published (host_port 0: it is not)."""

    container_port: int
    protocol: str
    host_ip: str
    host_port: int


@dataclass(frozen=True, slots=True)
class ComposeContainer:
    """A container of a project, as ``docker compose ps`` tells of it.

    ``health`` is "" where the service has no health check. What Compose joins and cuts (labels,
    mounts, networks) is not here: ``docker.container.inspect(*containers)`` has it in full.
    """

    id: str
    name: str
    service: str
    project: str
    image: str
    command: str
    state: State
    health: str
    exit_code: int
    created: datetime | None
    ports: tuple[Publisher, ...]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "container"

    @property
    def running(self) -> bool:
        return self.state is State.RUNNING

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ComposeContainer:
        top = Fields(raw)
        return cls(
            id=top.text("ID"),
            name=top.text("Name"),
            service=top.text("Service"),
            project=top.text("Project"),
            image=top.text("Image"),
            command=_unquoted(top.text("Command")),
            state=State.of(top.text("State")),
            health=top.text("Health"),
            exit_code=top.number("ExitCode"),
            created=top.time("CreatedAt"),
            ports=tuple(
                Publisher(
                    container_port=one.number("TargetPort"),
                    protocol=one.text("Protocol"),
                    host_ip=one.text("URL"),
                    host_port=one.number("PublishedPort"),
                )
                for one in top.objects("Publishers")
            ),
            raw=raw,
        )


def _unquoted(command: str) -> str:
    """Newer releases put the command into quotes, as Go writes a text."""
    if len(command) > 1 and command[0] == command[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", command[1:-1])
    return command


@dataclass(frozen=True, slots=True)
class ComposeImage:
    """The image of a project's container. ``size`` is in bytes."""

    id: str
    container: str
    repository: str
    tag: str
    platform: str
    size: int
    created: datetime | None
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "image"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any], container: str = "") -> ComposeImage:
        top = Fields(raw)
        return cls(
            id=top.text("ID"),
            container=top.text("ContainerName") or container,
            repository=top.text("Repository"),
            tag=top.text("Tag"),
            platform=top.text("Platform"),
            size=top.number("Size"),
            created=top.time("Created"),
            raw=raw,
        )


def images(completed: Completed) -> list[ComposeImage]:
    """An array of images; compose 2.36 prints an object that has them by their container."""
    text = completed.stdout.strip()
    if text == b"null":
        return []
    if not text.startswith(b"{"):
        return [ComposeImage.parse(raw) for raw in json_rows(completed)]
    by_container = json_object(completed)
    return [
        ComposeImage.parse(raw, container)
        for container, raw in by_container.items()
        if isinstance(raw, Mapping)
    ]


@dataclass(frozen=True, slots=True)
class ComposeConfig:
    """A project as Compose understands its files: merged, its variables filled in.

    The values are as the Compose Specification has them, with ``$`` where Compose writes ``$$``.
    """

    name: str
    services: Mapping[str, Mapping[str, Any]]
    networks: Mapping[str, Any]
    volumes: Mapping[str, Any]
    configs: Mapping[str, Any]
    secrets: Mapping[str, Any]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ComposeConfig:
        top = Fields(raw)
        services = top.inner("services").raw
        return cls(
            name=top.text("name"),
            services={name: one for name, one in services.items() if isinstance(one, Mapping)},
            networks=top.inner("networks").raw,
            volumes=top.inner("volumes").raw,
            configs=top.inner("configs").raw,
            secrets=top.inner("secrets").raw,
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ComposeVersion:
    """The version of the plugin, without the ``v`` that some builds put before it."""

    version: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ComposeVersion:
        return cls(version=Fields(raw).text("version").removeprefix("v"), raw=raw)


@dataclass(frozen=True, slots=True)
class Transformation:
    """An image that turns a project into something else. ``size`` is in bytes."""

    id: str
    tags: tuple[str, ...]
    size: int
    labels: Mapping[str, str]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "image"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Transformation:
        top = Fields(raw)
        return cls(
            id=top.text("Id", "ID"),
            tags=top.texts("RepoTags"),
            size=top.number("Size"),
            labels=top.mapping("Labels"),
            raw=raw,
        )
