"""``docker volume``: create, ls, inspect, rm, prune, update."""

from __future__ import annotations

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, lines, nothing, remaining
from dockcli.commands.group import Mode, Verb, at_least_one, verb
from dockcli.commands.names import exactly_named
from dockcli.commands.volume_archives import VolumeArchives
from dockcli.commands.volume_copies import VolumeCopies
from dockcli.completed import Completed
from dockcli.errors import VolumeDrift
from dockcli.objects import Volume
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.commands.signatures import VolumeInspectVerb, VolumeLsVerb
    from dockcli.errors.said import Difference
    from dockcli.models.prune import Pruned
    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.options import (
        VolumeCreateOptions,
        VolumePruneOptions,
        VolumeRmOptions,
        VolumeUpdateOptions,
    )
    from dockcli.spec.values import VolumeRef

_KEPT = ("--driver=", "--opt=", "--label=")  # the flags that a volume shows later


def _inspect(self: VolumeGroup[Any], *volumes: VolumeRef, **options: Any) -> Call[Any]:
    """Tell everything about one or more volumes.

    One name gives a `VolumeInspect`, several give a list of them, by one process. Raises
    NoSuchVolume, whose ``found`` has those that are there. Source: ``docker volume inspect``,
    https://docs.docker.com/reference/cli/docker/volume/inspect/
    """
    from dockcli.models.volume import VolumeInspect

    names = at_least_one("volume", map(argv.volume, volumes))
    return self._inspection(names, options, VolumeInspect.parse)


def _ls(self: VolumeGroup[Any], **options: Any) -> Call[Any]:
    """List the volumes, each in full.

    A name in ``filter=`` is a whole name, not a part of one. Two processes however many there are.
    Raises EngineUnreachable, DockerFailed for a filter that docker does not know. Source:
    ``docker volume ls`` and ``docker volume inspect``,
    https://docs.docker.com/reference/cli/docker/volume/ls/
    """
    inspect = self.client.call.volume.inspect
    return exactly_named(self._listing(options, column="{{.Name}}", inspect=inspect))


class VolumeGroup(VolumeArchives[Mode], VolumeCopies[Mode]):
    """``docker volume``."""

    name = "volume"

    inspect: VolumeInspectVerb[VolumeInspect] = Verb(_inspect)
    ls: VolumeLsVerb[list[VolumeInspect]] = Verb(_ls)

    @verb
    def create(self, *volume: VolumeRef, **options: Unpack[VolumeCreateOptions]) -> Call[Volume]:
        """Create a volume; without a name docker gives it a random one.

        docker says yes to the name of a volume that is there already, and then ignores the options.
        Here that is VolumeDrift, which tells what differs from the ``driver=``, ``opt=`` and
        ``label=`` of this call (a client's own labels do not count); it costs one more process, and
        only where a name and one of these are given. podman refuses such a name: NameConflict.
        Raises VolumeDrift, NameConflict, DockerFailed for what the driver refuses. Source:
        ``docker volume create``, https://docs.docker.com/reference/cli/docker/volume/create/
        """
        names = list(map(argv.volume, volume))
        call = self._call("create", options, names, parse=self._made, labelled=True)
        words = call.argv[call.flags_at + len(self.client.labels_for("volume create")) :]
        asked = tuple(word for word in words if word.startswith(_KEPT))
        if not asked or not (names or options.get("name")):
            return call

        def as_asked(completed: Completed, _: str) -> Volume:
            made = self._made(completed)
            left = remaining(options, completed)
            there = self.client.call.volume.inspect(made, deadline=left).run()
            if differences := _drift(asked, there):
                raise VolumeDrift(completed, made.name, differences)
            return made

        return call.replace(parse=as_asked)

    @verb
    def rm(self, *volumes: VolumeRef, **options: Unpack[VolumeRmOptions]) -> Call[list[str]]:
        """Remove one or more volumes; the names that docker removed.

        Raises NoSuchVolume, InUse. With ``force=True`` docker says yes to a name that is not there.
        Source: ``docker volume rm``, https://docs.docker.com/reference/cli/docker/volume/rm/
        """
        names = at_least_one("volume", map(argv.volume, volumes))
        return self._call("rm", options, names, parse=lines)

    @verb
    def prune(self, **options: Unpack[VolumePruneOptions]) -> Call[Pruned]:
        """Remove the volumes that no container has; their names, and the bytes that it freed.

        Those without a name of their own, and with ``all=True`` the others too; but an engine
        before 23.0 (API 1.42), and podman, removes **all** of them, always. docker keeps those that
        were made with ``opt=``. The bytes are rounded by docker, None from podman. docker asks
        before it does; the call is the answer, so ``--force`` is given unless the caller says
        ``force=False``. Raises EngineUnreachable, DockerFailed for a filter that docker does not
        know. Source: ``docker volume prune``,
        https://docs.docker.com/reference/cli/docker/volume/prune/
        """
        return self._call("prune", {"force": True, **options}, parse=_pruned)

    @verb
    def update(self, volume: VolumeRef, **options: Unpack[VolumeUpdateOptions]) -> Call[None]:
        """Change a cluster volume of a swarm; other volumes cannot be changed.

        Raises TooOld for an engine before 23.0 (API 1.42), NoSuchVolume. Source:
        ``docker volume update``, https://docs.docker.com/reference/cli/docker/volume/update/
        """
        return self._call("update", options, [argv.volume(volume)], parse=nothing)

    def _made(self, completed: Completed) -> Volume:
        return Volume(identifier(completed), self.client)


def _drift(asked: tuple[str, ...], there: VolumeInspect) -> tuple[Difference, ...]:
    """What of the flags *asked* for is not so: its name, what it was to be, and what it is.

    A label more than asked for is no drift; an option more is, where options were asked for.
    """
    if "MountCount" in there.raw:  # podman, which never takes an old one, and splits labels at ","
        return ()
    found: dict[str, str] = {"driver": there.driver.removesuffix(":latest")}
    found |= {f"label {name}": value for name, value in there.labels.items()}
    found |= {f"opt {name}": value for name, value in there.options.items()}
    wanted: dict[str, str | None] = {}
    for word in asked:
        flag, _, value = word.removeprefix("--").partition("=")
        name, _, text = value.partition("=")
        driver = value.removesuffix(":latest")  # which a plugin has without being asked for
        wanted |= {flag: driver} if flag == "driver" else {f"{flag} {name}": text}
    if any(name.startswith("opt ") for name in wanted):
        wanted |= {name: None for name in found if name.startswith("opt ") and name not in wanted}
    return tuple(
        (name, value, found.get(name)) for name, value in wanted.items() if value != found.get(name)
    )


def _pruned(completed: Completed) -> Pruned:
    from dockcli.models.prune import pruned

    return pruned(completed, r"[A-Za-z0-9][A-Za-z0-9_.-]*")
