"""An archive that is not what was written is refused, whatever is changed in it (T14)."""

from __future__ import annotations

import gzip
import io
import os
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dockcli.data.archive import (
    ArchiveError,
    DamagedArchive,
    NewerArchive,
    open_archive,
    own,
    verify,
)
from dockcli.data.entry import Description
from tests.unit.data.archive.made import END, copied, member, needs, packed, tar_of

COMPRESSIONS = ("none", "gz", "zst")
RANDOM = random.Random(7)  # the same archives each time
VOLUME = tar_of(
    member("./", tarfile.DIRTYPE, mode=0o755, mtime=1.5),
    *(
        member(f"./file-{number}", data=RANDOM.randbytes(4000) + b"text " * 1000)
        for number in range(60)
    ),
)


def flipped(archive: bytes, at: int) -> bytes:
    changed = bytearray(archive)
    changed[at] ^= 1 << RANDOM.randrange(8)
    return bytes(changed)


def swapped(archive: bytes, at: int) -> bytes:
    middle = RANDOM.randrange(at, len(archive))
    return archive[middle:] + archive[at:middle] + archive[:at]


DAMAGES: dict[str, Callable[[bytes, int], bytes]] = {
    "flipped": flipped,
    "cut off": lambda archive, at: archive[:at],
    "continued": lambda archive, at: archive + archive[at : at + 1 + RANDOM.randrange(2000)],
    "swapped": swapped,
}


@pytest.fixture(scope="module")
def archives() -> dict[str, bytes]:
    return {one: packed(VOLUME, one) for one in COMPRESSIONS}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_refused(
    archives: dict[str, bytes], compression: str, damage: str
) -> None:
    archive, given = archives[compression], []
    places = sorted({*RANDOM.sample(range(len(archive)), 42), *range(4), *range(-4, 0)})
    for at in (place % len(archive) for place in places):
        damaged = DAMAGES[damage](archive, at)
        if damaged == archive:
            continue
        given.clear()
        with pytest.raises(ArchiveError), open_archive(io.BytesIO(damaged)) as reader:
            reader.copy_to(given.append)
        assert not b"".join(given).endswith(END)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_no_bit_at_the_end_or_the_start_is_without_meaning(compression: str) -> None:
    archive = packed(tar_of(member("./a", data=b"some text, some text")), compression)
    tail = range(len(archive) - 2300, len(archive)) if compression != "none" else ()
    for at in (*range(16), *tail[::29], *range(len(archive) - 8, len(archive))):
        for bit in range(8):
            damaged = bytearray(archive)
            damaged[at] ^= 1 << bit
            with pytest.raises(ArchiveError):
                verify(io.BytesIO(damaged))


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_every_bit_of_a_packed_archive_counts(compression: str) -> None:
    """Also those that no program looks at when it unpacks, such as the time in gzip's header."""
    archive = packed(tar_of(member("./a", data=b"text " * 2000)), compression)
    for at in range(len(archive) - 2100):
        damaged = bytearray(archive)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(ArchiveError):
            verify(io.BytesIO(damaged))


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("more", [b"\0", bytes(512), bytes(10240), b"x"])
def test_nothing_may_follow(compression: str, more: bytes) -> None:
    with pytest.raises(DamagedArchive):
        verify(io.BytesIO(packed(VOLUME, compression) + more))


@needs("gzip")
def test_an_archive_that_was_packed_anew_is_refused() -> None:
    plain = gzip.decompress(packed(VOLUME, "gz"))
    with pytest.raises(DamagedArchive, match="longer or shorter"):
        verify(io.BytesIO(gzip.compress(plain)))
    with pytest.raises(DamagedArchive, match="packed anew"):
        verify(io.BytesIO(gzip.compress(packed(VOLUME))))


def test_a_gzip_archive_is_gzip_for_every_program(tmp_path: object) -> None:
    archive = packed(VOLUME, "gz")
    for words in (["gzip", "-dc"], ["tar", "-tzf", "-"]):
        done = subprocess.run(words, input=archive, capture_output=True, check=True)
        assert done.stderr == b""
    assert b"./file-59" in done.stdout


@needs("zstd")
def test_a_zstd_archive_is_zstd_for_every_program() -> None:
    done = subprocess.run(
        ["zstd", "-dc"], input=packed(VOLUME, "zst"), capture_output=True, check=True
    )
    assert done.stdout.startswith(own.VOLUME.encode())
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as read:
        assert read.getnames()[-1] == own.SUM


def changed(archive: bytes, old: bytes, new: bytes) -> bytes:
    assert old in archive
    assert len(old) == len(new)
    return archive.replace(old, new, 1)


