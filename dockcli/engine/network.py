"""The private engine's bridge, made beforehand, and every interface that the engine leaves.

An engine that is given no bridge would use docker0, which belongs to another engine; one that is
given "none" deletes it.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network
from itertools import count, pairwise

from dockcli.engine import firewall, programs, subnets
from dockcli.engine.layout import Layout
from dockcli.errors import EngineFailed

_SECONDS_TO_EMPTY = 5.0
# Networks in dockerd's store, which is a binary file with JSON values.
_NETWORK = re.compile(rb'\{"AddressIPv4":[^{}]*\}')
_MADE_BY_ENGINE = 1


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge, and the range that the engine's containers have to themselves.

    The bridge has the first /24 of it. The rest is for networks that are created with a
    ``--subnet`` of it: these reach out of this machine at once.
    """

    bridge: str
    subnet: IPv4Network


def plan(layout: Layout) -> Network:
    """A name and a range that are free now."""
    taken = _links()
    bridge = next(name for n in count() if (name := f"dockcli{n}") not in taken)
    return Network(bridge, subnets.free(int(layout.identity, 16)))


def create(layout: Layout, network: Network) -> None:
    """Make the bridge. Its hardware address says whose it is from its first moment on."""
    bridge = network.bridge
    programs.run(
        "ip", "link", "add", "name", bridge, "address", layout.bridge_address, "type", "bridge"
    )
    first = next(network.subnet.subnets(new_prefix=24))
    programs.run("ip", "addr", "add", f"{first[1]}/{first.prefixlen}", "dev", bridge)
    programs.run("ip", "link", "set", "dev", bridge, "up")


def ranges(layout: Layout, network: Network) -> list[IPv4Network]:
    """The addresses of all networks that the engine has now."""
    present = set(_made_by_engine(layout)) & set(_addresses())
    others = {IPv4Interface(address).network for _, address in present}
    return [network.subnet, *sorted(net for net in others if not net.subnet_of(network.subnet))]


def remove(layout: Layout, recorded: str | None) -> int:
    """Remove all interfaces and rules of our engine, and count the interfaces.

    *recorded* is the name of the bridge by our record. If another engine's bridge has that name
    by now, ours is gone, and the rules with its comment are the other's.
    """
    bridges = remaining(layout)
    gone = [recorded] if recorded is not None and recorded not in _links() else []
    for name in {*bridges, *gone}:
        firewall.withdraw(name)
    for bridge in bridges:
        _await_empty(bridge)
        with suppress(EngineFailed):  # the caller looks again
            programs.run("ip", "link", "delete", "dev", bridge)
    return len(bridges)


def remaining(layout: Layout) -> list[str]:
    """The bridges of our engine that are there."""
    bridges = _links("type", "bridge")
    planned = {name for name, address in bridges.items() if address == layout.bridge_address}
    made = set(_made_by_engine(layout)) & set(_addresses())
    return sorted(planned | {name for name, _ in made if name in bridges})


def _made_by_engine(layout: Layout) -> Iterator[tuple[str, str]]:
    """Name and address of each bridge that our dockerd made for a network.

    It leaves these when it stops, and makes them again when it starts. The store may still hold
    networks that were removed, so a bridge counts as ours only if name and address agree.
    """
    try:
        with open(os.path.join(layout.data, "network", "files", "local-kv.db"), "rb") as file:
            store = file.read()
    except OSError:
        return
    for text in _NETWORK.findall(store):
        with suppress(ValueError):
            value = json.loads(text)
            if value.get("BridgeIfaceCreator") == _MADE_BY_ENGINE:
                yield str(value.get("BridgeName")), str(value.get("AddressIPv4"))


def _links(*choice: str) -> dict[str, str]:
    """The interfaces of that choice, each with its hardware address.

    Asked of `ip`: /sys/class/net shows the network namespace that /sys was mounted in, which need
    not be the one that we, and dockerd, are in.
    """
    links = {}
    for line in programs.run("ip", "-o", "link", "show", *choice).splitlines():
        _, name, *words = line.split()
        hardware_address = next((w for k, w in pairwise(words) if k == "link/ether"), "")
        links[name.rstrip(":").partition("@")[0]] = hardware_address
    return links


def _addresses() -> Iterator[tuple[str, str]]:
    for line in programs.run("ip", "-o", "-4", "addr", "show").splitlines():
        _, name, _, address, *_ = line.split()
        yield name, address


def _await_empty(bridge: str) -> None:
    """Wait until the containers' ends are gone: the kernel takes them down a moment later."""
    deadline = time.monotonic() + _SECONDS_TO_EMPTY
    while _links("master", bridge) and time.monotonic() < deadline:
        time.sleep(0.02)
