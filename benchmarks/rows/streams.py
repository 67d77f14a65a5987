"""Bytes out of a container."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from benchmarks.measure import Row, Way
from benchmarks.stage import Stage

_SIZES = (16, 64, 256)
_MEBIBYTE = 1 << 20
_SETUP = "from dockcli import docker; docker.version()"
_OURS = """
with docker.call.container.exec({box!r}, "head", "-c", "{bytes}", "/dev/zero").open() as stream:
    while stream.read(65536): pass
"""
_WHALES_SETUP = "from python_on_whales import docker; docker.version()"
_WHALES = """
docker.container.execute({box!r}, ["head", "-c", "{bytes}", "/dev/zero"])
"""
_PY_SETUP = "import docker; client = docker.from_env(); client.version()"
_PY = """
box = client.containers.get({box!r})
for _ in box.exec_run(["head", "-c", "{bytes}", "/dev/zero"], stream=True).output: pass
"""


def piped(stage: Stage, *words: str) -> int:
    """The bytes of a docker process, read from its pipe and thrown away."""
    found = 0
    with subprocess.Popen(
        [stage.program, *words], env=stage.environment, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdout is not None
        while chunk := os.read(process.stdout.fileno(), 65536):
            found += len(chunk)
    assert process.returncode == 0
    return found


def rows(stage: Stage) -> Iterator[Row]:
    with stage.box() as box:
        container, kept = stage.py.containers.get(box), stage.whales.container.inspect(box)
        for size in _SIZES:
            count = size * _MEBIBYTE
            words = ("head", "-c", str(count), "/dev/zero")

            def ours(words: tuple[str, ...] = words, count: int = count) -> None:
                found = 0
                with stage.docker.call.container.exec(box, *words).open() as stream:
                    while chunk := stream.read(65536):
                        found += len(chunk)
                assert found == count

            def raw(words: tuple[str, ...] = words, count: int = count) -> None:
                assert piped(stage, "exec", box, *words) == count

            def pys(words: tuple[str, ...] = words, count: int = count) -> None:
                answer = container.exec_run(list(words), stream=True)
                assert sum(map(len, answer.output)) == count

            def whales(words: tuple[str, ...] = words, count: int = count) -> None:
                assert len(kept.execute(list(words))) == count

            told = {"box": box, "bytes": count}
            yield Row(
                f"bytes {size}",
                f"{size} MiB out of a container",
                [
                    Way("dockcli", ours, script=_SETUP + _OURS.format(**told), idle=_SETUP),
                    Way("raw pipe", raw),
                    Way(
                        "docker-py",
                        pys,
                        rounds=3,
                        script=_PY_SETUP + _PY.format(**told),
                        idle=_PY_SETUP,
                    ),
                    Way(
                        "python-on-whales",
                        whales,
                        rounds=2,
                        script=_WHALES_SETUP + _WHALES.format(**told),
                        idle=_WHALES_SETUP,
                    ),
                ],
                base=("raw pipe",),
                target=1 / 0.95 if size == 256 else None,
                goal="≥ 0.95 × the raw pipe; memory ≤ +32 MiB",
                rounds=12 if size == 256 else 4,
                family="bytes (MiB)",
                size=size,
            )
