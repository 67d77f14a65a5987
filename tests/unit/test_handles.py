"""Handles: light values, whose verbs are their group's, and which tidy up when they are left."""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from dockcli import Container, Docker, Image, Network, Volume, errors, spec
from dockcli.commands.group import Verb
from dockcli.objects import Handle, Of
from tests.unit.fake import FakeDocker
from tests.unit.verbs import found

KINDS: dict[str, type[Handle]] = {
    "container": Container,
    "image": Image,
    "volume": Volume,
    "network": Network,
}

# What the group's verb is given beside the object, where it must be given something.
MORE: dict[str, tuple[str, ...]] = {
    "container exec": ("true",),
    "container rename": ("new",),
    "image tag": ("shop:1",),
    "network connect": ("web",),
    "network disconnect": ("web",),
}


def takes_one(command: str) -> bool:
    """Whether docker's first word beside the flags of *command* is an object of its group."""
    group = command.split()[0]
    words = spec.operands(command).words.replace("[", "").replace("]", "").split()
    # `create` makes it, `pull` fetches it, and in those of cp there is more than a name
    made = command.split()[1] in {"create", "run", "pull", "build", "import"}
    first = words[0].partition(":")[0] if words and "PATH" not in words[0] else ""
    return not made and first in {group.upper(), "SOURCE_IMAGE", "NAME"}


def verbs() -> list[str]:
    """The verbs of the four groups that take an object of the group first."""
    return [name for name in found() if name.split()[0] in KINDS and takes_one(name)]


def members(kind: type[Handle]) -> set[str]:
    return {
        name
        for name, member in vars(kind).items()
        if (inspect.isfunction(member) or isinstance(member, Of)) and not name.startswith("_")
    }


@pytest.mark.parametrize("group", KINDS)
def test_a_handle_has_each_verb_of_its_group_that_takes_it(group: str) -> None:
    taking = {name.split()[1] for name in verbs() if name.split()[0] == group}
    assert taking
    assert taking <= members(KINDS[group])


@pytest.mark.parametrize("command", verbs())
def test_a_verb_of_a_handle_is_its_group_s(
    fake_docker: FakeDocker, client: Docker, command: str
) -> None:
    group, verb = command.split()
    more = MORE.get(command, ())
    wanted = found(client)[command]("web", *more).argv[1:]
    with contextlib.suppress(errors.UnreadableOutput):  # the fake says nothing
        getattr(KINDS[group]("web", client), verb)(*more)
    # what docker has only lately is looked for in its versions first
    asked = [one.words for one in fake_docker.calls if one.command not in ("version", "")]
    assert asked == [list(wanted)]


@pytest.mark.parametrize("kind", KINDS.values())
def test_nothing_is_fetched_until_asked(
    fake_docker: FakeDocker, client: Docker, kind: type[Handle]
) -> None:
    one, same = kind("web", client), kind("web", client)
    assert one == same
    assert len({one, same}) == 1
    assert (str(one), repr(one)) == ("web", f"{kind.__name__}('web')")
    assert one != kind("web2", client)
    assert one != kind("web", Docker())
    assert one not in [other("web", client) for other in KINDS.values() if other is not kind]
    assert not fake_docker.calls


def test_each_question_is_one_process(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b'[{"Id": "1"}]'))
    one = Container("web", client)
    assert one.inspect() == one.inspect()
    assert fake_docker.commands == ["container inspect", "container inspect"]


def test_a_handle_of_another_kind_is_refused(fake_docker: FakeDocker, client: Docker) -> None:
    calls: list[Any] = [
        lambda: client.container.rm(Image("a", client)),  # type: ignore[arg-type]
        lambda: client.image.rm(Container("a", client)),  # type: ignore[arg-type]
        lambda: client.volume.rm(Container("a", client)),  # type: ignore[arg-type]
        lambda: client.run(Volume("a", client)),  # type: ignore[call-overload]
        lambda: client.container.rm(False),  # type: ignore[arg-type]
        lambda: client.run(False),  # type: ignore[call-overload]
    ]
    for call in calls:
        with pytest.raises(errors.InvalidArgument):
            call()
    assert not fake_docker.calls


@pytest.mark.parametrize("kind", KINDS.values())
def test_a_handle_is_frozen(client: Docker, kind: type[Handle]) -> None:
    one: Any = kind("web", client)
    for change in (
        lambda: setattr(one, "id", "zz"),
        lambda: setattr(one, "_client", None),
        lambda: delattr(one, "id"),
    ):
        with pytest.raises(AttributeError, match=f"{kind.__name__} is frozen: "):
            change()
    assert one.id == "web"
    assert copy.copy(one) is copy.deepcopy([one])[0] is one
    with pytest.raises(TypeError, match=rf"{kind.__name__}\('web'\) has a client.*keep its id"):
        pickle.dumps(one)


# --- as context managers

REMOVAL = {
    "container": ["container", "rm", "--force", "--volumes", "web"],
    "image": ["image", "rm", "web"],
    "volume": ["volume", "rm", "web"],
    "network": ["network", "rm", "web"],
}
IN_USE = b"Error response from daemon: remove web: volume is in use - [1]\n"
GONE = {
    "container": b"Error response from daemon: No such container: web\n",
    "image": b"Error response from daemon: No such image: web:latest\n",
    "volume": b"Error response from daemon: get web: no such volume\n",
    "network": b"Error response from daemon: network web not found\n",
}


