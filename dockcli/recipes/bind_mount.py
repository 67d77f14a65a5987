"""2. Bind mounts: a folder of the host in a container, and with what rights.

The document has no command lines here. What it speaks of is this:

docker container run --volume /Users/kdg/bind-mount:/host alpine
docker container run --volume /Users/kdg/bind-mount:/host:ro alpine
docker container run --volume /Users/kdg/bind-mount:/host --user 65534 alpine
docker container run --mount type=bind,source=/Users/kdg/missing,target=/host alpine
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from dockcli.client import Docker, docker
from dockcli.recipes.layers import bind, same_machine
from dockcli.recipes.result import Result
from dockcli.recipes.stage import Recipe, Stage, Wishes, perform

if TYPE_CHECKING:
    from dockcli.completed import Completed

HOST = "/host"
Flags: TypeAlias = "dict[str, Any]"
NOBODY = "65534:65534"


class Said(NamedTuple):
    """A claim before it is looked at: what it says, and the document's sentence."""

    text: str
    document: str


_IS = (
    "바인드 마운트란 호스트 컴퓨터 시스템의 디렉토리를 컨테이너 파일 시스템의 디렉토리로 만들 수 "
    "있습니다."
)
_BOTH = "즉 컨테이너가 호스트 컴퓨터의 파일에 직접 접근할 수도 있고, 그 반대도 가능합니다."
_PRIVILEGE = (
    "컨테이너가 호스트 컴퓨터에 대한 공격을 방지하기 위해 보통 최소한의 권한을 가진 계정으로 "
    "실행되는데, 바인드 마운트를 사용하면 호스트 컴퓨터의 파일에 접근해야 하기 때문에 권한 상승이 "
    "필요합니다."
)
_BY_THE_HOST = "도커가 직접적으로 관리하지 않으며, 호스트 컴퓨터에 의해 관리됩니다."
_CARE = (
    "호스트 컴퓨터에 직접적으로 접근이 가능하기 때문에 데이터 변경이나 삭제에 대해 주의해야 합니다."
)
CLAIMS = {
    "host-folder": Said("A folder of the host becomes a folder of the container", _IS),
    "both-directions": Said(
        "The container reads the host's file, and the host reads the container's", _BOTH
    ),
    "deleted-on-the-host": Said("What is deleted on the host is gone in the container", _CARE),
    "read-only": Said("Mounted with :ro, the host's files can be read and not written", _CARE),
    "root-unless-told": Said(
        "A container runs as root, not as the least privileged account, unless it is told",
        _PRIVILEGE,
    ),
    "least-privileged-let-in": Said(
        "The least privileged account cannot write to the host's folder until the host lets it in",
        _PRIVILEGE,
    ),
    "root-writes": Said(
        "root in the container writes to the host's folder without being let in, and the host has "
        "root's file",
        _PRIVILEGE,
    ),
    "missing-by-volume-flag": Said(
        "A source that is missing is made by --volume, as a folder of root's", _BY_THE_HOST
    ),
    "missing-by-mount-flag": Said(
        "A source that is missing is refused by --mount, and not made", _BY_THE_HOST
    ),
}


def run(
    client: Docker = docker,
    prefix: str | None = None,
    base: str | None = None,
    output: str | os.PathLike[str] | None = None,
    keep: bool = False,
) -> Result:
    """Bind a folder of this machine into containers, and prove who can do what there.

    The arguments and errors are those of `isolation.run`. The folder is ``bind-mount`` in *output*;
    what containers leave in it that this user could not delete is removed at the end.
    """
    return perform(RECIPE, client, Wishes(prefix, base, output, keep))


