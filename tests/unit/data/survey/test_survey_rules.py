"""What destroys what, by the rules of each kind of engine."""

from __future__ import annotations

from typing import Any

import pytest

from dockcli.data.survey import DataPath, survey
from dockcli.data.survey.disk import Disk
from dockcli.errors import NoSuchContainer
from tests.unit.data.survey.world import ANONYMOUS, World, bind_at, id_of, volume_at

NAMELESS = "a" * 64
OLD, NEW = "1.41", "1.42"
SHOP = {"com.docker.compose.project": "shop"}


def path(world: World, at: str, container: str = "web") -> DataPath:
    (one,) = [one for one in survey(world.client).containers if one.name == container]
    (found,) = [path for path in one.paths if path.path == at]
    return found


@pytest.mark.parametrize(
    ("api", "labels", "lost_by"),
    [
        (OLD, {}, ("rm -v", "volume prune", "host loss")),
        (NEW, {ANONYMOUS: ""}, ("rm -v", "volume prune", "volume prune --all", "host loss")),
        (NEW, {}, ("rm -v", "volume prune --all", "host loss")),  # made by an engine before 23
    ],
)
def test_an_anonymous_volume_goes_with_its_only_container(
    api: str, labels: dict[str, str], lost_by: tuple[str, ...]
) -> None:
    world = World(api)
    world.volume(NAMELESS, 5, Labels=labels)
    world.container("web", mounts=[volume_at("/data", NAMELESS)])
    found = path(world, "/data")
    assert (found.source, found.size, found.lost_by, found.at_risk) == (
        "anonymous",
        5,
        lost_by,
        True,
    )


@pytest.mark.parametrize(
    ("api", "prune"), [(OLD, "volume prune"), (NEW, "volume prune --all"), ("1.100", None)]
)
def test_a_named_volume_stays_when_its_container_goes(api: str, prune: str | None) -> None:
    world = World(api)
    world.volume("data", 5)
    world.container("web", mounts=[volume_at("/data", "data")], binds=["data:/data"])
    found = path(world, "/data")
    assert (found.source, found.at_risk) == ("volume", False)
    assert found.lost_by == (prune or "volume prune --all", "host loss")


def test_the_label_says_what_is_anonymous_and_not_the_name() -> None:
    world = World()
    world.volume("short", 5, Labels={ANONYMOUS: ""})
    world.container("web", mounts=[volume_at("/data", "short")])
    assert path(world, "/data").source == "anonymous"


def test_an_anonymous_volume_that_another_container_has_stays() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    world.container("web", mounts=[volume_at("/data", NAMELESS)])
    world.container("db", mounts=[volume_at("/x", NAMELESS)], state="exited")
    found = path(world, "/data")
    assert (found.shared_with, found.lost_by, found.at_risk) == (("db",), ("host loss",), False)


@pytest.mark.parametrize(
    "given",
    [
        {"binds": [f"{NAMELESS}:/data:ro"]},
        {"host": {"Mounts": [{"Type": "volume", "Source": NAMELESS, "Target": "/data"}]}},
    ],
)
def test_one_that_was_adopted_by_its_name_stays(given: dict[str, Any]) -> None:
    world = World()
    world.volume(NAMELESS, 5)
    world.container("web", mounts=[volume_at("/data", NAMELESS)], **given)
    found = path(world, "/data")
    assert found.lost_by == ("volume prune --all", "host loss")
    assert not found.at_risk


@pytest.mark.parametrize("by", ["old", id_of(1), id_of(1)[:12]])
def test_one_from_a_container_that_was_told_its_name_stays(by: str) -> None:
    world = World()
    world.volume(NAMELESS, 5)
    world.container("old", mounts=[volume_at("/d", NAMELESS)], binds=[f"{NAMELESS}:/d"])
    world.container(
        "web", mounts=[volume_at("/data", NAMELESS)], host={"VolumesFrom": [f"{by}:ro"]}
    )
    world.volumes[NAMELESS]["Labels"] = SHOP
    world.containers[id_of(1)]["Config"]["Labels"] = SHOP
    world.containers[id_of(2)]["Config"]["Labels"] = SHOP
    assert path(world, "/data").lost_by == ("compose down -v", "host loss")
    world.volumes[NAMELESS]["Labels"] = {}
    assert path(world, "/data").lost_by == ("host loss",)


def test_containers_that_name_each_other_end() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    for name, other in (("web", "old"), ("old", "web")):
        world.container(name, mounts=[volume_at("/data", NAMELESS)], host={"VolumesFrom": [other]})
    assert path(world, "/data").lost_by == ("host loss",)


