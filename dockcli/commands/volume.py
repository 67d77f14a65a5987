"""``docker volume``: create, ls, inspect, rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, overload

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, lines
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.objects import Volume

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.models.volume import VolumeInspect
    from dockcli.spec.options import (
        VolumeCreateOptions,
        VolumeInspectOptions,
        VolumeLsOptions,
        VolumeRmOptions,
    )
    from dockcli.spec.values import Ref


class Inspect(Protocol):
    """One name gives one model, several give a list."""

    @overload
    def __call__(
        self, volume: Ref, /, **options: Unpack[VolumeInspectOptions]
    ) -> VolumeInspect: ...
    @overload
    def __call__(
        self, volume: Ref, second: Ref, /, *more: Ref, **options: Unpack[VolumeInspectOptions]
    ) -> list[VolumeInspect]: ...


class InspectCall(Protocol):
    """The same, not run yet."""

    @overload
    def __call__(
        self, volume: Ref, /, **options: Unpack[VolumeInspectOptions]
    ) -> Call[VolumeInspect]: ...
    @overload
    def __call__(
        self, volume: Ref, second: Ref, /, *more: Ref, **options: Unpack[VolumeInspectOptions]
    ) -> Call[list[VolumeInspect]]: ...


def _inspect(self: VolumeGroup[Any], *volumes: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more volumes.

    One name gives a `VolumeInspect`, several give a list of them, by one process. Raises
    NoSuchVolume, whose ``found`` has those that are there. Source: ``docker volume inspect``,
    https://docs.docker.com/reference/cli/docker/volume/inspect/
    """
    from dockcli.models.volume import VolumeInspect

    names = at_least_one("volume", map(argv.volume, volumes))
    return self._inspection(names, options, VolumeInspect.parse)


class VolumeGroup(Group[Mode]):
    """``docker volume``."""

    name = "volume"

    inspect: Verb[Inspect, InspectCall] = Verb(_inspect)

    @verb
    def create(self, *volume: Ref, **options: Unpack[VolumeCreateOptions]) -> Call[Volume]:
        """Create a volume; without a name docker gives it a random one.

        docker says yes to the name of a volume that is there already, and then ignores the options.
        Source: ``docker volume create``,
        https://docs.docker.com/reference/cli/docker/volume/create/
        """
        return self._call(
            "create",
            options,
            map(argv.volume, volume),
            parse=lambda completed: Volume(identifier(completed), self.client),
            labelled=True,
        )

    @verb
    def ls(self, **options: Unpack[VolumeLsOptions]) -> Call[list[VolumeInspect]]:
        """List the volumes, each in full.

        Two processes however many there are. Source: ``docker volume ls`` and
        ``docker volume inspect``, https://docs.docker.com/reference/cli/docker/volume/ls/
        """
        return self._listing(options, column="{{.Name}}", inspect=self.client.call.volume.inspect)

    @verb
    def rm(self, *volumes: Ref, **options: Unpack[VolumeRmOptions]) -> Call[list[str]]:
        """Remove one or more volumes; the names that docker removed.

        Raises NoSuchVolume, InUse. With ``force=True`` docker says yes to a name that is not there.
        Source: ``docker volume rm``, https://docs.docker.com/reference/cli/docker/volume/rm/
        """
        names = at_least_one("volume", map(argv.volume, volumes))
        return self._call("rm", options, names, parse=lines)
