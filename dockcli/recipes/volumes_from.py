"""2-2. Two containers with the same mounts: what is saved in the one is read in the other.

docker run -itd -v /Users/kdg/volume-example:/test --name volume-example alpine
docker run -itd --volumes-from volume-example --name volume-example-2 alpine
docker exec -it volume-example /bin/sh
docker exec -it volume-example-2 /bin/sh
vi test/volume.txt
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dockcli.client import Docker, docker
from dockcli.recipes.bind_mount_shell import RUN, start
from dockcli.recipes.layers import same_machine
from dockcli.recipes.result import Result
from dockcli.recipes.shell import shell
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

if TYPE_CHECKING:
    from dockcli.recipes.shell import Shell

FIRST, SECOND = "volume-example", "volume-example-2"
READER, ANEW = "volume-example-3", "volume-example-4"
TEXT = "Hello Docker123 ?"
FILE = "test/volume.txt"


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Result:
    """Play the document's 2-2 with both shells open, and prove what it says.

    *prefix* goes in front of the containers' names, *base* stands for the document's alpine, the
    folder ``volume-example`` goes below *output* (else nowhere), with *keep* what was made stays.
    Raises `recipes.room.Refused` before anything is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> Result:
    """The document's steps in its order, then what such sharing is worth."""
    first, second, reader, anew = map(stage.name, RECIPE.containers)
    folder = os.path.join(stage.output, FIRST)
    if not same_machine(stage):
        _claim_nothing(stage)
        return stage.result()

    stage.host(None, "mkdir", folder)
    start(stage, RUN, volume=f"{folder}:/test", name=first)
    line = f"docker run -itd --volumes-from {FIRST} --name {SECOND} alpine"
    start(stage, line, volumes_from=first, name=second)
    _claim_same_mounts(stage, (first, second))

    with (
        shell(stage, f"docker exec -it {FIRST} /bin/sh", first) as one,
        shell(stage, f"docker exec -it {SECOND} /bin/sh", second) as two,
    ):
        vi = one.vi(_WRITTEN, FILE)
        vi.write(TEXT)
        vi.save()
        _claim_read_in_other(stage, two, (first, second))

    _claim_overwritten(stage, (first, second))
    start(stage, None, volumes_from=f"{first}:ro", name=reader)
    _claim_read_only(stage, reader)
    held = inside(stage, second, f"cat {FILE}")
    stage.client.container.rm(first, force=True)
    _claim_outlives(stage, (first, second), held)
    stage.client.container.rm(second, reader, force=True)
    start(stage, None, volume=f"{folder}:/test", name=anew)
    _claim_state_kept(stage, (first, second, reader), anew)
    return stage.result()


def inside(stage: Stage, name: str, command: str) -> str:
    """What a command of the shell says in a container, also when it fails."""
    words = ("/bin/sh", "-c", f"{{ {command}; }} 2>&1 || :")
    return stage.client.container.exec(name, *words).text


def _claim_same_mounts(stage: Stage, names: tuple[str, str]) -> None:
    """By each container's own mount table: podman's inspect leaves them out."""
    first, second = (_mounted(stage, name) for name in names)
    stage.claim(
        "same-mounts",
        "--volumes-from gives the second container the mounts of the first, at the same paths",
        says="volume-example 컨테이너의 볼륨을 공유하는 컨테이너 생성",
        holds=first != "" and first == second,
        evidence=f"/test in {names[0]} is {first or 'not mounted'}; "
        f"in {names[1]} it is {second or 'not mounted'}",
    )


def _claim_read_in_other(stage: Stage, shell_two: Shell, names: tuple[str, str]) -> None:
    """The document's last line, while the other shell is open."""
    vi = shell_two.vi(f"vi {FILE}", FILE)
    vi.quit()
    line = vi.shown.partition("\n")[0]
    stage.claim(
        "read-in-other",
        "What is saved in the one container is read in the other, the whole line: "
        "Hello Docker123 ?",
        says="Docker123 ? # 출력됨",
        holds=line == TEXT,
        evidence=f"saved in {names[0]} by vi: {TEXT!r}; the first line that vi shows in "
        f"{names[1]}: {line!r}",
    )


