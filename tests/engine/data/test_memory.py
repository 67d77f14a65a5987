"""T16: a volume passes through without being kept in memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli import Docker

_CODE = """
import resource, sys
from dockcli import Docker

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

d = Docker(sys.argv[1])
d.volume.backup(sys.argv[3], sys.argv[5], overwrite=True)
before = peak()
d.volume.backup(sys.argv[2], sys.argv[5], overwrite=True)
d.volume.restore(sys.argv[5], sys.argv[4])
print(peak() - before)
"""


@pytest.fixture(scope="session")
def cli(docker: Docker) -> Docker:
    """One docker: the bytes pass through the same hands with each."""
    return docker


@pytest.mark.parametrize(
    "mebibytes", [96, pytest.param(1024, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
@pytest.mark.parametrize("suffix", [".tar", ".tar.zst"])
def test_memory_stays_flat(
    docker: Docker,
    volume: Callable[..., str],
    folder: Callable[[str], bytes],
    tmp_path: Path,
    environment: dict[str, str],
    mebibytes: int,
    suffix: str,
) -> None:
    big, small, new = volume("big"), volume("small"), volume("new", create=False)
    with open(os.path.join(folder(big), b"big"), "wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1 << 20))
    words = [docker.binary, big, small, new, str(tmp_path / f"data{suffix}")]
    done = subprocess.run(
        [sys.executable, "-c", _CODE, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 64
