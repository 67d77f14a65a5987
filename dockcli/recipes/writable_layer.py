"""The writable layer: made with the container, kept while it stops and starts, gone with it.

docker container create --name writable1 alpine sleep 3600
docker container start writable1
docker container exec writable1 sh -c "echo made >/home/made.txt"
docker container diff writable1
docker container stop writable1
docker container rm writable1
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli.client import Docker, docker
from dockcli.recipes.layers import BY_DOCKER, idle, in_own_layer, own_paths
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

if TYPE_CHECKING:
    from dockcli.models.container import ContainerInspect

PUT = "/home/put.txt"
NOTE = "/home/note.txt"
MADE = "/home/made.txt"
COMPUTE = (
    "[ -f /home/result ] && echo kept || "
    "{ seq 1 1000000 | sha256sum >/home/result; echo worked; }; cat /home/result"
)
"""Work that is dear, and done only where its result is not there yet."""


class Work(NamedTuple):
    """What `COMPUTE` said: whether it ``worked`` or had ``kept`` the result, and the result."""

    did: str
    result: str
    seconds: float


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Result:
    """Play what the document says of the writable layer, and prove it.

    *prefix* goes in front of the names, *base* stands for the document's alpine, nothing goes into
    the folder *output*, with *keep* what was made stays. Raises `recipes.room.Refused` before
    anything is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> Result:
    """The life of a writable layer, then what it is good for."""
    container = stage.client.container
    first, second, cache = map(stage.name, RECIPE.containers)

    for name in (first, second):
        idle(stage, stage.base, name=name)
    put(stage, first)
    _claim_made_by_create(stage, first)

    container.start(first, second)
    for name in (first, second):
        container.exec(name, "sh", "-c", f"echo {name} >{NOTE}")
    _claim_own_layer(stage, (first, second))
    _claim_writable(stage, first)
    before = container.inspect(first)
    container.stop(first)
    container.start(first)
    _claim_survives_restart(stage, before)

    held = own_paths(before)
    container.rm(first, force=True)
    _claim_gone_with_container(stage, before, held)
    idle(stage, stage.base, name=first)
    _claim_empty_again(stage, first)

    at_first = work(stage, cache)
    again = work_again(stage, cache)
    _claim_result_kept(stage, at_first, again)
    container.rm(cache)
    _claim_result_gone(stage, at_first, work(stage, cache))
    return stage.result()


def put(stage: Stage, name: str) -> None:
    """Put a file into a container from outside."""
    file = os.path.join(stage.folder, "put.txt")
    stage.write(file, "put\n")
    stage.client.container.cp(file, f"{name}:{PUT}")


def work(stage: Stage, name: str, **options: Any) -> Work:
    """Compute in a new container."""
    begun = time.monotonic()
    done = stage.client.container.run(stage.base, "sh", "-c", COMPUTE, name=name, **options)
    return _work(done.lines(), begun)


def work_again(stage: Stage, name: str) -> Work:
    """The same container once more."""
    begun = time.monotonic()
    return _work(stage.client.container.start(name, attach=True), begun)


def _work(lines: Sequence[str], begun: float) -> Work:
    did, result = [*lines, "", ""][:2]
    return Work(did, result.split(" ")[0], time.monotonic() - begun)


def _claim_made_by_create(stage: Stage, name: str) -> None:
    wrote = _in_layer(stage, name, PUT)
    container = stage.client.container.inspect(name)
    on_disk = in_own_layer(container, PUT)
    where = container.upper_dir if on_disk is not None else BY_DOCKER
    stage.claim(
        "made-by-create",
        "The writable layer is made when the container is created, before it has ever run; "
        "docker run makes it because it creates and starts in one",
        says=_MADE_AND_REMOVED,
        holds=container.started_at is None and wrote and on_disk in (None, "put\n"),
        evidence=f"{name} is {container.state.value}, {_started(container)}; docker cp put {PUT} "
        f"into it, which {'is' if wrote else 'is not'} in its own layer: {where}",
    )


def _claim_own_layer(stage: Stage, names: tuple[str, str]) -> None:
    """Both have written their name to the same path."""
    wrote = [_in_layer(stage, name, NOTE) for name in names]
    notes = [stage.client.container.exec(name, "cat", NOTE).text.strip() for name in names]
    first, second = stage.client.container.inspect(*names)
    apart = first.id != second.id and (first.upper_dir != second.upper_dir or not first.upper_dir)
    where = f"in {first.upper_dir} and {second.upper_dir}" if first.upper_dir else BY_DOCKER
    stage.claim(
        "own-layer",
        "Each container has a writable layer of its own",
        says=_ITS_OWN,
        holds=all(wrote) and apart and notes == list(names),
        evidence=f"{NOTE} says {notes[0]!r} in {names[0]} and {notes[1]!r} in {names[1]}; it is of "
        f"the container's own layer in {sum(wrote)} of 2: {where}",
    )


