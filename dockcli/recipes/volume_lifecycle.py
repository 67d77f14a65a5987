"""2. What a volume is: it exists without a container, and its data outlives every one.

The document has no command lines here. What it speaks of is this:

docker volume create volume-lifecycle
docker container run --volume volume-lifecycle:/data alpine
docker container rm …
docker volume rm volume-lifecycle
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from itertools import pairwise

from dockcli.client import Docker, docker
from dockcli.errors import InUse
from dockcli.objects import Container
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

DATA = "/data"
STATE, LOG, READY = f"{DATA}/state", f"{DATA}/log", f"{DATA}/ready"
WRITERS, LINES = 4, 250
WAIT_SECONDS = 20

_BY_THE_CLI = (
    "볼륨은 도커 CLI나 API를 통해 관리할 수 있으며, 컨테이너 간 데이터를 일관되게 공유할 수 "
    "있습니다."
)
# Nobody writes before all are there, and each lets the others in after every line (`sleep 0`): so
# all have the volume at once, and write in turns.
APPEND = f"""
echo "$0" >> {READY}; tries=0
while [ "$(wc -l < {READY})" -lt {WRITERS} ] && [ $tries -lt {WAIT_SECONDS * 10} ]; do
    tries=$((tries + 1)); sleep 0.1
done
line=0
while [ $line -lt {LINES} ]; do line=$((line + 1)); echo "$0 $line" >> {LOG}; sleep 0; done
"""


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Result:
    """Make a volume, let containers come and go, and prove what stays.

    The arguments and errors are those of `isolation.run`; no file is made in *output*.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> Result:
    """The life of a volume, from before its first container to after its last."""
    client = stage.client
    volume = client.volume.create(stage.name("volume-lifecycle")).name
    _claim_unit(stage, volume)
    _claim_made_by_the_engine(stage, volume)
    _claim_exists_alone(stage, volume)

    mount = f"{volume}:{DATA}"
    name = stage.name("volume-lifecycle-1")
    command = f"echo 'written by {name}' > {STATE}"
    client.container.run(stage.base, "sh", "-c", command, name=name, volume=mount)
    _claim_kept_while_used(stage, volume, name)
    _claim_outlives(stage, name, mount)

    writers = [_writer(stage, number, mount) for number in range(1, WRITERS + 1)]
    _claim_no_line_lost(stage, writers, mount)
    _claim_same_for_all(stage, [mount] * WRITERS)
    _claim_ends_when_removed(stage, volume, writers)
    return stage.result()


def _writer(stage: Stage, number: int, mount: str) -> Container:
    """A container that appends to the log, once all are ready."""
    name = stage.name(f"volume-lifecycle-writer-{number}")
    return stage.client.container.run(
        stage.base, "sh", "-c", APPEND, str(number), name=name, volume=mount, detach=True
    )


def _claim_unit(stage: Stage, volume: str) -> None:
    listed = stage.client.raw("volume", "ls", "--format={{.Driver}} {{.Name}}").lines()
    found = [line for line in listed if line.split(" ", 1)[1:] == [volume]]
    stage.claim(
        "unit-of-docker",
        "A volume is a thing of docker's own, with a name, listed by `docker volume ls`",
        says="도커 볼륨은 도커에서 스토리지를 다루는 단위입니다.",
        holds=len(found) == 1,
        evidence=f"docker volume ls shows {found} of {len(listed)}",
    )


def _claim_made_by_the_engine(stage: Stage, volume: str) -> None:
    """Nobody said where: the engine has made a place for it, and gives it to no other."""
    volumes = stage.client.volume.ls()
    places = [one.mountpoint for one in volumes if one.name == volume]
    elsewhere = {one.mountpoint for one in volumes if one.name != volume}
    chosen = [one for one in volumes if one.name == volume and not one.options.get("device")]
    stage.claim(
        "made-by-the-engine",
        "The engine makes a volume and manages where it lies; nobody names a folder for it",
        says="도커 엔진에 의해 생성되고 관리됩니다.",
        holds=len(chosen) == 1 and bool(places[0]) and places[0] not in elsewhere,
        evidence=f"the engine has it at {', '.join(places) or 'no place'}, with the options "
        f"{[dict(one.options) for one in volumes if one.name == volume]}",
    )


def _claim_exists_alone(stage: Stage, volume: str) -> None:
    exists = volume in stage.client.raw("volume", "ls", "--quiet").lines()
    users = _users(stage, volume)
    stage.claim(
        "exists-alone",
        "A volume exists without any container",
        says="도커 볼륨은 컨테이너와 독립적으로 존재하며, 별도의 생애주기를 가집니다.",
        holds=exists and not users,
        evidence=f"{volume} {'exists' if exists else 'does not exist'}; {len(users)} containers "
        "have it, running or not",
    )


