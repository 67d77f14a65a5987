"""The networks of a container: the one that it is made in, and those that it is put into after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Told = Mapping[str, Any]

_ALONE = ("none", "host", "private")
_BUILT_IN = {"default": "bridge", "": "bridge", "bridge": "bridge"}


class Attachment(NamedTuple):
    """A *network* that a container is in, and the keywords of ``network connect`` for it."""

    network: str
    options: Mapping[str, Any]


class Networks(NamedTuple):
    """The *options* of ``docker create``; *more* networks to connect to, *leave* what that gave."""

    options: Mapping[str, Any]
    more: tuple[Attachment, ...] = ()
    leave: str = ""


def networks(told: Told, *, podman: bool = False) -> Networks:
    """How the container of an inspect is in its networks."""
    mode = (told.get("HostConfig") or {}).get("NetworkMode") or ""
    inside = dict((told.get("NetworkSettings") or {}).get("Networks") or {})
    if podman and mode == "bridge":
        return Networks({"network": [_long(name, one, told) for name, one in inside.items()]})
    given = {} if mode in ("", "default") else {"network": mode}
    if mode in _ALONE or mode.startswith(("container:", "ns:", "slirp4netns", "pasta")):
        return Networks(given)
    first = _BUILT_IN.get(mode) or _named(mode, inside)
    more = tuple(
        Attachment(name, _options(one, told, alias="alias"))
        for name, one in inside.items()
        if name != first
    )
    if first not in inside:
        return Networks(given, more, leave=first)
    if inside[first].get("DriverOpts"):
        return Networks({"network": _csv(mode or first, inside[first], told)}, more)
    return Networks({**given, **_options(inside[first], told, alias="network_alias")}, more)


def aliases(endpoint: Told, told: Told) -> list[str]:
    """The names that were given: engines add the container's short id and its host name."""
    own = (str(told.get("Id", ""))[:12], (told.get("Config") or {}).get("Hostname"))
    return [one for one in endpoint.get("Aliases") or () if one not in own]


def has_own_hostname(host: Told) -> bool:
    """Whether a container's host name is its own: not the host's, nor another container's."""
    shared = str(host.get("NetworkMode", "")).startswith("container:")
    return host.get("UTSMode") != "host" and not shared


def _named(mode: str, inside: Mapping[str, Told]) -> str:
    """The name of a network that may have been given by its id."""
    ids = {one.get("NetworkID"): name for name, one in inside.items()}
    return mode if mode in inside else ids.get(mode, mode)


def _options(endpoint: Told, told: Told, *, alias: str) -> dict[str, Any]:
    address = endpoint.get("IPAMConfig") or {}
    made = {
        alias: aliases(endpoint, told),
        "ip": address.get("IPv4Address"),
        "ip6": address.get("IPv6Address"),
        "link_local_ip": address.get("LinkLocalIPs"),
    }
    if alias == "alias":
        options = endpoint.get("DriverOpts") or {}
        made["driver_opt"] = [f"{name}={value}" for name, value in options.items()]
        made["gw_priority"] = endpoint.get("GwPriority")
    return {name: value for name, value in made.items() if value}


def _csv(name: str, endpoint: Told, told: Told) -> str:
    """The long form of ``--network``, the only one with options for the driver."""
    address = endpoint.get("IPAMConfig") or {}
    fields = [
        f"name={name}",
        *(f"alias={one}" for one in aliases(endpoint, told)),
        *(f"driver-opt={key}={value}" for key, value in endpoint["DriverOpts"].items()),
        *(f"link-local-ip={one}" for one in address.get("LinkLocalIPs") or ()),
    ]
    fields += [
        f"{word}={address[key]}"
        for word, key in (("ip", "IPv4Address"), ("ip6", "IPv6Address"))
        if address.get(key)
    ]
    quoted = ('"' + one.replace('"', '""') + '"' if "," in one else one for one in fields)
    return ",".join(quoted)


def _long(name: str, endpoint: Told, told: Told) -> str:
    """podman's form of ``--network``."""
    words = [f"alias={one}" for one in aliases(endpoint, told)]
    return f"{name}:{','.join(words)}" if words else name
