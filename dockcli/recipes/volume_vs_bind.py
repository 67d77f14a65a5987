"""3. Volumes and bind mounts beside each other: each cell of the comparison measured on the spot.

docker volume create compared
docker volume ls
docker container run -d --name with-volume --volume compared:/data alpine sleep 3600
docker container run -d --name with-bind --mount type=bind,source=…,target=/data alpine sleep 3600
docker volume rm compared
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from dockcli.client import Docker, docker
from dockcli.errors import CallError, NoSuchVolume
from dockcli.models.container import Mount
from dockcli.objects import Container
from dockcli.recipes.figure import Table
from dockcli.recipes.layers import bind, same_machine
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

DATA = "/data"
IMAGE = "/etc"  # a folder that every image with a shell has something in
LINES = 200
MADE_BY_ENGINE = "도커 엔진에 의해 생성되고 관리됩니다."
MADE_BY_HOST = "도커가 직접적으로 관리하지 않으며, 호스트 컴퓨터에 의해 관리됩니다."
MANAGED = (
    "볼륨은 도커 CLI나 API를 통해 관리할 수 있으며, 컨테이너 간 데이터를 일관되게 공유할 수 "
    "있습니다."
)
UNMANAGED = (
    "도커 CLI나 API를 통한 관리가 불가능하며, 모든 작업은 호스트 컴퓨터에서 이뤄져야 합니다."
)
PORTABLE = "이식성이 높으며 안전한 방식으로 데이터를 저장하고 공유할 수 있습니다."
AT_ONCE = "여러 컨테이너가 동시에 같은 볼륨에 접근하고 사용할 수 있습니다."
EXPOSED = (
    "호스트 컴퓨터에 직접적으로 접근이 가능하기 때문에 데이터 변경이나 삭제에 대해 주의해야 합니다."
)
ELSEWHERE = "the engine does not mount this machine's folders"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; a cell is what was measured."""

    about: str
    volume: str
    bind: str


