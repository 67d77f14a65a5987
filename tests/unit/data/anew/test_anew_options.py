"""Options of ``docker create`` made of inspects that no engine here gives, and their comparison."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from dockcli.data.anew import CannotBeMadeAnew, differences, plan
from dockcli.data.anew.networks import networks
from dockcli.data.rescue import CannotBeRescued, Rescued, RescueFailed
from dockcli.data.rescue.checks import checked_path
from dockcli.data.rescue.fill import Names, joined_layers
from dockcli.models.container import ContainerInspect
from dockcli.secret import Secret


def told(*, config: Any = None, host: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "Id": "a" * 64,
        "Name": "/web",
        "Image": "sha256:1",
        "Config": {"Image": "busybox", "Hostname": "a" * 12, "Cmd": ["sh"], **(config or {})},
        "HostConfig": {"NetworkMode": "default", **(host or {})},
        "Mounts": [],
        "NetworkSettings": {"Networks": {"bridge": {}}},
        **more,
    }


def options(**parts: Any) -> dict[str, Any]:
    return dict(plan(told(**parts), {"Config": {}}).options)


def bound(ip: str, port: str) -> dict[str, Any]:
    return {"PortBindings": {"80/tcp": [{"HostIp": ip, "HostPort": port}]}}


@pytest.mark.parametrize(
    ("host", "keyword", "value"),
    [
        ({"Annotations": {"a": "b"}}, "annotation", ["a=b"]),
        ({"NanoCpus": 1_050_000_000}, "cpus", "1.050000000"),
        ({"Init": False}, "init", False),
        ({"MemorySwappiness": 0}, "memory_swappiness", 0),
        ({"StorageOpt": {"size": "10G"}}, "storage_opt", ["size=10G"]),
        ({"BlkioWeightDevice": [{"Path": "/a", "Weight": 7}]}, "blkio_weight_device", ["/a:7"]),
        (bound("::1", "8"), "publish", ["[::1]:8:80/tcp"]),
        (bound("1.2.3.4", ""), "publish", ["1.2.3.4::80/tcp"]),
        (bound("", "8000-8010"), "publish", ["8000-8010:80/tcp"]),
        (
            {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["vendor.com/gpu=0"]}]},
            "device",
            ["vendor.com/gpu=0"],
        ),
        (
            {"DeviceRequests": [{"Count": 2, "Capabilities": [["gpu", "utility"]]}]},
            "gpus",
            ["count=2,capabilities=utility"],
        ),
        ({"MaskedPaths": [], "ReadonlyPaths": []}, "security_opt", ["systempaths=unconfined"]),
    ],
)
def test_a_key_of_the_engine_becomes_an_option(host: Any, keyword: str, value: Any) -> None:
    assert options(host=host)[keyword] == value


@pytest.mark.parametrize("key", ["MemorySwappiness", "PidsLimit", "OomKillDisable", "Init"])
def test_what_is_not_set_is_not_said(key: str) -> None:
    unset = {"memory_swappiness", "pids_limit", "oom_kill_disable", "init"}
    assert not unset & set(options(host={key: None}))


def test_variables_that_may_be_secret_are_not_in_the_words() -> None:
    env = ["PASSWORD=quite long", "A=1", "PATH=/bin:/usr/bin", "odd name=long value"]
    assert options(config={"Env": env})["env"] == [Secret("PASSWORD=quite long"), *env[1:]]


@pytest.mark.parametrize(
    ("own", "image", "entrypoint", "command"),
    [
        ({"Cmd": ["a"]}, {"Cmd": ["a"]}, None, []),
        ({"Cmd": ["b"]}, {"Cmd": ["a"]}, None, ["b"]),
        ({"Entrypoint": ["x"], "Cmd": ["b"]}, {"Entrypoint": ["x"], "Cmd": ["a"]}, None, ["b"]),
        ({"Entrypoint": ["y"], "Cmd": ["a"]}, {"Entrypoint": ["x"], "Cmd": ["a"]}, "y", ["a"]),
        ({"Entrypoint": ["x"], "Cmd": None}, {"Entrypoint": ["x"], "Cmd": ["a"]}, "x", []),
        ({"Entrypoint": None, "Cmd": ["a"]}, {"Entrypoint": ["x"], "Cmd": None}, "", ["a"]),
        ({"Entrypoint": ["x", "y"], "Cmd": ["a"]}, {"Entrypoint": ["x", "y"]}, None, ["a"]),
    ],
)
def test_the_program_is_said_where_the_image_says_another(
    own: Any, image: Any, entrypoint: str | None, command: list[str]
) -> None:
    made = plan(told(config=own), {"Config": image})
    assert (made.options.get("entrypoint"), list(made.command)) == (entrypoint, command)
    assert made.baked == ()


def test_what_only_an_image_can_give_is_known_by_name() -> None:
    check = {"Test": ["CMD", "curl", "x"], "Interval": 5}
    own = {"Entrypoint": ["a", "b"], "Healthcheck": check}
    assert plan(told(config=own), {"Config": {}}).baked == ("Entrypoint", "Healthcheck")
    again = plan(told(config={"Healthcheck": check}), {"Config": {"Healthcheck": check}})
    assert again.baked == ()
    assert "health_interval" not in again.options


def test_a_network_with_options_for_its_driver_takes_the_long_form() -> None:
    address = {"IPv4Address": "10.0.0.2", "IPv6Address": "fd::2", "LinkLocalIPs": ["fe80::9"]}
    endpoint = {
        "NetworkID": "id1",
        "Aliases": ["db", "a" * 12],
        "DriverOpts": {"k": "v,w"},
        "IPAMConfig": address,
    }
    settings = {"Networks": {"net": endpoint}}
    made = networks(told(host={"NetworkMode": "id1"}, NetworkSettings=settings))
    ip = "link-local-ip=fe80::9,ip=10.0.0.2,ip6=fd::2"
    assert made.options == {"network": f'name=id1,alias=db,"driver-opt=k=v,w",{ip}'}


def test_a_network_that_was_left_is_left_again() -> None:
    settings = {"Networks": {"n": {"GwPriority": 2}}}
    made = networks(told(host={"NetworkMode": "first"}, NetworkSettings=settings))
    assert (made.options, made.leave) == ({"network": "first"}, "first")
    assert [(one.network, one.options) for one in made.more] == [("n", {"gw_priority": 2})]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"host": {"Links": ["/a:/b"]}}, "--link"),
        ({"Pod": "p"}, "pod p"),
        ({"IsInfra": True}, "pod"),
    ],
)
def test_links_and_pods_are_refused_by_name(parts: Any, reason: str) -> None:
    with pytest.raises(CannotBeMadeAnew, match=reason):
        plan(told(**parts), {"Config": {}})


def test_a_key_that_docker_adds_tomorrow_is_compared() -> None:
    before = told(host={"Tomorrow": {"a": 1}}, config={"Later": "x"})
    assert differences(before, told()) == [
        "Config.Later: 'x' became nothing",
        "HostConfig.Tomorrow: {'a': 1} became nothing",
    ]


def test_what_two_clients_write_for_the_same_is_the_same() -> None:
    before = told(
        host={
            "NetworkMode": "bridge",
            "PidsLimit": None,
            "OomKillDisable": None,
            "Dns": None,
            "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
        },
        config={"Labels": None, "Entrypoint": []},
    )
    after = told(
        host={
            "PidsLimit": 0,
            "OomKillDisable": False,
            "Dns": [],
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        },
        config={"Labels": {}, "Entrypoint": None},
    )
    assert differences(before, after) == []


def test_a_mount_that_went_or_changed_is_a_difference() -> None:
    mount = {"Type": "volume", "Name": "v", "Destination": "/v", "RW": True}
    assert differences(told(Mounts=[mount]), told()) != []
    assert differences(told(Mounts=[mount]), told(Mounts=[{**mount, "RW": False}])) != []
    assert differences(told(), told(Mounts=[mount]), added="/v") == []
    assert differences(told(), told(Mounts=[mount])) != []


def test_paths_are_taken_without_a_slash_at_their_end() -> None:
    assert checked_path("web", "/srv/data/") == "/srv/data"


def test_names_for_a_time_fit_any_container() -> None:
    assert Names("0a", "My.Web_1").image == "dockcli-rescue/my-web-1:0a"
    assert Names("0a", "a__b--").image == "dockcli-rescue/a-b:0a"


@pytest.mark.parametrize(
    ("driver", "lower", "fits"),
    [("overlay2", "/l1:/l2", True), ("btrfs", "/l1", False), ("overlay2", "/l" * 2500, False)],
)
def test_layers_are_joined_where_a_mount_can_be_told_of_them(
    driver: str, lower: str, fits: bool
) -> None:
    graph = {"Name": driver, "Data": {"UpperDir": "/u", "LowerDir": lower}}
    made = joined_layers(ContainerInspect.parse(told(GraphDriver=graph)))
    assert (made is not None) == fits
    if made:
        assert made == {"type": "overlay", "device": "overlay", "o": "lowerdir=/u:/l1:/l2"}


@pytest.mark.parametrize(
    "error",
    [
        CannotBeMadeAnew("web", ("a", "b")),
        CannotBeRescued("web", "/srv", "why"),
        RescueFailed("web", "/srv", "why"),
    ],
)
def test_errors_can_be_copied_and_pickled(error: Exception) -> None:
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (str(other), vars(other)) == (str(error), vars(error))
    assert "web" in str(error)


def test_the_result_as_json_and_for_people() -> None:
    done = Rescued("web", "id", "/srv", "data", running=True, notes=("mind this",))
    assert done.as_json()["volume"] == "data"
    assert str(done) == "/srv of web is in the volume data; it runs\nmind this"
