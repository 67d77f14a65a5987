"""Tars of other tools: every format there is, and the folders in which they have their volumes."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from dockcli.data.archive import (
    AmbiguousArchive,
    HostileArchive,
    NoSuchEntry,
    extract,
    open_archive,
    verify,
)
from dockcli.errors import InvalidArgument
from tests.unit.data.archive.made import copied, gnu_tar, member, needs, pax, tar_of

FOLDER = tarfile.DIRTYPE


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What each format can hold."""
    root = tmp_path / "tree"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "file").write_bytes(b"data" * 1000)
    os.link(root / "folder" / "file", root / "link")
    (root / "symlink").symlink_to("../somewhere")
    (root / "empty").touch()
    return root


def names(archive: bytes) -> dict[str, str]:
    return {entry.name: entry.kind for entry in verify(io.BytesIO(archive)).entries}


HOLDS = {
    "": "folder",
    "empty": "file",
    "folder": "folder",
    "folder/file": "file",
    "link": "hardlink",
    "symlink": "symlink",
}


def same_links(found: dict[str, str]) -> dict[str, str]:
    """Which of two names comes first is not the same for all."""
    if found.get("link") == "file":
        found["link"], found["folder/file"] = found["folder/file"], found["link"]
    return found


@pytest.mark.parametrize("form", ["pax", "gnu", "ustar", "oldgnu", "v7", "posix"])
def test_what_gnu_tar_writes(tree: Path, form: str) -> None:
    assert same_links(names(gnu_tar(tree, f"--format={form}"))) == HOLDS


