"""The engine's part of a container (``HostConfig``), as options of ``docker create``.

A table: the key of the inspect, the keyword, and what makes the one of the other. What an engine
has set of itself is not told again where that is refused or read otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Told = Mapping[str, Any]


class Row(NamedTuple):
    """A *key* of ``HostConfig`` that is the option *keyword*; *read* gives its value, or None."""

    key: str
    keyword: str
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _pairs(value: Mapping[str, str]) -> list[str]:
    return [f"{name}={text}" for name, text in value.items()]


def _cpus(nano: int) -> str:
    whole, rest = divmod(nano, 10**9)
    return f"{whole}.{rest:09}"


def _rates(unit: str) -> Callable[[Iterable[Told]], list[str]]:
    return lambda rates: [f"{one['Path']}:{one[unit]}" for one in rates]


def _devices(devices: Iterable[Told]) -> list[str]:
    return [
        ":".join((one["PathOnHost"], one["PathInContainer"], one["CgroupPermissions"] or "rwm"))
        for one in devices
    ]


def _ulimits(limits: Iterable[Told]) -> list[str]:
    return [
        f"{one['Name'].removeprefix('RLIMIT_').lower()}={one['Soft']}:{one['Hard']}"
        for one in limits
    ]


def _restart(policy: Told) -> str | None:
    name, count = policy.get("Name"), policy.get("MaximumRetryCount")
    return f"{name}:{count}" if name == "on-failure" and count else name or None


def _tmpfs(mounts: Mapping[str, str]) -> list[str]:
    return [f"{path}:{options}" if options else path for path, options in mounts.items()]


def _gpus(requests: Iterable[Told]) -> list[str]:
    return [_gpu(one) for one in requests if one.get("Driver") != "cdi"]


def _gpu(request: Told) -> str:
    """A request for devices; the CLI adds the capability ``gpu`` itself."""
    sets = request.get("Capabilities") or [[]]
    fields = {
        "count": "all" if request.get("Count") == -1 else request.get("Count") or "",
        "driver": request.get("Driver") or "",
        "device": ",".join(request.get("DeviceIDs") or ()),
        "capabilities": ",".join(one for one in sets[0] if one != "gpu"),
        "options": ",".join(_pairs(request.get("Options") or {})),
    }
    words = (f"{name}={value}" for name, value in fields.items() if value)
    return ",".join(f'"{word}"' if "," in word else word for word in words)


def _publish(bindings: Mapping[str, Iterable[Told] | None]) -> list[str]:
    published = []
    for port, hosts in bindings.items():
        for one in hosts or ():
            ip = one.get("HostIp") or ""
            ip = f"[{ip}]" if ":" in ip else ip
            host = one.get("HostPort") or ""
            published.append(f"{ip}:{host}:{port}" if ip else f"{host}:{port}" if host else port)
    return published


def _swappiness(value: int) -> int | None:
    return None if value == -1 else value


ROWS = (
    Row("LogConfig", "log_driver", lambda log: log.get("Type") or None),
    Row("LogConfig", "log_opt", lambda log: _pairs(log.get("Config") or {})),
    Row("PortBindings", "publish", _publish),
    Row("RestartPolicy", "restart", _restart),
    Row("AutoRemove", "rm", _same),
    Row("VolumeDriver", "volume_driver", _same),
    Row("CapAdd", "cap_add", _same),
    Row("CapDrop", "cap_drop", _same),
    Row("CgroupnsMode", "cgroupns", _same),
    Row("Dns", "dns", _same),
    Row("DnsOptions", "dns_option", _same),
    Row("DnsSearch", "dns_search", _same),
    Row("ExtraHosts", "add_host", _same),
    Row("GroupAdd", "group_add", _same),
    Row("IpcMode", "ipc", _same),
    Row("OomScoreAdj", "oom_score_adj", _same),
    Row("PidMode", "pid", _same),
    Row("Privileged", "privileged", _same),
    Row("PublishAllPorts", "publish_all", _same),
    Row("ReadonlyRootfs", "read_only", _same),
    Row("SecurityOpt", "security_opt", _same),
    Row("StorageOpt", "storage_opt", _pairs),
    Row("Tmpfs", "tmpfs", _tmpfs),
    Row("UTSMode", "uts", _same),
    Row("UsernsMode", "userns", _same),
    Row("ShmSize", "shm_size", _same),
    Row("Sysctls", "sysctl", _pairs),
    Row("Runtime", "runtime", _same),
    Row("Isolation", "isolation", _same),
    Row("CpuShares", "cpu_shares", _same),
    Row("Memory", "memory", _same),
    Row("NanoCpus", "cpus", _cpus),
    Row("CgroupParent", "cgroup_parent", _same),
    Row("BlkioWeight", "blkio_weight", _same),
    Row("BlkioWeightDevice", "blkio_weight_device", _rates("Weight")),
    Row("BlkioDeviceReadBps", "device_read_bps", _rates("Rate")),
    Row("BlkioDeviceWriteBps", "device_write_bps", _rates("Rate")),
    Row("BlkioDeviceReadIOps", "device_read_iops", _rates("Rate")),
    Row("BlkioDeviceWriteIOps", "device_write_iops", _rates("Rate")),
    Row("CpuPeriod", "cpu_period", _same),
    Row("CpuQuota", "cpu_quota", _same),
    Row("CpuRealtimePeriod", "cpu_rt_period", _same),
    Row("CpuRealtimeRuntime", "cpu_rt_runtime", _same),
    Row("CpusetCpus", "cpuset_cpus", _same),
    Row("CpusetMems", "cpuset_mems", _same),
    Row("Devices", "device", _devices),
    Row("DeviceCgroupRules", "device_cgroup_rule", _same),
    Row("DeviceRequests", "gpus", _gpus),
    Row("KernelMemory", "kernel_memory", _same),
    Row("MemoryReservation", "memory_reservation", _same),
    Row("MemorySwap", "memory_swap", _same),
    Row("MemorySwappiness", "memory_swappiness", _swappiness),
    Row("OomKillDisable", "oom_kill_disable", _same),
    Row("PidsLimit", "pids_limit", _same),
    Row("Ulimits", "ulimit", _ulimits),
    Row("Init", "init", _same),
    Row("Annotations", "annotation", _pairs),
)

_MEANS_NOTHING: tuple[object, ...] = (None, "", [], {}, False, 0)
_ZERO_COUNTS = {"MemorySwappiness"}  # 0 is another wish than none
_PODMANS_OWN = {"Runtime"}  # a word of podman's for its default, which no flag takes


def options(host: Told, *, podman: bool = False) -> dict[str, Any]:
    """The keywords of ``docker create`` that say *host*, but for mounts and networks."""
    made: dict[str, Any] = {}
    for key, keyword, read in ROWS:
        value = host.get(key)
        given = value is False if key == "Init" else key in _ZERO_COUNTS and value == 0
        if (value in _MEANS_NOTHING and not given) or (podman and key in _PODMANS_OWN):
            continue
        if (option := read(value)) not in (None, [], ""):
            made[keyword] = option
    if podman and "cpus" in made:  # which it tells as a period and a quota too, and takes one way
        made = {keyword: value for keyword, value in made.items() if not keyword.startswith("cpu_")}
        made["cpu_shares"] = host.get("CpuShares") or None
    if podman and host.get("Memory") and not host.get("MemorySwap"):
        made["memory_swap"] = -1  # it tells nothing of swap without a limit, docker tells -1
    cdi = [one for one in host.get("DeviceRequests") or () if one.get("Driver") == "cdi"]
    for request in cdi:  # named by --device, as if they were paths
        made["device"] = [*made.get("device", ()), *request.get("DeviceIDs", ())]
    if host.get("MaskedPaths") == [] and host.get("ReadonlyPaths") == []:
        made["security_opt"] = [*made.get("security_opt", ()), "systempaths=unconfined"]
    return made
