"""``docker volume``: what docker has no command for, a volume and another place: clone, migrate,
snapshots, folders, and where the nameless came from. Each is several calls: none can be built."""

from __future__ import annotations

from functools import partial

from dockcli import argv
from dockcli.commands.group import Awaits, Group, Mode, Runs
from dockcli.typed import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.client import Docker
    from dockcli.commands.coming import Coming
    from dockcli.data.folders import Copied
    from dockcli.data.moving import Moved
    from dockcli.data.options import (
        CopyOptions,
        FolderOptions,
        MigrateOptions,
        NameOptions,
        SnapshotOptions,
    )
    from dockcli.data.origins import Origin
    from dockcli.data.snapshots import Snapshot
    from dockcli.spec.values import VolumeRef


class VolumeCopies(Group[Mode]):
    """The verbs about a volume and another place for what is in it."""

    @overload
    def clone(
        self: VolumeCopies[Runs],
        source: VolumeRef,
        target: VolumeRef,
        **options: Unpack[CopyOptions],
    ) -> Moved: ...
    @overload
    def clone(
        self: VolumeCopies[Awaits],
        source: VolumeRef,
        target: VolumeRef,
        **options: Unpack[CopyOptions],
    ) -> Coming[Moved]: ...
    def clone(self, source: VolumeRef, target: VolumeRef, **options: Any) -> Any:
        """Copy a volume into a new one of the same engine; its bytes stay in the engine.

        The two are compared before the new one has its name. It gets the labels of the source,
        unless ``keep_labels=False``, and those of ``labels=``; always the driver ``local``, for the
        options of a driver may lead to the source itself. ``overwrite=True`` replaces what is in
        an existing one. See `backup` for ``pause=`` and ``stop=``.

        Raises NoSuchVolume, VolumeExists, VolumeInUse, Differs. Source: ``cp -a`` in a
        ``docker run``.
        """
        from dockcli.data.moving import Wanted, clone
        from dockcli.data.options import wanted

        names = argv.volume(source), argv.volume(target)
        return self.tree.do(partial(clone, self.client, *names, wanted(Wanted, options)))

    @overload
    def migrate(
        self: VolumeCopies[Runs],
        volume: VolumeRef,
        to: Docker,
        *,
        name: str | None = None,
        move: bool = False,
        **options: Unpack[MigrateOptions],
    ) -> Moved: ...
    @overload
    def migrate(
        self: VolumeCopies[Awaits],
        volume: VolumeRef,
        to: Docker,
        *,
        name: str | None = None,
        move: bool = False,
        **options: Unpack[MigrateOptions],
    ) -> Coming[Moved]: ...
    def migrate(
        self,
        volume: VolumeRef,
        to: Docker,
        *,
        name: str | None = None,
        move: bool = False,
        **options: Any,
    ) -> Any:
        """Copy a volume to another engine, through one pipe: ``migrate("data", to=other)``.

        *to* is a client of that engine. What arrived is compared with what was sent before it is
        there under its *name*, by default the same. With *move* the source is removed in the end:
        never before, and not while a container has it.

        Raises NoSuchVolume, VolumeExists, VolumeInUse, Differs. Source: GNU tar in a ``docker run``
        on either engine.
        """
        from dockcli.data.moving import Wanted, migrate
        from dockcli.data.options import wanted

        how, source = wanted(Wanted, options), argv.volume(volume)
        there = argv.volume(name) if name is not None else source
        return self.tree.do(partial(migrate, self.client, source, to, there, move=move, wanted=how))

    @overload
    def snapshot(
        self: VolumeCopies[Runs], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
    ) -> Snapshot: ...
    @overload
    def snapshot(
        self: VolumeCopies[Awaits], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
    ) -> Coming[Snapshot]: ...
    def snapshot(self, volume: VolumeRef, name: str, **options: Any) -> Any:
        """Keep a volume as it is now under a *name*, in a volume of its own on the same engine.

        That volume is called ``VOLUME.snapshot.NAME``. docker takes it for any other volume: as
        nobody has it, `volume prune` of an engine before 23.0, or with ``all=True``, removes it.
        Raises NoSuchVolume, InvalidArgument for a name that is taken.
        """
        from dockcli.data.moving import Wanted
        from dockcli.data.options import wanted
        from dockcli.data.snapshots import take

        how = wanted(Wanted, options)
        return self.tree.do(partial(take, self.client, argv.volume(volume), name, how))

    @overload
    def snapshots(self: VolumeCopies[Runs], volume: VolumeRef | None = None) -> list[Snapshot]: ...
    @overload
    def snapshots(
        self: VolumeCopies[Awaits], volume: VolumeRef | None = None
    ) -> Coming[list[Snapshot]]: ...
    def snapshots(self, volume: VolumeRef | None = None) -> Any:
        """The snapshots of a volume, or of all, the oldest first."""
        from dockcli.data.snapshots import snapshots

        name = None if volume is None else argv.volume(volume)
        return self.tree.do(partial(snapshots, self.client, name))

    @overload
    def restore_snapshot(
        self: VolumeCopies[Runs], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
    ) -> Moved: ...
    @overload
    def restore_snapshot(
        self: VolumeCopies[Awaits], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
    ) -> Coming[Moved]: ...
    def restore_snapshot(self, volume: VolumeRef, name: str, **options: Any) -> Any:
        """Put what a snapshot holds in the place of what the volume holds; the snapshot stays.

        A volume that is gone is made again as it was. Raises NoSuchSnapshot, VolumeInUse.
        """
        from dockcli.data.moving import Wanted
        from dockcli.data.options import wanted
        from dockcli.data.snapshots import restore

        how = wanted(Wanted, options)
        return self.tree.do(partial(restore, self.client, argv.volume(volume), name, how))

    @overload
    def remove_snapshot(self: VolumeCopies[Runs], volume: VolumeRef, name: str) -> Snapshot: ...
    @overload
    def remove_snapshot(
        self: VolumeCopies[Awaits], volume: VolumeRef, name: str
    ) -> Coming[Snapshot]: ...
    def remove_snapshot(self, volume: VolumeRef, name: str) -> Any:
        """Remove a snapshot. Raises NoSuchSnapshot, InUse where a container has its volume."""
        from dockcli.data.snapshots import remove

        return self.tree.do(partial(remove, self.client, argv.volume(volume), name))

    @overload
    def from_bind(
        self: VolumeCopies[Runs], folder: str, volume: VolumeRef, **options: Unpack[FolderOptions]
    ) -> Copied: ...
    @overload
    def from_bind(
        self: VolumeCopies[Awaits], folder: str, volume: VolumeRef, **options: Unpack[FolderOptions]
    ) -> Coming[Copied]: ...
    def from_bind(self, folder: str, volume: VolumeRef, **options: Any) -> Any:
        """Copy a folder of the engine's machine, such as a bind mount was, into a new volume.

        Who owns the copies: ``chown="1000:1000"`` for all, or ``map="1000:0,33:82"`` for some; else
        they keep the numbers that they have. ``overwrite=True`` replaces what is in an existing
        volume. Raises VolumeExists, VolumeInUse, DockerFailed where the folder is not there.
        Source: a bind mount and ``cp -a`` in a ``docker run``.
        """
        from dockcli.data.folders import Wanted, from_folder
        from dockcli.data.options import wanted

        how, path = wanted(Wanted, options), argv.text(folder, "folder")
        return self.tree.do(partial(from_folder, self.client, path, argv.volume(volume), how))

    @overload
    def to_bind(
        self: VolumeCopies[Runs], volume: VolumeRef, folder: str, **options: Unpack[FolderOptions]
    ) -> Copied: ...
    @overload
    def to_bind(
        self: VolumeCopies[Awaits], volume: VolumeRef, folder: str, **options: Unpack[FolderOptions]
    ) -> Coming[Copied]: ...
    def to_bind(self, volume: VolumeRef, folder: str, **options: Any) -> Any:
        """Copy a volume into an empty folder of the engine's machine, which can be bound then.

        ``chown=`` and ``map=`` are as in `from_bind`, ``pause=`` and ``stop=`` as in `backup`.
        Raises NoSuchVolume, VolumeNotEmpty, DockerFailed where the folder is not there.
        """
        from dockcli.data.folders import Wanted, to_folder
        from dockcli.data.options import wanted

        how, path = wanted(Wanted, options), argv.text(folder, "folder")
        return self.tree.do(partial(to_folder, self.client, argv.volume(volume), path, how))

    @overload
    def origins(self: VolumeCopies[Runs], *volumes: VolumeRef) -> list[Origin]: ...
    @overload
    def origins(self: VolumeCopies[Awaits], *volumes: VolumeRef) -> Coming[list[Origin]]: ...
    def origins(self, *volumes: VolumeRef) -> Any:
        """Where volumes came from, and what is at their top: those named, or all that have no name
        of their own.

        The containers that have one tell, or those that had it by the engine's events, which do not
        reach back far. Raises NoSuchVolume.
        """
        from dockcli.data.moving import origins

        return self.tree.do(partial(origins, self.client, *map(argv.volume, volumes)))

    @overload
    def give_name(
        self: VolumeCopies[Runs],
        volume: VolumeRef,
        name: VolumeRef,
        *,
        move: bool = False,
        **options: Unpack[NameOptions],
    ) -> Moved: ...
    @overload
    def give_name(
        self: VolumeCopies[Awaits],
        volume: VolumeRef,
        name: VolumeRef,
        *,
        move: bool = False,
        **options: Unpack[NameOptions],
    ) -> Coming[Moved]: ...
    def give_name(
        self, volume: VolumeRef, name: VolumeRef, *, move: bool = False, **options: Any
    ) -> Any:
        """Give what an anonymous volume holds a name, by which it can be used again.

        docker cannot rename a volume, so it is a `clone`; with *move* the anonymous one goes, once
        the two were compared. Raises VolumeExists, and with *move* VolumeInUse while a container
        has it.
        """
        from dockcli.data.moving import Wanted, name_it
        from dockcli.data.options import wanted

        how, names = wanted(Wanted, options), (argv.volume(volume), argv.volume(name))
        return self.tree.do(partial(name_it, self.client, *names, move=move, wanted=how))
