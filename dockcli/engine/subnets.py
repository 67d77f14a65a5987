"""A range of private addresses that this machine does not use yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from dockcli.engine import programs
from dockcli.errors import EngineFailed

# Not the ranges that an engine picks by itself (172.17.0.0/16 and up, 192.168.0.0/16): another
# engine that comes later shall find them free.
_CANDIDATES = tuple(IPv4Network((f"10.{second}.0.0", 16)) for second in range(191, 255))
_LAST_RESORTS = (
    IPv4Network("172.16.0.0/16"),
    *IPv4Network("192.168.0.0/16").subnets(new_prefix=20),
)
# Some tunnels route everything by two halves of the address space: that claims no range.
_SHORTEST_CLAIM = 8


def free(preference: int) -> IPv4Network:
    """A range that overlaps no address and no route of this machine.

    An engine keeps the subnets of its networks, so it should find its range again: the search
    begins at a place that follows from *preference*.
    """
    begin = preference % len(_CANDIDATES)
    taken = list(_taken())
    for candidate in (*_CANDIDATES[begin:], *_CANDIDATES[:begin], *_LAST_RESORTS):
        if not any(candidate.overlaps(other) for other in taken):
            return candidate
    raise EngineFailed(
        "every private range of addresses is in use on this machine (see `ip route show table all`)"
    )


def _taken() -> Iterator[IPv4Network]:
    for line in programs.run("ip", "-o", "-4", "addr", "show").splitlines():
        yield from _networks(line.split()[3:4])
    for line in programs.run("ip", "-o", "-4", "route", "show", "table", "all").splitlines():
        yield from _networks(line.split()[:2])  # the kind of route may stand first


def _networks(words: Iterable[str]) -> Iterator[IPv4Network]:
    for word in words:
        try:
            network = IPv4Network(word, strict=False)
        except ValueError:
            continue
        if network.prefixlen >= _SHORTEST_CLAIM:
            yield network
