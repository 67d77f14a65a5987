"""Waiting for what nobody tells: a file, and somebody who listens on a port. Looked at gently."""

from __future__ import annotations

from contextlib import closing

from dockcli.child import ends_by_itself
from dockcli.errors import (
    CommandNotExecutable,
    CommandNotFound,
    ContainerFailed,
    DockerFailed,
    NoSuchContainer,
    NoSuchObject,
)
from dockcli.models.container import ContainerInspect, Port
from dockcli.models.fields import Fields
from dockcli.waiting import outside, sockets
from dockcli.waiting.followed import is_running, until
from dockcli.waiting.watched import Watched

SOCKET, CONNECTION = "socket", "connection"
_NO_SUCH_TOOL = (CommandNotFound, CommandNotExecutable)


def for_port(watched: Watched, number: int, protocol: str) -> tuple[Port, str]:
    """Wait until somebody in the container listens on port *number*; where it is published, and
    what proves it.

    A connection to a published port proves little: docker's proxy takes it also where nobody
    listens inside. So the container's own table of sockets is read; only where that cannot be, a
    connection has to do, which the proxy soon closes.
    """
    has_cat, host = True, None
    while True:
        if not is_running(watched.last):  # else the next attempt will tell
            until(watched, is_running)
        try:
            text = _by_cat(watched, protocol) if has_cat else outside.table(watched.last, protocol)
        except _NO_SUCH_TOOL:
            has_cat = False
            continue
        except DockerFailed as error:
            watched.explain(error)
            watched.pause()
            continue
        port = published(watched.last, number, protocol)
        if sockets.is_table(text):
            if _listens(watched, text, number, protocol):
                return port, SOCKET
        elif not has_cat:
            if host is None:
                host = outside.reached(watched, port)
                outside.refuse_the_unseeable(port, host)
            if outside.is_kept(host, port.host_port, watched.left()):
                return port, CONNECTION
        watched.pause()
        if not has_cat:
            watched.look()


def _by_cat(watched: Watched, protocol: str) -> bytes:
    """The container's table of sockets, as a program in it reads it."""
    call = watched.call.exec(watched.id, "cat", *sockets.TABLES[protocol])
    try:
        with ends_by_itself():
            text = watched.timed(call).run().stdout
    except ContainerFailed as error:  # also where there is no IPv6
        text = error.stdout
    if sockets.is_table(text):
        watched.hold()
    else:  # `cat` was ended with its container
        watched.look()
    return text


def _listens(watched: Watched, text: bytes, port: int, protocol: str) -> bool:
    others, own = sockets.listeners(text, port, protocol)
    watched.notes.pop("port", None)
    if others or (own and _is_its_own_host(watched.last)):
        return True
    if own:
        watched.notes["port"] = (
            "a program in the container listens on its loopback address only, where nobody else "
            "reaches it: let it listen on 0.0.0.0"
        )
    return False


def _is_its_own_host(seen: ContainerInspect) -> bool:
    """Whether others, too, reach what listens on its loopback address, or nobody could."""
    mode = Fields(seen.raw).inner("HostConfig").text("NetworkMode")
    return mode in ("host", "none") or mode.startswith("container:")


def published(seen: ContainerInspect, port: int, protocol: str) -> Port:
    """Where *port* is published, by IPv4 if by both."""
    found = [
        one
        for one in seen.ports
        if (one.container_port, one.protocol) == (port, protocol) and one.host_port
    ]
    found.sort(key=lambda one: ":" in one.host_ip)
    return found[0] if found else Port(port, protocol, "", 0)


def for_file(watched: Watched, path: str) -> None:
    """Wait until there is something at *path* in the container, which need not run.

    A container that has ended without it makes it no more.
    """
    has_test = True
    watched.fresh()
    while True:
        by_test = has_test and is_running(watched.last)
        try:
            if (_tested if by_test else _copied)(watched, path):
                return
            if not by_test and watched.is_over():
                raise watched.ended()
        except _NO_SUCH_TOOL:  # an image without `test`
            has_test = False
            continue
        except DockerFailed as error:
            watched.explain(error)
            watched.pause()
            continue
        watched.pause()
        if not by_test:
            watched.look()


def _tested(watched: Watched, path: str) -> bool:
    """Whether a program in the container finds it; also in a tmpfs, which `cp` cannot see."""
    call = watched.call.exec(watched.id, "test", "-e", path, user="0")
    try:
        with ends_by_itself():
            watched.timed(call).run()
    except ContainerFailed as error:
        if error.returncode != 1:  # `test` was ended with its container
            watched.look()
        else:
            watched.hold()
        return False
    return True


def _copied(watched: Watched, path: str) -> bool:
    """Whether docker can copy it from the container; no more is read than that it begins."""
    follow = None if watched.is_podman else True  # podman follows links anyway
    call = watched.call.cp(f"{watched.id}:{path}", "-", follow_link=follow)
    try:
        with closing(watched.timed(call).open()) as archive:
            archive.read(1)
    except NoSuchContainer:
        raise
    except NoSuchObject:
        return False
    except DockerFailed as error:
        if error.reason.endswith("not a directory"):  # but a file, on the way to it
            return False
        raise
    return True
