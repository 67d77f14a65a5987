"""What an engine that did not end by itself leaves behind, and how it is cleared away.

A dockerd that is killed leaves its shims with the containers, their mounts, network namespaces and
interfaces, and their control groups; one that ends properly leaves the bridges of its networks.
Only what provably belongs to our engine is touched.
"""

from __future__ import annotations

import glob
import os
import shutil
from contextlib import suppress

from dockcli import mountinfo
from dockcli.engine import cgroups, mounts, network, processes
from dockcli.engine.layout import Layout
from dockcli.engine.record import Record
from dockcli.errors import EngineFailed


def clear(layout: Layout, record: Record | None) -> str:
    """Clear away all that is left of our engine, and say what that was ("" for nothing).

    EngineFailed names what could not be removed.
    """
    roots = (layout.data, layout.run)
    # Without a record nothing says that a mount is ours; the user may have given us a disk.
    spare = record.others_mounts if record else mountinfo.below(roots)
    ids = cgroups.containers(layout)
    found = {
        "processes": processes.end(layout),
        "mounts": mounts.unmount(roots, spare),
        "interfaces": network.remove(layout, record.bridge if record else None),
    }
    cgroups.remove(ids)
    _check(layout, spare)
    _remove_run_folder(layout)
    return ", ".join(f"{what}: {number}" for what, number in found.items() if number)


def _check(layout: Layout, spare: list[str]) -> None:
    left = [f"process {pid}" for pid in sorted(processes.ours(layout))]
    left += [
        f"mount {point}"
        for point in mountinfo.below((layout.data, layout.run))
        if point not in spare
    ]
    left += [f"interface {name}" for name in network.remaining(layout)]
    if left:
        raise EngineFailed(f"the private engine left what cannot be removed: {', '.join(left)}")


def _remove_run_folder(layout: Layout) -> None:
    if mountinfo.below((layout.run,)):
        return  # deleting would reach into what is mounted there
    _remove_shim_sockets(layout)
    shutil.rmtree(layout.run, ignore_errors=True)


def _remove_shim_sockets(layout: Layout) -> None:
    """A shim listens below /run/containerd; the killed one's address is in our exec root."""
    pattern = os.path.join(
        glob.escape(layout.exec), "containerd", "daemon", "*", "*", "*", "address"
    )
    for path in glob.glob(pattern):
        with suppress(OSError), open(path, encoding="utf-8") as file:
            socket = file.read().strip().removeprefix("unix://")
            if socket.startswith("/run/containerd/s/"):
                os.unlink(socket)
