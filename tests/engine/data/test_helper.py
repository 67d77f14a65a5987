"""A volume is read and written whole: by helpers of each CLI, by our FIFO and by docker."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.data.helper import Owners, Read, container, errors, image, way_for
from dockcli.data.helper.cp import CpWay
from dockcli.data.helper.helper import HelperWay
from dockcli.errors import DeadlineExceeded, DockcliError, InvalidArgument, NoSuchVolume

Members = dict[str, tuple[Any, ...]]
ODD = ["new\nline", "-n", " blank ", 'q"uo\\te*', "b\udcff\udcfe", "n" * 255, "\N{SNOWMAN}"]


def member(name: str, kind: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    one = tarfile.TarInfo(f"./{name}")
    one.type, one.mode, one.mtime = kind, 0o640, 1_600_000_000
    for key, value in more.items():
        setattr(one, key, value)
    one.pax_headers = {"mtime": "1600000000.123456789", **more.get("pax_headers", {})}
    return one


def nasty(tmp_path: Path, dangling: str = "../../none") -> bytes:
    """A tree with all that a volume may hold, as a tar."""
    with (tmp_path / "sparse").open("wb") as file:
        file.seek(5 << 20)
        file.write(b"end")
        file.truncate(9 << 20)
    sparse = subprocess.run(
        ["tar", "--format=pax", "--sparse", "--blocking-factor=1", "-c", "./sparse"],
        cwd=tmp_path, capture_output=True, check=True,
    ).stdout  # fmt: skip
    buffer = io.BytesIO()
    own = {"mode": 0o4755, "uid": 1000, "gid": 2000}
    acl = struct.pack(
        "<L" + 5 * "HHL",
        *(2, 1, 6, 2**32 - 1, 2, 6, 1234, 4, 4, 2**32 - 1, 16, 6, 2**32 - 1, 32, 0, 2**32 - 1),
    ).decode("utf-8", "surrogateescape")
    marked = {"SCHILY.xattr.user.mark": "a\0b", "SCHILY.xattr.system.posix_acl_access": acl}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for one, content in (
            (member("", tarfile.DIRTYPE, mode=0o2751, uid=12, gid=34), b""),
            (member("a", **own), b"12345"),
            (member("again", tarfile.LNKTYPE, linkname="./a", **own), b""),
            (member("dangling", tarfile.SYMTYPE, linkname=dangling, mode=0o777), b""),
            (member("fifo", tarfile.FIFOTYPE), b""),
            (member("marked", mode=0o660, pax_headers=marked), b"m"),
            (member("dir", tarfile.DIRTYPE, mode=0o1777, uid=1 << 22), b""),
            (member("dir/no", tarfile.DIRTYPE, mode=0o000), b""),
            (member("device", tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
            *((member(f"dir/{name}"), name.encode("utf-8", "surrogateescape")) for name in ODD),
            *((member(name), b"") for name in ODD),
        ):
            one.size = len(content)
            tar.addfile(one, io.BytesIO(content))
    return sparse[:-1024] + buffer.getvalue()


def plain(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(member("", tarfile.DIRTYPE, mode=0o755))
        for name, content in files.items():
            one = member(name)
            one.size = len(content)
            tar.addfile(one, io.BytesIO(content))
    return buffer.getvalue()


def members(data: bytes, *, whole: bool = True) -> Members:
    """What a tar holds; without *whole* only what docker cp keeps too."""
    found: Members = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for one in tar:
            content = tar.extractfile(one) if one.isreg() else None
            sum = hashlib.sha256(content.read()).hexdigest() if content else ""
            exact = (one.pax_headers.get("mtime"), one.mode)
            kind = tarfile.REGTYPE if one.isreg() else one.type
            device = (one.devmajor, one.devminor) if one.ischr() else None
            xattrs = {k: v for k, v in one.pax_headers.items() if k.startswith("SCHILY.xattr.")}
            found[one.name] = (
                *(kind, sum, one.linkname, one.uid, one.gid, one.mode & 0o1777, device),
                *((exact, xattrs, one.size) if whole else (int(one.mtime),)),
            )
    return found


def write(data: bytes) -> Callable[[Callable[[bytes], object]], None]:
    return lambda put: put(data) and None


def read(way: HelperWay | CpWay, volume: str) -> bytes:
    with way.read(volume) as reading:
        data = b"".join(iter(lambda: reading.stream.read(70_000), b""))
        assert reading.finish() == Read()
    return data


def fill(way: HelperWay | CpWay, volume: str, data: bytes) -> None:
    way.stage(volume, write(data))
    way.commit(volume)


@pytest.fixture(scope="module")
def found(cli: Docker) -> HelperWay:
    """The helper, made before a test looks which images there are: it stays on the engine."""
    CpWay(cli)
    way = way_for(cli)
    assert isinstance(way, HelperWay)
    return way


@pytest.fixture(params=[True, False], ids=["fifo", "stdout"])
def way(cli: Docker, found: HelperWay, request: pytest.FixtureRequest) -> HelperWay:
    return HelperWay(cli, found.image, fifo=request.param)


@pytest.fixture
def volume(cli: Docker, found: HelperWay, unique: Callable[[str], str]) -> Iterator[str]:
    name = unique("v")
    cli.volume.create(name)
    yield name
    cli.volume.rm(name)


@pytest.fixture
def other(cli: Docker, found: HelperWay, unique: Callable[[str], str]) -> Iterator[str]:
    name = unique("o")
    cli.volume.create(name)
    yield name
    cli.volume.rm(name)


def test_a_tree_comes_back_as_it_was(
    cli: Docker, way: HelperWay, volume: str, tmp_path: Path
) -> None:
    data = nasty(tmp_path)
    fill(way, volume, plain(old=b"old", a=b"other"))
    way.stage(volume, write(data))
    assert way.state(volume) == "staged"
    with way.read_staged(volume) as reading:
        staged = b"".join(iter(lambda: reading.stream.read(70_000), b""))
    assert members(staged) == members(data)
    digest = way.digest(volume, staged=True)
    way.commit(volume)
    assert way.state(volume) == "clean"
    back = read(way, volume)
    assert members(back) == members(data)
    assert way.digest(volume) == digest
    assert len(back) < 1 << 20  # the holes are not in it
    assert way.usage(volume).entries == len(members(data)) - 1
    fill(way, volume, plain(a=b"1"))  # the root's setgid bit goes too
    assert members(read(way, volume)) == members(plain(a=b"1"))


def test_the_fifo_is_taken_where_the_engine_is_this_machines(
    cli: Docker, way: HelperWay, volume: str
) -> None:
    with way.read(volume) as reading:
        assert reading._helping.here is way._fifo


def test_a_folder_that_the_engine_has_not_is_left_out(
    cli: Docker, found: HelperWay, volume: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dockcli.data.helper import channel, helper

    class Elsewhere(channel.Channel):
        def __init__(self, boot: str) -> None:
            super().__init__(boot)
            self.mount = type(self.mount)(f"{self.folder}-not-there", "/dockcli-fifo")

    monkeypatch.setattr(helper, "Channel", Elsewhere)
    far = HelperWay(cli, found.image, fifo=True)
    fill(far, volume, plain(a=b"1"))
    assert members(read(far, volume)) == members(plain(a=b"1"))
    assert far._fifo is False


@pytest.mark.parametrize("wrong", ["boot", "token"])
def test_another_machines_folder_is_not_taken_for_ours(
    cli: Docker, found: HelperWay, volume: str, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    from dockcli.data.helper import channel, helper

    class Similar(channel.Channel):
        def __init__(self, boot: str) -> None:
            super().__init__(boot)
            mine = self.arguments
            self.arguments = ("x", mine[1]) if wrong == "boot" else (mine[0], "x")

    monkeypatch.setattr(helper, "Channel", Similar)
    way = HelperWay(cli, found.image, fifo=True)
    fill(way, volume, plain(a=b"1"))
    with way.read(volume) as reading:
        assert reading._helping.here is False
        assert reading.finish() == Read()


def test_the_same_tree_is_the_same_bytes_each_time(
    cli: Docker, way: HelperWay, volume: str
) -> None:
    fill(way, volume, plain(b=b"1", a=b"2"))
    assert read(way, volume) == read(way, volume)


def test_leaving_early_leaves_nothing(cli: Docker, way: HelperWay, volume: str) -> None:
    fill(way, volume, plain(big=os.urandom(3 << 20)))
    with way.read(volume) as reading:
        assert len(reading.stream.read(10)) == 10
    with pytest.raises(ZeroDivisionError), way.read(volume):
        raise ZeroDivisionError


def test_a_feed_that_fails_leaves_the_volume_as_it_was(
    cli: Docker, way: HelperWay, volume: str
) -> None:
    fill(way, volume, plain(a=b"1"))
    before = way.digest(volume)

    def feed(put: Callable[[bytes], object]) -> None:
        put(plain(b=b"2")[:2000])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        way.stage(volume, feed)
    assert way.state(volume) == "clean"
    assert way.digest(volume) == before


def test_what_is_no_tar_leaves_the_volume_as_it_was(
    cli: Docker, way: HelperWay, volume: str
) -> None:
    fill(way, volume, plain(a=b"1"))
    before = way.digest(volume)
    for data in (b"x" * 5000, plain(b=os.urandom(1 << 20))[:-700_000]):
        with pytest.raises(errors.VolumeUnwritable, match="tar"):
            way.stage(volume, write(data))
        assert way.digest(volume) == before


def test_a_restore_is_rolled_back(cli: Docker, found: HelperWay, volume: str) -> None:
    fill(found, volume, plain(a=b"1"))
    before = found.digest(volume)
    found.stage(volume, write(plain(b=b"2")))
    with pytest.raises(errors.VolumeUnfinished), found.read(volume):
        pass
    with pytest.raises(errors.VolumeUnfinished):
        found.stage(volume, write(plain(c=b"3")))
    assert found.state(volume) == "staged"
    found.roll_back(volume)
    found.roll_back(volume)  # nothing is left to do
    assert found.digest(volume) == before
    with pytest.raises(errors.NothingStaged):
        found.commit(volume)
    with pytest.raises(errors.NothingStaged), found.read_staged(volume):
        pass


def test_a_missing_volume_is_not_made(
    cli: Docker, found: HelperWay, volume: str, unique: Callable[[str], str]
) -> None:
    none = unique("none")
    for act in (
        lambda: found.read(none).__enter__(),
        lambda: found.stage(none, write(b"")),
        lambda: found.commit(none),
        lambda: found.roll_back(none),
        lambda: found.state(none),
        lambda: found.usage(none),
        lambda: found.digest(none),
        lambda: found.copy(none, volume, staged=False),
        lambda: found.copy(volume, none, staged=False),
        lambda: CpWay(cli).usage(none),
    ):
        with pytest.raises(NoSuchVolume):
            act()


def test_podmans_abbreviation_of_a_name_is_refused(
    cli: Docker, found: HelperWay, volume: str
) -> None:
    with pytest.raises((NoSuchVolume, InvalidArgument)):
        found.usage(volume[:-1])


@pytest.fixture
def small(
    cli: Docker, found: HelperWay, cli_base: str, unique: Callable[[str], str]
) -> Iterator[str]:
    """A volume of one MiB, held by a container so that what is in it stays."""
    name = unique("small")
    cli.volume.create(name, opt={"type": "tmpfs", "device": "tmpfs", "o": "nr_blocks=256"})
    holder = cli.run(
        cli_base, "sleep", "1000", detach=True, volume=[f"{name}:/v"], network="none", init=False
    )
    yield name
    cli.container.rm(holder, force=True)
    cli.volume.rm(name)


def test_a_full_volume_is_left_as_it_was(cli: Docker, way: HelperWay, small: str) -> None:
    fill(way, small, plain(a=b"1"))
    before = way.digest(small)
    with pytest.raises(errors.VolumeFull, match=r"No space|Wrote only"):
        way.stage(small, write(plain(big=os.urandom(8 << 20))))
    assert way.state(small) == "clean"
    assert way.digest(small) == before
    assert way.usage(small).free is not None


def test_a_read_only_volume_is_refused(
    cli: Docker, found: HelperWay, unique: Callable[[str], str]
) -> None:
    name = unique("ro")
    cli.volume.create(name, opt={"type": "tmpfs", "device": "tmpfs", "o": "ro,nr_blocks=256"})
    try:
        with pytest.raises(errors.VolumeReadOnly):
            found.stage(name, write(plain(a=b"1")))
        # podman's cp would write below the mount, where nobody finds it
        wrong = errors.VolumeUnreadable if cli.binary == "podman" else errors.VolumeReadOnly
        with pytest.raises(wrong):
            CpWay(cli).stage(name, write(plain(a=b"1")))
        assert found.usage(name).read_only
    finally:
        cli.volume.rm(name)


def test_an_entry_with_dockclis_own_name_is_the_users(
    cli: Docker, found: HelperWay, cli_base: str, volume: str
) -> None:
    cli.run(
        *(cli_base, "sh", "-c", "mkdir /v/.dockcli-restore; echo mine >/v/.dockcli-restore/state"),
        rm=True, volume=[f"{volume}:/v"], network="none", log_driver="none",
    )  # fmt: skip
    with pytest.raises(errors.ReservedName), found.read(volume):
        pass
    for act in (found.commit, found.roll_back, lambda name: found.stage(name, write(plain()))):
        with pytest.raises((errors.ReservedName, errors.NothingStaged)):
            act(volume)
    assert found.state(volume) == "clean"
    kept = cli.run(
        *(cli_base, "cat", "/v/.dockcli-restore/state"),
        rm=True, volume=[f"{volume}:/v"], network="none",
    )  # fmt: skip
    assert kept.text == "mine\n"


def test_a_copy_is_the_same_and_owners_are_mapped_once(
    cli: Docker, found: HelperWay, volume: str, other: str, tmp_path: Path
) -> None:
    data = nasty(tmp_path)
    fill(found, volume, data)
    found.copy(volume, other, staged=False)
    assert found.digest(other) == found.digest(volume)
    with pytest.raises(errors.VolumeNotEmpty):
        found.copy(volume, other, staged=False)
    swap = Owners(users={0: 1000, 1000: 0}, groups={2000: 7})
    found.copy(volume, other, staged=True, owners=swap)
    found.commit(other)
    mapped = members(read(found, other))
    for name, facts in members(data).items():
        assert mapped[name] == (*facts[:3], *swap.of(facts[3], facts[4]), *facts[5:])
    found.copy(volume, other, staged=True, owners=Owners(user=5, group=6))
    found.commit(other)
    assert {facts[3:5] for facts in members(read(found, other)).values()} == {(5, 6)}
    with pytest.raises(InvalidArgument):
        found.copy(volume, volume, staged=True)


def test_a_folder_of_the_engines_machine_is_copied_and_never_made(
    cli: Docker, found: HelperWay, volume: str, other: str, tmp_path: Path
) -> None:
    if not may_be_seen(cli):
        pytest.skip("the engine is on another machine")
    folder, none = tmp_path / "a:b, c", tmp_path / "none"
    folder.mkdir()
    fill(found, volume, plain(a=b"1"))
    found.copy_to_folder(volume, str(folder))
    assert (folder / "a").read_bytes() == b"1"
    with pytest.raises(errors.VolumeNotEmpty):
        found.copy_to_folder(volume, str(folder))
    found.copy_from_folder(str(folder), other, staged=True)
    found.commit(other)
    assert found.digest(other) == found.digest(volume)
    for act in (
        lambda: found.copy_to_folder(volume, str(none)),
        lambda: found.copy_from_folder(str(none), other, staged=True),
        lambda: found.copy_from_folder("tmp", other, staged=True),
    ):
        with pytest.raises(DockcliError):
            act()
    assert not none.exists()
    assert found.state(other) == "clean"


def may_be_seen(client: Docker) -> bool:
    from dockcli.data.helper.channel import may_be_here

    return may_be_here(client)


def test_a_file_that_changes_and_a_socket_are_told_by_name(
    cli: Docker, way: HelperWay, volume: str
) -> None:
    folder = Path(cli.volume.inspect(volume).mountpoint)
    if os.getuid() != 0 or not folder.is_dir():
        pytest.skip("the volume's folder cannot be seen here")
    grows, gone = folder / "a\ngrows", folder / "gone"
    grows.write_bytes(os.urandom(8 << 20))
    gone.write_bytes(b"")
    import socket

    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / "s\tock"))
    with way.read(volume) as reading:
        reading.stream.read(1)
        with grows.open("ab") as file:
            file.write(b"more")
        while reading.stream.read(1 << 20):
            pass
        assert reading.finish() == Read(("a\ngrows",), ("s\tock",))


def test_a_volume_that_is_being_written_is_busy(cli: Docker, found: HelperWay, volume: str) -> None:
    def feed(put: Callable[[bytes], object]) -> None:
        for act in (found.commit, found.roll_back, lambda name: found.stage(name, write(b""))):
            with pytest.raises(errors.VolumeBusy):
                act(volume)
        put(plain(a=b"1"))

    found.stage(volume, feed)
    found.roll_back(volume)


def test_a_deadline_ends_the_reading(cli: Docker, way: HelperWay, volume: str) -> None:
    fill(way, volume, plain(big=os.urandom(4 << 20)))
    with way.read(volume, deadline=4) as reading:
        threading.Event().wait(4.3)
        with pytest.raises(DeadlineExceeded):
            reading.finish()


def test_an_anonymous_volume_outlives_its_helper(
    cli: Docker, found: HelperWay, cli_base: str
) -> None:
    holder = cli.container.create(cli_base, "none", mount=["type=volume,target=/v"])
    name = holder.inspect().mounts[0].name
    cli.container.rm(holder)
    try:
        fill(found, name, plain(a=b"1"))
        CpWay(cli).usage(name)
        assert members(read(found, name)) == members(plain(a=b"1"))
    finally:
        cli.volume.rm(name)


def test_cp_keeps_what_it_can_and_says_what_it_loses(
    cli: Docker, found: HelperWay, volume: str, other: str, tmp_path: Path
) -> None:
    cp = way_for(cli, wanted="cp")
    assert isinstance(cp, CpWay)
    data = nasty(tmp_path, "none")
    if cli.binary == "podman":  # which has no way to make a device without a helper
        data = plain(a=b"1", b=b"2")
    with pytest.raises(errors.VolumeUnwritable, match=r"symlink.*dangling"):
        cp.stage(volume, write(nasty(tmp_path)))
    cp.stage(volume, write(data))
    kept = members(read(cp, volume), whole=False)
    wanted = members(data, whole=False)
    assert {k: v for k, v in kept.items() if k != "."} == {
        k: v for k, v in wanted.items() if k != "."
    }
    assert cp.usage(volume).entries == len(wanted) - 1
    with pytest.raises(errors.VolumeNotEmpty):
        cp.stage(volume, write(data))
    cp.copy(volume, other, staged=False, owners=Owners(user=5))
    if "owners, on the way back" not in cp.loses:
        assert {facts[3] for k, facts in members(read(cp, other)).items() if k != "."} == {5}
    assert cp.digest(volume) == cp.digest(volume) != ""
    assert "extended attributes" in " ".join(cp.loses)


def test_cp_sees_a_restore_that_a_helper_has_left(
    cli: Docker, found: HelperWay, volume: str
) -> None:
    cp = CpWay(cli)
    found.stage(volume, write(plain(a=b"1")))
    assert cp.state(volume) == "staged"
    with pytest.raises(errors.VolumeUnfinished), cp.read(volume):
        pass
    found.roll_back(volume)


def test_a_feed_that_fails_leaves_nothing_in_cps_volume(
    cli: Docker, found: HelperWay, volume: str
) -> None:
    def feed(put: Callable[[bytes], object]) -> None:
        put(plain(b=b"2"))
        raise ZeroDivisionError

    cp = CpWay(cli)
    with pytest.raises(ZeroDivisionError):
        cp.stage(volume, feed)
    assert cp.usage(volume).empty


def test_the_helper_has_the_least_rights(cli: Docker, found: HelperWay, volume: str) -> None:
    mount = container.mount_of(cli, volume, container.VOLUME, read_only=True)
    call = container.Helper(cli, found.image, volume, [mount]).call("state")
    assert {"--cap-drop=ALL", "--network=none", "--read-only", "--pull=never"} <= set(call.argv)
    assert [word for word in call.argv if word.startswith("--cap-add")] == [
        "--cap-add=DAC_OVERRIDE"
    ]
    assert any("source=" + volume in word and ",ro" in word for word in call.argv)


def test_a_name_without_our_label_is_not_trusted_and_two_may_make_it(
    cli: Docker, found: HelperWay, cli_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "LABEL", "dockcli.helper.test")
    monkeypatch.setattr(image, "REPOSITORY", "dockcli-helper-test")
    name = f"dockcli-helper-test:{image._packed()[1][:12]}"
    cli.image.tag(cli_base, name)
    made: list[tuple[str, bool]] = []
    threads = [threading.Thread(target=lambda: made.append(image.made(cli))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cli.image.inspect(cli_base).id not in {id for id, _ in made}
    again, new = image.made(cli)
    assert not new
    assert again in {id for id, _ in made}
    assert image.remove_helpers(cli) == []
    assert cli.image.ls(all=True, filter={"label": image.LABEL}) == []


def test_an_image_without_gnu_tar_is_refused(cli: Docker, found: HelperWay, cli_base: str) -> None:
    with pytest.raises(errors.NoHelper, match="GNU"):
        way_for(cli, image=cli_base)
