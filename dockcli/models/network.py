"""Networks, as ``docker network inspect`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from dockcli.models.fields import Fields


@dataclass(frozen=True, slots=True)
class Subnet:
    """A range of addresses of a network; ``ip_range`` is the part that containers get theirs from,
    "" where that is all of it."""

    subnet: str
    gateway: str
    ip_range: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> Subnet:
        return cls(
            subnet=one.text("Subnet", "subnet"),
            gateway=one.text("Gateway", "gateway"),
            ip_range=one.text("IPRange"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running container in a network; ``ipv4`` and ``ipv6`` end with the length of the prefix."""

    id: str
    name: str
    ipv4: str
    ipv6: str
    mac: str
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "container"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, id: str, one: Fields) -> Endpoint:
        return cls(
            id=id,
            name=one.text("Name"),
            ipv4=one.text("IPv4Address"),
            ipv6=one.text("IPv6Address"),
            mac=one.text("MacAddress"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class NetworkInspect:
    """A network. ``containers`` are those that run in it on this engine; podman does not tell."""

    id: str
    name: str
    driver: str
    scope: str
    internal: bool
    attachable: bool
    ingress: bool
    ipv6: bool
    subnets: tuple[Subnet, ...]
    options: Mapping[str, str]
    labels: Mapping[str, str]
    created: datetime | None
    containers: tuple[Endpoint, ...]
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "network"

    def __docker__(self) -> str:
        return self.id

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> NetworkInspect:
        top = Fields(raw)
        running = top.inner("Containers")
        subnets = top.inner("IPAM").objects("Config") or top.objects("subnets")
        return cls(
            id=top.text("Id", "id"),
            name=top.text("Name", "name"),
            driver=top.text("Driver", "driver"),
            scope=top.text("Scope"),
            internal=top.flag("Internal", "internal"),
            attachable=top.flag("Attachable"),
            ingress=top.flag("Ingress"),
            ipv6=top.flag("EnableIPv6", "ipv6_enabled"),
            subnets=tuple(map(Subnet.parse, subnets)),
            options=top.mapping("Options", "options"),
            labels=top.mapping("Labels", "labels"),
            created=top.time("Created", "created"),
            containers=tuple(Endpoint.parse(str(id), running.inner(id)) for id in running.raw),
            raw=raw,
        )
