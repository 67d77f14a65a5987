"""No call waits for a person who sits at our terminal (T19): what asks, by each CLI there is."""

from __future__ import annotations

import os
import pty
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import DeadlineExceeded, DockcliError

Act = Callable[[Docker, dict[str, Any]], object]

NOTHING = {"filter": {"label": "dockcli-test.nobody-has-this"}}
ASKING: dict[str, Act] = {
    "container prune": lambda cli, how: cli.container.prune(**how, **NOTHING),
    "image prune": lambda cli, how: cli.image.prune(**how, **NOTHING),
    "network prune": lambda cli, how: cli.network.prune(**how, **NOTHING),
    "volume prune": lambda cli, how: cli.volume.prune(**how, **NOTHING),
    "system prune": lambda cli, how: cli.system.prune(**how, **NOTHING),
}


@pytest.fixture
def _at_a_terminal() -> Iterator[None]:
    """This process's stdin is a terminal at which nobody types."""
    ours, theirs = pty.openpty()
    before = os.dup(0)
    os.dup2(theirs, 0)
    try:
        yield
    finally:
        os.dup2(before, 0)
        for number in (before, ours, theirs):
            os.close(number)


@pytest.mark.usefixtures("_at_a_terminal")
@pytest.mark.parametrize("force", [{}, {"force": False}], ids=["", "force=False"])
@pytest.mark.parametrize("verb", ASKING)
def test_what_asks_for_consent_asks_nobody(cli: Docker, verb: str, force: dict[str, Any]) -> None:
    how = {**force, "deadline": 20}
    if force:  # nobody says yes, so docker does nothing, and one or the other says so
        with suppress(DockcliError):
            try:
                ASKING[verb](cli, how)
            except DeadlineExceeded as error:
                pytest.fail(str(error))
    else:
        ASKING[verb](cli, how)


@pytest.mark.usefixtures("_at_a_terminal")
def test_what_is_refused_asks_nobody(cli: Docker, cli_base: str, unique: Any) -> None:
    """What runs, or is in use, is not removed because somebody might be there to say so."""
    cli.run(cli_base, "sleep", "100", name=unique("c"), detach=True, volume=[f"{unique('v')}:/x"])
    try:
        with pytest.raises(DockcliError) as info:
            cli.container.rm(unique("c"), deadline=20)
        assert not isinstance(info.value, DeadlineExceeded)
        with pytest.raises(DockcliError) as info:
            cli.volume.rm(unique("v"), deadline=20)
        assert not isinstance(info.value, DeadlineExceeded)
    finally:
        cli.container.rm(unique("c"), force=True)
        cli.volume.rm(unique("v"))
