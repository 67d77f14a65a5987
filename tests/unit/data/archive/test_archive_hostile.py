"""Archives that would do more than fill a volume (T15): nothing of them is passed on."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from dockcli.data.archive import (
    ArchiveError,
    DamagedArchive,
    HostileArchive,
    TooBig,
    Writer,
    open_archive,
    scan,
    verify,
)
from dockcli.data.archive.feed import CHUNK
from dockcli.data.archive.vet import Vet
from dockcli.data.entry import Description, Manifest
from tests.unit.data.archive.made import copied, member, packed, pax, tar_of, with_checksum

LINK, SYMLINK, FOLDER = tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
FILE = member("./file", data=b"x")
LONG_PATH = "/".join(["d" * 250] * 17)


def sparse(name: str, size: int, text: bytes) -> bytes:
    records = [
        *((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0")),
        *((b"GNU.sparse.name", name.encode()), (b"GNU.sparse.realsize", b"%d" % size)),
    ]
    return pax(records) + member("./x", data=text)


def beyond_what_can_be_looked_at() -> bytes:
    """Folders with long names, and short links to them, until no real path can be told any more; a
    link there that leads out, and a file through it (CVE-2025-4517)."""
    long, steps, path, made = "d" * 247, "abcdefghijklmnop", "./", b""
    for step in steps:
        made += member(path + long, FOLDER) + member(path + step, SYMLINK, linkname=long)
        path += f"{long}/"
    end = f"{'/'.join(steps)}/{'l' * 254}"
    made += member(f"./{end}", SYMLINK, linkname="../" * len(steps))
    made += member("./escape", SYMLINK, linkname=f"{end}/../../../etc")
    return made + member("./escape/evil", data=b"x")


HOSTILE = {
    "absolute": (member("/etc/passwd"), "absolute"),
    "upwards": (member("../x"), "upwards"),
    "upwards inside": (member("./a/../../x"), "upwards"),
    "upwards that stays inside": (member("./a/../x"), "upwards"),
    "upwards by pax": (pax([(b"path", b"../x")]) + member("./x"), "upwards"),
    "absolute by pax": (pax([(b"path", b"/x")]) + member("./x"), "absolute"),
    "upwards by a long name": (
        member("././@LongLink", b"L", b"../x\0", tarfile.GNU_FORMAT) + member("./x"),
        "upwards",
    ),
    "upwards in a sparse name": (sparse("../x", 0, b"0\n".ljust(512, b"\0")), "upwards"),
    "NUL": (pax([(b"path", b"./a\0b")]) + member("./x"), "NUL"),
    "NUL in a link": (pax([(b"linkpath", b"a\0b")]) + member("./x", SYMLINK), "NUL"),
    "below a symlink": (
        member("./a", SYMLINK, linkname="/etc") + member("./a/b", data=b"x"),
        "below 'a'",
    ),
    "deep below a symlink": (
        member("./a", SYMLINK, linkname="/etc") + member("./a/b/c", FOLDER),
        "below 'a'",
    ),
    "below a chain of symlinks": (beyond_what_can_be_looked_at(), "below 'a'"),
    "below a file": (FILE + member("./file/x"), "below 'file'"),
    "below a fifo": (member("./a", tarfile.FIFOTYPE) + member("./a/x"), "below 'a'"),
    "below a hard link": (
        FILE + member("./a", LINK, linkname="./file") + member("./a/x"),
        "below 'a'",
    ),
    "a folder becomes a symlink": (
        member("./a", FOLDER) + member("./a", SYMLINK, linkname="/etc"),
        "twice",
    ),
    "an implied folder becomes a symlink": (
        member("./a/b") + member("./a", SYMLINK, linkname="/etc"),
        "twice",
    ),
    "a symlink becomes a file": (
        member("./a", SYMLINK, linkname="/etc/passwd") + member("./a", data=b"x"),
        "twice",
    ),
    "a file twice": (FILE + member("./file", data=b"y"), "twice"),
    "a file twice, spelt otherwise": (FILE + member(".//./file", data=b"y"), "twice"),
    "a hard link to what is not there": (member("./a", LINK, linkname="./b"), "hard link"),
    "a hard link out": (member("./a", LINK, linkname="../b"), "upwards"),
    "an absolute hard link": (member("./a", LINK, linkname="/etc/shadow"), "absolute"),
    "a hard link to a symlink": (
        member("./d/a", SYMLINK, linkname="../x") + member("./a", LINK, linkname="./d/a"),
        "hard link",
    ),
    "a hard link through a symlink": (
        member("./a", SYMLINK, linkname="/etc") + member("./b", LINK, linkname="./a/shadow"),
        "hard link",
    ),
    "a hard link to a folder": (
        member("./a", FOLDER) + member("./b", LINK, linkname="./a"),
        "hard link",
    ),
    "a device": (member("./null", tarfile.CHRTYPE, devmajor=1, devminor=3), "device"),
    "a disk": (member("./sda", tarfile.BLKTYPE, devmajor=8), "device"),
    "setuid": (member("./su", data=b"x", mode=0o4755), "setuid"),
    "setgid": (member("./sg", data=b"x", mode=0o2755), "setgid"),
    "capabilities": (
        pax([(b"SCHILY.xattr.security.capability", b"\1")]) + member("./c", data=b"x"),
        "capabilities",
    ),
    "the restore's own folder": (member("./.dockcli-restore/state", data=b"x"), "restores"),
    "a long component": (member("./" + "n" * 256), "too long"),
    "a long component of 4-byte characters": (member("./" + "\U0001f4a3" * 64), "too long"),
    "a long path": (member(f"./{LONG_PATH}"), "too long"),
    "the root is a symlink": (member("./", SYMLINK, linkname="/etc"), "symlink"),
    "a global path": (pax([(b"path", b"x")], b"g") + FILE, "global|path"),
    "a global size": (pax([(b"size", b"0")], b"g") + FILE, "size"),
    "a global sparse map": (pax([(b"GNU.sparse.map", b"0,1")], b"g") + FILE, "sparse"),
    "a file of holes": (sparse("./a", 1 << 60, b"0\n".ljust(512, b"\0")), "holes"),
    "an endless pax header": (
        with_checksum(member("x", b"x")[:124] + b"77777777777\0" + member("x", b"x")[136:]),
        "header of",
    ),
}


@pytest.mark.parametrize("known", [None, Manifest(())], ids=["new", "in order a moment before"])
@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_before_a_byte_of_it_is_passed_on(name: str, known: Manifest | None) -> None:
    hostile, says = HOSTILE[name]
    given: list[bytes] = []
    with pytest.raises(HostileArchive, match=says), open_archive(io.BytesIO(tar_of(hostile))) as it:
        it.copy_to(given.append, known=known)
    assert not given


IN_ORDER_FOR_OURS = {
    *("setuid", "setgid", "capabilities", "a hard link to a symlink", "a device", "a disk"),
}


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - IN_ORDER_FOR_OURS))
def test_nor_does_it_get_into_an_archive_of_ours(name: str) -> None:
    with Writer(io.BytesIO(), Description("data")) as writer, pytest.raises(HostileArchive):
        writer.write_from(io.BytesIO(tar_of(HOSTILE[name][0])))


@pytest.mark.parametrize("name", sorted(IN_ORDER_FOR_OURS))
def test_what_a_volume_may_have_comes_back(name: str) -> None:
    about, _ = copied(packed(tar_of(HOSTILE[name][0])), trust="dev" in name or "disk" in name)
    assert about.entries


@pytest.mark.parametrize("name", ["a device", "a disk"])
def test_a_device_in_an_archive_of_ours_needs_trust(name: str) -> None:
    ours = packed(tar_of(HOSTILE[name][0]))
    assert verify(io.BytesIO(ours)).entries  # which writes nothing
    with pytest.raises(HostileArchive, match="device"), open_archive(io.BytesIO(ours)) as archive:
        archive.copy_to(lambda data: None)


@pytest.mark.parametrize("name", ["a device", "setuid", "setgid", "capabilities"])
def test_trust_lets_through(name: str) -> None:
    assert verify(io.BytesIO(tar_of(HOSTILE[name][0])), trust=True).entries
    assert list(scan(io.BytesIO(tar_of(HOSTILE[name][0])), trusted=True))
    with pytest.raises(HostileArchive):
        list(scan(io.BytesIO(tar_of(HOSTILE[name][0])), trusted=False))


DAMAGED = {
    "a folder with data": with_checksum(
        member("./a", FOLDER)[:124] + b"00000001000\0" + member("./a", FOLDER)[136:]
    ),
    "a hard link with data": FILE
    + with_checksum(
        member("./a", LINK, linkname="./file")[:124]
        + b"00000001000\0"
        + member("./a", LINK, linkname="./file")[136:]
    ),
    "an unknown type": member("./a", b"Z"),
    "a part of several": member("./a", b"M"),
    "two pax headers": pax([(b"path", b"./a")]) + pax([(b"path", b"./b")]) + FILE,
    "a pax header for nobody": pax([(b"path", b"./a")]),
    "a pax header of no records": member("x", b"x", b"nonsense\n") + FILE,
    "a record that is too short": member("x", b"x", b"3 path=./a\n") + FILE,
    "a record that is too long": member("x", b"x", b"99 path=./a\n") + FILE,
    "a time that is none": pax([(b"mtime", b"soon")]) + FILE,
    "a size that is none": pax([(b"size", b"-1")]) + FILE,
    "a map in no order": sparse("./a", 99, b"2\n5\n1\n2\n1\n".ljust(512, b"\0") + b"xy"),
    "a map that overlaps": sparse("./a", 99, b"2\n0\n2\n1\n1\n".ljust(512, b"\0") + b"xyz"),
    "a map beyond the file": sparse("./a", 3, b"1\n5\n1\n".ljust(512, b"\0") + b"x"),
    "a map of more than there is": sparse("./a", 99, b"1\n0\n9\n".ljust(512, b"\0") + b"x"),
    "a map that is too long": sparse("./a", 99, b"9999999\n".ljust(512, b"\0")),
    "a map that is none": sparse("./a", 99, b"x" * 512),
    "another encoding": pax([(b"hdrcharset", b"EBCDIC"), (b"path", b"./a")]) + FILE,
    "data behind the end": tar_of(FILE) + FILE,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_no_tar_writes_is_refused(name: str) -> None:
    with pytest.raises(DamagedArchive):
        verify(io.BytesIO(tar_of(DAMAGED[name])))


def test_the_archives_own_headers_are_never_passed_on() -> None:
    mark = b"a comment that only these headers have"
    hostile = (
        pax([(b"comment", mark), (b"GNU.volume.label", mark), (b"uname", mark)])
        + member("./a", data=b"data", uname="somebody", mode=0o1644)
        + member("label", b"V")
        + pax([(b"comment", mark)], b"g")
        + member(".//b/.//", FOLDER, uname="somebody")
    )
    about, given = copied(tar_of(hostile))
    assert mark not in given
    assert b"somebody" not in given
    assert [entry.name for entry in about.entries] == ["a", "b"]
    with tarfile.open(fileobj=io.BytesIO(given)) as read:
        assert read.getnames() == ["./a", "./b"]


def test_room_is_a_limit_before_the_data_comes() -> None:
    bomb = gzip.compress(tar_of(member("./a", data=b"1"), member("./b", data=bytes(50 << 20))))
    given: list[bytes] = []
    with open_archive(io.BytesIO(bomb)) as reader, pytest.raises(TooBig) as caught:
        reader.copy_to(given.append, room=1000)
    assert sum(map(len, given)) < 2000
    assert (caught.value.needed, caught.value.room) == ((50 << 20) + 1, 1000)
    assert verify(io.BytesIO(bomb)).bytes == (50 << 20) + 1


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
def test_a_bomb_is_unpacked_piece_by_piece(kind: str) -> None:
    import bz2
    import lzma

    import zstandard

    pack: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "zst": zstandard.ZstdCompressor().compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
    }
    from dockcli.data.archive.unpack import Unpacked

    unpacked = Unpacked(io.BytesIO(pack[kind](bytes(20 << 20))).read)
    sizes = []
    while data := unpacked.read(1):
        sizes.append(len(data))
    assert (sum(sizes), unpacked.compression) == (20 << 20, kind)
    assert max(sizes) <= CHUNK


def test_a_name_that_is_ours_is_none_in_a_volume() -> None:
    ours = member(".dockcli-archive/volume.json", data=b"{}")
    with Writer(io.BytesIO(), Description("data")) as writer, pytest.raises(HostileArchive):
        writer.write_from(io.BytesIO(tar_of(ours)))
    with pytest.raises(DamagedArchive):
        verify(io.BytesIO(tar_of(FILE, ours)))
    about, _ = copied(packed(tar_of(member("./.dockcli-archive/volume.json", data=b"{}"))))
    assert [entry.name for entry in about.entries] == [".dockcli-archive/volume.json"]


def test_members_of_ours_in_other_places_are_refused() -> None:
    archive = packed(tar_of(FILE))
    head, rest = archive[: archive.index(b"./file")], archive[archive.index(b"./file") :]
    with pytest.raises(ArchiveError):
        verify(io.BytesIO(head + head + rest))


def test_names_are_made_normal() -> None:
    any_vet: Any = Vet(trust=False, ours=False)
    for given, name in {
        "./": "",
        ".": "",
        "a//b/./c/": "a/b/c",
        "./a/.": "a",
        "a./.b": "a./.b",
    }.items():
        assert any_vet._inside(given, given, "") == name
