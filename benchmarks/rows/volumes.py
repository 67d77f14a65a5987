"""A volume into an archive and back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Row, Way
from benchmarks.stage import LABEL, Stage
from dockcli.data.helper.image import made

_SIZES = ((0, 10), (0, 100), (0, 1_000), (512, 10_000))
_SHORT = ((0, 10), (0, 100), (0, 1_000), (64, 1_000))
_GOAL = "≤ 1.5 × the bare helper followed by `sync`"
_SETUP = "from dockcli import docker; docker.version()"
_KEEP = ("--xattrs", "--format=pax", "--sparse", "-cf", "/out/bare.tar", ".")


def rows(stage: Stage) -> Iterator[Row]:
    for mebibytes, files in _SHORT if stage.short else _SIZES:
        yield from _rows(stage, mebibytes, files)


def _rows(stage: Stage, mebibytes: int, files: int) -> Iterator[Row]:
    docker, image = stage.docker, made(stage.docker)[0]
    source, target = stage.name("source"), stage.name("target")
    folder, whole = stage.folder, bool(mebibytes)
    docker.volume.create(source, label={LABEL: "volume"})
    archive = os.path.join(folder, "data")

    def bare(*words: str, volume: str, mode: str) -> None:
        stage.raw(
            *("run", "--rm", "--network=none", "--log-driver=none"),
            *(f"--volume={volume}:/v{mode}", f"--volume={folder}:/out", "--entrypoint=sh", image),
            *("-c", 'cd /v && tar "$@" && sync', "tar", *words),
        )

    def by_cp() -> None:
        box = stage.raw("create", f"--volume={source}:/v:ro", stage.base).decode().strip()
        with open(f"{archive}.cp.tar", "wb") as file:
            words = [stage.program, "cp", f"{box}:/v/.", "-"]
            subprocess.run(words, env=stage.environment, stdout=file, check=True)
        stage.raw("rm", box)

    def by_run() -> None:
        with open(f"{archive}.run.tar", "wb") as file:
            subprocess.run(
                [
                    *(stage.program, "run", "--rm", "--log-driver=none"),
                    *(f"--volume={source}:/v:ro", stage.base, "tar", "-C", "/v", "-cf", "-", "."),
                ],
                env=stage.environment,
                stdout=file,
                check=True,
            )

    def fresh() -> None:
        docker.volume.rm(target, force=True)

    def restored_bare() -> None:
        stage.raw("volume", "create", target)
        bare("--xattrs", "-xpf", "/out/bare.tar", volume=target, mode="")

    def restore(end: str) -> Callable[[], object]:
        return lambda: docker.volume.restore(f"{archive}{end}", target)

    try:
        _fill(Path(docker.volume.inspect(source).mountpoint), mebibytes, files)
        size = f"{mebibytes} MiB + {files:,} files" if whole else f"{files:,} files"
        yield Row(
            f"backup {mebibytes}+{files}",
            f"back up {size}",
            [
                Way(
                    "dockcli",
                    lambda: docker.volume.backup(source, f"{archive}.tar"),
                    script=f"{_SETUP}; docker.volume.backup({source!r}, '{archive}.child.tar')",
                    idle=_SETUP,
                ),
                Way("bare helper, sync", lambda: bare(*_KEEP, volume=source, mode=":ro")),
                Way(
                    "dockcli, .tar.zst",
                    lambda: docker.volume.backup(source, f"{archive}.tar.zst"),
                    rounds=1,
                ),
                Way("create, cp", by_cp, rounds=1),
                Way("run tar, no log", by_run, rounds=1),
            ],
            base=("bare helper, sync",),
            target=1.5 if whole else None,
            goal=_GOAL,
            rounds=3 if whole else 4,
            family="back up (files)",
            size=0 if whole else files,
            note="dockcli's has a checksum of all its bytes, keeps what `cp` and busybox tar "
            "lose, and is on the disk before it has its name; no peer backs volumes up.",
        )
        yield Row(
            f"restore {mebibytes}+{files}",
            f"restore {size}",
            [
                Way("dockcli", restore(".tar"), fresh),
                Way("bare helper, sync", restored_bare, fresh),
                Way("dockcli, .tar.zst", restore(".tar.zst"), fresh, rounds=1),
            ],
            base=("bare helper, sync",),
            target=1.5 if whole else None,
            goal=_GOAL,
            rounds=3 if whole else 4,
            family="restore (files)",
            size=0 if whole else files,
            note="dockcli looks the archive through before anything is made, unpacks it beside, "
            "reads back and compares what has arrived, and then puts it in its place.",
        )
    finally:
        docker.volume.rm(source, target, force=True)
        for path in Path(folder).glob("*.tar*"):
            path.unlink()


def _fill(folder: Path, mebibytes: int, files: int) -> None:
    for number in range(mebibytes // 8):
        (folder / f"big{number}").write_bytes(os.urandom(8 << 20))
    for number in range(files):
        below = folder / f"d{number % 100}"
        below.mkdir(exist_ok=True)
        (below / f"f{number}").write_bytes(b"%d" % number * 50)
