"""Neither language, terminal, settings nor plugins of the user change what an answer is (T18)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dockcli import Docker
from tests.engine.test_verbs import HOSTILE
from tests.terminals import at_a_terminal

CONFIGS: dict[str, dict[str, Any]] = {
    "formats": HOSTILE,
    "aliases": {"aliases": {"builder": "nothing"}, "HttpHeaders": {"X-Other": "1"}},
    "plugins": {
        "plugins": {"none": {"hooks": "container ls,volume ls"}},
        "cliPluginsExtraDirs": ["/none"],
        "features": {"hooks": "true"},
    },
}
LANGUAGES = ("C", "C.UTF-8")
COLOURS = ({}, {"NO_COLOR": "1"})
HINTS = ({}, {"DOCKER_CLI_HINTS": "true"})


def answers(client: Docker, base: str, mine: dict[str, str]) -> list[object]:
    """What is read from docker's text, of what nobody else changes meanwhile."""
    containers = client.container.ls(all=True, filter=mine)
    return [
        containers,
        client.container.inspect(*[one.id for one in containers]),
        client.image.ls(base),
        client.volume.ls(filter=mine),
        client.network.ls(filter={"driver": "host"}),
        client.image.history(base),
        client.system.df(),
        client.plugin.ls(),
        client.version(),
    ]


def test_nothing_around_changes_an_answer(
    docker: Docker, base: str, docker_cli: str, unique: Any, tmp_path: Path
) -> None:
    mine = {"label": unique("mine")}
    docker.container.create(base, "true", name=unique("c"), label=[unique("mine"), "k=도커,a=b"])
    docker.volume.create(unique("v"), label=[unique("mine")])
    try:
        said = dict(told(docker_cli, base, mine, tmp_path))
    finally:
        docker.container.rm(unique("c"))
        docker.volume.rm(unique("v"))
    assert len(said) == 48
    first = next(iter(said.values()))
    assert [case for case, one in said.items() if one != first] == []
    assert [one.name for one in first[0]] == [unique("c")]  # type: ignore[attr-defined]


def told(
    docker_cli: str, base: str, mine: dict[str, str], tmp_path: Path
) -> Iterator[tuple[str, list[object]]]:
    """The answers in each case."""
    for name, language, colour, hint in itertools.product(CONFIGS, LANGUAGES, COLOURS, HINTS):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(CONFIGS[name]), encoding="utf-8")
        env = {"LANG": language, "LC_ALL": language, "COLUMNS": "20", **colour, **hint}
        client = Docker(docker_cli, config=folder, env=env)
        case = f"{name} {env}"
        yield f"pipe {case}", answers(client, base, mine)
        with at_a_terminal((0, 1, 2), columns=20):
            yield f"terminal {case}", answers(client, base, mine)
