"""4. What a container's file system is made of: five sources of the document, and memory.

docker volume create filesystem-volume
docker container run -d --name filesystem --mount type=bind,source=…,target=/local
    --mount type=bind,source=…,target=/distributed --volume filesystem-volume:/volume
    --mount type=tmpfs,target=/memory alpine sleep 3600
docker container exec filesystem cat /proc/self/mountinfo
docker container rm --force filesystem
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from dockcli.client import Docker, docker
from dockcli.errors import CallError, NoSuchContainer
from dockcli.models.container import ContainerInspect
from dockcli.objects import Container, Volume
from dockcli.recipes import share
from dockcli.recipes.figure import Tree
from dockcli.recipes.layers import bind, image_dirs, in_own_layer, read, same_machine
from dockcli.recipes.result import Result
from dockcli.recipes.share import Mount, NoShare, Share
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

LAYER, LOCAL, DISTRIBUTED = "/layer", "/local", "/distributed"
VOLUME, MEMORY, IMAGE = "/volume", "/memory", "/etc/group"
CHANGE = "changed:x:4711:"
HEADINGS = {
    LAYER: "쓰기 가능 레이어",
    LOCAL: "로컬 바인드 마운트",
    DISTRIBUTED: "분산 바인드 마운트",
    VOLUME: "볼륨 마운트",
}
ELSEWHERE = "the engine does not mount this machine's folders"


@dataclass(frozen=True, slots=True)
class Place:
    """A path of the container: its *source*, the *kind* of file system that the container's mount
    table says, and whether its file was *left* when the container had been removed."""

    path: str
    source: str
    kind: str
    left: bool

    def __str__(self) -> str:
        return f"{self.path} <- {self.source} ({self.kind}): {'left' if self.left else 'lost'}"


@dataclass(frozen=True, slots=True)
class Filesystem(Result):
    """Where each path of the container comes from, the writable layer first."""

    places: tuple[Place, ...]

    @property
    def figures(self) -> tuple[Tree, ...]:
        """The paths as a tree."""
        root = "/ (what is left and what is lost when the container is removed)"
        return (Tree(root, tuple(Tree(str(one)) for one in self.places)),)


class Sources(NamedTuple):
    """What the container is given; None is what cannot be had here, *why* says so of the share."""

    local: str | None
    share: Share | None
    why: str
    volume: Volume


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
    *,
    share: str | os.PathLike[str] | None = None,
    demo_share: bool = False,
) -> Filesystem:
    """Put one container together of all that the document names, and prove where what is kept.

    *prefix* goes in front of the names, *base* stands for alpine, the folder that is mounted is
    made in *output*, with *keep* what was made stays. *share* is a folder on a network share;
    *demo_share* makes one, with sshfs and an OpenSSH server on loopback (on Debian and as root,
    they are installed where they are missing). Raises `recipes.room.Refused` before anything is
    changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep, False, share, demo_share))


def play(stage: Stage) -> Filesystem:
    """A file through each source, where it comes from, and what is left of it."""
    client = stage.client
    given = _sources(stage)
    container = _make(stage, given, stage.name("filesystem"))
    other = client.container.create(stage.base)
    for path in _written(given):
        line = f"mkdir -p {path} && echo 'through {path}' >{path}/file"
        call = stage.docker.container.exec(container, "sh", "-c", line)
        heading = HEADINGS.get(path)
        stage.step(heading, call) if heading else call.run()

    about, table = container.inspect(), _table(stage, container)
    _claim_put_together(stage, about, table, given)
    _claim_own_layer(stage, container, other)
    _claim_local(stage, container, given.local)
    _claim_distributed(stage, container, given.share, given.why)
    _claim_volume(stage, container, given.volume)
    _claim_initial(stage, other)
    _claim_image_shared(stage, container, other)

    client.container.rm(container, force=True)
    again = _make(stage, given, None)
    _claim_layer_lost(stage, about)
    _claim_volume_left(stage, again, given.volume)
    left = _left(stage, again, given)
    _claim_left_and_lost(stage, left)
    return stage.result(Filesystem, places=_places(about, table, left, given))


def _sources(stage: Stage) -> Sources:
    """The folders and the volume, made; nothing is in them yet."""
    local, found, why = None, None, ELSEWHERE
    if same_machine(stage):
        local = os.path.join(stage.output, "filesystem-local")
        stage.host(None, "mkdir", local)
        try:
            found = share.find(stage)
        except NoShare as error:
            why = str(error)
    return Sources(local, found, why, stage.client.volume.create(stage.name("filesystem-volume")))


