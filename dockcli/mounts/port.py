"""Ports: ``publish=[Port(80, 8080)]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockcli.errors import InvalidArgument
from dockcli.mounts.checks import Spelled, one_of

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from typing import Literal

_PROTOCOLS = ("tcp", "udp", "sctp")


class Port(Spelled):
    """A port of the container, for ``publish=`` (and ``expose=``).

    *host_port* is where it is published on the engine's machine; docker takes a free one for None
    or 0. *host_ip* is the address that it is published on: for None that is every one, so that the
    network sees it. Both ports may be ranges, ``"7000-7005"``: of the same length, or a range of
    host ports from which one container port takes a free one.
    """

    __slots__ = (  # noqa: RUF023 - as __init__ has them
        "container_port",
        "host_port",
        "host_ip",
        "protocol",
    )

    container_port: int | str
    host_port: int | str | None
    host_ip: str | None
    protocol: str

    def __init__(
        self,
        container_port: int | str,
        host_port: int | str | None = None,
        host_ip: str | IPv4Address | IPv6Address | None = None,
        protocol: Literal["tcp", "udp", "sctp"] = "tcp",
    ) -> None:
        one_of("protocol", protocol, _PROTOCOLS)
        length = _ports("container_port", container_port, lowest=1)
        if host_port is not None:
            host_length = _ports("host_port", host_port, lowest=0)
            if host_length != length != 1:
                raise InvalidArgument(
                    f"{length} ports of the container ({container_port}) cannot be published on "
                    f"{host_length} of the host ({host_port})"
                )
        self._set(
            container_port,
            host_port,
            None if host_ip is None else _address(host_ip),
            protocol,
        )

    def __docker__(self) -> str:
        port = self._port(leave_out="tcp")
        host = "" if self.host_port is None else self.host_port
        if self.host_ip is not None:
            ip = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
            return f"{ip}:{host}:{port}"
        return port if self.host_port is None else f"{host}:{port}"

    def __docker_flag__(self, flag: str) -> tuple[str, str]:
        if flag == "expose":
            return flag, self._port()
        if flag not in {"publish", "publish-add"}:
            keyword = flag.replace("-", "_")
            raise InvalidArgument(f"{self!r} is a port: {keyword}= takes none, publish= does")
        return flag, self.__docker__()

    def _port(self, leave_out: str = "") -> str:
        protocol = "" if self.protocol == leave_out else f"/{self.protocol}"
        return f"{self.container_port}{protocol}"


def _ports(where: str, ports: int | str, *, lowest: int) -> int:
    """How many *ports* are; they are checked."""
    if isinstance(ports, bool) or not isinstance(ports, (int, str)):
        raise InvalidArgument(f"{where}= is a number or a range such as '7000-7005', not {ports!r}")
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", str(ports))
    first, last = (int(end or match[1]) for end in match.groups()) if match else (-1, -1)
    if not lowest <= first <= last <= 65535:
        raise InvalidArgument(f"{where}={ports!r}: ports go from {lowest} to 65535")
    return last - first + 1


def _address(ip: str | IPv4Address | IPv6Address) -> str:
    import ipaddress  # only where one is given: it takes its time

    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        raise InvalidArgument(f"host_ip={ip!r} is no address: docker knows no names here") from None
