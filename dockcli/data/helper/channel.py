"""A FIFO of this machine, through which a helper's bytes go round docker: where the engine is here.

docker moves a container's stdin and stdout through a socket and two processes; a FIFO is one pipe.
The folder that holds it is bound into the helper, which takes it only when the kernel's boot and a
token say that both ends are on the same machine; else the bytes go the long way.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from dockcli import owner
from dockcli.mounts import Bind
from dockcli.spool import room_in

if TYPE_CHECKING:
    from dockcli.client import Docker

_BOOT = "/proc/sys/kernel/random/boot_id"
_BUFFER = 1 << 20


class Channel:
    """The FIFO, in a folder of this process's own that is removed by `close`."""

    def __init__(self, boot: str) -> None:
        self.folder = owner.temporary_folder()
        token = os.urandom(16).hex()
        self.path = os.path.join(self.folder, "stream")
        try:
            with room_in():
                os.mkfifo(self.path, 0o600)
                with open(os.path.join(self.folder, "token"), "x", encoding="ascii") as file:
                    file.write(token)
        except BaseException:
            self.close()
            raise
        self.arguments = (boot, token)
        self.mount = Bind(self.folder, "/dockcli-fifo", read_only=True)

    def open(self, flags: int) -> int:
        """Its descriptor, with a large buffer; never waits for the other end."""
        descriptor = os.open(self.path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
        widen(descriptor)
        os.set_blocking(descriptor, True)
        return descriptor

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def boot() -> str:
    """What this start of this machine's kernel is called; "" where that is not told."""
    with suppress(OSError), open(_BOOT, encoding="ascii") as file:
        return file.read().strip()
    return ""


def widen(pipe: int) -> None:
    """Give *pipe* the largest buffer that a user may have."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _BUFFER)


def may_be_here(client: Docker) -> bool:
    """Whether nothing says that the client's engine is on another machine."""
    hosts = [word.partition("=")[2] for word in client.head if word.startswith("--host=")]
    hosts += [client.env.get("DOCKER_HOST", os.environ.get("DOCKER_HOST", ""))]
    return bool(boot()) and not hosts[0].startswith(("tcp://", "ssh://", "http://", "https://"))
