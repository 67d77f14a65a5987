"""Many threads of several processes on one engine: no answer is another's, and nothing is left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockcli import Docker
from tests.engine.conftest import clis
from tests.soak.crowd import Crowd
from tests.soak.page import page

THREADS = (16, 2, 2, 2)
"""Of each process: more workers, on two processors, would only wait for the engine."""

SECONDS = float(os.environ.get("DOCKCLI_SOAK_SECONDS", "60"))
LONG = 1200
REPORT = os.environ.get("DOCKCLI_SOAK_REPORT")


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(SECONDS, marks=pytest.mark.timeout(SECONDS + 600), id="a minute"),
        pytest.param(
            LONG, marks=[pytest.mark.soak, pytest.mark.timeout(LONG + 600)], id="twenty minutes"
        ),
    ],
)
def test_many_at_once_do_not_get_into_each_other_s_way(
    docker: Docker,
    base: str,
    helper_image: None,
    environment: dict[str, str],
    tmp_path: Path,
    seconds: float,
) -> None:
    crowd = Crowd(THREADS, seconds).run(clis(), base, environment, tmp_path)
    if REPORT:
        Path(REPORT).write_text(page(crowd, docker, clis()), encoding="utf-8")
    assert not crowd.wrong, "\n\n".join(crowd.wrong)
