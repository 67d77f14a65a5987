"""What needs no engine: making command lines, reading answers."""

from __future__ import annotations

import json
import math
import time
import timeit
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.measure import Row, Way
from benchmarks.stage import LABEL, Stage
from dockcli import Bind, Port
from dockcli.completed import Completed

_SIZES = (10, 100, 1_000, 10_000)
_CALLS = 1_000
_LOOKS = 300
_IMPORT = (
    "import pathlib, json; from dockcli.completed import Completed; from dockcli import docker; "
)
_SCRIPT = """
from dockcli.completed import Completed
call = docker.call.container.inspect(*["a"] * {size})
call.parse(Completed(call.argv, 0, answer, b"", 0.0), "")
"""


def forty() -> dict[str, Any]:
    """Forty options of `run`, of every kind."""
    texts = (
        *("name", "hostname", "user", "workdir", "entrypoint", "network", "ip", "mac_address"),
        *("restart", "stop_signal", "pid", "uts", "ipc", "runtime", "platform", "pull"),
        *("log_driver", "isolation", "userns", "cgroupns"),
    )
    return {
        **dict.fromkeys(texts, "value"),
        **dict.fromkeys(("detach", "rm", "init", "read_only", "privileged", "tty"), True),
        "pids_limit": 100,
        "cpus": 1.5,
        "memory": "512m",
        "shm_size": 1 << 26,
        "oom_score_adj": 10,
        "env": {"A": "1", "B": "2"},
        "label": {"one": "1", "two": "2"},
        "publish": [Port(80, 8080)],
        "volume": ["data:/data", Bind("/srv", "/srv")],
        "cap_add": ["NET_ADMIN"],
        "cap_drop": ["ALL"],
        "dns": ["10.0.0.1"],
        "add_host": {"db": "10.0.0.2"},
        "security_opt": ["no-new-privileges"],
    }


def rows(stage: Stage) -> Iterator[Row]:
    options = forty()
    assert len(options) >= 40, len(options)
    run = stage.docker.call.container.run

    def build() -> None:
        for _ in range(_CALLS):
            run("alpine:3.20", "id", **options)

    yield Row(
        "argv",
        "the command line of `run` with 40 options",
        [
            Way("dockcli", build, times=_CALLS),
            Way("50 µs", _fifty_microseconds(), times=_CALLS),
        ],
        base=("50 µs",),
        target=1.0,
        goal="under 50 µs",
        rounds=20,
        note=(
            f"{len(options)} options. The other way is bare Python that takes 50 µs where nobody "
            "else wants the processor, found by the least of many: by the clock alone, the same "
            "words take 45 µs or 110 from one second to the next."
        ),
    )
    ids = stage.create(1_000, labels={LABEL: "parse"})
    try:
        answer = stage.raw("container", "inspect", *ids)
        inspect = stage.docker.call.container.inspect(*ids)
        completed = Completed(inspect.argv, 0, answer, b"", 0.0)
        assert len(inspect.parse(completed, "")) == 1_000
        yield Row(
            "parse",
            "read `inspect` of 1,000 containers",
            [
                Way("dockcli", lambda: inspect.parse(completed, "")),
                Way("docker's own time", lambda: stage.raw("container", "inspect", *ids)),
                Way("json.loads alone", lambda: json.loads(answer)),
            ],
            base=("docker's own time",),
            target=0.25,
            goal="under 25 % of the docker process's own time",
            rounds=10,
            note="json.loads alone makes no models.",
        )
    finally:
        stage.remove(ids)
    yield from _parses(stage, json.loads(answer))


def _parses(stage: Stage, objects: list[Any]) -> Iterator[Row]:
    for size in _SIZES:
        many = (objects * (size // len(objects) + 1))[:size]
        path = stage.folder / f"inspect-{size}.json"
        path.write_text(json.dumps(many))
        answer = path.read_bytes()
        call = stage.docker.call.container.inspect(*["a"] * size)
        done = Completed(call.argv, 0, answer, b"", 0.0)

        def parse(read: Callable[..., Any] = call.parse, done: Completed = done) -> object:
            return read(done, "")

        idle = f"{_IMPORT} answer = pathlib.Path({str(path)!r}).read_bytes()"
        yield Row(
            f"parse {size}",
            f"read `inspect` of {size:,} containers",
            [
                Way(
                    "dockcli",
                    parse,
                    script=idle + _SCRIPT.format(size=size),
                    idle=idle,
                ),
                Way(
                    "json.loads alone",
                    lambda answer=answer: json.loads(answer),
                    script=f"{idle}\nkept = json.loads(answer)",
                    idle=idle,
                ),
            ],
            base=("json.loads alone",),
            note="json.loads alone makes no models.",
            rounds=6,
            family="parse inspect",
            size=size,
        )


def _fifty_microseconds() -> Callable[[], None]:
    """Bare Python of the same kind, so much that it takes 50 µs where nobody else wants the
    processor, a thousand times: where the machine is slow for a while, both are."""
    texts = {f"option_{number}": str(number) for number in range(40)}

    def loop(turns: int) -> None:
        for _ in range(turns):
            words: list[str] = []
            for name, value in dict(**texts).items():
                words.append(f"--{name.replace('_', '-')}={value}")
            tuple(words)

    least = math.inf
    for _ in range(_LOOKS):  # over half a minute: a shared machine is slow for seconds
        least = min(least, *timeit.repeat(lambda: loop(5), number=1, repeat=50))
        time.sleep(0.1)
    return lambda: loop(round(_CALLS * 50e-6 * 5 / least))
