"""``docker volume``: what docker has no command for, volumes and archives: backup, restore, verify,
extract, diff. Each is several calls, so there is no call of it to be built."""

from __future__ import annotations

import os
from functools import partial

from dockcli import argv
from dockcli.commands.group import Awaits, Group, Mode, Runs
from dockcli.typed import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from typing_extensions import Unpack

    from dockcli.commands.coming import Coming
    from dockcli.data.archive import Encryption
    from dockcli.data.backup import BackedUp
    from dockcli.data.difference import Difference
    from dockcli.data.entry import Entry, Manifest
    from dockcli.data.options import (
        BackupOptions,
        DiffOptions,
        RestoreOptions,
    )
    from dockcli.data.restore import Restored
    from dockcli.spec.values import VolumeRef

Archive = str | os.PathLike[str]


class VolumeArchives(Group[Mode]):
    """The verbs about a volume and an archive of it."""

    @overload
    def backup(
        self: VolumeArchives[Runs],
        volume: VolumeRef,
        archive: Archive | BinaryIO,
        **options: Unpack[BackupOptions],
    ) -> BackedUp: ...
    @overload
    def backup(
        self: VolumeArchives[Awaits],
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
        ``data-%Y-%m-%dT%H-%M-%S.tar.zst``; then ``keep=Keep(last=7, weekly=4)`` removes older ones
        (none if the size falls below ``fall=0.5`` of what it was), and ``skip_unchanged=True``
        keeps the one before where nothing has changed.

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
        self: VolumeArchives[Runs],
        archive: Archive | BinaryIO,
        volume: VolumeRef,
        overwrite: bool = False,
        **options: Unpack[RestoreOptions],
    ) -> Restored: ...
    @overload
    def restore(
        self: VolumeArchives[Awaits],
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
        self: VolumeArchives[Runs],
        archive: Archive | BinaryIO,
        *,
        encryption: Encryption | None = None,
        path: str | None = None,
    ) -> Manifest: ...
    @overload
    def verify(
        self: VolumeArchives[Awaits],
        archive: Archive | BinaryIO,
        *,
        encryption: Encryption | None = None,
        path: str | None = None,
    ) -> Coming[Manifest]: ...
    def verify(
        self,
        archive: Archive | BinaryIO,
        *,
        encryption: Encryption | None = None,
        path: str | None = None,
    ) -> Any:
        """Read an archive to its end and check every byte of it; what it holds.

        No docker is needed. Of another tool's tar only its form can be checked; *path* is the
        folder of it that is the volume. Raises DamagedArchive, HostileArchive, NewerArchive,
        CipherFailed.
        """
        from dockcli.data.archive import verify

        return self.tree.do(partial(verify, archive, encryption=encryption, path=path))

    @overload
    def extract(
        self: VolumeArchives[Runs],
        archive: Archive | BinaryIO,
        name: str,
        out: BinaryIO,
        *,
        encryption: Encryption | None = None,
        path: str | None = None,
    ) -> Entry: ...
    @overload
    def extract(
        self: VolumeArchives[Awaits],
        archive: Archive | BinaryIO,
        name: str,
        out: BinaryIO,
        *,
        encryption: Encryption | None = None,
        path: str | None = None,
    ) -> Coming[Entry]: ...
    def extract(
        self,
        archive: Archive | BinaryIO,
        name: str,
        out: BinaryIO,
        *,
        encryption: Encryption | None = None,
        path: str | None = None,
    ) -> Any:
        """Write one file of an archive to *out*; *name* is its path in the volume.

        No docker is needed. Raises NoSuchEntry, and what `verify` does.
        """
        from dockcli.data.archive import extract

        return self.tree.do(partial(extract, archive, name, out, encryption=encryption, path=path))

    @overload
    def diff(
        self: VolumeArchives[Runs], a: Archive, b: Archive, **options: Unpack[DiffOptions]
    ) -> Difference: ...
    @overload
    def diff(
        self: VolumeArchives[Awaits], a: Archive, b: Archive, **options: Unpack[DiffOptions]
    ) -> Coming[Difference]: ...
    def diff(self, a: Archive, b: Archive, **options: Any) -> Any:
        """What is different in two volumes, or in a volume and an archive, by path.

        What has a slash or an archive's suffix (``.tar``, ``.zst``, …), and every `os.PathLike`, is
        an archive; any other name a volume. Raises NoSuchVolume, DamagedArchive.
        """
        from dockcli.data.moving import difference

        one, other = (_volume_or_archive(x) for x in (a, b))
        return self.tree.do(partial(difference, self.client, one, other, **options))


def _volume_or_archive(name: Any) -> Any:
    """A volume's name, which may be a handle's; what is an archive as it is."""
    from dockcli.data.moving import is_archive

    if isinstance(name, (str, os.PathLike)) and is_archive(name):
        return name
    return argv.volume(name)
