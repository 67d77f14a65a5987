"""Random trees of files, made by the system's own calls, and what they are, told by the same.

An oracle of its own: nothing of dockcli is used here.
"""

from __future__ import annotations

import hashlib
import os
import random
import stat
from typing import Any

_ODD = [
    b"a b",
    b"-rf",
    b"--",
    b"new\nline",
    b"\xff\xfe",
    "볼륨".encode(),
    b"q'u\"o",
    b"$(id)",
    b"*",
]
_ODD += [b"back\\slash", b"tab\there", b".hidden", b"x" * 255, b"\x01", b"~", b"a:b,c=d", b" "]


def build(root: bytes, seed: int, *, entries: int = 25, big: bool = False) -> None:
    """A tree below *root*, which is there; the same for the same *seed*. Needs root."""
    chance = random.Random(seed)
    folders, files = [root], []
    for number in range(entries):
        name = chance.choice([*_ODD, f"f{number}".encode()]) + (
            b"" if chance.random() < 0.5 else b"%d" % number
        )
        path = os.path.join(chance.choice(folders), name[:255])
        if os.path.lexists(path):
            continue
        kind = chance.choice(
            ["file"] * 5 + ["folder"] * 3 + ["symlink", "symlink", "hardlink", "fifo", "sparse"]
        )
        if kind == "folder":
            os.mkdir(path)
            folders.append(path)
        elif kind == "symlink":
            os.symlink(
                chance.choice([b"missing", b".", b"/etc/passwd", b"../" * 5, path, b"\xff"]), path
            )
        elif kind == "hardlink" and files:
            os.link(chance.choice(files), path)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "sparse":
            with open(path, "wb") as file:
                for _ in range(chance.randrange(3)):
                    file.seek(chance.randrange(1 << 20))
                    file.write(chance.randbytes(chance.randrange(1, 5000)))
                file.truncate(chance.randrange(1 << 21))
            files.append(path)
        else:
            limit = 10 << 20 if big and chance.random() < 0.2 else 70_000
            size = chance.choice([0, 1, 511, 512, 513, 4096, chance.randrange(limit)])
            with open(path, "wb") as file:
                file.write(chance.randbytes(size))
            files.append(path)
    _dress(root, chance)


def _dress(root: bytes, chance: random.Random) -> None:
    for folder, names, others in os.walk(root, topdown=False):
        for name in sorted([*names, *others]):
            _attributes(os.path.join(folder, name), chance)
    _attributes(root, chance)


def _attributes(path: bytes, chance: random.Random) -> None:
    link = os.path.islink(path)
    os.lchown(path, chance.choice([0, 33, 1000, 70000]), chance.choice([0, 33, 1000, 2**31]))
    if not link:
        if os.path.isfile(path) and chance.random() < 0.3:
            os.setxattr(path, b"user.note", chance.randbytes(chance.randrange(1, 300)))
        os.chmod(
            path,
            chance.choice([0o755, 0o644, 0, 0o7777, 0o4755, 0o2775, chance.randrange(0o10000)]),
        )
    when = chance.randrange(0, 2_000_000_000) * 10**9 + chance.randrange(10**9)
    os.utime(path, ns=(when, when), follow_symlinks=False)


def manifest(root: bytes) -> dict[bytes, Any]:
    """All that is to be the same in a copy, by path; "." is the root."""
    found: dict[bytes, Any] = {}
    first: dict[tuple[int, int], bytes] = {}
    paths = [root]
    for folder, names, others in os.walk(root):
        paths += [os.path.join(folder, name) for name in [*names, *others]]
    for path in sorted(paths):
        status = os.lstat(path)
        name = os.path.relpath(path, root)
        about: dict[str, Any] = {
            "mode": oct(status.st_mode),
            "owner": (status.st_uid, status.st_gid),
            "mtime": status.st_mtime_ns,
        }
        if stat.S_ISLNK(status.st_mode):
            about["target"] = os.readlink(path)
        else:
            about["xattrs"] = {x: os.getxattr(path, x) for x in sorted(os.listxattr(path))}
        if stat.S_ISREG(status.st_mode):
            with open(path, "rb") as file:
                about["sha256"] = hashlib.sha256(file.read()).hexdigest()
            about["links"] = first.setdefault((status.st_dev, status.st_ino), name)
        found[name] = about
    return found
