"""Archives as the tests of their reader need them."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from dockcli.data.archive import Writer, open_archive
from dockcli.data.entry import Description, Manifest

MADE_BY_HELPER = (
    *("--format=pax", "--sparse", "--xattrs", "--xattrs-include=*", "--numeric-owner"),
    *("--sort=name", "--pax-option=delete=atime,delete=ctime"),
)
END = bytes(1024)


def needs(program: str) -> Any:
    """Skips where *program* is missing, unless this is where nothing may be skipped."""
    missing = shutil.which(program) is None
    required = os.environ.get("DOCKCLI_TEST_ENGINE") == "required"
    return pytest.mark.skipif(missing and not required, reason=f"{program} is not installed")


def gnu_tar(folder: Path, *options: str) -> bytes:
    """*folder* as the helper's tar gives it."""
    words = ["tar", "-C", str(folder), *(options or MADE_BY_HELPER), "-c", "."]
    return subprocess.run(words, check=True, capture_output=True).stdout


def unpacked_by_tar(archive: bytes, folder: Path) -> None:
    words = ["tar", "-C", str(folder), "--xattrs", "--xattrs-include=*", "--numeric-owner", "-xp"]
    words.append("--warning=no-timestamp")  # of a time before 1970
    done = subprocess.run(words, input=archive, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def packed(tar: bytes, compression: str = "none", **more: Any) -> bytes:
    """An archive of ours that holds the volume *tar*."""
    out = more.pop("out", None) or io.BytesIO()
    finishing = {key: more.pop(key) for key in ("changed", "skipped") if key in more}
    with Writer(out, Description("data"), compression=compression, **more) as writer:
        writer.write_from(io.BytesIO(tar))
        writer.finish(**finishing)
    archive: bytes = out.getvalue()
    return archive


def copied(archive: bytes, **options: Any) -> tuple[Manifest, bytes]:
    """What a reader says of *archive*, and the tar that it gives."""
    out = io.BytesIO()
    with open_archive(io.BytesIO(archive)) as reader:
        about = reader.copy_to(out.write, **options)
    return about, out.getvalue()


def member(
    name: str,
    type: bytes = tarfile.REGTYPE,
    data: bytes = b"",
    form: int = tarfile.PAX_FORMAT,
    **more: Any,
) -> bytes:
    """A member, with whatever is said of it."""
    info = tarfile.TarInfo(name)
    info.type, info.size = type, len(data)
    for key, value in more.items():
        setattr(info, key, value)
    head = info.tobuf(form, "utf-8", "surrogateescape")
    return head + data + bytes(-len(data) % 512)


def tar_of(*members: bytes) -> bytes:
    return b"".join(members) + END


def pax(records: Iterable[tuple[bytes, bytes]], type: bytes = b"x") -> bytes:
    """An extended header of its own."""
    body = b""
    for key, value in records:
        bare = len(key) + len(value) + 3
        length = bare + len(str(bare + len(str(bare))))
        body += b"%d %b=%b\n" % (length, key, value)
    return member("header", type, body, tarfile.USTAR_FORMAT)


def with_checksum(header: bytes) -> bytes:
    """A header that was patched, in order again."""
    blank = header[:148] + b" " * 8 + header[156:512]
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:] + header[512:]


def listing(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """All that there is to see of a tree."""
    root = os.fsencode(folder)
    found, first = {}, {}
    for where, folders, files in os.walk(root):
        for name in [b"", *folders, *files] if where == root else [*folders, *files]:
            path = os.path.join(where, name) if name else where
            seen = os.lstat(path)
            kind = stat.S_IFMT(seen.st_mode)
            holds: object = None
            if kind == stat.S_IFREG:
                holds = Path(os.fsdecode(path)).read_bytes()
            elif kind == stat.S_IFLNK:
                holds = os.readlink(path)
            xattrs = {
                one: os.getxattr(path, one, follow_symlinks=False)
                for one in os.listxattr(path, follow_symlinks=False)
                if not one.startswith("security.selinux")
            }
            relative = os.path.relpath(path, root)
            same_as = first.setdefault(seen.st_ino, relative) if kind != stat.S_IFDIR else relative
            found[relative] = (
                *(kind, stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid, seen.st_mtime_ns),
                *(seen.st_rdev, holds, xattrs, same_as),
            )
    return found
