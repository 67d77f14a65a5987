"""1. Why data in a container disappears: every container has a file system of its own.

docker image build -t random .
docker images
docker container run --name random1 ff82c78e1bd8
docker container run --name random2 ff82c78e1bd8
docker container cp random1:/home/number.txt number1.txt
docker container cp random2:/home/number.txt number2.txt
cat number1.txt
cat number2.txt
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from dockcli.client import Docker, docker
from dockcli.objects import Image
from dockcli.recipes.layers import Content, content, in_own_layer, read
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform
from dockcli.scope import TAG

HOME = "/home"
NUMBER = f"{HOME}/number.txt"


@dataclass(frozen=True, slots=True)
class Isolation(Result):
    """The two numbers (None for what is no number), the image's id, the containers' names."""

    numbers: tuple[int | None, int | None]
    image: str
    containers: tuple[str, str]


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Isolation:
    """Play the document's first example, and prove what it says.

    *prefix* goes in front of the document's names, *base* stands for its alpine, ``number1.txt``
    and ``number2.txt`` go into the folder *output* (else nowhere), with *keep* what was made stays.
    Raises `recipes.room.Refused` before anything is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage, *, share: str | None = None) -> Isolation:
    """The document's steps in its order, then the proof.

    *share* is the negative control: a volume that both containers have at ``/home``, so that the
    claims must come out false.
    """
    docker = stage.docker
    names = stage.name("random1"), stage.name("random2")
    tag = stage.name("random")
    shared = [f"{share}:{HOME}"] if share else None

    folder = stage.context("Dockerfile.random", "random.sh")
    build = docker.image.build(
        folder,
        tag=tag,
        file=os.path.join(folder, "Dockerfile.random"),
        build_arg={"BASE": stage.base},
        label={TAG: tag},
    )
    image = stage.step("docker image build -t random .", build)
    stage.step("docker images", docker.image.ls(tag))
    fresh = _fresh(stage, image, shared)

    for name, document in zip(names, ("random1", "random2"), strict=True):
        call = docker.container.run(image, name=name, volume=shared)
        stage.step(f"docker container run --name {document} ff82c78e1bd8", call)

    numbers = []
    for name, number in zip(names, ("1", "2"), strict=True):
        file = os.path.join(stage.output, f"number{number}.txt")
        line = f"docker container cp random{number}:{NUMBER} number{number}.txt"
        stage.step(line, docker.container.cp(f"{name}:{NUMBER}", file))
        numbers.append((file, f"cat number{number}.txt"))
    first, second = (stage.host(line, "cat", file) for file, line in numbers)

    said = _number(first), _number(second)
    _prove_own_layers(stage, names, said)
    _prove_change_stays(stage, image, names, fresh, shared)
    return stage.result(Isolation, numbers=said, image=image.id, containers=names)


def _fresh(stage: Stage, image: Image, shared: list[str] | None) -> Content:
    """Two containers that nothing has run in yet have the same content."""
    one, two = (
        content(stage, stage.client.container.create(image, volume=shared), HOME) for _ in range(2)
    )
    stage.claim(
        "equal-at-first",
        "Containers of one image begin with the same content",
        says="같은 이미지로부터 실행한 여러 개의 컨테이너는 처음에는 디스크의 내용이 모두 같지만",
        holds=one == two,
        evidence=f"two new containers, by docker export and docker cp: {one} and {two}",
    )
    return one


def _prove_own_layers(
    stage: Stage, names: tuple[str, str], numbers: tuple[int | None, int | None]
) -> None:
    """Each container wrote its number into a writable layer that is its own."""
    wrote = [
        any(change.path == NUMBER for change in stage.client.container.diff(name)) for name in names
    ]
    first, second = stage.client.container.inspect(*names)
    layers_apart = first.upper_dir != second.upper_dir or not first.upper_dir
    on_disk = [in_own_layer(one, NUMBER) for one in (first, second)]
    seen = None not in on_disk
    as_copied = not seen or [_number(text or "") for text in on_disk] == list(numbers)
    where = (
        f"in {first.upper_dir} and {second.upper_dir}, read there: {_said(on_disk)}"
        if seen
        else "by docker diff alone: the engine's disk is not to be read from here"
    )
    stage.claim(
        "own-file-system",
        "Every container has a file system of its own",
        says="모든 컨테이너는 독립된 파일 시스템을 갖습니다.",
        holds=all(wrote) and layers_apart and as_copied,
        evidence=f"{NUMBER} is of the container's own layer in {_whose(names, wrote)}; {where}",
    )
    chance = ", equal by chance (1 in 32,768)" if numbers[0] == numbers[1] else ""
    stage.claim(
        "own-number",
        "Each container wrote a random number of its own",
        says="해당 파일을 조회하면 서로 다른 숫자가 있는 것을 알 수 있습니다.",
        holds=None not in numbers and all(wrote),
        evidence=f"{numbers[0]} and {numbers[1]}{chance}; each written in {_whose(names, wrote)}",
    )


def _prove_change_stays(
    stage: Stage, image: Image, names: tuple[str, str], fresh: Content, shared: list[str] | None
) -> None:
    """A change in one container is seen in no other one, and not in the image."""
    client = stage.client
    before, image_before = read(stage, names[1], NUMBER), client.image.inspect(image)
    mark = os.path.join(stage.folder, "changed")
    stage.write(mark, "changed\n")
    client.container.cp(mark, f"{names[0]}:{NUMBER}")
    changed, after = (read(stage, name, NUMBER) for name in names)
    stage.claim(
        "others-unchanged",
        "A change in one container does not change another",
        says="그 중 하나의 컨테이너에 있는 파일 시스템을 수정해도 다른 컨테이너나 이미지는 영향을 "
        "받지 않습니다.",
        holds=changed == "changed\n" and after == before,
        evidence=f"{NUMBER} in {names[0]} is now {changed!r}; in {names[1]} it was {before!r}, "
        f"and is {after!r}",
    )
    image_after = client.image.inspect(image)
    now = content(stage, client.container.create(image, volume=shared), HOME)
    same = (image_after.id, image_after.layers) == (image_before.id, image_before.layers)
    stage.claim(
        "image-unchanged",
        "A change in one container does not change the image",
        says="그 중 하나의 컨테이너에 있는 파일 시스템을 수정해도 다른 컨테이너나 이미지는 영향을 "
        "받지 않습니다.",
        holds=changed == "changed\n" and same and now == fresh,
        evidence=f"{image_after.id[:19]} with {len(image_after.layers)} layers, "
        f"{'the same' if same else 'not the same'} as before; a new container has {now}, "
        f"at first {fresh}",
    )


def _number(text: str) -> int | None:
    """What random.sh wrote, if it is a number of the shell's."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and int(digits) < 32768 else None


def _whose(names: tuple[str, str], wrote: list[bool]) -> str:
    own = [name for name, its in zip(names, wrote, strict=True) if its]
    return " and ".join(own) or "neither"


def _said(texts: list[str | None]) -> str:
    return " and ".join((text or "").strip() for text in texts)


RECIPE = Recipe(
    name="isolation",
    title="컨테이너 속 데이터가 사라지는 이유",
    section="1, 1-1, 1-2, 1-3, 1-4",
    play=play,
    containers=("random1", "random2"),
    tags=("random",),
    files=("number1.txt", "number2.txt"),
    builds=True,
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
