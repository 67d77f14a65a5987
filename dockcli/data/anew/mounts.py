"""A container's mounts, as options of ``docker create``.

What was given is given again, word for word. A volume without a name, one of the image's or one
that came with ``--volumes-from`` is mounted by its name, so that the data is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockcli.mounts import Bind, ImageMount, Tmpfs, VolumeMount

Told = Mapping[str, Any]


def options(told: Told) -> dict[str, Any]:
    """The keywords ``volume=`` and ``mount=`` that say the mounts of an inspect."""
    host, config = told.get("HostConfig") or {}, told.get("Config") or {}
    effective = {one["Destination"]: one for one in told.get("Mounts") or ()}
    binds = list(host.get("Binds") or ())
    mounts = [_given(one, effective.get(one["Target"], {})) for one in host.get("Mounts") or ()]
    said = {*map(destination, binds), *(one["Target"] for one in host.get("Mounts") or ())}
    said |= set(host.get("Tmpfs") or ())
    resolved = [_resolved(one) for path, one in effective.items() if path not in said]
    # `-v /path` stays in the container's Config, and makes no volume where one is mounted
    declared = [path for path in config.get("Volumes") or () if path in effective]
    return {"volume": [*declared, *binds, *resolved], "mount": mounts}


def destination(bind: str) -> str:
    """Where ``SOURCE:TARGET:MODE`` is seen."""
    return [*bind.split(":"), ""][1]


def added(volume: str, path: str, *, nocopy: bool) -> VolumeMount:
    """A mount more."""
    return VolumeMount(volume, path, nocopy=nocopy)


def _resolved(mount: Told) -> str:
    """A mount that is there for another reason than a flag of its own."""
    source = mount["Name"] if mount["Type"] == "volume" else mount["Source"]
    mode = [] if mount.get("RW") else ["ro"]
    if mount["Type"] == "bind" and mount.get("Propagation"):
        mode.append(mount["Propagation"])
    return ":".join(filter(None, (source, mount["Destination"], ",".join(mode))))


def _given(mount: Told, effective: Told) -> Bind | VolumeMount | Tmpfs | ImageMount | str:
    """A ``--mount`` as it was given; one that docker knows and this does not is refused there."""
    kind, target = mount["Type"], mount["Target"]
    read_only = bool(mount.get("ReadOnly"))
    if kind == "bind":
        return _bind(mount, mount.get("BindOptions") or {}, read_only)
    if kind == "volume":
        about = mount.get("VolumeOptions") or {}
        driver = about.get("DriverConfig") or {}
        return VolumeMount(
            mount.get("Source") or effective["Name"],
            target,
            read_only=read_only,
            nocopy=bool(about.get("NoCopy")),
            subpath=about.get("Subpath") or None,
            driver=driver.get("Name") or None,
            options=driver.get("Options") or {},
            labels=about.get("Labels") or {},
        )
    if kind == "tmpfs":
        about = mount.get("TmpfsOptions") or {}
        return Tmpfs(target, size=about.get("SizeBytes") or None, mode=about.get("Mode") or None)
    if kind == "image":
        return ImageMount(mount["Source"], target, (mount.get("ImageOptions") or {}).get("Subpath"))
    return f"type={kind},source={mount.get('Source', '')},target={target}"


def _bind(mount: Told, about: Told, read_only: bool) -> Bind:
    recursive: Any = None
    if about.get("NonRecursive"):
        recursive = "disabled"
    elif about.get("ReadOnlyForceRecursive"):
        recursive = "readonly"
    elif about.get("ReadOnlyNonRecursive"):
        recursive = "writable"
    return Bind(
        mount["Source"],
        mount["Target"],
        read_only,
        about.get("Propagation") or None,
        recursive,
    )
