"""Copy on write: the first change of an image's file copies the whole file up.

docker image build -t cow .
docker container create --name cow1 cow sleep 3600
docker container create --name cow2 cow sleep 3600
docker container start cow1 cow2
docker container exec cow1 md5sum /home/large.txt
docker container exec cow1 sh -c "echo >>/home/large.txt"
docker container diff cow1
docker container inspect --size cow1
docker container exec cow2 md5sum /home/large.txt
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dockcli.client import Docker, docker
from dockcli.recipes.layers import BY_DOCKER, idle, image_dirs, no_file_layers
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform
from dockcli.scope import TAG

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect
    from dockcli.models.image import ImageInspect
    from dockcli.objects import Container, Image

LARGE = "/home/large.txt"
DOCKERFILE = f"""\
ARG BASE=alpine:3.20
FROM ${{BASE}}
RUN mkdir -p /home && seq 1 1000000 >{LARGE}
"""
SLACK = 65536
"""By how much a layer may grow beside a file's bytes: some storage counts whole blocks."""


@dataclass(frozen=True, slots=True)
class CopyOnWrite(Result):
    """The size of the image's large file, and by how much one byte more made the layer grow."""

    file_size: int
    grown: int | None


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> CopyOnWrite:
    """Play what the document says of copy on write, and prove it.

    *prefix* goes in front of the names, *base* stands for the document's alpine, nothing goes into
    the folder *output*, with *keep* what was made stays. Raises `recipes.room.Refused` before
    anything is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


class Look(NamedTuple):
    """The large file as one container has it, and that container at the same time.

    ``diff`` is what docker diff says of it (A, C, D, or nothing where it is the image's own);
    ``copy`` and ``original`` are where it lies in the container's and in the image's layers on this
    machine's disk, "" where that is not seen.
    """

    container: ContainerInspect
    size: int
    md5: str
    diff: str
    copy: str
    original: str

    @property
    def own(self) -> str:
        """What the container's writable layer holds."""
        size = self.container.size_rw
        return "an unknown size" if size is None else f"{size:,} B"


def play(stage: Stage) -> CopyOnWrite:
    """Two containers of an image with a large file: both read it, then one changes it."""
    container, tag = stage.client.container, stage.name("cow")
    image = build(stage, tag)
    original = stage.client.image.inspect(tag)
    locked, other = idle(stage, image, read_only=True), idle(stage, image)
    first, second = (idle(stage, image, name=stage.name(name)) for name in RECIPE.containers)
    container.start(locked, other, first, second)

    refused, said = append(stage, locked), append(stage, other)
    _claim_only_as_a_copy(stage, (said, look(stage, other)), (refused, look(stage, locked)))

    untouched = look(stage, first)
    read = look(stage, first)
    _claim_reading_copies_nothing(stage, untouched, read)
    _claim_shared_until_changed(stage, read, look(stage, second))
    container.exec(first, "sh", "-c", "echo new >/home/new.txt")
    before = look(stage, first)
    _claim_layer_was_there(stage, read, before)

    append(stage, first)
    changed = look(stage, first)
    _claim_copied_up(stage, before, changed)
    _claim_copy_is_changed(stage, before, changed)
    append(stage, first)
    again = look(stage, first)
    _claim_copied_once(stage, changed, again)

    new = idle(stage, image)
    container.start(new)
    others = look(stage, second), look(stage, new)
    images = original, stage.client.image.inspect(tag)
    _claim_original_stays(stage, before, again, others, images)
    grown = _grown(before, changed)
    return stage.result(CopyOnWrite, file_size=before.size, grown=grown)


def build(stage: Stage, tag: str) -> Image:
    """An image with a large file in a layer of its own."""
    folder = stage.context()
    stage.write(os.path.join(folder, "Dockerfile"), DOCKERFILE)
    return stage.client.image.build(
        folder, tag=tag, build_arg={"BASE": stage.base}, label={TAG: tag}
    )


def append(stage: Stage, container: Container) -> str:
    """Append one byte to the large file; what the container said, nothing when it went well."""
    script = f"{{ echo >>{LARGE}; }} 2>&1 || :"
    return stage.client.container.exec(container, "sh", "-c", script).text.strip()


def look(stage: Stage, container: Container) -> Look:
    """Look at the container, then read the whole file in it."""
    one = stage.client.container.inspect(container, size=True)
    script = f"wc -c <{LARGE} && md5sum {LARGE}"
    said = stage.client.container.exec(container, "sh", "-c", script).text.split()
    changes = stage.client.container.diff(container)
    return Look(
        container=one,
        size=int(said[0]) if said else 0,
        md5=said[1] if said else "",
        diff=next((change.kind.value for change in changes if change.path == LARGE), ""),
        copy=_file([one.upper_dir]),
        original=_file(image_dirs(one)),
    )


def _claim_only_as_a_copy(stage: Stage, free: tuple[str, Look], locked: tuple[str, Look]) -> None:
    """What appending said in two containers, the second with its writable layer locked."""
    said, refused = free[0], locked[0]
    changed, unchanged = free[1].diff, locked[1].diff
    stage.claim(
        "only-as-a-copy",
        "A file of the image can be changed too, but only as a copy in the container's writable "
        "layer: where that is locked, it cannot",
        says="쓰기 가능 레이어를 통해서만 새로운 파일을 만들거나, 기존 파일을 수정할 수 있는게 "
        "아닙니다. 기존 이미지 레이어에 있는 파일을 수정할 수도 있습니다. 이때 도커는 copy on "
        "write라는 방법을 사용하게 됩니다.",
        holds=(said, changed, unchanged) == ("", "C", "") and refused != "",
        evidence=f"appending to {LARGE} {_went(said)}, and docker diff says {changed or 'nothing'} "
        f"of it; with --read-only it {_went(refused)}, and docker diff says "
        f"{unchanged or 'nothing'}",
    )


def _claim_reading_copies_nothing(stage: Stage, before: Look, after: Look) -> None:
    """The container has read the file between the two."""
    grown = _grown(before, after)
    stage.claim(
        "reading-copies-nothing",
        "Reading a file of the image copies nothing",
        says=_UNTIL_CHANGED,
        holds=None if grown is None else grown == 0 < after.size and not after.diff + after.copy,
        evidence=_UNKNOWN
        if grown is None
        else f"{after.container.name} read the {after.size:,} B of {LARGE} (MD5 {after.md5}); its "
        f"own layer had {before.own} before, {after.own} after; docker diff says "
        f"{after.diff or 'nothing'} of it",
    )


def _claim_shared_until_changed(stage: Stage, first: Look, second: Look) -> None:
    reason = no_file_layers(first.container)
    same = (first.md5, first.original) == (second.md5, second.original)
    own = [one.container.name for one in (first, second) if one.diff or one.copy]
    disk = (
        f"the one file on the engine's disk is {first.original}"
        if first.original == second.original != ""
        else f"on the engine's disk they are {first.original} and {second.original}"
        if first.original or second.original
        else BY_DOCKER
    )
    stage.claim(
        "shared-until-changed",
        "What containers share until the first change is the file in the image's layer on disk",
        says=_UNTIL_CHANGED,
        holds=None if reason else same and not own and first.container.id != second.container.id,
        evidence=reason
        or f"{LARGE} is in the own layer of {' and '.join(own) or 'neither container'} and has MD5 "
        f"{first.md5} and {second.md5}; {disk}",
    )


def _claim_layer_was_there(stage: Stage, before: Look, after: Look) -> None:
    """The container has made a file between the two."""
    grown, was, now = _grown(before, after), before.container, after.container
    same = (was.id, was.upper_dir, was.lower_dirs) == (now.id, now.upper_dir, now.lower_dirs)
    stage.claim(
        "layer-was-there",
        "Writing adds no layer: the writable one lies on the image's last since the container was "
        "made, and what is written goes into it",
        says="도커에서는 기존 이미지 레이어는 읽기 전용이지만 쓰기 작업이 발생할 경우 도커는 "
        "마지막 레이어 위에 쓰기 가능한 레이어를 추가해 그 위에 변경사항을 저장하게 됩니다. 이때 "
        "copy on write 기법을 적용하게 됩니다.",
        holds=None if grown is None else same and grown > 0,
        evidence=_UNKNOWN
        if grown is None
        else f"the writable layer of {was.name} had {before.own} before the write, that of "
        f"{now.name} {after.own} after it; it is {'the same' if same else 'another'}, on "
        f"{len(was.lower_dirs)} and {len(now.lower_dirs)} lower ones: {now.upper_dir or BY_DOCKER}",
    )


def _claim_copied_up(stage: Stage, before: Look, after: Look) -> None:
    """The first byte has been appended between the two."""
    grown = _grown(before, after)
    reason = no_file_layers(after.container) or (_UNKNOWN if grown is None else "")
    whole = grown is not None and 0 < before.size < grown <= before.size + SLACK
    stage.claim(
        "copied-up",
        "The first change copies the whole file from the image's layer into the writable layer",
        says="원본 이미지 레이어에 있는 특정 파일을 쓰기 가능한 레이어로 복사 합니다. (copy)",
        holds=None if reason else whole and (before.diff, after.diff) == ("", "C"),
        evidence=reason
        or f"one byte appended to the {before.size:,} B of {LARGE} made the layer of "
        f"{after.container.name} grow by {grown:,} B; docker diff said {before.diff or 'nothing'} "
        f"of it before, and says {after.diff or 'nothing'} now; {after.copy or BY_DOCKER}",
    )


def _claim_copy_is_changed(stage: Stage, before: Look, after: Look) -> None:
    """A byte has been appended between the two."""
    copied = after.diff == "C" and (not after.copy or md5(after.copy) == after.md5)
    disk = f"{after.copy} has MD5 {md5(after.copy)}" if after.copy else BY_DOCKER
    stage.claim(
        "copy-is-changed",
        "What is written to, and what the container reads from then on, is the copy",
        says="복사된 파일을 수정합니다. (write)",
        holds=copied and after.size == before.size + 1 and after.md5 != before.md5,
        evidence=f"{LARGE} had {before.size:,} B and MD5 {before.md5} in {before.container.name}, "
        f"and has {after.size:,} B and MD5 {after.md5}; docker diff says "
        f"{after.diff or 'nothing'}; {disk}",
    )


def _claim_copied_once(stage: Stage, before: Look, after: Look) -> None:
    """One more byte has been appended between the two."""
    grown = _grown(before, after)
    reason = no_file_layers(after.container) or (_UNKNOWN if grown is None else "")
    little = grown is not None and 0 <= grown <= SLACK < after.size
    stage.claim(
        "copied-once",
        "The file is copied once, at the first change; the next one costs what it writes",
        says=_UNTIL_CHANGED,
        holds=None if reason else little and after.size == before.size + 1,
        evidence=reason
        or f"one more byte, after which {LARGE} has {after.size:,} B, made the layer of "
        f"{after.container.name} grow by {grown:,} B",
    )


def _claim_original_stays(
    stage: Stage,
    original: Look,
    changed: Look,
    others: Sequence[Look],
    images: tuple[ImageInspect, ImageInspect],
) -> None:
    """*others* are containers in which nothing was changed; *images* the image before and after."""
    was, now = images
    same = (was.id, was.layers) == (now.id, now.layers)
    kept = all((one.md5, one.diff) == (original.md5, "") for one in others)
    disk = md5(changed.original) if changed.original else ""
    told = ", ".join(f"{one.md5} in {one.container.name}" for one in others)
    stage.claim(
        "original-stays",
        "The image's layer and the other containers, new ones too, still have the original",
        says="원본 이미지 레이어에는 영향을 주지 않고, 컨테이너별로 변경 사항이 격리되게 됩니다.",
        holds=changed.md5 != original.md5 and kept and same and disk in ("", original.md5),
        evidence=f"MD5 {changed.md5} in {changed.container.name}, where it was changed, {told}, at "
        f"first {original.md5}; the image is {now.id[:19]}, {'as' if same else 'not as'} before; "
        + (f"{changed.original} has MD5 {disk}" if disk else BY_DOCKER),
    )


def md5(path: str) -> str:
    """The MD5 sum of a file of this machine."""
    with open(path, "rb") as file:
        return hashlib.md5(file.read(), usedforsecurity=False).hexdigest()


def _file(folders: Sequence[str]) -> str:
    """The large file in the first of *folders* that has it to be read, "" where none has."""
    files = (folder + LARGE for folder in folders if folder)
    return next((file for file in files if os.access(file, os.R_OK)), "")


def _grown(before: Look, after: Look) -> int | None:
    """By how many bytes the writable layer has grown; None where the engine does not tell."""
    was, now = before.container.size_rw, after.container.size_rw
    return None if was is None or now is None else now - was


def _went(said: str) -> str:
    return f"was refused ({said})" if said else "went well"


_UNKNOWN = "the engine does not tell what a container's writable layer holds"
_UNTIL_CHANGED = (
    "copy on write는 동일한 메모리 영역을 공유하고 있다가 데이터의 변경점이 생기면 그제서야 "
    "복사본을 만들어 독립적인 메모리를 할당하는 방식입니다."
)

RECIPE = Recipe(
    name="copy_on_write",
    title="docker image copy on writer",
    section="copy on write",
    play=play,
    containers=("cow1", "cow2"),
    tags=("cow",),
    builds=True,
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
