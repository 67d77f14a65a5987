"""What goes wrong with a volume's data while it is read or written.

::

    DockcliError
    ├── NoHelper                          no helper container can run here
    └── VolumeError                       ``volume`` is its name
        ├── VolumeFull, VolumeReadOnly    nothing of what was to be written is left in it
        ├── VolumeUnreadable              some of it could not be read
        ├── VolumeUnwritable              some of it could not be written
        ├── VolumeNotEmpty                only an empty one can be filled in this way
        ├── VolumeBusy                    another process is just writing it
        ├── VolumeUnfinished              a restore of it was cut off
        ├── NothingStaged                 there is nothing that could be committed
        ├── VolumeDisturbed               somebody else has written it in the meantime
        └── ReservedName (InvalidArgument)  it holds a file with the name of dockcli's own folder
"""

from __future__ import annotations

from typing import ClassVar

from dockcli.errors import DockcliError, InvalidArgument


class NoHelper(DockcliError):
    """No helper container with GNU tar can run on that engine; the message says why and what to
    do."""


class VolumeError(DockcliError):
    """Something is wrong with the data of ``volume``, a volume's name or a folder's path.

    ``reason`` is what the tools have said, in one line or more.
    """

    says: ClassVar[str] = "cannot be read or written"
    advice: ClassVar[str] = ""

    def __init__(self, volume: str, reason: str = "") -> None:
        super().__init__(volume, reason)
        self.volume = volume
        self.reason = reason

    def __str__(self) -> str:
        said = f"{self.volume} {self.says}" + (f": {self.reason}" if self.reason else "")
        end = "" if said.endswith((".", "?", "!")) else "."
        return f"{said}{end} {self.advice}" if self.advice else said


class VolumeFull(VolumeError):
    says = "has no room for this"
    advice = "What was written is gone again; make room on its file system, or give a larger one"


class VolumeReadOnly(VolumeError):
    says = "is read-only"
    advice = "Nothing was changed; `docker volume inspect` shows the options that it was made with"


class VolumeUnreadable(VolumeError):
    says = "could not be read whole"
    advice = "What was read of it is not complete: do not keep it"


class VolumeUnwritable(VolumeError):
    says = "could not be written"


class VolumeNotEmpty(VolumeError):
    says = "is not empty"
    advice = "Name a new volume or folder, or an empty one"


class NoSuchFolder(VolumeError):
    says = "is no folder of the engine's machine"
    advice = "Nothing is made there: make it first, or name another"


class NotAFolderThere(VolumeError):
    says = "cannot be filled from there: it is no folder"
    advice = "Name the folder that the file is in"


class VolumeBusy(VolumeError):
    says = "is just being written by another process of dockcli"
    advice = "Wait for it, or end it"


class VolumeUnfinished(VolumeError):
    says = "holds a restore that was not finished"
    advice = "Any dockcli command for it finishes that, or takes it back"


class NothingStaged(VolumeError):
    says = "holds nothing that is ready to take its content's place"


class VolumeDisturbed(VolumeError):
    says = "was written by something else while its content was changed"
    advice = "Stop what uses it, move that file out of the way, and do it again"


class ReservedName(VolumeError, InvalidArgument):
    says = "has an entry .dockcli-restore that is not dockcli's"
    advice = "That name is dockcli's own, for restores: rename the entry"
