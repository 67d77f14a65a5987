"""No call waits for a person who sits at our terminal (T19): what asks, by each CLI there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import DeadlineExceeded, DockcliError
from tests.terminals import at_a_terminal

NOTHING = {"label": "dockcli-test.nobody-has-this"}


@pytest.fixture(autouse=True)
def _at_a_terminal() -> Iterator[None]:
    with at_a_terminal():
        yield


@pytest.mark.parametrize("force", [{}, {"force": False}], ids=["", "force=False"])
@pytest.mark.parametrize("group", ["container", "image", "network", "volume", "system"])
def test_what_asks_for_consent_asks_nobody(cli: Docker, group: str, force: dict[str, bool]) -> None:
    try:
        getattr(cli, group).prune(filter=NOTHING, deadline=20, **force)
    except DockcliError as error:  # nobody says yes, so docker does nothing, and may say so
        if not force or isinstance(error, DeadlineExceeded):
            raise


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
