"""Who listens in a container, as its kernel's table of sockets tells: ``/proc/net/tcp``."""

from __future__ import annotations

TABLES = {
    "tcp": ("/proc/net/tcp", "/proc/net/tcp6"),
    "udp": ("/proc/net/udp", "/proc/net/udp6"),
}
_WAITS = {"tcp": b"0A", "udp": b"07"}  # TCP_LISTEN; a UDP socket that is not connected
_LOOPBACK_6 = b"0" * 24 + b"01000000"
_MAPPED = b"0" * 16 + b"FFFF0000"  # an IPv4 address in an IPv6 socket


def is_table(text: bytes) -> bool:
    """Whether *text* is one at all."""
    return b"local_address" in text


def listeners(text: bytes, port: int, protocol: str) -> tuple[bool, bool]:
    """Whether somebody waits on *port* for others, and whether for programs of its own host.

    An address is written as a number, so that 127.0.0.1 is ``0100007F`` (but for the few machines
    with the other order of bytes, where all of them count as for others).
    """
    others = own = False
    for line in text.splitlines():
        words = line.split()
        if len(words) < 4 or words[3] != _WAITS[protocol]:
            continue
        address, _, number = words[1].rpartition(b":")
        if _number(number) != port:
            continue
        if _is_loopback(address):
            own = True
        else:
            others = True
    return others, own


def _number(text: bytes) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1


def _is_loopback(address: bytes) -> bool:
    if len(address) == 8:
        return address.endswith(b"7F")
    return address == _LOOPBACK_6 or (address.startswith(_MAPPED) and address.endswith(b"7F"))
