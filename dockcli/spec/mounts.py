"""What in a ``--mount`` not every docker knows: an engine that is too old leaves it out silently.

Source: https://docs.docker.com/reference/api/engine/version-history/ and ``opts/mount.go`` of
https://github.com/docker/cli in its releases.
"""

from __future__ import annotations

from dockcli import spec

# The engine API that knows it, and the first docker client that does.
_SINCE = {
    "type=image": ("1.48", (28, 0)),
    "image-subpath": ("1.48", (28, 0)),
    "volume-subpath": ("1.45", (26, 0)),
    "bind-recursive=writable": ("1.44", (25, 0)),
    "bind-recursive=readonly": ("1.44", (25, 0)),
    "bind-recursive=disabled": ("1.40", (25, 0)),
    "bind-create-src": ("1.42", (29, 3)),
}


def needs(mount: str) -> list[spec.Flag]:
    """What the text of a ``--mount`` asks for beyond the flag, each as if it were one."""
    read = fields(mount)
    asked = {*read, *(f"{key}={value.lower()}" for key, value in read.items())}
    return [_flag(what) for what in _SINCE if what in asked]


def fields(mount: str) -> dict[str, str]:
    """The fields of a ``--mount``, as docker reads them; it refuses itself what is none."""
    import csv

    try:
        (row,) = csv.reader([mount], strict=True)
    except (ValueError, csv.Error):
        return {}
    pairs = (field.partition("=") for field in row)
    return {key.lower(): value for key, _, value in pairs}


def _flag(what: str) -> spec.Flag:
    api, first = _SINCE[what]
    having = [one for one in spec.versions() if spec.release(one) >= first]
    return spec.Flag(f"mount {what}", "", None, tuple(having), api=api)