@pytest.mark.parametrize("group", KINDS)
def test_leaving_the_context_removes_it(
    fake_docker: FakeDocker, client: Docker, group: str
) -> None:
    with KINDS[group]("web", client) as one:
        assert one == KINDS[group]("web", client)
        assert not fake_docker.calls
    assert fake_docker.call.words == REMOVAL[group]


@pytest.mark.parametrize("group", KINDS)
def test_what_is_gone_already_is_fine(fake_docker: FakeDocker, client: Docker, group: str) -> None:
    fake_docker.will(("write", 2, GONE[group]), ("exit", 1))
    with KINDS[group]("web", client):
        pass
    assert len(fake_docker.calls) == 1


def test_what_is_being_removed_is_fine_too(fake_docker: FakeDocker, client: Docker) -> None:
    said = b"Error response from daemon: removal of container web is already in progress\n"
    fake_docker.will(("write", 2, said), ("exit", 1))
    with Container("web", client):
        pass


def test_a_removal_that_fails_is_an_error(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 2, IN_USE), ("exit", 1))
    with pytest.raises(errors.InUse), Volume("web", client):
        pass


def test_a_removal_that_fails_hides_no_exception(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 2, IN_USE), ("exit", 1))
    with pytest.raises(LookupError, match="the body's") as caught, Volume("web", client):
        raise LookupError("the body's")
    (note,) = caught.value.__notes__
    assert note.startswith("Volume('web') was not removed: ")
    assert "volume is in use" in note


def test_the_body_s_exception_goes_on_after_the_removal(
    fake_docker: FakeDocker, client: Docker
) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, Container("web", client):
        raise KeyboardInterrupt
    assert fake_docker.call.words == REMOVAL["container"]
    assert not hasattr(caught.value, "__notes__")


def test_the_shorthands_are_the_groups_functions(client: Docker) -> None:
    tree = {name: getattr(type(client), name) for name in dir(type(client))}
    shorthands = {name: one for name, one in tree.items() if isinstance(one, Verb)}
    assert {"top", "stats", "kill", "push", "rmi", "ps"} <= set(shorthands)
    assert client.top is client.container.top
    assert client.ps is client.container.ls
    assert client.rmi is client.image.rm
    assert client.call.top is client.call.container.top


# --- what an image's context removes: the names that the call gave

ID = f"sha256:{'ab' * 32}"
WRITES_ID: tuple[tuple[Any, ...], ...] = (("write", 1, f"{ID}\n".encode()),)
CONTEXTS: list[tuple[Callable[[Docker], Any], list[str]]] = [
    (lambda docker: docker.build("-", quiet=True, tag="shop:1"), ["shop:1"]),
    (lambda docker: docker.build("-", quiet=True, tag=["a", "b:2"]), ["a", "b:2"]),
    (lambda docker: docker.commit("web", "shop:2"), ["shop:2"]),
    (lambda docker: docker.image.import_("x.tar", "shop:3"), ["shop:3"]),
    (lambda docker: docker.pull("shop:4"), ["shop:4"]),
]


@pytest.mark.parametrize(("make", "names"), CONTEXTS)
def test_an_image_loses_the_names_that_the_call_gave(
    fake_docker: FakeDocker, client: Docker, make: Callable[[Docker], Any], names: list[str]
) -> None:
    fake_docker.will(*WRITES_ID)
    with make(client):
        before = len(fake_docker.calls)
    (last,) = fake_docker.calls[before:]
    assert last.words == ["image", "rm", *names]


def test_each_image_of_an_archive_loses_its_name(fake_docker: FakeDocker, client: Docker) -> None:
    said = f"Loaded image: shop:1\nLoaded image ID: {ID}\n"
    fake_docker.will(("write", 1, said.encode()), when="image load")
    fake_docker.will(("write", 1, json.dumps([{"Id": ID}]).encode()), when="image inspect")
    for image in client.image.load(stdin=b"x"):
        with image:
            pass
    assert [call.words for call in fake_docker.calls[1:]] == [
        ["image", "rm", "shop:1"],
        ["image", "inspect", ID],
        ["image", "rm", ID],
    ]


NAMED = [{"RepoTags": ["other:1"]}, {"RepoDigests": [f"shop@{ID}"]}]


@pytest.mark.parametrize("told", [*NAMED, {}, {"RepoTags": [], "RepoDigests": None}])
@pytest.mark.parametrize(
    "make",
    [
        lambda docker: docker.build("-", quiet=True),
        lambda docker: docker.commit("web"),
        lambda docker: docker.image.import_("x.tar"),
        lambda docker: Image(ID, docker),
        lambda docker: Image("ab" * 6, docker),
    ],
)
def test_an_image_without_a_name_from_the_call_goes_only_where_it_has_none(
    fake_docker: FakeDocker, client: Docker, make: Callable[[Docker], Image], told: dict[str, Any]
) -> None:
    fake_docker.will(*WRITES_ID)
    fake_docker.will(("write", 1, json.dumps([{"Id": ID, **told}]).encode()), when="image inspect")
    with make(client) as image:
        before = len(fake_docker.calls)
    removal = [] if told in NAMED else [["image", "rm", image.id]]
    asked = [call.words for call in fake_docker.calls[before:]]
    assert asked == [["image", "inspect", image.id], *removal]


def test_an_image_without_a_name_that_is_gone_is_fine(
    fake_docker: FakeDocker, client: Docker
) -> None:
    said = f"Error: No such image: {ID}\n".encode()
    fake_docker.will(("write", 2, said), ("exit", 1), when="image inspect")
    with Image(ID, client):
        pass
    assert fake_docker.commands == ["image inspect"]
