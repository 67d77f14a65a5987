"""Something arrives in a volume: unpacked beside what is there, compared with what was sent, and
only then put in its place. A volume that was not there before is made, and goes if it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dockcli.data import undertaking
from dockcli.data.errors import Differs, OptionsLead, VolumeExists
from dockcli.data.helper.container import OWNER_LABEL, end_left, reclaim_helpers
from dockcli.data.helper.errors import NothingStaged, VolumeUnfinished
from dockcli.data.users import quiet, refuse_running
from dockcli.errors import NoSuchVolume
from dockcli.meter import is_podman
from dockcli.scope import MARKS, end_orphans

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.entry import Manifest
    from dockcli.data.helper import Reading, Usage, Way
    from dockcli.data.progress import Meter, VolumeProgress
    from dockcli.models.volume import VolumeInspect

_LATE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Target:
    """Where something is to arrive: a volume that is overwritten, or made as this says."""

    volume: str
    overwrite: bool = False
    stop: bool = False
    image: str | None = None
    driver: str = "local"
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


def there(client: Docker, volume: str) -> VolumeInspect | None:
    """The volume, if there is one of that name; podman takes the beginning of a name for it too."""
    try:
        found = client.volume.inspect(volume)
    except NoSuchVolume:
        return None
    return found if found.name == volume else None


def settle(client: Docker, *volumes: str) -> None:
    """Finish or undo what was left of earlier undertakings, and end helpers that wait for a process
    which is dead; raise VolumeUnfinished where that of one of *volumes* fails or still goes on."""
    _, problems = undertaking.recover_all()
    reclaim_helpers(client)
    for one in undertaking.unfinished():
        volume = one.facts.get("volume")
        if one.kind == "arrival" and volume in volumes:
            reason = "; ".join(problems) or "another dockcli is at work in it"
            raise VolumeUnfinished(str(volume), reason)


def refuse(client: Docker, target: Target) -> bool:
    """Whether *target* is yet to be made. Raises VolumeExists or VolumeInUse where it is there and
    may not be written to."""
    if there(client, target.volume) is None:
        return True
    if not target.overwrite:
        raise VolumeExists(target.volume)
    if not target.stop:
        refuse_running(client, target.volume)
    return False


def arrive(
    client: Docker,
    target: Target,
    way: Way,
    fill: Callable[[Usage], None],
    check: Callable[[], None],
) -> tuple[str, ...]:
    """Have *fill* stage what is to be in the volume and *check* compare it, then put it in place.
    *fill* is told what is in the volume before, and what room it has.

    The names of the containers that were stopped for it. Whatever fails: the volume is as it was,
    or was not there and is not. Raises VolumeExists, VolumeInUse, CannotBeStopped before anything
    is done.
    """
    volume, new = target.volume, refuse(client, target)
    with quiet(client, volume, stop=target.stop and not new) as stopped:
        facts = {"volume": volume, "new": new, "way": way.name, "image": target.image}
        with undertaking.begin(client, "arrival", **facts, step="stage") as record:
            if new:
                _create(client, target)
                record.note(created=True)
            usage = way.usage(volume)
            if new and not usage.empty:
                record.note(new=False)  # it must not be emptied
                if device := target.options.get("device"):
                    client.volume.rm(volume)  # which leaves alone what is in its device
                    raise OptionsLead(volume, device)
                raise VolumeExists(volume)  # made by another, meanwhile
            fill(usage)
            check()
            record.note(step="commit")
            way.commit(volume)
    return stopped


def recover(client: Docker, facts: Mapping[str, Any]) -> str:
    """Put what had been found right in its place; take away what had not."""
    from dockcli.data.helper import way_for

    volume = facts["volume"]
    if _made_late(client, volume, facts) is None:
        return f"the volume {volume} was not made yet"
    end_orphans(client, OWNER_LABEL)  # one whose helper is not there yet would do the same again
    end_left(client, volume)
    way = way_for(client, image=facts["image"], wanted=facts["way"])
    if facts["step"] == "commit":
        with suppress(NothingStaged):  # its helper had come to its end without us
            way.commit(volume)
        return f"what was to be in the volume {volume} is in its place"
    if facts["new"] and _is_ours(way, volume, facts):
        client.volume.rm(volume)
        return f"the volume {volume} was only half filled, and is removed"
    way.roll_back(volume)
    return f"the volume {volume} is as it was"


def _create(client: Docker, target: Target) -> None:
    client.volume.create(
        target.volume,
        driver=target.driver,
        label=_words(client, target.labels),
        opt=dict(target.options),
    )


def _words(client: Docker, labels: Mapping[str, str]) -> list[str]:
    """Labels as the flag takes them: podman reads each as a line of comma-separated values."""
    # A volume that was made for a time is the model here, not who made that, nor for how long.
    words = [f"{name}={value}" for name, value in labels.items() if name not in MARKS]
    if not is_podman(client.binary):
        return words
    return [f'"{word}"' for word in (word.replace('"', '""') for word in words)]


def _made_late(client: Docker, volume: str, facts: Mapping[str, Any]) -> VolumeInspect | None:
    """The volume; one that was just being made may still come, for docker outlives its caller."""
    found = there(client, volume)
    until = time.monotonic() + _LATE
    while found is None and facts["new"] and "created" not in facts and time.monotonic() < until:
        time.sleep(_LATE / 5)
        found = there(client, volume)
    return found


def _is_ours(way: Way, volume: str, facts: Mapping[str, Any]) -> bool:
    """Whether it is the volume that the undertaking made, not one that came since: it holds what
    was staged, or nothing. docker cp stages nothing, it writes."""
    if way.name == "cp" and facts.get("created"):
        return True
    return way.state(volume) != "clean" or way.usage(volume).empty


def metered(
    told: Callable[[VolumeProgress], None] | None, total: Callable[[], int | None]
) -> Meter | None:
    """What counts bytes for *told*, if anybody wants to know; only then *total* is asked."""
    if told is None:
        return None
    from dockcli.data.progress import Meter

    return Meter(total(), told)


def read(reading: Reading) -> Manifest:
    """What *reading* holds, without keeping any of it."""
    from dockcli.data.archive import scan
    from dockcli.data.entry import Manifest

    entries = tuple(scan(reading.stream, trusted=True))
    changed, skipped = reading.finish()
    return Manifest(entries, changed=changed, skipped=skipped)


def must_equal(volume: str, sent: Manifest, way: Way) -> None:
    """Compare what was staged with what was sent. Raises Differs."""
    from dockcli.data.difference import compare

    with way.read_staged(volume) as reading:
        arrived = read(reading)
    ignoring = () if way.name == "helper" else ("xattrs", "nanoseconds", "setuid", "root", "sparse")
    found = compare(sent, arrived, ignoring=ignoring)
    if not found.same:
        raise Differs(volume, found.lines())
