"""dockcli beside the raw ``docker`` process and its peers, in one run, in turns.

    python -m benchmarks [--scale N] [--only NAME …] [--results FILE] [--page FILE]

``make bench`` does it all, on a machine that has nothing yet.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import measure, page
from benchmarks.rows import ALL
from benchmarks.stage import Stage, opened
from benchmarks.table import line

_HERE = Path(__file__).parent
_PEERS = ("python-on-whales", "docker", "testcontainers", "podman")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--scale", type=float, default=1.0, help="how many times the usual rounds")
    parser.add_argument("--only", nargs="*", choices=list(ALL), help="these rows and no others")
    parser.add_argument("--results", type=Path, default=_HERE / "results.json")
    parser.add_argument("--page", type=Path, default=_HERE.parent / "docs" / "performance.md")
    given = parser.parse_args()
    begun = time.time()
    rows: list[dict[str, Any]] = []
    with opened(short=given.scale < 1) as stage:
        machine = _machine(stage)
        for row in _measured(stage, given.only or list(ALL), given.scale):
            rows.append(row)
            machine["minutes"] = round((time.time() - begun) / 60, 1)
            found = {"machine": machine, "scale": given.scale, "rows": rows}
            given.results.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    page.write(found, given.page)
    missed = [row["work"] for row in rows if page.reached(row) is False]
    print(f"{len(missed)} of {len(rows)} rows miss what they are to reach", *missed, sep="\n  ")
    return 0


def _measured(stage: Stage, names: list[str], scale: float) -> Iterator[dict[str, Any]]:
    for name in names:
        with closing(ALL[name](stage)) as rows:  # type: ignore[type-var]
            for row in rows:
                found = measure.run(row, scale=scale)
                print(line(found), flush=True)
                yield found


def _machine(stage: Stage) -> dict[str, Any]:
    version = stage.docker.version()
    return {
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "docker": version.client,
        "engine": version.server,
        "peers": {name: metadata.version(name) for name in _PEERS},
    }


if __name__ == "__main__":
    sys.exit(main())
