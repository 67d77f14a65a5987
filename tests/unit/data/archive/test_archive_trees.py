"""What goes into an archive comes out of it: random trees, by the system's own tar (T13)."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockcli.data.archive import extract, scan, verify
from tests.unit.data.archive.made import copied, gnu_tar, listing, packed, unpacked_by_tar

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners and devices need root")

NAMES = st.one_of(
    st.binary(min_size=1, max_size=12),
    st.sampled_from([b"-rf", b"a\nb", b" ", b"n" * 255, b"\xff\xfe", "é".encode(), b"%3D", b"a=b"]),
).filter(lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b".."))
DATA = st.one_of(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"x" * 511, b"x" * 512, b"x" * 513, bytes(3 << 20), b"y" * (1 << 20)]),
)
NODE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["file", "folder", "symlink", "hardlink", "fifo", "sparse"]),
        "name": NAMES,
        "data": DATA,
        "target": NAMES,
        "below": st.integers(0, 9),
        "mode": st.integers(0, 0o7777),
        "uid": st.sampled_from([0, 1000, 65534, 2_000_000, 4_000_000_000]),
        "gid": st.sampled_from([0, 33, 4_000_000_000]),
        "mtime": st.sampled_from([0, 1, 10**9, 1_700_000_000_123_456_789, -1, -1_500_000_000]),
        "xattrs": st.dictionaries(
            st.sampled_from(["user.a", "user.a=b", "user.%3D", "user.é"]),
            st.binary(max_size=40),
            max_size=2,
        ),
    }
)


def build(root: Path, nodes: list[dict[str, Any]]) -> None:
    """Make *nodes* below *root*, where they can be; then give them what a later one would spoil."""
    folders, files, made = [os.fsencode(root)], [], []
    for node in nodes:
        path = os.path.join(folders[node["below"] % len(folders)], node["name"])
        try:
            if node["kind"] == "folder":
                os.mkdir(path)
                folders.append(path)
            elif node["kind"] == "symlink":
                os.symlink(node["target"], path)
            elif node["kind"] == "fifo":
                os.mkfifo(path)
            elif node["kind"] == "hardlink":
                os.link(files[-1], path, follow_symlinks=False)
                continue
            else:
                with open(path, "xb") as file:
                    if node["kind"] == "sparse":
                        file.seek(node["uid"] % 7 * 300_000)
                    file.write(node["data"])
                    if node["kind"] == "sparse":
                        file.truncate(file.tell() + node["gid"] % 5 * 300_000)
                files.append(path)
        except (FileExistsError, IndexError, OSError):
            continue
        made.append((path, node))
    for path, node in reversed(made):
        os.chown(path, node["uid"], node["gid"], follow_symlinks=False)
        if node["kind"] in ("file", "sparse", "folder"):
            for name, value in node["xattrs"].items():
                os.setxattr(path, name, value)
        if node["kind"] != "symlink":
            os.chmod(path, node["mode"])
        os.utime(path, ns=(0, node["mtime"]), follow_symlinks=False)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(nodes=st.lists(NODE, max_size=8), compression=st.sampled_from(["none", "gz", "zst"]))
def test_a_tree_comes_back_as_it_was(nodes: list[dict[str, Any]], compression: str) -> None:
    root = Path(tempfile.mkdtemp(prefix="dockcli-test-"))
    try:
        (before := root / "before").mkdir()
        (after := root / "after").mkdir()
        build(before, nodes)
        tar = gnu_tar(before)
        archive = packed(tar, compression, level=1)
        about, again = copied(archive)
        assert copied(archive, known=about) == (about, again)
        unpacked_by_tar(again, after)
        assert listing(after) == listing(before)
        assert about == verify(io.BytesIO(archive))
        assert tuple(scan(io.BytesIO(gnu_tar(after)), trusted=True)) == about.entries
        straight = root / "straight"  # plain tar reads the archive itself, our members beside
        straight.mkdir()
        if compression == "none" and ".dockcli-archive" not in about.by_name():
            unpacked_by_tar(archive, straight)
            shutil.rmtree(straight / ".dockcli-archive")
            theirs, ours = listing(straight), listing(before)
            assert theirs.keys() == ours.keys()
    finally:
        shutil.rmtree(root)


def test_what_an_entry_says_is_what_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "file"
    with file.open("wb") as opened:
        opened.seek(5 << 20)
        opened.write(b"data")
    os.chown(file, 12, 34)
    file.chmod(0o4711)
    os.setxattr(file, "user.a=b", b"\0\xff\n")
    os.utime(file, ns=(0, 1_234_567_890_987_654_321))
    os.link(file, tmp_path / "folder" / "other")
    os.mknod(tmp_path / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    archive = packed(gnu_tar(tmp_path), changed=["folder/file"], skipped=["a\udcffb"])
    about = verify(io.BytesIO(archive), trust=True)
    entries = about.by_name()
    entry = entries["folder/file"]
    assert (entry.kind, entry.mode, entry.uid, entry.gid) == ("file", 0o4711, 12, 34)
    assert (entry.size, entry.mtime) == ((5 << 20) + 4, 1_234_567_890_987_654_321)
    assert entry.xattrs == {"user.a=b": b"\0\xff\n"}
    assert entry.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    link = entries["folder/other"]
    assert (link.kind, link.target, link.size, link.sha256) == ("hardlink", "folder/file", 0, "")
    assert (entries["null"].kind, entries["null"].device) == ("char", (1, 3))
    assert about.entries[0].name == ""
    assert (about.changed, about.skipped) == (("folder/file",), ("a\udcffb",))
    assert about.bytes == entry.size


@pytest.mark.parametrize("name", ["folder/file", "./folder/file", "folder/other"])
@pytest.mark.parametrize("by_path", [True, False])
def test_one_file_is_taken_out(tmp_path: Path, name: str, by_path: bool) -> None:
    (tree := tmp_path / "tree" / "folder").mkdir(parents=True)
    with (tree / "file").open("wb") as opened:
        opened.write(b"begin")
        opened.seek(3 << 20)
        opened.write(b"data")
        opened.truncate(5 << 20)
    os.link(tree / "file", tree / "other")
    (tmp_path / "a.tar.gz").write_bytes(packed(gnu_tar(tree.parent), "gz"))
    out = io.BytesIO()
    with (tmp_path / "a.tar.gz").open("rb") as file:
        entry = extract(tmp_path / "a.tar.gz" if by_path else file, name, out)
    assert out.getvalue() == (tree / "file").read_bytes()
    assert (entry.name, entry.size) == ("folder/file", 5 << 20)
