"""Lines of a log."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

from benchmarks.measure import Row, Way
from benchmarks.stage import Stage

_LINE = "0123456789" * 6 + "0123"
_SIZES = (10_000, 100_000, 1_000_000)
_WHOLE = (1 << 30) // (len(_LINE) + 1)
_SETUP = "from dockcli import docker; docker.version()"
_OURS = """
found = 0
for line in docker.logs({name!r}, stream=True): found += len(line.text) == {length}
assert found == {count}
"""
_WHALES_SETUP = "from python_on_whales import docker; docker.version()"
_WHALES = """
for line in docker.container.logs({name!r}, stream=True): pass
"""
_PY_SETUP = "import docker; client = docker.from_env(); client.version()"
_PY = """
for line in client.containers.get({name!r}).logs(stream=True): pass
"""


def rows(stage: Stage) -> Iterator[Row]:
    for count in _SIZES if stage.short else (*_SIZES, _WHOLE):
        whole = count == _WHOLE
        with stage.box("sh", "-c", f"yes {_LINE} | head -n {count}") as name:
            stage.docker.wait(name)
            rounds = 1 if whole else 3 if count >= 1_000_000 else 5
            told = {"name": name, "length": len(_LINE), "count": count}
            ways = [
                Way(
                    "dockcli",
                    _lines(stage, name, count),
                    rounds=rounds,
                    script=_SETUP + _OURS.format(**told) if count <= 1_000_000 else "",
                    idle=_SETUP,
                ),
                Way("raw process", _raw(stage, "logs", "--timestamps", name), rounds=rounds),
            ]
            if not whole:
                ways += [
                    Way("raw process, no times", _raw(stage, "logs", name)),
                    Way("dockcli, no times", _lines(stage, name, count, timestamps=False)),
                    Way(
                        "python-on-whales",
                        _whales(stage, name, count),
                        rounds=1,
                        script=_WHALES_SETUP + _WHALES.format(**told),
                        idle=_WHALES_SETUP,
                    ),
                    Way(
                        "docker-py",
                        _py(stage, name, count),
                        rounds=1,
                        script=_PY_SETUP + _PY.format(**told),
                        idle=_PY_SETUP,
                    ),
                ]
            yield Row(
                f"lines {count}",
                f"{'1 GiB' if whole else f'{count:,} lines'} of log",
                ways,
                base=("raw process",),
                target=1 / 0.9 if count >= 1_000_000 else None,
                goal="≥ 0.9 × the raw process for lines; memory ≤ +32 MiB",
                rounds=rounds,
                family="log lines",
                size=count,
                note="Lines of 65 bytes. dockcli's have their times and streams, as `logs "
                "--timestamps` has; the raw process writes to /dev/null.",
            )


def _lines(stage: Stage, name: str, count: int, **options: bool) -> Callable[[], None]:
    def read() -> None:
        found = sum(
            len(line.text) == len(_LINE) for line in stage.docker.logs(name, stream=True, **options)
        )
        assert found == count, found

    return read


def _raw(stage: Stage, *words: str) -> Callable[[], object]:
    return lambda: subprocess.run(
        [stage.program, *words], env=stage.environment, stdout=subprocess.DEVNULL, check=True
    )


def _whales(stage: Stage, name: str, count: int) -> Callable[[], None]:
    def read() -> None:
        assert sum(1 for _ in stage.whales.container.logs(name, stream=True)) == count

    return read


def _py(stage: Stage, name: str, count: int) -> Callable[[], None]:
    def read() -> None:
        assert sum(1 for _ in stage.py.containers.get(name).logs(stream=True)) == count

    return read
