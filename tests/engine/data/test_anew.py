"""Containers of many kinds, made anew on a real engine: the inspects of the two are alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from dockcli import Bind, Docker, Tmpfs, VolumeMount
from dockcli.data.anew import differences, make, plan

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "program": {
        "words": ("sleep", "60"),
        "env": ["A=1", "PASS=long and = odd", "PATH=/bin", "EMPTY=", "NL=a\nb"],
        "label": {"a": "b=c", "empty": "", "odd": 'x"y\nz'},
        "user": "1:2",
        "workdir": "/tmp",
        "stop_signal": "SIGINT",
        "stop_timeout": 3,
    },
    "names": {"hostname": "hh", "domainname": "dd.example"},
    "terminal": {"tty": True, "interactive": True},
    "input that stays": {"interactive": True, "attach": ["stdout", "stderr"]},
    "restart always": {"restart": "always"},
    "restart on failure": {"restart": "on-failure:3"},
    "limits": {
        "memory": "64m",
        "memory_swap": "-1",
        "memory_reservation": "32m",
        "memory_swappiness": 0,
        "cpus": "0.25",
        "cpu_shares": 512,
        "cpuset_cpus": "0",
        "pids_limit": 50,
        "ulimit": ["nofile=100:200", "core=0"],
        "oom_score_adj": 100,
        "shm_size": "1m",
        "cgroup_parent": "dockcli-tests",
    },
    "periods": {"cpu_period": 50000, "cpu_quota": 25000, "blkio_weight": 300},
    "capabilities": {"cap_add": ["NET_ADMIN", "sys_time"], "cap_drop": ["CHOWN"]},
    "no capabilities": {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]},
    "privileged": {"privileged": True},
    "open paths": {"security_opt": ["systempaths=unconfined", "seccomp=unconfined"]},
    "devices": {
        "device": ["/dev/null:/dev/nn:rw", "/dev/zero"],
        "device_cgroup_rule": ["c 1:3 mr"],
        "group_add": ["5", "audio"],
    },
    "graphics": {"gpus": "all"},
    "some graphics": {"gpus": '"device=0,1","capabilities=compute,utility",driver=nvidia'},
    "rates": {"device_read_bps": ["/dev/loop0:1mb"], "device_write_iops": ["/dev/loop0:10"]},
    "kernel": {"sysctl": {"net.ipv4.ip_forward": "1"}, "init": True, "read_only": True},
    "no init": {"init": False},
    "host": {"network": "host", "pid": "host", "ipc": "host", "uts": "host"},
    "alone": {"network": "none", "ipc": "none"},
    "names of others": {"dns": ["1.1.1.1"], "dns_option": ["ndots:2"], "dns_search": ["a.example"]},
    "hosts": {"add_host": ["x:1.2.3.4", "y:::1"]},
    "ports": {
        "publish": ["127.0.0.1::80", "8081:81/udp", "82", "[::1]:8083:83", "9000-9001:90-91"],
        "expose": ["99", "1000-1002/udp"],
    },
    "all ports": {"publish_all": True, "expose": ["80"]},
    "log": {"log_driver": "json-file", "log_opt": {"max-size": "1m", "max-file": "2"}},
    "no log": {"log_driver": "none"},
    "health": {
        "health_cmd": "test -e /x && true",
        "health_interval": "1m30s",
        "health_timeout": "1500ms",
        "health_retries": 4,
        "health_start_period": "2s",
    },
    "no health": {"no_healthcheck": True},
    "entrypoint": {"entrypoint": "/bin/echo", "words": ("a b", "")},
    "address": {"mac_address": "02:42:0a:4d:00:99"},
    "tmpfs": {
        "tmpfs": ["/a", "/b:size=64k,mode=1770"],
        "mount": [Tmpfs("/c", size="1m", mode=0o1700), Tmpfs("/d")],
    },
    "volumes": {
        "volume": ["/anon", "NAMED:/n:ro,nocopy", "OTHER:/o"],
        "mount": [
            VolumeMount("THIRD", "/t", read_only=True, labels={"a": "b,c"}),
            VolumeMount(None, "/nameless", labels={"x": "y"}),
            VolumeMount("FOURTH", "/f", nocopy=True, options={"type": "tmpfs", "device": "x"}),
        ],
    },
    "binds": {
        "volume": ["/usr:/t1:ro,rprivate", "/usr/bin:/t2:z", "/tmp:/t3"],
        "mount": [Bind("/usr", "/t4", read_only=True), Bind("/usr", "/t,5", propagation="private")],
    },
}


@pytest.fixture(autouse=True)
def helper_image() -> None:
    """No helper is needed here."""


def create(client: Docker, base: str, name: str, case: dict[str, Any], stack: ExitStack) -> Any:
    """A container of *case*; it and its volumes go with *stack*."""
    options = dict(case)
    words = options.pop("words", ("sleep", "60"))
    volumes: list[str] = []

    def own(word: str) -> str:
        volumes.append(f"{name}-{word.lower()}")
        return volumes[-1]

    options["volume"] = [
        own(one.split(":")[0]) + one[one.index(":") :] if one[0].isupper() else one
        for one in options.get("volume", ())
    ]
    options["mount"] = [
        VolumeMount(
            own(one.name),
            one.target,
            one.read_only,
            one.nocopy,
            None,
            None,
            one.options,
            one.labels,
        )
        if isinstance(one, VolumeMount) and one.name
        else one
        for one in options.get("mount", ())
    ]
    made = client.container.create(base, *words, name=name, **options)
    stack.callback(lambda: volumes and client.volume.rm(*volumes))
    stack.callback(lambda: made.rm(force=True, volumes=True))
    return made


def again(client: Docker, container: Any, name: str, stack: ExitStack) -> Any:
    told = client.container.inspect(container).raw
    image = client.image.inspect(told["Image"]).raw
    made = make(client, plan(told, image), name)
    stack.callback(lambda: made.rm(force=True))
    return made


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_container_made_anew_is_as_it_was(
    cli: Docker, cli_base: str, unique: Callable[[str], str], case: dict[str, Any]
) -> None:
    with ExitStack() as stack:
        try:
            old = create(cli, cli_base, unique("old"), case, stack)
        except Exception as error:
            if cli.binary == "podman" or "mac-address" in str(error):
                return  # this engine or command line has not what such a container needs
            raise
        if cli.binary == "podman" and case.get("publish_all"):
            return  # its inspect does not tell of it: a rescue refuses it by name
        new = again(cli, old, unique("new"), stack)
        assert differences(old.inspect().raw, new.inspect().raw) == []
