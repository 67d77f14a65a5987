"""2-1. A host's folder in a container: typed into vi in there, read and edited out here.

docker run -itd -v /Users/kdg/volume-example:/test --name volume-example alpine
docker exec -it volume-example /bin/sh
cd test/
vi volume.txt
cd /Users/kdg/volume-example
vi volume.txt

The document calls it a volume. It is a bind mount, which docker does not list as a volume.
"""

from __future__ import annotations

import os
from typing import Any

from dockcli.client import Docker, docker
from dockcli.recipes.layers import same_machine
from dockcli.recipes.result import Result
from dockcli.recipes.shell import shell
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

NAME = "volume-example"
TEXT = "Hello Docker ?"
EDITED = "Hello Container !"
FILE = "volume.txt"
INSIDE = f"/test/{FILE}"
RUN = f"docker run -itd -v /Users/kdg/{NAME}:/test --name {NAME} alpine"


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Result:
    """Play the document's 2-1 with real keys on a real terminal, and prove what it says.

    *prefix* goes in front of the container's name, *base* stands for the document's alpine, the
    folder ``volume-example`` goes below *output* (else nowhere), with *keep* what was made stays.
    Raises `recipes.room.Refused` before anything is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> Result:
    """The document's steps in its order, each with its proof; then the way back."""
    name, folder = stage.name(NAME), os.path.join(stage.output, NAME)
    if not same_machine(stage):
        _claim_nothing(stage)
        return stage.result()

    stage.host(None, "mkdir", folder)
    start(stage, RUN, volume=f"{folder}:/test", name=name)
    _claim_mounted(stage, name, folder)
    _claim_no_volume(stage, name)

    with shell(stage, f"docker exec -it {NAME} /bin/sh", name) as inside:
        inside.cd("cd test/", "test/")
        vi = inside.vi("vi volume.txt", FILE)
        vi.write(TEXT)
        vi.save()
    _claim_typed(stage, name)
    _claim_host_reads(stage, folder)

    edit(stage, folder)
    _claim_container_reads(stage, name)
    stage.client.container.rm(name, force=True)
    _claim_outlives(stage, name, folder)
    return stage.result()


def start(stage: Stage, document: str | None, **options: Any) -> None:
    """Run the document's alpine with ``-itd``: its shell waits, and the container stays."""
    call = stage.docker.container.run(
        stage.base,
        interactive=True,
        tty=True,
        detach=True,
        stop_signal="KILL",  # a shell does not heed SIGTERM, and podman would wait for it
        **options,
    )
    if document:
        stage.step(document, call)
    else:
        call.run()


def edit(stage: Stage, folder: str) -> None:
    """Edit the file as editors do, by a new one in its place: the old one may be root's."""
    edited = os.path.join(folder, "edited")
    stage.write(edited, f"{EDITED}\n")
    stage.host(None, "mv", "-f", edited, os.path.join(folder, FILE))


def _claim_mounted(stage: Stage, name: str, folder: str) -> None:
    mounts = stage.client.container.inspect(name).mounts
    shown = [f"{mount.type} of {mount.source} at {mount.destination}" for mount in mounts]
    stage.claim(
        "folder-mounted",
        "The host's folder is mounted into the container at /test",
        says='아래 예제에서 호스트 컴퓨터에 "/Users/kdg/volume-example" 디렉토리를 생성한 후 도커 '
        '컨테이너의 "test" 디렉토리로 마운트합니다.',
        holds=any(
            (mount.type, mount.destination) == ("bind", "/test") and _same(mount.source, folder)
            for mount in mounts
        ),
        evidence=f"docker inspect of {name}: {', '.join(shown) or 'no mounts'}",
    )


def _claim_no_volume(stage: Stage, name: str) -> None:
    """Looked for among all volumes there are, by name and by where they lie."""
    mounts = stage.client.container.inspect(name).mounts
    volumes = stage.client.volume.ls()
    listed = [
        volume.name
        for volume in volumes
        for mount in mounts
        if mount.name == volume.name or mount.source == volume.mountpoint
    ]
    stage.claim(
        "no-volume",
        "The document calls it a volume, but it is a bind mount: docker volume ls does not have it",
        says="docker volume 생성 및 조회",
        holds=bool(mounts) and not listed,
        evidence=f"docker volume ls has {', '.join(listed) or 'nothing'} of {name}, whose mount is "
        f"of type {', '.join(mount.type for mount in mounts) or 'none'}",
    )