@dataclass(frozen=True, slots=True)
class VolumeVsBind(Result):
    """The document's comparison."""

    rows: tuple[Row, ...]

    @property
    def figures(self) -> tuple[Table, ...]:
        """The comparison as a table."""
        cells = tuple((row.about, row.volume, row.bind) for row in self.rows)
        return (Table(("", "volume", "bind mount"), cells),)


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> VolumeVsBind:
    """Compare volumes and bind mounts as the document does, and prove it.

    *prefix* goes in front of the names, *base* stands for alpine, the folder that is mounted is
    made in *output*, with *keep* what was made stays. Raises `recipes.room.Refused` before anything
    is changed, and what `dockcli.errors` lists.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> VolumeVsBind:
    """A volume and a folder at the same path of two containers, and what differs."""
    client = stage.client
    name, filled, moved = (stage.name(f"compared-{one}") for one in ("volume", "filled", "moved"))
    folder = os.path.join(stage.output, "compared-bind") if same_machine(stage) else None
    client.volume.create(name)
    kept = f"type=volume,source={name},target={DATA}"
    with_volume, volume = _keeper(stage, "with-volume", kept)
    with_bind, host = None, None
    if folder is not None:
        stage.host(None, "mkdir", folder)
        with_bind, host = _keeper(stage, "with-bind", bind(folder, DATA))

    rows = [
        Row(
            "who creates it",
            _claim_made_by_engine(stage, volume),
            _claim_made_by_host(stage, host),
        ),
        Row("where it lives", volume.source, host.source if host else ELSEWHERE),
    ]
    image = _files(stage)
    client.volume.create(filled)
    fill = f"type=volume,source={filled},target={IMAGE}"
    rows.append(
        Row(
            "new, over files of the image",
            _claim_filled(stage, image, fill),
            _claim_hidden(stage, image, folder),
        )
    )
    _claim_consistent(stage, with_volume, kept)
    at_once = (
        _use_at_once(stage, bind(folder, DATA), bind(folder, DATA))[1] if folder else ELSEWHERE
    )
    rows.append(Row("several containers at once", _claim_at_once(stage, kept, kept), at_once))
    client.volume.create(moved)
    _move(stage, name, moved)
    missing = os.path.join(folder, "elsewhere") if folder else None
    rows += [
        Row(
            "moved to another place",
            _claim_portable(stage, name, moved),
            _claim_tied_to_its_path(stage, missing),
        ),
        Row(
            "reached from the host without docker",
            _claim_closed(stage, volume.source if folder else None),
            _reached_by(folder) if folder else ELSEWHERE,
        ),
        Row(
            "exposed to the host's deletions",
            _delete(stage, with_volume, volume.source)[1]
            if folder and volume.source
            else ELSEWHERE,
            _claim_exposed(stage, with_bind, folder),
        ),
    ]
    client.container.rm(*filter(None, (with_volume, with_bind)), force=True)
    rows.append(
        Row(
            "listed and removed by `docker volume`",
            _claim_managed(stage, name),
            _claim_unmanaged(stage, folder),
        )
    )
    return stage.result(VolumeVsBind, rows=tuple(rows))


def _keeper(stage: Stage, name: str, mount: str) -> tuple[Container, Mount]:
    """A container that only stays, and what it has at `DATA`."""
    container = stage.client.container.run(
        stage.base,
        "sleep",
        "3600",
        name=stage.name(name),
        detach=True,
        mount=mount,
        stop_signal="KILL",  # nothing in it minds, and podman would wait ten seconds
    )
    found = [one for one in container.inspect().mounts if one.destination == DATA]
    return container, found[0] if found else Mount("", "", "", DATA, False, {})


def _sh(stage: Stage, mounts: list[str], script: str, *words: str) -> str:
    """What a shell script prints in a container that is there for it alone."""
    done = stage.client.container.run(stage.base, "sh", "-c", script, *words, mount=mounts, rm=True)
    return done.text


def _claim_made_by_engine(stage: Stage, mount: Mount) -> str:
    """What is mounted is an object of docker's, in a folder of docker's."""
    one = next((v for v in stage.client.volume.ls() if v.name == mount.name), None)
    cell = f"{mount.source} is no volume that docker knows"
    if one is not None:
        made = f", made at {one.created:%H:%M:%S}" if one.created else ""
        cell = f"docker: volume {one.name}, driver {one.driver}{made}"
    stage.claim(
        "volume-by-engine",
        "A volume is made and kept by the engine, in a folder of the engine's",
        says=MADE_BY_ENGINE,
        holds=one is not None and mount.type == "volume" and one.mountpoint == mount.source,
        evidence=f"{cell}; mounted from {mount.source}",
    )
    return cell


def _claim_made_by_host(stage: Stage, mount: Mount | None) -> str:
    """What is mounted is a folder of the host's, of which docker knows no more than its path."""
    holds, cell = None, ELSEWHERE
    inside: list[str] = []
    if mount is not None:
        volumes = stage.client.volume.ls()
        inside = [one.name for one in volumes if _is_below(mount.source, one.mountpoint)]
        holds = mount.type == "bind" and not mount.name and not inside
        cell = f"the host, by mkdir: {_owner(mount.source)}"
    stage.claim(
        "bind-by-host",
        "A bind mount's folder is made and kept by the host, docker does not manage it",
        says=MADE_BY_HOST,
        holds=holds,
        evidence=cell
        if mount is None
        else f"{cell}; docker has a {mount.type} of it, and it is "
        f"{f'in volume {inside[0]}' if inside else 'in no volume that docker lists'}",
    )
    return cell


def _is_below(path: str, folder: str) -> bool:
    return bool(folder) and f"{path}/".startswith(f"{folder}/")


def _owner(path: str) -> str:
    """Whose a folder of this machine is, and its mode."""
    with suppress(OSError):
        about = os.stat(path)
        return f"owner uid {about.st_uid}, mode {stat.S_IMODE(about.st_mode):04o}"
    return "an owner that is not to be seen"


def _claim_filled(stage: Stage, image: set[str], mount: str) -> str:
    """A new volume gets what the image has at that path."""
    seen = _files(stage, mount)
    cell = f"filled: {len(image & seen)} of the image's {len(image)} files in {IMAGE} are in it"
    stage.claim(
        "volume-filled",
        "A new volume is filled with what the image has at that path",
        says=MADE_BY_ENGINE,
        holds=bool(image) and image <= seen,
        evidence=cell,
    )
    return cell


def _claim_hidden(stage: Stage, image: set[str], folder: str | None) -> str:
    """A bind of an empty folder shows nothing of what the image has there."""
    holds, cell = None, ELSEWHERE
    if folder is not None:
        empty = os.path.join(folder, "empty")
        stage.host(None, "mkdir", "-p", empty)
        seen = _files(stage, bind(empty, IMAGE))
        holds = bool(image) and not image & seen
        cell = f"hidden: {len(image & seen)} of the image's {len(image)} files in {IMAGE} are seen"
    stage.claim(
        "bind-hides",
        "A bind mount hides what the image has at that path",
        says=MADE_BY_HOST,
        holds=holds,
        evidence=cell,
    )
    return cell


