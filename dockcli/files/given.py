"""What a caller says of a file, checked before anything runs: its path, mode, owner and time."""

from __future__ import annotations

import os
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from dockcli import argv
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from typing import TypeAlias

    Path: TypeAlias = "str | bytes | os.PathLike[str] | os.PathLike[bytes]"
    Owner: TypeAlias = "tuple[int, int] | str"
    Mtime: TypeAlias = "datetime | float | None"

_NOBODY = 0xFFFFFFFF  # what chown takes for "leave it as it is"


class Meta(NamedTuple):
    """What a file is to be like: permissions, numeric owner and group, seconds since 1970."""

    mode: int
    uid: int
    gid: int
    mtime: float


def path(value: Path, *, file: bool = False) -> str:
    """An absolute path in a container, without what says nothing in it; *file*: one of a file."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise InvalidArgument(f"a path in a container is a text, not {value!r}")
    word = argv.text(value, "a path in a container")
    if not word.startswith("/"):
        raise InvalidArgument(
            f"{word!r} is relative, and a container has no folder that all would mean: "
            "write the path from / on"
        )
    parts = [part for part in word.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise InvalidArgument(
            f"{word!r}: docker leaves out what stands before a `..` without looking whether it is "
            "a link: write the path without"
        )
    if file and (not parts or word.endswith(("/", "/."))):
        raise InvalidArgument(f"{word!r} names a folder, where a file is meant")
    return "/" + "/".join(parts)


def meta(mode: object, owner: object, mtime: object) -> Meta:
    """What is asked for a file. Raises InvalidArgument for what no file can have."""
    if isinstance(mode, bool) or not isinstance(mode, int) or not 0 <= mode <= 0o7777:
        raise InvalidArgument(f"mode= takes permissions from 0 to 0o7777, not {mode!r}")
    return Meta(mode, *_owner(owner), _seconds(mtime))


def _owner(owner: object) -> tuple[int, int]:
    if isinstance(owner, str) and re.fullmatch(r"[0-9]{1,10}:[0-9]{1,10}", owner):
        owner = tuple(map(int, owner.split(":")))
    if isinstance(owner, tuple) and len(owner) == 2:
        uid, gid = owner
        if all(type(one) is int and 0 <= one < _NOBODY for one in (uid, gid)):
            return uid, gid
    raise InvalidArgument(
        f'owner= takes numbers, (1000, 1000) or "1000:1000", not {owner!r}: which number a name '
        "has is written in the container (`docker exec NAME id USER` tells)"
    )


def _seconds(mtime: object) -> float:
    if mtime is None:
        return time.time()
    if isinstance(mtime, datetime):
        return mtime.timestamp()
    if isinstance(mtime, (int, float)) and not isinstance(mtime, bool) and abs(mtime) < 2**40:
        return mtime
    raise InvalidArgument(f"mtime= takes a datetime or seconds since 1970, not {mtime!r}")


def data(value: object) -> bytes | memoryview:
    """The content of a file, without a copy."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return memoryview(value).cast("B")
    raise InvalidArgument(
        f"write_bytes() takes bytes, not {type(value).__name__}: write_text() takes text, and "
        "put_archive() what comes from a file"
    )


def codec(encoding: str, errors: str) -> None:
    """Refuse an *encoding*, or a way to treat *errors*, that Python does not know."""
    import codecs

    try:
        codecs.lookup(encoding)
        codecs.lookup_error(errors)
    except (LookupError, TypeError) as error:
        raise InvalidArgument(f"encoding={encoding!r}, errors={errors!r}: {error}") from None


def encoded(text: object, encoding: str, errors: str) -> bytes:
    """*text* as bytes. Raises InvalidArgument for what *encoding* has no bytes for."""
    codec(encoding, errors)
    if not isinstance(text, str):
        raise InvalidArgument(f"write_text() takes text, not {text!r}: write_bytes() takes bytes")
    try:
        return text.encode(encoding, errors)
    except ValueError as error:
        raise InvalidArgument(f"the text cannot be written as {encoding}: {error}") from None
