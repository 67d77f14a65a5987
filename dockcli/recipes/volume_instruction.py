"""2. When to use a volume: the VOLUME instruction against the flag --volume.

The document has no command lines here. What it speaks of is this:

docker image build -t volume-instruction .    # its Dockerfile has: VOLUME /data
docker container run volume-instruction
docker container run --volume volume-instruction-data:/data volume-instruction
docker container rm --volumes …
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from dockcli.client import Docker, docker
from dockcli.models.container import ContainerInspect
from dockcli.recipes import builders
from dockcli.recipes.builders import BUILDKIT, LEGACY, Built
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

DATA = "/data"
STATE = f"{DATA}/state"
BUILT = f"{DATA}/built"
MAKE = f"mkdir -p {DATA} && echo built > {BUILT}"
DOCKERFILE = f"ARG BASE=alpine:3.20\nFROM ${{BASE}}\nVOLUME {DATA}\nRUN {MAKE}\n"

_ADVICE = (
    "이미지(Dockerfile)에서 정의하는 것보다 명시적으로 컨테이너 생성시에 관리하는 편이 더 좋습니다."
)
_ALWAYS_NEW = (
    "VOLUME 인스트럭션을 사용해 빌드된 이미지로 docker container run 명령에서 볼륨을 지정하지 "
    "않으면 항상 새로운 볼륨을 생성하게 됩니다."
)
_BY_ITS_ID = (
    "이 볼륨은 무작위로 만들어진 식별자를 가지므로, 해당 볼륨을 재사용하기 위해서는 반드시 식별자 "
    "이름을 기억하고 있어야 합니다."
)
_RANDOM_ID = re.compile("[0-9a-f]{64}")


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Result:
    """Build images with VOLUME, run them with and without --volume, and prove what is left.

    The arguments and errors are those of `isolation.run`; no file is made in *output*.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> Result:
    """What VOLUME does in a run, what --volume does against it, what remains, what a build does."""
    image, named = stage.name("volume-instruction"), stage.name("volume-instruction-data")
    folder = stage.context()
    stage.write(os.path.join(folder, "Dockerfile"), DOCKERFILE)
    legacy = builders.build(stage, LEGACY, folder, image, MAKE)
    stage.client.volume.create(named)

    first, second = (_run(stage, image, number) for number in "12")
    _claim_new_each_time(stage, first, second)
    _claim_random_id(stage, first, second)
    _claim_found_by_id(stage, image, first)

    flag = {"volume": f"{named}:{DATA}"}
    plain = _run(stage, stage.base, "3", **flag)
    _claim_two_features(stage, first, plain)
    third = _run(stage, image, "4", **flag)
    _claim_flag_precedes(stage, third, named)
    _claim_only_anonymous_removed(stage, _run(stage, image, "5"), third)
    _claim_define_at_run(stage, (first, second), (_run(stage, image, "6", **flag), plain))

    newer = stage.name("volume-instruction-buildkit")
    buildkit = builders.build(stage, BUILDKIT, folder, newer, MAKE)
    _claim_legacy_discards(stage, legacy, image)
    _claim_buildkit_keeps(stage, buildkit, newer)
    return stage.result()


def _run(stage: Stage, image: str, number: str, **flags: Any) -> ContainerInspect:
    """Run a container that leaves its mark in /data, and has ended."""
    name = stage.name(f"volume-instruction-{number}")
    command = f"mkdir -p {DATA}; echo 'container {number}' >> {STATE}"
    stage.client.container.run(image, "-c", command, entrypoint="/bin/sh", name=name, **flags)
    return stage.client.container.inspect(name)


def _volumes(container: ContainerInspect) -> list[str]:
    """The names of the volumes at /data; one, where all is well."""
    return [
        mount.name
        for mount in container.mounts
        if mount.type == "volume" and mount.destination == DATA
    ]


def _claim_new_each_time(stage: Stage, *containers: ContainerInspect) -> None:
    names = [name for container in containers for name in _volumes(container)]
    stage.claim(
        "new-volume-each-run",
        "Every run of an image with VOLUME makes a new volume, unless one is given",
        says=_ALWAYS_NEW,
        holds=len(names) == len(set(names)) == len(containers),
        evidence=f"{_called(containers)} have at {DATA} {_short(names)}",
    )