def test_podman_goes_by_what_the_volume_says_of_itself() -> None:
    world = World("4.3.1")
    world.container("web", mounts=[volume_at("/a", NAMELESS), volume_at("/b", "b" * 64)])
    world.volume(NAMELESS, 5, Anonymous=True)
    world.volume("b" * 64, 5)
    told = world._answer

    def answer(words: list[str], stdin: object) -> tuple[int, str]:
        if words[:2] == ["system", "info"]:
            return 0, '{"host": {"hostname": "elsewhere"}}'
        return told(words, stdin)

    world._answer = answer  # type: ignore[method-assign]
    assert path(world, "/a").source == "anonymous"
    assert path(world, "/a").lost_by == ("rm -v", "volume prune", "host loss")
    assert path(world, "/b").source == "volume"
    assert not [words for words in world.jobs if "dial-stdio" in words]
    result = survey(world.client)
    assert (result.engine, result.prune) == ("podman 28.2.2", "all")


def test_a_container_that_removes_itself_takes_with_it_what_rm_v_takes() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    changes = [("A", "/data"), ("A", "/data/a")]
    world.container("web", rm=True, mounts=[volume_at("/v", NAMELESS)], changes=changes)
    assert path(world, "/v").lost_by[:2] == ("stop", "rm -v")
    assert path(world, "/data/a").lost_by == ("stop", "rm", "rm -v", "host loss")


@pytest.mark.parametrize(
    ("volume_labels", "other_labels", "goes"),
    [(SHOP, SHOP, True), (SHOP, {}, False), ({}, SHOP, False)],
)
def test_compose_down_takes_its_own_named_volumes(
    volume_labels: dict[str, str], other_labels: dict[str, str], goes: bool
) -> None:
    world = World()
    world.volume("data", 5, Labels=volume_labels)
    mounts = [volume_at("/data", "data")]
    world.container("web", mounts=mounts, labels=SHOP, changes=[("A", "/f")])
    world.container("db", mounts=mounts, labels=other_labels)
    assert ("compose down -v" in path(world, "/data").lost_by) is goes
    assert path(world, "/f").lost_by == ("rm", "rm -v", "compose down -v", "host loss")
    assert survey(world.client).containers[1].project == "shop"


@pytest.mark.parametrize(
    ("volume", "source", "lost_by", "note"),
    [
        ({"Options": {"type": "nfs", "device": ":/x"}}, "network", (), "nfs of :/x"),
        ({"Options": {"type": "cifs", "device": "//s/x"}}, "network", (), "cifs of //s/x"),
        ({"Driver": "rclone"}, "network", (), "driver rclone"),
        (
            {"Options": {"type": "none", "o": "bind,ro", "device": "/nowhere/x"}},
            "bind",
            ("host loss",),
            "stands for /nowhere/x",
        ),
        (
            {"Options": {"type": "ext4", "device": "/dev/sdb1"}},
            "volume",
            ("host loss",),
            "stands for /dev/sdb1",
        ),
        (
            {"Options": {"type": "tmpfs", "device": "tmpfs"}},
            "tmpfs",
            ("stop", "rm", "rm -v", "host loss"),
            "a tmpfs",
        ),
    ],
)
def test_a_volume_that_stands_for_something_else(
    volume: dict[str, Any], source: str, lost_by: tuple[str, ...], note: str
) -> None:
    world = World(OLD)
    world.volume(NAMELESS, 0, **volume)  # what the engine says of an empty folder is not believed
    world.container("web", mounts=[volume_at("/data", NAMELESS)])
    found = path(world, "/data")
    assert (found.source, found.lost_by, found.size) == (source, lost_by, None)
    assert note in found.note
    assert not found.at_risk


def test_a_volume_in_memory_lives_as_long_as_one_that_has_it_runs() -> None:
    world = World()
    world.volume("m", Options={"type": "tmpfs", "device": "tmpfs"})
    world.container("web", mounts=[volume_at("/m", "m")])
    world.container("db", mounts=[volume_at("/m", "m")])
    assert path(world, "/m").lost_by == ("host loss",)
    world.containers[id_of(2)]["State"]["Status"] = "exited"
    assert path(world, "/m").lost_by == ("stop", "rm", "rm -v", "host loss")


def test_tmpfs_of_both_forms_is_shown_and_never_at_risk() -> None:
    world = World()
    world.container(
        "web",
        mounts=[{"Type": "tmpfs", "Destination": "/a", "RW": True}],
        host={
            "Mounts": [{"Type": "tmpfs", "Target": "/a", "TmpfsOptions": {"SizeBytes": 4096}}],
            "Tmpfs": {"/b": "rw,size=1m"},
        },
    )
    for at, note in (("/a", "at most 4096 bytes"), ("/b", "at most 1m")):
        found = path(world, at)
        assert (found.source, found.note) == ("tmpfs", note)
        assert found.lost_by == ("stop", "rm", "rm -v", "host loss")
        assert not found.at_risk


