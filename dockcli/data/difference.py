"""The difference of two trees: of two volumes, or of a volume and an archive."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dockcli.data.entry import Entry, Manifest
from dockcli.errors import InvalidArgument

LOSSES = ("xattrs", "nanoseconds", "setuid", "root", "sparse")
"""What a way of copying may lose, and `compare` can be told to leave out of account."""

_SECOND = 1_000_000_000
_SET_ID = 0o6000
_EPOCH = datetime(1970, 1, 1)  # UTC, said by a Z


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is different of one entry.

    ``what`` is ``kind``, ``content`` (the SHA-256 of a file), ``size`` (bytes), ``mode`` (the
    permission bits), ``owner`` (uid, gid), ``time`` (nanoseconds since 1970), ``target`` (of a
    symlink), ``device`` (major, minor), ``xattrs`` (bytes by name) or ``links`` (the other names
    of the same file).
    """

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """A name that is in both trees, and stands for something else; "" is the root."""

    name: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second tree has and the first has not, the reverse, and what changed, by name."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Change, ...]

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.changed)

    def as_json(self) -> dict[str, Any]:
        """What a command line prints of it with ``--json``.

        A mode is octal text, an owner ``uid:gid``, a time ISO 8601 with all nine digits, a value
        of an xattr base64. Bytes of a name that are no UTF-8 are lone surrogates.
        """
        return {
            "same": self.same,
            "added": [entry.name for entry in self.added],
            "removed": [entry.name for entry in self.removed],
            "changed": [
                {
                    "name": change.name,
                    "attributes": {
                        one.what: [_plain(one.what, one.before), _plain(one.what, one.after)]
                        for one in change.attributes
                    },
                }
                for change in self.changed
            ],
        }

    def lines(self) -> list[str]:
        """For people, by name: ``+ new``, ``- gone``, ``~ other: mode 644 -> 600, content``.

        A name that a terminal would obey, or that could be read another way, is quoted as in C.
        """
        said = [(entry.name, f"+ {shown(entry.name)}") for entry in self.added]
        said += [(entry.name, f"- {shown(entry.name)}") for entry in self.removed]
        for change in self.changed:
            words = ", ".join(map(_words, change.attributes))
            said.append((change.name, f"~ {shown(change.name)}: {words}"))
        return [line for _, line in sorted(said)]


def compare(
    a: Manifest, b: Manifest, *, times: bool = True, ignoring: Collection[str] = ()
) -> Difference:
    """What must happen to *a* to be *b*.

    The order of entries makes no difference, nor which name of a file comes first. A name that one
    has and the other has not is told alone, not as another link of the names that stay. Where one
    tree does not say what it has (the root, a folder above its entries, a file's hash), nothing is
    compared. *ignoring* has words of `LOSSES`; ``sparse`` is among them for the sake of those who
    pass on what was lost: holes are zeros here. ``times=False`` leaves out the times.

    Raises InvalidArgument for a word that is not in `LOSSES`.
    """
    for word in ignoring:
        if word not in LOSSES:
            raise InvalidArgument(f"ignoring={word!r}: known are {', '.join(LOSSES)}")
    left = set(ignoring) if times else {*ignoring, "times"}
    before, after = _Tree(a), _Tree(b)
    both = before.entries.keys() & after.entries.keys()
    links = _Links(before, after, both)
    changed = [
        Change(name, attributes)
        for name in sorted(both)
        if (name or "root" not in left)
        and (
            attributes := (
                *_attributes(before.entries[name], after.entries[name], left),
                *links.of(name),
            )
        )
    ]
    return Difference(*_alone(before, after, changed), tuple(sorted(changed, key=_name)))


class _Tree:
    """A manifest, each hard link with what it stands for."""

    def __init__(self, manifest: Manifest) -> None:
        self.named = manifest.by_name()
        self.entries: dict[str, Entry] = {}
        self.groups: dict[str, set[str]] = {}
        for name, entry in self.named.items():
            self.entries[name] = first = _first(entry, self.named)
            if first.name != name:
                group = self.groups.setdefault(first.name, {first.name})
                group.add(name)
                self.groups[name] = group
        self.above = {parent for name in self.named for parent in _parents(name)}


class _Links:
    """The groups of names of one file in each tree, of the names that both have."""

    def __init__(self, before: _Tree, after: _Tree, both: Collection[str]) -> None:
        known: dict[frozenset[str], frozenset[str]] = {}
        self._groups: list[dict[str, frozenset[str]]] = []
        for tree in (before, after):
            groups: dict[str, frozenset[str]] = {}
            for name in tree.groups:
                if name in both and name not in groups:
                    group = frozenset(tree.groups[name]).intersection(both)
                    # Equal groups are one object: a file of many names is not compared for each.
                    groups.update(dict.fromkeys(group, known.setdefault(group, group)))
            self._groups.append(groups)

    def of(self, name: str) -> Iterator[Attribute]:
        alone = frozenset((name,))
        was, now = (groups.get(name, alone) for groups in self._groups)
        if was is not now and was != now:
            yield Attribute("links", *(tuple(sorted(group - alone)) for group in (was, now)))


