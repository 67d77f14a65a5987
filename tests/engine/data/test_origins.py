"""Where anonymous volumes came from, as the engine knows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from dockcli import Docker
from dockcli.data.origins import origins
from dockcli.errors import NoSuchVolume

Unique = Callable[[str], str]


@contextmanager
def with_volumes(client: Docker, base: str, unique: Unique) -> Iterator[tuple[str, dict[str, str]]]:
    """A container with two anonymous volumes, by where they are: one of its image's, one of its
    own; at the end all is removed."""
    image, plain, name = unique("image"), unique("plain"), unique("c")
    client.container.create(base, name=plain, network="none")
    client.container.commit(plain, image, change="VOLUME /own")
    client.container.rm(plain)
    try:
        client.container.create(image, name=name, network="none", volume="/mine")
        mounts = client.container.inspect(name).mounts
        volumes = {mount.destination: mount.name for mount in mounts}
        try:
            yield name, volumes
        finally:
            for one in client.container.inspect(name, missing_ok=True):
                client.container.rm(one.id, force=True)
            client.volume.rm(*volumes.values())
    finally:
        client.image.rm(image)


def test_a_container_that_has_it_says_how_it_came(
    cli: Docker, cli_base: str, unique: Unique
) -> None:
    asked: list[str] = []

    def listing(volume: str) -> list[str]:
        asked.append(volume)
        return ["a", "b"]

    with with_volumes(cli, cli_base, unique) as (name, volumes):
        found = {one.volume: one for one in origins(cli, listing=listing)}
        own, mine = found[volumes["/own"]], found[volumes["/mine"]]
        (alone,) = origins(cli, volumes["/own"])
    assert [(one.name, one.path) for one in own.containers] == [(name, "/own")]
    assert [(one.name, one.path) for one in mine.containers] == [(name, "/mine")]
    assert (own.way, mine.way) == ("image", "command")
    assert (own.evidence, own.gone, own.size) == ("container", (), 0)
    assert unique("image") in own.image
    assert own.created is not None
    assert own.entries == ("a", "b")
    assert set(volumes.values()) <= set(asked)
    assert (alone.volume, alone.entries) == (own.volume, None)
    json.dumps(own.as_json())


def test_events_tell_of_a_container_that_is_gone(
    docker: Docker, base: str, docker_cli: str, unique: Unique
) -> None:
    client = Docker(docker_cli)
    with with_volumes(client, base, unique) as (name, volumes):
        client.container.start(name)
        client.container.rm(name, force=True)
        client.volume.origins(*volumes.values())  # which looks into each by a helper
        found = {one.volume: one for one in origins(client, *volumes.values())}
    own, mine = found[volumes["/own"]], found[volumes["/mine"]]
    assert [(one.name, one.path) for one in own.gone] == [(name, "/own")]
    assert [(one.name, one.path) for one in mine.gone] == [(name, "/mine")]
    assert (own.evidence, own.way, own.containers) == ("events", "image", ())
    assert (mine.evidence, mine.way, mine.image) == ("events", "command", unique("image"))
    assert "reach back only so far" in own.note


def test_what_nobody_knows_is_said_to_be_unknown(cli: Docker, unique: Unique) -> None:
    plain, told = cli.volume.create(), cli.volume.create(label={"for": "tests"})
    try:
        unknown, labelled = origins(cli, plain, told)
        with pytest.raises(NoSuchVolume):
            origins(cli, unique("gone"))
    finally:
        cli.volume.rm(plain, told)
    assert (unknown.evidence, unknown.containers, unknown.gone) == ("unknown", (), ())
    assert (labelled.evidence, labelled.note) == ("label", "its labels: for=tests")
