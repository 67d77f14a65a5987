"""dockcli's own verbs, which no command of docker's is behind, take no option for a name (P2)."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Callable
from typing import Any

import pytest

from dockcli import AsyncDocker, Docker
from dockcli.commands.group import Face, Group, Verb
from dockcli.errors import DockcliError, InvalidArgument
from tests.unit.fake import FakeDocker
from tests.unit.test_options_stay_options import HOSTILE
from tests.unit.verbs import groups

# Each place where one of them takes a name: the other arguments are fit to go on with.
NAMES: dict[str, list[Callable[[Any, str], Any]]] = {
    "container data": [lambda d, name: d.container.data(name)],
    "container machine": [
        lambda d, name: d.container.machine(name),
    ],
    "container rescue": [
        lambda d, name: d.container.rescue(name, "/data", "volume"),
        lambda d, name: d.container.rescue("web", "/data", name),
    ],
    "container wait_for": [lambda d, name: d.container.wait_for(name)],
    "volume backup": [lambda d, name: d.volume.backup(name, io.BytesIO(), compression="none")],
    "volume clone": [
        lambda d, name: d.volume.clone(name, "copy"),
        lambda d, name: d.volume.clone("data", name),
    ],
    "volume diff": [lambda d, name: d.volume.diff(name, "data.tar")],
    "volume extract": [],
    "volume from_bind": [
        lambda d, name: d.volume.from_bind(name, "data"),
        lambda d, name: d.volume.from_bind("/srv", name),
    ],
    "volume give_name": [
        lambda d, name: d.volume.give_name(name, "data"),
        lambda d, name: d.volume.give_name("data", name),
    ],
    "volume migrate": [
        lambda d, name: d.volume.migrate(name, sync_of(d)),
        lambda d, name: d.volume.migrate("data", sync_of(d), name=name),
    ],
    "volume origins": [lambda d, name: d.volume.origins(name)],
    "volume remove_snapshot": [
        lambda d, name: d.volume.remove_snapshot(name, "before"),
    ],
    "volume restore": [lambda d, name: d.volume.restore("data.tar", name)],
    "volume restore_snapshot": [
        lambda d, name: d.volume.restore_snapshot(name, "before"),
    ],
    "volume snapshot": [
        lambda d, name: d.volume.snapshot(name, "before"),
    ],
    "volume snapshots": [lambda d, name: d.volume.snapshots(name)],
    "volume to_bind": [
        lambda d, name: d.volume.to_bind(name, "/srv"),
        lambda d, name: d.volume.to_bind("data", name),
    ],
    "volume verify": [],
}
PLACES = [(verb, place) for verb, places in NAMES.items() for place in range(len(places))]


def sync_of(client: Any) -> Docker:
    found: Docker = getattr(client, "sync", client)
    return found


def own_verbs() -> set[str]:
    """What the groups have beside the verbs of docker's."""
    found = set()
    for group in groups(Docker()):
        for base in type(group).__mro__:
            if base not in (Group, Face, object):
                for name, member in vars(base).items():
                    if inspect.isfunction(member) and not name.startswith("_"):
                        found.add(f"{group.name} {name}")
    return {one for one in found if not isinstance(_member(one), Verb)}


def _member(command: str) -> Any:
    group, _, name = command.partition(" ")
    return inspect.getattr_static(type(getattr(Docker(), group)), name)


def test_the_table_has_each_of_them() -> None:
    assert own_verbs() - {" group", " below"} == NAMES.keys()


@pytest.mark.parametrize(("verb", "place"), PLACES)
def test_a_name_that_is_none_is_refused_before_anything_runs(
    fake_docker: FakeDocker, client: Docker, verb: str, place: int
) -> None:
    for hostile in HOSTILE:
        with pytest.raises(InvalidArgument):
            NAMES[verb][place](client, hostile)
    assert not fake_docker.calls


@pytest.mark.parametrize(
    ("verb", "place"), [one for one in PLACES if one[0] not in ("container machine",)]
)
def test_async_code_is_refused_too(fake_docker: FakeDocker, verb: str, place: int) -> None:
    async def act(hostile: str) -> None:
        await NAMES[verb][place](AsyncDocker(), hostile)

    for hostile in HOSTILE:
        with pytest.raises(InvalidArgument):
            asyncio.run(act(hostile))
    assert not fake_docker.calls


# What is no name of docker's: a part of one, or a path there.
PARTS: dict[str, Callable[[Docker, str], Any]] = {
    "rescue": lambda d, part: d.container.rescue("web", part, "volume"),
    "snapshot": lambda d, part: d.volume.snapshot("data", part),
    "restore_snapshot": lambda d, part: d.volume.restore_snapshot("data", part),
    "remove_snapshot": lambda d, part: d.volume.remove_snapshot("data", part),
    "extract": lambda d, part: d.volume.extract("data.tar", part, io.BytesIO()),
    "verify": lambda d, part: d.volume.verify(part),
    "restore": lambda d, part: d.volume.restore(part, "data"),
    "diff": lambda d, part: d.volume.diff("data.tar", f"{part}/"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("verb", PARTS)
def test_what_is_no_name_of_dockers_never_becomes_a_word_of_its_own(
    fake_docker: FakeDocker, client: Docker, verb: str, hostile: str
) -> None:
    with pytest.raises((DockcliError, OSError, ValueError)):
        PARTS[verb](client, hostile)
    assert all(hostile not in call.words for call in fake_docker.calls)


@pytest.mark.parametrize("hostile", [one for one in HOSTILE if "\0" not in one])
def test_the_shell_of_a_machine_stands_behind_its_container(
    fake_docker: FakeDocker, client: Docker, hostile: str
) -> None:
    fake_docker.will(("exit", 1))
    with pytest.raises(DockcliError):
        client.container.machine("web", shell=hostile)
    for call in fake_docker.calls:
        assert hostile not in call.words[: call.words.index("web")]