def play(stage: Stage) -> Result:
    """Both directions, then the rights, then what is missing."""
    if not same_machine(stage):
        for id in CLAIMS:
            reason = "not shown here: the engine does not mount this machine's folders"
            _claim(stage, id, None, reason)
        return stage.result()
    folder = os.path.join(stage.output, "bind-mount")
    stage.host(None, "mkdir", folder)
    _write(stage, os.path.join(folder, "from-host"), "hello from the host")

    name = stage.name("bind-mount")
    shared: Flags = {"volume": f"{folder}:{HOST}"}
    stage.client.container.run(
        stage.base, "sleep", "600", name=name, detach=True, stop_signal="KILL", **shared
    )
    _claim_host_folder(stage, name, folder)
    _claim_both_directions(stage, name, folder)
    _claim_deleted_on_the_host(stage, name, folder)
    _claim_read_only(stage, folder, {"volume": f"{folder}:{HOST}:ro"})

    _claim_root_unless_told(stage, {})
    _claim_least_privileged(stage, folder)
    _claim_root_writes(stage, folder, shared)

    missing = os.path.join(folder, "missing")
    _claim_missing_made(stage, missing, {"volume": f"{missing}:{HOST}"})
    refused = os.path.join(folder, "missing-too")
    _claim_missing_refused(stage, refused, {"mount": bind(refused, HOST)})
    return stage.result()


def _claim(stage: Stage, id: str, holds: bool | None, evidence: str) -> None:
    said = CLAIMS[id]
    stage.claim(id, said.text, says=said.document, holds=holds, evidence=evidence)


def _sh(stage: Stage, command: str, flags: Flags) -> Completed:
    """What a new container with *flags* comes to, that runs *command* and is removed."""
    return stage.client.container.run(
        stage.base, "sh", "-c", command, detach=None, rm=True, check=False, **flags
    )


def _claim_host_folder(stage: Stage, container: str, folder: str) -> None:
    mounts = [
        mount
        for mount in stage.client.container.inspect(container).mounts
        if mount.destination == HOST
    ]
    there = stage.client.container.exec(container, "ls", "-a", HOST, check=False).text.split()
    here = stage.host(None, "ls", "-a", folder).split()
    _claim(
        stage,
        "host-folder",
        # Docker Desktop puts the place where it keeps the host's folders in front of the source.
        [one.type for one in mounts] == ["bind"]
        and mounts[0].source.endswith(os.path.realpath(folder))
        and sorted(there) == sorted(here),
        f"{HOST} is {', '.join(f'a {one.type} of {one.source}' for one in mounts) or 'no mount'}; "
        f"it holds {there} in {container}, and {folder} {here} on this machine",
    )


def _claim_both_directions(stage: Stage, container: str, folder: str) -> None:
    exec = stage.client.container.exec
    read = exec(container, "cat", f"{HOST}/from-host", check=False).text.strip()
    exec(container, "sh", "-c", f"echo hello from the container > {HOST}/from-container")
    path = os.path.join(folder, "from-container")
    seen = _read(stage, path)
    _claim(
        stage,
        "both-directions",
        read == "hello from the host" and seen == "hello from the container",
        f"the container reads {read!r} from {HOST}/from-host, this machine {seen!r} from {path}",
    )


def _claim_deleted_on_the_host(stage: Stage, container: str, folder: str) -> None:
    name = "to-be-deleted"
    exec = stage.client.container.exec
    exec(container, "sh", "-c", f"echo kept > {HOST}/{name}")
    before = exec(container, "cat", f"{HOST}/{name}", check=False)
    stage.host(None, "rm", "-f", os.path.join(folder, name))
    after = exec(container, "cat", f"{HOST}/{name}", check=False)
    _claim(
        stage,
        "deleted-on-the-host",
        before.text == "kept\n" and after.returncode != 0,
        f"{HOST}/{name} read {before.text.strip()!r}; since `rm` on this machine, cat in "
        f"{container} says {(after.text + after.error_text).strip()!r}",
    )


def _claim_read_only(stage: Stage, folder: str, flags: Flags) -> None:
    path = os.path.join(folder, "read-only")
    _write(stage, path, "from the host")
    done = _sh(stage, f"cat {HOST}/read-only; echo changed > {HOST}/read-only", flags)
    now = _read(stage, path)
    _claim(
        stage,
        "read-only",
        done.text == "from the host\n" and done.returncode != 0 and now == "from the host",
        f"the container reads {done.text.strip()!r}; when it writes: "
        f"{_error(done)}; on this machine the file has {now!r}",
    )


def _claim_root_unless_told(stage: Stage, flags: Flags) -> None:
    user = stage.client.image.inspect(stage.base).raw.get("Config") or {}
    told = user.get("User") or ""
    id = _sh(stage, "id -u", flags).text.strip()
    _claim(
        stage,
        "root-unless-told",
        id == "0" if not told else None,
        f"`id -u` in a new container with {flags or 'no --user'} prints {id}; "
        f"the image {f'says USER {told}' if told else 'names no USER'}",
    )


