"""Whether two inspects tell of the same container: all but what is another with each container."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dockcli.data.anew import mounts as mounting
from dockcli.data.anew.networks import aliases, has_own_hostname

Told = Mapping[str, Any]

_CONFIG_LEFT_OUT = {
    # only of the client that made it, and gone with it
    *("AttachStdin", "AttachStdout", "AttachStderr", "CreateCommand"),
}
_HOST_LEFT_OUT = {
    *("ContainerIDFile", "ConsoleSize"),  # of the client that made it
    *("Binds", "Mounts", "VolumesFrom"),  # compared by what is mounted, and how that was said
}
_SAME = {  # what two clients of docker write for the same wish
    ("OomKillDisable", None): False,
    ("PidsLimit", None): 0,
    ("PidsLimit", -1): 0,
    ("MemorySwappiness", -1): None,
    ("NetworkMode", "bridge"): "default",
}
_SETS = ("ExposedPorts", "Volumes")
_TOP = ("Platform", "Driver", "AppArmorProfile", "Pod")
_ENGINES_MARKS = (  # what podman writes for itself once a container has started
    *("io.kubernetes.cri-o.", "io.container.manager", "org.opencontainers.image.", "org.systemd."),
)
_SHOWN = 120


def differences(
    before: Told,
    after: Told,
    *,
    added: str | None = None,
    other_image: bool = False,
    without: Collection[str] = (),
) -> list[str]:
    """What of a container is not as it was, a line for each; none where they are alike.

    *before* and *after* are the answers of ``container inspect``. Ids, times, the state, addresses
    and ports that the engine chose are another with every container, and the name is the caller's
    to compare. *added* is where a mount more is expected. With *other_image* the image is another
    one, meant to be. *without* are keys of ``Config`` that are not looked at.
    """
    old, new = (normal(one, other_image=other_image, without=without) for one in (before, after))
    old.pop(f"mount {added}", None)
    new.pop(f"mount {added}", None)
    for flag in ("-v", "mount"):
        new.pop(f"said {flag} {added}", None)
    _forget_what_was_resolved(old, new)
    return [
        f"{key}: {_shown(old.get(key))} became {_shown(new.get(key))}"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]


def normal(
    told: Told, *, other_image: bool = False, without: Collection[str] = ()
) -> dict[str, Any]:
    """The parts of an inspect that make a container what it is, by name."""
    left_out = {*_CONFIG_LEFT_OUT, *without, *(("Image",) if other_image else ())}
    parts: dict[str, Any] = {key: told.get(key) for key in _TOP}
    if not other_image:
        parts["Image"] = told.get("Image")
    config, host = told.get("Config") or {}, told.get("HostConfig") or {}
    if not has_own_hostname(host):
        left_out |= {"Hostname", "Domainname"}
    for key, value in config.items():
        if key not in left_out:
            parts[f"Config.{key}"] = _in_order(key, value)
    if "Env" in config:  # podman tells a program the host name that was asked for, docker any
        told_name = f"HOSTNAME={config.get('Hostname')}"
        parts["Config.Env"] = sorted(one for one in config["Env"] or () if one != told_name)
    for key, value in host.items():
        if key not in _HOST_LEFT_OUT:
            parts[f"HostConfig.{key}"] = _SAME.get((key, value), value) if _plain(value) else value
    if isinstance(marks := config.get("Annotations"), Mapping):
        parts["Config.Annotations"] = {
            key: value for key, value in marks.items() if not key.startswith(_ENGINES_MARKS)
        }
    if "LogConfig" in host:  # podman tells its file, which has the id in its path
        parts["HostConfig.LogConfig"] = {
            key: value for key, value in host["LogConfig"].items() if key not in ("Path", "Size")
        }
    if isinstance(policy := host.get("RestartPolicy"), Mapping):
        parts["HostConfig.RestartPolicy"] = {**policy, "Name": policy.get("Name") or "no"}
    parts |= _mounts(told, host) | _networks(told, host)
    cleaned = {key: _clean(value) for key, value in parts.items()}
    return {key: value for key, value in cleaned.items() if value is not None}


def _mounts(told: Told, host: Told) -> dict[str, Any]:
    """What is mounted where, and the words that asked for it."""
    parts: dict[str, Any] = {}
    for one in told.get("Mounts") or ():
        what = one.get("Name") if one.get("Type") == "volume" else one.get("Source")
        parts[f"mount {one['Destination']}"] = [
            *(one.get("Type"), what, one.get("RW"), one.get("Propagation")),
        ]
    for bind in host.get("Binds") or ():
        parts[f"said -v {mounting.destination(bind)}"] = bind
    for one in host.get("Mounts") or ():
        about = {key: value for key, value in one.items() if key != "Source"}
        binding = dict(one.get("BindOptions") or {})
        binding.pop("CreateMountpoint", None)  # its source is there by now
        parts[f"said mount {one['Target']}"] = {**about, "BindOptions": binding}
    return parts


def _forget_what_was_resolved(old: dict[str, Any], new: dict[str, Any]) -> None:
    """A volume that had no name in the words is mounted by name now: `mount` has told the same."""
    for key in [key for key in new if key.startswith("said -v ") and key not in old]:
        if f"mount {key.removeprefix('said -v ')}" in old:
            del new[key]


def _networks(told: Told, host: Told) -> dict[str, Any]:
    if str(host.get("NetworkMode", "")).startswith("container:"):
        return {}
    networks = (told.get("NetworkSettings") or {}).get("Networks") or {}
    return {
        f"network {name}": {
            "in": True,
            "IPAMConfig": one.get("IPAMConfig"),
            "Links": one.get("Links"),
            "Aliases": sorted(aliases(one, told)),
            "DriverOpts": one.get("DriverOpts"),
            "GwPriority": one.get("GwPriority") or None,
        }
        for name, one in networks.items()
    }


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int))


def _in_order(key: str, value: Any) -> Any:
    return sorted(value) if key in _SETS and isinstance(value, (list, Mapping)) else value


def _clean(value: Any) -> Any:
    """*value* without what is empty: docker and other clients write that in several ways."""
    if isinstance(value, Mapping):
        kept = {str(key): _clean(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one is not None} or None
    if isinstance(value, list):
        return [_clean(one) for one in value] or None
    return None if value == "" else value


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
