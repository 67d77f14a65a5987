"""``docker volume``: what docker has no command for, volumes as data: backup, restore, clone,
snapshot, diff, migrate. Each is several calls, so there is no call of it to be built."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from dockcli import argv
from dockcli.commands.group import Awaits, Group, Mode, Runs
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.client import Docker
    from dockcli.commands.group import Coming
    from dockcli.data.archive import Encryption
    from dockcli.data.backup import BackedUp
    from dockcli.data.difference import Difference
    from dockcli.data.entry import Entry, Manifest
    from dockcli.data.moving import Moved
    from dockcli.data.options import (
        BackupOptions,
        CopyOptions,
        DiffOptions,
        MigrateOptions,
        RestoreOptions,
        SnapshotOptions,
    )
    from dockcli.data.restore import Restored
    from dockcli.data.snapshots import Snapshot
    from dockcli.spec.values import VolumeRef

Archive = str | os.PathLike[str]


class VolumeData(Group[Mode]):
    """The verbs about what is in a volume."""

    @overload
    def backup(
        self: VolumeData[Runs],
        volume: VolumeRef,
        archive: Archive | BinaryIO,
        **options: Unpack[BackupOptions],
    ) -> BackedUp: ...
    @overload
    def backup(
        self: VolumeData[Awaits],
        volume: VolumeRef,
        archive: Archive | BinaryIO,
        **options: Unpack[BackupOptions],
    ) -> Coming[BackedUp]: ...
    def backup(self, volume: VolumeRef, archive: Archive | BinaryIO, **options: Any) -> Any:
        """Write all that is in a volume into an archive: ``backup("data", "data.tar.zst")``.

        *archive* is a path or something to ``write`` to: an open file, a process's stdin. The
        suffix says how it is compressed (``.tar``, ``.tar.gz``, ``.tgz``, ``.tar.zst``, ``.tzst``),
        and whether it is encrypted (``.age``, ``.gpg`` behind it; ``encryption=`` says for whom);
        what has no name takes ``compression=``. The name may hold the time, in UTC:
        ``data-%Y-%m-%dT%H-%M-%S.tar.zst``; then ``keep=Keep(last=7, weekly=4)`` removes older ones,
        and ``skip_unchanged=True`` keeps the one before where nothing has changed.

        With ``pause=True`` or ``stop=True`` the running containers that have the volume rest
        meanwhile. The archive is written beside, synced and renamed. One of the same volume is
        replaced; any other file only with ``overwrite=True``. ``way=`` and ``image=`` say how the
        volume is read: see `dockcli.data.options.Reading`.

        Raises NoSuchVolume, InTheWay, CannotBeStopped, UnknownSuffix, CipherMissing before
        anything is done; VolumeUnreadable; RotationStopped. Source: GNU tar in a ``docker run``.
        """
        from dockcli.data.backup import Wanted, backup
        from dockcli.data.options import wanted

        name, how = argv.volume(volume), wanted(Wanted, options)
        return self.tree.do(partial(backup, self.client, name, archive, how))

    @overload
    def restore(
        self: VolumeData[Runs],
        archive: Archive | BinaryIO,
        volume: VolumeRef,
        overwrite: bool = False,
        **options: Unpack[RestoreOptions],
    ) -> Restored: ...
    @overload
    def restore(
        self: VolumeData[Awaits],
        archive: Archive | BinaryIO,
        volume: VolumeRef,
        overwrite: bool = False,
        **options: Unpack[RestoreOptions],
    ) -> Coming[Restored]: ...
    def restore(
        self,
        archive: Archive | BinaryIO,
        volume: VolumeRef,
        overwrite: bool = False,
        **options: Any,
    ) -> Any:
        """Put what is in an archive into a new volume, or with *overwrite* in the place of what an
        existing one holds.

        *archive* is a path, or something to ``read`` from. All of it is verified before anything of
        the volume changes, and file by file after it was unpacked: a failed restore leaves the
        volume as it was. A new volume gets the driver, labels and options of the archive, unless
        ``driver=``, ``labels=``, ``options=`` say otherwise. Running containers that have the
        volume are refused, or with ``stop=True`` stopped and started again.

        A plain tar of another tool is taken too; ``path="backup/data"`` says which folder of it is
        the volume. ``trust=True`` takes from it what a hostile one would bring: devices, and files
        that run as their owner.

        Raises VolumeExists, VolumeInUse, DamagedArchive, HostileArchive, NewerArchive,
        AmbiguousArchive, TooBig, VolumeFull, Differs. Source: GNU tar in a ``docker run``.
        """
        from dockcli.data.options import wanted
        from dockcli.data.restore import Wanted, restore

        how = wanted(Wanted, {**options, "overwrite": overwrite})
        return self.tree.do(partial(restore, self.client, archive, argv.volume(volume), how))

    @overload
    def verify(
        self: VolumeData[Runs],
        archive: Archive | BinaryIO,
        *,
        encryption: Encryption | None = None,
    ) -> Manifest: ...
    @overload
    def verify(
        self: VolumeData[Awaits],
        archive: Archive | BinaryIO,
        *,
        encryption: Encryption | None = None,
    ) -> Coming[Manifest]: ...
    def verify(self, archive: Archive | BinaryIO, *, encryption: Encryption | None = None) -> Any:
        """Read an archive to its end and check every byte of it; what it holds.

        No docker is needed. Of another tool's tar only its form can be checked. Raises
        DamagedArchive, HostileArchive, NewerArchive, CipherFailed.
        """
        from dockcli.data.archive import verify

        return self.tree.do(partial(verify, archive, encryption=encryption))

    @overload
    def extract(
        self: VolumeData[Runs],
        archive: Archive | BinaryIO,
        name: str,
        out: BinaryIO,
        *,
        encryption: Encryption | None = None,
    ) -> Entry: ...
    @overload
    def extract(
        self: VolumeData[Awaits],
        archive: Archive | BinaryIO,
        name: str,
        out: BinaryIO,
        *,
        encryption: Encryption | None = None,
    ) -> Coming[Entry]: ...
    def extract(
        self,
        archive: Archive | BinaryIO,
        name: str,
        out: BinaryIO,
        *,
        encryption: Encryption | None = None,
    ) -> Any:
        """Write one file of an archive to *out*; *name* is its path in the volume.

        No docker is needed. Raises NoSuchEntry, and what `verify` does.
        """
        from dockcli.data.archive import extract

        return self.tree.do(partial(extract, archive, name, out, encryption=encryption))

    @overload
    def clone(
        self: VolumeData[Runs],
        source: VolumeRef,
        target: VolumeRef,
        **options: Unpack[CopyOptions],
    ) -> Moved: ...
    @overload
    def clone(
        self: VolumeData[Awaits],
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
        self: VolumeData[Runs],
        volume: VolumeRef,
        to: Docker,
        *,
        name: str | None = None,
        move: bool = False,
        **options: Unpack[MigrateOptions],
    ) -> Moved: ...
    @overload
    def migrate(
        self: VolumeData[Awaits],
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
        from dockcli.client import Docker
        from dockcli.data.moving import Wanted, migrate
        from dockcli.data.options import wanted

        if not isinstance(to, Docker):
            raise InvalidArgument("to= is a Docker, the client of the other engine")
        how, source = wanted(Wanted, options), argv.volume(volume)
        there = argv.volume(name) if name is not None else source
        return self.tree.do(partial(migrate, self.client, source, to, there, move=move, wanted=how))

    @overload
    def diff(
        self: VolumeData[Runs], a: Archive, b: Archive, **options: Unpack[DiffOptions]
    ) -> Difference: ...
    @overload
    def diff(
        self: VolumeData[Awaits], a: Archive, b: Archive, **options: Unpack[DiffOptions]
    ) -> Coming[Difference]: ...
    def diff(self, a: Archive, b: Archive, **options: Any) -> Any:
        """What is different in two volumes, or in a volume and an archive, by path.

        What has a slash or an archive's suffix (``.tar``, ``.zst``, …), and every `os.PathLike`, is
        an archive; any other name a volume. Raises NoSuchVolume, DamagedArchive.
        """
        from dockcli.data.moving import difference

        one, other = (_volume_or_archive(x) for x in (a, b))
        return self.tree.do(partial(difference, self.client, one, other, **options))

    @overload
    def snapshot(
        self: VolumeData[Runs], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
    ) -> Snapshot: ...
    @overload
    def snapshot(
        self: VolumeData[Awaits], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
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
    def snapshots(self: VolumeData[Runs], volume: VolumeRef | None = None) -> list[Snapshot]: ...
    @overload
    def snapshots(
        self: VolumeData[Awaits], volume: VolumeRef | None = None
    ) -> Coming[list[Snapshot]]: ...
    def snapshots(self, volume: VolumeRef | None = None) -> Any:
        """The snapshots of a volume, or of all, the oldest first."""
        from dockcli.data.snapshots import snapshots

        name = None if volume is None else argv.volume(volume)
        return self.tree.do(partial(snapshots, self.client, name))

    @overload
    def restore_snapshot(
        self: VolumeData[Runs], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
    ) -> Moved: ...
    @overload
    def restore_snapshot(
        self: VolumeData[Awaits], volume: VolumeRef, name: str, **options: Unpack[SnapshotOptions]
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
    def remove_snapshot(self: VolumeData[Runs], volume: VolumeRef, name: str) -> Snapshot: ...
    @overload
    def remove_snapshot(
        self: VolumeData[Awaits], volume: VolumeRef, name: str
    ) -> Coming[Snapshot]: ...
    def remove_snapshot(self, volume: VolumeRef, name: str) -> Any:
        """Remove a snapshot. Raises NoSuchSnapshot, InUse where a container has its volume."""
        from dockcli.data.snapshots import remove

        return self.tree.do(partial(remove, self.client, argv.volume(volume), name))


def _volume_or_archive(name: Any) -> Any:
    """A handle's name; a path, or text, as it is."""
    return name if isinstance(name, (str, os.PathLike)) else argv.volume(name)