def _claim_writable(stage: Stage, name: str) -> None:
    """Make a file, then change it."""
    steps = f"echo made >{MADE} && echo changed >>{MADE} && cat {MADE}"
    said = stage.client.container.exec(name, "sh", "-c", f"{{ {steps}; }} 2>&1 || :").text
    wrote = _in_layer(stage, name, MADE)
    on_disk = in_own_layer(stage.client.container.inspect(name), MADE)
    seen = f"read on the engine's disk: {on_disk!r}" if on_disk is not None else BY_DOCKER
    stage.claim(
        "writable",
        "Files can be made and changed in a container because of its writable layer: there they go",
        says="쓰기 가능 레이어로 인해 컨테이너 내에 파일을 생성하고, 파일에 작업을 하여 수정할 수 "
        "있는 것입니다.",
        holds=said == "made\nchanged\n" and wrote and on_disk in (None, said),
        evidence=f"making and changing {MADE} in {name} gave {said!r}; it "
        f"{'is' if wrote else 'is not'} in the container's own layer, {seen}",
    )


def _claim_survives_restart(stage: Stage, before: ContainerInspect) -> None:
    """It has been stopped and started since *before*."""
    said = stage.client.container.exec(before, "sh", "-c", f"cat {MADE} 2>&1 || :").text
    now = stage.client.container.inspect(before)
    restarted = now.started_at != before.started_at
    stage.claim(
        "survives-restart",
        "What is in the writable layer stays when the container is stopped and started again",
        says=_ITS_OWN,
        holds=restarted and said == "made\nchanged\n" and now.upper_dir == before.upper_dir,
        evidence=f"{now.name} first {_started(before)}, then {_started(now)}; {MADE} says {said!r}",
    )


def _claim_gone_with_container(stage: Stage, was: ContainerInspect, held: list[str] | None) -> None:
    """*held* is what its layer had in it on this machine's disk, None where that is not seen."""
    left = stage.client.container.ls(all=True, filter={"id": was.id})
    on_disk = bool(was.upper_dir) and os.path.lexists(was.upper_dir)
    seen = (
        f"{was.upper_dir}, which held {', '.join(held) or 'nothing'}, "
        f"is {'still there' if on_disk else 'gone'}"
        if held is not None
        else BY_DOCKER
    )
    stage.claim(
        "gone-with-container",
        "The writable layer is removed with its container, and all that is in it",
        says=_MADE_AND_REMOVED,
        holds=not left and not on_disk and held != [],
        evidence=f"{was.name} {was.id[:12]} {'is still' if left else 'is no more'} listed; {seen}",
    )


def _claim_empty_again(stage: Stage, name: str) -> None:
    """A new container, not started yet, has the name of the removed one."""
    changes = [change.path for change in stage.client.container.diff(name)]
    stage.client.container.start(name)
    look = f"ls {PUT} {NOTE} {MADE} 2>/dev/null || :"
    there = stage.client.container.exec(name, "sh", "-c", look).lines()
    stage.claim(
        "empty-again",
        "A new container begins with an empty layer of its own, also under the old name",
        says=_REMOVED,
        holds=not changes and not there,
        evidence=f"docker diff of the new {name} lists {' '.join(changes) or 'nothing'}; in it "
        f"there is {' '.join(there) or 'none'} of {PUT}, {NOTE} and {MADE}",
    )


def _claim_result_kept(stage: Stage, first: Work, again: Work) -> None:
    stage.claim(
        "result-kept",
        "A result that is dear to compute or to fetch stays in the writable layer over a restart, "
        "and the work is spared",
        says="비용이 비싼 계산이나 네트워크를 통해 저장해야 하는 테이터를 저장하기에 적합합니다.",
        holds=(first.did, again.did) == ("worked", "kept") and first.result == again.result,
        evidence=f"at first it {_told(first)}; started again it {_told(again)}",
    )


def _claim_result_gone(stage: Stage, first: Work, anew: Work) -> None:
    stage.claim(
        "result-gone",
        "Such a result is gone with the container: a new one has to do the work again",
        says=_REMOVED,
        holds=(first.did, anew.did) == ("worked", "worked") and first.result == anew.result,
        evidence=f"at first it {_told(first)}; removed and made anew it {_told(anew)}",
    )


def _in_layer(stage: Stage, name: str, path: str) -> bool:
    """Whether a path is of the container's own layer, by docker diff."""
    return any(change.path == path for change in stage.client.container.diff(name))


def _started(container: ContainerInspect) -> str:
    at = container.started_at
    return f"started at {at:%H:%M:%S.%f}" if at else "never started"


def _told(work: Work) -> str:
    return f"{work.did or 'said nothing'} in {work.seconds:.2f} s: {work.result[:12]}"


_MADE_AND_REMOVED = (
    "쓰기 가능 레이어는 컨테이너를 실행할 때 생성되며 컨테이너가 삭제되면 함께 삭제됩니다."
)
_ITS_OWN = (
    "쓰기 가능 레이어는 컨테이너마다 따로 갖는 레이어이며, 컨테이너와 같은 생명주기를 갖습니다."
)
_REMOVED = (
    "각 컨테이너마다 독립적인 쓰기 가능 레이어를 가지며, 컨테이너가 삭제되면 쓰기 가능 레이어도 "
    "삭제됩니다."
)

RECIPE = Recipe(
    name="writable_layer",
    title="쓰기 가능 레이어",
    section="쓰기 가능 레이어",
    play=play,
    containers=("writable1", "writable2", "cache"),
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