def _files(stage: Stage, *mounts: str) -> set[str]:
    """What is in the image's folder, as a container with *mounts* sees it; docker's own apart."""
    found = _sh(stage, list(mounts), f"ls -A {IMAGE}").split()
    return set(found) - {"hosts", "hostname", "resolv.conf", "mtab"}


def _claim_consistent(stage: Stage, container: Container, mount: str) -> str:
    """What one container writes another reads at once, and the other way round."""
    exec = stage.client.container.exec
    exec(container, "sh", "-c", f"echo one >{DATA}/shared")
    there = _sh(stage, [mount], f"cat {DATA}/shared; echo two >>{DATA}/shared").split()
    back = exec(container, "cat", f"{DATA}/shared").text.split()
    cell = f"another container reads {there} of it at once, and the first one then {back}"
    stage.claim(
        "volume-shared",
        "Containers that have one volume see each other's changes at once",
        says=MANAGED,
        holds=there == ["one"] and back == ["one", "two"],
        evidence=cell,
    )
    return cell


_APPEND = f"""\
: >{DATA}/ready-$0; n=0
until [ -e {DATA}/ready-$1 ]; do
    n=$((n + 1)); if [ $n -gt 200 ]; then echo alone >>{DATA}/log; break; fi; sleep 0.05
done
for i in $(seq {LINES}); do echo "$0 $i" >>{DATA}/log; done"""


def _use_at_once(stage: Stage, first: str, second: str) -> tuple[bool, str]:
    """Two containers append to one file; each begins when it sees that the other is there."""
    run = stage.client.container.run
    both = [
        run(stage.base, "sh", "-c", _APPEND, *words, detach=True, mount=mount)
        for mount, words in ((first, ("one", "two")), (second, ("two", "one")))
    ]
    stage.client.container.wait(*both, deadline=60)
    count = "for one in '^one ' '^two ' ''; do grep -c \"$one\" /data/log; done; exit 0"
    counts = _sh(stage, [first], count).split()
    stage.client.container.rm(*both)
    cell = f"lines of one, of two and in all that both appended at once: {' '.join(counts)}"
    return counts == [str(LINES), str(LINES), str(2 * LINES)], cell


def _claim_at_once(stage: Stage, first: str, second: str) -> str:
    """No line of two that write at once is lost."""
    holds, cell = _use_at_once(stage, first, second)
    stage.claim(
        "volume-at-once",
        "Several containers use one volume at the same time (and so they may with one bind mount)",
        says=AT_ONCE,
        holds=holds,
        evidence=cell,
    )
    return cell


def _move(stage: Stage, source: str, target: str) -> None:
    """The content of one volume as a tar stream into another one."""
    mounts = [
        f"type=volume,source={source},target=/from,ro",
        f"type=volume,source={target},target=/to",
    ]
    _sh(stage, mounts, "tar -cf - -C /from . | tar -xf - -C /to")


def _claim_portable(stage: Stage, source: str, target: str) -> str:
    """The other volume, which is elsewhere, has the same content."""
    mounts = [
        f"type=volume,source={name},target={path},ro"
        for name, path in ((source, "/from"), (target, "/to"))
    ]
    count = "find . -type f -exec sha256sum {} + | sort | tee /tmp/list | sha256sum"
    script = f"for one in /from /to; do cd $one; {count}; wc -l </tmp/list; done"
    digest, _, files, moved, *_ = [*_sh(stage, mounts, script).split(), *[""] * 4]
    one, other = stage.client.volume.inspect(source, target)
    same = bool(digest) and digest == moved and files != "0"
    cell = (
        f"as a tar stream into volume {other.name}, whose {files} files are "
        f"{'the same' if same else 'not the same'}"
    )
    stage.claim(
        "volume-portable",
        "A volume's content moves as a stream into a volume elsewhere, by docker alone",
        says=PORTABLE,
        holds=same and one.mountpoint != other.mountpoint,
        evidence=f"{cell}; the one is at {one.mountpoint}, the other at {other.mountpoint}",
    )
    return cell


def _claim_tied_to_its_path(stage: Stage, path: str | None) -> str:
    """Where the host does not have the folder, there is nothing to mount."""
    holds, cell = None, ELSEWHERE
    if path is not None:
        try:
            stage.client.container.create(stage.base, mount=bind(path, DATA))
            holds, cell = False, f"docker mounts {path}"
        except CallError as error:
            holds, cell = not os.path.exists(path), f"stays where the host has it: {error.reason}"
    stage.claim(
        "bind-tied-to-path",
        "A bind mount is a path of one host: where that is not, docker has nothing to mount",
        says=MADE_BY_HOST,
        holds=holds,
        evidence=cell,
    )
    return cell