def _make(stage: Stage, given: Sources, name: str | None) -> Container:
    binds = [bind(given.local, LOCAL)] if given.local else []
    if given.share:
        binds.append(bind(given.share.folder, DISTRIBUTED))
    return stage.client.container.run(
        stage.base,
        "sleep",
        "3600",
        name=name,
        detach=True,
        stop_signal="KILL",  # nothing in it minds, and podman would wait ten seconds
        mount=[*binds, f"type=tmpfs,target={MEMORY}"],
        volume=f"{given.volume}:{VOLUME}",
    )


def _written(given: Sources) -> list[str]:
    """The paths that a file is put into."""
    there = {LAYER: True, LOCAL: given.local, DISTRIBUTED: given.share, VOLUME: True, MEMORY: True}
    return [path for path, source in there.items() if source]


def _table(stage: Stage, container: Container) -> list[Mount]:
    """The mount table that the container itself sees."""
    return share.mounts(stage.client.container.exec(container, "cat", "/proc/self/mountinfo").text)


def _file(stage: Stage, container: Container, path: str, name: str = "file") -> str:
    """A file of a running container; "" if it is not there."""
    call = stage.docker.container.exec(container, "cat", f"{path}/{name}", check=False)
    return call.run().text.strip()


def _here(stage: Stage, path: str) -> str:
    """A file of this machine; "" if it is not there."""
    with suppress(CallError):
        return stage.host(None, "cat", path).strip()
    return ""


def _claim_put_together(
    stage: Stage, about: ContainerInspect, table: list[Mount], given: Sources
) -> None:
    """Every path has its source, by what docker says and by what the container sees."""
    seen = {one.point: one for one in table}
    sources = {"/": about.upper_dir, **{one.destination: one.source for one in about.mounts}}
    said = []
    for path in ["/", *_written(given)[1:]]:
        right = _has_its_source(path, seen.get(path), about, given)
        kind = seen[path].kind if path in seen else "nothing"
        said.append(f"{path} is {'' if right else 'NOT '}{sources.get(path) or 'memory'} ({kind})")
    stage.claim(
        "put-together",
        "A container's file system is put together of layers and mounts, each path from its source",
        says="컨테이너의 파일 시스템은 어떻게 만들어지는가?",
        holds=not any(" is NOT " in one for one in said),
        evidence=f"by docker inspect and the container's own mount table: {'; '.join(said)}",
    )


def _has_its_source(
    path: str, mount: Mount | None, about: ContainerInspect, given: Sources
) -> bool:
    """Whether *mount*, which the container sees at *path*, is what it was given there."""
    if mount is None:
        return False
    if path == "/":
        return about.upper_dir in mount.options
    told = {one.destination: one.source for one in about.mounts}
    if path == MEMORY:
        return mount.kind == "tmpfs" and (
            path in told or path in (about.raw.get("HostConfig", {}).get("Tmpfs") or {})
        )
    if path not in told:
        return False
    folders = {LOCAL: given.local, DISTRIBUTED: given.share and given.share.folder}
    here = share.here() if given.local else []  # else the engine's folders are not this machine's
    return _is_from(mount, folders.get(path) or told[path], here)


def _is_from(mount: Mount, source: str, table: list[Mount]) -> bool:
    """Whether what a container has mounted is this machine's folder *source*: the same device, and
    the same folder on it."""
    real = os.path.realpath(source)
    below = share.mount_of(real, table)
    if below is None:
        return True  # a machine whose mount table cannot be read here
    inside = os.path.relpath(real, below.point)
    root = os.path.normpath(os.path.join(below.root, inside))
    return (mount.device, mount.root) == (below.device, root)


def _claim_own_layer(stage: Stage, container: Container, other: Container) -> None:
    """What is written where nothing is mounted is of this container's own layer."""
    path = f"{LAYER}/file"
    wrote, others = (
        any(change.path == path for change in stage.client.container.diff(one))
        for one in (container, other)
    )
    first, second = stage.client.container.inspect(container, other)
    apart = first.upper_dir != second.upper_dir or not first.upper_dir
    disk = in_own_layer(first, path)
    where = f"read in {first.upper_dir}" if disk else "by docker diff alone"
    stage.claim(
        "own-writable-layer",
        "Each container has a writable layer of its own",
        says="각 컨테이너마다 독립적인 쓰기 가능 레이어를 가지며, 컨테이너가 삭제되면 쓰기 가능 "
        "레이어도 삭제됩니다.",
        holds=wrote and not others and apart and disk in (None, f"through {LAYER}\n"),
        evidence=f"{path} is {'' if wrote else 'not '}in the layer of the container that wrote it "
        f"({where}), and {'' if others else 'not '}in another one's",
    )


