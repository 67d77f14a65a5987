"""The base layers: an image's layers are read-only, and all its containers share them.

docker image build -t random .
docker container create --name random1 random
docker container create --name random2 random
docker container start --attach random1
docker container start --attach random2
docker image inspect random
docker container ls --all --size
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockcli.client import Docker, docker
from dockcli.recipes.layers import Content, content, image_dirs, no_file_layers, read
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform
from dockcli.scope import TAG

if TYPE_CHECKING:
    from dockcli.models.image import ImageInspect
    from dockcli.objects import Container, Image

HOME = "/home"
SCRIPT = f"{HOME}/random.sh"
NUMBER = f"{HOME}/number.txt"


@dataclass(frozen=True, slots=True)
class ImageLayers(Result):
    """The image's id, the digests of its layers, lowest first, and its containers' names."""

    image: str
    layers: tuple[str, ...]
    containers: tuple[str, str]


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> ImageLayers:
    """Play what the document says of an image's layers, and prove it.

    *prefix* goes in front of the document's names, *base* stands for its alpine, nothing goes into
    the folder *output*, with *keep* what was made stays. Raises `recipes.room.Refused` before
    anything is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> ImageLayers:
    """Two containers of the document's image beside one of another, then both write."""
    container = stage.client.container
    names = stage.name("random1"), stage.name("random2")
    tag = stage.name("random")
    image = build(stage, tag)
    before = stage.client.image.inspect(tag)

    first, second = (container.create(image, name=name) for name in names)
    _claim_shared(stage, first, second)
    other = container.create(stage.base)
    _claim_not_by_all(stage, (first, other), (before, stage.client.image.inspect(stage.base)))
    _claim_first_file_system(stage, first, _script(stage))

    fresh = content(stage, container.create(image), HOME)
    for one in (first, second):
        container.start(one, attach=True)
        change(stage, one)
    _claim_read_only(stage, (first, second), tag, before, fresh)
    _claim_costs_little(stage, (first, second), before)
    return stage.result(ImageLayers, image=image.id, layers=before.layers, containers=names)


def build(stage: Stage, tag: str) -> Image:
    """The document's image."""
    folder = stage.context("Dockerfile.random", "random.sh")
    return stage.client.image.build(
        folder,
        tag=tag,
        file=os.path.join(folder, "Dockerfile.random"),
        build_arg={"BASE": stage.base},
        label={TAG: tag},
    )


def change(stage: Stage, container: Container) -> None:
    """Change a file of the image in one of its containers."""
    file = os.path.join(stage.folder, "changed")
    stage.write(file, "changed\n")
    stage.client.container.cp(file, f"{container}:{SCRIPT}")


def _script(stage: Stage) -> str:
    """What was given to the build as random.sh."""
    path = os.path.join(stage.folder, "context", "random.sh")
    if not os.path.exists(path):  # a rehearsal writes nothing
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def _claim_shared(stage: Stage, *containers: Container) -> None:
    first, second = (one.inspect() for one in containers)
    same = first.image_id == second.image_id and first.id != second.id
    ours, theirs = image_dirs(first), image_dirs(second)
    alone = f"both are of {first.image_id[:19]}" if same else "they are of two images"
    told = (
        f"{first.name} and {second.name} both stand on {_listed(ours)}"
        if ours == theirs
        else f"{first.name} stands on {_listed(ours)}, {second.name} on {_listed(theirs)}"
    )
    stage.claim(
        "shared",
        "All containers of an image share its layers: the same directories lie under each",
        says="모든 컨테이너가 공유하는 이미지 레이어는 읽기 전용 레이어입니다.",
        holds=None if no_file_layers(first) else same and ours == theirs,
        evidence=no_file_layers(first)
        or (told if ours else f"{alone}, by the image's id alone: {_NO_DIRS}"),
    )


