"""What volumes as data raise, beside docker's own errors and those of archives and helpers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dockcli.errors import DockcliError, Refused


class VolumeExists(Refused):
    """The volume is there already, and nobody said that it may be overwritten."""

    def __init__(self, volume: str) -> None:
        super().__init__(volume)
        self.volume = volume

    def __str__(self) -> str:
        return (
            f"the volume {self.volume} is there already: choose another name, or say overwrite=True"
            " (--overwrite), which replaces all that is in it"
        )


class OptionsLead(Refused):
    """A new volume's options lead to a place that holds something already, such as the folder of
    the volume that an archive is of. The volume was not kept."""

    def __init__(self, volume: str, device: str) -> None:
        super().__init__(volume, device)
        self.volume, self.device = volume, device

    def __str__(self) -> str:
        return (
            f"by its options the volume {self.volume} would be {self.device!r}, which holds "
            "something already, maybe another volume's: give other options (options=, --opt), or "
            "make the volume yourself and say overwrite=True (--overwrite), which replaces all "
            "that is there"
        )


class VolumeInUse(Refused):
    """Containers have the volume; ``containers`` are their names, ``advice`` what to do."""

    def __init__(self, volume: str, containers: Sequence[str], advice: str = "") -> None:
        super().__init__(volume, tuple(containers), advice)
        self.volume, self.containers, self.advice = volume, tuple(containers), advice

    def __str__(self) -> str:
        advice = self.advice or (
            "say stop=True (--stop), which stops these and starts them again afterwards, or stop "
            "them yourself"
        )
        return f"the volume {self.volume} is in use by {', '.join(self.containers)}: {advice}"


class CannotBeStopped(Refused):
    """A container that would not be there any more once it is stopped."""

    def __init__(self, container: str, reason: str) -> None:
        super().__init__(container, reason)
        self.container, self.reason = container, reason

    def __str__(self) -> str:
        return (
            f"the container {self.container} cannot be stopped for a while: {self.reason}. "
            "Say pause=True (--pause) where that will do, or stop it yourself"
        )


class Differs(DockcliError):
    """What arrived is not what was sent; ``lines`` say in what. It has been taken away again."""

    def __init__(self, volume: str, lines: Sequence[str]) -> None:
        super().__init__(volume, tuple(lines))
        self.volume, self.lines = volume, tuple(lines)

    def __str__(self) -> str:
        more = f" and {len(self.lines) - 3} more" if len(self.lines) > 3 else ""
        return (
            f"what arrived for the volume {self.volume} is not what was sent "
            f"({'; '.join(self.lines[:3])}{more}): it is as it was before"
        )


class InTheWay(Refused):
    """A file where an archive was to be written, which is no archive of the same volume."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"{self.path} is there already, and {self.reason}: choose another name, or say "
            "overwrite=True (--overwrite)"
        )


class RotationStopped(DockcliError):
    """The backup was made, but no old one was removed, for something is wrong.

    ``result`` is the `BackedUp` of the backup that was made.
    """

    def __init__(self, reason: str, result: Any = None) -> None:
        super().__init__(reason, result)
        self.reason, self.result = reason, result

    def __str__(self) -> str:
        return f"the backup is made, but no older one was removed: {self.reason}"
