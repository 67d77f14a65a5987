"""No call waits for a person: docker's stdin is empty though ours is a terminal (T19 of P6)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from dockcli import Docker
from dockcli.errors import DockcliError
from tests.terminals import at_a_terminal
from tests.unit.fake import FakeDocker
from tests.unit.verbs import POSITIONALS, build

# Where docker asks whether to remove what nobody has named: the call is the answer, as documented,
# unless the caller says force=False.
ANSWERED = {
    *("builder prune", "buildx prune", "container prune", "image prune", "network prune"),
    *("volume prune", "system prune", "compose rm", "trust revoke"),
}
CONSENT = {"--force", "-f", "--yes", "-y", "--grant-all-permissions", "--all", "--volumes"}


@pytest.fixture(name="at_a_terminal")
def _at_a_terminal() -> Iterator[None]:
    with at_a_terminal():
        yield


@pytest.mark.parametrize("command", POSITIONALS)
def test_a_verb_never_waits_and_consents_to_nothing_that_was_named(
    fake_docker: FakeDocker, client: Docker, at_a_terminal: None, command: str
) -> None:
    fake_docker.will(("write", 2, b"Are you sure you want to continue? [y/N] "), ("read",))
    with contextlib.suppress(DockcliError):  # what it says is no answer of that verb's
        build(command, client=client).replace(deadline=30).run()
    for seen in fake_docker.calls:
        assert seen.stdin == b""
        assert seen.terminals == (False, False, False)
    assert bool(CONSENT & set(build(command).argv)) == (command in ANSWERED)


@pytest.mark.parametrize("command", sorted(ANSWERED))
def test_the_caller_may_leave_docker_to_ask_nobody(
    fake_docker: FakeDocker, client: Docker, at_a_terminal: None, command: str
) -> None:
    flag = "yes" if command == "trust revoke" else "force"
    fake_docker.will(("read",))
    with contextlib.suppress(DockcliError):
        build(command, client=client, **{flag: False}).replace(deadline=30).run()
    seen = fake_docker.calls[-1]
    assert f"--{flag}=false" in seen.words
    assert not CONSENT & set(seen.words)
    assert seen.stdin == b""
