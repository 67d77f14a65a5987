"""A plain name in ``filter=`` means just that name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dockcli import Completed, Docker
from dockcli.commands.names import names_asked_for
from tests.unit.fake import FakeDocker
from tests.unit.replay import Replay

ROWS = [{"Id": f"{n}" * 64, "Name": f"/{name}"} for n, name in enumerate(("web", "my-web", "web2"))]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (["name=web"], {"web"}),
        (["name=/web", "name=a.b_c-1"], {"web", "a.b_c-1"}),
        (["Name = web "], {"web"}),
        (["label=name=web", "volume=web"], set()),
        (["name=^web$"], set()),
        (["name=web", "name=we*"], set()),
        (["name=web[12]"], set()),
        (["name="], set()),
        ([], set()),
    ],
)
def test_which_names_are_meant(filters: list[str], names: set[str]) -> None:
    words = tuple(f"--filter={one}" for one in filters)
    assert names_asked_for((*words, "--all", "name=web")) == names


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"name": "web"}, ["web"]),
        ("name=web", ["web"]),
        (["name=web", "name=web2"], ["web", "web2"]),
        ({"name": ["web", "web2"]}, ["web", "web2"]),
        ({"name": "^web"}, ["web", "my-web", "web2"]),
        ({"label": "web"}, ["web", "my-web", "web2"]),
    ],
)
def test_a_list_holds_what_is_called_so(
    fake_docker: FakeDocker, client: Docker, given: Any, found: list[str]
) -> None:
    ids = "".join(f"{row['Id']}\n" for row in ROWS)
    fake_docker.will(("write", 1, ids.encode()), when="container ls")
    fake_docker.will(("write", 1, json.dumps(ROWS).encode()), when="container inspect")
    assert [one.name for one in client.container.ls(filter=given)] == found
    assert fake_docker.commands == ["container ls", "container inspect"]


def test_docker_s_own_text_is_left_alone(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 1, b"web\nmy-web\n"))
    told = client.container.ls(filter={"name": "web"}, format="{{.Names}}")
    assert isinstance(told, Completed)
    assert told.text == "web\nmy-web\n"


SWARM = [
    ("secret", {"ID": "1a", "Spec": {"Name": "web"}}, {"ID": "2b", "Spec": {"Name": "web2"}}),
    ("config", {"ID": "1a", "Spec": {"Name": "web"}}, {"ID": "2b", "Spec": {"Name": "web2"}}),
    ("service", {"ID": "1a", "Spec": {"Name": "web"}}, {"ID": "2b", "Spec": {"Name": "web2"}}),
    (
        "node",
        {"ID": "1a", "Description": {"Hostname": "web"}},
        {"ID": "2b", "Description": {"Hostname": "web2"}},
    ),
]


@pytest.mark.parametrize(("group", "one", "other"), SWARM, ids=lambda given: str(given)[:8])
def test_a_name_in_a_swarm_is_a_whole_one_too(
    group: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    listed = "1a\n2b\n" if group in ("secret", "config") else '{"ID":"1a"}\n{"ID":"2b"}\n'
    docker = Docker(runner=Replay(ls=listed, inspect=json.dumps([one, other])))
    ls = getattr(docker, group).ls
    assert [found.id for found in ls(filter={"name": "web"})] == ["1a"]
    assert [found.id for found in ls(filter={"name": "^web"})] == ["1a", "2b"]
    assert ls(filter={"name": "web"}, quiet=True).text == listed


@pytest.mark.parametrize("limit", [{"last": 1}, {"latest": True}])
def test_docker_counts_only_what_has_the_name(limit: dict[str, Any]) -> None:
    ls = Docker().call.container.ls
    asked = ls(all=True, filter={"name": ["/we.b", "x"], "label": "a=b"}, **limit).argv
    assert {r"--filter=name=^/?we\.b$", "--filter=name=^/?x$", "--filter=label=a=b"} <= set(asked)
    for left in (ls(filter={"name": "x*"}, **limit), ls(filter={"name": "x"})):
        assert not [word for word in left.argv if "^" in word]
    for text in ({"quiet": True}, {"format": "{{.ID}}"}):
        assert "--filter=name=web" in ls(filter={"name": "web"}, **limit, **text).argv