@pytest.mark.parametrize(
    ("kind", "source", "lost_by", "note"),
    [
        ("ext4", "bind", ("host loss",), ""),
        ("fuse.sshfs", "network", (), "fuse.sshfs on the engine's machine"),
        ("tmpfs", "bind", ("host loss",), "tmpfs of the engine's machine: lost when that restarts"),
    ],
)
def test_a_bind_is_as_safe_as_the_file_system_under_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, source: str, lost_by: tuple[str, ...], note: str
) -> None:
    monkeypatch.setattr(Disk, "filesystem", lambda self, path: kind)
    world = World()
    world.container("web", mounts=[bind_at("/b", "/srv/x")], labels=SHOP)
    world.container("db", mounts=[bind_at("/c", "/srv/x"), bind_at("/d", "/srv/x")])
    world.container("other", mounts=[bind_at("/c", "/srv/y")])
    found = path(world, "/b")
    assert (found.source, found.lost_by, found.note) == (source, lost_by, note)
    assert (found.name, found.shared_with, found.at_risk) == ("/srv/x", ("db",), False)


def test_a_share_of_the_network_is_never_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[str] = []
    monkeypatch.setattr(Disk, "filesystem", lambda self, path: "nfs4")
    monkeypatch.setattr(Disk, "count", lambda self, path: walked.append(path))
    world = World()
    world.container("web", mounts=[bind_at("/b", "/srv/x")])
    assert path(world, "/b").size is None
    assert walked == []


def test_other_mounts_that_docker_may_tell_of() -> None:
    world = World()
    world.container(
        "web",
        mounts=[
            {"Type": "image", "Source": "tools:1", "Destination": "/t", "RW": False},
            {"Type": "cluster", "Name": "csi", "Destination": "/c", "RW": True},
        ],
    )
    assert (path(world, "/t").source, path(world, "/t").lost_by) == ("image", ())
    assert (path(world, "/c").source, path(world, "/c").lost_by) == ("network", ())


def test_a_volume_of_unknown_size_counts_as_full_and_an_empty_one_does_not() -> None:
    world = World()
    world.volume(NAMELESS)
    world.container("web", mounts=[volume_at("/data", NAMELESS)])
    assert path(world, "/data").size is None
    assert path(world, "/data").at_risk
    world.sizes[NAMELESS] = 0
    assert not path(world, "/data").at_risk
    assert path(world, "/data").empty


def test_nothing_is_at_risk_where_the_layer_is_unchanged_and_the_data_in_volumes() -> None:
    world = World()
    world.volume("data", 5)
    world.container(
        "web",
        mounts=[volume_at("/srv/data", "data")],
        changes=[("A", "/srv"), ("A", "/srv/data"), ("C", "/bin"), ("D", "/bin/vi")],
    )
    result = survey(world.client)
    assert result.at_risk == ()
    assert [one.source for one in result.containers[0].paths] == ["image", "volume"]


def test_what_the_image_has_is_lost_by_nothing() -> None:
    world = World()
    world.container("web")
    found = path(world, "/")
    assert (found.source, found.name, found.size, found.lost_by) == ("image", "app:1", 100, ())
    assert "registry" in found.note
    world.image["RepoDigests"] = ["app@sha256:1"]
    assert path(world, "/").note == ""


def test_volumes_that_nobody_has_are_told_for_a_whole_engine_only() -> None:
    world = World(OLD)
    world.volume("left", 7)
    world.volume("of", Options={"o": "size=1g"})  # docker prunes none that has options
    world.volume("used", 7)
    world.volume("with", Options={"type": "btrfs", "device": "/dev/sdc"})
    world.container("web", mounts=[volume_at("/u", "used")])
    left, limited, strange = survey(world.client).unused
    assert (left.path, left.name, left.size) == ("", "left", 7)
    assert left.lost_by == ("volume prune", "host loss")
    assert limited.lost_by == strange.lost_by == ("host loss",)
    assert survey(world.client, "web").unused == ()


def test_named_containers_alone_are_told_of_and_who_else_has_their_volumes() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    for name in ("web", "db"):
        world.container(name, mounts=[volume_at("/data", NAMELESS)])
    result = survey(world.client, "web", id_of(1))
    assert [one.name for one in result.containers] == ["web"]
    assert result.containers[0].paths[-1].shared_with == ("db",)


def test_a_container_that_is_not_there_is_an_error_before_anything_else() -> None:
    world = World()
    world.container("web")
    with pytest.raises(NoSuchContainer):
        survey(world.client, "web", "gone")
    assert len(world.jobs) == 1