def _claim_random_id(stage: Stage, *containers: ContainerInspect) -> None:
    names = [name for container in containers for name in _volumes(container)]
    random = [name for name in names if _RANDOM_ID.fullmatch(name)]
    told = {word for container in containers for word in (container.id, container.name)}
    stage.claim(
        "random-id",
        "Such a volume is called by a random id of 64 hexadecimal digits",
        says=_BY_ITS_ID,
        holds=bool(names) and len(set(random)) == len(containers) and not told & set(random),
        evidence=f"called {' and '.join(names)}: {len(set(random))} of {len(containers)} are such "
        "ids, and nothing of the container's name or id",
    )


def _claim_found_by_id(stage: Stage, image: str, container: ContainerInspect) -> None:
    """Read what *container* wrote, by a run with its volume's id and by one without."""
    ask = ("container", "inspect", "--format={{range .Mounts}}{{.Name}}{{end}}")
    name = stage.client.raw(*ask, container.name).text.strip() or "VOLUME_ID"
    again: dict[str, Any] = {"entrypoint": "/bin/cat", "rm": True, "check": False}
    by_id = stage.client.container.run(image, STATE, volume=f"{name}:{DATA}", **again).text
    without = stage.client.container.run(image, STATE, **again)
    wrote = container.name.rpartition("-")[2]
    stage.claim(
        "found-by-id-only",
        "The data is found again by the volume's id, and by a new run without it not",
        says=_BY_ITS_ID,
        holds=by_id == f"container {wrote}\n" and without.returncode != 0,
        evidence=f"with --volume {_short([name])}:{DATA} {STATE} reads {by_id.strip()!r}; without, "
        f"cat says {(without.text + without.error_text).strip()!r}",
    )


def _claim_two_features(
    stage: Stage, instruction: ContainerInspect, flag: ContainerInspect
) -> None:
    """*instruction* ran an image with VOLUME without the flag, *flag* one without it, with it."""
    defined = [_defined(stage, one) for one in (instruction, flag)]
    has = [_volumes(one) for one in (instruction, flag)]
    stage.claim(
        "two-features",
        "VOLUME works without --volume, and --volume works without VOLUME",
        says="Dockerfile 스크립트의 VOLUME 인스트럭션과 docker container 명령어의 --volume "
        "플래그는 별개의 기능입니다.",
        holds=defined == [[DATA], []] and all(has) and has[0] != has[1],
        evidence=f"the image of {instruction.name} defines {defined[0]}, and it has "
        f"{_short(has[0])}; the image of {flag.name} defines {defined[1]}, and it has "
        f"{_short(has[1])}",
    )


def _claim_flag_precedes(stage: Stage, container: ContainerInspect, named: str) -> None:
    volumes = [mount.name for mount in container.mounts if mount.type == "volume"]
    stage.claim(
        "flag-precedes",
        "--volume takes precedence over VOLUME: its volume is mounted, and no anonymous one made",
        says="반면 --volume 플래그는 이미지에 VOLUME 인스트럭션이 정의되어 있더라도 --volume "
        "플래그로 지정한 볼륨을 컨테이너에 마운트합니다. 즉 우선 순위가 더 높습니다.",
        holds=_defined(stage, container) == [DATA] and volumes == [named],
        evidence=f"the image defines {_defined(stage, container)}; of all volumes {container.name} "
        f"has {_short(volumes)}",
    )


def _claim_only_anonymous_removed(
    stage: Stage, anonymous: ContainerInspect, named: ContainerInspect
) -> None:
    volumes = [*_volumes(anonymous), *_volumes(named)]
    stage.client.container.rm(anonymous.name, named.name, volumes=True)
    left = [name in _there(stage) for name in volumes]
    stage.claim(
        "only-anonymous-removed",
        "`rm --volumes` removes a container's anonymous volume, and never a named one",
        says=_ADVICE,
        holds=left == [False, True],
        evidence=f"after `rm --volumes` {_left(volumes, left)}",
    )


