"""The parts of the helper that need no engine: what tar says, errors, owners, tars of docker cp."""

from __future__ import annotations

import copy
import io
import os
import pickle
import subprocess
import tarfile
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.data.helper import Owners, Read, Usage, errors, image, tars
from dockcli.data.helper.channel import may_be_here
from dockcli.data.helper.container import _text
from dockcli.data.helper.reading import name_of, told
from dockcli.errors import DockcliError, InvalidArgument

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.VolumeError)
]
SCRIPTS = sorted(path.stem for path in Path(errors.__file__).parent.glob("*.sh"))


@pytest.mark.parametrize(
    "name",
    [b"a", b"a\nb", b'q"uo\\te', b"\xff\xfe", b"-n", b" a: b", "\N{SNOWMAN}".encode(), b"\x7f\a\t"],
)
def test_a_name_that_tar_quotes_is_read_back(name: bytes, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    listed = subprocess.run(
        ["tar", "--quoting-style=c", "-cvf", os.devnull, "."],
        cwd=tmp_path, env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=True,
    ).stdout.splitlines()[1]  # fmt: skip
    assert name_of(os.fsdecode(listed[1:-1])) == os.fsdecode(name)


def test_what_changed_and_what_was_skipped_is_told_by_exact_name() -> None:
    said = (
        b'tar: "./a\\nb": file changed as we read it\n'
        b'tar: "./gone": File removed before we read it\n'
        b'tar: "./x: file changed as we read it": File shrank by 7 bytes; padding with zeros\n'
        b'tar: "./s\\377": socket ignored\n'
        b'tar: "./a\\nb": file changed as we read it\n'
        b'tar: ".": file changed as we read it\n'
        b"tar: something else\n"
    )
    assert told(said) == Read(
        ("a\nb", "gone", "x: file changed as we read it", ""), (os.fsdecode(b"s\xff"),)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_can_be_pickled_and_copied(kind: type[errors.VolumeError]) -> None:
    error = kind("data", "for a reason")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(again), again.volume, again.reason) == (kind, "data", "for a reason")
        assert str(again) == str(error)
    assert "data" in str(error)
    assert isinstance(error, DockcliError)


def test_a_reserved_name_is_an_invalid_argument() -> None:
    assert issubclass(errors.ReservedName, InvalidArgument)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_is_plain_sh(script: str) -> None:
    done = subprocess.run(["sh", "-n", "-c", _text(script)], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("client", "here"),
    [
        (Docker(), True),
        (Docker(host="unix:///var/run/docker.sock"), True),
        (Docker(host="tcp://10.0.0.1:2375"), False),
        (Docker(host="ssh://me@server"), False),
        (Docker(env={"DOCKER_HOST": "ssh://me@server"}), False),
    ],
)
def test_an_engine_far_away_is_offered_no_fifo(
    client: Docker, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert may_be_here(client) is here


def test_owners_map_each_entry_once() -> None:
    swap = Owners(users={0: 1000, 1000: 0}, groups={5: 6})
    assert [swap.of(0, 5), swap.of(1000, 6), swap.of(7, 7)] == [(1000, 6), (0, 6), (7, 7)]
    assert Owners(user=3, users={0: 1}).of(0, 9) == (3, 9)
    assert not Owners()
    assert swap


def test_a_volume_without_entries_is_empty() -> None:
    assert Usage(0, 4096).empty
    assert not Usage(1, 4096).empty


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", uid: int = 0
) -> tarfile.TarInfo:
    one = tarfile.TarInfo(name)
    one.type, one.linkname, one.uid, one.gid, one.mode = kind, link, uid, uid, 0o640
    return one


def test_podmans_tar_gets_a_root_and_names_below_it() -> None:
    long = "n" * 200
    plain = packed(
        (member("a", uid=1 << 22), b"12345"),
        (member("s", tarfile.DIRTYPE), b""),
        (member(f"s/{long}", tarfile.LNKTYPE, "a"), b""),
        (member("s/l", tarfile.SYMTYPE, "a"), b""),
    )
    swap = Owners(users={1 << 22: 7})
    data = b"".join(tars.as_way(io.BytesIO(plain), swap.of))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = [(one.name, one.linkname, one.uid, one.gid) for one in tar]
        assert tar.extractfile("./a").read() == b"12345"  # type: ignore[union-attr]
    assert found == [
        (".", "", 0, 0),
        ("./a", "", 7, 1 << 22),
        ("./s", "", 0, 0),
        (f"./s/{long}", "./a", 0, 0),
        ("./s/l", "a", 0, 0),
    ]
    assert tars.counted(io.BytesIO(data)) == (4, 5)
    assert b"".join(tars.as_way(io.BytesIO(data), Owners().of)) == data


def test_a_digest_depends_on_the_tree_and_not_on_its_order() -> None:
    one, two = (member("a"), b"1"), (member("b"), b"2")
    same = {tars.digest(io.BytesIO(packed(*them))) for them in ((one, two), (two, one))}
    assert len(same) == 1
    assert tars.digest(io.BytesIO(packed(one, (member("b"), b"3")))) not in same


def test_chunks_are_read_as_they_come() -> None:
    stream = tars.Chunks(iter([b"ab", b"", b"cde"]))
    assert [stream.read(1), stream.read(5), stream.read(2), stream.read(9), stream.read(1)] == [
        *(b"a", b"b", b"cd", b"e", b"")
    ]


def test_the_image_has_the_tools_and_their_loader_and_is_the_same_each_time() -> None:
    archive, digest = image._packed.__wrapped__()
    assert image._packed.__wrapped__() == (archive, digest)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        names = set(tar.getnames())
    assert {f"bin/{tool}" for tool in image._TOOLS} <= names
    assert any("ld-" in name for name in names)


def test_a_tar_that_is_not_gnus_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tar = tmp_path / "tar"
    tar.write_text("#!/bin/sh\necho bsdtar 3.6.2\n")
    tar.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(errors.NoHelper, match="is not GNU's: install"):
        image._packed.__wrapped__()
