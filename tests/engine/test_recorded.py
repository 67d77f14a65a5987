"""What the unit tests have recorded is what docker says: replayed on the real one (T22)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, call
from dockcli.failure import failure

UNIT = Path(__file__).parents[1] / "unit"
RECORDED = json.loads((UNIT / "recorded.json").read_text(encoding="utf-8"))

# What depends on more than docker and its engine: a swarm (see test_swarm), a network, a registry.
ELSEWHERE = (
    *("service", "node", "secret", "config", "stack", "swarm", "pull", "push"),
    *("--network", "--type=task", "--context", "alpine:none", "none.invalid/x:1"),
)


# What no docker has, or takes.
WORDS = {
    *("nosuchverb", "Bad/Image:x:y", "99999:1", "--availability=active", "--format={{.Nope}}"),
    "nonesuch",
}
LINES = (["container", "run"], ["image", "build", "/none"], ["plugin", "push", "none"])


def alone(argv: list[str]) -> bool:
    """Whether a recorded call is about what is not there, or its words: so is any engine's."""
    if WORDS & set(argv) or argv in LINES:
        return True
    if set(ELSEWHERE) & set(argv) or any(word.startswith(("web", "/home")) for word in argv):
        return False
    return any(word in ("none", "none:1") or word.startswith("--no-such") for word in argv)


def version(docker: Docker) -> str:
    """As the recordings have it: ``docker 28.2.2``, ``podman 4.3.1``."""
    name, _, rest = docker.raw("--version").text.lower().partition(" version ")
    return f"{name} {rest.split(',')[0].split('+')[0].strip()}"


def test_failures_are_those_that_were_recorded(cli: Docker, cli_base: str, unique: Any) -> None:
    mine = recorded(cli, alone)
    assert len(mine) >= 10
    names = {"alpine:3.20": cli_base, "none": unique("none"), "none:1": f"{unique('none')}:1"}
    assert [*differing(cli, mine, names)] == []


ENGINE_S = ("EngineUnreachable", "PermissionDenied")

# What was there when the others were recorded: two containers, one of them at rest; a volume that
# is in use, and a network that is. What needs more than that is left out.
STAGE = ("web", "stopped", "data", "net")
MORE = (
    *("build", "push", "save", "x-x", "logs", "rename", "-p", "none", "none:1", "alpine:none"),
    *("used:1", "docker.example.com", "--context", "--host=unix:///run/docker.sock", "x"),
)
NEEDS_A_FREEZER = (["rm", "net"], ["exec", "net"])  # a paused container was called net too


def staged(argv: list[str]) -> bool:
    """Whether a recorded call is about what is on the stage, or about the base image."""
    if (set(ELSEWHERE) - {"--network"} | set(MORE)) & set(argv):
        return False
    if argv[0] not in ("container", "volume", "network") or argv[1:3] in NEEDS_A_FREEZER:
        return False
    return any(word.partition(":")[0] in (*STAGE, "alpine") for word in argv)


@pytest.fixture
def stage(cli: Docker, cli_base: str, unique: Any, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What is on the stage, by the names in the recordings."""
    names = {name: unique(name) for name in STAGE}
    cli.network.create(names["net"])
    try:
        cli.run(
            *(cli_base, "sleep", "600"),
            name=names["web"],
            detach=True,
            volume=[f"{names['data']}:/data"],
            network=names["net"],
        )
        cli.run(cli_base, "true", name=names["stopped"])
        yield {**names, "alpine:3.20": cli_base, "/home/me/x": str(tmp_path / "x")}
    finally:
        cli.raw("container", "rm", "--force", names["web"], names["stopped"], check=False)
        cli.raw("volume", "rm", names["data"], check=False)
        cli.raw("network", "rm", names["net"])


def test_failures_on_a_stage_are_those_that_were_recorded(
    cli: Docker, stage: dict[str, str]
) -> None:
    # what was wrong with the engine itself is not in the words
    mine = [one for one in recorded(cli, staged) if one["error"] not in ENGINE_S]
    assert len(mine) >= 20
    differ = [*differing(cli, mine, stage)]
    assert differ == [], differ


def recorded(cli: Docker, which: Callable[[list[str]], bool]) -> list[dict[str, Any]]:
    """What was recorded of that CLI, of that kind."""
    mine = [one for one in RECORDED if one["cli"] == version(cli)]
    if not mine:
        pytest.skip(f"nothing is recorded of {version(cli)}")
    return [one for one in mine if which(one["argv"])]


def differing(
    cli: Docker, mine: list[dict[str, Any]], names: dict[str, str]
) -> Iterator[tuple[list[str], tuple[str, int], str]]:
    """Those that end otherwise now, with *names* in place of the recorded ones."""
    for one in mine:
        words = []
        for word in one["argv"]:
            name, colon, path = word.partition(":")
            words.append(names.get(word) or names.get(name, name) + colon + path)
        done = cli.raw(*words, check=False, deadline=60)
        error = failure(done, getattr(call, one["speaker"]))
        found = (type(error).__name__, done.returncode)
        if found != (one["error"], one["returncode"]):
            yield one["argv"], found, done.error_text


# By group: commands whose answer is one JSON document, and what to ask them about.
ANSWERS = {
    "container": ("container inspect", ["container", "inspect"]),
    "image": ("image inspect", ["image", "inspect"]),
    "volume": ("volume inspect", ["volume", "inspect"]),
    "network": ("network inspect", ["network", "inspect"]),
    "system": ("system info", ["system", "info", "--format={{json .}}"]),
    "top": ("version", ["version", "--format={{json .}}"]),
}


def shape(text: str) -> set[str]:
    """The names of the fields of the first object in an answer."""
    found = json.loads(text)
    return set(found[0] if isinstance(found, list) else found)


@pytest.mark.parametrize("group", ANSWERS)
def test_answers_have_the_fields_that_were_recorded(
    group: str, docker_cli: str, base: str, docker: Docker, unique: Any
) -> None:
    cli = Docker(docker_cli)
    command, words = ANSWERS[group]
    releases = json.loads((UNIT / "recorded" / f"{group}.json").read_text(encoding="utf-8"))
    number = version(cli).rpartition(" ")[2]
    mine = [answers for release, answers in releases.items() if release.endswith(number)]
    if not mine or docker.version().server.partition("+")[0] != "20.10.24":
        pytest.skip(f"nothing is recorded of {version(cli)} with this engine")
    name = unique(group)
    if group in ("volume", "network"):
        cli.raw(group, "create", name)
    elif group == "container":
        cli.container.create(base, "true", name=name)
    asked = {"image": [base], "system": [], "top": []}.get(group, [name])
    try:
        told = cli.raw(*words, *asked).text
    finally:
        if group in ("container", "volume", "network"):
            cli.raw(group, "rm", name)
    assert shape(told) == shape(mine[0][command])