@needs("bsdtar")
@pytest.mark.parametrize("form", ["pax", "gnutar", "ustar", "v7"])
def test_what_bsdtar_writes(tree: Path, form: str) -> None:
    words = ["bsdtar", "-C", str(tree), f"--format={form}", "-cf", "-", "."]
    made = subprocess.run(words, check=True, capture_output=True).stdout
    assert same_links(names(made)) == HOLDS


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_what_python_writes(tree: Path, form: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as made:
        made.add(tree, ".")
    assert same_links(names(out.getvalue())) == HOLDS


@pytest.mark.parametrize("form", ["pax", "gnu"])
@pytest.mark.parametrize("length", [99, 100, 101, 155, 255])
def test_long_names(tmp_path: Path, form: str, length: int) -> None:
    folder = tmp_path / "tree" / ("é" * (length // 2)) / ("b" * length)
    folder.mkdir(parents=True)
    (folder / ("c" * length)).write_bytes(b"x")
    os.link(folder / ("c" * length), folder / ("d" * length))
    (folder / "link").symlink_to("x" * (length + 1))
    about, again = copied(gnu_tar(tmp_path / "tree", f"--format={form}", "--sort=name"))
    found = about.by_name()
    where = f"{'é' * (length // 2)}/{'b' * length}"
    assert found[f"{where}/{'d' * length}"].target == f"{where}/{'c' * length}"
    assert found[f"{where}/link"].target == "x" * (length + 1)
    assert copied(again)[0] == about


@pytest.mark.parametrize("version", ["old", "0.0", "0.1", "1.0"])
@pytest.mark.parametrize("pieces", [0, 1, 4, 60])
def test_files_with_holes(tmp_path: Path, version: str, pieces: int) -> None:
    path = tmp_path / "tree" / "file"
    path.parent.mkdir()
    with path.open("wb") as file:
        for number in range(pieces):
            file.seek(number * 100_000 + 4096)
            file.write(b"data" * 100)
        file.truncate(pieces * 100_000 + 300_000)
    form = ["--format=gnu"] if version == "old" else ["--format=pax", f"--sparse-version={version}"]
    tar = gnu_tar(tmp_path / "tree", *form, "--sparse", "--hole-detection=raw")
    assert len(tar) < path.stat().st_size or pieces == 60
    about, again = copied(tar)
    entry = about.by_name()["file"]
    assert entry.size == path.stat().st_size
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(again) <= len(tar) + 4096  # the holes are none of it
    extract(io.BytesIO(tar), "file", out := io.BytesIO())
    assert out.getvalue() == path.read_bytes()
    (tmp_path / "after").mkdir()
    subprocess.run(["tar", "-C", str(tmp_path / "after"), "-x"], input=again, check=True)
    assert (tmp_path / "after" / "file").read_bytes() == path.read_bytes()


def test_numbers_that_octal_digits_cannot_say() -> None:
    big = member("./a", form=tarfile.GNU_FORMAT, uid=1 << 40, gid=1 << 31, mtime=-5)
    by_pax = pax([(b"uid", b"7"), (b"mtime", b"-1.25"), (b"size", b"3")]) + member(
        "./b", data=b"abc"
    )
    entries = verify(io.BytesIO(tar_of(big, by_pax))).by_name()
    assert (entries["a"].uid, entries["a"].gid) == (1 << 40, 1 << 31)
    assert entries["a"].mtime == -5 * 10**9
    assert (entries["b"].uid, entries["b"].size, entries["b"].mtime) == (7, 3, -1_250_000_000)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda tar: tar,
    "gz": gzip.compress,
    "two gz": lambda tar: gzip.compress(tar[:700]) + gzip.compress(tar[700:]),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    "two zst": lambda tar: (
        zstandard.ZstdCompressor().compress(tar[:700])
        + b"\x50\x2a\x4d\x18\x03\0\0\0abc"
        + zstandard.ZstdCompressor().compress(tar[700:])
    ),
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("behind", [b"", bytes(3000)])
def test_whatever_it_is_packed_with(tree: Path, packing: str, behind: bytes) -> None:
    packed = PACKINGS[packing](gnu_tar(tree)) + behind
    assert same_links(names(packed)) == HOLDS


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_packed_tar_that_is_cut_off_or_continued(tree: Path, packing: str) -> None:
    from dockcli.data.archive import DamagedArchive

    packed = PACKINGS[packing](gnu_tar(tree))
    for damaged in (packed[:-1], packed[: len(packed) // 2], packed + b"more"):
        if packing == "none" and damaged == packed[:-1]:
            continue  # zeros behind the end
        with pytest.raises(DamagedArchive):
            verify(io.BytesIO(damaged))


class Dripping:
    """A pipe that gives little at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step = io.BytesIO(data), step

    def read(self, size: int) -> bytes:
        return self._data.read(min(size, self._step))


def offen(*volumes: str) -> bytes:
    return tar_of(
        member("backup", FOLDER),
        *(
            member(f"backup/{volume}", FOLDER)
            + member(f"backup/{volume}/folder", FOLDER)
            + member(f"backup/{volume}/folder/file", data=volume.encode())
            + member(f"backup/{volume}/z", tarfile.LNKTYPE, linkname=f"backup/{volume}/folder/file")
            for volume in volumes
        ),
    )


@pytest.mark.parametrize("step", [7, 512, 1 << 20])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_only_volume_of_offens(
    tmp_path: Path, step: int, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "a.tar.gz").write_bytes(pack(offen("data")))
    for source in (Dripping(pack(offen("data")), step), tmp_path / "a.tar.gz"):
        with open_archive(source) as reader:
            about = reader.copy_to((out := io.BytesIO()).write)
        assert [entry.name for entry in about.entries] == ["", "folder", "folder/file", "z"]
        assert about.entries[-1].target == "folder/file"
        assert about.description is None
        with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as read:
            assert read.getnames() == [".", "./folder", "./folder/file", "./z"]


@pytest.mark.parametrize("step", [512, 1 << 20])
def test_several_volumes_of_offens_have_to_be_told_apart(step: int) -> None:
    archive = offen("one", "two")
    with pytest.raises(AmbiguousArchive, match=r"backup/one.*backup/two.*path=") as caught:
        verify(Dripping(archive, step))
    assert caught.value.volumes == ("backup/one", "backup/two")
    about = verify(Dripping(archive, step), path="./backup/two/")
    assert [entry.name for entry in about.entries] == ["", "folder", "folder/file", "z"]
    assert about.entries[2].sha256 == hashlib.sha256(b"two").hexdigest()
    assert len(verify(Dripping(archive, step), path="").entries) == 9
    with pytest.raises(NoSuchEntry):
        verify(Dripping(archive, step), path="backup/three")


def test_of_a_pipe_not_even_the_first_header_is_lost_when_it_is_read_twice() -> None:
    archive = tar_of(member("backup/data", FOLDER, mtime=1.5), member("backup/data/x"))
    assert verify(Dripping(archive, 512)).entries[0].mtime == 1_500_000_000


def test_a_folder_called_backup_that_is_none_of_offens() -> None:
    by_hand = tar_of(member("backup", FOLDER), member("backup/file", data=b"x"))
    assert names(by_hand) == {"backup": "folder", "backup/file": "file"}
    beside = tar_of(member("backup", FOLDER), member("backup/data", FOLDER), member("other"))
    assert names(beside) == {"backup": "folder", "backup/data": "folder", "other": "file"}


def test_a_hard_link_out_of_the_chosen_folder() -> None:
    archive = tar_of(
        member("a/file", data=b"x"), member("b/link", tarfile.LNKTYPE, linkname="a/file")
    )
    with pytest.raises(HostileArchive, match="not in 'b'"):
        verify(io.BytesIO(archive), path="b")


def test_a_tar_made_by_hand_is_as_it_is() -> None:
    archive = gzip.compress(tar_of(member("data/", FOLDER), member("data/file", data=b"x")))
    assert names(archive) == {"data": "folder", "data/file": "file"}
    assert [entry.name for entry in verify(io.BytesIO(archive), path="data").entries] == [
        "",
        "file",
    ]


def test_a_folder_may_come_twice_in_it() -> None:
    twice = tar_of(*[member("./a", FOLDER, mode=mode) for mode in (0o700, 0o755)])
    assert [entry.mode for entry in verify(io.BytesIO(twice)).entries] == [0o755]


def test_a_file_that_is_not_in_it() -> None:
    archive = tar_of(member("./folder", FOLDER), member("./folder/readme", data=b"x"))
    for wanted in ("folder/raedme", "folder"):
        with pytest.raises(NoSuchEntry):
            extract(io.BytesIO(archive), wanted, out := io.BytesIO())
        assert not out.getvalue()
    with pytest.raises(NoSuchEntry, match="is it 'folder/readme'"):
        extract(io.BytesIO(archive), "folder/raedme", io.BytesIO())


def test_a_path_that_is_none(tmp_path: Path) -> None:
    for wrong in (tmp_path / "none.tar", tmp_path, 7):
        with pytest.raises(InvalidArgument):
            open_archive(wrong)
