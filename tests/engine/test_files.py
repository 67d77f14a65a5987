"""Files in real containers: what is written is what is there, and nothing else is touched."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dockcli import Container, Docker, Tmpfs, errors

ALL_BYTES = bytes(range(256))
ODD = [
    "a:b",
    "-x",
    " ",
    "new\nline",
    "*",
    "'\"$(id)",
    "[a]?\\x",
    "ü漢\u0301",
    "BZh9",
    "\x1f\x8b\x08",
    "n" * 255,
]


@pytest.fixture
def running(cli: Docker, cli_base: str) -> Iterator[Container]:
    with cli.run(
        cli_base, "sh", "-c", "trap exit TERM; while :; do sleep 0.1; done", detach=True
    ) as one:
        yield one


@pytest.fixture
def created(cli: Docker, cli_base: str) -> Iterator[Container]:
    with cli.create(cli_base, "sh", "-c", "trap exit TERM; while :; do sleep 0.1; done") as one:
        yield one


def is_podman(cli: Docker) -> bool:
    return cli.binary == "podman"


def stat(container: Container, *paths: str) -> list[str]:
    """Permissions, owner and group of each path, as the container sees them."""
    return container.exec("stat", "-c", "%a %u:%g", "--", *paths).lines()


def listing(container: Container, folder: str) -> str:
    return container.exec("ls", "-lan", "--full-time", folder).text


def test_what_is_written_is_what_the_container_reads(running: Container) -> None:
    for data in (b"", b"\0", ALL_BYTES, os.urandom(100_001)):
        running.write_bytes("/data", data)
        assert running.exec("cat", "/data").stdout == data
        assert running.read_bytes("/data") == data
    running.write_bytes("/data", memoryview(bytearray(ALL_BYTES)))
    assert running.read_bytes(Path("/data")) == ALL_BYTES


def test_no_copy_stays_on_this_machine(
    running: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)  # which remembers the one before
    running.write_text("/file", "x")
    running.put_archive("/tmp", iter([archive_of("one")]))
    assert running.exec("ls", "/file", "/tmp/one").returncode == 0
    assert os.listdir(tmp_path) == []


def test_ten_megabytes(running: Container) -> None:
    data = os.urandom(10 << 20)
    running.write_bytes("/large", data, deadline=60)
    assert running.read_bytes("/large", deadline=60) == data
    assert running.exec("wc", "-c", "/large").text.split()[0] == str(len(data))


def test_text_keeps_its_line_ends(running: Container) -> None:
    text = "é\r\nü\n漢\r"
    running.write_text("/text", text)
    assert running.read_text("/text") == text
    assert running.exec("cat", "/text").stdout == text.encode()
    running.write_text("/latin", "é", encoding="latin-1")
    assert running.read_bytes("/latin") == b"\xe9"
    with pytest.raises(UnicodeDecodeError):
        running.read_text("/latin")
    assert running.read_text("/latin", errors="replace") == "\ufffd"


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_odd_names(running: Container, cli: Docker, name: str) -> None:
    running.write_text(f"/tmp/{name}", name)
    assert running.exec("cat", f"/tmp/{name}").text == name
    if "*" in name and is_podman(cli):
        with pytest.raises(errors.OutOfReach, match="podman"):
            running.read_text(f"/tmp/{name}")
        return
    assert running.read_text(f"/tmp/{name}") == name
    found = running.exec("find", "/tmp", "-mindepth", "1", "-print0").text
    assert found == f"/tmp/{name}\0"


def test_a_name_that_is_no_text(running: Container, cli: Docker) -> None:
    path = b"/tmp/\xff\xfe"
    running.write_bytes(path, b"x")
    found = running.exec("find", "/tmp", "-type", "f", "-print0", "-exec", "cat", "{}", ";")
    assert found.stdout == path + b"\0x"
    if is_podman(cli):
        assert running.read_bytes(path) == b"x"
    else:  # the engine gives an archive with nothing in it, and says yes
        with pytest.raises(errors.UnreadableOutput, match="UTF-8"):
            running.read_bytes(path)


@pytest.mark.parametrize("mode", [0, 0o644, 0o600, 0o4755, 0o2750, 0o1777, 0o7777])
def test_permissions_and_owner(running: Container, mode: int) -> None:
    running.write_bytes("/file", b"x", mode=mode, owner=(1234, 4321))
    assert stat(running, "/file") == [f"{mode:o} 1234:4321"]
    assert running.read_bytes("/file") == b"x"


def test_what_is_not_said_is_roots_and_read_by_all(cli: Docker, cli_base: str) -> None:
    with cli.create(cli_base, "sleep", "60", user="1000:1000") as one:
        one.write_text("/one", "")
        one.write_text("/two", "", owner="0:4000000000")
        one.start()
        assert stat(one, "/one", "/two") == ["644 0:0", "644 0:4000000000"]
        one.kill()


def test_the_time_is_the_one_that_is_said(running: Container) -> None:
    before = int(running.exec("date", "+%s").text)
    running.write_text("/now", "")
    running.write_text("/then", "", mtime=datetime(2001, 9, 9, 1, 46, 40, tzinfo=timezone.utc))
    running.write_text("/half", "", mtime=1.5)
    told = running.exec("stat", "-c", "%Y", "/now", "/then", "/half").lines()
    assert before - 1 <= int(told[0]) <= before + 60
    assert told[1:] == ["1000000000", "1"]


def test_nothing_else_is_touched(running: Container) -> None:
    running.exec("sh", "-c", "mkdir -m 0751 /d && chown 7:8 /d && echo 1 >/d/other")
    running.exec("touch", "-d", "@1000000000", "/d/other")
    before = stat(running, "/d", "/")
    other = running.exec("stat", "-c", "%i %Y %a", "/d/other").text
    running.write_text("/d/file", "x", mode=0o600, owner=(5, 5))
    assert stat(running, "/d", "/") == before
    assert running.exec("stat", "-c", "%i %Y %a", "/d/other").text == other


def test_a_file_that_is_there_is_replaced(running: Container) -> None:
    running.write_text("/file", "a long text", mode=0o600, owner=(1, 1))
    running.exec("ln", "/file", "/other")
    running.write_text("/file", "short")
    assert (running.read_text("/file"), stat(running, "/file")) == ("short", ["644 0:0"])
    assert running.read_text("/other") == "a long text"


def test_missing_folders_are_made_when_asked(running: Container) -> None:
    running.exec("mkdir", "-m", "0700", "/there")
    with pytest.raises(errors.NoSuchPath, match="no folder /there/a/b"):
        running.write_text("/there/a/b/file", "x")
    running.write_text("/there/a/b/file", "x", parents=True, owner=(7, 8), mode=0o600)
    running.write_text("/there/a/b/file", "y", parents=True, owner=(7, 8), mode=0o600)
    running.write_text("/new/file", "x", parents=True)
    told = stat(running, "/there", "/there/a", "/there/a/b", "/there/a/b/file", "/new")
    assert told == ["700 0:0", "755 7:8", "755 7:8", "600 7:8", "755 0:0"]
    assert running.read_text("/there/a/b/file") == "y"


def test_between_create_and_start(created: Container) -> None:
    created.write_text("/etc/shop/config", "on", parents=True, owner=(9, 9))
    assert created.read_text("/etc/shop/config") == "on"
    created.start()
    assert created.exec("cat", "/etc/shop/config").text == "on"
    assert stat(created, "/etc/shop/config") == ["644 9:9"]
    created.write_text("/late", "1")
    created.kill()
    created.write_text("/ended", created.read_text("/late") + "2")
    created.start()
    assert created.exec("cat", "/ended").text == "12"


def test_a_volume_and_a_folder_of_the_host(
    cli: Docker, cli_base: str, unique: Callable[[str], str], tmp_path: Path
) -> None:
    with cli.volume.create(unique("data")) as volume:
        mounts = [f"{volume}:/v", f"{tmp_path}:/host", f"{tmp_path}:/only:ro"]
        with cli.create(cli_base, "cat", "/v/sub/file", volume=mounts) as one:
            one.write_text("/v/sub/file", "kept", parents=True)
            one.write_text("/host/file", "seen")
            with pytest.raises(errors.ReadOnlyPath):
                one.write_text("/only/other", "x")
            assert os.listdir(tmp_path) == ["file"]
            assert one.read_text("/only/file") == (tmp_path / "file").read_text() == "seen"
            one.start()
            assert (one.wait(), one.logs().text) == (0, "kept")
        with cli.create(cli_base, "true", volume=f"{volume}:/other:ro") as two:
            assert two.read_text("/other/sub/file") == "kept"


def test_a_read_only_container(cli: Docker, cli_base: str) -> None:
    with cli.run(cli_base, "sleep", "60", detach=True, read_only=True) as one:
        with pytest.raises(errors.ReadOnlyPath):
            one.write_text("/file", "x")
        with pytest.raises(errors.ReadOnlyPath):
            one.put_archive("/", archive_of("file"))
        with pytest.raises(errors.NoSuchPath):
            one.read_text("/file")
        one.kill()
        with pytest.raises(errors.ReadOnlyPath):
            one.write_text("/file", "x")


def test_what_docker_cp_does_not_reach_is_refused(cli: Docker, cli_base: str) -> None:
    with cli.create(
        cli_base, "sleep", "60", tmpfs="/tmp:size=1m", mount=Tmpfs("/mnt/t"), volume="/dev/kept"
    ) as one:
        one.write_text("/dev/kept/file", "x")
        if is_podman(cli):
            one.write_text("/tmp/before", "x")
            with pytest.raises(errors.OutOfReach):
                one.write_text("/dev/file", "x")
        one.start()
        one.exec(
            "sh",
            "-c",
            "echo in >/tmp/inside; ln -s /tmp /t; ln -s /tmp/inside /link; ln -s /dev/null /n",
        )
        paths = ["/tmp/f", "/mnt/t/f", "/dev/shm/f", "/t/inside", "/link"]
        if is_podman(cli):
            for path in paths[:3]:
                one.write_text(path, "x")
                assert one.exec("cat", path).text == "x"
                if path != "/dev/shm/f":  # podman writes there, and does not read
                    assert one.read_text(path) == "x"
            assert one.read_text("/tmp/before") == "x"
            assert one.read_text("/t/inside") == one.read_text("/link") == "in\n"
        else:
            for path in [*paths, "/n", "/proc/version", "/sys/kernel/f"]:
                with pytest.raises(errors.OutOfReach, match="does not reach"):
                    one.write_text(path, "x")
                with pytest.raises(errors.OutOfReach):
                    one.read_text(path)
            with pytest.raises(errors.OutOfReach):
                one.put_archive("/t", archive_of("f"))
            with pytest.raises(errors.OutOfReach):
                one.get_archive("/tmp")
            assert one.exec("find", "/tmp", "/mnt/t", "-type", "f").lines() == ["/tmp/inside"]
            assert one.read_text("/dev/kept/file") == "x"
        assert one.exec("cat", "/dev/kept/file").text == "x"
        one.kill()


def test_a_single_file_that_is_mounted_is_refused(
    cli: Docker, cli_base: str, tmp_path: Path
) -> None:
    source = tmp_path / "single"
    source.write_text("old")
    with cli.run(cli_base, "sleep", "60", detach=True, volume=f"{source}:/single") as one:
        one.exec("ln", "-s", "/single", "/link")
        for path in ["/single", "/etc/hosts", "/etc/resolv.conf"]:
            with pytest.raises(errors.OutOfReach, match="mounted"):
                one.write_text(path, "x")
        if not is_podman(cli):
            with pytest.raises(errors.OutOfReach, match="mounted"):
                one.write_text("/link", "x")
        assert one.read_text("/single") == one.read_text("/link") == source.read_text() == "old"
        assert "localhost" in one.read_text("/etc/hosts")
        one.kill()


LINKS = """
mkdir -p /a/b /x; echo one >/a/b/file; ln -s b/file /a/relative; ln -s /a/b/file /x/absolute
ln -s ../a/relative /x/chain; ln -s /a/b /x/deep; ln -s ../file /a/b/up
ln -s x/deep/../b/file /dots; echo two >/a/file; ln -s /nowhere /x/dangling; ln -s circle /x/circle
ln -s /a /x/folder; ln -s ../../../../../a/file /x/out; mkfifo /x/pipe
"""
FOLLOWED = {
    "/a/relative": "one\n",
    "/x/absolute": "one\n",
    "/x/chain": "one\n",
    "/x/deep/file": "one\n",
    "/x/deep/up": "two\n",
    "/dots": "one\n",
    "/x/out": "two\n",
}


def test_links_are_followed_within_the_container(running: Container, cli: Docker) -> None:
    running.exec("sh", "-c", LINKS)
    for path, text in FOLLOWED.items():
        if path == "/dots" and is_podman(cli):  # it leaves out `deep/..` before it looks
            continue
        assert running.read_text(path) == running.exec("cat", path).text == text
    with pytest.raises(errors.NoSuchPath):
        running.read_text("/x/dangling")
    for path in ("/x/circle", "/x/folder", "/a", "/x/pipe"):
        kind = (
            errors.NoSuchPath if (path, is_podman(cli)) == ("/x/circle", True) else errors.NotAFile
        )
        with pytest.raises(kind):
            running.read_text(path)


def test_a_file_is_written_where_a_link_leads(running: Container, cli: Docker) -> None:
    running.exec("sh", "-c", LINKS)
    if is_podman(cli):  # as the documentation says: in the link's place
        running.write_text("/x/absolute", "new")
        assert running.exec("cat", "/x/absolute", "/a/b/file").text == "newone\n"
        return
    for number, path in enumerate([*FOLLOWED, "/x/dangling"]):
        running.write_text(path, f"{number}")
        assert running.exec("cat", path).text == f"{number}"
        if path.rpartition("/")[2] not in ("file",):
            assert running.exec("test", "-L", path).returncode == 0
    assert running.exec("cat", "/nowhere").text == f"{len(FOLLOWED)}"


def test_nothing_is_changed_where_no_file_can_be_put(running: Container, cli: Docker) -> None:
    running.exec("sh", "-c", LINKS)
    before = running.exec("ls", "-laR", "/a", "/x").text
    bad: dict[str, type[Exception]] = {
        "/a": errors.NotAFile,
        "/nope/file": errors.NoSuchPath,
        "/a/b/file/x": errors.NotAFolder,
    }
    if not is_podman(cli):
        bad |= {
            "/x/folder": errors.NotAFile,
            "/x/pipe": errors.NotAFile,
            "/x/circle": errors.NotAFile,
        }
    for path, kind in bad.items():
        with pytest.raises(kind):
            running.write_text(path, "x")
    assert running.exec("ls", "-laR", "/a", "/x").text == before


def test_what_is_missing_is_told_apart(running: Container, cli: Docker) -> None:
    for path in ("/nope", "/nope/nope", "/etc/passwd/x"):
        kind = errors.NotAFolder if path.endswith("x") and not is_podman(cli) else errors.NoSuchPath
        with pytest.raises(kind):
            running.read_bytes(path)
        with pytest.raises(kind):
            running.get_archive(path)
    nobody = Container("nobody-here", cli)
    for act in (
        lambda: nobody.read_text("/a"),
        lambda: nobody.write_text("/a", ""),
        lambda: nobody.get_archive("/"),
        lambda: nobody.put_archive("/", archive_of("f")),
    ):
        with pytest.raises(errors.NoSuchContainer):
            act()


def test_a_container_by_its_name(cli: Docker, cli_base: str, unique: Callable[[str], str]) -> None:
    with cli.create(cli_base, "true", name=unique("box")):
        for name in (unique("box"), f"/{unique('box')}"):
            if name.startswith("/") and is_podman(cli):
                continue
            one = Container(name, cli)
            one.write_text("/file", name)
            assert one.read_text("/file") == name


def archive_of(*names: str, data: bytes = b"data") -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.uid, member.gid = len(data), 0o640, 11, 12
            tar.addfile(member, io.BytesIO(data))
    return whole.getvalue()


def test_an_archive_comes_as_it_went(running: Container, cli: Docker, tmp_path: Path) -> None:
    running.exec("mkdir", "/d")
    raw = archive_of("one", "sub/two")
    file = tmp_path / "archive.tar"
    file.write_bytes(b"junk" + raw)
    with file.open("rb") as opened, gzip.open(tmp_path / "x.gz", "wb") as packed:
        packed.write(raw)
        opened.seek(4)
        packed.close()
        with gzip.open(tmp_path / "x.gz") as unpacked:
            (tmp_path / "plain.tar").write_bytes(raw)
            pieces = (raw[at : at + 1000] for at in range(0, len(raw), 1000))
            sources = [raw, bytearray(raw), tmp_path / "plain.tar", opened, unpacked, pieces]
            for source in [*sources, io.BytesIO(raw), [raw]]:
                running.put_archive("/d", source)  # type: ignore[arg-type]
                assert stat(running, "/d/one", "/d/sub/two") == ["640 11:12"] * 2
                running.exec("rm", "-r", "/d/one", "/d/sub")
    running.put_archive("/d", raw)
    got = running.get_archive("/d")
    into, sink = tmp_path / "out.tar", io.BytesIO()
    running.get_archive("/d", into=into)
    running.get_archive("/d", into=sink)
    for one in (got, into.read_bytes(), sink.getvalue()):
        with tarfile.open(fileobj=io.BytesIO(one), mode="r:") as tar:
            members = {member.name: member for member in tar}
            assert sorted(members) == ["d", "d/one", "d/sub", "d/sub/two"]
            if not is_podman(cli):
                assert (members["d/one"].uid, members["d/one"].mode & 0o7777) == (11, 0o640)
    assert sorted(os.listdir(tmp_path)) == ["archive.tar", "out.tar", "plain.tar", "x.gz"]
    running.exec("mkdir", "/copy")
    running.put_archive("/copy", into)
    assert running.exec("cat", "/copy/d/sub/two").stdout == b"data"


def test_an_archive_that_docker_would_misread_changes_nothing(running: Container) -> None:
    running.exec("mkdir", "/d")
    raw = archive_of("one")
    for bad in (
        gzip.compress(raw),
        raw[:600],
        raw[:1024],
        raw[:-1] if len(raw) < 1025 else b"",
        b"x" * 2000,
    ):
        with pytest.raises(errors.InvalidArgument):
            running.put_archive("/d", bad)
        with pytest.raises(errors.InvalidArgument):
            running.put_archive("/d", iter([bad]))
    with pytest.raises(errors.NoSuchPath):
        running.put_archive("/d/none", raw)
    with pytest.raises(errors.NotAFolder):
        running.put_archive("/etc/passwd", raw)
    assert running.exec("ls", "-A", "/d").text == ""


def test_the_archive_of_a_link(running: Container, cli: Docker) -> None:
    running.exec("sh", "-c", LINKS)

    def first(path: str, **how: bool) -> tarfile.TarInfo:
        with tarfile.open(fileobj=io.BytesIO(running.get_archive(path, **how))) as tar:
            return tar.getmembers()[0]

    assert first("/x/absolute", follow_link=True).name == "file"
    assert first("/x/folder", follow_link=True).name == "a"
    if not is_podman(cli):
        assert (first("/x/absolute").issym(), first("/x/absolute").linkname) == (True, "/a/b/file")


def test_a_failed_archive_leaves_the_old_file(running: Container, tmp_path: Path) -> None:
    old = tmp_path / "old.tar"
    old.write_bytes(b"old")
    old.chmod(0o600)
    with pytest.raises(errors.NoSuchPath):
        running.get_archive("/nope", into=old)
    with pytest.raises(errors.InvalidArgument, match="folder"):
        running.get_archive("/etc", into=tmp_path)
    with pytest.raises(errors.InvalidArgument, match="No such file"):
        running.get_archive("/etc", into=tmp_path / "none" / "x")
    with pytest.raises(OSError, match="No space"):
        running.get_archive("/bin", into="/dev/full")
    assert (old.read_bytes(), os.listdir(tmp_path)) == (b"old", ["old.tar"])
    running.get_archive("/etc/passwd", into=str(old))
    assert old.read_bytes() != b"old"
    assert old.stat().st_mode & 0o777 == 0o600


def test_a_large_folder_is_left_at_its_first_header(running: Container) -> None:
    running.exec("sh", "-c", "mkdir /big && dd if=/dev/zero of=/big/file bs=1M count=64")
    for _ in range(5):
        with pytest.raises(errors.NotAFile):
            running.read_bytes("/big")
    running.exec("rm", "-r", "/big")  # nothing holds it
    running.write_text("/after", "x")
    assert running.read_text("/after") == "x"


def test_a_deadline_is_for_the_whole(running: Container) -> None:
    running.exec("sh", "-c", "dd if=/dev/zero of=/big bs=1M count=256")
    with pytest.raises(errors.DeadlineExceeded):
        running.read_bytes("/big", deadline=0.12)
    with pytest.raises(errors.DeadlineExceeded):
        running.write_bytes("/new", bytes(64 << 20), deadline=0.12)
    running.write_text("/after", "x")


NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1)


@settings(
    max_examples=15,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    NAMES.filter(lambda name: name not in (".", "..") and len(name.encode()) <= 255),
    st.binary(max_size=3000),
    st.integers(0, 0o7777),
    st.tuples(st.integers(0, 2**32 - 2), st.integers(0, 2**32 - 2)),
)
def test_any_name_and_content(
    running: Container, cli: Docker, name: str, data: bytes, mode: int, owner: tuple[int, int]
) -> None:
    path = f"/tmp/{name}"
    running.write_bytes(path, data, mode=mode, owner=owner)
    if not ("*" in name and is_podman(cli)):
        assert running.read_bytes(path) == data
    told = running.exec("sh", "-c", 'stat -c "%a %u:%g" -- "$1" && cat -- "$1"', "sh", path).stdout
    assert told == f"{mode:o} {owner[0]}:{owner[1]}\n".encode() + data
