"""What the unit tests have recorded is what docker says: replayed on the real one (T22)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, call
from dockcli.failure import failure

UNIT = Path(__file__).parents[1] / "unit"
RECORDED = json.loads((UNIT / "recorded.json").read_text(encoding="utf-8"))

# What depends on more than docker and its engine: a swarm, a network, a registry, a plugin.
ELSEWHERE = (
    *("service", "node", "secret", "config", "stack", "swarm", "plugin", "pull", "push"),
    *("--network", "--type=task", "--context", "alpine:none", "none.invalid/x:1"),
)


def alone(argv: list[str]) -> bool:
    """Whether a recorded call is about what is not there, or about flags: so is any engine's."""
    if set(ELSEWHERE) & set(argv) or any(word.startswith(("web", "/home")) for word in argv):
        return False
    return any(word in ("none", "none:1") or word.startswith("--no-such") for word in argv)


def version(docker: Docker) -> str:
    """As the recordings have it: ``docker 28.2.2``, ``podman 4.3.1``."""
    name, _, rest = docker.raw("--version").text.lower().partition(" version ")
    return f"{name} {rest.split(',')[0].split('+')[0].strip()}"


def test_failures_are_those_that_were_recorded(cli: Docker, cli_base: str, unique: Any) -> None:
    mine = [one for one in RECORDED if one["cli"] == version(cli) and alone(one["argv"])]
    if not mine:
        pytest.skip(f"nothing is recorded of {version(cli)}")
    assert len(mine) >= 10
    differ = []
    for one in mine:
        names = {"alpine:3.20": cli_base, "none": unique("none"), "none:1": f"{unique('none')}:1"}
        done = cli.raw(*[names.get(word, word) for word in one["argv"]], check=False, deadline=60)
        error = failure(done, getattr(call, one["speaker"]))
        found = (type(error).__name__, done.returncode)
        if found != (one["error"], one["returncode"]):
            differ.append((one["argv"], found, done.error_text))
    assert differ == []


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
