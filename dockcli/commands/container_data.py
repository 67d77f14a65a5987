"""``docker container``: what would be lost of containers, and how it is kept, which are no commands
of docker's."""

from __future__ import annotations

from functools import partial

from dockcli import argv
from dockcli.commands.group import Awaits, Group, Mode, Runs
from dockcli.typed import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dockcli.commands.coming import Coming
    from dockcli.data.rescue import Rescued
    from dockcli.data.survey import Survey
    from dockcli.spec.values import ContainerRef, VolumeRef


class ContainerData(Group[Mode]):
    """The verbs about the data of containers."""

    @overload
    def data(
        self: ContainerData[Runs], *containers: ContainerRef, sizes: bool = True
    ) -> Survey: ...
    @overload
    def data(
        self: ContainerData[Awaits], *containers: ContainerRef, sizes: bool = True
    ) -> Coming[Survey]: ...
    def data(self, *containers: ContainerRef, sizes: bool = True) -> Any:
        """Every path where these containers keep data, or all on the engine, and what destroys it.

        See `dockcli.data.survey.survey`. Raises NoSuchContainer.
        """
        from dockcli.data.survey import survey

        names = map(argv.container, containers)
        return self.tree.do(partial(survey, self.client, *names, sizes=sizes))

    @overload
    def rescue(
        self: ContainerData[Runs],
        container: ContainerRef,
        path: str,
        volume: VolumeRef,
        *,
        keep_old: bool = False,
        progress: Callable[[str], object] | None = None,
    ) -> Rescued: ...
    @overload
    def rescue(
        self: ContainerData[Awaits],
        container: ContainerRef,
        path: str,
        volume: VolumeRef,
        *,
        keep_old: bool = False,
        progress: Callable[[str], object] | None = None,
    ) -> Coming[Rescued]: ...
    def rescue(
        self,
        container: ContainerRef,
        path: str,
        volume: VolumeRef,
        *,
        keep_old: bool = False,
        progress: Callable[[str], object] | None = None,
    ) -> Any:
        """Move a folder of a container's writable layer into a volume, and make the container anew
        with that mounted and everything else as it was.

        See `dockcli.data.rescue.rescue`. Raises CannotBeRescued, CannotBeMadeAnew, RescueFailed.
        """
        from dockcli.data.rescue import rescue

        names = argv.container(container), path, argv.volume(volume)
        work = partial(rescue, self.client, *names, keep_old=keep_old, progress=progress)
        return self.tree.do(work)
