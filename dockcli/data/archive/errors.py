"""What can be wrong with an archive.

::

    ArchiveError (DockcliError)
    ├── DamagedArchive      cut off, changed, continued, or no archive at all
    ├── HostileArchive      a member that would reach out of the volume, or is more than data
    ├── NewerArchive        written by a later dockcli
    ├── NoSuchEntry         nothing of that name is in it
    ├── AmbiguousArchive    several volumes are in it
    ├── TooBig              more data than there is room
    ├── CipherMissing       age or gpg is not installed
    ├── CipherFailed        age or gpg says no
    │   └── WrongKey        and the reason is the key, or that there is none
    └── UnknownSuffix (InvalidArgument)   a name that does not say how to pack

All of them can be pickled and copied.
"""

from __future__ import annotations

from dockcli.errors import DockcliError, InvalidArgument


class ArchiveError(DockcliError):
    """The base of all that is wrong with an archive."""


class DamagedArchive(ArchiveError):
    """The archive is not as it was written, or none; the message says what was found."""


class HostileArchive(ArchiveError):
    """A member that would do more than fill the volume. ``name`` is that member, ``tries`` what it
    tries; nothing of it was passed on."""

    def __init__(self, name: str, tries: str) -> None:
        super().__init__(name, tries)
        self.name, self.tries = name, tries

    def __str__(self) -> str:
        return f"the archive is refused: {shown(self.name)} {self.tries}"


class NewerArchive(ArchiveError):
    """The archive is of a format that this dockcli does not know. ``format`` is its number."""

    def __init__(self, format: int) -> None:
        super().__init__(format)
        self.format = format

    def __str__(self) -> str:
        return f"the archive is of format {self.format}, which is newer than this dockcli: upgrade"


class NoSuchEntry(ArchiveError):
    """Nothing of that ``name`` is in the archive; ``near`` are the names most like it."""

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(name, near)
        self.name, self.near = name, near

    def __str__(self) -> str:
        if not self.name:
            return "the root is a folder: name a file of the archive"
        like = f": is it {' or '.join(map(shown, self.near))}?" if self.near else ""
        return f"the archive has no {shown(self.name)}{like}"


class AmbiguousArchive(ArchiveError):
    """Several ``volumes`` are in an archive of another tool; each can be given as ``path=``."""

    def __init__(self, volumes: tuple[str, ...]) -> None:
        super().__init__(volumes)
        self.volumes = volumes

    def __str__(self) -> str:
        names = ", ".join(map(shown, self.volumes))
        return f"the archive has several volumes, {names}: say which one with path= (--path)"


class TooBig(ArchiveError):
    """The archive's data does not fit: there are ``room`` bytes for the ``needed`` and more."""

    def __init__(self, needed: int, room: int) -> None:
        super().__init__(needed, room)
        self.needed, self.room = needed, room

    def __str__(self) -> str:
        return (
            f"the archive holds {self.needed} bytes or more, and there is room for {self.room}: "
            f"make room, or take another target"
        )


class CipherMissing(ArchiveError):
    """The ``program`` that encrypts or decrypts is not installed; nothing was written."""

    def __init__(self, program: str) -> None:
        super().__init__(program)
        self.program = program

    def __str__(self) -> str:
        package = {"gpg": "gnupg"}.get(self.program, self.program)
        return (
            f"{self.program} is not installed, and the archive needs it: "
            f"`apt-get install {package}` or your system's package of it"
        )


class CipherFailed(ArchiveError):
    """The ``program`` that encrypts or decrypts failed; ``said`` is what it wrote to stderr."""

    def __init__(self, program: str, said: str) -> None:
        super().__init__(program, said)
        self.program, self.said = program, said

    def __str__(self) -> str:
        return f"{self.program} failed: {self.said or 'it does not say why'}"


class WrongKey(CipherFailed):
    """The archive cannot be read with the key that was given, or needs one and none was given."""

    def __str__(self) -> str:
        return f"the key for the archive is missing or wrong: {self.program}: {self.said}"


class UnknownSuffix(ArchiveError, InvalidArgument):
    """The name of an archive does not say how it is to be packed."""


def shown(name: str) -> str:
    """A member's name as a message has it: quoted, cut where it is endless."""
    text = repr(name) if name else "its root"
    return text if len(text) <= 200 else f"{text[:200]}…'"