def test_a_manifest_that_says_something_else_is_refused() -> None:
    archive = packed(tar_of(member("./a", data=b"1"), member("./b", data=b"2")))
    with pytest.raises(DamagedArchive, match="'b' is not as"):
        verify(io.BytesIO(changed(archive, b'"name":"b"', b'"name":"c"')))
    with pytest.raises(DamagedArchive, match="counts"):
        verify(io.BytesIO(changed(archive, b'"entries":2', b'"entries":3')))
    with pytest.raises(DamagedArchive, match="its sum is another"):
        verify(io.BytesIO(changed(archive, b'"bytes":2', b'"bytes":3')))


def test_a_newer_archive_asks_for_an_upgrade() -> None:
    archive = changed(packed(VOLUME), b'{"format":1,', b'{"format":2,')
    with pytest.raises(NewerArchive, match=r"format 2.*upgrade") as caught:
        open_archive(io.BytesIO(archive))
    assert caught.value.format == 2


def test_a_description_comes_back() -> None:
    from datetime import datetime, timezone

    from dockcli.data.archive import Writer

    about = Description(
        *("data", "nfs", {"a": "b\udcff"}, {"o": "addr=1"}, datetime.now(timezone.utc)),
        *("1.0", "20.10", "cp"),
    )
    out = io.BytesIO()
    with Writer(out, about) as writer:
        assert writer.finish().description == about
    with open_archive(io.BytesIO(out.getvalue())) as reader:
        assert reader.description == about
        assert reader.copy_to().description == about


@pytest.mark.parametrize(
    "what",
    [b"", bytes(10240), b"text\n" * 400, b"PK\3\4" + bytes(2000), VOLUME[:-1024], VOLUME[:700]],
    ids=["empty", "zeros", "text", "zip", "no end", "half a member"],
)
def test_what_is_no_whole_tar_is_refused(what: bytes) -> None:
    with pytest.raises(DamagedArchive):
        verify(io.BytesIO(what))


@pytest.mark.parametrize("kept", [b"volume.json", b"manifest.jsonl", b"sum.json"])
def test_an_archive_of_ours_without_its_own_members_is_refused(kept: bytes) -> None:
    archive = packed(VOLUME)
    start = archive.rindex(b".dockcli-archive/" + kept)
    size = int(archive[start + 124 : start + 135], 8)
    end = start + 512 + size + -size % 512
    with pytest.raises(DamagedArchive):
        verify(io.BytesIO(archive[:start] + archive[end:]))


def test_an_archive_of_ours_that_ends_behind_its_volume_is_refused() -> None:
    archive = packed(VOLUME)
    end = archive.index(b".dockcli-archive/manifest.jsonl")
    with pytest.raises(DamagedArchive, match="no manifest"):
        verify(io.BytesIO(archive[:end] + END))


def test_a_good_archive_is_none_of_that(archives: dict[str, bytes]) -> None:
    told = [copied(archive) for archive in archives.values()]
    assert told[0] == told[1] == told[2]
    assert len(told[0][0].entries) == 61
    assert told[0][1].endswith(END)


PIGZ = """\
#!{python}
# Packs as pigz does: one member, without a name or a time.
import sys, zlib
deflate = zlib.compressobj(6, wbits=31)
sys.stdout.buffer.write(deflate.compress(sys.stdin.buffer.read()) + deflate.flush())
"""


@pytest.fixture
def pigz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that name, first on PATH."""
    program = tmp_path / "bin" / "pigz"
    program.parent.mkdir()
    program.write_text(PIGZ.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_pigz_is_taken_where_it_is_there(pigz: None) -> None:
    archive = packed(VOLUME, "gz")
    assert archive[:10] != packed_by_threads()[:10]
    assert verify(io.BytesIO(archive)).entries == verify(io.BytesIO(packed_by_threads())).entries
    for at in (4, 9, len(archive) // 2, len(archive) - 60, len(archive) - 1):
        wrong = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
        with pytest.raises(ArchiveError):
            verify(io.BytesIO(wrong))
    with pytest.raises(ArchiveError):
        verify(io.BytesIO(archive + b"\0"))


def packed_by_threads() -> bytes:
    path = os.environ["PATH"]
    os.environ["PATH"] = "/nowhere"
    try:
        return packed(VOLUME, "gz")
    finally:
        os.environ["PATH"] = path


def test_a_pigz_that_fails_is_an_error(pigz: None, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pigz").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ArchiveError):
        packed(VOLUME, "gz")
