"""What a survey says, beside what the engine then does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.data.survey import ContainerData, DataPath, disk, survey
from dockcli.errors import NoSuchContainer

Unique = Callable[[str], str]
SLEEP = ("sleep", "100")
WRITE = (
    "trap exit TERM; mkdir -p /data/sub; echo 1 >/data/a; echo 22 >/data/sub/b; echo 333 >/top; "
    "rm /bin/vi; echo anonymous >/an/f; echo named >/nv/f; sleep 100 & wait"
)


@contextmanager
def removed(client: Docker, containers: list[str], volumes: list[str]) -> Iterator[None]:
    """At the end remove what there is of them, and the anonymous volumes of the containers."""
    try:
        yield
    finally:
        there = client.container.inspect(*containers, missing_ok=True) if containers else []
        anonymous = {
            mount.name
            for one in there
            for mount in one.mounts
            if mount.type == "volume" and len(mount.name) == 64
        }
        if there:
            client.container.rm(*(one.id for one in there), force=True, volumes=True)
        left = [one.name for one in client.volume.ls()]
        for name in {*volumes, *anonymous} & set(left):
            client.volume.rm(name)


def one_of(client: Docker, name: str) -> ContainerData:
    (one,) = survey(client, name).containers
    return one


def by_path(one: ContainerData) -> dict[tuple[str, str], DataPath]:
    return {(path.source, path.path): path for path in one.paths}


def wait_for_file(client: Docker, name: str, path: str) -> None:
    for _ in range(100):
        if client.container.exec(name, "test", "-e", path, check=False).returncode == 0:
            return
    raise AssertionError(f"{name} has not written {path}")


def start(client: Docker, image: str, name: str, volume: str, folder: Path) -> None:
    client.container.run(
        image,
        *("sh", "-c", WRITE),
        name=name,
        detach=True,
        network="none",
        volume=[f"{volume}:/nv", "/an", f"{folder}:/deep/er/b:ro"],
        tmpfs=["/t:size=1m"],
    )
    wait_for_file(client, name, "/nv/f")


def test_each_place_is_told_with_its_size_and_what_destroys_it(
    cli: Docker, cli_base: str, unique: Unique, tmp_path: Path
) -> None:
    name, volume = unique("c"), unique("v")
    (tmp_path / "f").write_bytes(b"12345")
    with removed(cli, [name], [volume]):
        start(cli, cli_base, name, volume, tmp_path)
        found = by_path(one := one_of(cli, name))
        assert (one.name, one.state) == (name, "running")
        assert one.layer_size is not None
        assert one.layer_size >= 2 + 3 + 4
    assert found.keys() == {
        ("image", "/"),
        ("layer", "/data"),
        ("layer", "/top"),
        ("anonymous", "/an"),
        ("volume", "/nv"),
        ("bind", "/deep/er/b"),
        ("tmpfs", "/t"),
    }
    assert (found["layer", "/data"].size, found["layer", "/data"].files) == (5, 2)
    assert found["layer", "/top"].size == 4
    assert found["layer", "/top"].lost_by == ("rm", "rm -v", "host loss")
    assert (found["anonymous", "/an"].size, found["anonymous", "/an"].rounded) == (10, False)
    assert (found["volume", "/nv"].name, found["volume", "/nv"].size) == (volume, 6)
    bind = found["bind", "/deep/er/b"]
    assert (bind.size, bind.files, bind.read_only) == (5, 1, True)
    assert found["tmpfs", "/t"].note == "at most 1m"
    assert [path.path for path in one.at_risk] == ["/data", "/top", "/an"]


def test_a_container_that_never_wrote_and_one_that_is_not_there(
    cli: Docker, cli_base: str, unique: Unique
) -> None:
    name, volume = unique("c"), unique("v")
    with removed(cli, [name], [volume]):
        cli.container.create(cli_base, name=name, network="none", volume=f"{volume}:/srv/data")
        cli.container.start(name)
        one = one_of(cli, name)
        with pytest.raises(NoSuchContainer, match=unique("gone")):
            survey(cli, name, unique("gone"))
    assert one.at_risk == ()
    assert [path.source for path in one.paths] == ["image", "volume"]
    assert one.paths[1].empty


@pytest.mark.parametrize("removing", ["own", "from", "by-name"])
def test_rm_v_takes_exactly_what_was_said(
    cli: Docker, cli_base: str, unique: Unique, removing: str
) -> None:
    names = {word: unique(word) for word in ("own", "from", "by-name")}
    named = unique("v")
    with removed(cli, list(names.values()), [named]):
        cli.container.create(
            cli_base,
            *SLEEP,
            name=names["own"],
            network="none",
            volume=["/alone", "/shared", f"{named}:/named"],
        )
        about = cli.container.inspect(names["own"])
        volumes = {mount.destination: mount.name for mount in about.mounts}
        if removing != "own":
            cli.container.create(
                cli_base,
                *SLEEP,
                name=names[removing],
                network="none",
                **(
                    {"volumes_from": names["own"]}
                    if removing == "from"
                    else {"volume": f"{volumes['/shared']}:/shared"}
                ),
            )
            if removing == "from":
                assert not one_of(cli, names["own"]).at_risk
            cli.container.rm(names["own"])  # its volumes stay, and are the other's alone
        one = one_of(cli, names[removing])
        anonymous = [path for path in one.paths if path.source in ("anonymous", "volume")]
        assert anonymous
        said = {path.name for path in anonymous if "rm -v" in path.lost_by}
        before = {volume.name for volume in cli.volume.ls()}
        cli.container.rm(names[removing], volumes=True)
        gone = before - {volume.name for volume in cli.volume.ls()}
        for volume in set(volumes.values()) - gone:
            cli.volume.rm(volume)
        assert gone == said


def test_stopping_a_container_that_removes_itself_takes_what_was_said(
    cli: Docker, cli_base: str, unique: Unique
) -> None:
    name, volume = unique("c"), unique("v")
    with removed(cli, [name], [volume]):
        cli.container.run(
            cli_base,
            *SLEEP,
            name=name,
            detach=True,
            rm=True,
            network="none",
            volume=["/an", f"{volume}:/nv"],
        )
        one = one_of(cli, name)
        assert one.auto_remove
        said = {path.name for path in one.paths if path.name and "stop" in path.lost_by}
        before = {there.name for there in cli.volume.ls()}
        cli.container.stop(name, time=0)
        for _ in range(100):
            gone = before - {there.name for there in cli.volume.ls()}
            if gone and not cli.container.inspect(name, missing_ok=True):
                break
        assert gone == said
        assert len(said) == 1


def test_unused_volumes_go_by_the_prune_that_was_said(cli: Docker, unique: Unique) -> None:
    volume = unique("v")
    with removed(cli, [], [volume]):
        cli.volume.create(volume, label={"mine": volume})
        result = survey(cli)
        (found,) = [path for path in result.unused if path.name == volume]
        assert (found.path, found.source, found.size) == ("", "volume", 0)
        mine = {"label": f"mine={volume}"}
        if "volume prune" not in found.lost_by:
            assert result.prune == "anonymous"
            assert cli.volume.prune(filter=mine).deleted == ()
            assert cli.volume.prune(filter=mine, all=True).deleted == (volume,)
        else:
            assert result.prune == "all"
            assert tuple(cli.volume.prune(filter=mine).deleted) == (volume,)


@pytest.mark.parametrize("way", ["api", "commands"])
def test_an_engine_elsewhere_is_told_of_as_well(
    docker: Docker,
    base: str,
    docker_cli: str,
    unique: Unique,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    name, volume = unique("c"), unique("v")
    client = Docker(docker_cli)
    with removed(docker, [name], [volume]):
        start(docker, base, name, volume, tmp_path)
        here = by_path(one_of(client, name))
        monkeypatch.setattr(disk.os.path, "isdir", lambda path: False)
        if way == "commands":
            monkeypatch.setattr("dockcli.data.survey.api.ask", lambda *words: None)
        there = by_path(one_of(client, name))
    assert there.keys() == here.keys()
    assert (there["layer", "/data"].files, there["layer", "/data"].size) == (2, None)
    for key in (("anonymous", "/an"), ("volume", "/nv")):
        assert (there[key].size, there[key].lost_by) == (here[key].size, here[key].lost_by)
    assert there["bind", "/deep/er/b"].size is None


def test_a_handful_of_processes_for_many_containers(
    docker: Docker, base: str, unique: Unique, front: Callable[..., object]
) -> None:
    names = [unique(str(number)) for number in range(12)]
    with removed(docker, names, []):
        for name in names:
            docker.container.create(base, name=name, network="none", volume="/an")
        proxy = front()
        client = Docker(proxy.path, env=proxy.environment)  # type: ignore[attr-defined]
        result = survey(client)
        told = {one.name for one in result.containers}
        json.dumps(result.as_json())
    assert set(names) <= told
    assert len(proxy.calls) <= 10  # type: ignore[attr-defined]


def test_a_share_of_this_machines_memory_is_known_by_its_file_system(
    docker: Docker, base: str, unique: Unique
) -> None:
    name = unique("c")
    with removed(docker, [name], []):
        docker.container.create(base, name=name, network="none", volume="/dev/shm:/s")
        found = by_path(one_of(docker, name))["bind", "/s"]
    assert found.lost_by == ("host loss",)
    assert found.note == "tmpfs of the engine's machine: lost when that restarts"
