"""What cannot be made anew, and why."""

from __future__ import annotations

from dockcli.errors import Refused


class CannotBeMadeAnew(Refused):
    """A container has something that no option of ``docker create`` says, so another like it cannot
    be made. Nothing was changed.

    ``container`` is its name, ``reasons`` has a line for each such thing.
    """

    def __init__(self, container: str, reasons: tuple[str, ...]) -> None:
        super().__init__(container, reasons)
        self.container = container
        self.reasons = reasons

    def __str__(self) -> str:
        said = "; ".join(self.reasons)
        return (
            f"the container {self.container} cannot be made anew as it is: {said}. Nothing was "
            "changed: make it anew yourself, with the volume among its mounts"
        )