def _claim_define_at_run(
    stage: Stage, instruction: Sequence[ContainerInspect], flag: Sequence[ContainerInspect]
) -> None:
    """Remove the containers as most people do, and look at what they leave behind."""
    client = stage.client
    for container in instruction:  # keeps the volume, which has no label, from being forgotten
        client.container.create(stage.base, "true", volumes_from=container.name)
    by_instruction, by_flag = (
        sorted({name for container in some for name in _volumes(container)})
        for some in (instruction, flag)
    )
    client.container.rm(*(container.name for container in (*instruction, *flag)))
    there = _there(stage)
    left = [[name for name in names if name in there] for names in (by_instruction, by_flag)]
    stage.claim(
        "define-at-run",
        "A volume that is named when the container is made is one for all runs, under a name that "
        "one knows; VOLUME leaves one more behind with each run, under a name that one does not",
        says=_ADVICE,
        holds=len(left[0]) == len(instruction)
        and all(_RANDOM_ID.fullmatch(name) for name in left[0])
        and len(left[1]) == 1
        and not _RANDOM_ID.fullmatch(left[1][0]),
        evidence=f"after {len(instruction)} runs by VOLUME and `rm`: {_short(left[0])} left; after "
        f"{len(flag)} runs by --volume and `rm`: {_short(left[1])} left",
    )


def _claim_legacy_discards(stage: Stage, built: Built, image: str) -> None:
    found = _built(stage, image)
    stage.claim(
        "legacy-builder-discards",
        "After VOLUME the legacy builder discards what a build step writes there",
        says=_ADVICE,
        holds=found is None if built.builder == LEGACY else None,
        evidence=f"built by {LEGACY}: {BUILT} {_reads(found)}"
        if built.builder
        else f"not shown here: {built.reason}; there {BUILT} {_reads(found)}",
    )


def _claim_buildkit_keeps(stage: Stage, built: Built, image: str) -> None:
    found = _built(stage, image) if built.builder else None
    stage.claim(
        "buildkit-keeps",
        "After VOLUME BuildKit keeps what a build step writes there",
        says=_ADVICE,
        holds=found == "built\n" if built.builder == BUILDKIT else None,
        evidence=f"built by {BUILDKIT}: {BUILT} {_reads(found)}"
        if built.builder
        else f"not shown here: {built.reason}",
    )


def _built(stage: Stage, image: str) -> str | None:
    """What the build's step wrote, as a new container finds it; None if it is not there."""
    done = stage.client.container.run(image, BUILT, entrypoint="/bin/cat", rm=True, check=False)
    return done.text if done.returncode == 0 else None


def _reads(found: str | None) -> str:
    return "is not in the image" if found is None else f"reads {found.strip()!r}"


def _defined(stage: Stage, container: ContainerInspect) -> list[str]:
    """What the image of *container* defines by VOLUME."""
    image = stage.client.image.inspect(container.image or container.image_id)
    config = image.raw.get("Config") or {}
    return sorted(config.get("Volumes") or {})


def _there(stage: Stage) -> set[str]:
    """The names of all volumes that the engine has."""
    return set(stage.client.raw("volume", "ls", "--quiet").lines())


def _called(containers: Sequence[ContainerInspect]) -> str:
    return " and ".join(container.name for container in containers)


def _short(names: Sequence[str]) -> str:
    return " and ".join(name[:12] + "…" if len(name) > 40 else name for name in names) or "none"


def _left(names: Sequence[str], left: Sequence[bool]) -> str:
    return " and ".join(
        f"{_short([name])} is {'still there' if there else 'gone'}"
        for name, there in zip(names, left, strict=True)
    )


RECIPE = Recipe(
    name="volume_instruction",
    title="볼륨은 언제 사용해야 할까?",
    section="볼륨은 언제 사용해야 할까",
    play=play,
    containers=tuple(f"volume-instruction-{number}" for number in "123456"),
    tags=("volume-instruction", "volume-instruction-buildkit"),
    volumes=("volume-instruction-data",),
    builds=True,
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
