"""What is made in a scope is the scope's, is gone at its end, and nothing else is (P8, T11)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import AsyncDocker, Docker, VolumeMount
from dockcli.errors import CleanupFailed, DeadlineExceeded, DockerFailed, InUse, InvalidArgument
from dockcli.meter import is_podman
from dockcli.owner import current, remove_folder
from dockcli.scope import OWNER, SCOPE, labelled
from tests.engine.conftest import Front

Unique = Callable[[str], str]
SLEEP = ("sleep", "60")


def there(client: Docker, kind: str, name: str) -> bool:
    return client.raw(kind, "inspect", name, check=False).returncode == 0


def make_one_of_each(s: Docker, base: str, unique: Unique) -> None:
    s.network.create(unique("network"))
    s.volume.create(unique("volume"))
    s.container.create(base, "true", name=unique("created"))
    volumes = [f"{unique('volume')}:/v", f"{unique('implied')}:/w", "/anonymous"]
    network = unique("network")
    s.run(base, *SLEEP, name=unique("running"), detach=True, network=network, volume=volumes)
    s.build("-", tag=[unique("built"), unique("built:2")], stdin=f"FROM {base}\nRUN echo x >/x\n")
    s.commit(unique("created"), unique("committed"))
    s.import_("-", unique("imported"), stdin=bytes(1024))


# --- what is made, and its end


def test_all_that_is_made_is_labelled_and_gone_at_the_end(
    cli: Docker, cli_base: str, unique: Unique
) -> None:
    with cli.scope() as s:
        make_one_of_each(s, cli_base, unique)
        made = labelled(cli, s.id)
        named = {(one.kind, one.name) for one in made if one.name != one.id or one.kind == "volume"}
        kinds = sorted(kind for kind, _ in named)
        assert kinds == [*["container"] * 2, *["image"] * 3, "network", *["volume"] * 2]
        assert {one.owner for one in made} == {current()}
    assert labelled(cli, s.id) == []


def test_a_temporary_folder_is_one_s_own_and_goes_with_all_that_is_in_it(
    docker: Docker, base: str
) -> None:
    with docker.scope() as s:
        folder = s.temporary_folder()
        assert folder.stat().st_mode & 0o7777 == 0o700
        (folder / "closed" / "more").mkdir(parents=True)
        (folder / "link").symlink_to("/")
        (folder / "closed").chmod(0)
        s.run(base, "touch", "/x/file", volume=[f"{folder}:/x"])
        assert (folder / "file").exists()
    assert not folder.exists()


def test_handles_and_built_calls_are_the_scope_s(cli: Docker, cli_base: str) -> None:
    with cli.scope() as s:
        web = s.call.container.run(cli_base, *SLEEP, detach=True).run()
        assert web.exec("echo", "hello").text == "hello\n"
        assert web.inspect().labels[SCOPE] == s.id
        assert s.but(cwd="/").volume.create().inspect().labels[SCOPE] == s.id
        web.commit()


def test_an_error_of_the_block_comes_through(cli: Docker, unique: Unique) -> None:
    with pytest.raises(KeyError):  # noqa: PT012, SIM117
        with cli.scope() as s:
            s.volume.create(unique("v"))
            raise KeyError
    assert not there(cli, "volume", unique("v"))


def test_a_client_without_the_scope_s_labels_makes_what_stays(
    docker: Docker, unique: Unique
) -> None:
    """As what makes a user's container anew must have it."""
    with docker.scope() as s:
        plain = s.but(labels={"a": "b"})
        plain.volume.create(unique("v"))
        assert plain.volume.inspect(unique("v")).labels == {"a": "b"}
    docker.volume.rm(unique("v"))


def test_what_is_kept_stays_until_it_is_cleaned(
    docker: Docker, base: str, shell: Any, unique: Unique
) -> None:
    with docker.scope(keep=True) as s:
        s.volume.create(unique("v"))
        folder = s.temporary_folder()
    with docker.scope():
        assert there(docker, "volume", unique("v"))
    assert folder.exists()
    docker.volume.rm(unique("v"))
    folder.rmdir()


def test_a_scope_in_a_scope_removes_its_own(docker: Docker, unique: Unique) -> None:
    with docker.scope() as outer:
        outer.volume.create(unique("outer"))
        with outer.scope() as inner:
            inner.volume.create(unique("inner"))
            assert inner.id != outer.id
        assert not there(docker, "volume", unique("inner"))
        assert there(docker, "volume", unique("outer"))


