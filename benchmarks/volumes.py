"""What backing up and restoring a volume costs beside the bare ways, measured in turn in one run.

512 MiB and 10,000 files. Prints seconds (median, from least to most), and ours by the bare helper:
GNU tar in a container that writes into a bound folder, followed by ``sync``.

    python benchmarks/volumes.py [MEBIBYTES] [FILES] [ROUNDS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from dockcli import Docker
from dockcli.data.helper.image import made


def timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def fill(client: Docker, volume: str, mebibytes: int, files: int) -> None:
    folder = Path(client.volume.inspect(volume).mountpoint)
    for number in range(mebibytes // 8):
        (folder / f"big{number}").write_bytes(os.urandom(8 << 20))
    for number in range(files):
        below = folder / f"d{number % 100}"
        below.mkdir(exist_ok=True)
        (below / f"f{number}").write_bytes(b"%d" % number * 50)


def main() -> None:
    mebibytes, files, rounds = (
        int(sys.argv[n]) if len(sys.argv) > n else default
        for n, default in ((1, 512), (2, 10_000), (3, 3))
    )
    docker = Docker()
    image = made(docker)[0]
    stem = f"bench-{uuid.uuid4().hex[:6]}"
    source, target = f"{stem}-source", f"{stem}-target"
    folder = tempfile.mkdtemp(prefix="bench-")
    docker.volume.create(source)
    host = docker.volume.inspect(source).mountpoint

    def bare(*words: str, volume: str, mode: str) -> None:
        docker.run(
            image,
            *("sh", "-c", 'cd /v && tar "$@" && sync', "tar", *words),
            rm=True,
            volume=[f"{volume}:/v{mode}", f"{folder}:/out"],
            network="none",
            log_driver="none",
        )

    def fresh(restore: Callable[[], object]) -> None:
        docker.volume.rm(target, force=True)
        restore()

    def restored_bare() -> None:
        docker.volume.create(target)
        bare("--xattrs", "-xpf", "/out/bare.tar", volume=target, mode="")

    archive = os.path.join(folder, "data")
    keep = ["--xattrs", "--format=pax", "--sparse", "-cf", "/out/bare.tar", "."]
    writing = {
        "host tar": lambda: subprocess.run(
            ["sh", "-c", 'tar -C "$1" -cf "$2" . && sync', "", host, f"{archive}.host"], check=True
        ),
        "bare helper, sync": lambda: bare(*keep, volume=source, mode=":ro"),
        "backup .tar": lambda: docker.volume.backup(source, f"{archive}.tar"),
        "backup .tar.zst": lambda: docker.volume.backup(source, f"{archive}.tar.zst"),
        "backup .tar, by cp": lambda: docker.volume.backup(source, f"{archive}-cp.tar", way="cp"),
    }
    reading = {
        "bare helper, sync": lambda: fresh(restored_bare),
        "restore .tar": lambda: fresh(lambda: docker.volume.restore(f"{archive}.tar", target)),
        "restore .tar.zst": lambda: fresh(
            lambda: docker.volume.restore(f"{archive}.tar.zst", target)
        ),
        "clone": lambda: fresh(lambda: docker.volume.clone(source, target)),
    }
    try:
        fill(docker, source, mebibytes, files)
        for work in (writing, reading):
            seconds: dict[str, list[float]] = {name: [] for name in work}
            for number in range(rounds):
                names = list(work) if number % 2 == 0 else list(reversed(work))
                for name in names if number else list(work):
                    seconds[name].append(timed(work[name]))
            for name, all_of in seconds.items():
                pairs = zip(all_of, seconds["bare helper, sync"], strict=True)
                ratio = statistics.median(one / other for one, other in pairs)
                print(
                    f"{name:<22} {statistics.median(all_of):6.2f} s"
                    f"  ({min(all_of):.2f} to {max(all_of):.2f})  x{ratio:.2f}",
                    flush=True,
                )
    finally:
        docker.volume.rm(source, target, force=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