def _claim_not_by_all(
    stage: Stage, containers: Sequence[Container], images: Sequence[ImageInspect]
) -> None:
    """The second container is of the second image, on which the first one's was built."""
    ours, theirs = stage.client.container.inspect(*containers)
    layers, below = (image.layers for image in images)
    common = below == layers[: len(below)] and 0 < len(below) < len(layers)
    dirs, dirs_below = image_dirs(ours), image_dirs(theirs)
    both = set(dirs) & set(dirs_below)
    on_disk = both == set(dirs_below) and 0 < len(both) < len(dirs)
    told = f"{len(both)} of the {len(dirs)} directories under {ours.name} are under it too"
    stage.claim(
        "not-by-all",
        "Not all containers share all layers: one of another image shares those that both images "
        "have",
        says="모든 컨테이너가 공유하는 이미지 레이어는 읽기 전용 레이어입니다.",
        holds=None if no_file_layers(ours) else common and (on_disk or not dirs),
        evidence=no_file_layers(ours)
        or f"a container of another image has {len(below)} layers, which "
        f"{'are' if common else 'are not'} the lowest of the {len(layers)} of {ours.name}; "
        + (told if dirs else f"by the layers' digests alone: {_NO_DIRS}"),
    )


def _claim_first_file_system(stage: Stage, container: Container, given: str) -> None:
    """*container* has not run; *given* is what its image was given as random.sh."""
    changes = [change.path for change in container.diff()]
    found = read(stage, container.id, SCRIPT)
    one = container.inspect()
    dirs = [folder for folder in image_dirs(one) if os.path.lexists(folder + SCRIPT)]
    where = f"; on the engine's disk it is in {dirs[0]}" if dirs else ""
    stage.claim(
        "first-file-system",
        "A container's first file system is what the layers of its image hold, and no more",
        says="이미지 레이어는 컨테이너의 초기 파일 시스템을 구성합니다.",
        holds=not changes and found == given,
        evidence=f"docker diff of {one.name}, {one.state.value}, lists "
        f"{' '.join(changes) or 'nothing'} beside the image; {SCRIPT} in it "
        f"{'is' if found == given else 'is not'} what the image was built with{where}",
    )


def _claim_read_only(
    stage: Stage, containers: Sequence[Container], tag: str, before: ImageInspect, fresh: Content
) -> None:
    """The containers have written; *before* and *fresh* are the image, and its content, before."""
    wrote = [{one.path for one in container.diff()} >= {SCRIPT, NUMBER} for container in containers]
    after = stage.client.image.inspect(tag)
    now = content(stage, stage.client.container.create(tag), HOME)
    same = (after.id, after.layers) == (before.id, before.layers)
    stage.claim(
        "read-only",
        "The image's layers are read-only: what its containers write leaves every layer as it was",
        says="레이어는 읽기 전용이며 여러 컨테이너가 공유합니다.",
        holds=all(wrote) and same and now == fresh,
        evidence=f"{sum(wrote)} of {len(wrote)} containers changed {SCRIPT} and made {NUMBER}; the "
        f"image is {after.id[:19]} with {_digests(after)}, "
        f"{'as' if same else f'not {before.id[:19]} with {_digests(before)} as'} before; a new "
        f"container has {now}, before {fresh}",
    )


def _claim_costs_little(stage: Stage, containers: Sequence[Container], image: ImageInspect) -> None:
    mine = [f"id={container.id}" for container in containers]
    listed = stage.client.container.ls(all=True, size=True, filter=mine)
    known = [one for one in listed if one.size_rw is not None and one.size_root_fs is not None]
    reason = "".join({no_file_layers(one) for one in listed})
    if len(known) < len(listed):
        reason = reason or "the engine does not tell the size of a container"
    own = [one.size_rw or 0 for one in known]
    told = [f"{one.name} {one.size_rw:,} B (virtual {one.size_root_fs:,} B)" for one in known]
    stage.claim(
        "costs-little",
        "A second container costs almost no disk: it has a little of its own, the rest is shared",
        says="레이어는 읽기 전용이며 여러 컨테이너가 공유합니다.",
        holds=None if reason else bool(own) and all(10 * size < image.size for size in own),
        evidence=reason
        or f"by docker ps --size: {', '.join(told)}; the image has {image.size:,} B, which copies "
        f"would cost {len(own)} times",
    )


def _listed(folders: Sequence[str]) -> str:
    return f"{len(folders)} directories ({', '.join(folders)})" if folders else "no directory"


def _digests(image: ImageInspect) -> str:
    return f"layers {', '.join(layer[7:19] for layer in image.layers)}"


_NO_DIRS = "the engine does not tell the directories of its layers"

RECIPE = Recipe(
    name="image_layers",
    title="기본 레이어",
    section="기본 레이어, 이미지 레이어",
    play=play,
    containers=("random1", "random2"),
    tags=("random",),
    builds=True,
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