def _claim_least_privileged(stage: Stage, folder: str, mode: str = "755") -> None:
    """*mode* is the folder's before it is opened to all."""
    flags = {"volume": f"{folder}:{HOST}", "user": NOBODY}
    stage.host(None, "chmod", mode, folder)
    shut = _sh(stage, f"echo nobody > {HOST}/nobody", flags)
    stage.host(None, "chmod", "777", folder)
    open = _sh(stage, f"echo nobody > {HOST}/nobody", flags)
    stage.host(None, "chmod", "755", folder)
    owner = _owner(stage, os.path.join(folder, "nobody"))
    _claim(
        stage,
        "least-privileged-let-in",
        shut.returncode != 0 and open.returncode == 0 and bool(owner),
        f"as {NOBODY} into {folder} of mode {mode}: {_error(shut)}; after `chmod 777`: "
        f"{_error(open)}, and on this machine the file is of user {owner or 'nobody'}",
    )


def _claim_root_writes(stage: Stage, folder: str, flags: Flags) -> None:
    stage.host(None, "chmod", "755", folder)
    done = _sh(stage, f"mkdir {HOST}/roots && echo root > {HOST}/roots/file && id -u", flags)
    path = os.path.join(folder, "roots", "file")
    owner = _owner(stage, path)
    wrote = done.text == "0\n" and bool(owner) and _read(stage, path) == "root"
    _claim(
        stage,
        "root-writes",
        wrote if owner in ("", "0") else None,  # an engine may have made another user of root
        f"as user {done.text.strip() or '?'} into {folder} of mode 755: {_error(done)}; "
        f"on this machine {path} is {f'of user {owner}' if owner else 'not there'}, "
        f"and this user is {os.getuid()}",
    )


def _claim_missing_made(stage: Stage, path: str, flags: Flags) -> None:
    done = _sh(stage, "true", flags)
    owner = _owner(stage, path)
    refuses = done.returncode != 0 and not _has_an_engine(stage)
    _claim(
        stage,
        "missing-by-volume-flag",
        None if refuses or owner not in ("", "0") else done.returncode == 0 and owner == "0",
        f"not shown here: without an engine of root's it is refused ({_error(done)})"
        if refuses
        else f"{_error(done)}; {path} is {f'there, of user {owner}' if owner else 'not there'}",
    )


def _claim_missing_refused(stage: Stage, path: str, flags: Flags) -> None:
    done = _sh(stage, "true", flags)
    owner = _owner(stage, path)
    _claim(
        stage,
        "missing-by-mount-flag",
        done.returncode != 0 and not owner,
        f"docker says {_error(done)}; {path} is "
        f"{f'there, of user {owner}' if owner else 'not there'}",
    )


def _has_an_engine(stage: Stage) -> bool:
    """podman has none: it runs as its user, and has no id."""
    return bool(stage.client.raw("info", "--format={{.ID}}", check=False).text.strip())


def _write(stage: Stage, path: str, text: str) -> None:
    stage.host(None, "sh", "-c", 'echo "$0" > "$1"', text, path)


def _read(stage: Stage, path: str) -> str:
    """A file of this machine; "" where there is none."""
    return stage.host(None, "sh", "-c", 'cat "$0" 2>/dev/null || :', path).strip()


def _owner(stage: Stage, path: str) -> str:
    """The number of the user whose *path* is on this machine; "" where there is nothing."""
    command = 'test ! -e "$0" || ls -dn "$0"'
    return "".join(stage.host(None, "sh", "-c", command, path).split()[2:3])


def _error(done: Completed) -> str:
    """docker's words, or the command's; those of newer dockers end with a hint behind a gap."""
    return " ".join(done.error_text.split("\n\n")[0].split()) or "no error"


RECIPE = Recipe(
    name="bind_mount",
    title="바인드 마운트란?",
    section="바인드 마운트",
    play=play,
    containers=("bind-mount",),
    files=("bind-mount",),
)

if __name__ == "__main__":
    from dockcli.recipes.command import main

    main(RECIPE)
