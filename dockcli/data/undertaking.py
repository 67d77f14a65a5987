"""What is undertaken with a user's data is written down before it is begun, so that whatever ends
it, it is finished or undone: at once after an error, else by the next command.

A record is a file in the state folder. Its owner's death, or its own word that it was given up, is
what lets others take it over.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli import state
from dockcli.child import to_the_end
from dockcli.errors import DockcliError, Refused
from dockcli.owner import Owner, current, remove_dead_folders

if TYPE_CHECKING:
    from dockcli.client import Docker

RECOVERY = {
    "arrival": "dockcli.data.arrival",
    "backup": "dockcli.data.backup",
    "rescue": "dockcli.data.rescue",
    "users": "dockcli.data.users",
}
"""Where each kind of undertaking is recovered: a module's ``recover(client, facts) -> str``, which
may be called again and again, and says what it has done."""

_REACHES = ("DOCKER_", "CONTAINER", "XDG_RUNTIME_DIR")  # what of an environment says which engine


class Unfinished(NamedTuple):
    """An undertaking that has not ended: its kind, what is known of it, and whether it still goes
    on."""

    kind: str
    facts: Mapping[str, Any]
    runs: bool


class Record:
    """A record that is open. What `note` adds is on the disk before the step that it is about."""

    def __init__(self, path: str, client: Docker, kind: str, facts: Mapping[str, Any]) -> None:
        self.path, self.kind, self.facts = path, kind, dict(facts)
        self._about = {"owner": str(current()), "kind": kind, "client": _arguments(client)}

    def note(self, **facts: Any) -> None:
        """Add *facts*, which JSON can hold."""
        self.facts.update(facts)
        self.write()

    def write(self, *, given_up: bool = False) -> None:
        """Put the record on the disk as a whole."""
        data = json.dumps({**self._about, "given_up": given_up, "facts": self.facts}).encode()
        beside = f"{self.path}.new"
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)
        sync_folder(os.path.dirname(self.path))


@contextmanager
def begin(client: Docker, kind: str, **facts: Any) -> Iterator[Record]:
    """An undertaking of that *kind*: left by an exception it is undone or finished, by the kind's
    own recovery; where that fails too, the record stays for the next command."""
    path = os.path.join(_folder(), f"{kind}-{os.urandom(8).hex()}.json")
    record = Record(path, client, kind, facts)
    try:
        state.make_folder(_folder())
        record.write()
    except OSError as error:
        raise Refused(
            f"{_folder()}: {error.strerror}. What is begun with a volume is written down there "
            "first: set XDG_STATE_HOME to a folder that can be written"
        ) from None
    try:
        yield record
    except BaseException:
        record.write(given_up=True)
        _recover(client, record)
        raise
    os.unlink(path)


def _recover(client: Docker, record: Record) -> None:
    """Undo or finish it at once. The caller gets the first error, not that of this."""
    try:
        with to_the_end():  # a task that was cancelled leaves nothing paused
            _recovery(record.kind)(client, record.facts)
    except (DockcliError, OSError) as error:
        logging.getLogger("dockcli").warning(
            "%s of %s: %s; the next dockcli command, or `dockcli clean`, tries again",
            record.kind,
            subject(record.facts),
            error,
        )
    else:
        os.unlink(record.path)


def recover_all() -> tuple[list[str], list[str]]:
    """Finish or undo what dead processes have left: what was done, and what could not be."""
    done, problems = [], []
    for path, held in _records():
        owner = Owner.parse(str(held.get("owner", "")))
        if not held.get("given_up") and not (owner is not None and owner.is_dead()):
            continue
        with _taken(path) as mine:
            if not mine:
                continue
            try:
                said = _recovery(held["kind"])(_client(held["client"]), held["facts"])
            except (DockcliError, OSError) as error:
                problems.append(f"{held['kind']} of {subject(held['facts'])}: {error}")
                continue
            done.append(said)
            os.unlink(path)
    if done:
        remove_dead_folders()
    return done, problems


def unfinished() -> list[Unfinished]:
    """All undertakings that have not ended, those that still go on included."""
    found = []
    for _, held in _records():
        owner = Owner.parse(str(held.get("owner", "")))
        runs = not held.get("given_up") and not (owner is not None and owner.is_dead())
        found.append(Unfinished(held["kind"], held["facts"], runs))
    return found


def sync_folder(path: str) -> None:
    """Have the names in a folder on the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _folder() -> str:
    return os.path.join(state.state_folder(), "undertakings")


def _recovery(kind: str) -> Any:
    return importlib.import_module(RECOVERY[kind]).recover


def _records() -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        names = sorted(os.listdir(_folder()))
    except FileNotFoundError:
        return
    for name in names:
        if name.endswith(".json"):
            path = os.path.join(_folder(), name)
            # gone: its owner has just ended it. Not ours to read: another version's, which stays.
            with suppress(OSError, ValueError):
                with open(path, "rb") as file:
                    held = json.loads(file.read())
                if isinstance(held, dict) and str(held.get("kind")) in RECOVERY:
                    yield path, held


@contextmanager
def _taken(path: str) -> Iterator[bool]:
    """Whether this process alone has the record now, and it is still there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        mine = False
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.path.exists(path)
        yield mine
    finally:
        os.close(descriptor)


def subject(facts: Mapping[str, Any]) -> str:
    """The name of what an undertaking is about."""
    return str(facts.get("volume") or facts.get("container") or "an unknown volume")


def _arguments(client: Docker) -> dict[str, Any]:
    """What another process needs to make the same client. Its runner stays behind."""
    reaches = {name: text for name, text in client.env.items() if name.startswith(_REACHES)}
    given = {**client.arguments(), "env": reaches, "labels": {}, "runner": None}
    return {name: os.fspath(v) if isinstance(v, os.PathLike) else v for name, v in given.items()}


def _client(arguments: Mapping[str, Any]) -> Docker:
    from dockcli.client import Docker

    return Docker(**arguments)
