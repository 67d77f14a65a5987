"""One dockerd: its command line, its start, its answer and its log."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time

from dockcli.engine import processes, programs
from dockcli.engine.layout import Layout
from dockcli.engine.network import Network
from dockcli.errors import EngineFailed

_SECONDS_TO_ANSWER = 60.0
_TAIL_BYTES = 4096


def command(layout: Layout, network: Network) -> list[str]:
    """The command line of an engine that shares nothing with another one on this machine.

    No ``--default-address-pool``, however useful: with it an engine deletes docker0, whosesoever
    that is, at every start but its first.
    """
    return [
        programs.need("dockerd"),
        f"--config-file={layout.config}",  # /etc/docker/daemon.json is another engine's
        f"--data-root={layout.data}",
        f"--exec-root={layout.exec}",
        f"--pidfile={layout.pidfile}",
        f"--host={layout.host}",
        f"--bridge={network.bridge}",
        # A second engine that manages rules deletes those of the first, at its start.
        "--iptables=false",
        "--ip-masq=false",
        f"--containerd-namespace={layout.namespace}",
        f"--containerd-plugins-namespace={layout.namespace}-plugins",
    ]


def configure(layout: Layout) -> None:
    """Write the engine's own configuration, which is empty where it can be."""
    version = programs.run("dockerd", "--version")
    major = re.search(r"version (\d+)\.", version)
    # Until 23.0 an engine has its identity from /etc/docker/key.json, and makes that if need be;
    # later ones refuse to know the setting.
    shares_key = major is not None and int(major[1]) < 23
    private = os.open(layout.config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(private, "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump({"deprecated-key-path": layout.key} if shares_key else {}, file)


def spawn(layout: Layout, words: list[str]) -> processes.Process:
    """Start it in a session of its own, with nothing of this process but its output file."""
    if os.path.exists(layout.log):
        os.replace(layout.log, f"{layout.log}.1")
    log = os.open(layout.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    try:
        # Not subprocess: it wants its children to end before the program that started them.
        pid = os.posix_spawn(
            "/bin/sh",
            # No working directory of ours is kept busy. `exec` keeps the process.
            ["sh", "-c", 'cd / && exec "$@"', "sh", *words],
            _environment(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
            ],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # Python ignores them, and so would it
        )
    finally:
        os.close(log)
    process = processes.look(pid)
    if process is None:
        raise EngineFailed("the private engine ended at once", tail(layout.log))
    return process


def await_answer(layout: Layout, pid: int, started: int) -> None:
    """Wait until the engine answers. EngineFailed if it ends before, or takes too long."""
    deadline = time.monotonic() + _SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        if answers(layout.host):
            return
        process = processes.look(pid)
        if process is None or process.started != started:
            raise _failure(layout, "ended before it answered")
        time.sleep(0.05)
    raise _failure(layout, f"does not answer after {_SECONDS_TO_ANSWER:.0f} s")


def answers(host: str) -> bool:
    """Whether the engine at *host* answers a ping."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(host.removeprefix("unix://"))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def tail(path: str) -> str:
    """The end of a log, from the beginning of a line."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return (text.partition("\n")[2] if size > _TAIL_BYTES else text).strip()


def _failure(layout: Layout, what: str) -> EngineFailed:
    end = tail(layout.log)
    last = end.splitlines()[-1] if end else "nothing"
    return EngineFailed(f"the private engine {what}; its log {layout.log} says last: {last}", end)


def _environment() -> dict[str, str]:
    kept = dict(os.environ)
    kept.pop("NOTIFY_SOCKET", None)  # a service manager waits there for us, not for dockerd
    kept.pop("COLUMNS", None)  # the ps of `docker top` would cut every line at our terminal's width
    return {**kept, "PATH": programs.search_path()}  # it looks for containerd, runc, iptables
