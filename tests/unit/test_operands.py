"""As many operands as docker takes: no more, no fewer, and no docker runs to say so."""

from __future__ import annotations

import pytest

from dockcli import Docker, spec
from dockcli.errors import InvalidArgument
from tests.unit.fake import FakeDocker
from tests.unit.verbs import BUILDER, POSITIONALS, build

TOO_MANY = {
    command: shape
    for command, shape in POSITIONALS.items()
    if spec.operands(command).most is not None
}


@pytest.mark.parametrize("command", POSITIONALS)
def test_what_docker_takes_is_built(command: str) -> None:
    assert build(command)


@pytest.mark.parametrize("command", TOO_MANY)
def test_one_more_than_docker_takes_is_refused(command: str) -> None:
    most = TOO_MANY[command].valid[-1:] * (spec.operands(command).most or 0)
    one_more = (*TOO_MANY[command].valid, *most, "web")
    with pytest.raises((InvalidArgument, TypeError)):
        build(command, *one_more)


@pytest.mark.parametrize(
    ("command", "operands", "said"),
    [
        (
            "volume create",
            ("a", "b"),
            r"^docker volume create takes at most 1 operand: \[VOLUME\]$",
        ),
        (
            "container commit",
            ("c", "shop:1", "shop:2"),
            r"^docker container commit takes at most 2 operands: CONTAINER \[REPOSITORY\[:TAG\]\]$",
        ),
        ("image ls", ("a", "b"), "at most 1 operand"),
        ("login", ("a", "b"), "^docker login takes at most 1 operand"),
        ("manifest create", ("a",), "^docker manifest create takes at least 2 operands: "),
        ("stack config", (), None),
    ],
)
def test_the_error_has_dockers_own_words(
    command: str, operands: tuple[str, ...], said: str | None
) -> None:
    if said is None:
        assert build(command, *operands)
        return
    with pytest.raises(InvalidArgument, match=said):
        build(command, *operands)


def test_the_words_of_a_container_count_too() -> None:
    with pytest.raises(InvalidArgument):
        BUILDER.call.container.exec("web")
    assert BUILDER.call.container.run("alpine", *["x"] * 99)


def test_nothing_is_started(fake_docker: FakeDocker, client: Docker) -> None:
    with pytest.raises(InvalidArgument):
        client.volume.create("a", "b")
    assert fake_docker.calls == []
