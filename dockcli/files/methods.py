"""What a `Container` does with its files; the work is in `dockcli.files.verbs`."""

from __future__ import annotations

from dockcli.typed import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import os
    from datetime import timedelta
    from typing import IO, TypeAlias

    from dockcli.client import Docker
    from dockcli.files.given import Mtime, Owner, Path
    from dockcli.files.tar import Archive

    Deadline: TypeAlias = "float | timedelta | None"


class Files:
    """Files of a container that runs, has ended, or was created and never started.

    All is done by ``docker cp``, so nothing is needed in the image. Paths are absolute. What is
    mounted by docker while a container runs, ``tmpfs=`` and ``/dev``, ``/proc``, ``/sys``, docker
    cp does not see: such a path is refused with OutOfReach. What was mounted from inside is not
    known; nor is it safe to copy into a container that runs programs which you do not trust, for
    they can exchange folders for links meanwhile (CVE-2026-42306): stop or pause it first.
    ``deadline`` is in seconds, for the whole.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        _client: Docker

    def read_bytes(self, path: Path, *, deadline: Deadline = None) -> bytes:
        """The bytes of a file. A link is followed, within the container.

        Raises NoSuchPath, NotAFile for a folder or device, NotAFolder for a path below a file,
        OutOfReach, NoSuchContainer. Source: ``docker container cp CONTAINER:PATH -``.
        """
        from dockcli.files.verbs import read

        return read(self._client, self, path, deadline=deadline)

    def read_text(
        self,
        path: Path,
        *,
        encoding: str = "utf-8",
        errors: str = "strict",
        deadline: Deadline = None,
    ) -> str:
        """The text of a file, with its line ends as they are.

        Raises what `read_bytes` does, and UnicodeDecodeError for what is no text in *encoding*.
        """
        from dockcli.files.given import codec

        codec(encoding, errors)
        return self.read_bytes(path, deadline=deadline).decode(encoding, errors)

    def write_bytes(
        self,
        path: Path,
        data: bytes | bytearray | memoryview,
        *,
        mode: int = 0o644,
        owner: Owner = (0, 0),
        mtime: Mtime = None,
        parents: bool = False,
        deadline: Deadline = None,
    ) -> None:
        """Put a file at *path*, in place of one that is there.

        *mode* is its permissions, *owner* the numbers of its user and group, ``(1000, 1000)`` or
        ``"1000:1000"`` (root's unless said otherwise, whoever the container's user is), *mtime* a
        datetime or seconds since 1970, now without. *parents* makes the folders that are missing,
        with mode 0755 and the same owner; no other folder or file is touched.

        A link is followed to where the file is, or is to be; podman puts the file in the link's
        place. An old file is removed first: its other hard links keep the old content, and who
        looks meanwhile may see no file or a part of the new one.

        Raises NoSuchPath where the folder is missing, NotAFolder, NotAFile where a folder or a
        device is in the way, OutOfReach for what is mounted, ReadOnlyPath, NoSuchContainer; then
        nothing has changed. Source: ``docker container cp - CONTAINER:FOLDER``.
        """
        from dockcli.files import given, verbs

        verbs.write(
            self._client,
            self,
            path,
            given.data(data),
            given.meta(mode, owner, mtime),
            parents=parents,
            deadline=deadline,
        )

    def write_text(
        self,
        path: Path,
        text: str,
        *,
        encoding: str = "utf-8",
        errors: str = "strict",
        mode: int = 0o644,
        owner: Owner = (0, 0),
        mtime: Mtime = None,
        parents: bool = False,
        deadline: Deadline = None,
    ) -> None:
        """Put a file with *text* at *path*, line ends as they are; the rest is as `write_bytes`."""
        from dockcli.files.given import encoded

        self.write_bytes(
            path,
            encoded(text, encoding, errors),
            mode=mode,
            owner=owner,
            mtime=mtime,
            parents=parents,
            deadline=deadline,
        )

    @overload
    def get_archive(
        self, path: Path, *, follow_link: bool = False, deadline: Deadline = None
    ) -> bytes: ...
    @overload
    def get_archive(
        self,
        path: Path,
        *,
        into: str | os.PathLike[str] | IO[bytes],
        follow_link: bool = False,
        deadline: Deadline = None,
    ) -> None: ...
    def get_archive(
        self,
        path: Path,
        *,
        into: str | os.PathLike[str] | IO[bytes] | None = None,
        follow_link: bool = False,
        deadline: Deadline = None,
    ) -> bytes | None:
        """A file, link or folder with all that is in it, as a plain tar archive.

        The answer is its bytes; *into* a path, or a file to write to, takes them a piece at a time
        instead, however many they are. A path has its new content only once that is whole. The
        names in it begin with the last part of *path*; of a link it has the link itself, unless
        *follow_link* (podman follows always, and says of all that it is root's).

        docker leaves out, without a word, what has a name that is not UTF-8, and what is mounted
        as `Files` says. Do not unpack the archive of a container that you do not trust without
        ``filter="data"``. Raises what `read_bytes` does.
        Source: ``docker container cp CONTAINER:PATH -``.
        """
        from dockcli.files.verbs import get

        return get(self._client, self, path, into, follow_link=follow_link, deadline=deadline)

    def put_archive(self, path: Path, archive: Archive, *, deadline: Deadline = None) -> None:
        """Unpack a tar *archive* in the folder *path*: owners, modes and times are the archive's.

        It is given as bytes, the path of a file, a file, or an iterator of bytes; what can be read
        only once goes through a temporary file. It must be whole, and plain: a compressed one is
        refused with InvalidArgument, for docker would unpack it with a program that older engines
        take from the container (CVE-2026-41567). The folders in it get its modes and owners where
        they are there already. Names in it are not looked at: what it has for a mounted place
        below *path* goes unseen.

        Raises NoSuchPath where *path* is not there, NotAFolder, OutOfReach, ReadOnlyPath,
        NoSuchContainer; then nothing has changed. Source: ``docker container cp - CONTAINER:PATH``.
        """
        from dockcli.files.verbs import put

        put(self._client, self, path, archive, deadline=deadline)
