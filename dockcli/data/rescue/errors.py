"""What a rescue raises."""

from __future__ import annotations

from dockcli.errors import DockcliError, Refused


class CannotBeRescued(Refused):
    """A rescue that did not begin. Nothing was changed; ``reason`` says what to do."""

    def __init__(self, container: str, path: str, reason: str) -> None:
        super().__init__(container, path, reason)
        self.container, self.path, self.reason = container, path, reason

    def __str__(self) -> str:
        return f"{self.path} of the container {self.container} cannot be rescued: {self.reason}"


class RescueFailed(DockcliError):
    """A rescue that failed on its way, and is undone; ``reason`` says what went wrong.

    The container is the one that it was, and runs if it ran; a volume that was made for it is gone.
    """

    def __init__(self, container: str, path: str, reason: str) -> None:
        super().__init__(container, path, reason)
        self.container, self.path, self.reason = container, path, reason

    def __str__(self) -> str:
        end = "" if self.reason.endswith((".", "?", "!")) else "."
        return (
            f"the rescue of {self.path} of the container {self.container} failed: "
            f"{self.reason}{end} It was undone: the old container and its data are as before"
        )