def _claim_local(stage: Stage, container: Container, folder: str | None) -> None:
    """What one side writes, the other reads."""
    holds, evidence = None, ELSEWHERE
    if folder is not None:
        there, back = _both_ways(stage, container, LOCAL, folder)
        holds = (there, back) == (f"through {LOCAL}", "from the host")
        evidence = f"{folder}/file is read here as {there!r}; the container reads {back!r}"
    stage.claim(
        "local-bind",
        "A local bind mount shares data between the host and a container, both ways",
        says="호스트 컴퓨터와 컨테이너 간 데이터를 공유하기 위해 사용됩니다.",
        holds=holds,
        evidence=evidence,
    )


def _both_ways(stage: Stage, container: Container, path: str, folder: str) -> tuple[str, str]:
    """The container's file as *folder* has it, and a file of *folder*'s as the container has it."""
    there = _here(stage, os.path.join(folder, "file"))
    stage.write(os.path.join(folder, "host"), "from the host\n")
    return there, _file(stage, container, path, "host")


def _claim_distributed(
    stage: Stage, container: Container, found: Share | None, why: str = ""
) -> None:
    """The same with a folder that is on a network share, by both mount tables."""
    holds, evidence = None, why
    mount = share.mount_of(DISTRIBUTED, _table(stage, container)) if found else None
    if found and mount:
        folder = found.served or found.folder
        remote = found.mount.remote and mount.point == DISTRIBUTED and mount.remote
        there, back = _both_ways(stage, container, DISTRIBUTED, folder)
        holds = (there, back) == (f"through {DISTRIBUTED}", "from the host") if remote else None
        evidence = (
            f"{found.folder} is on {found.mount} here and on {mount} in the container; "
            f"{'on the server' if found.served else 'on the share'}, {folder}/file is {there!r}; "
            f"the container reads {back!r}"
        )
        if not remote:
            evidence = f"the container has no network share at {DISTRIBUTED}, but {mount}"
    stage.claim(
        "distributed-bind",
        "A bind mount of a network share shares data between that storage and a container",
        says="네트워크 스토리지와 컨테이너 간 데이터를 공유하기 위해 사용됩니다.",
        holds=holds,
        evidence=evidence,
    )


def _claim_volume(stage: Stage, container: Container, volume: Volume) -> None:
    """What one container wrote into the volume is docker's object's, not the container's."""
    mount = next((one for one in container.inspect().mounts if one.destination == VOLUME), None)
    name = mount.name if mount else ""
    call = stage.docker.container.run(
        stage.base, "cat", f"{VOLUME}/file", volume=f"{volume}:{VOLUME}:ro", rm=True, check=False
    )
    said = call.run().text.strip()
    stage.claim(
        "volume-mount",
        "A volume mount shares data between a container and docker's object, the volume",
        says="컨테이너와 도커 객체인 볼륨 간에 데이터를 공유하기 위해 사용됩니다.",
        holds=name == volume.name and said == f"through {VOLUME}",
        evidence=f"{VOLUME} is the volume {name or 'of no name'}; another container that has "
        f"{volume.name} reads {said!r}",
    )


def _claim_initial(stage: Stage, fresh: Container) -> None:
    """A container begins with what the image's layers hold, and nothing else."""
    changes = stage.client.container.diff(fresh)
    layers = len(stage.client.image.inspect(stage.base).layers)
    below = len(image_dirs(fresh.inspect()))
    stage.claim(
        "image-layers",
        "The image's layers are a container's file system at first",
        says="이미지 레이어는 컨테이너의 초기 파일 시스템을 구성합니다.",
        holds=not changes and below in (0, layers),
        evidence=f"docker diff of a new container has {len(changes)} paths; its image has {layers} "
        f"layers, and {below or 'as many as docker does not tell'} lie below its writable layer",
    )


