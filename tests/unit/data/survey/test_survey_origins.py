"""Which container a volume was made for, where several tell of it."""

from __future__ import annotations

from dockcli.data.origins import Holder, origins
from tests.unit.data.survey.world import ANONYMOUS, World, id_of, volume_at

NAMELESS = "a" * 64


def mounted(container: str, path: str) -> list[dict[str, object]]:
    volume = {"container": container, "destination": path, "driver": "local"}
    attributes = {"name": f"name-{container}", "image": "app:1"}
    return [
        {
            "Type": "container",
            "Action": "create",
            "Actor": {"ID": container, "Attributes": attributes},
        },
        {"Type": "volume", "Action": "mount", "Actor": {"ID": NAMELESS, "Attributes": volume}},
        {"Type": "volume", "Action": "unmount", "Actor": {"ID": NAMELESS, "Attributes": volume}},
    ]


def test_the_oldest_container_that_was_not_told_its_name_is_the_first() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    world.container("adopter", mounts=[volume_at("/x", NAMELESS)], binds=[f"{NAMELESS}:/x"])
    world.container("maker", mounts=[volume_at("/data", NAMELESS)])
    world.container("later", mounts=[volume_at("/y", NAMELESS)], host={"VolumesFrom": ["maker"]})
    world.image["Config"] = {"Volumes": {"/data/": {}}}
    (found,) = origins(world.client)
    assert [one.name for one in found.containers] == ["adopter", "maker", "later"]
    assert (found.way, found.image, found.size) == ("image", "app:1", 5)
    assert not [words for words in world.jobs if "events" in words]


def test_those_that_were_told_its_name_do_not_say_where_it_came_from() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    world.container("adopter", mounts=[volume_at("/x", NAMELESS)], binds=[f"{NAMELESS}:/x"])
    (found,) = origins(world.client)
    assert (found.way, found.image, found.evidence) == ("", "", "container")
    assert "told its name" in found.note


def test_events_tell_of_each_container_once_the_first_first() -> None:
    world = World()
    world.volume(NAMELESS, 5, Labels={ANONYMOUS: ""})
    made = {"Type": "volume", "Action": "create", "Actor": {"ID": NAMELESS, "Attributes": {}}}
    world.events = [made, *mounted("c1", "/data"), *mounted("c2", "/x"), *mounted("c1", "/data")]
    (found,) = origins(world.client)
    assert found.gone == (Holder("name-c1", "c1", "/data"), Holder("name-c2", "c2", "/x"))
    assert (found.way, found.image, found.evidence) == ("command", "app:1", "events")
    (events,) = [words for words in world.jobs if "events" in words]
    assert {"--filter=type=volume", "--filter=type=container"} <= set(events)


def test_a_container_of_which_the_events_have_only_the_mount() -> None:
    world = World()
    world.volume(NAMELESS, 5)
    world.events = mounted("c1", "/data")[1:]
    (found,) = origins(world.client)
    assert found.gone == (Holder("", "c1", "/data"),)
    assert (found.way, found.image, found.evidence) == ("", "", "events")


def test_named_volumes_are_left_out_unless_they_are_asked_for() -> None:
    world = World()
    world.volume("data", 5)
    world.volume(NAMELESS, 5)
    world.container("web", mounts=[volume_at("/data", "data"), volume_at("/x", NAMELESS)])
    assert [one.volume for one in origins(world.client)] == [NAMELESS]
    (found,) = origins(world.client, "data")
    assert found.containers == (Holder("web", id_of(1), "/data"),)


def test_the_folder_of_a_volume_that_stands_for_a_device_is_not_its_size() -> None:
    world = World()
    world.volume("far", 0, Options={"type": "nfs", "device": ":/x"})
    world.volume("limited", 7, Options={"o": "size=1g"})
    assert [one.size for one in origins(world.client, "far", "limited")] == [None, 7]
