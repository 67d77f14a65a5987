"""Mounts and ports as values: each says itself in the way of the flag that it is given to.

::

    docker.run("alpine", mount=[Bind("/a:b", "/x", read_only=True)], publish=[Port(80, 8080)])

In ``mount=`` a mount is docker's ``--mount``, quoted so that any path survives. In ``volume=`` (a
`Tmpfs`: in ``tmpfs=``) it is the short form where that can say it, and ``--mount`` where it cannot:
a path with ``:``, a subpath, the driver's options. What neither can say is refused, and why.
"""

from __future__ import annotations

from dockcli.mounts.mount import PROPAGATIONS, Bind, ImageMount, Tmpfs, VolumeMount
from dockcli.mounts.port import Port

__all__ = [
    "PROPAGATIONS",
    "Bind",
    "ImageMount",
    "Port",
    "Tmpfs",
    "VolumeMount",
]