def _claim_image_shared(stage: Stage, container: Container, other: Container) -> None:
    """A change of an image's file stays above the layers that both containers have below."""
    before = read(stage, other.id, IMAGE)
    layers = stage.client.image.inspect(stage.base).layers
    stage.client.container.exec(container, "sh", "-c", f"echo {CHANGE} >>{IMAGE}")
    changed, after = read(stage, container.id, IMAGE), read(stage, other.id, IMAGE)
    first, second = stage.client.container.inspect(container, other)
    shared, count = image_dirs(first) == image_dirs(second), len(image_dirs(first))
    below = f"{count} read-only directories" if count else "layers of which docker does not tell"
    same = layers == stage.client.image.inspect(stage.base).layers
    stage.claim(
        "image-shared",
        "The layers are read-only, and several containers share them",
        says="레이어는 읽기 전용이며 여러 컨테이너가 공유합니다.",
        holds=changed != before and after == before and shared and same,
        evidence=f"{below} of one container, {'the same' if shared else 'not the same'} as of "
        f"another; {IMAGE} changed in the first {'is' if after == before else 'is not'} as before "
        f"in the second, and the image's layer digests are {'the same' if same else 'others'}",
    )


def _claim_layer_lost(stage: Stage, removed: ContainerInspect) -> None:
    """The writable layer is gone with its container, its folder too where it can be seen."""
    try:
        stage.client.container.inspect(removed.id)
        there = True
    except NoSuchContainer:
        there = False
    folder = bool(removed.upper_dir) and os.path.isdir(removed.upper_dir)
    where = removed.upper_dir or "its folder, of which docker does not tell,"
    stage.claim(
        "writable-layer-lost",
        "With its container the writable layer is gone",
        says="각 컨테이너마다 독립적인 쓰기 가능 레이어를 가지며, 컨테이너가 삭제되면 쓰기 가능 "
        "레이어도 삭제됩니다.",
        holds=not there and not folder,
        evidence=f"docker {'still knows' if there else 'knows no'} container {removed.id[:12]}; "
        f"{where} {'is still there' if folder else 'is not to be found here'}",
    )


def _claim_volume_left(stage: Stage, again: Container, volume: Volume) -> None:
    """A container made anew finds in the volume what a removed one has put there."""
    said = _file(stage, again, VOLUME)
    stage.claim(
        "volume-left",
        "What is in a volume is there when the container that wrote it is gone",
        says="볼륨을 사용하면 애플리케이션이 볼륨에 데이터를 영구적으로 저장합니다. 컨테이너를 "
        "삭제해도 데이터는 남아있습니다.",
        holds=said == f"through {VOLUME}",
        evidence=f"a container made after that one was removed reads in {volume.name}: {said!r}",
    )


def _left(stage: Stage, again: Container, given: Sources) -> dict[str, bool]:
    """Whether a container that is made in the same way finds what the removed one had."""
    left = {path: _file(stage, again, path) == f"through {path}" for path in _written(given)}
    group = stage.docker.container.exec(again, "cat", IMAGE, check=False).run().text
    return {IMAGE: bool(group) and CHANGE not in group, **left}


def _claim_left_and_lost(stage: Stage, left: dict[str, bool]) -> None:
    """Source by source: only what was written above the image's layers and into memory is lost."""
    expected = {path: path not in (LAYER, MEMORY) for path in left}
    stage.claim(
        "left-and-lost",
        "When a container is removed, what lay in its layer and in memory is lost; what lies in a "
        "volume, in a bind mount and in the image is left",
        says="컨테이너를 삭제해도 데이터는 남아있습니다.",
        holds=left == expected,
        evidence="found by a container made anew with the same mounts: "
        + ", ".join(f"{path} {'left' if one else 'lost'}" for path, one in left.items()),
    )


def _places(
    about: ContainerInspect, table: list[Mount], left: dict[str, bool], given: Sources
) -> tuple[Place, ...]:
    told = {one.destination: one for one in about.mounts}
    seen = {one.point: one.kind for one in table}
    root = seen.get("/", "")
    layer, layers = about.upper_dir or "the container's own", len(image_dirs(about))
    names = {
        IMAGE: f"image layers, {layers or 'an unknown number'}, read-only and shared",
        LAYER: f"writable layer {layer}",
        LOCAL: f"bind {given.local}",
        DISTRIBUTED: f"bind {given.share.folder if given.share else ''}",
        VOLUME: f"volume {given.volume} {told[VOLUME].source if VOLUME in told else ''}",
        MEMORY: "memory",
    }
    return tuple(Place(path, names[path], seen.get(path, root), left[path]) for path in left)


RECIPE = Recipe(
    name="filesystem",
    title="컨테이너의 파일 시스템은 어떻게 만들어지는가?",
    section="4",
    play=play,
    containers=("filesystem",),
    volumes=("filesystem-volume",),
    files=("filesystem-local",),
    shares=True,
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