def _claim_overwritten(stage: Stage, names: tuple[str, str]) -> None:
    """Both do as editors do: take the file, add a line, and save all of it."""
    lines = ["from the first", "from the second"]
    for name, line in zip(names, lines, strict=True):
        inside(stage, name, f"cp {FILE} /edited && echo '{line}' >>/edited")
    save = f"cat /edited >{FILE} && cat {FILE}"
    early, late = (inside(stage, name, save).splitlines() for name in names)
    stage.claim(
        "writers-overwrite",
        "Two containers that edit one file overwrite each other's work, and neither is told",
        says=_RATHER_STATE,
        holds=early[-1:] == lines[:1] and late[-1:] == lines[1:] and lines[0] not in late,
        evidence=f"both took {FILE} as it was and added a line; saved in {names[0]} it was "
        f"{early}, then saved in {names[1]} it is {late}",
    )


def _claim_read_only(stage: Stage, name: str) -> None:
    before = inside(stage, name, f"cat {FILE}")
    said = inside(stage, name, f"echo more >>{FILE} && echo written").strip()
    after = inside(stage, name, f"cat {FILE}")
    stage.claim(
        "read-only",
        "A container that takes them with :ro reads the files, and cannot write them",
        says="volume-example 컨테이너의 볼륨을 공유하는 컨테이너 생성",
        holds=TEXT in before and after == before and "Read-only file system" in said,
        evidence=f"in {name} {FILE} says {before!r}; appending to it says {said!r}; "
        f"then it says {after!r}",
    )


def _claim_outlives(stage: Stage, names: tuple[str, str], held: str) -> None:
    """The first is removed; *held* is what the file said before."""
    first, second = names
    left = _there(stage, first)
    after = inside(stage, second, f"cat {FILE}")
    wrote = inside(stage, second, f"echo later >>{FILE} && tail -n 1 {FILE}").strip()
    stage.claim(
        "outlives-first",
        "What is shared does not depend on the container it was taken from: with that removed, the "
        "second still reads and writes",
        says="도커 볼륨은 컨테이너와 독립적으로 존재하며, 별도의 생애주기를 가집니다.",
        holds=not left and TEXT in after and after == held and wrote == "later",
        evidence=f"{first} {'is still there' if left else 'has been removed'}; in {second} {FILE} "
        f"said {held!r} before and says {after!r} now; a line written then reads {wrote!r}",
    )


def _claim_state_kept(stage: Stage, before: tuple[str, ...], anew: str) -> None:
    """All who had the folder are removed, and *anew* has been made with it."""
    left = [name for name in before if _there(stage, name)]
    found = inside(stage, anew, f"cat {FILE}").splitlines()
    stage.claim(
        "state-kept",
        "It is for keeping state: with all of them removed, a container made anew finds it",
        says=_RATHER_STATE,
        holds=not left and TEXT in found and found[-1:] == ["later"],
        evidence=f"{' '.join(left) or 'none'} of {', '.join(before)} is left; in the new {anew} "
        f"{FILE} says {found}",
    )


def _claim_nothing(stage: Stage) -> None:
    stage.claim(
        "same-mounts",
        "--volumes-from gives the second container the mounts of the first, at the same paths",
        says="volume-example 컨테이너의 볼륨을 공유하는 컨테이너 생성",
        holds=None,
        evidence="a folder of this machine is not what the engine mounts: it runs on another",
    )


def _there(stage: Stage, name: str) -> bool:
    return bool(stage.client.container.ls(all=True, filter={"name": f"^{name}$"}))


def _mounted(stage: Stage, name: str) -> str:
    """What is mounted at /test: the folder, and the device that it is on."""
    table = inside(stage, name, "grep ' /test ' /proc/self/mountinfo").split()
    return f"{table[3]} of device {table[2]}" if len(table) > 4 else ""


_WRITTEN = (
    "# 5. volume-example 컨테이너에서 test/volume.txt 파일 생성 후 "
    "Hello Docker123 ? 문자열 기입 후 저장"
)
_RATHER_STATE = (
    "볼륨은 컨테이너 간 파일 공유보다는 상태를 보존하기 위한 영구 저장소 용도로 사용해야 하며, "
    "이미지(Dockerfile)에서 정의하는 것보다 명시적으로 컨테이너 생성시에 관리하는 편이 더 좋습니다."
)

RECIPE = Recipe(
    name="volumes_from",
    title="docker volume shared",
    section="2-2",
    play=play,
    containers=(FIRST, SECOND, READER, ANEW),
    files=(FIRST,),
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
