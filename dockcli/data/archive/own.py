"""The members of an archive that are dockcli's own: what they hold, and how that is written."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any, cast

from dockcli.data.archive import headers
from dockcli.data.archive.codec import Packed
from dockcli.data.archive.errors import DamagedArchive, NewerArchive
from dockcli.data.archive.vet import OURS
from dockcli.data.entry import Description, Entry, Manifest

FORMAT = 1
VOLUME, MANIFEST, SUM = (f"{OURS}/{name}" for name in ("volume.json", "manifest.jsonl", "sum.json"))
LONGEST_VOLUME, LONGEST_LINE = 16 << 20, 64 << 20  # bytes that a reader takes in at once
_DEFAULTS = Entry("", "file")
_FIELDS = tuple(field.name for field in fields(Entry))


def head(name: str, size: int) -> bytes:
    """The header of a member of ours: always the same for the same size."""
    return headers.block(name.encode(), b"0", size=size, mode=0o600)


def member(name: str, data: bytes) -> bytes:
    """A whole member of ours."""
    return head(name, len(data)) + data + bytes(headers.padding(len(data)))


def volume_json(description: Description) -> bytes:
    """The format's number and *description*, as JSON."""
    about = {name: getattr(description, name) for name in _of(Description)}
    about["labels"], about["options"] = dict(description.labels), dict(description.options)
    about["made"] = description.made.isoformat() if description.made else None
    return _json({"format": FORMAT, **about})


def read_volume_json(data: bytes) -> Description:
    """Raises NewerArchive and DamagedArchive."""
    about = _object(data)
    format = about.pop("format", None)
    if isinstance(format, int) and format > FORMAT:
        raise NewerArchive(format)
    made = about.pop("made", None)
    texts = (about.get("volume"), about.get("driver", ""), about.get("dockcli", ""))
    tables = (about.get("labels", {}), about.get("options", {}))
    try:
        if format != FORMAT or not all(isinstance(one, str) for one in texts):
            raise TypeError
        if not all(isinstance(one, str) for table in tables for one in (*table, *table.values())):
            raise TypeError
        return Description(**about, made=datetime.fromisoformat(made) if made else None)
    except (TypeError, ValueError, AttributeError):
        raise DamagedArchive("what the archive says of its volume cannot be read") from None


def manifest_lines(manifest: Manifest) -> Iterator[bytes]:
    """A line on the whole, and one for each entry."""
    yield (
        _json(
            {
                "changed": list(manifest.changed),
                "skipped": list(manifest.skipped),
                "entries": len(manifest.entries),
                "bytes": manifest.bytes,
            }
        )
        + b"\n"
    )
    for entry in manifest.entries:
        yield entry_line(entry) + b"\n"


def entry_line(entry: Entry) -> bytes:
    """An entry as JSON, with what is not as usual."""
    about: dict[str, Any] = {"name": entry.name, "kind": entry.kind}
    for name in _FIELDS[2:]:
        value = getattr(entry, name)
        if value != getattr(_DEFAULTS, name):
            about[name] = value
    if entry.xattrs:
        about["xattrs"] = {
            name: base64.b64encode(value).decode() for name, value in entry.xattrs.items()
        }
    return _json(about)


def read_manifest(lines: Iterable[bytes], entries: list[Entry]) -> tuple[list[str], list[str]]:
    """What changed and what was skipped. Raises DamagedArchive where *entries* are others."""
    line = iter(lines)
    about = _object(next(line, b""))
    changed, skipped = about.get("changed"), about.get("skipped")
    if about.get("entries") != len(entries) or not (_texts(changed) and _texts(skipped)):
        raise DamagedArchive("the archive has not the members that its manifest counts")
    for entry in entries:
        if next(line, b"") != entry_line(entry):
            raise DamagedArchive(f"{entry.name!r} is not as the archive's manifest has it")
    if next(line, None) is not None:
        raise DamagedArchive("the archive's manifest is longer than it says")
    return cast("list[str]", changed), cast("list[str]", skipped)


def tail(sha256: str, packed: Packed | None) -> bytes:
    """The last member and the archive's end."""
    about: dict[str, Any] = {"sha256": sha256}
    if packed is not None:
        about["packed"] = {"bytes": packed.bytes, "crc32": f"{packed.crc32:08x}"}
    return member(SUM, _json(about)) + headers.END


def read_packed(data: bytes) -> Packed | None:
    """What the last member says of the packed archive before it. Raises DamagedArchive."""
    packed = _object(data).get("packed")
    if packed is None:
        return None
    try:
        return Packed(int(packed["bytes"]), int(packed["crc32"], 16))
    except (TypeError, KeyError, ValueError):
        raise DamagedArchive("the archive's sum cannot be read") from None


def _of(kind: type[Description]) -> list[str]:
    return [field.name for field in fields(kind)]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise DamagedArchive("a member of dockcli's own cannot be read")
    return value
