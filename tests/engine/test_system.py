"""``docker system``, ``docker builder prune`` and ``docker inspect`` for real, by every CLI."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, errors
from dockcli.models.container import ContainerInspect
from dockcli.models.image import ImageInspect
from dockcli.models.network import NetworkInspect
from dockcli.models.volume import VolumeInspect

Unique = Callable[[str], str]


def is_podman(cli: Docker) -> bool:
    return Path(cli.binary).name == "podman"


def test_df(cli: Docker, cli_base: str) -> None:
    size = cli.image.inspect(cli_base).size
    use = {one.type: one for one in cli.system.df()}
    assert use["Images"].total >= 1
    assert use["Images"].size >= 0.99 * size  # rounded by docker
    assert use["Images"].reclaimable <= use["Images"].size
    if is_podman(cli):
        return
    made = cli.container.create(cli_base, "true")
    try:
        detail = cli.system.df(verbose=True)
    finally:
        made.rm()
    (image,) = [one for one in detail.images if f"{one.repository}:{one.tag}" == cli_base]
    assert abs(image.size - size) < 0.01 * size
    assert made.id in [one.id for one in detail.containers]


def test_events(docker_cli: str, docker: Docker, base: str, unique: Unique) -> None:
    cli = Docker(docker_cli)
    begun = datetime.now(timezone.utc) - timedelta(seconds=1)
    made = cli.container.create(base, "true", label=unique("k"))
    made.rm()
    asked = {"label": unique("k")}
    events = cli.events(
        since=begun, filter=asked, until=datetime.now(timezone.utc) + timedelta(seconds=0.2)
    )
    assert [event.action for event in events] == ["create", "destroy"]
    assert {event.id for event in events} == {made.id}
    assert {event.type for event in events} == {"container"}
    assert {event.attributes["image"] for event in events} == {base}
    first, last = events
    assert first.time_nano < last.time_nano
    assert first.time is not None
    assert begun < first.time < begun + timedelta(minutes=1)
    came = []
    with pytest.raises(errors.DeadlineExceeded) as caught:
        came.extend(cli.system.events(since=begun, filter=asked, deadline=1))
    assert caught.value.stdout.count(b"\n") == 2
    with cli.system.events(since=begun, filter=asked, deadline=20) as without_end:
        assert [next(without_end), next(without_end)] == events


def test_prune(cli: Docker, cli_base: str, unique: Unique) -> None:
    """docker prunes the build cache whatever label is asked for; nobody's tests rest on theirs."""
    label = unique("k")
    box = cli.container.create(cli_base, "true", label=label)
    cli.network.create(unique("net"), label=label, internal=True)
    cli.volume.create(unique("data"), label=label)
    pruned = cli.system.prune(filter={"label": label}, volumes=True)
    assert (pruned.containers, pruned.volumes) == ((box.id,), (unique("data"),))
    assert pruned.networks == (unique("net"),)
    assert pruned.reclaimed is not None


def test_the_build_cache(docker_cli: str, docker: Docker) -> None:
    cli = Docker(docker_cli)
    pruned = cli.builder.prune(filter={"until": "87600h"})
    assert (pruned.deleted, pruned.reclaimed) == ((), 0)


def test_inspect_of_any_kind(cli: Docker, cli_base: str, unique: Unique) -> None:
    box = cli.container.create(cli_base, "true", name=unique("box"))
    network = cli.network.create(unique("net"), internal=True)
    volume = cli.volume.create(unique("data"))
    try:
        names: list[Any] = [box, cli_base, volume]
        kinds: list[type] = [ContainerInspect, ImageInspect, VolumeInspect]
        if not is_podman(cli):  # which looks for no networks here
            names.append(network)
            kinds.append(NetworkInspect)
        assert [type(one) for one in cli.inspect(*names)] == kinds
        assert cli.inspect(box) == box.inspect()
        with pytest.raises(errors.NoSuchObject) as caught:
            cli.inspect(unique("none"), unique("box"))
        assert caught.value.found == (box.inspect(),)
        assert cli.inspect(unique("none"), missing_ok=True) == []
    finally:
        box.rm()
        cli.network.rm(network)
        volume.rm()


def test_dial_stdio(docker_cli: str, docker: Docker) -> None:
    request = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
    answer = Docker(docker_cli).system.dial_stdio(stdin=request, deadline=10)
    assert answer.stdout.startswith(b"HTTP/1.1 200 OK")


def test_completion(cli: Docker) -> None:
    assert "docker" in cli.completion.bash().text or is_podman(cli)
    for shell in (cli.completion.fish, cli.completion.powershell, cli.completion.zsh):
        assert len(shell().stdout) > 1000


def test_checkpoints_need_an_experimental_engine(
    docker_cli: str, docker: Docker, base: str
) -> None:
    cli = Docker(docker_cli)
    if docker.info().raw.get("ExperimentalBuild"):
        pytest.skip("this engine is experimental")
    box = cli.container.create(base, "true")
    try:
        with pytest.raises(errors.NotExperimental, match="experimental"):
            cli.checkpoint.ls(box)
        with pytest.raises(errors.NotExperimental):
            cli.checkpoint.create(box, "before")
        with pytest.raises(errors.NotExperimental):
            cli.checkpoint.rm(box, "before")
    finally:
        box.rm()
