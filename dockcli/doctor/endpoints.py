"""The ways to engines: addresses of the network, and sockets of this machine."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

from dockcli import state
from dockcli.completed import mask_url
from dockcli.doctor.access import WRITE, changeable, command, group, listed, members, open_to, user
from dockcli.doctor.finding import Finding
from dockcli.doctor.programs import by
from dockcli.doctor.setup import Endpoint, Setup

_NETWORK = ("tcp", "http", "https")
_USUAL = "/var/run/docker.sock"
_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|::1|")


def endpoints(setup: Setup) -> Iterator[Finding]:
    """What is to be said of every engine that docker knows, the one in use first."""
    known = dict.fromkeys((setup.current(), *setup.contexts()))
    for one in known:
        yield from _on_network(one)
    sockets = [one.host for one in known if one.host.startswith("unix://")]
    sockets += [f"unix://{_USUAL}", state.private_host() or ""]
    paths = [host.removeprefix("unix://") for host in sockets]
    for path in {os.path.realpath(path): path for path in reversed(paths) if path}.values():
        yield from _socket(path)


def _on_network(one: Endpoint) -> Iterator[Finding]:
    if one.host.partition("://")[0].lower() not in _NETWORK:
        return
    where, name = mask_url(one.host), shlex.quote(one.name)
    said = f"the context {one.name}" if one.context else one.name
    if one.tls == "none":
        yield _without_tls(one, where, said, _machine(one.host))
    elif one.tls == "unverified":
        files = "ca=CA.pem,cert=CERT.pem,key=KEY.pem"
        change = f"docker context update {name} --docker host={where},{files}"
        yield Finding(
            "tls-not-verified",
            "risk",
            where,
            f"{said} talks to this engine by TLS, but takes any certificate",
            "whoever sits between can play the engine, and read and change all",
            change if one.context else "export DOCKER_TLS_VERIFY=1",
        )


def _without_tls(one: Endpoint, where: str, said: str, machine: str) -> Finding:
    local = _LOOPBACK.fullmatch(machine) is not None
    why = (
        "every user and program of this machine may talk to the engine, and so is root"
        if local
        else "everybody who reaches the port is root there, and everybody in between reads all"
    )
    remedy = f"export DOCKER_HOST=ssh://{machine}"
    if one.context:
        remedy = f"docker context update {shlex.quote(one.name)} --docker host=ssh://{machine}"
    if local:
        unset = "leave out --host" if one.name == "--host" else "unset DOCKER_HOST"
        remedy = f"docker context rm {shlex.quote(one.name)}" if one.context else unset
    what = f"{said} talks to this engine over the network, without TLS"
    return Finding("tcp-without-tls", "risk", where, what, why, remedy)


def _machine(host: str) -> str:
    try:
        return urlsplit(host).hostname or ""
    except ValueError:
        return "HOST"


def _socket(path: str) -> Iterator[Finding]:
    """Who may talk to an engine at its socket, and who may put another socket in its place."""
    try:
        about = os.stat(path)
    except OSError:
        return
    if not stat.S_ISSOCK(about.st_mode):
        return
    root = "root on this machine" if about.st_uid == 0 else f"as good as {user(about.st_uid)}"
    real = os.path.realpath(path)
    mine = {door.path for door in open_to(real, WRITE)}
    for door in open_to(real, WRITE):
        if door.who == "everybody":
            what = "everybody on this machine may talk to the engine"
            remedy = command("chmod o-rw", path)
            yield Finding("socket-open", "risk", path, what, f"who may is {root}", remedy)
        elif door.who.startswith("the user"):
            what = f"{door.who} may talk to the engine, by an access list"
            yield Finding("socket-group", "note", path, what, f"who may is {root}", door.remedy)
    if about.st_gid != 0 and about.st_mode & stat.S_IWGRP:
        yield _group(path, about.st_gid, root)
    doors = [door for door in changeable(path) if door.path not in mine]
    why = "they can put a socket of their own in its place, and read what docker sends"
    yield from by(doors, "socket-replaceable", path, why)


def _group(path: str, gid: int, root: str) -> Finding:
    name, others = group(gid), members(gid)
    who = ", ".join(others) or "nobody else yet"
    leave = "; ".join(_leave(one, name) for one in others)
    what = f"the group {name} may talk to the engine: {who}"
    why = f"who is in the group is {root}"
    remedy = leave or f"let nobody into {name} who is not to be {root}"
    return Finding("socket-group", "note", path, what, why, remedy)


def _leave(one: str, name: str) -> str:
    """How a user leaves a group; the one that an account names itself is changed."""
    if one in listed(name):
        return f"gpasswd --delete {shlex.quote(one)} {shlex.quote(name)}"
    return f"usermod --gid GROUP {shlex.quote(one)}"