def _claim_closed(stage: Stage, path: str | None) -> str:
    """On the way to a volume's folder is one that other accounts cannot pass."""
    closed = _closing(path) if path is not None else None
    seen = path is not None and (closed is not None or os.path.exists(path))
    cell = "docker's disk is not to be read from here"
    if seen:
        cell = f"by its owner alone: {closed}, {_owner(closed)}" if closed else f"by all: {path}"
    stage.claim(
        "volume-closed",
        "No other account of the host gets at a volume's folder without docker; root does",
        says=PORTABLE,
        holds=closed is not None if seen else None,
        evidence=cell,
    )
    return cell


def _closing(path: str) -> str | None:
    """The highest folder on the way to *path* that only its owner and group can pass."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        folder = "/".join(parts[:count]) or "/"
        try:
            if not os.stat(folder).st_mode & stat.S_IXOTH:
                return folder
        except OSError:
            return None
    return None


def _reached_by(folder: str) -> str:
    closed = _closing(folder)
    way = f", on a way that {closed} closes for others" if closed else ""
    return f"as its owner likes: {folder}, {_owner(folder)}{way}"


def _delete(stage: Stage, container: Container, folder: str) -> tuple[bool, str]:
    """Delete on the host what the container has written, and look from the container."""
    ask = f"[ -e {DATA}/exposed ] && echo there || echo gone"
    exec = stage.client.container.exec
    exec(container, "sh", "-c", f"echo mine >{DATA}/exposed")
    path = os.path.join(folder, "exposed")
    try:
        stage.host(None, "rm", path)
        did = f"rm {path} on the host"
    except CallError as error:
        did = f"the host may not: {error.reason}"
    after = exec(container, "sh", "-c", ask).text.strip()
    return after == "gone", f"{did}: in the container the file is {after or 'not to be seen'}"


def _claim_exposed(stage: Stage, container: Container | None, folder: str | None) -> str:
    """What the host deletes the container has lost."""
    holds, cell = None, ELSEWHERE
    if container is not None and folder is not None:
        holds, cell = _delete(stage, container, folder)
    stage.claim(
        "bind-exposed",
        "What the host deletes in a bind mount's folder is gone in the container at once",
        says=EXPOSED,
        holds=holds,
        evidence=cell,
    )
    return cell


def _claim_managed(stage: Stage, name: str) -> str:
    """docker lists a volume, and removes it with all that is in it."""
    listed = any(one.name == name for one in stage.client.volume.ls())
    with suppress(CallError):
        stage.client.volume.rm(name)
    try:
        stage.client.volume.inspect(name)
        gone = False
    except NoSuchVolume:
        gone = True
    cell = f"{name} {'is' if listed else 'is not'} listed, and {'is' if gone else 'is not'} removed"
    stage.claim(
        "volume-managed",
        "docker lists a volume, tells of it and removes it",
        says=MANAGED,
        holds=listed and gone,
        evidence=cell,
    )
    return cell


def _claim_unmanaged(stage: Stage, folder: str | None) -> str:
    """docker neither lists nor removes a bind's folder; the host does."""
    holds, cell = None, ELSEWHERE
    if folder is not None:
        listed = any(folder in (one.name, one.mountpoint) for one in stage.client.volume.ls())
        refused = stage.client.raw("volume", "rm", folder, check=False)
        left = os.path.isfile(os.path.join(folder, "log"))
        with suppress(CallError):
            stage.host(None, "rm", "-r", folder)
        gone = not os.path.lexists(folder)
        holds = not listed and refused.returncode != 0 and left and gone
        said = (refused.error_text.strip().splitlines() or ["removed"])[-1]
        cell = (
            f"{'listed' if listed else 'not listed'}; `docker volume rm`: {said}; without its "
            f"container its files are {'left' if left else 'lost'}, until rm -r on the host"
        )
    stage.claim(
        "bind-unmanaged",
        "No docker command lists or removes a bind mount's folder: the host does. (What is in it "
        "any container that has it may change, too)",
        says=UNMANAGED,
        holds=holds,
        evidence=cell,
    )
    return cell


RECIPE = Recipe(
    name="volume_vs_bind",
    title="볼륨과 바인드 마운트의 차이",
    section="3",
    play=play,
    containers=("with-volume", "with-bind"),
    volumes=("compared-volume", "compared-filled", "compared-moved"),
    files=("compared-bind",),
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