def _claim_typed(stage: Stage, name: str) -> None:
    text = _inside(stage, name)
    stage.claim(
        "typed-in-vi",
        "What was typed into vi in the container is in its file /test/volume.txt",
        says="컨테이너에 접속하여 test 디렉토리로 이동한 뒤 volume.txt 라는 파일을 생성 한 후 "
        f'"{TEXT}" 라는 문자열을 작성하고 저장합니다.',
        holds=text == f"{TEXT}\n",
        evidence=f"cat {INSIDE} in {name}: {text!r}",
    )


def _claim_host_reads(stage: Stage, folder: str) -> None:
    """The document's last two lines: `cd` there and look, then the file."""
    listed = stage.host(f"cd /Users/kdg/{NAME}", "ls", folder).split()
    there = FILE in listed or stage.wishes.dry_run
    text = stage.host("vi volume.txt", "cat", os.path.join(folder, FILE)) if there else ""
    stage.claim(
        "host-reads",
        "The host finds the file in its folder, with the line that was written in the container",
        says='호스트 컴퓨터의 "/Users/kdg/volume-example" 디렉토리로 이동하여 목록을 조회하면 '
        '"volume.txt" 파일이 있는 것을 확인할 수 있으며 파일의 내용을 조회하면 컨테이너에서 작성한 '
        "문자열이 있음을 확인할 수 있습니다.",
        holds=text == f"{TEXT}\n",
        evidence=f"ls {folder}: {' '.join(listed) or 'nothing'}; {FILE} says {text!r}",
    )


def _claim_container_reads(stage: Stage, name: str) -> None:
    text = _inside(stage, name)
    stage.claim(
        "container-reads",
        "And the other way round: what the host has edited, the container reads",
        says="즉 컨테이너가 호스트 컴퓨터의 파일에 직접 접근할 수도 있고, 그 반대도 가능합니다.",
        holds=text == f"{EDITED}\n",
        evidence=f"edited on the host to {EDITED!r}; then cat {INSIDE} in {name}: {text!r}",
    )


def _claim_outlives(stage: Stage, name: str, folder: str) -> None:
    left = [one.name for one in stage.client.container.ls(all=True, filter={"name": f"^{name}$"})]
    path = os.path.join(folder, FILE)
    there = os.path.exists(path) or stage.wishes.dry_run
    text = stage.host(None, "cat", path) if there else ""
    stage.claim(
        "outlives-container",
        "The data stays when the container is removed: it is the host's",
        says="호스트의 파일 시스템을 컨테이너에 마운트하여 컨테이너가 삭제되어도 데이터가 "
        "남아있도록 하는 것입니다.",
        holds=not left and text == f"{EDITED}\n",
        evidence=f"{name} {'is still there' if left else 'has been removed'}; "
        f"{path} {f'says {text!r}' if there else 'is not there'}",
    )


def _claim_nothing(stage: Stage) -> None:
    stage.claim(
        "host-reads",
        "The host finds the file in its folder, with the line that was written in the container",
        says='아래 예제에서 호스트 컴퓨터에 "/Users/kdg/volume-example" 디렉토리를 생성한 후 도커 '
        '컨테이너의 "test" 디렉토리로 마운트합니다.',
        holds=None,
        evidence="a folder of this machine is not what the engine mounts: it runs on another",
    )


def _inside(stage: Stage, name: str) -> str:
    """The file as the container reads it; what cat says where it cannot."""
    look = f"cat {INSIDE} 2>&1 || :"
    return stage.client.container.exec(name, "/bin/sh", "-c", look).text


def _same(source: str, folder: str) -> bool:
    return os.path.realpath(source) == os.path.realpath(folder)


RECIPE = Recipe(
    name="bind_mount_shell",
    title="docker volume 생성 및 조회",
    section="2-1",
    play=play,
    containers=(NAME,),
    files=(NAME,),
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