def _claim_kept_while_used(stage: Stage, volume: str, container: str) -> None:
    """*container* has ended, but is there; docker does not take its volume away."""
    try:
        stage.client.volume.rm(volume)
        refused = ""
    except InUse as error:
        refused = error.reason
    stage.claim(
        "kept-while-used",
        "A volume is not removed while a container has it, not even one that has ended",
        says="도커 볼륨은 컨테이너와 독립적으로 존재하며, 별도의 생애주기를 가집니다.",
        holds=bool(refused),
        evidence=f"{container} is {stage.client.container.inspect(container).state.value}; "
        f"docker volume rm says: {refused or 'nothing, and removes it'}",
    )


def _claim_outlives(stage: Stage, container: str, mount: str) -> None:
    """Remove *container*, and read by a new one what it wrote."""
    client = stage.client
    client.container.rm(container)
    gone = container not in client.raw("container", "ls", "--all", "--format={{.Names}}").lines()
    done = client.container.run(stage.base, "cat", STATE, volume=mount, rm=True, check=False)
    stage.claim(
        "outlives-the-container",
        "The data stays when the container is removed: it lies in the engine's own place on the "
        "host, and a new container finds it",
        says="호스트의 파일 시스템을 컨테이너에 마운트하여 컨테이너가 삭제되어도 데이터가 "
        "남아있도록 하는 것입니다.",
        holds=gone and done.text == f"written by {container}\n",
        evidence=f"{container} is {'gone' if gone else 'still there'}; in a new container {STATE} "
        f"reads {(done.text + done.error_text).strip()!r}",
    )


def _claim_no_line_lost(stage: Stage, writers: Sequence[Container], mount: str) -> None:
    """Wait for all *writers*, and count the lines that they were to append."""
    begun = time.monotonic()
    codes = [writer.wait(deadline=WAIT_SECONDS + 10) for writer in writers]
    seconds = time.monotonic() - begun
    done = stage.client.container.run(
        stage.base, "cat", READY, LOG, volume=mount, rm=True, check=False
    )
    found = done.text.splitlines()
    ready, log = found[: len(writers)], found[len(writers) :]
    names = [str(number) for number in range(1, len(writers) + 1)]
    wanted = {name: [f"{name} {line}" for line in range(1, LINES + 1)] for name in names}
    kept = {name: [line for line in log if line.startswith(f"{name} ")] for name in names}
    turns = sum(one.split()[:1] != two.split()[:1] for one, two in pairwise(log))
    stage.claim(
        "several-at-once",
        "Several containers use a volume at once: all append to one file, and no line is lost",
        says="여러 컨테이너가 동시에 같은 볼륨에 접근하고 사용할 수 있습니다.",
        holds=codes == [0] * len(writers)
        and sorted(ready) == names
        and kept == wanted
        and len(log) == len(names) * LINES
        and turns >= len(names),
        evidence=f"{len(writers)} containers ready before the first wrote ({' '.join(ready)}); "
        f"{len(log)} of {len(names) * LINES} lines, each writer's own in order: {kept == wanted}, "
        f"and {turns} times another one's turn; ended after {seconds:.1f} s with {codes}",
    )


def _claim_same_for_all(stage: Stage, mounts: Sequence[str]) -> None:
    """What each of several containers reads there; *mounts* is the --volume of each."""
    sums = [
        stage.client.container.run(
            stage.base, "md5sum", LOG, STATE, volume=mount, rm=True, check=False
        ).text.split()[::2]
        for mount in mounts
    ]
    stage.claim(
        "same-for-all",
        "What is in a volume is the same for every container that has it",
        says=_BY_THE_CLI,
        holds=len(sums[0]) == 2 and all(one == sums[0] for one in sums),
        evidence=f"md5sum of {LOG} and {STATE} in {len(sums)} containers: "
        + "; ".join(sorted({" ".join(one) or "no such files" for one in sums})),
    )


def _claim_ends_when_removed(stage: Stage, volume: str, users: Sequence[Container]) -> None:
    """With its last container gone a volume can be removed, and only then does it end."""
    client = stage.client
    client.container.rm(*users)
    stayed = volume in client.raw("volume", "ls", "--quiet").lines()
    others = _users(stage, volume)
    removed = client.raw("volume", "rm", volume, check=False)
    left = volume in client.raw("volume", "ls", "--quiet").lines()
    stage.claim(
        "ends-when-removed",
        "A volume ends when it is removed, by `docker volume rm`, and not with its containers",
        says=_BY_THE_CLI,
        holds=stayed and not others and not left,
        evidence=f"its {len(users)} containers removed, it {'stayed' if stayed else 'was gone'}; "
        f"after docker volume rm it is {'still there' if left else 'gone'}"
        + (f" ({removed.error_text.strip()})" if left else ""),
    )


def _users(stage: Stage, volume: str) -> list[str]:
    """The names of the containers that have *volume*, running or not."""
    filters = (f"--filter=volume={volume}", "--format={{.Names}}")
    return stage.client.raw("container", "ls", "--all", *filters).lines()


RECIPE = Recipe(
    name="volume_lifecycle",
    title="docker volume이란?",
    section="docker volume이란, 볼륨",
    play=play,
    containers=(
        "volume-lifecycle-1",
        *(f"volume-lifecycle-writer-{number}" for number in range(1, WRITERS + 1)),
    ),
    volumes=("volume-lifecycle",),
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