def test_scopes_in_threads_remove_their_own(docker: Docker, base: str, unique: Unique) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with docker.scope() as s:
                names = [unique(f"{number}-{one}") for one in range(3)]
                for name in names:
                    s.volume.create(name)
                s.run(base, "true", volume=f"{names[0]}:/v")
                assert [one.name for one in docker.volume.inspect(*names)] == names
                assert len(labelled(docker, s.id)) == 4
            assert not any(there(docker, "volume", name) for name in names)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


# --- what a call makes on the way


def test_a_volume_that_is_only_mounted_is_made_with_all_that_the_mount_says(
    docker: Docker, base: str, unique: Unique
) -> None:
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,mode=700"}
    mount = VolumeMount(unique("v"), "/v", options=options, labels={"mine": "a,b"})
    with docker.scope() as s:
        s.run(base, "true", mount=[mount])
        volume = docker.volume.inspect(unique("v"))
        assert volume.options == options
        assert volume.labels == {"mine": "a,b", OWNER: str(current()), SCOPE: s.id}
    assert not there(docker, "volume", unique("v"))


def test_a_user_s_volume_stays_as_it_is(cli: Docker, cli_base: str, unique: Unique) -> None:
    cli.volume.create(unique("user"), label={"a": "b"})
    before = cli.volume.inspect(unique("user"))
    with cli.scope() as s:
        mounts = {"volume": f"{unique('user')}:/v", "mount": VolumeMount(unique("user"), "/w")}
        s.run(cli_base, "true", **mounts)
        if not is_podman(cli.binary):  # which refuses the name of one that is there
            s.volume.create(unique("user"))
    after = cli.volume.inspect(unique("user"))
    assert (after.labels, after.options) == (before.labels, before.options) == ({"a": "b"}, {})
    cli.volume.rm(unique("user"))


def test_what_inherits_an_image_s_labels_is_not_the_scope_s(
    docker: Docker, base: str, unique: Unique
) -> None:
    """A container of it, and an image that is built on it, are the user's."""
    with pytest.raises(CleanupFailed) as info:  # noqa: PT012, SIM117
        with docker.scope() as s:
            s.build("-", tag=unique("ours"), stdin=f"FROM {base}\nRUN echo x >/x\n")
            docker.run(unique("ours"), *SLEEP, name=unique("theirs"), detach=True)
            docker.build("-", tag=unique("child"), stdin=f"FROM {unique('ours')}\nRUN echo y >/y\n")
            docker.build("-", stdin=f"FROM {unique('ours')}\nENV nameless=1\n")
    assert all(isinstance(cause, InUse) for cause in info.value.causes)
    assert docker.container.inspect(unique("theirs")).running
    assert there(docker, "image", unique("child"))
    docker.rm(unique("theirs"), force=True)
    docker.image.rm(unique("child"), unique("ours"))
    docker.image.prune()


def test_what_is_made_of_a_commit_of_somebody_s_is_not_the_scope_s(
    cli: Docker, cli_base: str, unique: Unique
) -> None:
    """The image has the container's very labels, and passes them on; whoever looks: the scope's own
    end, and the next scope once the owner is dead."""
    with cli.scope() as s:
        s.container.create(cli_base, "true", name=unique("ours"))
        cli.container.commit(unique("ours"), unique("committed"))
        cli.build("-", tag=unique("child"), stdin=f"FROM {unique('committed')}\nENV a=b\n")
        for image in ("committed", "child"):
            cli.run(unique(image), *SLEEP, name=unique(f"theirs-{image}"), detach=True)
        s.run(unique("child"), *SLEEP, name=unique("ours-too"), detach=True)
    assert not there(cli, "container", unique("ours"))
    assert not there(cli, "container", unique("ours-too"))
    for image in ("committed", "child"):
        assert cli.container.inspect(unique(f"theirs-{image}")).running
        cli.rm(unique(f"theirs-{image}"), force=True)
    cli.image.rm(unique("child"), unique("committed"))


def test_a_build_that_fails_leaves_no_container(docker: Docker, base: str, unique: Unique) -> None:
    before = {one.id for one in docker.ps(all=True)}
    with docker.scope() as s, pytest.raises(DockerFailed):
        s.build("-", stdin=f"FROM {base}\nRUN false\n")
    assert {one.id for one in docker.ps(all=True)} == before


