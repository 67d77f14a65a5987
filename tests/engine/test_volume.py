"""What docker does silently with volumes, for real, by every CLI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker, errors

Unique = Callable[[str], str]


@pytest.fixture
def name(cli: Docker, unique: Unique) -> Iterator[str]:
    yield unique("data")
    cli.raw("volume", "rm", unique("data"), check=False)


def test_an_old_volume_is_not_taken_for_the_one_asked_for(cli: Docker, name: str) -> None:
    options = {"type": "tmpfs", "device": "tmpfs", "o": "nodev"}
    label = {"k": "a,b", "empty": None}
    made = cli.volume.create(name, opt=options, label=label, driver="local")
    before = made.inspect()
    if Path(cli.binary).name == "podman":
        with pytest.raises(errors.NameConflict):
            cli.volume.create(name)
        return
    assert cli.volume.create(name) == made
    assert cli.volume.create(name, opt=options, label=label, driver="local") == made
    owned = cli.but(labels={"owner": "me"})
    assert owned.volume.create(name, label={"empty": ""}).name == name
    with pytest.raises(errors.VolumeDrift) as caught:
        cli.volume.create(name=name, opt={"type": "tmpfs", "device": "tmpfs"}, label={"k": "c"})
    assert set(caught.value.differences) == {("label k", "c", "a,b"), ("opt o", None, "nodev")}
    assert made.inspect() == before


def test_prune(cli: Docker, name: str, unique: Unique) -> None:
    cli.volume.create(name, label=unique("k"))
    one = {"label": unique("k")}
    assert [volume.name for volume in cli.volume.ls(filter={"name": name})] == [name]
    assert cli.volume.ls(filter={"name": name[:-1]}) == []
    pruned = cli.volume.prune(filter=one)
    assert pruned.deleted == (name,)
    assert pruned.reclaimed in (0, None)
    assert cli.volume.prune(filter=one).deleted == ()


def test_prune_keeps_what_was_made_with_options(docker: Docker, unique: Unique) -> None:
    options = {"type": "tmpfs", "device": "tmpfs"}
    volume = docker.volume.create(unique("data"), label=unique("k"), opt=options)
    assert docker.volume.prune(filter={"label": unique("k")}).deleted == ()
    assert volume.rm() == [volume.name]


def test_a_cluster_volume_needs_a_newer_engine(docker: Docker) -> None:
    engine = docker.version().server_api
    refusal = errors.TooOld if tuple(map(int, engine.split("."))) < (1, 42) else errors.DockerFailed
    with pytest.raises(refusal):
        docker.volume.update("data", availability="drain")
