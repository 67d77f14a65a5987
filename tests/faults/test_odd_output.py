"""docker answers with what is no answer: no JSON, half of it, far too much of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import UnreadableOutput
from tests.faults.conftest import Told

Tell = Callable[[str, str], Told]
NO_JSON, HALF = "The output is not JSON", "The output is half JSON"
LINES, LONG = "The output is ten million lines", "The output is one line of 100 MB"
MB = 1 << 20


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str], str]:
    """A docker that does what *script* says."""

    def make(script: str) -> str:
        path = tmp_path / "docker"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return make


READ: dict[str, Callable[[Docker], Any]] = {
    "container.ls": lambda it: it.container.ls(),
    "container.inspect": lambda it: it.container.inspect("web"),
    "image.ls": lambda it: it.image.ls(),
    "image.inspect": lambda it: it.image.inspect("alpine"),
    "volume.ls": lambda it: it.volume.ls(),
    "volume.inspect": lambda it: it.volume.inspect("data"),
    "network.ls": lambda it: it.network.ls(),
    "network.inspect": lambda it: it.network.inspect("net"),
    "container.stats": lambda it: it.container.stats(),
    "container.stats, a stream": lambda it: list(it.container.stats(stream=True)),
    "events, a stream": lambda it: list(it.system.events()),
    "system.info": lambda it: it.system.info(),
    "system.df": lambda it: it.system.df(),
    "version": lambda it: it.version(),
    "image.history": lambda it: it.image.history("alpine"),
    "search": lambda it: it.search("alpine"),
    "context.ls": lambda it: it.context.ls(),
}
IDS = 'case "$*" in *{{.ID}}*|*" -q"*|*--quiet*) echo 0123456789ab; exit;; esac\n'


@pytest.mark.parametrize("verb", READ)
@pytest.mark.parametrize("fault", [NO_JSON, HALF], ids=["none", "half"])
def test_of_what_is_read(fake: Any, tell: Tell, verb: str, fault: str) -> None:
    row = tell(fault, f"`{verb}`")
    said = "<html>502 Bad Gateway</html>" if fault == NO_JSON else '[{"ID":"0123456789ab","Id":"01'
    docker = Docker(fake(IDS + f"printf '%s\\n' '{said}'"), host="unix:///nowhere")
    with row.fails(UnreadableOutput, within=5):
        READ[verb](docker)
    row.left("nothing")


PROGRAM = """\
import json, resource, sys, time
from dockcli import Docker
from dockcli.errors import DockcliError
docker = Docker({binary!r}, host="unix:///nowhere")
def rss():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{warm}
before, begun, seen, error = rss(), time.monotonic(), 0, ""
try:
    {body}
except DockcliError as failed:
    error = type(failed).__name__ + ": " + str(failed)[:300]
print(json.dumps([seen, error, (rss() - before) * 1024, time.monotonic() - begun]))
"""
COUNT = "for one in {}:\n        seen += 1"
BIG: dict[str, tuple[str, str, str]] = {
    "logs, a stream": (
        LINES,
        "yes 2026-01-31T02:00:00.000000000Z\\ said | head -n 10000000",
        COUNT.format('docker.logs("web", follow=True)'),
    ),
    "events, a stream": (
        LINES,
        "yes '{}' | head -n 200000",
        COUNT.format("docker.system.events()"),
    ),
    "exec, a stream": (
        LINES,
        "yes said | head -n 10000000",
        COUNT.format('docker.exec("web", "yes", stream=True)'),
    ),
    "export, bytes": (
        LINES,
        "yes said | head -n 10000000",
        'file = docker.export("web", stream=True)\n    while file.read(1 << 20): seen += 1',
    ),
    "logs, one line": (
        LONG,
        "head -c 104857600 /dev/zero | tr '\\\\0' x",
        COUNT.format('docker.logs("web", follow=True)'),
    ),
    "events, one line": (
        LONG,
        "head -c 104857600 /dev/zero | tr '\\\\0' x",
        COUNT.format("docker.system.events()"),
    ),
    "stats, one line": (
        LONG,
        "head -c 104857600 /dev/zero | tr '\\\\0' x",
        COUNT.format("docker.container.stats(stream=True)"),
    ),
    "pull, one line": (
        LONG,
        "head -c 104857600 /dev/zero | tr '\\\\0' x",
        COUNT.format('docker.pull("alpine", stream=True)'),
    ),
}


@pytest.mark.parametrize("name", BIG)
def test_of_what_is_streamed(fake: Any, tell: Tell, name: str) -> None:
    """In a process of its own, whose memory is measured."""
    fault, script, body = BIG[name]
    kept = ", which keeps what docker said for its answer" if name.startswith("pull") else ""
    row = tell(fault, f"`{name.partition(',')[0]}`, a stream{kept}")
    program = PROGRAM.format(binary=fake(script.replace("\\\\", "\\")), body=body, warm="")
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, timeout=280
    )
    seen, error, grown, seconds = json.loads(done.stdout)
    most = 330 * MB if name.startswith("pull") else 96 * MB
    assert grown < most, f"{grown / MB:.0f} MiB"
    if error:
        row.gives(f"`{error.partition(':')[0]}`, {grown / MB:.0f} MiB more memory", seconds)
    else:
        assert seen > 0
        row.gives(
            f"{seen:,} item{'s' if seen > 1 else ''}, {grown / MB:.0f} MiB more memory", seconds
        )
    assert bool(error) == (fault == LONG and name.split(",")[0] in ("events", "stats"))
    row.left("nothing")


@pytest.mark.parametrize("verb", ["container.ls", "container.inspect", "volume.ls"])
def test_of_an_answer_that_is_one_line(fake: Any, tell: Tell, verb: str) -> None:
    row = tell(LONG, f"`{verb}`, an answer, which is held as a whole")
    docker = Docker(fake(IDS + "head -c 104857600 /dev/zero | tr '\\0' x"), host="unix:///nowhere")
    with row.fails(UnreadableOutput, within=60):
        READ[verb](docker)
    assert len(str(row.error)) < 2000
    row.left("nothing")
