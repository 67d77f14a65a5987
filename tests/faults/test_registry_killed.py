"""The registry is killed in the middle of a push or a pull."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli.errors import DockcliError
from dockcli.models.progress import Progress
from tests.engine.conftest import missing
from tests.faults.conftest import Engine, Maker, Told

PORT = 5000
NAME = f"127.0.0.1:{PORT}/faults:mine"
CONFIG = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {folder}/registry
http:
  addr: 127.0.0.1:{port}
"""


class Registry:
    """One in the engine's own network."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        config = folder / "config.yml"
        config.write_text(CONFIG.format(folder=folder, port=PORT), encoding="utf-8")
        words = ("docker-registry", "serve", str(config))
        self._words = ["nsenter", f"--target={engine.own.pid}", "--net", *words]
        self._log = folder / "log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def registry(engine: Engine, tmp_path: Path) -> Iterator[Registry]:
    try:
        one = Registry(engine, tmp_path)
    except OSError as error:
        missing(f"docker-registry: {error}")
    yield one
    one.kill()


def an_image(engine: Engine, maker: Maker) -> None:
    fill = "dd if=/dev/urandom of=/big bs=1M count=150 2>/dev/null"
    one = maker.client.create(engine.base, "sh", "-c", fill)
    maker.client.start(one, attach=True)
    maker.client.commit(one, NAME, change=[f"LABEL dockcli.owner={maker.owner}"])
    maker.client.rm(one)


@pytest.mark.parametrize("verb", ["push", "pull"])
def test_the_registry_is_killed(
    engine: Engine,
    maker: Maker,
    registry: Registry,
    tell: Callable[[str, str], Told],
    verb: str,
) -> None:
    row = tell("The registry is killed", f"`{verb}` with `deadline=20`")
    an_image(engine, maker)
    if verb == "pull":
        until = time.monotonic() + 60
        while maker.client.push(NAME, check=False).returncode and time.monotonic() < until:
            time.sleep(0.5)
        maker.client.image.rm(NAME)
    struck: list[Progress] = []

    def strike(seen: Progress) -> None:
        if not struck:
            struck.append(seen)
            row.strike(registry.kill)

    it = maker.client
    with row.fails(DockcliError, within=30):
        if verb == "push":
            it.push(NAME, on_progress=strike, deadline=20)
        else:
            it.pull(NAME, on_progress=strike, deadline=20)
    assert struck
    row.left(maker.cleaned(unlabelled="`docker image rm`, for a push or pull has no label"))