@pytest.mark.root
def test_what_is_mounted_in_a_temporary_folder_is_not_emptied(
    docker: Docker, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    with pytest.raises(CleanupFailed, match="is mounted") as info, docker.scope() as s:  # noqa: PT012
        folder = s.temporary_folder()
        (folder / "with a blank").mkdir()
        subprocess.run(["mount", "--bind", precious, folder / "with a blank"], check=True)
    assert str(folder) in str(info.value)
    assert (precious / "file").read_text() == "kept"
    subprocess.run(["umount", folder / "with a blank"], check=True)
    remove_folder(folder)


def test_a_user_s_tag_keeps_the_image(cli: Docker, cli_base: str, unique: Unique) -> None:
    with cli.scope() as s:
        s.build("-", tag=unique("ours"), stdin=f"FROM {cli_base}\nRUN echo x >/x\n")
        cli.tag(unique("ours"), unique("theirs"))
    assert there(cli, "image", unique("theirs"))
    assert not there(cli, "image", unique("ours"))
    cli.image.rm(unique("theirs"))


def test_a_tag_that_has_moved_on_stays_with_the_user(
    docker: Docker, base: str, unique: Unique
) -> None:
    with docker.scope() as s:
        s.build("-", tag=unique("x"), stdin=f"FROM {base}\nRUN echo x >/x\n")
        docker.build("-", tag=unique("x"), stdin=f"FROM {base}\nRUN echo y >/x\n")
        made = docker.image.inspect(unique("x")).id
    assert docker.image.inspect(unique("x")).id == made
    docker.image.rm(unique("x"))


def test_what_a_call_has_made_that_was_given_up_goes_too(
    docker: Docker, front: Callable[..., Front], unique: Unique
) -> None:
    """The engine makes it a while after the scope has looked for the first time."""
    late = 'setsid sh -c \'sleep 1; exec "$@"\' sh "$0.real" "$@" & sleep 60'
    slow = front(f'case "$*" in "volume create "*) {late};; esac')
    os.symlink(slow.real, f"{slow.path}.real")
    with docker.but(binary=slow.path).scope() as s, pytest.raises(DeadlineExceeded):
        s.volume.create(unique("late"), deadline=0.3)
    assert not there(docker, "volume", unique("late"))


# --- when not all can be removed


@pytest.fixture
def held(docker: Docker, base: str, unique: Unique) -> Iterator[str]:
    """The name of a volume that somebody else's container will hold."""
    yield unique("held")
    docker.rm(unique("holder"), force=True)
    docker.volume.rm(unique("held"))


def test_one_that_stays_keeps_nothing_else(
    docker: Docker, base: str, unique: Unique, held: str
) -> None:
    with pytest.raises(CleanupFailed, match=held) as info:  # noqa: PT012, SIM117
        with docker.scope() as s:
            make_one_of_each(s, base, unique)
            s.volume.create(held)
            docker.create(base, "true", name=unique("holder"), volume=f"{held}:/v")
    (cause,) = info.value.causes
    assert isinstance(cause, InUse)
    assert info.value.__cause__ is cause
    assert [one.name for one in labelled(docker, s.id)] == [held]


def test_the_error_of_the_block_comes_first(
    docker: Docker, base: str, unique: Unique, held: str
) -> None:
    with pytest.raises(KeyError) as info:  # noqa: PT012, SIM117
        with docker.scope() as s:
            s.volume.create(held)
            docker.create(base, "true", name=unique("holder"), volume=f"{held}:/v")
            try:
                raise ValueError
            except ValueError as reason:
                raise KeyError("mine") from reason
    reason = info.value.__cause__
    assert isinstance(reason, ValueError)
    assert isinstance(reason.__context__, CleanupFailed)
    assert held in str(getattr(info.value, "__notes__", held))


# --- what is not the scope's


def told(client: Docker, kind: str, name: str) -> Any:
    """What the engine tells; the mounts come in an order that changes from answer to answer."""
    (one,) = client.raw(kind, "inspect", name).json()
    one.get("Mounts", []).sort(key=lambda mount: mount["Destination"])
    return one


@pytest.fixture
def decoys(docker: Docker, base: str, unique: Unique) -> Iterator[Callable[[], object]]:
    """What looks like the scope's, and is not; the function tells their state."""
    stem = unique("mine")
    for name in (f"{stem}-more", f"x{stem}", stem[:-1]):  # as prefix, suffix, substring
        docker.volume.create(name)
        docker.create(base, "true", name=name)
        docker.network.create(name)
        docker.tag(base, name)
    names = [f"{stem}-more", f"x{stem}", stem[:-1]]
    other = {SCOPE: "0123456789ab", OWNER: str(current())}
    for number, labels in enumerate(({SCOPE: "", OWNER: ""}, other, {"x": SCOPE, f"{SCOPE}s": ""})):
        name = unique(f"other{number}")
        docker.volume.create(name, label=labels)
        docker.network.create(name, label=labels)
        docker.run(base, *SLEEP, name=name, label=labels, volume=[f"{name}:/v", "/a"], detach=True)
        docker.commit(name, name, change=[f'LABEL "{k}"="{v}"' for k, v in labels.items()])
        names.append(name)
    nameless = docker.volume.create().name
    kinds = ("volume", "network", "container", "image")
    yield lambda: [
        *(told(docker, kind, name) for kind in kinds for name in names),
        told(docker, "volume", nameless),
    ]
    docker.rm(*names, force=True, volumes=True)
    docker.network.rm(*names)
    docker.volume.rm(nameless, *names)
    docker.rmi(*names)


def test_decoys_survive(
    docker: Docker, base: str, decoys: Callable[[], object], unique: Unique
) -> None:
    before = decoys()
    with docker.scope() as s:
        for name in (unique("mine"), unique("mine2")):
            s.volume.create(name)
            s.network.create(name)
            s.create(base, "true", name=name)
            s.commit(name, name)
    assert not there(docker, "volume", unique("mine"))
    assert decoys() == before


def test_a_volume_that_is_another_by_now_stays(
    docker: Docker, front: Callable[..., Front], unique: Unique
) -> None:
    """Between the list and the removal somebody has removed it, and made one of the same name."""
    name = unique("v")
    again = f"$0.real volume rm {name}; $0.real volume create {name}"
    swap = front(
        f'case "$*" in "volume ls "*dockcli.scope*) r=$($0.real "$@"); '
        f'$0.real volume inspect $r >$0.seen; echo "$r"; exit;; '
        f'"volume inspect "*) [ -e $0.seen ] && {{ rm $0.seen; $0.real "$@"; '
        f"({again}) >/dev/null; exit; }};; esac"
    )
    os.symlink(swap.real, f"{swap.path}.real")
    with docker.but(binary=swap.path).scope() as s:
        s.volume.create(name)
    assert docker.volume.inspect(name).labels == {}
    docker.volume.rm(name)


# --- begin and end


def test_nothing_is_made_before_it_begins_or_after_it_has_ended(
    docker: Docker, base: str, unique: Unique
) -> None:
    s = docker.scope()
    with pytest.raises(InvalidArgument, match="with docker"):
        s.volume.create(unique("v"))
    with s, pytest.raises(InvalidArgument, match="has begun already"):
        s.__enter__()
    for make in (s.call.volume.create(), s.call.run(base, "true"), s.but(env={}).call.create(base)):
        with pytest.raises(InvalidArgument, match="has ended"):
            make.run()
    with pytest.raises(InvalidArgument, match="has ended"):
        s.temporary_folder()
    assert s.volume.ls(filter={"name": unique("v")}) == []


def test_in_a_fork_it_is_still_its_parent_s(docker: Docker, unique: Unique) -> None:
    with docker.scope() as s:
        s.volume.create(unique("v"))
        child = os.fork()
        if child == 0:
            s.__exit__(None, None, None)
            os._exit(0)
        os.waitpid(child, 0)
        assert there(docker, "volume", unique("v"))
    assert not there(docker, "volume", unique("v"))


# --- async


def test_async_scopes(docker: Docker, base: str, unique: Unique) -> None:
    async def work(number: int) -> None:
        async with AsyncDocker().scope() as s:
            folder = s.temporary_folder()
            volume = await s.volume.create(unique(f"v{number}"))
            await s.run(base, "true", volume=f"{volume}:/v")
            assert (await s.volume.inspect(volume)).labels[SCOPE] == s.id
        assert not folder.exists()

    async def both() -> None:
        await asyncio.gather(work(1), work(2))

    asyncio.run(both())
    assert not there(docker, "volume", unique("v1"))


def test_a_task_that_is_cancelled_leaves_nothing(docker: Docker, base: str, unique: Unique) -> None:
    async def work() -> None:
        async with AsyncDocker().scope() as s:
            await s.volume.create(unique("v"))
            await s.run(base, *SLEEP, name=unique("c"))

    async def main() -> None:
        task = asyncio.create_task(work())
        while not there(docker, "container", unique("c")):
            await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.sleep(0.05)
        task.cancel()  # while it removes
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not there(docker, "container", unique("c"))
        assert not there(docker, "volume", unique("v"))

    asyncio.run(main())