def _first(entry: Entry, named: dict[str, Entry]) -> Entry:
    """What a hard link stands for; a link that leads to nothing stands for itself."""
    seen = {entry.name}
    one = entry
    while one.kind == "hardlink":
        following = named.get(one.target)
        if following is None or following.name in seen:
            return entry
        seen.add(following.name)
        one = following
    return one


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _alone(
    before: _Tree, after: _Tree, changed: list[Change]
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What only one tree has. A folder that the other implies is in both, whatever it is like."""
    found: list[tuple[Entry, ...]] = []
    for tree, other in ((after, before), (before, after)):
        alone = []
        for name in sorted(tree.entries.keys() - other.entries.keys() - {""}):
            kind = tree.entries[name].kind
            if name not in other.above:
                alone.append(tree.named[name])
            elif kind != "folder":
                kinds = ("folder", kind) if tree is after else (kind, "folder")
                changed.append(Change(name, (Attribute("kind", *kinds),)))
        found.append(tuple(alone))
    return found[0], found[1]


def _name(change: Change) -> str:
    return change.name


def _attributes(was: Entry, now: Entry, left: Collection[str]) -> Iterator[Attribute]:
    before, after = _aspects(was, left), _aspects(now, left)
    for what in before:
        if what in after and before[what] != after[what]:
            yield Attribute(what, before[what], after[what])


def _aspects(entry: Entry, left: Collection[str]) -> dict[str, Any]:
    """All that makes a difference of it, in the order in which it is told."""
    aspects: dict[str, Any] = {"kind": entry.kind}
    if entry.kind in ("symlink", "hardlink"):
        aspects["target"] = entry.target
    else:  # a link has no mode of its own
        aspects["mode"] = entry.mode & ~_SET_ID if "setuid" in left else entry.mode
    if entry.kind in ("char", "block"):
        aspects["device"] = entry.device
    aspects["owner"] = (entry.uid, entry.gid)
    if entry.kind == "file":
        aspects["size"] = entry.size
        if entry.sha256:
            aspects["content"] = entry.sha256
    if "times" not in left:
        aspects["time"] = entry.mtime // _SECOND * _SECOND if "nanoseconds" in left else entry.mtime
    if "xattrs" not in left:
        aspects["xattrs"] = dict(entry.xattrs)
    return aspects


# --- as words


def shown(name: str) -> str:
    r"""A name in a line of text: as it is, or quoted as in C; the root is ``.``.

    Bytes that are no UTF-8 are shown as such: ``"\xff"``.
    """
    if not name:
        return "."
    if name.isprintable() and name == name.strip() and not set(name) & set("\\\"',:>"):
        return name
    return f'"{"".join(map(_escaped, name))}"'


def _escaped(letter: str) -> str:
    if letter in '\\"':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    if 0xDC80 <= ord(letter) <= 0xDCFF:  # a byte, as `os.fsdecode` makes it
        return f"\\x{ord(letter) - 0xDC00:02x}"
    if 0x80 <= ord(letter) <= 0xFF:  # a letter, not that byte
        return f"\\u{ord(letter):04x}"
    return letter.encode("unicode_escape", "surrogatepass").decode()


def _words(one: Attribute) -> str:
    if one.what == "content":
        return "content"
    if one.what == "xattrs":
        return f"xattrs {_xattrs(one.before, one.after)}"
    before, after = (_plain(one.what, value) for value in (one.before, one.after))
    if one.what == "links":
        before, after = (" = ".join(map(shown, names)) or "none" for names in (before, after))
    if one.what == "target":
        before, after = shown(before), shown(after)
    return f"{one.what} {before} -> {after}"


def _xattrs(before: dict[str, bytes], after: dict[str, bytes]) -> str:
    def sign(name: str) -> str:
        return "+" if name not in before else "-" if name not in after else "~"

    names = sorted(before.keys() | after.keys())
    return " ".join(f"{sign(n)}{shown(n)}" for n in names if before.get(n) != after.get(n))


def _plain(what: str, value: Any) -> Any:
    """A value as JSON has it."""
    if what == "mode":
        return f"{value:o}"
    if what in ("owner", "device"):
        return None if value is None else f"{value[0]}:{value[1]}"
    if what == "time":
        return _time(value)
    if what == "xattrs":
        return {name: base64.b64encode(data).decode() for name, data in sorted(value.items())}
    return list(value) if what == "links" else value


def _time(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, _SECOND)
    try:
        return f"{(_EPOCH + timedelta(seconds=seconds)).isoformat()}.{rest:09d}Z"
    except OverflowError:  # no calendar goes so far; `date` takes it
        return f"@{seconds}.{rest:09d}"
