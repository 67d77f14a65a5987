"""``docker network`` for real, by every CLI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockcli import Container, Docker, Network, errors

Unique = Callable[[str], str]


@pytest.fixture
def network(cli: Docker, unique: Unique) -> Iterator[Network]:
    one = cli.network.create(unique("net"), label={"k": "v"}, internal=True)
    yield one
    cli.raw("network", "rm", unique("net"), check=False)


@pytest.fixture
def box(cli: Docker, cli_base: str, unique: Unique) -> Iterator[Container]:
    """A container that runs, in no network."""
    one = cli.run(cli_base, "sleep", "60", name=unique("box"), detach=True, network="none")
    yield one
    cli.container.rm(one, force=True, volumes=True)


def test_create_inspect_ls_and_rm(cli: Docker, network: Network, unique: Unique) -> None:
    one = cli.network.inspect(network)
    assert (one.name, one.driver, one.internal) == (unique("net"), "bridge", True)
    assert one.labels["k"] == "v"
    assert one.created is not None
    assert len(one.subnets) == 1
    assert one.containers == ()
    assert network.id in (one.id, one.name)  # podman tells the name
    longer = cli.network.create(unique("net-longer"), internal=True)
    try:
        assert cli.network.ls(filter={"name": unique("net")}) == [one]
        assert cli.network.ls(filter={"name": "no-such-network"}) == []
        assert one in cli.network.ls(no_trunc=False)
        both = cli.network.inspect(one, unique("net-longer"))
        assert [found.name for found in both] == [unique("net"), unique("net-longer")]
    finally:
        assert cli.network.rm(longer) == [longer.id]
    assert cli.network.rm(one) in ([one.id], [one.name])


def test_names_that_are_taken_or_missing(cli: Docker, network: Network, unique: Unique) -> None:
    with pytest.raises(errors.NameConflict):
        cli.network.create(unique("net"))
    with pytest.raises(errors.NoSuchNetwork) as caught:
        cli.network.inspect(network, "no-such-network")
    found: Any = caught.value.found
    assert [one.name for one in found] == [unique("net")]
    (one,) = cli.network.inspect("no-such-network", network, missing_ok=True)
    assert one.name == unique("net")
    with pytest.raises(errors.NoSuchNetwork):
        cli.network.rm("no-such-network")


def test_connect_and_disconnect(docker: Docker, base: str, unique: Unique) -> None:
    """podman 4.3 connects no container whose network is none."""
    network = docker.network.create(unique("net"), internal=True, subnet="10.93.8.0/29")
    first = docker.network.create(unique("first"), internal=True)
    box = docker.run(base, "sleep", "60", detach=True, network=unique("first"))
    try:
        assert docker.network.connect(network, box, alias="db") is None
        (there,) = docker.network.inspect(network).containers
        assert (there.id, there.ipv4) == (box.id, "10.93.8.2/29")
        assert there.mac.count(":") == 5
        assert set(box.inspect().networks) == {unique("net"), unique("first")}
        with pytest.raises(errors.NameConflict):
            docker.network.connect(network, box)
        with pytest.raises(errors.InUse):
            docker.network.rm(network)
        with pytest.raises(errors.NoSuchNetwork):
            docker.network.connect("no-such-network", box)
        with pytest.raises(errors.NoSuchContainer):
            docker.network.connect(network, "no-such-container")
        assert docker.network.disconnect(network, box, force=True) is None
        assert docker.network.inspect(network).containers == ()
    finally:
        docker.container.rm(box, force=True)
        docker.network.rm(network, first)


def test_prune(cli: Docker, unique: Unique) -> None:
    cli.network.create(unique("net"), label=unique("k"), internal=True)
    pruned = cli.network.prune(filter={"label": unique("k")})
    assert (pruned.deleted, pruned.reclaimed) == ((unique("net"),), None)
    assert cli.network.prune(filter={"label": unique("k")}).deleted == ()


def test_what_a_client_makes_has_its_labels(cli: Docker, unique: Unique) -> None:
    owned = cli.but(labels={"owner": "me"})
    network = owned.network.create(unique("net"), internal=True)
    try:
        assert cli.network.inspect(network).labels["owner"] == "me"
    finally:
        cli.network.rm(network)
