"""Where the private engine keeps its things.

Every path follows from the state folder alone: what is cleaned up, and above all what is deleted,
is never read from a file.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from dockcli import state

# A socket's address has room for 108 bytes, the closing NUL among them. The longest one that is
# known below the exec root is this; the slack is for engines to come.
_LONGEST_SOCKET = "/containerd/containerd.sock.ttrpc"
_LONGEST_ADDRESS = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """The files and folders of one private engine.

    ``folder`` holds what stays (images, log), ``run`` what lives as long as the engine does.
    """

    folder: str
    run: str
    identity: str

    @property
    def data(self) -> str:
        return os.path.join(self.folder, "data")

    @property
    def exec(self) -> str:
        return os.path.join(self.run, "exec")

    @property
    def host(self) -> str:
        return f"unix://{self.run}/docker.sock"

    @property
    def pidfile(self) -> str:
        return os.path.join(self.run, "dockerd.pid")

    @property
    def config(self) -> str:
        return os.path.join(self.folder, "daemon.json")

    @property
    def key(self) -> str:
        return os.path.join(self.folder, "key.json")

    @property
    def log(self) -> str:
        return os.path.join(self.folder, "dockerd.log")

    @property
    def install_log(self) -> str:
        return os.path.join(self.folder, "install.log")

    @property
    def record(self) -> str:
        return os.path.join(self.folder, "record.json")

    @property
    def namespace(self) -> str:
        """The containerd namespace: a containerd that the system runs may serve us too."""
        return f"dockcli-{self.identity}"

    @property
    def bridge_address(self) -> str:
        """The hardware address of our bridge: by it the bridge is known to be ours."""
        return ":".join(["02", "dc", *(self.identity[i : i + 2] for i in range(0, 8, 2))])

    def make(self) -> None:
        """Make the folders; the mode lets the docker group pass through to the socket."""
        for folder in (self.folder, self.run, self.exec):
            state.make_folder(folder, 0o711)


def here() -> Layout:
    """The layout that belongs to this user's state folder."""
    # dockerd resolves links, and so do the kernel's lists of mounts that we compare with.
    folder = os.path.realpath(os.path.dirname(state.record_path()))
    identity = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
    run = os.path.join(folder, "run")
    if len(os.fsencode(f"{run}/exec{_LONGEST_SOCKET}")) > _LONGEST_ADDRESS:
        run = f"/run/dockcli-{identity}"
    return Layout(folder, run, identity)
